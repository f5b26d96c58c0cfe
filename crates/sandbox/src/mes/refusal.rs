//! How the platform says no: HTTP 200 with another `code` than 200.

use http::StatusCode;

use crate::servicelayer::json::Json;

/// A refusal with the platform's code, sub-code and text.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: i64,
    pub(super) sub_code: SubCode,
    pub(super) message: String,
    /// `needCheck`: a weak-control rule wants a person to confirm.
    pub(super) needs_check: bool,
    pub(super) data: Json,
}

/// The machine name of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SubCode {
    /// `<DOMAIN>/<NAME>`, written out.
    Whole(String),
    /// The name alone: the domain is the one of the call.
    Name(&'static str),
    None,
}

impl Refusal {
    pub(super) fn new(code: i64, sub_code: &str, message: impl Into<String>) -> Self {
        let sub_code =
            if sub_code.is_empty() { SubCode::None } else { SubCode::Whole(sub_code.to_owned()) };
        Self::with(code, sub_code, message)
    }

    fn with(code: i64, sub_code: SubCode, message: impl Into<String>) -> Self {
        let (message, status) = (message.into(), StatusCode::OK);
        Refusal { status, code, sub_code, message, needs_check: false, data: Json::Null }
    }

    /// What the business refuses, under the domain of the call.
    pub(super) fn named(name: &'static str, message: impl Into<String>) -> Self {
        Self::with(400, SubCode::Name(name), message)
    }

    /// A parameter is missing or not what it should be.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::named("PARAM_INVALID", message)
    }

    /// Something named by the caller does not exist.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self::named("DATA_NOT_EXIST", message)
    }

    /// Not in the state in which this can be done.
    pub(super) fn state(message: impl Into<String>) -> Self {
        Self::named("STATUS_NOT_ALLOWED", message)
    }

    /// The loud answer to what the sandbox does not simulate.
    pub(super) fn unsupported(what: &str) -> Self {
        tracing::error!(what, "the sandbox does not simulate this of the MES");
        let message = format!("the sandbox does not simulate {what}");
        let status = StatusCode::NOT_IMPLEMENTED;
        Refusal { status, ..Self::new(501, "SANDBOX/UNSUPPORTED", message) }
    }

    /// `needCheck: 1`: nothing was done, a person has to confirm.
    pub(super) fn confirmation(message: impl Into<String>) -> Self {
        Refusal { needs_check: true, ..Self::new(200, "", message) }
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}
