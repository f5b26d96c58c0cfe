//! Adapters of 千里聆 (easst): pictures of invoices (发票) come from a folder, what stands on them
//! goes on to the ERP.

mod answers;
mod folder;
mod pictures;
mod recognize;
mod system;

pub use answers::{Answers, Booked, InvoiceMap, Several};
pub use folder::InvoiceFolder;
pub use pictures::{FiledPicture, Pictures};
pub use recognize::Recognize;
pub use system::Easst;

pub(crate) use system::KIND;

/// The name of the system in configurations and in limits.
pub const SYSTEM: &str = "easst";

/// The name of the folder in limits.
const FOLDER: &str = "folder";
