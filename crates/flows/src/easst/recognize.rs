use std::io;

use async_trait::async_trait;
use easst_invoice::{Client, ErrorKind, Picture, Recognition};
use erplink_core::RawJson;
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};
use serde::Serialize;

use super::folder::{InvoiceFolder, blocking, digest};
use super::pictures::PictureFile;

/// Recognises pictures, and keeps what was recognised beside them.
///
/// A picture whose answer is kept is not sent again. One that the service does not recognise is
/// parked at once: another attempt would only be billed.
#[derive(Clone, Debug)]
pub struct Recognize {
    easst: Client,
    folder: InvoiceFolder,
}

/// What is kept of an answer, and what field maps read.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kept<'a> {
    file: KeptFile<'a>,
    /// How many invoices the picture shows.
    invoices: usize,
    /// The first of them.
    invoice: Option<&'a RawJson>,
    lines: &'a [RawJson],
    answer: &'a RawJson,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct KeptFile<'a> {
    name: &'a str,
    sha256: &'a str,
    bytes: u64,
}

impl Recognize {
    /// Pictures of this folder.
    #[must_use]
    pub fn new(easst: Client, folder: InvoiceFolder) -> Self {
        Self { easst, folder }
    }

    /// The bytes, wherever the picture is by now. They are what was seen before, or it is another
    /// document.
    async fn picture(&self, file: &PictureFile) -> Result<Vec<u8>, Failure> {
        let (folder, file) = (self.folder.clone(), file.clone());
        blocking(move || {
            let new = file.names.iter().map(|name| folder.read(name));
            let filed = file.names.iter().map(|name| folder.read_filed(&file.sha256, name));
            for bytes in new.chain(filed) {
                match bytes {
                    Ok(bytes) if digest(&bytes) == file.sha256 => return Ok(bytes),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(Failure::outage(format!("the picture: {error}"))),
                }
            }
            let names = file.names.join(", ");
            Err(Failure::park(format!("`{names}` is gone, or was changed: put the picture back")))
        })
        .await
    }

    async fn keep(&self, file: &PictureFile, read: &Recognition) -> Result<(), Failure> {
        let name = file.names.first().map(String::as_str).unwrap_or_default();
        let kept = RawJson::of(&Kept {
            file: KeptFile { name, sha256: &file.sha256, bytes: file.bytes },
            invoices: read.result().len(),
            invoice: read.result().first(),
            lines: read.commodity_info(),
            answer: read.raw(),
        });
        let kept = kept.map_err(Failure::park)?;
        let (folder, sha256) = (self.folder.clone(), file.sha256.clone());
        blocking(move || folder.keep(&sha256, kept.as_str())).await
    }
}

#[async_trait]
impl Target for Recognize {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    /// A recognition changes nothing; what it costs is a matter of the client's settings.
    fn is_repeatable(&self) -> bool {
        self.easst.may_repeat()
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let file: PictureFile = document.read()?;
        if self.folder.has_answer(&file.sha256) {
            return Ok(Pushed::new(&file.sha256));
        }
        let folder = self.folder.clone();
        blocking(move || folder.prepare()).await?;
        let picture = Picture::new(self.picture(&file).await?);
        let read = self.easst.recognize(&picture).await.map_err(|error| match error.kind() {
            ErrorKind::Api => Failure::park(error),
            // Of the address or the account, and so of every picture.
            ErrorKind::NotFound | ErrorKind::Forbidden => Failure::outage(error),
            _ => error.into(),
        })?;
        self.keep(&file, &read).await?;
        Ok(Pushed::new(&file.sha256))
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        let file: PictureFile = document.read()?;
        if self.folder.has_answer(&file.sha256) {
            return Ok(Found::Yes(Pushed::new(&file.sha256)));
        }
        Ok(Found::CannotTell(
            "the answer of the recognition was lost, and `repeat` forbids to ask (and pay) again; \
             `resend` it"
                .to_owned(),
        ))
    }
}
