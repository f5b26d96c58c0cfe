//! How the platform says no.

use http::StatusCode;

/// A refusal with the platform's code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) code: i64,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Refusal { status: StatusCode::OK, code, message: message.into() }
    }

    /// The data were not accepted.
    pub(super) fn data(message: impl Into<String>) -> Self {
        Self::new(46_001, message)
    }

    pub(super) fn token() -> Self {
        Self::new(4010, "invalid credential")
    }

    /// A gateway that does not let the request through.
    pub(super) fn gateway(status: StatusCode, code: i64, message: &str) -> Self {
        Refusal { status, ..Self::new(code, message) }
    }

    /// The loud answer to what the sandbox does not simulate.
    pub(super) fn unsupported(what: &str) -> Self {
        tracing::error!(what, "the sandbox does not simulate this of JDY");
        let message = format!("the sandbox does not simulate {what}");
        Refusal { status: StatusCode::NOT_IMPLEMENTED, ..Self::new(501, message) }
    }
}
