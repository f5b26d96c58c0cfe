//! Adapters of SAP Business One: where documents come from, and what is done with decisions,
//! whichever platform they were made on.

mod create;
mod decide;
mod documents;
mod mark;
mod place;
mod prices;
mod requests;
mod row;
mod stored_queries;
mod system;
mod upsert;
mod users;

pub use create::{CreateEntity, EntityMap};
pub use decide::{ApprovalFields, Decide, Verdict, WhichRequest, Withdrawn, WriteFields};
pub use documents::UnsyncedDocuments;
pub use mark::{ResultField, WriteBack};
pub use place::{KeyType, Place};
pub use prices::Quotation;
pub use requests::PendingRequests;
pub use stored_queries::StoredQueries;
pub use upsert::UpsertEntity;

pub(crate) use row::look;
pub(crate) use system::KIND;

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "b1";
