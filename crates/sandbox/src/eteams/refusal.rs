//! How the platform says no.

/// A refusal with the platform's code and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    /// The sandbox does not simulate what was asked for.
    pub(super) is_unsupported: bool,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Refusal { code: code.to_owned(), message: message.into(), is_unsupported: false }
    }

    /// A parameter is missing or not what it should be. The code is the sandbox's own.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new("90001", message)
    }

    /// The loud answer to what the sandbox does not simulate.
    pub(super) fn unsupported(what: &str) -> Self {
        tracing::error!(what, "the sandbox does not simulate this of eteams");
        let message = format!("the sandbox does not simulate {what}");
        Refusal { is_unsupported: true, ..Self::new("501", message) }
    }
}
