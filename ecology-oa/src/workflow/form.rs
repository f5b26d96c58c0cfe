//! What goes into a form: main fields and detail rows.

use std::collections::HashSet;

use chrono::{NaiveDate, NaiveTime};
use erplink_core::Decimal;
use serde_json::{Value, json};

use super::attachment::Attachment;
use crate::error::{Error, Result};
use crate::time;

/// Parameters of the call that are taken for form fields again and again.
const NOT_FIELDS: &[&str] = &["requestname", "requestlevel", "messagetype"];

/// One field of a form, under the name of its database column (数据库字段名), not its label.
///
/// A name that is not a field of the form makes the whole call fail.
///
/// ```
/// use ecology_oa::workflow::{Attachment, Field};
///
/// let fields = [
///     Field::text("docentry", "1042"),
///     Field::number("amount", 12),
///     Field::choice("urgent", 1),
///     Field::ids("buyers", ["2978", "2979"]),
///     Field::attachments("fj", [Attachment::content("%PDF-1.4\n", "a.pdf")]),
/// ];
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    value: FieldValue,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum FieldValue {
    Json(Value),
    Attachments(Vec<Attachment>),
}

impl Field {
    /// A text field; also dates and numbers that are text already.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self::json(name, value.into())
    }

    /// A number field, with exactly the digits of the value.
    pub fn number(name: impl Into<String>, value: impl Into<Decimal>) -> Self {
        Self::json(name, value.into().to_string())
    }

    /// A date field: `2024-11-20`.
    pub fn date(name: impl Into<String>, value: NaiveDate) -> Self {
        Self::json(name, time::date(value))
    }

    /// A time field: `14:51`.
    pub fn time(name: impl Into<String>, value: NaiveTime) -> Self {
        Self::json(name, value.format("%H:%M").to_string())
    }

    /// A select field or check box: the number of the option, not its label.
    pub fn choice(name: impl Into<String>, option: i64) -> Self {
        Self::json(name, option.to_string())
    }

    /// A browse button (浏览按钮): ids of people, departments, rows of a table …
    pub fn ids<I: Into<String>>(name: impl Into<String>, ids: impl IntoIterator<Item = I>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(Into::into).collect();
        Self::json(name, ids.join(","))
    }

    /// An attachment field with files that OA does not have yet.
    pub fn attachments(
        name: impl Into<String>,
        files: impl IntoIterator<Item = Attachment>,
    ) -> Self {
        let value = FieldValue::Attachments(files.into_iter().collect());
        Self { name: name.into(), value }
    }

    /// An attachment field with documents of OA, by their ids, such as
    /// [`Documents::upload`](crate::Documents::upload) answers.
    pub fn documents(name: impl Into<String>, ids: impl IntoIterator<Item = i64>) -> Self {
        Self::ids(name, ids.into_iter().map(|id| id.to_string()))
    }

    /// Any value, for kinds of fields not named here.
    pub fn json(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { name: name.into(), value: FieldValue::Json(value.into()) }
    }

    /// The database column.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn check(&self) -> Result<()> {
        let name = &self.name;
        if name.trim().is_empty() {
            return Err(Error::invalid("a form field has an empty name"));
        }
        if NOT_FIELDS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(Error::invalid(format!(
                "{name}: title, level and reminder are set on the request itself, not in its form"
            )));
        }
        match &self.value {
            FieldValue::Json(Value::Null) => Err(Error::invalid(format!(
                "{name}: null is no value of the platform; leave the field out, or send an empty \
                 text to clear it"
            ))),
            FieldValue::Json(_) => Ok(()),
            FieldValue::Attachments(files) => files.iter().try_for_each(|file| file.check(name)),
        }
    }

    fn encode(&self, prefix: &str) -> Value {
        let value = match &self.value {
            FieldValue::Json(value) => value.clone(),
            FieldValue::Attachments(files) => {
                files.iter().map(|file| file.encode(prefix)).collect()
            }
        };
        json!({ "fieldName": self.name, "fieldValue": value })
    }
}

/// Checks the fields of one record: each name once. Columns ignore case.
pub(super) fn check_fields(place: &str, fields: &[Field]) -> Result<()> {
    let mut seen = HashSet::new();
    for field in fields {
        field.check()?;
        if !seen.insert(field.name.to_ascii_lowercase()) {
            return Err(Error::invalid(format!(
                "{place}: the field `{}` is given twice",
                field.name
            )));
        }
    }
    Ok(())
}

pub(super) fn encode_fields(fields: &[Field], prefix: &str) -> Value {
    fields.iter().map(|field| field.encode(prefix)).collect()
}

/// The rows of one detail table (明细表).
///
/// ```
/// use ecology_oa::workflow::{DetailTable, Field};
///
/// let lines = DetailTable::new("formtable_main_1356_dt1")
///     .row([Field::text("itemcode", "A0001"), Field::number("qty", 12)])
///     .row([Field::text("itemcode", "A0002"), Field::number("qty", 3)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct DetailTable {
    table: Option<String>,
    rows: Vec<Row>,
    delete_all: bool,
    delete_rows: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    /// 0 is a new row, whatever its place.
    id: i64,
    fields: Vec<Field>,
}

impl DetailTable {
    /// The table with this physical name (`<main table>_dt<n>`).
    pub fn new(table: impl Into<String>) -> Self {
        Self {
            table: Some(table.into()),
            rows: Vec::new(),
            delete_all: false,
            delete_rows: Vec::new(),
        }
    }

    /// The only detail table of a workflow, without its name.
    ///
    /// Some installations take it, others do not: prefer [`new`](Self::new).
    pub fn unnamed() -> Self {
        Self { table: None, ..Self::new("") }
    }

    /// Adds a row.
    pub fn row(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.rows.push(Row { id: 0, fields: fields.into_iter().collect() });
        self
    }

    /// Changes the row with this id, as read in
    /// [`RequestDetail::details`](super::RequestDetail::details). For submits only.
    pub fn change_row(mut self, id: i64, fields: impl IntoIterator<Item = Field>) -> Self {
        self.rows.push(Row { id, fields: fields.into_iter().collect() });
        self
    }

    /// Removes all rows first. For submits only.
    pub fn delete_all(mut self) -> Self {
        self.delete_all = true;
        self
    }

    /// Removes the rows with these ids. For submits only.
    pub fn delete_rows(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        self.delete_rows.extend(ids);
        self
    }

    fn place(&self) -> &str {
        self.table.as_deref().unwrap_or("detail table")
    }

    fn check(&self, is_new: bool) -> Result<()> {
        let place = self.place();
        if self.table.as_ref().is_some_and(|table| table.trim().is_empty()) {
            return Err(Error::invalid(
                "detail table: its name is empty; give the physical table such as \
                 formtable_main_1356_dt1, or use DetailTable::unnamed",
            ));
        }
        let touches_old = self.delete_all
            || !self.delete_rows.is_empty()
            || self.rows.iter().any(|row| row.id != 0);
        if is_new && touches_old {
            return Err(Error::invalid(format!(
                "{place}: a request that is only created has no rows to change or delete"
            )));
        }
        if let Some(row) = self.rows.iter().find(|row| row.id < 0) {
            return Err(Error::invalid(format!("{place}: {} is not the id of a row", row.id)));
        }
        for (index, row) in (1..).zip(&self.rows) {
            check_fields(&format!("{place} row {index}"), &row.fields)?;
        }
        Ok(())
    }

    fn encode(&self, prefix: &str) -> Value {
        let rows: Value = self
            .rows
            .iter()
            .map(|row| {
                json!({
                    "recordOrder": row.id,
                    "workflowRequestTableFields": encode_fields(&row.fields, prefix),
                })
            })
            .collect();
        let table = self.table.as_deref().unwrap_or_default();
        let mut out = json!({ "tableDBName": table, "workflowRequestTableRecords": rows });
        if self.delete_all {
            out["deleteAll"] = json!("1");
        }
        if !self.delete_rows.is_empty() {
            let ids: Vec<String> = self.delete_rows.iter().map(ToString::to_string).collect();
            out["deleteKeys"] = json!(ids.join(","));
        }
        out
    }
}

/// Checks detail tables: each once, and all named when there are several.
pub(super) fn check_details(tables: &[DetailTable], is_new: bool) -> Result<()> {
    let mut seen = HashSet::new();
    for table in tables {
        table.check(is_new)?;
        if !seen.insert(table.table.as_ref().map(|name| name.to_ascii_lowercase())) {
            return Err(Error::invalid(format!("{}: given twice", table.place())));
        }
        if table.table.is_none() && tables.len() > 1 {
            return Err(Error::invalid("several detail tables: each of them needs its name"));
        }
    }
    Ok(())
}

pub(super) fn encode_details(tables: &[DetailTable], prefix: &str) -> Value {
    tables.iter().map(|table| table.encode(prefix)).collect()
}
