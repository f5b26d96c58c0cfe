//! Events that the MES pushes (事件回调): decrypt, parse, answer.
//!
//! The portal's page 事件回调 of a self-built app holds the address and a key (回调内容密钥).
//! [`Callback::receive`] takes the body of a `POST`; no web framework is involved. Feature `axum`
//! adds a ready router.
//!
//! **Events are encrypted and not signed**, and carry no time: who knows the address can send
//! garbage, and a push that was overheard can be sent again. So protect the address (a gateway with
//! a key of its own), and drop what you know: the same request by [`Received::dedup_key`], the same
//! records under a new request by [`Received::record_keys`]. How long the MES waits and how often
//! it repeats is not documented: **store the event, answer, then work**.
//!
//! ```
//! use blacklake_mes::callback::{Callback, Event};
//!
//! # fn store(_key: &str, _event: &Event) {}
//! # fn run(body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let callback = Callback::new("callback key"); // 回调内容密钥
//! let received = callback.receive(body)?;
//! if let Event::Feeding(feeding) = &received.event
//!     && feeding.is_success()
//! {
//!     store(&received.dedup_key(), &received.event);
//! }
//! let (status, body) = (received.reply.status, &received.reply.body);
//! // answer them, as `application/json; charset=utf-8`
//! # let _ = (status, body);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod decrypt;
mod envelope;
mod event;
mod recent;

use std::fmt;
use std::sync::Arc;

use erplink_core::{RawJson, Secret, json};
use http::StatusCode;
use serde_json::json;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::{EventHandler, HandlerError, router};
pub use decrypt::{Aes256EcbSha256, DecryptError, Decryptor};
pub use event::{
    DispatchNotice, Event, FeedNotice, FeedingEvent, Header, InventoryEvent, LaunchNotice,
    QualityEvent, Received, ReportEvent, ReportNotice, RetractEvent, RetractNotice, SopTaskEvent,
    StatisticsEvent,
};
pub use recent::{Recent, Seen};

use envelope::{Plain, sealed};

/// Events are a few KB; whatever is larger is not one.
const DEFAULT_LIMIT: usize = 1 << 20;

/// Opens the pushes of one address.
#[derive(Clone)]
pub struct Callback {
    decryptor: Option<Arc<dyn Decryptor>>,
    limit: usize,
    check: CheckReply,
    unknown: UnknownEvents,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("is_encrypted", &self.decryptor.is_some())
            .field("limit", &self.limit)
            .field("check", &self.check)
            .field("unknown", &self.unknown)
            .finish()
    }
}

/// What to answer when the MES checks the address, each time it is saved (event `check`). The
/// answer it expects is not documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckReply {
    /// `{"data": "<the text>"}`.
    #[default]
    Data,
    /// The text alone, as it is.
    Text,
    /// The whole event.
    Event,
    /// `{"code": 200, "data": "<the text>"}`.
    CodeAndData,
}

/// What to answer to an event of a type this crate does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UnknownEvents {
    /// 200, as to any other: the MES would repeat it, or give up the address.
    #[default]
    Acknowledge,
    /// 500, as the vendor's own library does.
    Refuse,
}

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: String,
}

impl Reply {
    /// The `Content-Type` of every answer.
    pub const CONTENT_TYPE: &'static str = "application/json; charset=utf-8";

    fn ok(body: impl Into<String>) -> Self {
        Self { status: StatusCode::OK, body: body.into() }
    }

    /// A refusal in the form of the vendor's library.
    #[must_use]
    pub fn refused(status: StatusCode, message: &str) -> Self {
        Self { status, body: json!({ "errorMsg": message }).to_string() }
    }
}

/// Why a push was refused. Answer [`CallbackError::reply`], which gives no details.
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
    /// The body is no JSON object with `encrypt`, Base64 in it.
    #[error("the body is not an envelope: {0}")]
    Envelope(&'static str),
    /// The content cannot be decrypted: another key (回调内容密钥), or not from the MES.
    #[error("the content cannot be decrypted: is the key (回调内容密钥) the one of the portal?")]
    Decrypt(#[from] DecryptError),
    /// The content is no event.
    #[error("the content is no event: {0}")]
    NotAnEvent(String),
}

impl CallbackError {
    /// 413 for too much, 400 for all else. Which check failed is for the log alone.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let status = match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Reply::refused(status, "the push was refused")
    }
}

impl Callback {
    /// With this key (回调内容密钥), in the MES's own encryption: [`Aes256EcbSha256`]. An empty key
    /// means what it means in the portal: events come in plain text.
    pub fn new(key: impl Into<Secret>) -> Self {
        let key = key.into();
        if key.is_empty() {
            return Self::plain();
        }
        Self::with_decryptor(Aes256EcbSha256::new(&key))
    }

    /// With an encryption of your own, for sites that prove different.
    pub fn with_decryptor(decryptor: impl Decryptor + 'static) -> Self {
        Self { decryptor: Some(Arc::new(decryptor)), ..Self::plain() }
    }

    /// Without encryption.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            decryptor: None,
            limit: DEFAULT_LIMIT,
            check: CheckReply::default(),
            unknown: UnknownEvents::default(),
        }
    }

    /// The largest body that is read. Default 1 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// What to answer when the MES checks the address.
    #[must_use]
    pub fn check_reply(mut self, reply: CheckReply) -> Self {
        self.check = reply;
        self
    }

    /// What to answer to events of unknown types.
    #[must_use]
    pub fn unknown_events(mut self, unknown: UnknownEvents) -> Self {
        self.unknown = unknown;
        self
    }

    /// Takes the body of a `POST`.
    ///
    /// An event of a known type whose data do not fit is [`Event::Unreadable`] and no error, because
    /// a repetition would not help.
    ///
    /// # Errors
    /// In this order: size, shape of the envelope, decryption, shape of the event.
    pub fn receive(&self, body: &[u8]) -> Result<Received, CallbackError> {
        if body.len() > self.limit {
            return Err(CallbackError::TooLarge { found: body.len(), limit: self.limit });
        }
        let content = match &self.decryptor {
            Some(decryptor) => decryptor.decrypt(&sealed(body)?)?,
            None => body.to_vec(),
        };
        let not_an_event = |problem: &str| CallbackError::NotAnEvent(problem.to_owned());
        let raw = String::from_utf8(content).map_err(|_| not_an_event("it is not UTF-8"))?;
        let plain: Plain = json::decode(raw.as_bytes())
            .map_err(|error| CallbackError::NotAnEvent(error.to_string()))?;
        let header = plain.header.filter(|header| header.as_str().starts_with('{'));
        let header = header.ok_or_else(|| not_an_event("it has no `header`"))?;
        let data = plain.data.unwrap_or_else(RawJson::null);
        let header = Header::read(header.as_str(), &header).map_err(CallbackError::NotAnEvent)?;
        let event = Event::read(&header.event_type, &data);
        let reply = self.reply(&event, &raw);
        Ok(Received { event, header, data, raw, reply })
    }

    fn reply(&self, event: &Event, raw: &str) -> Reply {
        match event {
            Event::Check(text) => Reply::ok(match self.check {
                CheckReply::Data => json!({ "data": text }).to_string(),
                CheckReply::Text => text.clone(),
                CheckReply::Event => raw.to_owned(),
                CheckReply::CodeAndData => json!({ "code": 200, "data": text }).to_string(),
            }),
            Event::Other if self.unknown == UnknownEvents::Refuse => {
                Reply::refused(StatusCode::INTERNAL_SERVER_ERROR, "unknown event type")
            }
            _ => Reply::ok(r#"{"code":200,"message":"成功"}"#),
        }
    }
}
