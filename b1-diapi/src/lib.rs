#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
mod check;
mod client;
mod config;
mod cookies;
pub mod date;
pub mod error;
mod exec;
mod raw;
mod rows;
pub mod sql;
mod wire;

pub use check::{CheckError, Setting};
pub use client::{Client, ClientBuilder};
pub use config::Config;
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, RawJson, RetryPolicy, Secret,
    TokenStore, Transport, TransportConfig, decimal,
};
pub use error::{ApiError, Error, Result};
pub use exec::ExecSql;
pub use raw::{Raw, RawCall};
pub use rows::{Row, RowError, Rows};
pub use sql::{Guard, Sql, SqlError, SqlValue};
