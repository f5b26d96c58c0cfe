//! Events (事件订阅), and how DingTalk pushes them over HTTP (HTTP 推送).
//!
//! [`Callback::receive`] takes the query and the body of a push and answers the event and the
//! reply. No web framework is involved; feature `axum` adds a ready router. Feature `stream` adds
//! Stream mode, which brings the same events without a public address.
//!
//! DingTalk counts a push as failed when no correct reply came within about 1.5 seconds, repeats it
//! after 10 and 30 seconds, and then lists it in [`Client::failed_events`](crate::Client::failed_events).
//! So **store the event, answer, then work**. Events come at least once and in any order: drop the
//! ones whose [`Event::dedup_key`] was seen within the hour, and read the instance before acting.
//!
//! ```
//! use dingtalk::callback::{Callback, Event};
//!
//! # fn store(_: &Event) {}
//! # fn run(query: &str, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let callback = Callback::new(
//!     "callback token",
//!     "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus",
//!     "dingabcdefgh12345678",
//! )?;
//! let received = callback.receive(query, body)?;
//! if !matches!(received.event, Event::CheckUrl) {
//!     store(&received.event);
//! }
//! let _answer = received.reply.body();   // HTTP 200, application/json
//! # Ok(())
//! # }
//! ```
//!
//! **Subscribe `type/{finish,terminate}`** in the console's filter rules: with `type/finish` alone a
//! withdrawal never arrives and the document stays pending for ever.

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod event;
mod failed;
mod handler;
mod registration;

use std::borrow::Cow;
use std::fmt;

use erplink_core::Secret;
use erplink_core::callback::{Envelope, Opened};
pub use erplink_core::callback::{EnvelopeError, KeyError};
use erplink_core::json::DecodeError;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::router;
pub use event::{
    Event, InstanceChange, InstanceEvent, InstanceResultKind, Meta, OtherEvent, TaskChange,
    TaskEvent, TaskResultKind,
};
pub use failed::FailedEvents;
pub use handler::{EventHandler, HandlerError};
pub use registration::{CallbackTag, Registered, Registration};

/// Pushes are a few KB; whatever is larger is not one.
const DEFAULT_LIMIT: usize = 1 << 20;

/// Verifies, decrypts and answers the pushes of one callback address.
#[derive(Clone)]
pub struct Callback {
    envelope: Envelope,
    owners: Vec<String>,
    limit: usize,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("owners", &self.owners).finish_non_exhaustive()
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
    /// Query or body do not have the shape of a push.
    #[error("not a push of DingTalk: {0}")]
    Envelope(&'static str),
    /// Signature, encryption or owner are wrong.
    #[error(transparent)]
    Crypto(#[from] EnvelopeError),
    /// The decrypted message is not an event.
    #[error("the message is not an event, at `{}`", .0.path())]
    Message(DecodeError),
    /// No reply could be encrypted: the operating system gave no random numbers.
    #[error("no reply could be encrypted: the operating system gave no random numbers")]
    Reply,
}

impl CallbackError {
    /// The HTTP status to answer: 403 for a sender that is not genuine, 413 for too much, 500 when
    /// the fault is here, else 400.
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        match self {
            Self::TooLarge { .. } => http::StatusCode::PAYLOAD_TOO_LARGE,
            Self::Crypto(EnvelopeError::Signature | EnvelopeError::Owner) => {
                http::StatusCode::FORBIDDEN
            }
            Self::Reply => http::StatusCode::INTERNAL_SERVER_ERROR,
            _ => http::StatusCode::BAD_REQUEST,
        }
    }
}

/// A push: the event, and what to answer once it is stored.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Received {
    /// The event. [`Event::CheckUrl`] needs no handling, only the reply.
    pub event: Event,
    /// The encrypted `success`.
    pub reply: Reply,
    /// The timestamp of the push as it was signed, mostly milliseconds of the epoch, for
    /// applications that refuse old ones. Repetitions may carry the first one's.
    pub timestamp: String,
}

/// What DingTalk wants to read: an encrypted `success`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(String);

impl Reply {
    /// Its content type.
    pub const CONTENT_TYPE: &'static str = "application/json";

    /// The JSON text, to be sent with HTTP 200.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.0
    }

    /// The JSON text by value.
    #[must_use]
    pub fn into_body(self) -> String {
        self.0
    }
}

impl Callback {
    /// The values of the console's page 事件订阅: Token and EncodingAESKey (43 characters).
    ///
    /// `owner` is the Client ID (AppKey) for a subscription set up in the console, and the corp id
    /// for a callback registered by API.
    ///
    /// # Errors
    /// When the AES key has another length or other characters.
    pub fn new(
        token: impl Into<Secret>,
        aes_key: impl Into<Secret>,
        owner: impl Into<String>,
    ) -> Result<Self, KeyError> {
        let envelope = Envelope::new(token, &aes_key.into())?;
        Ok(Self { envelope, owners: vec![owner.into()], limit: DEFAULT_LIMIT })
    }

    /// Accepts events for this owner as well. The reply is sealed for the owner of the event.
    #[must_use]
    pub fn accept_owner(mut self, owner: impl Into<String>) -> Self {
        self.owners.push(owner.into());
        self
    }

    /// The largest body that is read. Default 1 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes the query (without `?`) and the body of a push.
    ///
    /// # Errors
    /// In this order: size, shape of query and body, signature, decryption, owner, message.
    pub fn receive(&self, query: &str, body: &[u8]) -> Result<Received, CallbackError> {
        if body.len() > self.limit {
            return Err(CallbackError::TooLarge { found: body.len(), limit: self.limit });
        }
        let query = Query::parse(query)?;
        let push: Push<'_> = serde_json::from_slice(body).map_err(|_| {
            CallbackError::Envelope("the body is not a JSON object with a text `encrypt`")
        })?;
        let opened = self.open(&query, &push.encrypt)?;
        let reply = self.reply(&query, opened.owner())?;
        let event = Event::read(opened.into_message()).map_err(CallbackError::Message)?;
        Ok(Received { event, reply, timestamp: query.timestamp.into_owned() })
    }

    /// Pushes carry the signature under either name or under both; one good one is enough.
    fn open(&self, query: &Query<'_>, encrypt: &str) -> Result<Opened, CallbackError> {
        let mut refusal = None;
        for signature in query.signatures() {
            match self.envelope.open(
                signature,
                &query.timestamp,
                &query.nonce,
                encrypt,
                &self.owners,
            ) {
                Err(EnvelopeError::Signature) => refusal = Some(EnvelopeError::Signature),
                other => return Ok(other?),
            }
        }
        Err(refusal.map_or(
            CallbackError::Envelope("the query has neither `msg_signature` nor `signature`"),
            CallbackError::Crypto,
        ))
    }

    fn reply(&self, query: &Query<'_>, owner: &str) -> Result<Reply, CallbackError> {
        #[derive(Serialize)]
        struct Answer<'a> {
            msg_signature: &'a str,
            #[serde(rename = "timeStamp")]
            timestamp: &'a str,
            nonce: &'a str,
            encrypt: &'a str,
        }
        let sealed = self
            .envelope
            .seal("success", owner, &query.timestamp, &query.nonce)
            .map_err(|_| CallbackError::Reply)?;
        serde_json::to_string(&Answer {
            msg_signature: &sealed.signature,
            timestamp: &query.timestamp,
            nonce: &query.nonce,
            encrypt: &sealed.encrypt,
        })
        .map(Reply)
        .map_err(|_| CallbackError::Reply)
    }
}

#[derive(Deserialize)]
struct Push<'a> {
    #[serde(borrow)]
    encrypt: Cow<'a, str>,
}

/// The parameters of a push, decoded once. The timestamp is text: it is signed as it was sent.
#[derive(Default)]
struct Query<'a> {
    msg_signature: Option<Cow<'a, str>>,
    signature: Option<Cow<'a, str>>,
    timestamp: Cow<'a, str>,
    nonce: Cow<'a, str>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Result<Self, CallbackError> {
        let (mut timestamp, mut nonce) = (None, None);
        let mut this = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "msg_signature" => this.msg_signature = Some(value),
                "signature" => this.signature = Some(value),
                "timestamp" => timestamp = Some(value),
                "nonce" => nonce = Some(value),
                _ => {}
            }
        }
        if this.signatures().next().is_none() {
            return Err(CallbackError::Envelope(
                "the query has neither `msg_signature` nor `signature`",
            ));
        }
        this.timestamp =
            timestamp.ok_or(CallbackError::Envelope("the query has no `timestamp`"))?;
        this.nonce = nonce.ok_or(CallbackError::Envelope("the query has no `nonce`"))?;
        Ok(this)
    }

    fn signatures(&self) -> impl Iterator<Item = &str> {
        [&self.msg_signature, &self.signature].into_iter().flatten().map(|value| &**value)
    }
}
