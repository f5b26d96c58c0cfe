//! What stands in a form: checking what was submitted against the template, and completing it.

mod by_hand;
mod period;
mod value;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

pub(super) use self::by_hand::by_hand;
use super::form::Filled;
use super::refusal::Refusal;
use super::template::{Control, Template};
use super::world::World;

/// Most attachments in a whole form.
const MOST_FILES: usize = 6;

/// Checks `apply_data.contents` and returns it as the form's detail will show it.
pub(super) fn fill_in(
    world: &mut World,
    template: &Template,
    contents: &[Value],
    now: DateTime<Utc>,
) -> Result<Vec<Filled>, Refusal> {
    let desk = Desk { world };
    let mut filled = desk.fill_in(&template.controls, contents, false)?;
    let files: Vec<&mut Value> =
        filled.iter_mut().flat_map(|one| file_ids(&mut one.value)).collect();
    if files.len() > MOST_FILES {
        return Err(Refusal::approval(format_args!("more than {MOST_FILES} files")));
    }
    for id in files {
        let temporary = id.as_str().unwrap_or_default();
        *id = json!(world.keep(temporary, now)?);
    }
    complete(template, &mut filled);
    Ok(filled)
}

/// What the checks look things up in.
struct Desk<'a> {
    world: &'a World,
}

impl Desk<'_> {
    /// Fills the controls of a form, or of a row of a table, in their order.
    fn fill_in(
        &self,
        controls: &[Control],
        contents: &[Value],
        in_row: bool,
    ) -> Result<Vec<Filled>, Refusal> {
        let mut given = BTreeMap::new();
        for entry in contents {
            let id = entry.get("id").and_then(Value::as_str).unwrap_or_default();
            let control = controls.iter().find(|control| control.id == id);
            let control = control
                .ok_or_else(|| Refusal::approval(format_args!("invalid control id {id}")))?;
            let value = self.value_of(control, entry)?;
            if given.insert(id, value).is_some() {
                return Err(Refusal::approval(format_args!("control id {id} comes twice")));
            }
        }
        let hidden = hidden_controls(controls, &given);
        let mut filled = Vec::new();
        for control in controls {
            let id = control.id.as_str();
            let is_hidden = hidden.contains(&id);
            let value = match given.remove(id) {
                Some(Some(value)) => Some(value),
                Some(None) | None if control.require && !is_hidden && !is_platforms(control) => {
                    return Err(Refusal::approval(format_args!("has no require control {id}")));
                }
                None if in_row && !is_platforms(control) => {
                    return Err(Refusal::approval(format_args!("has no control {id} in a row")));
                }
                Some(None) => Some(json!({})),
                None => None,
            };
            if let Some(value) = value {
                filled.push(Filled { hidden: is_hidden, ..show(control, value) });
            }
        }
        Ok(filled)
    }

    /// The value of an entry; `None` when it is there and empty.
    fn value_of(&self, control: &Control, entry: &Value) -> Result<Option<Value>, Refusal> {
        let Control { id, kind, .. } = control;
        let lenient = self.world.quirks.lenient_contents;
        match entry.get("control").and_then(Value::as_str) {
            Some(given) if given == kind => {}
            None if lenient => {}
            given => {
                let given = given.unwrap_or("missing");
                let message = format!("control of {id} is {given}, not {kind}");
                return Err(Refusal::approval(message));
            }
        }
        let value = entry.get("value").filter(|value| value.is_object());
        let value =
            value.ok_or_else(|| Refusal::approval(format_args!("value of {id} is no object")))?;
        let text = value.get("text").and_then(Value::as_str);
        if let (true, Some(text)) = (lenient, text) {
            return Ok((!text.is_empty()).then(|| json!({"text": text})));
        }
        if kind == "Table" {
            return self.rows(control, value);
        }
        self.read(control, value)
            .map_err(|why| Refusal::approval(format_args!("control {id}: {why}")))
    }

    fn rows(&self, table: &Control, value: &Value) -> Result<Option<Value>, Refusal> {
        let wrong = |why: &str| Refusal::approval(format_args!("control {}: {why}", table.id));
        let rows = value.get("children").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| wrong("children is not a list"))?;
        let mut read = Vec::new();
        for row in rows {
            let list = row.get("list").and_then(Value::as_array);
            let list = list.ok_or_else(|| wrong("a row has no list"))?;
            read.push(json!({"list": self.fill_in(&table.children, list, true)?}));
        }
        Ok((!read.is_empty()).then(|| json!({"children": read})))
    }
}

fn show(control: &Control, value: Value) -> Filled {
    Filled {
        control: control.kind.clone(),
        id: control.id.clone(),
        title: control.title.clone(),
        value,
        hidden: false,
    }
}

/// Controls the platform fills in itself.
fn is_platforms(control: &Control) -> bool {
    matches!(control.kind.as_str(), "Tips" | "Formula" | "PunchCorrection")
}

/// Controls that only show when an option is picked, and it is not (`op_relations`).
fn hidden_controls<'a>(
    controls: &'a [Control],
    given: &BTreeMap<&str, Option<Value>>,
) -> Vec<&'a str> {
    let mut hidden = Vec::new();
    for control in controls {
        let relations = control.setting("/selector/op_relations").and_then(Value::as_array);
        let picked = given.get(control.id.as_str()).and_then(Option::as_ref);
        let picked = picked.and_then(|value| value.pointer("/selector/options")?.as_array());
        for relation in relations.into_iter().flatten() {
            let key = relation.get("key");
            let is_picked = picked.is_some_and(|all| all.iter().any(|one| one.get("key") == key));
            let related = relation.get("relation_list").and_then(Value::as_array);
            let related = related.into_iter().flatten();
            let ids = related.filter_map(|one| one.get("related_control_id")?.as_str());
            if !is_picked {
                hidden.extend(ids);
            }
        }
    }
    hidden
}

/// The `file_id` members of a value, those in the rows of a table included.
fn file_ids(value: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    let Some(members) = value.as_object_mut() else { return found };
    for (name, member) in members {
        let Some(entries) = member.as_array_mut() else { continue };
        match name.as_str() {
            "files" => found.extend(entries.iter_mut().filter_map(|file| file.get_mut("file_id"))),
            "children" => {
                let lists = entries.iter_mut().filter_map(|row| row.get_mut("list"));
                let cells = lists.filter_map(Value::as_array_mut).flatten();
                for cell in cells.filter_map(|cell| cell.get_mut("value")) {
                    found.extend(file_ids(cell));
                }
            }
            _ => {}
        }
    }
    found
}

/// Adds what the platform fills in itself: tips and sums.
fn complete(template: &Template, filled: &mut Vec<Filled>) {
    let mut whole = Vec::new();
    for control in &template.controls {
        let value = match control.kind.as_str() {
            "Tips" => {
                let tips = control.setting("/tips").cloned();
                Some(json!({"new_tips": tips.unwrap_or_else(|| json!({"tips_content": []}))}))
            }
            "Formula" => {
                let sum = sum(&control.adds_up, filled);
                Some(json!({"formula": {"value": sum.to_string()}}))
            }
            _ => None,
        };
        let given = filled.iter().find(|one| one.id == control.id).cloned();
        whole.extend(value.map(|value| show(control, value)).or(given));
    }
    *filled = whole;
}

fn sum(ids: &[String], filled: &[Filled]) -> Decimal {
    let cells = filled.iter().flat_map(|one| {
        let rows = one.value.get("children").and_then(Value::as_array);
        let lists = rows.into_iter().flatten().filter_map(|row| row.get("list")?.as_array());
        let cells = lists
            .flatten()
            .filter_map(|cell| Some((cell.get("id")?.as_str()?, cell.get("value")?)));
        std::iter::once((one.id.as_str(), &one.value)).chain(cells)
    });
    let numbers =
        cells.filter(|(id, _)| ids.iter().any(|one| one == id)).filter_map(|(_, value)| {
            let text = value.get("new_number").or_else(|| value.get("new_money"))?.as_str()?;
            text.parse::<Decimal>().ok()
        });
    numbers.fold(Decimal::ZERO, |sum, number| sum.checked_add(number).unwrap_or(sum))
}
