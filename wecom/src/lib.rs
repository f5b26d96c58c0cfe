#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod approvals;
mod auth;
pub mod callback;
mod client;
mod config;
pub mod contacts;
pub mod error;
pub mod media;
mod network;
mod number_enum;
mod raw;
mod tree;
mod wire;

pub use auth::TokenSource;
pub use client::{Client, ClientBuilder};
pub use config::{API_BASE, Config};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, Grant, HttpTransport, Idempotency, RawJson, Results, RetryPolicy,
    Secret, TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use raw::{Answer, Raw, RawCall};
