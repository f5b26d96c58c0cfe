//! Adapters of SAP Business One: where documents come from and where decisions go.

mod decide;
mod documents;
mod mark;
mod place;
mod prices;
mod requests;
mod row;
mod stored_queries;
mod system;
mod users;

pub use decide::{ApprovalFields, DecideDraft, Locate, Withdrawn, WriteFields};
pub use documents::UnsyncedDocuments;
pub use mark::{MarkResult, WriteBack};
pub use place::{KeyType, Place};
pub use prices::{PriceControls, SavePrices};
pub use requests::PendingRequests;
pub use stored_queries::StoredQueries;

pub(crate) use system::KIND;

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "b1";
