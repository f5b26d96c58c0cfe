//! What the service says when it refuses.
//!
//! Every answer has `isSuccess`; `true` is success, whatever the HTTP status says. Codes are not
//! documented: the text decides, and only a person understands it. Two things are told apart by
//! [`Error::kind`](erplink_core::Error::kind): credentials
//! ([`ErrorKind::Auth`](crate::ErrorKind::Auth), see
//! [`Config::credential_words`](crate::Config::credential_words)) and everything else
//! ([`ErrorKind::Api`](crate::ErrorKind::Api)), which is about the picture and not repeated.

use std::fmt;

use erplink_core::ApiDetail;

/// A failed call. [`ApiError`] holds the service's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// The service's own code and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
}

impl ApiError {
    /// The code, if the answer has one. The set is open.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The text (`errorMsg`). For people. Long runs of Base64 are cut out of it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, self.message.as_str()) {
            (Some(code), "") => f.write_str(code),
            (Some(code), message) => write!(f, "{code} {message}"),
            (None, "") => f.write_str("it does not say why"),
            (None, message) => f.write_str(message),
        }
    }
}

impl ApiDetail for ApiError {}
