#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod client;
mod config;
pub mod error;
mod fields;
mod judge;
mod picture;
mod pointer;
mod raw;
mod recognition;
pub mod signer;

pub use client::{Client, ClientBuilder};
pub use config::{BASE_URL, Config, Encoding, Headers, TimestampUnit};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, RawJson, RetryPolicy, Secret,
    Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use fields::FieldPointers;
pub use picture::{Picture, PictureKind};
pub use raw::{Answer, Raw, RawCall};
pub use recognition::Recognition;
