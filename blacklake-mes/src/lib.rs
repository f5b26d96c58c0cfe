#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod auth;
pub mod callback;
mod client;
mod config;
pub mod decisions;
pub mod error;
mod fields;
pub mod id;
mod kept;
mod lenient;
mod list;
pub mod materials;
mod number_enum;
pub mod production;
mod raw;
mod shared;
mod wire;
pub mod work_orders;
pub mod work_orders_v2;

pub use client::{Client, ClientBuilder};
pub use config::{ALI, Config, HUAWEI, TokenPlacement};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, RawJson, Results, RetryPolicy, Secret,
    TokenStore, Transport, TransportConfig,
};
pub use error::{ApiError, Error, Result};
pub use fields::china_time;
pub use kept::Kept;
pub use raw::{Answer, Raw, RawCall};
pub use shared::{
    Amount, AmountDisplay, AmountUnit, CodeMessage, CodeName, Conversion, CustomField, Enabled,
    Flag, QcStatus, RoundingRole, SonObject, Unit, UnitType, UserRef,
};
