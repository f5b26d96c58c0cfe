//! Dates and times of day in the forms that several platforms share.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

/// Text that is not a date or time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found `{found}`")]
pub struct DateError {
    expected: &'static str,
    found: String,
}

fn error(expected: &'static str, found: &str) -> DateError {
    DateError { expected, found: found.chars().take(40).collect() }
}

/// Reads `2014-04-01`, `20140401`, `2014-04-01T00:00:00Z` or `2014-04-01 00:00:00`.
///
/// The time of day and the zone are dropped: these platforms print them on plain dates without
/// meaning them.
///
/// # Errors
/// When the text does not begin with a date of the calendar.
pub fn date(text: &str) -> Result<NaiveDate, DateError> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    NaiveDate::parse_from_str(day, "%Y-%m-%d")
        .or_else(|_| match day.len() {
            8 => NaiveDate::parse_from_str(day, "%Y%m%d"),
            // Also where date and time run together without a separator.
            14 => NaiveDateTime::parse_from_str(day, "%Y%m%d%H%M%S").map(|at| at.date()),
            _ => NaiveDate::parse_from_str("", "%Y"),
        })
        .map_err(|_| error("a date such as 2014-04-01", text))
}

/// Reads `19:32:42`, `19:32`, `193242` or `1932`.
///
/// # Errors
/// When the text is not a time of day.
pub fn time(text: &str) -> Result<NaiveTime, DateError> {
    ["%H:%M:%S%.f", "%H:%M", "%H%M%S", "%H%M"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(text, format).ok())
        .ok_or_else(|| error("a time such as 19:32:42", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form_of_a_date() {
        let expected = NaiveDate::from_ymd_opt(2014, 4, 1).unwrap();
        for text in [
            "2014-04-01",
            "20140401",
            "2014-04-01T00:00:00Z",
            "2014-04-01 12:00:00",
            "20140401000000",
        ] {
            assert_eq!(date(text).unwrap(), expected, "{text}");
        }
        for text in ["", "2014-13-01", "yesterday", "2014040", "１234-01-01"] {
            assert!(date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn reads_every_form_of_a_time() {
        for (text, expected) in [
            ("19:32:42", "19:32:42"),
            ("06:00", "06:00:00"),
            ("193242", "19:32:42"),
            ("1932", "19:32:00"),
        ] {
            assert_eq!(time(text).unwrap().to_string(), expected);
        }
        assert!(time("25:00").is_err());
    }
}
