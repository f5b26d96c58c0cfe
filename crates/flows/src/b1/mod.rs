//! Adapters of SAP Business One: where documents come from and where decisions go.

mod decide;
mod documents;
mod mark;
mod place;
mod prices;
mod requests;
mod row;
mod users;

pub use decide::{ApprovalFields, DecideDraft, Locate, Withdrawn, WriteFields};
pub use documents::UnsyncedDocuments;
pub use mark::{MarkResult, WriteBack};
pub use place::Place;
pub use prices::{PriceControls, SavePrices};
pub use requests::PendingRequests;

/// The name of the system in the limits of a runner.
pub const SYSTEM: &str = "b1";
