//! Temporary files (临时素材): for the File control of a form, and attachments of opinions.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use erplink_core::pager::{items, pages};
use erplink_core::{ErrorKind, Idempotency, Page, Results};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::client::{Client, Endpoint, Input};
use crate::contacts::required;
use crate::error::{Error, Result};
use crate::tree::Tree;
use crate::wire::Reply;

const UPLOAD: Endpoint = Endpoint::new("POST /cgi-bin/media/upload", Idempotency::Idempotent);
const DOWNLOAD: Endpoint =
    Endpoint::new("GET /cgi-bin/media/get", Idempotency::Safe).answering_a_file();

/// Every file has to be larger.
const SMALLEST: usize = 5;
/// Encrypted files can only be cut at multiples of 16; a megabyte is one.
const SLICE: u64 = 1 << 20;

/// Files. From [`Client::media`].
#[derive(Clone, Debug)]
pub struct Media {
    client: Client,
}

/// What a file is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// JPG or PNG, at most 10 MB.
    Image,
    /// AMR, at most 2 MB and 60 seconds.
    Voice,
    /// MP4, at most 10 MB.
    Video,
    /// Anything, at most 20 MB: what the File control takes.
    File,
}

/// A file that was uploaded. It lives three days, unless a form that is submitted keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Its id, good for all apps of the corp.
    pub media_id: String,
    /// When it was uploaded.
    pub created_at: Option<DateTime<Utc>>,
}

/// A file, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Download {
    /// Its bytes.
    pub bytes: Bytes,
    /// The name people see.
    pub file_name: Option<String>,
    /// What the platform takes it for.
    pub content_type: Option<String>,
    /// Bytes of the whole file, where only a part was asked for.
    pub total: Option<u64>,
}

impl MediaType {
    fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    fn largest(self) -> usize {
        match self {
            Self::Voice => 2 << 20,
            Self::Image | Self::Video => 10 << 20,
            Self::File => 20 << 20,
        }
    }
}

impl Client {
    /// Temporary files.
    #[must_use]
    pub fn media(&self) -> Media {
        Media { client: self.clone() }
    }
}

impl Media {
    /// `POST /cgi-bin/media/upload`: uploads a file (上传临时素材) under the name people will see.
    ///
    /// ```no_run
    /// use wecom::approvals::ControlValue;
    /// use wecom::media::MediaType;
    ///
    /// # async fn run(client: wecom::Client, pdf: Vec<u8>) -> wecom::Result<()> {
    /// let file = client.media().upload(MediaType::File, "合同.pdf", pdf).await?;
    /// let contract = ControlValue::files([file.media_id]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for a file of another size than the platform takes, or a name with a
    /// line break; nothing is sent then.
    pub async fn upload(
        &self,
        kind: MediaType,
        file_name: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Uploaded> {
        let (bytes, name) = (bytes.into(), required("file_name", file_name)?);
        if name.contains(['\r', '\n', '\0']) {
            return Err(Error::invalid("file_name: a name has no line breaks"));
        }
        let largest = kind.largest();
        if bytes.len() <= SMALLEST || bytes.len() > largest {
            return Err(Error::invalid(format!(
                "{name}: a {} has more than {SMALLEST} and at most {largest} bytes, this has {}",
                kind.name(),
                bytes.len(),
            )));
        }
        let boundary = boundary(&bytes)?;
        let content_type =
            HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
                .map_err(|_| Error::invalid("the boundary is no header value"))?;
        let input = Input::query([("type", kind.name().to_owned())])
            .with_body(content_type, multipart(&boundary, &name, &bytes));
        self.client
            .read(&UPLOAD, input, |answer| {
                let answer = Tree::new(answer);
                Ok(Uploaded {
                    media_id: answer.get("media_id").require_text("media_id")?,
                    created_at: answer.get("created_at").time(),
                })
            })
            .await
    }

    /// `GET /cgi-bin/media/get`: downloads a file (获取临时素材), such as an attachment of an
    /// opinion. Files from WeDrive (微盘) cannot be had this way.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when it never was or its three days are over; code `830002` when it
    /// is larger than 20 MB: take [`slices`](Self::slices).
    pub async fn download(&self, media_id: &str) -> Result<Download> {
        let reply = self.client.call(&DOWNLOAD, wanted(media_id)?).await?;
        Ok(Download::read(reply))
    }

    /// `GET /cgi-bin/media/get` with `Range`: bytes `first` to `last` of a file, both included.
    ///
    /// Some files are encrypted: cut them at multiples of 16.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_range(&self, media_id: &str, first: u64, last: u64) -> Result<Download> {
        if last < first {
            return Err(Error::invalid(format!("no range: it ends ({last}) before {first}")));
        }
        let mut input = wanted(media_id)?;
        let range = HeaderValue::try_from(format!("bytes={first}-{last}"))
            .map_err(|_| Error::invalid("the range is no header value"))?;
        input.headers.insert(header::RANGE, range);
        let reply = self.client.call(&DOWNLOAD, input).await?;
        if reply.response.status() != StatusCode::PARTIAL_CONTENT && first > 0 {
            let message = "asked for a part, the platform answered the whole file";
            return Err(Error::new(ErrorKind::Decode, message).in_call(
                DOWNLOAD.name,
                DOWNLOAD.idempotency,
                1,
            ));
        }
        Ok(Download::read(reply))
    }

    /// The whole file in parts of a megabyte, whatever its size.
    pub fn slices(&self, media_id: &str) -> Results<Bytes, Error> {
        let (media, media_id) = (self.clone(), media_id.to_owned());
        items(pages(0_u64, move |first| {
            let (media, media_id) = (media.clone(), media_id.clone());
            async move {
                let part = media.download_range(&media_id, first, first + SLICE - 1).await?;
                let end = first.saturating_add(u64::try_from(part.bytes.len()).unwrap_or(u64::MAX));
                let next = part.total.filter(|total| end < *total).map(|_| end);
                Ok(Page { items: vec![part.bytes], next })
            }
        }))
    }
}

impl Download {
    fn read(reply: Reply) -> Self {
        let text = |name| -> Option<String> {
            // Names come as raw UTF-8 here.
            let value = reply.response.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let file_name = text(header::CONTENT_DISPOSITION).as_deref().and_then(file_name);
        let content_type = text(header::CONTENT_TYPE);
        let total = total(reply.response.headers());
        Self { bytes: reply.response.into_body(), file_name, content_type, total }
    }
}

fn wanted(media_id: &str) -> Result<Input> {
    let media_id = required("media_id", media_id)?;
    Ok(Input::query([("media_id", media_id.clone())]).about(format!("media_id {media_id}")))
}

/// The size behind the slash of `Content-Range: bytes 0-15/48`.
fn total(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.rsplit_once('/')?.1.trim().parse().ok()
}

fn file_name(disposition: &str) -> Option<String> {
    let (_, rest) = disposition.split_once("filename=")?;
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(';').next()?.trim(),
    };
    (!name.is_empty()).then(|| name.to_owned())
}

/// A boundary that the file does not hold.
fn boundary(bytes: &[u8]) -> Result<String> {
    loop {
        let boundary = erplink_core::callback::random_nonce()
            .map_err(|_| Error::config("the operating system gave no random numbers"))?;
        if !bytes.windows(boundary.len()).any(|window| window == boundary.as_bytes()) {
            return Ok(boundary);
        }
    }
}

fn multipart(boundary: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    // Raw UTF-8 is what the platform shows; quotes would end the name.
    let name = name.replace('"', "%22");
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"media\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_as_they_come() {
        assert_eq!(file_name("attachment; filename=\"合同.pdf\""), Some("合同.pdf".into()));
        assert_eq!(file_name("attachment; filename=a.txt; size=3"), Some("a.txt".into()));
        assert_eq!(file_name("attachment"), None);
    }
}
