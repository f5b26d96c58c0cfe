//! How a value is written.

use chrono::format::{Item, StrftimeItems};
use erplink_core::{RawJson, date, decimal};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a value is written into the target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "Written", into = "Written")]
pub enum Format {
    /// Text: numbers without exponent and trailing zeros, `2022-08-23T00:00:00Z` as the day that
    /// it is, `null` as the empty text.
    #[default]
    Text,
    /// A JSON number, exact; `null` stays `null`.
    Number {
        /// Rounded, half away from zero, and padded to so many places. `None`: as it is.
        decimals: Option<u32>,
    },
    /// The date as text. The default pattern is `%Y-%m-%d`.
    Date {
        /// A `strftime` pattern of date fields.
        pattern: String,
    },
    /// The JSON value as it is.
    Raw,
}

/// The forms in a configuration file: `"date"`, or `{"date": "%Y/%m/%d"}`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Text,
    Number,
    Date,
    Raw,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Name(Name),
    Date { date: String },
    Number { number: u32 },
}

impl From<Written> for Format {
    fn from(written: Written) -> Self {
        match written {
            Written::Name(Name::Text) => Self::Text,
            Written::Name(Name::Number) => Self::Number { decimals: None },
            Written::Name(Name::Date) => Self::Date { pattern: "%Y-%m-%d".to_owned() },
            Written::Name(Name::Raw) => Self::Raw,
            Written::Date { date } => Self::Date { pattern: date },
            Written::Number { number } => Self::Number { decimals: Some(number) },
        }
    }
}

impl From<Format> for Written {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Name(Name::Text),
            Format::Raw => Self::Name(Name::Raw),
            Format::Number { decimals: None } => Self::Name(Name::Number),
            Format::Number { decimals: Some(number) } => Self::Number { number },
            Format::Date { pattern } => Self::Date { date: pattern },
        }
    }
}

impl Format {
    /// Whether values can be written like this.
    ///
    /// # Errors
    /// When the pattern is none, or there are too many decimals.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Date { pattern }
                if StrftimeItems::new(pattern).any(|item| item == Item::Error) =>
            {
                Err(format!("`{pattern}` is not a date pattern; write it like %Y-%m-%d"))
            }
            Self::Number { decimals: Some(28..) } => Err("at most 27 decimals are kept".to_owned()),
            _ => Ok(()),
        }
    }

    /// The value as it goes into the target.
    pub(super) fn write(&self, value: &RawJson) -> Result<RawJson, String> {
        match self {
            Self::Raw => Ok(value.clone()),
            Self::Number { decimals } => number(value, *decimals),
            Self::Text | Self::Date { .. } => {
                RawJson::of(&self.text(value)?).map_err(|error| error.to_string())
            }
        }
    }

    /// The value as text.
    pub(super) fn text(&self, value: &RawJson) -> Result<String, String> {
        let text = match value.get().map_err(|error| error.to_string())? {
            Value::Null => return Ok(String::new()),
            Value::Bool(flag) => flag.to_string(),
            Value::String(text) => text,
            Value::Number(_) => exact(value)?.normalize().to_string(),
            Value::Array(_) => return Err("expected a plain value, found a list".to_owned()),
            Value::Object(_) => return Err("expected a plain value, found an object".to_owned()),
        };
        match self {
            Self::Date { pattern } if !text.is_empty() => {
                let day = date::date(&text).map_err(|error| error.to_string())?;
                let mut written = String::new();
                std::fmt::write(&mut written, format_args!("{}", day.format(pattern)))
                    .map_err(|_| format!("`{pattern}` has fields that a date does not have"))?;
                Ok(written)
            }
            _ => Ok(day_only(&text).map(str::to_owned).unwrap_or(text)),
        }
    }
}

/// The ERP prints days as `2022-08-23T00:00:00Z` or `2022-08-23`.
fn day_only(text: &str) -> Option<&str> {
    let day = text.strip_suffix("T00:00:00Z").or_else(|| text.strip_suffix("T00:00:00"))?;
    date::date(day).ok().map(|_| day)
}

fn exact(value: &RawJson) -> Result<erplink_core::Decimal, String> {
    decimal::from_json_text(value.as_str()).map_err(|error| error.to_string())
}

fn number(value: &RawJson, decimals: Option<u32>) -> Result<RawJson, String> {
    if matches!(value.as_str(), "null" | "\"\"") {
        return Ok(RawJson::null());
    }
    let number = exact(value)?;
    let number = match decimals {
        Some(places) => {
            let mut rounded = number.round_dp_with_strategy(
                places,
                rust_decimal::RoundingStrategy::MidpointAwayFromZero,
            );
            rounded.rescale(places);
            rounded
        }
        None => number.normalize(),
    };
    RawJson::parse(number.to_string()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(format: &str, value: &str) -> Result<String, String> {
        let format: Format = serde_json::from_str(format).unwrap();
        format.check()?;
        format.write(&RawJson::parse(value).unwrap()).map(|value| value.as_str().to_owned())
    }

    #[test]
    fn every_format_writes_what_it_says() {
        for (format, value, expected) in [
            (r#""text""#, "12.50", r#""12.5""#),
            (r#""text""#, "1E+3", r#""1000""#),
            (r#""text""#, "null", r#""""#),
            (r#""number""#, r#""12.500""#, "12.5"),
            (r#""number""#, r#""""#, "null"),
            (r#"{"number":2}"#, "2.345", "2.35"),
            (r#"{"number":2}"#, "-7", "-7.00"),
            (r#""date""#, r#""2022-08-23T00:00:00Z""#, r#""2022-08-23""#),
            (r#"{"date":"%Y年%m月%d日"}"#, r#""20220823""#, r#""2022年08月23日""#),
            (r#""date""#, "null", r#""""#),
            (r#""raw""#, r#"{"a":1.0}"#, r#"{"a":1.0}"#),
        ] {
            assert_eq!(write(format, value).as_deref(), Ok(expected), "{format} {value}");
        }
        for (format, value) in [
            (r#""text""#, "{}"),
            (r#""number""#, "true"),
            (r#""date""#, r#""soon""#),
            (r#"{"date":"%H"}"#, r#""20220823""#),
            (r#"{"date":"%Q"}"#, r#""20220823""#),
            (r#"{"number":99}"#, "1"),
        ] {
            assert!(write(format, value).is_err(), "{format} {value}");
        }
    }
}
