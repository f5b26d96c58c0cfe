//! A modelled table (建模表) with its detail tables.

use std::collections::BTreeMap;

/// A modelled table: columns, the columns of its detail tables, the column that identifies a row.
#[derive(Debug, Clone, Default)]
pub struct ModeTable {
    pub(super) columns: Vec<String>,
    pub(super) details: Vec<Vec<String>>,
    /// A write without `id` updates the row with the same value here; none: it always inserts.
    pub(super) key: Option<String>,
    pub(super) rows: BTreeMap<i64, ModeRow>,
}

impl ModeTable {
    /// A table with these columns; `key` is its match field.
    #[must_use]
    pub fn new(key: Option<&str>, columns: &[&str]) -> Self {
        ModeTable {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            details: Vec::new(),
            key: key.map(str::to_owned),
            rows: BTreeMap::new(),
        }
    }

    /// With one more detail table.
    #[must_use]
    pub fn detail(mut self, columns: &[&str]) -> Self {
        self.details.push(columns.iter().map(|name| (*name).to_owned()).collect());
        self
    }
}

/// Column texts by name.
pub(super) type Columns = BTreeMap<String, String>;

#[derive(Debug, Clone, Default)]
pub(super) struct ModeRow {
    pub(super) main: Columns,
    /// One entry a detail table: rows by id.
    pub(super) details: Vec<BTreeMap<i64, Columns>>,
}
