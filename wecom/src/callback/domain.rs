//! The file with which WeCom checks a trusted domain (可信域名).

/// The file `WW_verify_….txt` that the console hands out: it has to be served, unchanged, at the
/// **root** of the domain, on the port the domain names.
///
/// ```
/// use wecom::callback::TrustedDomainFile;
///
/// let file = TrustedDomainFile::new("WW_verify_7rG3kjVbXHngiald.txt", *b"7rG3kjVbXHngiald")?;
/// assert_eq!(file.serve("/WW_verify_7rG3kjVbXHngiald.txt"), Some(&b"7rG3kjVbXHngiald"[..]));
/// assert_eq!(file.serve("/wecom/WW_verify_7rG3kjVbXHngiald.txt"), None);
/// # Ok::<(), wecom::callback::FileNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedDomainFile {
    path: String,
    content: Vec<u8>,
}

/// A name that is not one of a file at the root of a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the name of the downloaded file, such as WW_verify_7rG3kjVbXHngiald.txt, found `{0}`"
)]
pub struct FileNameError(String);

impl TrustedDomainFile {
    /// Its content type.
    pub const CONTENT_TYPE: &'static str = "text/plain";

    /// Name and bytes of the file as it was downloaded.
    ///
    /// # Errors
    /// For a name with a path in it or without `.txt`.
    pub fn new(name: &str, content: impl Into<Vec<u8>>) -> Result<Self, FileNameError> {
        let is_plain =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
        if !is_plain
            || name.starts_with('.')
            || name.len() <= ".txt".len()
            || !name.ends_with(".txt")
        {
            return Err(FileNameError(name.chars().take(60).collect()));
        }
        Ok(Self { path: format!("/{name}"), content: content.into() })
    }

    /// The path to serve it at, for `GET` and `HEAD`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The bytes to answer to a request of this path: HTTP 200 and [`Self::CONTENT_TYPE`].
    #[must_use]
    pub fn serve(&self, path: &str) -> Option<&[u8]> {
        (path == self.path).then_some(&self.content)
    }

    /// Its bytes.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_plain_names_only() {
        for name in
            ["", ".txt", "../WW_verify_a.txt", "a/b.txt", "WW_verify_a.html", "中.txt", "a{b}.txt"]
        {
            assert!(TrustedDomainFile::new(name, *b"x").is_err(), "{name}");
        }
    }
}
