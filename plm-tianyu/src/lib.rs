#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod bom;
mod config;
mod erp;
mod error;
mod item;
mod kind;
mod payload;
mod push;
mod receiver;
mod report;
mod routing;
mod rows;
mod upsert;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::router;
pub use answer::{AnswerFormat, Reply};
pub use bom::{Bom, BomLine, IssueMethod, TreeType};
pub use config::{Config, ConfigError};
pub use erp::{Erp, ErpError, Key, Target};
pub use erplink_core::app_code::{AppCodeError, AppCodes, Reason, Refused};
pub use erplink_core::{Decimal, Effect, MemberError, Members, RawJson, Secret};
pub use error::{PushError, RowError};
pub use item::Item;
pub use kind::{KeyType, Kind, UserObject};
pub use payload::Payload;
pub use push::Push;
pub use receiver::Receiver;
pub use report::{Action, Report, RowResult};
pub use routing::Routing;
pub use rows::{Row, RowFailure, Rows};
pub use upsert::{Step, UpsertError, upsert};
