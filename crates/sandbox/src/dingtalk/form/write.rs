//! Checks the values of a form as a create call sends them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Value, json};

use super::super::directory::Directory;
use super::super::instance::{Filled, Instance};
use super::super::refusal::Refusal;
use super::super::template::Component;
use super::find;

/// Longest value of a component, in characters.
const LONGEST_VALUE: usize = 65_535;
/// Most components a create call may send.
const MOST_COMPONENTS: usize = 150;
/// Most pictures, or related instances, in one component.
const MOST_REFERENCES: usize = 9;
/// The members every attachment must have, all of them text.
const ATTACHMENT_MEMBERS: [&str; 5] = ["spaceId", "fileName", "fileSize", "fileType", "fileId"];

/// What the values of a form may refer to.
pub(in super::super) struct Known<'a> {
    pub(in super::super) directory: &'a Directory,
    pub(in super::super) instances: &'a BTreeMap<String, Instance>,
    /// References and options are not looked up, as the platform does until its stricter checks come.
    pub(in super::super) lenient: bool,
}

/// Checks `formComponentValues` against a template.
pub(in super::super) fn accept(
    components: &[Component],
    entries: &Value,
    known: &Known<'_>,
) -> Result<Vec<Filled>, Refusal> {
    let entries = entries.as_array().ok_or_else(|| {
        Refusal::new("invalidParameter", "formComponentValues 必须是数组 (must be an array)")
    })?;
    if entries.len() > MOST_COMPONENTS {
        let message = format!("formComponentValues 超过{MOST_COMPONENTS}个 ({})", entries.len());
        return Err(Refusal::new("invalidParameter", message));
    }
    let mut form: Vec<Filled> = Vec::with_capacity(entries.len());
    for entry in entries {
        let (component, value) = accept_entry(components, entry, known)?;
        let ext_value = ext_value(entry).ok_or_else(|| illegal(&component.label))?;
        form.retain(|filled| filled.component_id != component.id);
        form.push(Filled { component_id: component.id.clone(), value, ext_value });
    }
    for component in components.iter().filter(|component| component.required) {
        let filled = form.iter().find(|filled| filled.component_id == component.id);
        if filled.is_none_or(|filled| is_empty(&filled.value)) {
            return Err(unconvertible(&component.label));
        }
    }
    Ok(form)
}

/// What a person types into the form, `{"label": value}`, in the encoding of a create call.
///
/// Text stays, numbers become text, a list of objects becomes the rows of a table, other lists
/// become JSON text, null is not sent.
pub(in super::super) fn by_hand(values: &Value) -> Value {
    let Some(values) = values.as_object() else { return json!([]) };
    let entry = |(name, value): (&String, &Value)| {
        encoded(value).map(|value| json!({"name": name, "value": value}))
    };
    Value::Array(values.iter().filter_map(entry).collect())
}

fn encoded(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(rows) if rows.iter().any(Value::is_object) => {
            Some(Value::Array(rows.iter().map(by_hand).collect()).to_string())
        }
        other => Some(other.to_string()),
    }
}

fn accept_entry<'a>(
    components: &'a [Component],
    entry: &Value,
    known: &Known<'_>,
) -> Result<(&'a Component, String), Refusal> {
    let member = |name| entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (id, alias, label) = (member("id"), member("bizAlias"), member("name"));
    let named = label.or(alias).or(id).unwrap_or("?");
    let component = find(components, id, alias, label).ok_or_else(|| unconvertible(named))?;
    let value = entry.get("value").and_then(Value::as_str).ok_or_else(|| illegal(named))?;
    if value.chars().count() > LONGEST_VALUE {
        return Err(illegal(named));
    }
    if !is_empty(value) {
        check(component, value, known)?;
    }
    Ok((component, value.to_owned()))
}

/// The extra value, which is optional; `None` when it is no text or too long.
fn ext_value(entry: &Value) -> Option<Option<String>> {
    match entry.get("extValue") {
        None | Some(Value::Null) => Some(None),
        Some(value) => {
            let text = value.as_str().filter(|text| text.chars().count() <= LONGEST_VALUE)?;
            Some(Some(text.to_owned()))
        }
    }
}

/// Nothing filled in; `[]` is a table without rows or a list without entries.
fn is_empty(value: &str) -> bool {
    value.is_empty() || value == "[]"
}

fn check(component: &Component, value: &str, known: &Known<'_>) -> Result<(), Refusal> {
    let kind = component.kind.as_str();
    let fine = match kind {
        "NumberField" | "MoneyField" | "StarRatingField" => is_decimal(value),
        "DDSelectField" => is_option(component, value, known),
        "DDMultiSelectField" => {
            texts(value).is_some_and(|all| all.iter().all(|one| is_option(component, one, known)))
        }
        "DDDateField" => is_date(value, component.format.as_deref()),
        "DDDateRangeField" => texts(value).is_some_and(|dates| {
            dates.len() == 2 && dates.iter().all(|date| is_date(date, component.format.as_deref()))
        }),
        "DDPhotoField" => texts(value).is_some_and(|urls| urls.len() <= MOST_REFERENCES),
        "DDAttachment" => is_attachment_list(value),
        "InnerContactField" => texts(value).is_some_and(|users| {
            known.lenient || users.iter().all(|user| known.directory.user(user).is_some())
        }),
        "DepartmentField" => is_department_list(value, known),
        "RelateField" => texts(value).is_some_and(|ids| {
            ids.len() <= MOST_REFERENCES
                && (known.lenient || ids.iter().all(|id| known.instances.contains_key(id)))
        }),
        "TimeAndLocationField" => {
            serde_json::from_str::<Vec<Value>>(value).is_ok_and(|parts| parts.len() == 5)
        }
        "TableField" => return check_table(component, value, known),
        "TextNote" | "FormRelateField" | "SignatureField" | "DDHolidayField" | "DDBizSuite" => {
            return Err(illegal(&component.label));
        }
        // Text, and what the platform's documentation gives no rule for.
        _ => true,
    };
    if fine { Ok(()) } else { Err(unconvertible(&component.label)) }
}

/// Rows are arrays of `{"name","value"}`; the row objects of the read side are refused.
fn check_table(table: &Component, value: &str, known: &Known<'_>) -> Result<(), Refusal> {
    let rows: Vec<Vec<Value>> =
        serde_json::from_str(value).map_err(|_| unconvertible(&table.label))?;
    for row in &rows {
        let mut filled = Vec::with_capacity(row.len());
        for cell in row {
            let (component, value) = accept_entry(&table.children, cell, known)?;
            if !is_empty(&value) {
                filled.push(component.id.as_str());
            }
        }
        let mut required = table.children.iter().filter(|component| component.required);
        if let Some(missing) = required.find(|one| !filled.contains(&one.id.as_str())) {
            return Err(unconvertible(&missing.label));
        }
    }
    Ok(())
}

fn texts(value: &str) -> Option<Vec<String>> {
    serde_json::from_str(value).ok()
}

/// A decimal without grouping and without exponent.
fn is_decimal(value: &str) -> bool {
    let unsigned = value.strip_prefix('-').unwrap_or(value);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole) && digits(fraction)
}

fn is_option(component: &Component, value: &str, known: &Known<'_>) -> bool {
    known.lenient || component.options.iter().any(|option| option == value)
}

/// A component without a format takes both.
fn is_date(value: &str, format: Option<&str>) -> bool {
    let day = value.len() == 10 && NaiveDate::parse_from_str(value, "%Y-%m-%d").is_ok();
    let minute =
        value.len() == 16 && NaiveDateTime::parse_from_str(value, "%Y-%m-%d %H:%M").is_ok();
    match format {
        Some("yyyy-MM-dd") => day,
        Some("yyyy-MM-dd HH:mm") => minute,
        _ => day || minute,
    }
}

fn is_attachment_list(value: &str) -> bool {
    let complete = |file: &Value| {
        ATTACHMENT_MEMBERS.iter().all(|member| file.get(member).is_some_and(Value::is_string))
    };
    serde_json::from_str::<Vec<Value>>(value).is_ok_and(|files| files.iter().all(complete))
}

/// Ids joined by commas; a JSON array is seen in use as well.
fn is_department_list(value: &str, known: &Known<'_>) -> bool {
    department_ids(value).is_some_and(|ids| {
        known.lenient || ids.iter().all(|id| known.directory.department(*id).is_some())
    })
}

pub(super) fn department_ids(value: &str) -> Option<Vec<i64>> {
    let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value);
    list.split(',').map(|id| id.trim().trim_matches('"').parse().ok()).collect()
}

fn unconvertible(label: &str) -> Refusal {
    Refusal::new("formConverterError", format!("表单数据校验失败，失败控件：{label}"))
}

fn illegal(label: &str) -> Refusal {
    Refusal::new("illegalComponent", format!("非法的表单控件：{label}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Vec<Component> {
        vec![
            Component::text("来源单号").required(),
            Component::number("数量合计"),
            Component::date("需求日期"),
            Component::select("币种", &["CNY", "USD"]),
            Component::new("DDDateRangeField", r#"["开始时间","结束时间"]"#),
            Component::new("InnerContactField", "经办人"),
            Component::table(
                "物料明细",
                vec![Component::text("物料编码").required(), Component::number("数量")],
            ),
        ]
    }

    fn refused(lenient: bool, entries: Value) -> Option<(String, String)> {
        let directory = Directory::default();
        let instances = BTreeMap::new();
        let known = Known { directory: &directory, instances: &instances, lenient };
        accept(&form(), &entries, &known).err().map(|refusal| (refusal.code, refusal.message))
    }

    fn with(name: &str, value: impl Into<Value>) -> Value {
        json!([{"name": "来源单号", "value": "1024"}, {"name": name, "value": value.into()}])
    }

    fn converter_error(label: &str) -> Option<(String, String)> {
        Some(("formConverterError".to_owned(), format!("表单数据校验失败，失败控件：{label}")))
    }

    #[test]
    fn good_values_pass() {
        let rows = r#"[[{"name":"物料编码","value":"A-001"},{"name":"数量","value":"2.5"}]]"#;
        for entries in [
            with("数量合计", "12.5"),
            with("需求日期", "2026-11-30"),
            with("币种", "CNY"),
            with(r#"["开始时间", "结束时间"]"#, r#"["2026-11-01","2026-11-30"]"#),
            with("物料明细", rows),
            with("物料明细", "[]"),
            with("数量合计", ""),
        ] {
            assert_eq!(refused(false, entries.clone()), None, "{entries}");
        }
    }

    #[test]
    fn bad_values_are_refused_with_the_label() {
        for (label, value) in [
            ("数量合计", "1,000"),
            ("数量合计", "1e3"),
            ("需求日期", "2026-11-30 10:00"),
            ("需求日期", "30.11.2026"),
            ("币种", "EUR"),
            ("经办人", r#"["nobody"]"#),
            ("经办人", "nobody"),
            ("没有这个控件", "1"),
            ("物料明细", r#"[{"rowValue":[{"label":"物料编码","value":"A-001"}]}]"#),
        ] {
            assert_eq!(refused(false, with(label, value)), converter_error(label), "{value}");
        }
    }

    #[test]
    fn a_bad_cell_is_named_itself() {
        let bad_number = r#"[[{"name":"物料编码","value":"A"},{"name":"数量","value":"x"}]]"#;
        assert_eq!(refused(false, with("物料明细", bad_number)), converter_error("数量"));
        let no_code = r#"[[{"name":"数量","value":"1"}]]"#;
        assert_eq!(refused(false, with("物料明细", no_code)), converter_error("物料编码"));
    }

    #[test]
    fn a_required_component_must_be_filled_in() {
        assert_eq!(refused(false, json!([])), converter_error("来源单号"));
        let empty = json!([{"name": "来源单号", "value": ""}]);
        assert_eq!(refused(false, empty), converter_error("来源单号"));
    }

    #[test]
    fn a_value_that_is_not_text_or_too_long_is_illegal() {
        let code = |entries| refused(false, entries).map(|(code, _)| code);
        assert_eq!(code(with("数量合计", 5)).as_deref(), Some("illegalComponent"));
        let long = "x".repeat(LONGEST_VALUE + 1);
        assert_eq!(code(with("来源单号", long.clone())).as_deref(), Some("illegalComponent"));
        for extra in [json!({"key": "option_0"}), json!(long)] {
            let entry = json!([{"name": "来源单号", "value": "1024", "extValue": extra}]);
            assert_eq!(code(entry).as_deref(), Some("illegalComponent"));
        }
    }

    #[test]
    fn today_unknown_options_and_users_pass() {
        assert_eq!(refused(true, with("币种", "EUR")), None);
        assert_eq!(refused(true, with("经办人", r#"["nobody"]"#)), None);
        assert_eq!(refused(true, with("数量合计", "x")), converter_error("数量合计"));
    }

    #[test]
    fn what_a_person_types_becomes_the_write_encoding() {
        let typed = json!({"单号": "7", "数量": 2.5, "空": null, "明细": [{"物料编码": "A"}]});
        assert_eq!(
            by_hand(&typed),
            json!([
                {"name": "单号", "value": "7"},
                {"name": "数量", "value": "2.5"},
                {"name": "明细", "value": r#"[[{"name":"物料编码","value":"A"}]]"#},
            ])
        );
    }
}
