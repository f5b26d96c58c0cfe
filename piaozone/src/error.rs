//! What the platform says when it refuses, and what to do about it.
//!
//! Every answer has `errcode`, a text; `"0000"` is success, whatever the HTTP status says. The list
//! of codes is not public; the two that are known have advice.

use std::fmt;

use erplink_core::ApiDetail;

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// `errcode` and `description` of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: String,
    pub(crate) description: String,
}

impl ApiError {
    /// Client id and secret do not match.
    pub const CREDENTIALS_DO_NOT_MATCH: &'static str = "1101";
    /// The authorisation id is empty.
    pub const NO_AUTHORISATION: &'static str = "1200";

    /// `errcode`. The set is open.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// `description`. For people.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// What a caller or an administrator should do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self.code.as_str() {
            Self::CREDENTIALS_DO_NOT_MATCH => Some(
                "client id and secret do not belong together: compare them with the authorisation \
                 of the company (swapped? a blank at an end?), and the address (test or production)",
            ),
            Self::NO_AUTHORISATION => Some("the client id did not arrive, or is not authorised"),
            _ => None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.description.is_empty() {
            write!(f, " {}", self.description)?;
        }
        if let Some(advice) = self.advice() {
            write!(f, " [{advice}]")?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
