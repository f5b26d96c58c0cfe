#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod accounts;
mod auth;
mod books;
mod client;
mod config;
pub mod error;
mod names;
mod period;
mod raw;
pub mod vouchers;
mod wire;

pub use accounts::{Account, Accounts, NewAccount};
pub use books::{CompanySet, ProfileKey};
pub use client::{Client, ClientBuilder};
pub use config::{API_BASE, BodyShape, Config, FilterShape, Login, Paths, Platform, SignHeaders};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, Members, RawJson, Results, RetryPolicy,
    Secret, TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use names::Names;
pub use period::{NoPeriod, Period};
pub use raw::{Answer, Raw, RawCall};
