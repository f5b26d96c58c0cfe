//! What the platform says when it refuses, and what to do about it.
//!
//! Two generations of answers exist: `{"code","message","requestid"}` with an HTTP error status,
//! and `{"errcode","errmsg","request_id"}` with HTTP 200. Which one an answer is gets decided by its
//! body, because either host may send either.

mod codes;
mod envelope;

use std::fmt;

use erplink_core::ApiDetail;

pub(crate) use envelope::{Answer, Expect, Rules, judge};

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// The code and text of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) required_scopes: Vec<String>,
    /// What the documentation of the endpoint names.
    pub(crate) endpoint_scope: Option<&'static str>,
}

impl ApiError {
    /// The code of an answer that says `"success": false` or `"result": false` without a code of
    /// its own: the platform did not do what was asked.
    pub const NOT_DONE: &'static str = "NotDone";

    /// The effective code, such as `processCodeError` or `60121`.
    ///
    /// For errors of the legacy gateway (`errcode` 88) it is the `sub_code`. The set is open and
    /// case-sensitive, the platform's misspellings included (`sysErrror`).
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The platform's text, often in Chinese, often naming the offending form component.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id under which the platform's support finds the call.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The permission scopes (权限点) the platform says are missing.
    #[must_use]
    pub fn required_scopes(&self) -> &[String] {
        &self.required_scopes
    }

    /// Whether the platform answered that it did not do it, without an error code.
    #[must_use]
    pub fn is_not_done(&self) -> bool {
        self.code == Self::NOT_DONE
    }

    /// What a caller or an administrator should do about it, where that is known.
    ///
    /// For a missing permission the text names the scope.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = codes::rule(&self.code)?.advice;
        if !codes::is_missing_permission(&self.code) {
            return Some(advice.to_owned());
        }
        let scopes = match (self.required_scopes.as_slice(), self.endpoint_scope) {
            ([], Some(scope)) => scope.to_owned(),
            (scopes, _) => scopes.join(", "),
        };
        Some(if scopes.is_empty() { advice.to_owned() } else { format!("{advice}: {scopes}") })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if !self.message.is_empty() {
            write!(f, " {}", self.message)?;
        }
        if let Some(advice) = self.advice() {
            write!(f, " [{advice}]")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request {id})")?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
