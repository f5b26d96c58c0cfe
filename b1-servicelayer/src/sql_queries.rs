//! Stored SQL queries: keep them on the server, run them, read their rows.

mod ensure;
mod list;
mod parameter;
mod text;

pub use ensure::{EnsureSqlQuery, Ensured};
pub use list::SqlList;
pub use parameter::SqlValue;
