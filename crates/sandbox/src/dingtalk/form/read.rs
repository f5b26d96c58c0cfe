//! The values of a form as the instance detail shows them.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::super::directory::Directory;
use super::super::instance::Filled;
use super::super::quirks::{EmptyStyle, Quirks};
use super::super::template::Component;
use super::find;
use super::write::department_ids;

/// One entry of `formComponentValues`.
pub(in super::super) fn read(
    component: &Component,
    filled: Option<&Filled>,
    directory: &Directory,
    quirks: &Quirks,
) -> Value {
    let shown = filled
        .filter(|filled| !filled.value.is_empty())
        .and_then(|filled| show(component, filled, directory, quirks));
    let mut entry = Map::new();
    entry.insert("id".to_owned(), json!(component.id));
    entry.insert("name".to_owned(), json!(component.label));
    entry.insert("componentType".to_owned(), json!(component.kind));
    entry.insert("bizAlias".to_owned(), json!(component.biz_alias));
    match shown {
        Some(Shown { value, ext_value }) => {
            entry.insert("value".to_owned(), json!(value));
            entry.insert("extValue".to_owned(), ext_value.unwrap_or(Value::Null));
        }
        None => {
            let value = match component.kind.as_str() {
                "TableField" if quirks.empty_table_as_schema => Some(schema_as_rows(component)),
                _ => empty(quirks),
            };
            entry.extend(value.map(|value| ("value".to_owned(), value)));
            entry.insert("extValue".to_owned(), Value::Null);
        }
    }
    Value::Object(entry)
}

struct Shown {
    value: String,
    ext_value: Option<Value>,
}

/// `None`: nothing to show, as if it had not been filled in.
fn show(
    component: &Component,
    filled: &Filled,
    directory: &Directory,
    quirks: &Quirks,
) -> Option<Shown> {
    let written = filled.value.as_str();
    let list = || serde_json::from_str::<Vec<Value>>(written).ok();
    let shown =
        |value: String, ext: Value| Some(Shown { value, ext_value: Some(json!(ext.to_string())) });
    match component.kind.as_str() {
        "DDSelectField" => shown(written.to_owned(), choice(component, written)),
        "DDMultiSelectField" => {
            let chosen = list()?;
            let choices = chosen.iter().filter_map(Value::as_str);
            shown(written.to_owned(), choices.map(|text| choice(component, text)).collect())
        }
        "InnerContactField" => {
            let ids = list()?;
            let users = ids.iter().filter_map(Value::as_str);
            let ext: Value = users
                .clone()
                .map(|id| json!({"emplId": id, "name": directory.name_of(id), "avatar": ""}))
                .collect();
            let names: Vec<_> = users.map(|id| directory.name_of(id)).collect();
            shown(names.join(","), ext)
        }
        "DepartmentField" => {
            let ids = department_ids(written)?;
            let departments = || ids.iter().filter_map(|id| directory.department(*id));
            let ext = departments().map(|one| json!({"id": one.id, "name": one.name})).collect();
            let names: Vec<_> = departments().map(|one| one.name.as_str()).collect();
            shown(names.join(","), ext)
        }
        "DDAttachment" => {
            let files: Vec<_> = list()?.into_iter().map(with_numeric_size).collect();
            Some(Shown { value: Value::Array(files).to_string(), ext_value: None })
        }
        "TableField" => show_table(component, written, directory, quirks),
        _ => Some(Shown {
            value: written.to_owned(),
            ext_value: filled.ext_value.clone().map(Value::from),
        }),
    }
}

/// Rows as `{"rowValue":[cells],"rowNumber"}`; the sums of the number columns beside them.
fn show_table(
    table: &Component,
    written: &str,
    directory: &Directory,
    quirks: &Quirks,
) -> Option<Shown> {
    let rows: Vec<Vec<Value>> = serde_json::from_str(written).ok()?;
    if rows.is_empty() {
        return None;
    }
    let row = |(index, cells): (usize, &Vec<Value>)| {
        let row: Value =
            table.children.iter().map(|column| cell(column, cells, directory, quirks)).collect();
        json!({"rowValue": row, "rowNumber": format!("{}_{index}", table.id)})
    };
    let numbers = table.children.iter().filter(|column| column.kind == "NumberField");
    let sums: Value = numbers
        .map(|column| {
            let sum: Decimal = rows
                .iter()
                .filter_map(|cells| written_cell(column, cells)?.parse::<Decimal>().ok())
                .fold(Decimal::ZERO, |sum, number| sum.checked_add(number).unwrap_or(sum));
            json!({"id": column.id, "num": sum.normalize().to_string(), "label": column.label})
        })
        .collect();
    let ext = json!({"statValue": sums, "componentName": "TableField"});
    Some(Shown {
        value: rows.iter().enumerate().map(row).collect::<Value>().to_string(),
        ext_value: Some(json!(ext.to_string())),
    })
}

fn cell(column: &Component, cells: &[Value], directory: &Directory, quirks: &Quirks) -> Value {
    let mut shown_cell = Map::new();
    shown_cell.insert("componentType".to_owned(), json!(column.kind));
    shown_cell.insert("label".to_owned(), json!(column.label));
    shown_cell.insert("key".to_owned(), json!(column.id));
    let shown = written_cell(column, cells).filter(|value| !value.is_empty()).and_then(|value| {
        let filled =
            Filled { component_id: column.id.clone(), value: value.to_owned(), ext_value: None };
        show(column, &filled, directory, quirks)
    });
    match shown {
        Some(Shown { value, ext_value }) => {
            shown_cell.insert("value".to_owned(), json!(value));
            shown_cell.extend(ext_value.map(|ext| ("extendValue".to_owned(), parsed(ext))));
        }
        None => shown_cell.extend(empty(quirks).map(|value| ("value".to_owned(), value))),
    }
    Value::Object(shown_cell)
}

fn written_cell<'a>(column: &Component, cells: &'a [Value]) -> Option<&'a str> {
    let is_ours = |cell: &&Value| {
        let member = |name| cell.get(name).and_then(Value::as_str);
        find(std::slice::from_ref(column), member("id"), member("bizAlias"), member("name"))
            .is_some()
    };
    cells.iter().rev().find(is_ours)?.get("value")?.as_str()
}

/// The extra value of a cell is JSON, not JSON text.
fn parsed(ext: Value) -> Value {
    match ext.as_str().map(serde_json::from_str) {
        Some(Ok(inner)) => inner,
        _ => ext,
    }
}

fn choice(component: &Component, text: &str) -> Value {
    let index = component.options.iter().position(|option| option == text);
    json!({"label": text, "key": format!("option_{}", index.unwrap_or_default())})
}

/// File sizes are written as text and read as numbers.
fn with_numeric_size(mut file: Value) -> Value {
    let size = file.get("fileSize").and_then(Value::as_str).and_then(|text| text.parse().ok());
    if let (Some(size), Some(members)) = (size, file.as_object_mut()) {
        let size: u64 = size;
        members.insert("fileSize".to_owned(), json!(size));
    }
    file
}

fn empty(quirks: &Quirks) -> Option<Value> {
    match quirks.empty_values {
        EmptyStyle::NullText => Some(json!("null")),
        EmptyStyle::Null => Some(Value::Null),
        EmptyStyle::Absent => None,
    }
}

fn schema_as_rows(table: &Component) -> Value {
    let columns = table.children.iter().map(|column| {
        json!({
            "componentName": column.kind,
            "componentType": column.kind,
            "props": {"id": column.id, "label": column.label},
        })
    });
    json!(columns.collect::<Value>().to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::directory::User;
    use super::*;

    fn shown(component: &Component, value: &str, quirks: &Quirks) -> Value {
        let mut directory = Directory::default();
        directory.put_user(User::new("0147", "李四", "13800000002", &[1]));
        let filled =
            Filled { component_id: component.id.clone(), value: value.to_owned(), ext_value: None };
        read(component, Some(&filled), &directory, quirks)
    }

    fn text<'a>(entry: &'a Value, member: &str) -> &'a str {
        entry.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    #[test]
    fn what_was_not_filled_in_reads_as_the_text_null() {
        let directory = Directory::default();
        let component = Component::text("备注");
        let entry = |style| {
            let quirks = Quirks { empty_values: style, ..Quirks::default() };
            read(&component, None, &directory, &quirks).get("value").cloned()
        };
        assert_eq!(entry(EmptyStyle::NullText), Some(json!("null")));
        assert_eq!(entry(EmptyStyle::Null), Some(Value::Null));
        assert_eq!(entry(EmptyStyle::Absent), None);
    }

    #[test]
    fn a_contact_reads_as_its_name_and_keeps_the_id_in_the_extra_value() {
        let entry = shown(
            &Component::new("InnerContactField", "经办人"),
            r#"["0147"]"#,
            &Quirks::default(),
        );
        assert_eq!(text(&entry, "value"), "李四");
        let ext: Value = serde_json::from_str(text(&entry, "extValue")).unwrap();
        assert_eq!(ext, json!([{"emplId": "0147", "name": "李四", "avatar": ""}]));
    }

    #[test]
    fn a_table_reads_as_row_values_with_sums() {
        let table = Component::table(
            "物料明细",
            vec![
                Component::text("物料编码"),
                Component::number("数量"),
                Component::select("单位", &["个", "箱"]),
            ],
        );
        let rows = r#"[[{"name":"物料编码","value":"A"},{"name":"数量","value":"10"},{"name":"单位","value":"箱"}],
                       [{"name":"物料编码","value":"B"},{"name":"数量","value":"2.5"}]]"#;
        let entry = shown(&table, rows, &Quirks::default());
        let read: Value = serde_json::from_str(text(&entry, "value")).unwrap();
        assert_eq!(read[0]["rowValue"][0]["label"], "物料编码");
        assert_eq!(read[0]["rowValue"][0]["value"], "A");
        assert_eq!(
            read[0]["rowValue"][2]["extendValue"],
            json!({"label": "箱", "key": "option_1"})
        );
        assert_eq!(read[1]["rowValue"][1]["value"], "2.5");
        assert_eq!(read[1]["rowValue"][2]["value"], "null");
        let ext: Value = serde_json::from_str(text(&entry, "extValue")).unwrap();
        assert_eq!(ext["statValue"][0]["num"], "12.5");
    }

    #[test]
    fn a_table_without_rows_can_show_its_columns() {
        let table = Component::table("物料明细", vec![Component::text("物料编码")]);
        assert_eq!(text(&shown(&table, "[]", &Quirks::default()), "value"), "null");
        let quirks = Quirks { empty_table_as_schema: true, ..Quirks::default() };
        assert!(text(&shown(&table, "[]", &quirks), "value").contains("componentName"));
    }

    #[test]
    fn the_size_of_an_attachment_reads_as_a_number() {
        let file = r#"[{"spaceId":"1","fileName":"a.jpg","fileSize":"333","fileType":"jpg","fileId":"6"}]"#;
        let entry = shown(&Component::new("DDAttachment", "附件"), file, &Quirks::default());
        let files: Value = serde_json::from_str(text(&entry, "value")).unwrap();
        assert_eq!(files[0]["fileSize"], 333);
        assert_eq!(files[0]["fileId"], "6");
    }
}
