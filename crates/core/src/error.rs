//! What went wrong, whether it may be repeated, and whether it may have happened all the same.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::json::DecodeError;
use crate::retry::Idempotency;
use crate::transport::TransportError;

/// What kind of failure it was. The predicates of [`Error`] say what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client is configured in a way that cannot work. Nothing was sent.
    Config,
    /// An argument of the call cannot be sent. Nothing was sent.
    Invalid,
    /// No connection: address, port, DNS, TLS. Nothing was sent.
    Connect,
    /// No answer in time.
    Timeout,
    /// The connection broke.
    Io,
    /// The credentials were refused: user, password, app secret, company.
    Auth,
    /// The session or token was refused, also after it was renewed once.
    Session,
    /// The credentials are good but do not allow this.
    Forbidden,
    /// Too many calls.
    RateLimited,
    /// The thing does not exist.
    NotFound,
    /// The thing exists already.
    AlreadyExists,
    /// Somebody else changed the thing in the meantime.
    Conflict,
    /// The platform refused for a reason of its own; see [`Error::api_error`].
    Api,
    /// The platform itself is in trouble (5xx, a proxy's page).
    Server,
    /// The answer is not what the platform documents.
    Decode,
    /// This version does not support it.
    Unsupported,
}

/// What the request did on the other side, as far as anybody can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It never left this machine.
    NotSent,
    /// The server answered that it did not do it.
    NotExecuted,
    /// It may have been done: the answer was lost, or could not be read.
    Unknown,
}

/// The platform's own words inside an [`Error`]: its code, its text.
///
/// Each client crate implements it once.
pub trait ApiDetail: fmt::Debug + fmt::Display + Clone + Send + Sync + 'static {}

type Source = Arc<dyn std::error::Error + Send + Sync>;

/// A failed call. Cheap to clone; every client crate names it `Error`.
///
/// [`Error::kind`] and the predicates decide without parsing text. The platform's own code and
/// message stay visible through [`Error::api_error`] and in the text of the error.
#[derive(Clone)]
pub struct Error<A>(Arc<Parts<A>>);

#[derive(Clone)]
struct Parts<A> {
    kind: ErrorKind,
    effect: Effect,
    transient: bool,
    message: Cow<'static, str>,
    operation: Option<Cow<'static, str>>,
    idempotency: Option<Idempotency>,
    attempts: u32,
    retry_after: Option<Duration>,
    status: Option<u16>,
    api: Option<A>,
    source: Option<Source>,
}

impl<A> Error<A> {
    /// What kind of failure it was.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the same call may be made again and can succeed.
    ///
    /// Never true for a write whose outcome is unknown, unless repeating it is harmless.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.transient && (self.0.effect != Effect::Unknown || self.repeatable())
    }

    /// Whether credentials, session or token were refused.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Auth | ErrorKind::Session)
    }

    /// Whether the thing asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether the request never left this machine: repeating it is always safe.
    #[must_use]
    pub fn is_before_send(&self) -> bool {
        self.0.effect == Effect::NotSent
    }

    /// Whether a write may have been done although this error was returned.
    ///
    /// Look the document up before you write it again. Always false for reads.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.effect == Effect::Unknown && self.0.idempotency != Some(Idempotency::Safe)
    }

    /// What the request did on the other side.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.0.effect
    }

    /// How long the server asked to wait, if it did.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The platform's own code and message, if it answered.
    #[must_use]
    pub fn api_error(&self) -> Option<&A> {
        self.0.api.as_ref()
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.status
    }

    /// The call, such as `PATCH Drafts(16)`.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// How often it was tried.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    fn repeatable(&self) -> bool {
        self.0.idempotency.is_some_and(Idempotency::is_repeatable)
    }
}

/// For the client crates that make errors.
impl<A: Clone> Error<A> {
    /// A failure whose request was not executed and will not succeed by repeating.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let effect = match kind {
            ErrorKind::Config | ErrorKind::Invalid | ErrorKind::Connect => Effect::NotSent,
            _ => Effect::NotExecuted,
        };
        Self(Arc::new(Parts {
            kind,
            effect,
            transient: false,
            message: message.into(),
            operation: None,
            idempotency: None,
            attempts: 0,
            retry_after: None,
            status: None,
            api: None,
            source: None,
        }))
    }

    /// A configuration that cannot work.
    pub fn config(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// An argument that cannot be sent.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// An answer that was received and cannot be read: a write has probably happened.
    pub fn decode(error: DecodeError) -> Self {
        Self::new(ErrorKind::Decode, "the answer does not have the documented shape")
            .with_effect(Effect::Unknown)
            .with_source(error)
    }

    /// Says what the request did on the other side.
    #[must_use]
    pub fn with_effect(self, effect: Effect) -> Self {
        self.edit(|parts| parts.effect = effect)
    }

    /// Says that the cause may pass by itself.
    #[must_use]
    pub fn transient(self) -> Self {
        self.edit(|parts| parts.transient = true)
    }

    /// Adds the wait that the server asked for.
    #[must_use]
    pub fn with_retry_after(self, wait: Option<Duration>) -> Self {
        self.edit(|parts| parts.retry_after = wait)
    }

    /// Adds the platform's own words.
    #[must_use]
    pub fn with_api(self, api: A) -> Self {
        self.edit(|parts| parts.api = Some(api))
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(self, status: http::StatusCode) -> Self {
        self.edit(|parts| parts.status = Some(status.as_u16()))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.edit(|parts| parts.source = Some(Arc::new(source)))
    }

    /// Names the call. The first name stays: it is the one the caller knows.
    #[must_use]
    pub fn in_call(
        self,
        operation: impl Into<Cow<'static, str>>,
        idempotency: Idempotency,
        attempts: u32,
    ) -> Self {
        self.edit(|parts| {
            parts.operation.get_or_insert_with(|| operation.into());
            parts.idempotency.get_or_insert(idempotency);
            parts.attempts = attempts;
        })
    }

    fn edit(mut self, change: impl FnOnce(&mut Parts<A>)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl<A: Clone> From<TransportError> for Error<A> {
    fn from(error: TransportError) -> Self {
        let this = Self::new(error.kind(), error.message().to_owned())
            .with_effect(if error.is_before_send() { Effect::NotSent } else { Effect::Unknown })
            .with_source(error.clone());
        if error.kind() == ErrorKind::Config { this } else { this.transient() }
    }
}

impl<A: Clone> From<crate::pager::StuckCursor> for Error<A> {
    fn from(error: crate::pager::StuckCursor) -> Self {
        Self::new(ErrorKind::Decode, error.to_string())
    }
}

impl<A: fmt::Display> fmt::Display for Error<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        if let Some(operation) = &parts.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(&parts.message)?;
        if let Some(api) = &parts.api {
            write!(f, ": {api}")?;
        }
        if let Some(status) = parts.status {
            write!(f, " (HTTP {status})")?;
        }
        if let Some(source) = parts.source.as_ref().filter(|_| parts.kind == ErrorKind::Decode) {
            write!(f, ": {source}")?;
        }
        if self.may_have_taken_effect() && parts.idempotency.is_some() {
            f.write_str("; it may have taken effect, look before you repeat it")?;
        }
        Ok(())
    }
}

impl<A: fmt::Debug> fmt::Debug for Error<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &parts.kind).field("effect", &parts.effect);
        out.field("message", &parts.message);
        if let Some(operation) = &parts.operation {
            out.field("operation", operation).field("attempts", &parts.attempts);
        }
        if let Some(status) = parts.status {
            out.field("status", &status);
        }
        if let Some(wait) = parts.retry_after {
            out.field("retry_after", &wait);
        }
        if let Some(api) = &parts.api {
            out.field("api", api);
        }
        if let Some(source) = &parts.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl<A: fmt::Debug + fmt::Display> std::error::Error for Error<A> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
