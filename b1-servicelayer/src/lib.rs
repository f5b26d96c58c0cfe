//! Typed async client for the SAP Business One Service Layer.

// Lets the derive macros name this crate from inside it.
extern crate self as b1_servicelayer;

pub mod edm;
pub mod entities;
mod entity;
pub mod enums;
mod key;
mod members;
mod user_fields;
mod version;

pub use b1_servicelayer_derive::{ComplexType, Entity};
pub use entity::{Entity, EntityType, Field};
pub use erplink_core::{Decimal, Patch, RawJson, Secret, open_enum};
pub use key::{Key, KeyValue};
pub use user_fields::{UserFieldError, UserFields};
pub use version::Version;

/// Used by the macros; not part of the public vocabulary.
#[doc(hidden)]
pub mod __private {
    pub use serde;

    pub use crate::edm::ReadSlot;
    pub use crate::members::{Name, Names, write_member};
}
