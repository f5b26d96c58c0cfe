//! Decoding what the platform sends instead of what it documents.
//!
//! Its own samples write booleans as `"true"`, numbers as text, lists as JSON text or as a single
//! object. Every helper reads all of these; absent, `null` and empty text are `None`.

use std::fmt;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// How `serde_json` presents numbers when some crate turns on its feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

/// A member of an answer of which only plain values matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scalar {
    #[default]
    Absent,
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    /// An object or an array.
    Compound,
}

impl Scalar {
    pub(crate) fn is_absent(&self) -> bool {
        *self == Self::Absent
    }

    /// The value as text, unless it is empty.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text).filter(|text| !text.is_empty()),
            Self::Bool(flag) => Some(flag.to_string()),
            Self::Absent | Self::Null | Self::Compound => None,
        }
    }

    pub(crate) fn into_int(self) -> Option<i64> {
        self.into_text()?.trim().parse().ok()
    }

    /// Whether the platform says no: `false` or `"false"`.
    pub(crate) fn is_false(&self) -> bool {
        match self {
            Self::Bool(flag) => !flag,
            Self::Text(text) => text.eq_ignore_ascii_case("false"),
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<Scalar, E> {
                Ok(Scalar::Text(value))
            }
            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Null)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Compound)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                match map.next_key::<String>()? {
                    Some(key) if key == NUMBER => return map.next_value().map(Scalar::Number),
                    Some(_) => drop(map.next_value::<IgnoredAny>()?),
                    None => {}
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Compound)
            }
        }

        deserializer.deserialize_any(AnyValue)
    }
}

/// Text from text, number or boolean; objects and arrays as their JSON text.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(deserializer).map(into_text)
}

/// The rule of [`text`] for a value that was decoded already.
pub(crate) fn into_text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

/// An integer from a number or from numeric text.
pub(crate) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Scalar::deserialize(deserializer)? {
        Scalar::Absent | Scalar::Null => Ok(None),
        Scalar::Text(text) if text.trim().is_empty() => Ok(None),
        Scalar::Text(text) | Scalar::Number(text) => text
            .trim()
            .parse()
            .map(Some)
            .map_err(|_| D::Error::custom(format_args!("expected an integer, found `{text}`"))),
        other => Err(D::Error::custom(format_args!("expected an integer, found {other:?}"))),
    }
}

/// A boolean from a boolean, `"true"`, `"false"`, `1` or `0`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let found = Scalar::deserialize(deserializer)?;
    match &found {
        Scalar::Absent | Scalar::Null => Ok(None),
        Scalar::Bool(flag) => Ok(Some(*flag)),
        Scalar::Text(text) | Scalar::Number(text) => match text.as_str() {
            "" => Ok(None),
            "true" | "True" | "TRUE" | "1" => Ok(Some(true)),
            "false" | "False" | "FALSE" | "0" => Ok(Some(false)),
            other => Err(D::Error::custom(format_args!("expected true or false, found `{other}`"))),
        },
        Scalar::Compound => {
            Err(D::Error::custom("expected true or false, found an object or array"))
        }
    }
}

/// A list from an array, from JSON text of an array, or from one single element.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let elements = match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(elements) => elements,
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(&text).map_err(D::Error::custom)?
        }
        single => vec![single],
    };
    elements
        .into_iter()
        .filter(|element| !element.is_null())
        .map(|element| serde_json::from_value(element).map_err(D::Error::custom))
        .collect()
}

/// A list of texts, each from text or number.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(list::<_, Value>(deserializer)?.into_iter().filter_map(into_text).collect())
}

/// A list of integers, each from number or numeric text.
pub(crate) fn ints<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<i64>, D::Error> {
    texts(deserializer)?
        .into_iter()
        .map(|text| {
            text.trim()
                .parse()
                .map_err(|_| D::Error::custom(format_args!("expected an integer, found `{text}`")))
        })
        .collect()
}

/// An open enum; absent, `null` and empty text are `None`.
pub(crate) fn name<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    Ok(text(deserializer)?.map(T::from))
}

/// A whole object that may be missing or `null`.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        text: Option<String>,
        #[serde(deserialize_with = "int")]
        int: Option<i64>,
        #[serde(deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(deserialize_with = "ints")]
        ints: Vec<i64>,
    }

    fn sample(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn reads_every_spelling_of_a_value() {
        for json in [
            r#"{"text":"12","int":"34","flag":"true","ints":"[2,3]"}"#,
            r#"{"text":12,"int":34,"flag":true,"ints":[2,"3"]}"#,
        ] {
            let sample = sample(json);
            assert_eq!(sample.text.as_deref(), Some("12"));
            assert_eq!(sample.int, Some(34));
            assert_eq!(sample.flag, Some(true));
            assert_eq!(sample.ints, [2, 3]);
        }
        assert_eq!(sample(r#"{"ints":7}"#).ints, [7]);
    }

    #[test]
    fn reads_nothing_as_none() {
        for json in ["{}", r#"{"text":null,"int":null,"flag":null,"ints":null}"#] {
            let sample = sample(json);
            assert!(sample.text.is_none() && sample.int.is_none() && sample.flag.is_none());
            assert!(sample.ints.is_empty());
        }
        let empty = sample(r#"{"text":"","int":"","flag":"","ints":""}"#);
        assert!(empty.text.is_none() && empty.int.is_none() && empty.flag.is_none());
    }

    #[test]
    fn reads_numbers_of_arbitrary_precision() {
        let number = serde::de::value::MapDeserializer::<_, serde::de::value::Error>::new(
            [(NUMBER, "40014")].into_iter(),
        );
        assert_eq!(Scalar::deserialize(number).unwrap(), Scalar::Number("40014".into()));
        for compound in ["{}", r#"{"a":{"b":1},"c":2}"#, "[1,[2]]"] {
            assert_eq!(serde_json::from_str::<Scalar>(compound).unwrap(), Scalar::Compound);
        }
    }

    #[test]
    fn refuses_what_is_something_else() {
        assert!(serde_json::from_str::<Sample>(r#"{"int":"twelve"}"#).is_err());
        assert!(serde_json::from_str::<Sample>(r#"{"flag":{}}"#).is_err());
    }
}
