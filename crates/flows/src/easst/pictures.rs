use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use erplink_core::RawJson;
use erplink_sync::ports::{Delivered, Marked, Marker, PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use super::folder::{InvoiceFolder, Seen, blocking, digest};

/// The new pictures of a folder. The key of a picture is the SHA-256 of its bytes, so that a copy
/// under another name is the same document.
#[derive(Clone, Debug)]
pub struct Pictures {
    folder: InvoiceFolder,
    page_size: usize,
    known: Arc<Mutex<Known>>,
}

/// What was read of a file that has not changed since: size, date, SHA-256.
type Known = HashMap<String, (u64, SystemTime, String)>;

/// A picture as a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PictureFile {
    /// Its names in the folder.
    pub(super) names: Vec<String>,
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

impl Pictures {
    /// In this folder, so many a page.
    #[must_use]
    pub fn new(folder: InvoiceFolder, page_size: usize) -> Self {
        Self { folder, page_size: page_size.max(1), known: Arc::default() }
    }

    /// The page of pictures after the name `cursor`.
    fn read(&self, cursor: Option<&str>) -> Result<SourcePage, Failure> {
        let all = self.folder.new_pictures()?;
        let all =
            all.into_iter().filter(|seen| cursor.is_none_or(|last| seen.name.as_str() > last));
        let page: Vec<Seen> = all.take(self.page_size.saturating_add(1)).collect();
        let is_last = page.len() <= self.page_size;
        let page: Vec<Seen> = page.into_iter().take(self.page_size).collect();
        let next = page.last().filter(|_| !is_last).map(|seen| seen.name.clone());

        let mut files: BTreeMap<String, PictureFile> = BTreeMap::new();
        for seen in page {
            let Some(sha256) = self.digest(&seen)? else { continue };
            let file = files.entry(sha256.clone()).or_insert_with(|| PictureFile {
                names: Vec::new(),
                sha256,
                bytes: seen.bytes,
            });
            file.names.push(seen.name);
        }
        let documents = files.into_values().map(|file| {
            // Another name is another version: the copy has to be filed, too.
            let version = digest(file.names.join("\n").as_bytes());
            let content = RawJson::of(&file).map_err(Failure::park)?;
            Ok(Document::new(file.sha256, content).version(version))
        });
        Ok(SourcePage {
            documents: documents.collect::<Result<_, Failure>>()?,
            next,
            checkpoint: None,
        })
    }

    /// `None`: the file went away.
    fn digest(&self, seen: &Seen) -> Result<Option<String>, Failure> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((bytes, changed, sha256)) = known().get(&seen.name)
            && (*bytes, *changed) == (seen.bytes, seen.changed)
        {
            return Ok(Some(sha256.clone()));
        }
        match self.folder.read(&seen.name) {
            Ok(bytes) => {
                let sha256 = digest(&bytes);
                known().insert(seen.name.clone(), (seen.bytes, seen.changed, sha256.clone()));
                Ok(Some(sha256))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::outage(format!("`{}`: {error}", seen.name))),
        }
    }
}

#[async_trait]
impl Source for Pictures {
    fn system(&self) -> &str {
        super::FOLDER
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let this = self.clone();
        blocking(move || this.read(request.cursor.as_deref())).await
    }
}

/// Moves recognised pictures out of the way.
#[derive(Clone, Debug)]
pub struct FiledPicture {
    folder: InvoiceFolder,
}

impl FiledPicture {
    /// In this folder.
    #[must_use]
    pub fn new(folder: InvoiceFolder) -> Self {
        Self { folder }
    }
}

#[async_trait]
impl Marker for FiledPicture {
    fn system(&self) -> &str {
        super::FOLDER
    }

    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure> {
        let file: PictureFile = delivered.document.read()?;
        let folder = self.folder.clone();
        blocking(move || file.names.iter().try_for_each(|name| folder.file(&file.sha256, name)))
            .await?;
        Ok(Marked::Yes)
    }
}
