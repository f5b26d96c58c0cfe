//! Control values as the platform wants them.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::control::Control;
use super::value::{Attendance, ControlKind, ControlValue, FormFile, Period, SelectedOption};

impl Serialize for Control {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut control = serializer.serialize_struct("Control", 3)?;
        control.serialize_field("control", &self.value.kind())?;
        control.serialize_field("id", &self.id)?;
        control.serialize_field("value", &Written(&self.value))?;
        control.end()
    }
}

/// The member `value` of a control.
struct Written<'a>(&'a ControlValue);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            // Not through `Value`: rows and raw JSON keep their own text.
            ControlValue::Table(rows) => {
                #[derive(Serialize)]
                struct List<'a> {
                    list: &'a [Control],
                }
                let children: Vec<_> =
                    rows.iter().map(|row| List { list: row.controls() }).collect();
                let mut value = serializer.serialize_struct("Value", 1)?;
                value.serialize_field("children", &children)?;
                value.end()
            }
            ControlValue::Other(_, raw) => raw.serialize(serializer),
            ControlValue::Tips(tips) => {
                let mut value = serializer.serialize_struct("Value", 1)?;
                value.serialize_field("new_tips", tips)?;
                value.end()
            }
            plain => {
                let mut value = to_json(plain);
                clean(&mut value);
                value.serialize(serializer)
            }
        }
    }
}

fn to_json(value: &ControlValue) -> Value {
    match value {
        ControlValue::Text(text) | ControlValue::Textarea(text) => json!({ "text": text }),
        ControlValue::Number(number) => json!({ "new_number": number.to_string() }),
        ControlValue::Money(amount) => json!({ "new_money": amount.to_string() }),
        ControlValue::Date(date) => {
            json!({ "date": { "type": date.kind, "s_timestamp": date.timestamp.to_string() } })
        }
        ControlValue::Selector(options) => {
            let kind = if options.len() == 1 { "single" } else { "multi" };
            json!({ "selector": selector(kind, options) })
        }
        ControlValue::Members(members) => {
            let members = members.iter().map(|member| {
                let name = member.name.as_deref().unwrap_or_default();
                json!({ "userid": member.userid, "name": name })
            });
            json!({ "members": members.collect::<Value>() })
        }
        ControlValue::Departments(departments) => {
            let departments = departments.iter().map(|department| {
                let name = department.name.as_deref().unwrap_or_default();
                json!({ "openapi_id": department.openapi_id, "name": name })
            });
            json!({ "departments": departments.collect::<Value>() })
        }
        ControlValue::Files(files) => {
            json!({ "files": files.iter().map(file).collect::<Value>() })
        }
        ControlValue::DateRange(period_) => json!({ "date_range": period(period_) }),
        ControlValue::Vacation(vacation) => {
            let mut option = selector("single", std::slice::from_ref(&vacation.option));
            option["exp_type"] = json!(0);
            let attendance = attendance(&vacation.attendance);
            json!({ "vacation": { "selector": option, "attendance": attendance } })
        }
        ControlValue::Attendance(value) => json!({ "attendance": attendance(value) }),
        ControlValue::Location(location) => json!({ "location": {
            "latitude": location.latitude, "longitude": location.longitude,
            "title": location.title, "address": location.address, "time": location.time,
        } }),
        ControlValue::RelatedApprovals(forms) => {
            let forms = forms.iter().map(|form| json!({ "sp_no": form.sp_no }));
            json!({ "related_approval": forms.collect::<Value>() })
        }
        ControlValue::BankAccount(account) => {
            let bank = &account.bank;
            json!({ "bank_account": {
                "account_type": account.account_type, "account_name": account.account_name,
                "account_number": account.account_number, "remark": account.remark,
                "bank": {
                    "bank_alias": bank.bank_alias, "bank_alias_code": bank.bank_alias_code,
                    "province": bank.province, "province_code": bank.province_code,
                    "city": bank.city, "city_code": bank.city_code,
                    "bank_branch_name": bank.bank_branch_name, "bank_branch_id": bank.bank_branch_id,
                },
            } })
        }
        ControlValue::PunchCorrection(correction) => json!({ "punch_correction": {
            "state": correction.state, "time": correction.time, "version": correction.version,
            "daymonthyear": correction.day,
        } }),
        ControlValue::Formula(value) => json!({ "formula": { "value": value } }),
        ControlValue::Empty(kind) => empty(kind),
        // Written where they are met: `Written::serialize`.
        ControlValue::Table(_) | ControlValue::Tips(_) | ControlValue::Other(..) => json!({}),
    }
}

/// A row lists all of its controls, also those that nobody filled in.
fn empty(kind: &ControlKind) -> Value {
    match kind {
        ControlKind::Text | ControlKind::Textarea => json!({ "text": "" }),
        ControlKind::Number => json!({ "new_number": "" }),
        ControlKind::Money => json!({ "new_money": "" }),
        ControlKind::Selector => json!({ "selector": { "type": "single", "options": [] } }),
        ControlKind::Contact => json!({ "members": [], "departments": [] }),
        ControlKind::File => json!({ "files": [] }),
        ControlKind::RelatedApproval => json!({ "related_approval": [] }),
        ControlKind::Table => json!({ "children": [] }),
        _ => json!({}),
    }
}

fn selector(kind: &str, options: &[SelectedOption]) -> Value {
    let options = options.iter().map(|option| match &option.text {
        None => json!({ "key": option.key }),
        Some(text) => json!({ "key": option.key, "value": [{ "text": text, "lang": "zh_CN" }] }),
    });
    json!({ "type": kind, "options": options.collect::<Value>() })
}

fn file(file: &FormFile) -> Value {
    let mut value = Map::new();
    value.insert("file_id".into(), json!(file.file_id));
    let optional = [
        ("file_name", file.file_name.as_ref().map(|name| json!(name))),
        ("file_size", file.file_size.map(|size| json!(size))),
        ("file_type", file.file_type.as_ref().map(|kind| json!(kind))),
        ("file_url", file.file_url.as_ref().map(|url| json!(url))),
    ];
    value.extend(optional.into_iter().filter_map(|(name, found)| Some((name.into(), found?))));
    Value::Object(value)
}

fn period(period: &Period) -> Value {
    let mut value =
        json!({ "type": period.kind, "new_begin": period.begin, "new_end": period.end });
    if let Some(duration) = period.duration {
        value["new_duration"] = json!(duration);
    }
    value
}

fn attendance(attendance: &Attendance) -> Value {
    let mut value = json!({ "date_range": period(&attendance.range), "type": attendance.kind });
    if let Some(slices) = &attendance.slices {
        let days = slices.days.iter();
        let days = days.map(|day| json!({ "daytime": day.daytime, "duration": day.duration }));
        value["slice_info"] = json!({ "day_items": days.collect::<Value>() });
    }
    value
}

/// Takes control characters out of all texts: the platform refuses the `\uXXXX` that JSON writes
/// for them (40033).
fn clean(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_controls(text),
        Value::Array(elements) => elements.iter_mut().for_each(clean),
        Value::Object(members) => members.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text without control characters: tabs become spaces, line breaks stay.
pub(super) fn without_controls(text: &str) -> String {
    text.chars()
        .map(|letter| if letter == '\t' { ' ' } else { letter })
        .filter(|letter| *letter == '\n' || !letter.is_ascii_control())
        .collect()
}
