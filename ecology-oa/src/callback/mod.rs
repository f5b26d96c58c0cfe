//! What OA pushes to us: results of approvals, and whole forms.
//!
//! There is no fixed protocol. The administrator sets up a node action (节点附加操作, 数据外发, ESB)
//! that posts a body of his own design to an address of ours. [`Callback`] checks who calls
//! ([`AppCodes`]) and reads the body, JSON or form; [`ResultMap`] finds request, decision, opinion and
//! approver in it. No web framework is involved; feature `axum` adds a ready router.
//!
//! **Work, then answer.** The call is part of the approver's click: the answer is shown to a person,
//! and a failure keeps the request at its node until that person presses again. So the same result
//! may come several times ([`ApprovalResult::dedup_key`]), and a handler should be quick.
//!
//! A **return** is pushed only if the administrator ticked it as well: what never comes is found by
//! [`Workflow::outcome`](crate::workflow::Workflow::outcome).
//!
//! ```
//! use ecology_oa::callback::{AppCodes, Callback, Decision, Done, ResultMap};
//!
//! # fn decide(_: &str, _: Decision) -> Result<(), String> { Ok(()) }
//! # fn run(headers: &http::HeaderMap, body: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! // The code that was given to the OA's administrator.
//! let callback = Callback::new(AppCodes::new(["k3Xw9vQpT1mZ"])?);
//! let results = ResultMap::new().approved(["1"]).rejected(["2"]);
//!
//! let reply = match callback.receive(headers, body).and_then(|push| results.read(&push)) {
//!     Ok(result) => match decide(&result.request_id, result.decision) {
//!         Ok(()) => callback.done(&Done::new()),
//!         Err(reason) => callback.failed(&reason),
//!     },
//!     Err(error) => callback.refused(&error),
//! };
//! let (_status, _json) = (reply.status, reply.body); // application/json
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod push;
mod reply;
mod result;

use http::{HeaderMap, StatusCode};

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::{HandlerError, PushHandler, router};
pub use erplink_core::app_code::{AppCodeError, AppCodes, Reason, Refused};
pub use push::Push;
pub use reply::{Done, Reply, ReplyFormat};
pub use result::{ApprovalResult, Decision, ResultMap, ResultMapError};

/// The gateway that used to stand in front of such receivers took as much.
const DEFAULT_LIMIT: usize = 12 << 20;

/// Checks, reads and answers the pushes to one address.
#[derive(Clone, Debug)]
pub struct Callback {
    codes: AppCodes,
    replies: ReplyFormat,
    limit: usize,
}

/// Why a push was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// The caller showed no valid AppCode.
    #[error(transparent)]
    Unauthorized(#[from] Refused),
    /// The body is larger than the limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is neither a JSON object nor a form.
    #[error("the body is not readable: {0}")]
    Body(String),
    /// A member that is needed is missing or empty.
    #[error("`{pointer}` is missing or empty in the body; it should hold {what}")]
    Missing {
        /// Where it was looked for, as a JSON Pointer.
        pointer: String,
        /// What it should hold.
        what: &'static str,
    },
    /// The status is neither a known approval nor a known refusal: nothing is decided.
    #[error(
        "`{pointer}` is `{found}`, which is configured neither as approved nor as rejected: nothing \
         was decided"
    )]
    UnknownStatus {
        /// Where it stands.
        pointer: String,
        /// What it is.
        found: String,
    },
}

impl Callback {
    /// A receiver for callers with one of these codes.
    #[must_use]
    pub fn new(codes: AppCodes) -> Self {
        Self { codes, replies: ReplyFormat::default(), limit: DEFAULT_LIMIT }
    }

    /// How answers are written, as agreed with the OA administrator.
    #[must_use]
    pub fn replies(mut self, format: ReplyFormat) -> Self {
        self.replies = format;
        self
    }

    /// The largest body that is read. Default 12 MiB.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Takes the headers and the body of a push.
    ///
    /// # Errors
    /// In this order: AppCode, size, shape of the body. Answer [`refused`](Self::refused).
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Push, CallbackError> {
        self.codes.check(headers)?;
        if body.len() > self.limit {
            return Err(CallbackError::TooLarge { limit: self.limit });
        }
        Push::read(headers, body)
    }

    /// The answer that says it worked.
    #[must_use]
    pub fn done(&self, done: &Done) -> Reply {
        self.replies.success(done)
    }

    /// The answer that says why it did not work. The approver reads the message.
    #[must_use]
    pub fn failed(&self, message: &str) -> Reply {
        self.replies.failure(message)
    }

    /// The answer to a push that was refused: HTTP 401 or 413, else as [`failed`](Self::failed).
    #[must_use]
    pub fn refused(&self, error: &CallbackError) -> Reply {
        match error {
            CallbackError::Unauthorized(refused) => {
                Reply { status: refused.status(), body: refused.body() }
            }
            CallbackError::TooLarge { .. } => Reply {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                ..self.replies.failure(&error.to_string())
            },
            _ => self.replies.failure(&error.to_string()),
        }
    }
}
