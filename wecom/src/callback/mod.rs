//! Events that WeCom pushes (接收消息与事件): verify, decrypt, parse, answer.
//!
//! One address takes both: `GET` when the platform checks the address, again each time its settings
//! are saved, and `POST` for events. [`Callback::check`] and [`Callback::receive`] take the query
//! and the body; no web framework is involved. Feature `axum` adds a ready router.
//!
//! WeCom wants an answer within 5 seconds (the check within one), HTTP 200 with an empty body, and
//! repeats what it did not get answered, about three times. So **store the event, answer, then
//! work**. Events come any number of times, none included, and in any order: drop the ones whose
//! [`Event::dedup_key`] you know, let [`FormState`] tell what an event may still change, and now
//! and then read the forms you wait for.
//!
//! ```
//! use wecom::callback::{Callback, Event};
//!
//! # fn store(_key: &str, _event: &Event) {}
//! # fn run(query: &str, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let callback = Callback::new(
//!     "QDG6eK",                                      // Token
//!     "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", // EncodingAESKey
//!     "wx5823bf96d3bd56c7",                          // corp id
//! )?;
//! let received = callback.receive(query, body)?;
//! store(&received.dedup_key(), &received.event);
//! // HTTP 200 with an empty body
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod domain;
mod event;
mod order;
mod push;
mod xml;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::Secret;
use erplink_core::callback::{Envelope, Opened};
pub use erplink_core::callback::{EnvelopeError, KeyError, RandomError};
use erplink_core::clock::{Clock, SystemClock};

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::{EventHandler, HandlerError, router, trusted_domain};
pub use domain::{FileNameError, TrustedDomainFile};
pub use event::{
    AppEvent, AppEventKind, ApprovalEvent, EngineEvent, Event, Meta, OtherEvent, UnreadableEvent,
};
pub use order::{FormState, Verdict};
use push::{Push, Query};

/// Events are a few KB, forms with many remarks more; whatever is larger is not one.
const DEFAULT_LIMIT: usize = 1 << 20;

/// One app's settings on the console's page 接收消息 / API接收.
#[derive(Clone)]
pub struct App {
    agent_id: Option<i64>,
    envelope: Envelope,
    receive_ids: Vec<String>,
}

/// Verifies and decrypts the pushes of one address.
#[derive(Clone, Debug)]
pub struct Callback {
    apps: Vec<App>,
    limit: usize,
    accepts_json: bool,
    replay_window: Option<Duration>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("agent_id", &self.agent_id)
            .field("receive_ids", &self.receive_ids)
            .finish_non_exhaustive()
    }
}

/// Why a push was refused. Answer [`CallbackError::status`] and no details.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The body is larger than the limit.
    #[error("the body has {found} bytes, at most {limit} are read")]
    TooLarge {
        /// Bytes found.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The query lacks a parameter.
    #[error("the query has no `{0}`")]
    MissingParameter(&'static str),
    /// The query has a parameter twice.
    #[error("the query has `{0}` twice")]
    DuplicateParameter(&'static str),
    /// The body is not an envelope.
    #[error("the body is not an envelope: {0}")]
    Envelope(&'static str),
    /// The envelope or the message declares a document type, which nobody does in good faith.
    #[error("the XML has a document type (DOCTYPE): refused")]
    Doctype,
    /// The envelope has no `Encrypt` directly below its root.
    #[error("the envelope has no `Encrypt`")]
    MissingEncrypt,
    /// The envelope has an element twice.
    #[error("the envelope has `{0}` twice")]
    DuplicateElement(&'static str),
    /// Signature, encryption or receive id are wrong.
    #[error(transparent)]
    Crypto(#[from] EnvelopeError),
    /// The timestamp is outside the [`replay_window`](Callback::replay_window).
    #[error("the timestamp `{0}` is outside the replay window: check the clock of this server")]
    Stale(String),
}

impl CallbackError {
    /// The HTTP status to answer: 413 for too much, 400 for all else. Which check failed is for the
    /// log alone: a sender that learns it could decrypt by trial.
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        match self {
            Self::TooLarge { .. } => http::StatusCode::PAYLOAD_TOO_LARGE,
            _ => http::StatusCode::BAD_REQUEST,
        }
    }
}

/// A genuine push. Answer HTTP 200 with an empty body once it is stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// The event.
    pub event: Event,
    /// The corp (for third-party apps the suite) it was sealed for.
    pub receive_id: String,
    /// The timestamp of the push as it was signed, in seconds of the epoch. Repetitions may carry
    /// the first one's.
    pub timestamp: String,
    /// The nonce of the push.
    pub nonce: String,
}

impl Received {
    /// The same text for every delivery of the same event: [`Event::dedup_key`].
    #[must_use]
    pub fn dedup_key(&self) -> String {
        self.event.dedup_key()
    }
}

impl App {
    /// Token and EncodingAESKey (43 characters) of the console's page, and the receive id: the corp
    /// id for an app of the corp, the suite id for a third-party app, `""` for smart robots.
    ///
    /// # Errors
    /// When the AES key has another length or other characters.
    pub fn new(
        token: impl Into<Secret>,
        aes_key: impl Into<Secret>,
        receive_id: impl Into<String>,
    ) -> Result<Self, KeyError> {
        let envelope = Envelope::new(token, &aes_key.into())?;
        Ok(Self { agent_id: None, envelope, receive_ids: vec![receive_id.into()] })
    }

    /// The app's AgentId: pushes that name it are tried with this app first.
    #[must_use]
    pub fn agent_id(mut self, agent_id: i64) -> Self {
        self.agent_id = Some(agent_id);
        self
    }

    /// Accepts messages for this receive id as well.
    #[must_use]
    pub fn accept(mut self, receive_id: impl Into<String>) -> Self {
        self.receive_ids.push(receive_id.into());
        self
    }

    /// An encrypted passive reply (被动回复), for messages of users. Events of approval need none.
    ///
    /// The timestamp is in seconds of the epoch, the nonce is free.
    ///
    /// # Errors
    /// When the operating system has no random numbers.
    pub fn reply(
        &self,
        message: &str,
        timestamp: &str,
        nonce: &str,
    ) -> Result<String, RandomError> {
        let owner = self.receive_ids.first().map_or("", String::as_str);
        let sealed = self.envelope.seal(message, owner, timestamp, nonce)?;
        Ok(push::reply(&sealed, timestamp, nonce))
    }

    fn open(&self, query: &Query, encrypt: &str) -> Result<Opened, EnvelopeError> {
        self.envelope.open(
            &query.signature,
            &query.timestamp,
            &query.nonce,
            encrypt,
            &self.receive_ids,
        )
    }
}

impl From<App> for Callback {
    fn from(app: App) -> Self {
        Self {
            apps: vec![app],
            limit: DEFAULT_LIMIT,
            accepts_json: false,
            replay_window: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl Callback {
    /// The address of one app: see [`App::new`].
    ///
    /// # Errors
    /// When the AES key has another length or other characters.
    pub fn new(
        token: impl Into<Secret>,
        aes_key: impl Into<Secret>,
        receive_id: impl Into<String>,
    ) -> Result<Self, KeyError> {
        App::new(token, aes_key, receive_id).map(Self::from)
    }

    /// Serves one more app on the same address. An address of its own for each app is better: checks
    /// of the address do not name the app, so all are tried.
    #[must_use]
    pub fn with_app(mut self, app: App) -> Self {
        self.apps.push(app);
        self
    }

    /// The largest body that is read. Default 1 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes JSON envelopes too, as smart robots send them. Approval sends XML.
    #[must_use]
    pub fn accept_json(mut self) -> Self {
        self.accepts_json = true;
        self
    }

    /// Refuses pushes whose timestamp differs more than this from the clock of this server. Default:
    /// takes any. Be generous (ten minutes): repetitions may carry the first one's timestamp.
    #[must_use]
    pub fn replay_window(mut self, window: Duration) -> Self {
        self.replay_window = Some(window);
        self
    }

    /// Where the time comes from for the [`replay_window`](Self::replay_window).
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Takes the query (without `?`) of a `GET` with which the platform checks the address
    /// (验证URL有效性), answers the text to send back: within a second, HTTP 200, as it is.
    ///
    /// The text is no number, though it looks like one.
    ///
    /// # Errors
    /// In this order: shape of the query, signature, decryption, receive id, timestamp.
    pub fn check(&self, query: &str) -> Result<String, CallbackError> {
        let (query, echo) = Query::parse_check(query)?;
        let mut result = self.open(&query, &echo, None);
        // Base64 has no spaces: a proxy made them of `+`.
        if matches!(result, Err(EnvelopeError::Signature)) && echo.contains(' ') {
            result = self.open(&query, &echo.replace(' ', "+"), None);
        }
        let opened = result?;
        self.check_time(&query)?;
        Ok(opened.into_message())
    }

    /// Takes the query (without `?`) and the body of a `POST`.
    ///
    /// A genuine push whose message is no event is [`Event::Unreadable`] and no error, because a
    /// repetition would not help.
    ///
    /// # Errors
    /// In this order: size, shape of query and body, signature, decryption, receive id, timestamp,
    /// a document type in the message.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Received, CallbackError> {
        if body.len() > self.limit {
            return Err(CallbackError::TooLarge { found: body.len(), limit: self.limit });
        }
        let query = Query::parse(query)?;
        let push = Push::parse(body, self.accepts_json)?;
        let opened = self.open(&query, &push.encrypt, push.agent_id)?;
        self.check_time(&query)?;
        let receive_id = opened.owner().to_owned();
        let event = Event::read(opened.into_message(), &receive_id)?;
        let Query { timestamp, nonce, .. } = query;
        Ok(Received { event, receive_id, timestamp, nonce })
    }

    /// The app that the envelope names first; it is not signed, so the others come after it.
    fn open(
        &self,
        query: &Query,
        encrypt: &str,
        agent_id: Option<i64>,
    ) -> Result<Opened, EnvelopeError> {
        let is_named = |app: &&App| agent_id.is_some() && app.agent_id == agent_id;
        let named = self.apps.iter().filter(is_named);
        let others = self.apps.iter().filter(|app| !is_named(app));
        for app in named.chain(others) {
            match app.open(query, encrypt) {
                Err(EnvelopeError::Signature) => {}
                other => return other,
            }
        }
        Err(EnvelopeError::Signature)
    }

    fn check_time(&self, query: &Query) -> Result<(), CallbackError> {
        let Some(window) = self.replay_window else { return Ok(()) };
        let age = |sent: i64| self.clock.utc().timestamp().abs_diff(sent);
        match query.timestamp.parse().map(age) {
            Ok(age) if age <= window.as_secs() => Ok(()),
            _ => Err(CallbackError::Stale(query.timestamp.chars().take(20).collect())),
        }
    }
}
