//! Form data (表单数据): what `mainData` and `detailData` carry, checked against the form.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;

use super::envelope::Refusal;
use super::ids::Ids;
use super::incoming::{Parameters, scalar};
use super::request::{Row, State};
use super::workflow::{Field, FieldKind, Workflow};
use super::world::World;

/// Files that were fetched for a call, by their address.
pub(super) type Fetched = BTreeMap<String, Result<Bytes, String>>;

/// Changes of a form, as the database will hold them.
#[derive(Debug, Clone, Default)]
pub(super) struct Edit {
    main: BTreeMap<String, String>,
    details: Vec<DetailEdit>,
}

#[derive(Debug, Clone)]
struct DetailEdit {
    table: usize,
    delete_all: bool,
    delete_keys: Vec<i64>,
    rows: Vec<RowEdit>,
}

#[derive(Debug, Clone)]
struct RowEdit {
    /// An existing row; none: a new one.
    id: Option<i64>,
    values: BTreeMap<String, String>,
}

impl Edit {
    pub(super) fn is_empty(&self) -> bool {
        self.main.is_empty() && self.details.is_empty()
    }
}

/// Whose files are stored, and when.
pub(super) struct Hand<'a> {
    pub(super) user: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) fetched: &'a Fetched,
}

impl World {
    /// Reads `mainData` and `detailData`; files in them become documents.
    pub(super) fn read_edit(
        &mut self,
        workflow: &Workflow,
        parameters: &Parameters,
        hand: &Hand<'_>,
    ) -> Result<Edit, Refusal> {
        let unreadable = |_| Refusal::unreadable();
        let main = parameters.json("mainData").map_err(unreadable)?;
        let details = parameters.json("detailData").map_err(unreadable)?;
        let main = entries(&main).ok_or_else(|| Refusal::parameter("mainData", main.clone()))?;
        let detail_entries =
            entries(&details).ok_or_else(|| Refusal::parameter("detailData", details.clone()))?;
        let mut edit = Edit::default();
        for entry in main {
            let (name, value) = name_and_value(entry).ok_or_else(Refusal::unreadable)?;
            let field = workflow
                .field(name)
                .ok_or_else(|| Refusal::parameter(&format!("error_param_{name}"), shown(value)))?;
            let text = self.value(field, value, hand, "SAVE_MAIN_TABLE_FAIL")?;
            edit.main.insert(field.name.clone(), text);
        }
        for entry in detail_entries {
            edit.details.push(self.read_detail(workflow, entry, hand)?);
        }
        Ok(edit)
    }

    fn read_detail(
        &mut self,
        workflow: &Workflow,
        entry: &Value,
        hand: &Hand<'_>,
    ) -> Result<DetailEdit, Refusal> {
        let table = entry.get("tableDBName").and_then(Value::as_str).unwrap_or_default().trim();
        let by_default = self.quirks.empty_detail_table_name && table.is_empty();
        let index = match workflow.details.len() {
            1 if by_default => Some(0),
            _ => workflow.detail_index(table),
        };
        let unknown = || Refusal::parameter("error_param_detailData_tableName", table);
        let (index, columns) = index
            .and_then(|index| Some((index, workflow.details.get(index)?)))
            .ok_or_else(unknown)?;
        let records = entry.get("workflowRequestTableRecords").unwrap_or(&Value::Null);
        let mut rows = Vec::new();
        for record in entries(records).ok_or_else(Refusal::unreadable)? {
            let order = record.get("recordOrder").and_then(scalar);
            let order = order.map_or(Some(0), |text| text.parse().ok());
            let order: i64 = order.ok_or_else(Refusal::unreadable)?;
            let mut values = BTreeMap::new();
            let fields = record.get("workflowRequestTableFields").unwrap_or(&Value::Null);
            for entry in entries(fields).ok_or_else(Refusal::unreadable)? {
                let (name, value) = name_and_value(entry).ok_or_else(Refusal::unreadable)?;
                let column = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
                let column = column.ok_or_else(|| {
                    Refusal::parameter(&format!("errParam_detail_{name}"), shown(value))
                })?;
                let text = self.value(column, value, hand, "SAVE_DETAIL_TABLE_FAIL")?;
                values.insert(column.name.clone(), text);
            }
            rows.push(RowEdit { id: (order > 0).then_some(order), values });
        }
        let keys = entry.get("deleteKeys").and_then(scalar).unwrap_or_default();
        Ok(DetailEdit {
            table: index,
            delete_all: entry.get("deleteAll").and_then(scalar).as_deref() == Some("1"),
            delete_keys: keys.split(',').filter_map(|key| key.trim().parse().ok()).collect(),
            rows,
        })
    }

    /// A value as its column holds it.
    fn value(
        &mut self,
        field: &Field,
        value: &Value,
        hand: &Hand<'_>,
        failure: &str,
    ) -> Result<String, Refusal> {
        if let (FieldKind::Attachment(directory), Value::Array(files)) = (&field.kind, value) {
            if directory.is_none() {
                let key = format!("field_{}", field.name);
                return Err(Refusal::parameter(&key, "附件上传目录未设置"));
            }
            let ids: Vec<_> = files
                .iter()
                .map(|file| self.attach(field, file, hand))
                .collect::<Result<_, _>>()?;
            return Ok(ids.join(","));
        }
        // The documentation shows `{"value":…,"name":…}` for a text field.
        let inner = value.get("value").unwrap_or(value);
        let text = match inner {
            Value::Null => String::new(),
            other => scalar(other).ok_or_else(|| {
                Refusal::parameter(&format!("error_param_{}", field.name), shown(value))
            })?,
        };
        if text.is_empty() || fits(&field.kind, &text) {
            return Ok(text);
        }
        Err(Refusal::fail(failure, format!("{}: 数据类型转换失败: {text}", field.name)))
    }

    /// Stores `{"filePath":…,"fileName":…}` and returns the document's id.
    fn attach(&mut self, field: &Field, file: &Value, hand: &Hand<'_>) -> Result<String, Refusal> {
        let refused = |why: &str| Refusal::parameter(&format!("field_{}", field.name), why);
        let text = |name: &str| file.get(name).and_then(Value::as_str).unwrap_or_default();
        let (path, name) = (text("filePath"), text("fileName"));
        if !name.contains('.') {
            return Err(refused("fileName 缺少扩展名"));
        }
        let content = if let Some(encoded) = path.strip_prefix(&self.quirks.base64_prefix) {
            STANDARD.decode(encoded).map_err(|_| refused("base64 解码失败"))?
        } else {
            match hand.fetched.get(path) {
                Some(Ok(content)) => content.to_vec(),
                Some(Err(why)) => return Err(refused(why)),
                None => return Err(refused("filePath 不支持")),
            }
        };
        Ok(self.put_document(name, content, hand.user, hand.now).to_string())
    }
}

/// The addresses of files in a call that the server fetches itself.
pub(super) fn addresses(parameters: &Parameters) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            Value::Object(members) => {
                let path = members.get("filePath").and_then(Value::as_str);
                found.extend(path.filter(|path| path.contains("://")).map(str::to_owned));
                members.values().for_each(|value| collect(value, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    for name in ["mainData", "detailData"] {
        if let Ok(value) = parameters.json(name) {
            collect(&value, &mut found);
        }
    }
    found
}

/// The elements of an array; none where it is not there at all.
fn entries(value: &Value) -> Option<&[Value]> {
    match value {
        Value::Null => Some(&[]),
        other => other.as_array().map(Vec::as_slice),
    }
}

fn name_and_value(entry: &Value) -> Option<(&str, &Value)> {
    let name = entry.get("fieldName")?.as_str()?;
    Some((name, entry.get("fieldValue").unwrap_or(&Value::Null)))
}

fn shown(value: &Value) -> String {
    scalar(value).unwrap_or_else(|| value.to_string())
}

fn fits(kind: &FieldKind, text: &str) -> bool {
    match kind {
        FieldKind::Number => Decimal::from_str(text).is_ok(),
        FieldKind::Date => text.len() == 10 && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(),
        FieldKind::Time => {
            let formats = ["%H:%M", "%H:%M:%S"];
            formats.iter().any(|format| NaiveTime::parse_from_str(text, format).is_ok())
        }
        _ => true,
    }
}

impl State {
    /// Writes the changes; a row that does not exist is refused.
    pub(super) fn apply(
        &mut self,
        edit: &Edit,
        workflow: &Workflow,
        ids: &mut Ids,
    ) -> Result<(), Refusal> {
        self.main.extend(edit.main.clone());
        for change in &edit.details {
            let Some(table) = self.details.get_mut(change.table) else { continue };
            if change.delete_all {
                table.clear();
            }
            table.retain(|row| !change.delete_keys.contains(&row.id));
            for row in &change.rows {
                let Some(id) = row.id else {
                    table.push(Row { id: ids.record(), values: row.values.clone() });
                    continue;
                };
                let found = table.iter_mut().find(|existing| existing.id == id);
                let name = workflow.detail_table(change.table);
                let found = found
                    .ok_or_else(|| Refusal::parameter("recordOrder", format!("{name}: {id}")))?;
                found.values.extend(row.values.clone());
            }
        }
        Ok(())
    }

    /// Refuses while a mandatory field is empty.
    pub(super) fn judge_must_input(&self, workflow: &Workflow) -> Result<(), Refusal> {
        let is_empty = |values: &BTreeMap<String, String>, field: &Field| {
            field.mandatory && values.get(&field.name).is_none_or(|value| value.trim().is_empty())
        };
        let mut missing: Vec<&str> = Vec::new();
        let main = workflow.fields.iter().filter(|field| is_empty(&self.main, field));
        missing.extend(main.map(|field| field.label.as_str()));
        for (rows, columns) in self.details.iter().zip(&workflow.details) {
            for row in rows {
                let empty = columns.iter().filter(|column| is_empty(&row.values, column));
                missing.extend(empty.map(|column| column.label.as_str()));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        missing.dedup();
        Err(Refusal::fail("JUDGE_MUST_INPUT", format!("必填字段为空: {}", missing.join(","))))
    }
}
