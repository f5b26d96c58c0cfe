//! What the MES says when it refuses, and what to do about it.
//!
//! Every answer has `code`; 200 is success, whatever the HTTP status says. A success with
//! `needCheck` 1 is none: a rule of weak control (弱管控) wants a person to confirm, and nothing was
//! done. See [`ApiError::needs_confirmation`].

mod envelope;

use std::fmt;

use erplink_core::{ApiDetail, RawJson};

pub(crate) use envelope::{Judge, Reply, read_data, unreadable_data};

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// `code`, `subCode` and `message` of the platform.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: i64,
    pub(crate) sub_code: Option<String>,
    pub(crate) message: String,
    pub(crate) needs_confirmation: bool,
    pub(crate) data: RawJson,
}

impl ApiError {
    /// `code`. 200 with [`needs_confirmation`](Self::needs_confirmation).
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code
    }

    /// `subCode`: the machine's name of the failure, such as `OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED`.
    #[must_use]
    pub fn sub_code(&self) -> Option<&str> {
        self.sub_code.as_deref()
    }

    /// `message`. For people: its wording changes.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Whether the platform wants a person to confirm (`needCheck` 1), because a rule of weak
    /// control (弱管控) warns. Nothing was done. [`message`](Self::message) and
    /// [`data`](Self::data) say what about; this crate never confirms by itself.
    #[must_use]
    pub fn needs_confirmation(&self) -> bool {
        self.needs_confirmation
    }

    /// `data` of the refusal; usually `null`.
    #[must_use]
    pub fn data(&self) -> &RawJson {
        &self.data
    }

    /// Whether the sub-code ends in this name, with a domain before it or none.
    pub(crate) fn is(&self, name: &str) -> bool {
        let last = self.sub_code.as_deref().and_then(|code| code.rsplit('/').next());
        last.is_some_and(|last| last.trim() == name)
    }

    /// What a caller or an administrator should do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.needs_confirmation {
            return Some("a person has to confirm it in the MES; nothing was done");
        }
        if self.is("URL_NO_PERMISSION") {
            return Some("grant the app this interface in the portal, under 接口权限");
        }
        None
    }
}

/// Without `data`: it may be long.
impl fmt::Debug for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("code", &self.code)
            .field("sub_code", &self.sub_code)
            .field("message", &self.message)
            .field("needs_confirmation", &self.needs_confirmation)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(sub_code) = &self.sub_code {
            write!(f, " {sub_code}")?;
        }
        if !self.message.is_empty() {
            write!(f, " {}", self.message)?;
        }
        if let Some(advice) = self.advice() {
            write!(f, " [{advice}]")?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
