//! Adapters of the barcode application (条码应用): scanners ask for rows and save documents, and the
//! person with the scanner reads what became of it.
//!
//! Each save is a document of the ledger. It is done while somebody waits for it, or not at all: a
//! save that the program did not come to before it stopped is left to the person, who was told that
//! it failed and may have saved again.
//!
//! With a mark field ([`barcode_app::Settings::mark_field`]) its documents are looked for before
//! anything is posted a second time, drafts included. What stands of a save that was not finished is
//! in its error and in the ledger; saving the same again finishes it, where
//! [`repeat_window_seconds`](barcode_app::Settings::repeat_window_seconds) says what is the same.

mod desk;
mod documents;
mod save;
mod sql;
mod system;

pub use desk::LedgerDesk;
pub use documents::ScannedDocuments;
pub use save::{SaveDocument, Waiting};
pub use sql::{FreeSql, TemporaryQueries};
pub use system::Barcode;

pub(crate) use documents::check_mark;
pub(crate) use sql::check_query;
pub(crate) use system::KIND;

/// The name of the system in configurations and in paths.
pub const SYSTEM: &str = "barcode";
