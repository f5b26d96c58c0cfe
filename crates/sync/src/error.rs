//! What went wrong in the engine itself, and what to do about it.

use std::borrow::Cow;
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A flow, a map or the runner is configured in a way that cannot work.
    Config,
    /// The store could not read or write. What was written before is safe.
    Store,
    /// The lease ran out and somebody else works on the document now.
    LostLease,
    /// The ledger does not know the document, or the runner does not know the flow.
    NotFound,
    /// The document is in a state in which this cannot be done.
    WrongState,
}

/// A failure of the engine. What went wrong with one document is a
/// [`Reason`](crate::Reason) in the ledger instead.
pub struct Error(Box<Parts>);

struct Parts {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<Source>,
}

impl Error {
    /// Makes an error; the message says what to do.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts { kind, message: message.into(), source: None }))
    }

    /// A store that failed.
    pub fn store(
        message: impl Into<Cow<'static, str>>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self(Box::new(Parts {
            kind: ErrorKind::Store,
            message: message.into(),
            source: Some(source.into()),
        }))
    }

    pub(crate) fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("message", &self.0.message)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// The result of the engine's own calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;
