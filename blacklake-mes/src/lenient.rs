//! Reading answers: `null` and absent are the same, numbers may come as text, digits stay as sent.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use erplink_core::json::{self, with_text};
use erplink_core::{Decimal, RawJson};
use serde::{Deserialize, Deserializer};

/// A member of an answer, read from its own JSON text.
pub(crate) trait Lenient: Sized {
    fn read(text: &str) -> Result<Self, String>;
}

/// For `deserialize_with`, on every member of every answer.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Lenient>(deserializer: D) -> Result<T, D::Error> {
    with_text(deserializer, T::read)
}

/// A JSON number without fraction, or a text that holds one.
pub(crate) fn integer(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    digits.trim().parse().map_err(|_| format!("expected a 64-bit integer, found {}", shape(text)))
}

/// What a value that does not fit looks like, without printing what may be long or private.
fn shape(text: &str) -> String {
    match text.as_bytes().first() {
        Some(b'"') => format!("a text of {} bytes", text.len().saturating_sub(2)),
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        _ => text.chars().take(40).collect(),
    }
}

/// Decodes a whole value; the error names the place in it.
pub(crate) fn decode<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, String> {
    json::decode(text.as_bytes()).map_err(|error| match error.path() {
        "." => error.message().to_owned(),
        _ => error.to_string(),
    })
}

impl<T: Lenient> Lenient for Option<T> {
    fn read(text: &str) -> Result<Self, String> {
        // Java's forms write an empty text where there is no number.
        match text {
            "null" | "\"\"" => Ok(None),
            text => T::read(text).map(Some),
        }
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn read(text: &str) -> Result<Self, String> {
        T::read(text).map(Box::new)
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    fn read(text: &str) -> Result<Self, String> {
        if matches!(text, "null" | "\"\"") {
            return Ok(Self::new());
        }
        let parts: Vec<RawJson> =
            decode(text).map_err(|_| format!("expected an array, found {}", shape(text)))?;
        let parts = parts.iter().enumerate();
        parts
            .map(|(at, part)| T::read(part.as_str()).map_err(|error| format!("[{at}]: {error}")))
            .collect()
    }
}

impl Lenient for String {
    fn read(text: &str) -> Result<Self, String> {
        match text.as_bytes().first() {
            Some(b'"') => decode(text),
            Some(b'n') => Ok(Self::new()),
            Some(b'{' | b'[') => Err(format!("expected a text, found {}", shape(text))),
            // A code that some version writes as a number: its digits are the text.
            _ => Ok(text.to_owned()),
        }
    }
}

impl Lenient for i64 {
    fn read(text: &str) -> Result<Self, String> {
        integer(text)
    }
}

impl Lenient for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "true" | "1" | "\"1\"" | "\"true\"" | "\"是\"" => Ok(true),
            "false" | "0" | "\"0\"" | "\"false\"" | "\"否\"" | "null" => Ok(false),
            text => Err(format!("expected true or false, found {}", shape(text))),
        }
    }
}

impl Lenient for Decimal {
    fn read(text: &str) -> Result<Self, String> {
        erplink_core::decimal::from_json_text(text).map_err(|error| error.to_string())
    }
}

impl Lenient for RawJson {
    fn read(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

/// An object whose members have their own names instead of others; where both are there (serde would
/// refuse that as a duplicate), the own one counts.
pub(crate) fn renamed<'a>(text: &'a str, names: &[(&str, &str)]) -> Result<Cow<'a, str>, String> {
    if names.is_empty() {
        return Ok(Cow::Borrowed(text));
    }
    let mut members: BTreeMap<String, RawJson> = decode(text)?;
    for (other, own) in names {
        if let Some(value) = members.remove(*other) {
            let is_own_missing = members.get(*own).is_none_or(RawJson::is_null);
            if is_own_missing {
                members.insert((*own).to_owned(), value);
            }
        }
    }
    serde_json::to_string(&members).map(Cow::Owned).map_err(|error| error.to_string())
}

/// Milliseconds since 1970.
impl Lenient for DateTime<Utc> {
    fn read(text: &str) -> Result<Self, String> {
        let millis = integer(text)?;
        Self::from_timestamp_millis(millis)
            .ok_or_else(|| format!("{millis} ms since 1970 is no time that can be kept"))
    }
}

/// Declares what the MES answers: every member may be absent, `null`, or written as text.
///
/// `aka ["id" => "workOrderId"]` reads a member under its other name, unless it has its own.
macro_rules! model {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(aka [$($other:literal => $wire:literal),* $(,)?])? {
            $($(#[$field_meta:meta])* pub $field:ident: $type:ty),* $(,)?
        }
    )+) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
            #[serde(default, rename_all = "camelCase")]
            #[non_exhaustive]
            pub struct $name {
                $(
                    $(#[$field_meta])*
                    #[serde(deserialize_with = "crate::lenient::read")]
                    pub $field: $type,
                )*
            }

            impl crate::lenient::Lenient for $name {
                fn read(text: &str) -> std::result::Result<Self, String> {
                    let names: &[(&str, &str)] = &[$($(($other, $wire)),*)?];
                    crate::lenient::decode(&crate::lenient::renamed(text, names)?)
                }
            }
        )+
    };
}

pub(crate) use model;

#[cfg(test)]
mod tests {
    use super::*;

    model! {
        /// Of this test.
        #[allow(unreachable_pub)]
        pub struct Sample {
            /// Text.
            pub code: String,
            /// Rows.
            pub rows: Vec<Sample>,
            /// Exact.
            pub amount: Option<Decimal>,
            /// Milliseconds.
            pub at: Option<DateTime<Utc>>,
        }
    }

    #[test]
    fn absent_null_and_text_are_read() {
        let read = |text: &str| decode::<Sample>(text);
        assert_eq!(read("{}"), read(r#"{"code":null,"rows":null,"amount":null,"at":""}"#));
        let sample = read(r#"{"code":71,"amount":"2.50","at":"1668960000000","new":1}"#).unwrap();
        assert_eq!(sample.code, "71");
        assert_eq!(sample.amount.unwrap().to_string(), "2.50");
        assert_eq!(sample.at.unwrap().to_rfc3339(), "2022-11-20T16:00:00+00:00");
    }

    #[test]
    fn errors_name_the_place() {
        let error = decode::<Sample>(r#"{"rows":[{},{"amount":"many"}]}"#).unwrap_err();
        assert!(error.contains("rows") && error.contains("[1]"), "{error}");
        assert!(error.contains("amount") && error.contains("decimal"), "{error}");
    }
}
