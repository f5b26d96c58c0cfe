#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
pub mod callback;
mod client;
mod config;
pub mod cube;
mod digest;
mod documents;
mod encoding;
pub mod error;
pub mod hrm;
mod lenient;
mod raw;
mod time;
mod wire;
pub mod workflow;

pub use auth::{Regist, Registered};
pub use client::{Client, ClientBuilder};
pub use config::{Config, CubeConfig, Encoding, HrmAuth, KeyDigest};
pub use documents::Documents;
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, RawJson, Results, RetryPolicy, Secret,
    TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Diagnosis, Error, Result};
pub use raw::{Answer, Raw, RawCall};
