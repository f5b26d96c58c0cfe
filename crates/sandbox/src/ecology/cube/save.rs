//! Writing modelled tables: every record stands or fails alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::ids::Ids;
use super::super::incoming::scalar;
use super::super::world::World;
use super::table::{Columns, ModeRow, ModeTable};
use super::{Refusal, columns};

impl World {
    /// `saveOrUpdateModeData`.
    pub(super) fn save(&mut self, table: &str, datajson: &Value) -> Result<Value, Refusal> {
        let records = datajson.get("data").and_then(Value::as_array);
        let records = records.filter(|records| !records.is_empty());
        let records = records.ok_or_else(|| Refusal::info("data不能为空"))?;
        let mut outcomes = Vec::new();
        for record in records {
            let allowed = self.operator(record);
            outcomes.push(allowed.and_then(|()| {
                let table = self.mode_tables.get_mut(table).ok_or("模块不存在")?;
                table.save(record, &mut self.ids)
            }));
        }
        Ok(self.written(outcomes))
    }

    /// `deleteModeDataByPK`: `mainTable.id`, in `data[]` or at the top.
    pub(super) fn delete(&mut self, table: &str, datajson: &Value) -> Result<Value, Refusal> {
        let alone = std::slice::from_ref(datajson);
        let records = datajson.get("data").and_then(Value::as_array).map_or(alone, Vec::as_slice);
        let mut outcomes = Vec::new();
        for record in records {
            let operator = if record.get("operationinfo").is_some() { record } else { datajson };
            let allowed = self.operator(operator);
            outcomes.push(allowed.and_then(|()| {
                let id = id_of(record.get("mainTable")).ok_or("id不能为空")?;
                let table = self.mode_tables.get_mut(table).ok_or("模块不存在")?;
                table.rows.remove(&id).map(|_| id).ok_or_else(|| format!("数据不存在: {id}"))
            }));
        }
        Ok(self.written(outcomes))
    }
}

fn id_of(columns: Option<&Value>) -> Option<i64> {
    columns?.get("id").and_then(scalar)?.trim().parse().ok()
}

impl ModeTable {
    fn save(&mut self, record: &Value, ids: &mut Ids) -> Result<i64, String> {
        let main = record.get("mainTable").filter(|main| main.is_object());
        let main = main.ok_or("mainTable不能为空")?;
        let values = known(main, &self.columns)?;
        let found = match id_of(Some(main)) {
            Some(id) if self.rows.contains_key(&id) => Some(id),
            Some(id) => return Err(format!("数据不存在: {id}")),
            None => self.matching(&values),
        };
        let mut row = found.and_then(|id| self.rows.get(&id)).cloned().unwrap_or_default();
        row.main.extend(values);
        row.details.resize(self.details.len(), BTreeMap::new());
        for (name, rows) in record.as_object().into_iter().flatten() {
            let Some(number) = name.strip_prefix("detail") else { continue };
            let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let rows = rows.as_array().ok_or_else(|| format!("{name}不是数组"))?;
            if rows.is_empty() {
                continue;
            }
            let known = index
                .and_then(|index| self.details.get(index))
                .zip(index.and_then(|index| row.details.get_mut(index)));
            let (columns, existing) = known.ok_or_else(|| format!("明细表不存在: {name}"))?;
            for change in rows {
                save_detail(change, columns, existing, ids)?;
            }
        }
        let id = found.unwrap_or_else(|| ids.record());
        self.rows.insert(id, row);
        Ok(id)
    }

    /// The row with the same value in the match field.
    fn matching(&self, values: &Columns) -> Option<i64> {
        let key = self.key.as_ref()?;
        let value = values.get(key).filter(|value| !value.is_empty())?;
        let mut rows = self.rows.iter();
        rows.find(|(_, row)| row.main.get(key) == Some(value)).map(|(id, _)| *id)
    }
}

fn save_detail(
    change: &Value,
    names: &[String],
    existing: &mut BTreeMap<i64, Columns>,
    ids: &mut Ids,
) -> Result<(), String> {
    let action = change.get("operate").and_then(|operate| operate.get("action"));
    let action = action.and_then(Value::as_str).unwrap_or("SaveOrUpdate");
    let data = change.get("data").filter(|data| data.is_object()).ok_or("明细data不能为空")?;
    let values = known(data, names)?;
    let id = id_of(Some(data));
    let of_row = |existing: &BTreeMap<i64, Columns>| {
        id.filter(|id| existing.contains_key(id)).ok_or_else(|| format!("明细数据不存在: {id:?}"))
    };
    let target = match (action, id) {
        ("Delete", _) => {
            existing.remove(&of_row(existing)?);
            return Ok(());
        }
        ("Update", _) | ("SaveOrUpdate", Some(_)) => of_row(existing)?,
        ("Save" | "SaveOrUpdate", _) => ids.record(),
        _ => return Err(format!("操作不支持: {action}")),
    };
    existing.entry(target).or_default().extend(values);
    Ok(())
}

/// The values without the id; a column that the interface does not have is refused.
fn known(values: &Value, names: &[String]) -> Result<Columns, String> {
    let values = columns(values).into_iter().filter(|(name, _)| name != "id");
    values
        .map(|(name, value)| {
            if !names.contains(&name) {
                return Err(format!("字段不存在: {name}"));
            }
            Ok((name, scalar(&value).unwrap_or_default()))
        })
        .collect()
}

impl ModeRow {
    pub(super) fn meets(&self, id: i64, filters: &Columns) -> bool {
        filters.iter().filter(|(_, wanted)| !wanted.is_empty()).all(|(name, wanted)| {
            if name == "id" {
                return *wanted == id.to_string();
            }
            self.main.get(name) == Some(wanted)
        })
    }
}
