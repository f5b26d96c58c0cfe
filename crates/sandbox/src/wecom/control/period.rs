//! Values about time: days, ranges, attendance.

use serde_json::{Value, json};

use super::value::{object, string};
use crate::wecom::template::Control;

const HALF_DAY: i64 = 43_200;
const BEIJING: i64 = 8 * 3600;

type Read = Result<Option<Value>, String>;

/// Seconds as text, of the type that the template says.
pub(super) fn date(control: &Control, value: &Value) -> Read {
    let date = object(value, "date")?;
    require_type(date, "date", control.text_setting("/date/type"))?;
    let text = string(date, "s_timestamp")?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<i64>().map_err(|_| format!("s_timestamp {text:?} is not in seconds"))?;
    Ok(Some(json!({"date": date})))
}

pub(super) fn date_range(control: &Control, value: &Value) -> Read {
    let given = object(value, "date_range")?;
    require_type(given, "date_range", control.text_setting("/date_range/type"))?;
    range(given)?;
    let mut shown = given.clone();
    if let (Some(shown), Some(day)) =
        (shown.as_object_mut(), control.setting("/date_range/perday_duration"))
    {
        shown.insert("perday_duration".to_owned(), day.clone());
    }
    Ok(Some(json!({"date_range": shown})))
}

pub(super) fn attendance(control: &Control, value: &Value) -> Read {
    let attendance = object(value, "attendance")?;
    let expected = control.setting("/attendance/type").and_then(Value::as_i64);
    let kind = attendance.get("type").and_then(Value::as_i64);
    if kind.is_none() || (expected.is_some() && kind != expected) {
        return Err(format!("attendance.type is {kind:?}, not {expected:?}"));
    }
    range(object(attendance, "date_range")?)?;
    let days = attendance.pointer("/slice_info/day_items").and_then(Value::as_array);
    let is_slice = |day: &Value| {
        let number = |name: &str| day.get(name).and_then(Value::as_i64);
        number("daytime").is_some_and(|start| start.saturating_add(BEIJING) % (2 * HALF_DAY) == 0)
            && number("duration").is_some()
    };
    if !days.into_iter().flatten().all(is_slice) {
        return Err("slice_info.day_items has a day that does not start at 00:00".to_owned());
    }
    Ok(Some(json!({"attendance": attendance})))
}

/// Begin and end as numbers of seconds; half days begin and end at 00:00 or 12:00 in Beijing.
pub(super) fn range(range: &Value) -> Result<(), String> {
    let seconds = |name: &str| {
        let found = range.get(name).and_then(Value::as_i64);
        found.ok_or_else(|| format!("date_range.{name} is not a number"))
    };
    let (begin, end) = (seconds("new_begin")?, seconds("new_end")?);
    if end < begin {
        return Err("date_range ends before it begins".to_owned());
    }
    match string(range, "type")? {
        "hour" => Ok(()),
        "halfday" => {
            let is_half_day = |time: i64| time.saturating_add(BEIJING) % HALF_DAY == 0;
            if is_half_day(begin) && is_half_day(end) {
                Ok(())
            } else {
                Err("half days begin and end at 00:00 or 12:00".to_owned())
            }
        }
        other => Err(format!("date_range.type is {other:?}")),
    }
}

fn require_type(value: &Value, what: &str, expected: &str) -> Result<(), String> {
    let found = string(value, "type")?;
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what}.type is {found:?}, not {expected:?}"))
    }
}
