//! Typed async client for the SAP Business One Service Layer.

// Lets the derive macros name this crate from inside it.
extern crate self as b1_servicelayer;

pub mod edm;
mod entity;
mod key;
mod user_fields;
mod version;

pub use entity::{Entity, EntityType, Field};
pub use erplink_core::{Decimal, Patch, RawJson, Secret, open_enum};
pub use key::{Key, KeyValue};
pub use user_fields::{UserFieldError, UserFields};
pub use version::Version;

/// Used by the macros; not part of the public vocabulary.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}
