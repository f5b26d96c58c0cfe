//! Adapters of Weaver eteams (泛微 eteams, E10): its organisation goes into the ERP.

mod departments;
mod system;

pub use departments::{Departments, Messages};

pub(crate) use departments::MESSAGES;
pub(crate) use system::{KIND, client};

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "eteams";
