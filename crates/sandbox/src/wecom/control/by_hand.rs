//! What a person types into a form, as the contents of a submission.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::wecom::template::Control;

/// Values by title as `apply_data.contents`. Texts and numbers go into the control's own member,
/// `2026-01-31` into a day, the text of an option into a choice, a list of objects into a table.
/// Other values are taken as the platform writes them.
///
/// # Errors
///
/// A text that names the title the template does not have.
pub(in crate::wecom) fn by_hand(
    controls: &[Control],
    values: &Value,
) -> Result<Vec<Value>, String> {
    let values = values.as_object().ok_or("the values are no object from title to value")?;
    let entry = |(title, value): (&String, &Value)| {
        let control = controls.iter().find(|control| control.title() == title);
        let control = control.ok_or_else(|| format!("no control has the title {title:?}"))?;
        let value = typed(control, value)?;
        Ok(json!({"control": control.kind, "id": control.id, "value": value}))
    };
    values.iter().map(entry).collect()
}

fn typed(control: &Control, value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(rows) if control.kind == "Table" => {
            let row = |row: &Value| Ok(json!({"list": whole_row(&control.children, row)?}));
            let rows: Result<Vec<_>, String> = rows.iter().map(row).collect();
            return Ok(json!({"children": rows?}));
        }
        other => return Ok(other.clone()),
    };
    Ok(match control.kind.as_str() {
        "Number" => json!({"new_number": text}),
        "Money" => json!({"new_money": text}),
        "Date" => {
            let day: Option<NaiveDate> = text.parse().ok();
            let midnight = day.and_then(|day| day.and_hms_opt(0, 0, 0));
            let seconds = midnight.map(|time| (time.and_utc().timestamp() - 8 * 3600).to_string());
            let kind = control.text_setting("/date/type");
            json!({"date": {"type": kind, "s_timestamp": seconds.unwrap_or(text)}})
        }
        "Selector" => {
            let options = control.setting("/selector/options").and_then(Value::as_array);
            let has_text = |option: &&Value| {
                option.pointer("/value/0/text").and_then(Value::as_str) == Some(&text)
            };
            let option = options.into_iter().flatten().find(has_text);
            let key = option.and_then(|option| option.get("key")).cloned();
            let kind = control.text_setting("/selector/type");
            json!({"selector": {"type": kind, "options": [{"key": key.unwrap_or(json!(text))}]}})
        }
        _ => json!({"text": text}),
    })
}

/// A row lists every column: those the person left out are empty.
fn whole_row(columns: &[Control], row: &Value) -> Result<Vec<Value>, String> {
    let mut cells = by_hand(columns, row)?;
    let is_given = |column: &Control| cells.iter().any(|cell| cell["id"] == json!(column.id));
    let rest: Vec<_> = columns
        .iter()
        .filter(|column| !is_given(column) && column.kind != "Formula")
        .map(|column| Ok(json!({"control": column.kind, "id": column.id, "value": empty(column)?})))
        .collect::<Result<_, String>>()?;
    cells.extend(rest);
    Ok(cells)
}

fn empty(control: &Control) -> Result<Value, String> {
    Ok(match control.kind.as_str() {
        "Selector" => {
            let kind = control.text_setting("/selector/type");
            json!({"selector": {"type": kind, "options": []}})
        }
        "Contact" => json!({"members": [], "departments": []}),
        "File" => json!({"files": []}),
        "Date" => return typed(control, &json!("")),
        "Text" | "Textarea" | "Number" | "Money" => return typed(control, &json!("")),
        kind => return Err(format!("the column {:?} ({kind}) has to be given", control.title())),
    })
}
