#![doc = include_str!("../README.md")]

pub mod barcode;
mod caller;
mod calls;
mod clock;
pub mod diapi;
pub mod dingtalk;
pub mod easst;
pub mod ecology;
mod error;
pub mod eteams;
mod faults;
mod ids;
pub mod jdy;
mod management;
mod memory;
pub mod mes;
pub mod piaozone;
pub mod plm;
mod sandbox;
pub mod server;
pub mod servicelayer;
pub mod wecom;

pub use calls::{Call, Calls};
pub use clock::Clock;
pub use error::Error;
pub use faults::{Fault, FaultKind, Faults};
pub use sandbox::{Builder, Sandbox};
