//! Reading modelled tables: pages, counts, one row.

use serde_json::{Map, Value, json};

use super::super::incoming::scalar;
use super::super::quirks::CubeRows;
use super::super::world::World;
use super::table::{Columns, ModeRow};
use super::{Refusal, columns};

const PAGE: usize = 10;

impl World {
    /// `getModeDataPageList`; the filters in `mainTable` compare for equality.
    pub(super) fn page(&self, table: &str, datajson: &Value) -> Result<Value, Refusal> {
        let found = self.rows(table, datajson)?;
        let number = |name: &str, default: usize| {
            let number = datajson.get("pageInfo").and_then(|info| info.get(name));
            let number = number.and_then(scalar).and_then(|text| text.parse().ok());
            number.filter(|number| *number > 0).unwrap_or(default)
        };
        let (page, size) = (number("pageNo", 1), number("pageSize", PAGE));
        let skip = page.saturating_sub(1).saturating_mul(size);
        let rows = found.into_iter().skip(skip).take(size);
        let rows: Vec<_> = rows.map(|(id, row)| shown(id, row)).collect();
        let result = match self.quirks.cube_rows {
            CubeRows::ResultArray => json!(rows),
            _ => json!(json!(rows).to_string()),
        };
        Ok(if self.quirks.cube_page_without_status {
            json!({"result": result})
        } else {
            json!({"status": "1", "result": result})
        })
    }

    /// `getModeDataPageCount`: `pageCount` is the number of rows, despite its name.
    pub(super) fn count(&self, table: &str, datajson: &Value) -> Result<Value, Refusal> {
        let count = self.rows(table, datajson)?.len();
        Ok(json!({"status": "1", "result": json!({"pageCount": count}).to_string()}))
    }

    /// One row by `mainTable.id`, under the name that the quirks give this operation.
    pub(super) fn read_one(&self, table: &str, datajson: &Value) -> Result<Value, Refusal> {
        let id = datajson.get("mainTable").and_then(|main| main.get("id")).and_then(scalar);
        let id = id.filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Refusal::info("id不能为空"))?;
        let found = self.rows(table, datajson)?;
        let row = found.first().map(|(id, row)| shown(*id, row));
        let row = row.ok_or_else(|| Refusal::info(format!("数据不存在: {id}")))?;
        Ok(json!({"status": "1", "result": row.to_string()}))
    }

    fn rows(&self, table: &str, datajson: &Value) -> Result<Vec<(i64, &ModeRow)>, Refusal> {
        self.operator(datajson).map_err(Refusal::info)?;
        let table = self.mode_tables.get(table).ok_or_else(|| Refusal::info("模块不存在"))?;
        let filters = columns(datajson.get("mainTable").unwrap_or(&Value::Null));
        let filters: Columns = filters
            .into_iter()
            .map(|(name, value)| (name, scalar(&value).unwrap_or_default()))
            .collect();
        let rows = table.rows.iter().filter(|(id, row)| row.meets(**id, &filters));
        Ok(rows.map(|(id, row)| (*id, row)).collect())
    }

    /// Rows of a table for the handle.
    pub(in super::super) fn mode_rows(&self, table: &str) -> Option<Vec<Value>> {
        let table = self.mode_tables.get(table)?;
        Some(table.rows.iter().map(|(id, row)| shown(*id, row)).collect())
    }
}

fn with_id(id: i64, columns: &Columns) -> Value {
    let mut members = Map::from_iter([("id".to_owned(), json!(id.to_string()))]);
    members.extend(columns.iter().map(|(name, value)| (name.clone(), json!(value))));
    Value::Object(members)
}

fn shown(id: i64, row: &ModeRow) -> Value {
    let mut members = Map::from_iter([("mainTable".to_owned(), with_id(id, &row.main))]);
    for (rows, number) in row.details.iter().zip(1..) {
        let rows: Vec<_> = rows.iter().map(|(id, columns)| with_id(*id, columns)).collect();
        members.insert(format!("detail{number}"), json!(rows));
    }
    Value::Object(members)
}
