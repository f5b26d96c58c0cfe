#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
mod axum;
mod backflush;
mod barcode;
mod company;
mod config;
mod desk;
mod document;
mod erp;
mod method;
mod name;
mod outcome;
mod post;
mod query;
mod repeat;
mod request;
mod save;
mod sql;

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use self::axum::{company_router, router};
pub use answer::{AnswerFormat, Reply};
pub use backflush::{Argument, BackflushError, BackflushRules, Shortage};
pub use barcode::{Barcode, Endpoint};
pub use company::{Company, CompanyInfo};
pub use config::{Config, ConfigError, Settings};
pub use desk::{Desk, SaveAnswer, SaveOrder};
pub use document::DocumentRules;
pub use erp::{Created, CreatedKey, Document, Documents, ErpError, Mark, Sql};
pub use erplink_core::app_code::{AppCodeError, AppCodes, Reason, Refused};
pub use erplink_core::clock::{Clock, SystemClock};
pub use erplink_core::{Decimal, Effect, MemberError, Members, RawJson, Secret};
pub use method::{Method, Operation};
pub use name::SaveName;
pub use outcome::{HalfSaved, SaveError, Saved, Standing, TakenBack};
pub use post::PostError;
pub use query::{QueryError, QueryRules};
pub use request::{Allocation, Backflush, Line, QueryRequest, RequestError, SaveRequest};
pub use sql::{FillError, SqlRefused, read_only};
