//! Adapters of the Blacklake MES (黑湖智造): items and production orders go to the shop floor, what is
//! reported and fed there comes back as goods receipts and goods issues.

mod booking;
mod events;
mod feedings;
mod issue;
mod material;
mod order;
mod receipt;
mod reports;
mod system;
mod windows;
mod work_order;

pub use booking::Booking;
pub use feedings::{Feeding, Feedings, feeding_document};
pub use issue::IssueComponents;
pub use material::{ImportMaterial, MaterialMap};
pub use order::{Component, OrderExport, OrderMap};
pub use receipt::ReceiveProduct;
pub use reports::ProgressReports;
pub use system::Mes;
pub use windows::Windows;
pub use work_order::{Contract, ExportOrder, LookUp, UpdateBy};

pub(crate) use system::KIND;

use erplink_core::RawJson;
use erplink_sync::Failure;
use erplink_sync::map::MappedField;

/// The name of the system in configurations, in limits and in paths.
pub const SYSTEM: &str = "mes";

/// What a refusal of the MES means for a document.
fn failure(error: blacklake_mes::Error) -> Failure {
    if error.api_error().is_some_and(blacklake_mes::ApiError::needs_confirmation) {
        // Nothing was done, and a repetition would ask the same.
        return Failure::park(error);
    }
    error.into()
}

/// What a map made of a header, without what is empty.
fn extras(fields: Vec<MappedField>) -> impl Iterator<Item = (String, RawJson)> {
    let filled = |field: &MappedField| !field.value.is_null() && field.value.as_str() != "\"\"";
    fields.into_iter().filter(filled).map(|field| (field.name, field.value))
}
