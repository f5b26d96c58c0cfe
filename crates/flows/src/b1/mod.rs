//! Adapters of SAP Business One: where documents come from, and what is done with decisions,
//! whichever platform they were made on.

mod changed_items;
mod create;
mod decide;
mod documents;
mod made;
mod mark;
mod mark_order;
mod minutes;
mod place;
mod prices;
mod production_orders;
mod requests;
mod row;
mod stored_queries;
mod system;
mod upsert;
mod users;

pub use changed_items::ChangedItems;
pub use create::{CreateEntity, EntityMap};
pub use decide::{ApprovalFields, Decide, Verdict, WhichRequest, Withdrawn, WriteFields};
pub use documents::UnsyncedDocuments;
pub use mark::{ResultField, WriteBack};
pub use mark_order::MarkOrder;
pub use place::{KeyType, Place};
pub use prices::Quotation;
pub use production_orders::OrderNumber;
pub use requests::PendingRequests;
pub use stored_queries::StoredQueries;
pub use upsert::UpsertEntity;

pub(crate) use made::Made;
pub(crate) use production_orders::ProductionLine;
pub(crate) use row::{Row, look};
pub(crate) use system::KIND;

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "b1";
