//! What every erplink client needs and no system owns.

#[cfg(feature = "callback-crypto")]
#[cfg_attr(docsrs, doc(cfg(feature = "callback-crypto")))]
pub mod callback;
pub mod decimal;
pub mod json;
mod open_enum;
mod patch;
mod secret;

pub use decimal::Decimal;
pub use json::RawJson;
pub use patch::Patch;
pub use secret::Secret;

/// Used by the macros of this crate; not part of the public vocabulary.
#[doc(hidden)]
pub mod __private {
    pub use crate::open_enum::open_enum_from;
    pub use serde;
}
