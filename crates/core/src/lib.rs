#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "app-code")]
#[cfg_attr(docsrs, doc(cfg(feature = "app-code")))]
pub mod app_code;
#[cfg(feature = "callback-crypto")]
#[cfg_attr(docsrs, doc(cfg(feature = "callback-crypto")))]
pub mod callback;
pub mod clock;
pub mod date;
pub mod decimal;
pub mod error;
pub mod json;
pub mod limit;
mod members;
mod open_enum;
pub mod pager;
mod patch;
pub mod retry;
pub mod sanitize;
mod secret;
pub mod token;
pub mod transport;

pub use decimal::Decimal;
pub use error::{ApiDetail, Effect, Error, ErrorKind};
pub use json::RawJson;
pub use members::{MemberError, Members};
pub use pager::{Page, Results};
pub use patch::Patch;
pub use retry::{Call, Idempotency, Retry, RetryPolicy};
pub use secret::Secret;
pub use token::{Grant, StoredToken, Token, TokenCell, TokenStore};
pub use transport::{HttpTransport, Transport, TransportConfig, TransportError};

/// Used by the macros of this crate; not part of the public vocabulary.
#[doc(hidden)]
pub mod __private {
    pub use crate::open_enum::open_enum_from;
    pub use serde;
}
