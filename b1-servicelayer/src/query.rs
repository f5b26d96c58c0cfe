//! What to read: typed filters, order, selection.

mod filter;
mod options;
mod select;

pub use filter::{Comparand, Filter, unsynced};
pub(crate) use options::Options;
pub(crate) use select::Selection;
pub use select::{OrderBy, Select};

use crate::Field;

/// Why a name cannot stand in a query; `None` when it can.
///
/// This is what keeps names from smuggling query text in: values are quoted, names cannot be.
pub(crate) fn name_problem(name: &str, user_defined: bool) -> Option<String> {
    let word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let shown: String = name.chars().take(60).collect();
    if user_defined && !(word && name.starts_with("U_") && name.len() > 2) {
        return Some(format!(
            "`{shown}` is not the name of a user-defined field: expected `U_` and then letters, digits or `_`"
        ));
    }
    (!word).then(|| format!("`{shown}` is not a property: expected letters, digits or `_`"))
}

impl<E, T> Field<E, T> {
    pub(crate) fn problem(&self) -> Option<String> {
        name_problem(self.name(), self.is_user_defined())
    }
}
