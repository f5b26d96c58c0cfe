//! Files for the attachment fields of a form.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// A file for an attachment field (附件). The field needs an upload directory in OA, otherwise the
/// whole call fails with `PARAM_ERROR`.
///
/// The third kind, files that are documents of OA already, goes by their ids:
/// [`Field::documents`](super::Field::documents).
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    name: String,
    source: Source,
}

#[derive(Clone, PartialEq, Eq)]
enum Source {
    Url(String),
    Content(Bytes),
}

/// Contents are left out, and so are addresses: they may hold a token.
impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Attachment");
        out.field("name", &self.name);
        match &self.source {
            Source::Url(_) => out.field("url", &"***"),
            Source::Content(content) => out.field("bytes", &content.len()),
        };
        out.finish()
    }
}

impl Attachment {
    /// A file that the **OA server** fetches from this address (`http`, `https`; on some patches
    /// also `ftp`). `name` needs its extension.
    pub fn url(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self { name: name.into(), source: Source::Url(url.into()) }
    }

    /// A file whose content goes with the form as Base64. `name` needs its extension.
    ///
    /// The servlet container limits the size of a form; upload large files with
    /// [`Documents::upload`](crate::Documents::upload).
    pub fn content(content: impl Into<Bytes>, name: impl Into<String>) -> Self {
        Self { name: name.into(), source: Source::Content(content.into()) }
    }

    pub(super) fn check(&self, field: &str) -> Result<()> {
        let has_extension = self
            .name
            .rsplit_once('.')
            .is_some_and(|(stem, extension)| !stem.is_empty() && !extension.is_empty());
        if !has_extension {
            return Err(Error::invalid(format!(
                "{field}: the file name `{}` needs an extension such as .pdf",
                self.name
            )));
        }
        if let Source::Url(url) = &self.source
            && !url.contains("://")
        {
            return Err(Error::invalid(format!(
                "{field}: the address of `{}` has no scheme such as http://",
                self.name
            )));
        }
        Ok(())
    }

    pub(super) fn encode(&self, prefix: &str) -> Value {
        let path = match &self.source {
            Source::Url(url) => url.clone(),
            Source::Content(content) => format!("{prefix}{}", STANDARD.encode(content)),
        };
        json!({ "filePath": path, "fileName": self.name })
    }
}
