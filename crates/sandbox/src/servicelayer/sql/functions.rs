//! Functions of the ERP's database that SQLite lacks, and how dates compare.
//!
//! Dates travel through SQL as `2014-04-23` with an invisible mark behind, which tells them from
//! text that looks alike: they print in the form of the interface, texts stay as they are.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::{Datelike as _, Days, Months, NaiveDate, NaiveDateTime};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

use crate::servicelayer::schema::Schema;

/// The collation of dates, in whatever form they are written.
pub(super) const DATE_ORDER: &str = "erp_date";

/// Behind every date; no text of people has it.
pub(super) const DATE_MARK: char = '\u{10fffd}';

const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

pub(super) fn register(connection: &Connection, schema: Arc<Schema>) -> Result<()> {
    connection.create_collation(DATE_ORDER, compare)?;
    connection.create_scalar_function("erp_enum", 2, PURE, move |call| {
        let (name, Some(member)) = (call.get::<String>(0)?, call.get::<Option<String>>(1)?) else {
            return Ok(None);
        };
        let value = schema.enumeration(&name).map(|members| members.value(&member).to_owned());
        Ok(value.or(Some(member)))
    })?;
    connection.create_scalar_function("erp_left", 2, PURE, |call| {
        side(call, |text, count| text.chars().take(count).collect())
    })?;
    connection.create_scalar_function("erp_right", 2, PURE, |call| {
        side(call, |text, count| {
            let skipped = text.chars().count().saturating_sub(count);
            text.chars().skip(skipped).collect()
        })
    })?;
    for name in ["to_varchar", "to_nvarchar"] {
        connection.create_scalar_function(name, 1, PURE, |call| Ok(text(call, 0)))?;
        connection.create_scalar_function(name, 2, PURE, |call| {
            let (Some(value), Some(format)) = (text(call, 0), text(call, 1)) else {
                return Ok(None);
            };
            let moment = moment(&value).ok_or_else(|| failed(format!("`{value}` is no date")))?;
            Ok(Some(formatted(moment, &format)?))
        })?;
    }
    connection.create_scalar_function("to_date", 1, PURE, |call| {
        let Some(value) = text(call, 0) else { return Ok(None) };
        let moment = moment(&value).ok_or_else(|| failed(format!("`{value}` is no date")))?;
        Ok(Some(marked(moment.date())))
    })?;
    connection.create_scalar_function("add_days", 2, PURE, |call| {
        let (Some(date), Some(days)) = (date(call, 0)?, call.get::<Option<i64>>(1)?) else {
            return Ok(None);
        };
        let count = Days::new(days.unsigned_abs());
        let moved =
            if days < 0 { date.checked_sub_days(count) } else { date.checked_add_days(count) };
        moved.map(marked).map(Some).ok_or_else(|| failed("a date out of range"))
    })?;
    connection.create_scalar_function("add_months", 2, PURE, |call| {
        let (Some(date), Some(months)) = (date(call, 0)?, call.get::<Option<i64>>(1)?) else {
            return Ok(None);
        };
        let count = Months::new(u32::try_from(months.unsigned_abs()).unwrap_or(u32::MAX));
        let moved = if months < 0 {
            date.checked_sub_months(count)
        } else {
            date.checked_add_months(count)
        };
        moved.map(marked).map(Some).ok_or_else(|| failed("a date out of range"))
    })?;
    connection.create_scalar_function("days_between", 2, PURE, |call| {
        let (Some(from), Some(to)) = (date(call, 0)?, date(call, 1)?) else { return Ok(None) };
        Ok(Some((to - from).num_days()))
    })?;
    part(connection, "year", |date| i64::from(date.year()))?;
    part(connection, "month", |date| i64::from(date.month()))?;
    part(connection, "dayofmonth", |date| i64::from(date.day()))
}

fn part(connection: &Connection, name: &str, of: fn(NaiveDate) -> i64) -> Result<()> {
    connection.create_scalar_function(name, 1, PURE, move |call| Ok(date(call, 0)?.map(of)))
}

/// A date as it travels.
pub(super) fn marked(date: NaiveDate) -> String {
    format!("{}{DATE_MARK}", date.format("%Y-%m-%d"))
}

/// The date, if the text is one that travels.
pub(super) fn unmarked(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.strip_suffix(DATE_MARK)?, "%Y-%m-%d").ok()
}

/// An argument as text, dates without their mark; `None` for null.
fn text(call: &Context<'_>, index: usize) -> Option<String> {
    match call.get_raw(index) {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(super::decimal_text(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).replace(DATE_MARK, ""))
        }
    }
}

fn date(call: &Context<'_>, index: usize) -> Result<Option<NaiveDate>> {
    let Some(value) = text(call, index) else { return Ok(None) };
    let moment = moment(&value).ok_or_else(|| failed(format!("`{value}` is no date")))?;
    Ok(Some(moment.date()))
}

fn side(call: &Context<'_>, cut: fn(&str, usize) -> String) -> Result<Option<String>> {
    let (Some(value), Some(count)) = (text(call, 0), call.get::<Option<i64>>(1)?) else {
        return Ok(None);
    };
    Ok(Some(cut(&value, usize::try_from(count).unwrap_or_default())))
}

/// Any form in which a date or a moment is written.
fn moment(text: &str) -> Option<NaiveDateTime> {
    let text = text.trim().trim_end_matches(DATE_MARK);
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0);
    ["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(text, format).ok().and_then(midnight))
        .or_else(|| {
            let text = text.trim_end_matches('Z');
            ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        })
}

/// Dates by the day, anything else by its text.
fn compare(left: &str, right: &str) -> Ordering {
    match (moment(left), moment(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.trim_end_matches(DATE_MARK).cmp(right.trim_end_matches(DATE_MARK)),
    }
}

/// `YYYY-MM-DD`, `HH24:MI:SS` and the like. An unknown letter is refused, not copied.
fn formatted(moment: NaiveDateTime, format: &str) -> Result<String> {
    const PARTS: [(&str, &str); 7] = [
        ("YYYY", "%Y"),
        ("MM", "%m"),
        ("DD", "%d"),
        ("HH24", "%H"),
        ("MI", "%M"),
        ("SS", "%S"),
        ("YY", "%y"),
    ];
    let mut printed = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let head = |known: &str| {
            rest.get(..known.len()).is_some_and(|start| start.eq_ignore_ascii_case(known))
        };
        if let Some((known, wanted)) = PARTS.iter().find(|(known, _)| head(known)) {
            printed.push_str(&moment.format(wanted).to_string());
            rest = &rest[known.len()..];
        } else if first.is_ascii_alphabetic() {
            return Err(failed(format!("the sandbox does not know the date format `{format}`")));
        } else {
            printed.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    Ok(printed)
}

fn failed(message: impl Into<String>) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(message.into().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_compare_in_every_form() {
        let day = marked(NaiveDate::from_ymd_opt(2014, 4, 23).unwrap());
        for same in ["2014-04-23", "20140423", "2014-04-23T00:00:00Z", "2014-04-23 00:00:00"] {
            assert_eq!(compare(&day, same), Ordering::Equal, "{same}");
        }
        assert_eq!(compare(&day, "20140424"), Ordering::Less);
        assert_eq!(compare(&day, "2014-04-23 00:00:01"), Ordering::Less);
        assert_eq!(compare("b", "a"), Ordering::Greater);
    }

    #[test]
    fn formats_are_those_of_the_database() {
        let moment = moment("2014-04-23 18:38:07").unwrap();
        assert_eq!(formatted(moment, "YYYY-MM-DD HH24:MI:SS").unwrap(), "2014-04-23 18:38:07");
        assert_eq!(formatted(moment, "yymmdd").unwrap(), "140423");
        assert!(formatted(moment, "MONTH").is_err());
    }
}
