//! What the platform says when it refuses, and what to do about it.
//!
//! Four envelopes exist, and some answers have none. Nearly all refusals come with HTTP 200, and
//! most have no code of their own but a Chinese sentence: [`Diagnosis`] says what it means.

mod diagnosis;
mod envelope;
mod workflow_code;

use std::fmt;

use chrono::{DateTime, Utc};
use erplink_core::ApiDetail;
use serde_json::{Map, Value};

pub use diagnosis::Diagnosis;
pub(crate) use envelope::{Answer, Expect, judge};
pub use workflow_code::WorkflowCode;

/// A failed call. [`ApiError`] holds the platform's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// The code and text of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) details: Map<String, Value>,
    pub(crate) failure: Option<RequestFailure>,
    pub(crate) diagnosis: Option<Diagnosis>,
    pub(crate) server_date: Option<DateTime<Utc>>,
}

/// Why a request could not be created, submitted or rejected (`reqFailMsg`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestFailure {
    /// Such as `SAVE_MAIN_TABLE_FAIL`, `SAVE_DETAIL_TABLE_FAIL`, `JUDGE_MUST_INPUT` (a mandatory
    /// field is empty) or `NO_REQUEST_SUBMIT_PERMISSION`. The set is open.
    pub kind: String,
    /// The platform's explanation, objects as their JSON text.
    pub message: String,
}

impl ApiError {
    /// The code: for workflow calls `PARAM_ERROR`, `NO_PERMISSION` … (see [`WorkflowCode`]), else
    /// the number or text in `code`, `errorCode` or `status`. Empty when the answer has none.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The platform's text, mostly Chinese. Empty when there is none.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// `errMsg` of a workflow call: what was wrong under the name of the parameter or form field.
    #[must_use]
    pub fn details(&self) -> &Map<String, Value> {
        &self.details
    }

    /// `reqFailMsg` of a workflow call.
    #[must_use]
    pub fn request_failure(&self) -> Option<&RequestFailure> {
        self.failure.as_ref()
    }

    /// What the answer means, where that is known.
    #[must_use]
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        self.diagnosis
    }

    /// What the caller or the OA administrator should do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        // By name only: the numbers of other services mean other things.
        let by_code = || WorkflowCode::KNOWN.iter().find(|code| code.as_str() == self.code);
        self.diagnosis.map(Diagnosis::advice).or_else(|| by_code()?.advice())
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.code.is_empty() {
            parts.push(self.code.clone());
        }
        if !self.message.is_empty() {
            parts.push(self.message.clone());
        }
        for (name, value) in &self.details {
            match value {
                Value::String(text) => parts.push(format!("{name}: {text}")),
                other => parts.push(format!("{name}: {other}")),
            }
        }
        if let Some(failure) = &self.failure {
            parts.push(format!("{}: {}", failure.kind, failure.message));
        }
        f.write_str(&parts.join(" "))?;
        if let Some(advice) = self.advice() {
            write!(f, " [{advice}]")?;
        }
        Ok(())
    }
}

impl ApiDetail for ApiError {}
