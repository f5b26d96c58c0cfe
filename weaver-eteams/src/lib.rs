#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod client;
mod config;
pub mod connector;
mod envelope;
pub mod error;
mod loose;
pub mod organization;
mod raw;
mod wire;

pub use client::{Client, ClientBuilder};
pub use config::{API_BASE, Authorize, Config, TokenBody, TokenPlace};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Effect, ErrorKind, HttpTransport, Idempotency, Members, Page, RawJson, Results, RetryPolicy,
    Secret, TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Code, Error, Result};
pub use raw::{Answer, Raw, RawCall};
