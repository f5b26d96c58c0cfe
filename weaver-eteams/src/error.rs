//! What the platform says when it refuses.

use std::fmt;

use erplink_core::ApiDetail;
use serde::{Deserialize, Serialize};

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// An `errcode`. The platform publishes no table of them, and writes them as text or as number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Code {
    fn from(code: &str) -> Self {
        Self(code.trim().to_owned())
    }
}

impl From<String> for Code {
    fn from(code: String) -> Self {
        Self::from(code.as_str())
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `errcode` and `errmsg` of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl ApiError {
    /// `errcode`, such as `300001`. The set is open.
    #[must_use]
    pub fn code(&self) -> &Code {
        &self.code
    }

    /// `errmsg`. For people: its wording changes.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.message.is_empty() {
            write!(f, " {}", self.message)?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
