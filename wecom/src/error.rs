//! What the platform says when it refuses, and what to do about it.
//!
//! Every answer is HTTP 200 with `errcode` and `errmsg`; an `errcode` of 0 or none is success.

mod codes;
mod envelope;

use std::fmt;

use erplink_core::ApiDetail;

pub(crate) use envelope::Judge;

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// `errcode` and `errmsg` of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    pub(crate) from_ip: Option<String>,
}

impl ApiError {
    /// The answer of the list of forms that asks for a shorter interval. The client halves it by
    /// itself.
    pub const WINDOW_TOO_WIDE: i64 = 301_112;
    /// The form does not fit its template, or the approval API got another wrong parameter.
    pub const APPROVAL_PARAMETER: i64 = 301_025;
    /// The server's address is not among the app's trusted addresses (企业可信IP).
    pub const ADDRESS_NOT_TRUSTED: i64 = 60_020;

    /// `errcode`, such as `301025`. The set is open.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code
    }

    /// `errmsg` without the diagnostic part. For people: its wording changes.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id under which the platform's support finds the call, for about half an hour.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The address from which the platform saw the call come: with `60020`, the one to enter as a
    /// trusted address (企业可信IP).
    #[must_use]
    pub fn from_ip(&self) -> Option<&str> {
        self.from_ip.as_deref()
    }

    /// What a caller or an administrator should do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = codes::rule(self.code)?.advice;
        match &self.from_ip {
            Some(ip) if codes::is_untrusted_address(self.code) => {
                Some(format!("{advice}: enter {ip}"))
            }
            _ => Some(advice.to_owned()),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if !self.message.is_empty() {
            write!(f, " {}", self.message)?;
        }
        if let Some(advice) = self.advice() {
            write!(f, " [{advice}]")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " (hint {hint})")?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
