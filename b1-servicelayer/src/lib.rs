#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Lets the derive macros name this crate from inside it.
extern crate self as b1_servicelayer;

mod actions;
mod approvals;
mod auth;
mod call;
mod changes;
mod client;
mod config;
mod create;
mod current_user;
pub mod edm;
pub mod entities;
mod entity;
pub mod enums;
mod error;
mod etag;
mod json_object;
mod key;
mod list;
mod members;
mod ping;
mod query;
mod raw;
mod record;
mod service;
mod set;
mod sets;
mod sql_queries;
mod update;
mod upsert;
mod user_fields;
mod version;

pub use approvals::{Decide, Decided, Decision, SaveDraft};
pub use auth::{Cookies, LoginProvider, ProvidedSession};
#[doc(no_inline)]
pub use erplink_core;

pub use b1_servicelayer_derive::{ComplexType, Entity};
pub use changes::{ChangeCursor, ChangeFeed};
pub use client::{Client, ClientBuilder};
pub use config::{Config, TotalOption};
pub use create::{Create, CreateDocument, CreateForKey, Posted};
pub use entity::{Entity, EntityType, Field};
pub use erplink_core::clock::Clock;
pub use erplink_core::{
    Decimal, Effect, ErrorKind, HttpTransport, Idempotency, Page, Patch, RawJson, Results,
    RetryPolicy, Secret, StoredToken, TokenStore, Transport, TransportConfig, open_enum,
};
pub use error::{ApiError, Error, Result, codes};
pub use etag::{ETag, Tagged};
pub use key::{Key, KeyValue};
pub use list::{Counted, Cursor, Guarded, Query, Undecodable};
pub use ping::Ping;
pub use query::{Comparand, Filter, OrderBy, Select, unsynced};
pub use raw::{Answer, Raw, RawRequest};
pub use record::{Action, Record};
pub use service::ServiceCall;
pub use set::EntitySet;
pub use sql_queries::{EnsureSqlQuery, Ensured, SqlList, SqlValue};
pub use update::{Changes, Update};
pub use upsert::{Upsert, Upserted};
pub use user_fields::{UserFieldError, UserFields};
pub use version::Version;

/// Used by the macros; not part of the public vocabulary.
#[doc(hidden)]
pub mod __private {
    pub use serde;

    pub use crate::edm::ReadSlot;
    pub use crate::members::{Name, Names, write_member};
}
