//! Documents of OA (文档).

use std::fmt::Write as _;

use bytes::Bytes;
use erplink_core::{ErrorKind, Idempotency};
use http::HeaderValue;
use serde::Deserialize;

use crate::client::{Client, Endpoint};
use crate::error::{Error, Expect, Result};
use crate::wire::Body;

const UPLOAD: Endpoint = Endpoint::new(
    "POST /api/doc/upload/uploadFile2Doc",
    Idempotency::NotIdempotent,
    Expect::Upload,
);

/// The document calls. From [`Client::documents`].
#[derive(Clone, Debug)]
pub struct Documents {
    client: Client,
}

impl Client {
    /// The document calls (文档, `/api/doc/…`).
    #[must_use]
    pub fn documents(&self) -> Documents {
        Documents { client: self.clone() }
    }
}

impl Documents {
    /// `POST /api/doc/upload/uploadFile2Doc`: uploads a file as a document (上传附件到文档) into the
    /// directory with this id and answers the id of the document, for
    /// [`Field::documents`](crate::workflow::Field::documents).
    ///
    /// From KB900190601 on. `file_name` needs its extension.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a name without an extension or with control characters.
    pub async fn upload(
        &self,
        directory_id: i64,
        file_name: &str,
        content: impl Into<Bytes>,
    ) -> Result<i64> {
        #[derive(Deserialize)]
        struct Uploaded {
            #[serde(deserialize_with = "crate::lenient::int")]
            fileid: Option<i64>,
        }
        if !file_name.contains('.') || file_name.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "file_name: expected a name with an extension such as a.pdf, found `{}`",
                file_name.escape_debug()
            )));
        }
        let body = multipart(directory_id, file_name, &content.into())?;
        let exchange = UPLOAD.exchange().body(body);
        let uploaded: Uploaded = self.client.call_data(&exchange).await?;
        uploaded.fileid.ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the answer holds no `fileid`")
                .with_effect(erplink_core::Effect::Unknown)
                .in_call(UPLOAD.name, UPLOAD.idempotency, 1)
        })
    }
}

/// `multipart/form-data` with the three parts of the call.
fn multipart(directory_id: i64, file_name: &str, content: &[u8]) -> Result<Body> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random)
        .map_err(|_| Error::config("the operating system gave no random numbers"))?;
    // Random, so that no content can hold it.
    let mut boundary = "erplink-".to_owned();
    for byte in random {
        let _ = write!(boundary, "{byte:02x}");
    }
    let quoted = file_name.replace('"', "%22");
    let mut body = Vec::with_capacity(content.len() + 512);
    for (name, value) in [("category", directory_id.to_string().as_str()), ("name", file_name)] {
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\
                 Content-Type: text/plain; charset=utf-8\r\n\r\n{value}\r\n"
            )
            .as_bytes(),
        );
    }
    body.extend_from_slice(
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{quoted}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        )
        .as_bytes(),
    );
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let content_type = HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"))
        .map_err(|_| Error::invalid("the boundary cannot be sent in a header"))?;
    Ok(Body { content_type, bytes: body.into() })
}
