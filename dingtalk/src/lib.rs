#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
pub mod callback;
mod client;
mod config;
pub mod contacts;
pub mod error;
mod lenient;
mod raw;
#[cfg(feature = "stream")]
#[cfg_attr(docsrs, doc(cfg(feature = "stream")))]
pub mod stream;
mod wire;
pub mod workflow;

pub use client::{Client, ClientBuilder};
pub use config::{API_BASE, Config, OAPI_BASE, TokenMethod};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, Page, RawJson, Results, RetryPolicy,
    Secret, TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use raw::{Answer, Raw, RawCall};
