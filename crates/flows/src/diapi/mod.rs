//! Adapters of the DI API service (`b1dis`), which runs free SQL over the database of the ERP.

mod queries;
mod system;

use b1_diapi::Client;

pub use queries::FreeQueries;

pub(crate) use system::KIND;

use crate::system::{Missing, Systems};

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "diapi";

/// The client of a company.
///
/// # Errors
/// When the company has no DI API service.
pub fn of(systems: &Systems) -> Result<&Client, Missing> {
    systems.get(SYSTEM)
}
