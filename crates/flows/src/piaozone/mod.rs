//! Kingdee Piaozone (金蝶发票云) with the EAS behind its imaging system (影像): connections that are
//! checked, for flows of your own.

mod system;

pub use system::Piaozone;

pub(crate) use system::KIND;

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "piaozone";
