//! The values of the simple controls. Each reader returns the value as a form's detail shows it,
//! `None` when it is empty, or what is wrong with it.

use serde_json::{Value, json};

use super::Desk;
use super::period;
use crate::wecom::template::Control;

type Read = Result<Option<Value>, String>;

impl Desk<'_> {
    pub(super) fn read(&self, control: &Control, value: &Value) -> Read {
        match control.kind.as_str() {
            "Text" => text(value, false),
            "Textarea" => text(value, true),
            "Number" => decimal(value, "new_number"),
            "Money" => decimal(value, "new_money"),
            "Date" => period::date(control, value),
            "DateRange" => period::date_range(control, value),
            "Attendance" => period::attendance(control, value),
            "Vacation" => vacation(control, value),
            "Selector" => selector(control, value),
            "Contact" => self.contact(control, value),
            "File" => files(value),
            "Location" => location(value),
            "RelatedApproval" => self.related(value),
            "BankAccount" => one_object(value, "bank_account"),
            "Tips" | "Formula" | "PunchCorrection" => {
                Err(format!("{} cannot be submitted", control.kind))
            }
            // PhoneNumber and whatever the documentation does not describe.
            _ => Ok(is_filled(value).then(|| value.clone())),
        }
    }

    fn contact(&self, control: &Control, value: &Value) -> Read {
        let departments = control.text_setting("/contact/mode") == "department";
        let (member, id_name) =
            if departments { ("departments", "openapi_id") } else { ("members", "userid") };
        let entries = list(value, member)?;
        if entries.len() > 1 && control.text_setting("/contact/type") == "single" {
            return Err(format!("{member} has more than one entry"));
        }
        let mut read = Vec::new();
        for entry in entries {
            let id = entry.get(id_name).and_then(Value::as_str);
            let id = id.ok_or_else(|| format!("an entry of {member} has no text {id_name}"))?;
            let directory = &self.world.directory;
            let (id, name) = if departments {
                let found = id.parse().ok().and_then(|id| directory.department(id));
                found.map(|one| (one.id.to_string(), &one.name))
            } else {
                directory.present(id).map(|one| (one.userid.clone(), &one.name))
            }
            .ok_or_else(|| format!("unknown {id_name} {id}"))?;
            read.push(json!({id_name: id, "name": name}));
        }
        Ok((!read.is_empty()).then(|| json!({member: read})))
    }

    fn related(&self, value: &Value) -> Read {
        let mut read = Vec::new();
        for entry in list(value, "related_approval")? {
            let sp_no = entry.get("sp_no").and_then(Value::as_str).unwrap_or_default();
            let form = self.world.form(sp_no).ok_or_else(|| format!("unknown sp_no {sp_no}"))?;
            let name = self.world.directory.user(&form.applicant).map(|user| user.name.clone());
            read.push(json!({
                "sp_no": sp_no,
                "template_names": [{"text": form.name, "lang": "zh_CN"}],
                "sp_status": form.state.status as i64,
                "name": name.unwrap_or_default(),
                "create_time": form.created.timestamp(),
            }));
        }
        Ok((!read.is_empty()).then(|| json!({"related_approval": read})))
    }
}

fn text(value: &Value, line_breaks: bool) -> Read {
    let text = string(value, "text")?;
    if !line_breaks && text.contains(['\n', '\r']) {
        return Err("no line break allowed".to_owned());
    }
    Ok((!text.is_empty()).then(|| json!({"text": text})))
}

/// A decimal as text, without an exponent.
fn decimal(value: &Value, member: &str) -> Read {
    let text = string(value, member)?;
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if is_number(whole) && is_number(fraction) {
        Ok(Some(json!({member: text})))
    } else {
        Err(format!("{member} {text:?} is not a decimal"))
    }
}

/// The options a selector value picks, completed with their texts.
fn selector(control: &Control, value: &Value) -> Read {
    let selector = object(value, "selector")?;
    let kind = selector.get("type").and_then(Value::as_str).unwrap_or_default();
    let expected = control.text_setting("/selector/type");
    if kind != expected {
        return Err(format!("selector.type is {kind:?}, not {expected:?}"));
    }
    let picked = list(selector, "options")?;
    let known = control.setting("/selector/options").and_then(Value::as_array);
    let mut options = Vec::new();
    for option in picked {
        let key = option.get("key").and_then(Value::as_str).unwrap_or_default();
        let found = known.into_iter().flatten().find(|one| one.get("key") == Some(&json!(key)));
        options.push(found.cloned().ok_or_else(|| format!("unknown option key {key:?}"))?);
    }
    if options.len() > 1 && expected == "single" {
        return Err("a single choice has one option".to_owned());
    }
    let read = json!({"selector": {"type": expected, "options": options, "exp_type": 0}});
    Ok((!options.is_empty()).then_some(read))
}

/// The kind of leave and its time.
fn vacation(control: &Control, value: &Value) -> Read {
    let vacation = object(value, "vacation")?;
    let picked = list(object(vacation, "selector")?, "options")?;
    let [option] = picked else { return Err("a leave has one option".to_owned()) };
    let key = option.get("key").and_then(Value::as_str).unwrap_or_default();
    let items = control.setting("/vacation_list/item").and_then(Value::as_array);
    let item = items.into_iter().flatten().find(|item| {
        item.get("id").is_some_and(|id| id.as_i64().is_some_and(|id| id.to_string() == key))
    });
    let item = item.ok_or_else(|| format!("unknown vacation id {key:?}"))?;
    let attendance = object(vacation, "attendance")?;
    if attendance.get("type").and_then(Value::as_i64) != Some(1) {
        return Err("attendance.type of a leave is 1".to_owned());
    }
    period::range(object(attendance, "date_range")?)?;
    let options = json!([{"key": key, "value": item.get("name")}]);
    Ok(Some(json!({"vacation": {
        "selector": {"type": "single", "options": options, "exp_type": 0},
        "attendance": attendance,
    }})))
}

fn files(value: &Value) -> Read {
    let files = list(value, "files")?;
    if !files.iter().all(|file| file.get("file_id").is_some_and(Value::is_string)) {
        return Err("a file has no text file_id".to_owned());
    }
    Ok((!files.is_empty()).then(|| json!({"files": files})))
}

fn location(value: &Value) -> Read {
    let location = object(value, "location")?;
    for member in ["latitude", "longitude"] {
        let text = string(location, member)?;
        text.parse::<rust_decimal::Decimal>()
            .map_err(|_| format!("location.{member} {text:?} is not a decimal"))?;
    }
    Ok(Some(json!({"location": location})))
}

fn one_object(value: &Value, member: &str) -> Read {
    Ok(Some(json!({member: object(value, member)?})))
}

fn is_filled(value: &Value) -> bool {
    value.as_object().is_some_and(|members| !members.is_empty())
}

pub(super) fn string<'a>(value: &'a Value, member: &str) -> Result<&'a str, String> {
    let found = value.get(member).and_then(Value::as_str);
    found.ok_or_else(|| format!("{member} is not a text"))
}

pub(super) fn object<'a>(value: &'a Value, member: &str) -> Result<&'a Value, String> {
    let found = value.get(member).filter(|found| found.is_object());
    found.ok_or_else(|| format!("{member} is not an object"))
}

fn list<'a>(value: &'a Value, member: &str) -> Result<&'a [Value], String> {
    let found = value.get(member).and_then(Value::as_array).map(Vec::as_slice);
    found.ok_or_else(|| format!("{member} is not a list"))
}
