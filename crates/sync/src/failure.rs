//! What a system answered instead of doing what it was asked.

use std::fmt;
use std::time::Duration;

use erplink_core::{ErrorKind, RawJson};
use serde::de::DeserializeOwned;

/// Why a source, target or marker could not do its part for one document.
///
/// The errors of the client crates turn into failures with `?`. An adapter that makes its own
/// has four words, and the choice decides what the engine does:
///
/// | constructor | it means | the engine |
/// |---|---|---|
/// | [`Failure::refused`] | not done, perhaps next time | tries again, parks after the last attempt |
/// | [`Failure::unknown`] | perhaps done: the answer was lost | looks the document up before any repeat |
/// | [`Failure::outage`] | not the document's fault | waits for the system, counts no attempt |
/// | [`Failure::park`] | a person is needed | parks at once |
///
/// A lost or refused call may also be a sign that the whole system is down; the clients' errors
/// carry that along (broken connections, timeouts, 502 to 504), others say so with
/// [`Failure::maybe_outage`]. One is bad luck and counts as an attempt; those that follow without a
/// success in between are taken for an outage and count none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    class: Class,
    message: String,
    retry_after: Option<Duration>,
    maybe_outage: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Refused,
    Unknown,
    Outage,
    Park,
}

impl Failure {
    /// The system did not do it, and said so. It is tried again a few times.
    pub fn refused(message: impl fmt::Display) -> Self {
        Self::new(Class::Refused, message)
    }

    /// The system may have done it: no answer came, or none that can be read.
    pub fn unknown(message: impl fmt::Display) -> Self {
        Self::new(Class::Unknown, message)
    }

    /// The system as a whole is not available to us. Nothing was done.
    pub fn outage(message: impl fmt::Display) -> Self {
        Self::new(Class::Outage, message)
    }

    /// Nothing was done, and repeating will not help until a person did something.
    pub fn park(message: impl fmt::Display) -> Self {
        Self::new(Class::Park, message)
    }

    /// Adds the wait that the system asked for.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds that this may be no matter of the document: the system as a whole may be down.
    #[must_use]
    pub fn maybe_outage(mut self) -> Self {
        self.maybe_outage = true;
        self
    }

    /// Puts a text for a person before what happened.
    #[must_use]
    pub fn introduced(mut self, text: &str) -> Self {
        self.message = format!("{text}: {}", self.message);
        self
    }

    /// Whether the call may have been carried out all the same.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.class == Class::Unknown
    }

    /// What happened, for a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn class(&self) -> Class {
        self.class
    }

    pub(crate) fn is_maybe_outage(&self) -> bool {
        self.maybe_outage
    }

    pub(crate) fn wait(&self) -> Option<Duration> {
        self.retry_after
    }

    fn new(class: Class, message: impl fmt::Display) -> Self {
        Self { class, message: message.to_string(), retry_after: None, maybe_outage: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl<A: fmt::Display + Clone> From<erplink_core::Error<A>> for Failure {
    fn from(error: erplink_core::Error<A>) -> Self {
        let class = match error.kind() {
            _ if error.may_have_taken_effect() => Class::Unknown,
            ErrorKind::Config
            | ErrorKind::Connect
            | ErrorKind::Auth
            | ErrorKind::Session
            | ErrorKind::RateLimited => Class::Outage,
            ErrorKind::Invalid | ErrorKind::Unsupported => Class::Park,
            _ => Class::Refused,
        };
        let maybe_outage = match error.kind() {
            ErrorKind::Io | ErrorKind::Timeout => true,
            // A 500 is often about one document.
            ErrorKind::Server => matches!(error.http_status(), Some(502..=504)),
            _ => false,
        };
        Self { class, message: error.to_string(), retry_after: error.retry_after(), maybe_outage }
    }
}

/// Decodes content; a shape that does not fit needs a person.
pub(crate) fn read<T: DeserializeOwned>(what: &str, content: &RawJson) -> Result<T, Failure> {
    content
        .get()
        .map_err(|error| Failure::park(format!("{what} does not have the expected shape: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use erplink_core::{Effect, Error, Idempotency};

    #[test]
    fn a_clients_error_keeps_what_matters() {
        let error = |kind| Error::<String>::new(kind, "no");
        let class = |error: Error<String>| Failure::from(error).class();
        assert_eq!(class(error(ErrorKind::Connect)), Class::Outage);
        assert_eq!(class(error(ErrorKind::Auth)), Class::Outage);
        assert_eq!(class(error(ErrorKind::Api)), Class::Refused);
        assert_eq!(class(error(ErrorKind::Invalid)), Class::Park);
        let lost = error(ErrorKind::Timeout).with_effect(Effect::Unknown);
        assert_eq!(class(lost.clone()), Class::Unknown);
        let read = lost.in_call("GET Drafts", Idempotency::Safe, 1);
        assert_eq!(class(read), Class::Refused, "a read has no effect that could be doubled");
        let maybe_outage = |error: Error<String>| Failure::from(error).is_maybe_outage();
        assert!(maybe_outage(error(ErrorKind::Io)));
        let answered = |status| {
            let status = http::StatusCode::from_u16(status).unwrap();
            error(ErrorKind::Server).with_status(status)
        };
        assert!(maybe_outage(answered(503)));
        assert!(!maybe_outage(answered(500)), "that may be about one document");
    }
}
