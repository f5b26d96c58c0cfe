#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
pub mod check;
mod client;
mod config;
mod crypt;
pub mod eas;
pub mod error;
pub mod expense;
pub mod imaging;
pub mod invoices;
mod judge;
mod raw;
mod sign;

pub use client::{Client, ClientBuilder};
pub use config::{Config, EncType, PRODUCTION, TEST, TimestampUnit};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, RawJson, RetryPolicy, Secret,
    TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use raw::{Answer, Raw, RawCall};
