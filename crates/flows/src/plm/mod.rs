//! Adapters of Tianyu PLM (天喻 PLM): what it pushes when an approval ends becomes items, bills of
//! material and routings of the ERP, and the PLM's user reads what became of it.
//!
//! Each row of a push is a document of the ledger under its own key, so that rows of one key are
//! worked on in the order in which they were pushed, and a row that failed shows in the status until
//! it is pushed again. A row that was begun when the program stopped is finished after its start: it
//! is an upsert.

mod erp;
mod reader;
mod rows;
mod system;
mod upsert;

pub use erp::EngineeringData;
pub use reader::PlmRows;
pub use system::Plm;
pub use upsert::UpsertRow;

pub(crate) use erp::check;
pub(crate) use reader::ROWS;
pub(crate) use system::KIND;

/// The name of the system in configurations and in paths.
pub const SYSTEM: &str = "plm";
