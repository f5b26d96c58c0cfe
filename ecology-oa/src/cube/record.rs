//! What is saved: a main row and its detail rows.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::lenient::into_text;

/// What happens to a detail row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailAction {
    /// Inserted, or changed when its `id` exists.
    #[default]
    SaveOrUpdate,
    /// Inserted.
    Save,
    /// Changed; the row carries its `id`.
    Update,
    /// Deleted; the row carries its `id`.
    Delete,
}

impl DetailAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::SaveOrUpdate => "SaveOrUpdate",
            Self::Save => "Save",
            Self::Update => "Update",
            Self::Delete => "Delete",
        }
    }
}

/// A record for [`Cube::save`](super::Cube::save).
///
/// ```
/// use ecology_oa::cube::{DetailAction, Record};
///
/// let item = Record::new()
///     .field("itemcode", "A0001")
///     .field("itemname", "螺丝 M3")
///     .detail(1, DetailAction::SaveOrUpdate, [("whs", "01"), ("qty", "5")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Record {
    main: Map<String, Value>,
    details: BTreeMap<u32, Vec<Value>>,
}

impl Record {
    /// An empty record: inserted, or matched by the key of the interface.
    pub fn new() -> Self {
        Self::default()
    }

    /// The row with this id is changed, whatever the key of the interface says.
    pub fn id(self, id: i64) -> Self {
        self.field("id", id.to_string())
    }

    /// A column of the main table. Amounts and dates are texts too: `12.50`, `2024-11-20`.
    pub fn field(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.main.insert(column.into(), Value::String(value.into()));
        self
    }

    /// An attachment column: a file that the OA server fetches from this address.
    pub fn attachment(
        mut self,
        column: impl Into<String>,
        name: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        let file = json!([{ "name": name.into(), "content": url.into() }]);
        self.main.insert(column.into(), file);
        self
    }

    /// A row of the detail table with this number, from 1.
    pub fn detail<N: Into<String>, V: Into<String>>(
        mut self,
        table: u32,
        action: DetailAction,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let data: Map<String, Value> = fields
            .into_iter()
            .map(|(name, value)| (name.into(), Value::String(value.into())))
            .collect();
        let row = json!({ "operate": { "action": action.as_str() }, "data": data });
        self.details.entry(table).or_default().push(row);
        self
    }

    pub(super) fn has_id(&self) -> bool {
        self.text("id").is_some()
    }

    pub(super) fn text(&self, column: &str) -> Option<String> {
        self.main.get(column).and_then(into_text)
    }

    pub(super) fn check(&self, place: usize, match_key: Option<&str>) -> Result<()> {
        if self.main.is_empty() {
            return Err(Error::invalid(format!("record {place}: it has no field")));
        }
        if let Some(key) = match_key
            && self.text(key).is_none()
        {
            return Err(Error::invalid(format!(
                "record {place}: its match key `{key}` is missing or empty"
            )));
        }
        if self.details.contains_key(&0) {
            return Err(Error::invalid(format!(
                "record {place}: detail tables are numbered from 1, found 0"
            )));
        }
        Ok(())
    }

    pub(super) fn encode(&self, operator: &str, now: NaiveDateTime) -> Value {
        let mut main = self.main.clone();
        main.entry("id").or_insert_with(|| Value::String(String::new()));
        let mut record = json!({
            "operationinfo": {
                "operator": operator,
                "operationDate": now.format("%Y-%m-%d").to_string(),
                "operationTime": now.format("%H:%M:%S").to_string(),
            },
            "mainTable": main,
        });
        for (table, rows) in &self.details {
            record[format!("detail{table}")] = Value::Array(rows.clone());
        }
        record
    }
}
