//! Decoding what the platform sends: ids as numbers here and as text there, in the same object.
//!
//! Absent, `null` and empty text are `None`; so is the text `"null"`, which its logs hold. Numbers
//! keep every digit.

use erplink_core::json::with_text;
use serde::Deserializer;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

/// Text from text, number or boolean; objects and arrays as their JSON text.
pub(crate) fn into_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => something(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The rule of [`into_text`] for JSON text.
pub(crate) fn text_of_json(json: &str) -> serde_json::Result<Option<String>> {
    Ok(match json.as_bytes().first() {
        Some(b'"') => something(serde_json::from_str(json)?),
        _ if json == "null" => None,
        _ => Some(json.to_owned()),
    })
}

fn something(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty() && text != "null")
}

/// A member of an answer as text. See [`into_text`].
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    with_text(deserializer, text_of_json)
}

/// An integer from a number or from numeric text.
pub(crate) fn into_int(value: &Value) -> Option<i64> {
    into_text(value)?.trim().parse().ok()
}

/// A member of an answer that is an integer, as a number or as text.
pub(crate) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match text(deserializer)? {
        Some(text) if !text.trim().is_empty() => text.trim().parse().map(Some).map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            D::Error::custom(format_args!("expected an integer, found `{shown}`"))
        }),
        _ => Ok(None),
    }
}

/// A member of an answer that is an open enum, as a number or as text.
pub(crate) fn open<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text(deserializer)?.map(T::from))
}

/// A boolean from a boolean, `"true"`, `"1"` and their opposites; anything else is `None`.
pub(crate) fn into_flag(value: &Value) -> Option<bool> {
    flag_of_text(&into_text(value)?)
}

/// A member of an answer that is a boolean. See [`into_flag`].
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| flag_of_text(&text)))
}

fn flag_of_text(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
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
    with_text(deserializer, |json| {
        let inner = match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(json)?,
            _ => json.to_owned(),
        };
        if inner.trim().is_empty() {
            return Ok(Vec::new());
        }
        let elements: Option<Vec<Option<T>>> = serde_json::from_str(&inner)?;
        Ok::<_, serde_json::Error>(elements.into_iter().flatten().flatten().collect())
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Default, Deserialize)]
    #[serde(default)]
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
    fn keeps_every_digit_also_inside_lists() {
        let number = "12345678901234567890.1200";
        assert_eq!(sample(&format!(r#"{{"text":{number}}}"#)).text.as_deref(), Some(number));
        #[derive(Deserialize)]
        struct Outer {
            #[serde(deserialize_with = "list")]
            rows: Vec<Sample>,
        }
        let outer: Outer =
            serde_json::from_str(&format!(r#"{{"rows":[{{"text":{number}}}]}}"#)).unwrap();
        assert_eq!(outer.rows[0].text.as_deref(), Some(number));
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
