//! What the platform says when it refuses, and what to do about it.
//!
//! Business calls answer HTTP 200 with `code` and `msg`, logins with `errcode` and `description`;
//! 0 is success.

mod codes;
mod envelope;

use std::fmt;

use erplink_core::ApiDetail;

pub(crate) use envelope::{Expect, Judge, Judged};

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// Code and text of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl ApiError {
    /// The token is invalid or expired. The client renews it by itself, once.
    pub const INVALID_CREDENTIAL: i64 = 4010;
    /// Nothing was found (暂无查询结果). The client answers an empty list.
    pub const NOTHING_FOUND: i64 = 46_002;
    /// Something unexpected happened (未预期的错误). On queries it stands for "nothing found" as
    /// well; after a write nobody knows whether it was carried out.
    pub const UNEXPECTED: i64 = 48_001;

    /// `code` or `errcode`, such as `4010`. The set is open, and not published.
    #[must_use]
    pub fn code(&self) -> i64 {
        self.code
    }

    /// `msg` or `description`. For people: its wording changes.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What a caller or an administrator should do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        codes::rule(self.code).map(|rule| rule.advice)
    }

    /// Whether the platform says that `dbId` (账套) is wrong.
    #[must_use]
    pub fn is_about_db_id(&self) -> bool {
        (42_020..=42_029).contains(&self.code) || self.code == 40_003
    }

    /// Whether the platform says that `sId` is wrong.
    #[must_use]
    pub fn is_about_s_id(&self) -> bool {
        (42_030..=42_039).contains(&self.code)
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
        Ok(())
    }
}

impl ApiDetail for ApiError {}
