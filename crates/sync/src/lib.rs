#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod audit;
pub mod conformance;
mod document;
mod error;
mod failure;
mod flow;
mod job;
pub mod map;
pub mod ports;
pub mod rules;
mod runner;
pub mod store;

pub use document::{Document, FlowId, Key};
pub use error::{Error, ErrorKind, Result};
pub use failure::Failure;
pub use flow::{Flow, FlowInput, NamedFlow};
pub use job::{Job, Lease, Newer, Reason, ReasonCode, State, StateKind, Step, Wakes};
pub use rules::{Admission, Intervention, Repeat};
pub use runner::{Backfilled, Inlet, Limit, Outcome, Receipt, Report, Runner, RunnerBuilder};
#[cfg(feature = "sqlite")]
pub use store::sqlite::SqliteStore;
pub use store::{MemoryStore, Store, Summary};
