//! Optimistic locking: `ETag` and `If-Match`.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

use crate::{Error, Result};

/// The version of an entity, to change it only if nobody else has.
///
/// Always of the form `W/"…"`: the server takes any other text for no condition at all and
/// overwrites blindly, so [`str::parse`] refuses it.
///
/// ```
/// use b1_servicelayer::ETag;
///
/// let etag: ETag = "W/\"356A192B7913B04C54574D18C28D46E6395428AB\"".parse()?;
/// assert!("\"356A\"".parse::<ETag>().is_err());
/// # Ok::<(), b1_servicelayer::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ETag(Box<str>);

impl ETag {
    /// The text, `W/"…"`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn header(&self) -> Result<HeaderValue> {
        HeaderValue::from_str(&self.0).map_err(|error| Error::invalid(format!("etag: {error}")))
    }
}

impl FromStr for ETag {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let inner = text.trim().strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
        match inner {
            Some(inner)
                if !inner.is_empty()
                    && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"') =>
            {
                Ok(Self(text.trim().into()))
            }
            _ => Err(Error::invalid("etag: expected the form W/\"…\"")),
        }
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An entity with the version it was read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged<E> {
    /// The entity.
    pub value: E,
    /// Its version, for `if_match`.
    pub etag: ETag,
}
