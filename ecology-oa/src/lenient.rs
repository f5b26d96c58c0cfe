//! Decoding what the platform sends: ids as numbers here and as text there, in the same object.
//!
//! Absent, `null` and empty text are `None`; so is the text `"null"`, which its logs hold.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The rule of [`text`] for a value that was decoded already.
pub(crate) fn into_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() || text == "null" => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Text from text, number or boolean; objects and arrays as their JSON text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(deserializer).map(|value| into_text(&value))
}

/// An integer from a number or from numeric text.
pub(crate) fn into_int(value: &Value) -> Option<i64> {
    into_text(value)?.trim().parse().ok()
}

/// An integer from a number or from numeric text.
pub(crate) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match into_text(&value) {
        None => Ok(None),
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) => text.trim().parse().map(Some).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            D::Error::custom(format_args!("expected an integer, found `{shown}`"))
        }),
    }
}

/// A boolean from a boolean, `"true"`, `"1"` and their opposites.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(into_flag(&Value::deserialize(deserializer)?))
}

/// The rule of [`flag`]; anything else is `None`.
pub(crate) fn into_flag(value: &Value) -> Option<bool> {
    match into_text(value)?.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A list from an array or from JSON text of one; absent and empty are an empty list.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let elements = match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements,
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) => serde_json::from_str(&text).map_err(D::Error::custom)?,
        _ => return Err(D::Error::custom("expected an array")),
    };
    elements
        .into_iter()
        .filter(|element| !element.is_null())
        .map(|element| serde_json::from_value(element).map_err(D::Error::custom))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "int")]
        int: Option<i64>,
        #[serde(deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(deserialize_with = "list")]
        list: Vec<i64>,
    }

    fn sample(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn reads_numbers_and_texts_alike() {
        for json in [
            r#"{"text":3038137,"int":"-1356","flag":"true","list":"[1,2]"}"#,
            r#"{"text":"3038137","int":-1356,"flag":1,"list":[1,null,2]}"#,
        ] {
            let sample = sample(json);
            assert_eq!(sample.text.as_deref(), Some("3038137"));
            assert_eq!((sample.int, sample.flag), (Some(-1356), Some(true)));
            assert_eq!(sample.list, [1, 2]);
        }
    }

    #[test]
    fn reads_nothing_as_none() {
        for json in [
            "{}",
            r#"{"text":null,"int":null,"flag":null,"list":null}"#,
            r#"{"text":"","int":"","flag":"","list":""}"#,
            r#"{"text":"null","int":"null","flag":"null"}"#,
        ] {
            let sample = sample(json);
            assert!(sample.text.is_none() && sample.int.is_none() && sample.flag.is_none());
            assert!(sample.list.is_empty());
        }
        assert!(serde_json::from_str::<Sample>(r#"{"int":"twelve"}"#).is_err());
    }
}
