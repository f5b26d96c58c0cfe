//! Raw JSON text that survives a round trip byte for byte.

use std::fmt;

use serde::de::value::{
    BoolDeserializer, F64Deserializer, I64Deserializer, MapAccessDeserializer,
    SeqAccessDeserializer, StrDeserializer, U64Deserializer, UnitDeserializer,
};
use serde::de::{DeserializeOwned, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// The name under which `serde_json` recognises a request for raw text.
///
/// `serde_json::value::RawValue` itself refuses every buffered context (`flatten`, `untagged`),
/// which is why this module asks for the raw text with a visitor of its own that also takes plain
/// values. Should the name ever change, numbers still decode, through `f64`; a test watches it.
const RAW_TOKEN: &str = "$serde_json::private::RawValue";

/// The name under which `serde_json` presents numbers with its feature `arbitrary_precision`.
pub(crate) const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// One JSON value, kept as the text the server sent.
///
/// Numbers keep every digit, objects keep their order, and nothing is interpreted until
/// [`RawJson::get`] asks for a type.
///
/// ```
/// use erplink_core::RawJson;
///
/// let raw: RawJson = serde_json::from_str("12345678901234567890.10").unwrap();
/// assert_eq!(raw.as_str(), "12345678901234567890.10");
/// assert_eq!(serde_json::to_string(&raw).unwrap(), "12345678901234567890.10");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawJson(Box<str>);

impl RawJson {
    /// The value `null`.
    #[must_use]
    pub fn null() -> Self {
        Self("null".into())
    }

    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self(Value::from(text).to_string().into_boxed_str())
    }

    /// A number, with its own digits.
    #[must_use]
    pub fn number(number: impl Into<Decimal>) -> Self {
        Self(number.into().to_string().into_boxed_str())
    }

    /// An array of these values.
    #[must_use]
    pub fn array(values: impl IntoIterator<Item = Self>) -> Self {
        let values: Vec<Self> = values.into_iter().collect();
        let texts: Vec<&str> = values.iter().map(Self::as_str).collect();
        Self(format!("[{}]", texts.join(",")).into_boxed_str())
    }

    /// Serialises `value`.
    ///
    /// # Errors
    /// When `value` has no JSON form, such as a map whose keys are not text.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(|text| Self(text.into_boxed_str()))
    }

    /// Takes text that is expected to be one JSON value.
    ///
    /// # Errors
    /// When the text is not valid JSON.
    pub fn parse(text: impl Into<String>) -> serde_json::Result<Self> {
        RawValue::from_string(text.into()).map(|raw| Self(raw.into()))
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        &*self.0 == "null"
    }

    /// Decodes the value as `T`.
    ///
    /// # Errors
    /// When the value does not have the shape of `T`.
    pub fn get<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }
}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        with_text(deserializer, |text| Ok::<_, std::convert::Infallible>(Self(text.into())))
    }
}

/// Decodes one JSON value from its own text, without a copy where the input allows it.
///
/// `parse` receives the text of the value exactly as sent. Its error becomes the decode error.
///
/// # Errors
/// When the input is not JSON, or `parse` refuses the text.
pub fn with_text<'de, D, T, E>(
    deserializer: D,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: fmt::Display,
{
    deserializer.deserialize_newtype_struct(RAW_TOKEN, TextVisitor { parse })
}

struct TextVisitor<F> {
    parse: F,
}

impl<F> TextVisitor<F> {
    fn text<T, E, X>(self, text: &str) -> Result<T, X>
    where
        F: FnOnce(&str) -> Result<T, E>,
        E: fmt::Display,
        X: serde::de::Error,
    {
        (self.parse)(text).map_err(X::custom)
    }

    /// The path of buffered contexts: the value was already decoded, so it is written again.
    fn buffered<'de, T, E, X, D>(self, deserializer: D) -> Result<T, X>
    where
        F: FnOnce(&str) -> Result<T, E>,
        E: fmt::Display,
        X: serde::de::Error,
        D: Deserializer<'de, Error = X>,
    {
        let value = Value::deserialize(deserializer)?;
        self.text(&value.to_string())
    }
}

impl<'de, F, T, E> Visitor<'de> for TextVisitor<F>
where
    F: FnOnce(&str) -> Result<T, E>,
    E: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        // serde_json answers a request for raw text with a map of one entry: token, text.
        match map.next_key::<Key>()? {
            Some(Key::Raw) => map.next_value_seed(RawText(self)),
            // Numbers under serde_json's `arbitrary_precision`: the text is a string value.
            Some(Key::Number) => self.text(&map.next_value::<String>()?),
            Some(Key::Other(first)) => {
                let mut object = serde_json::Map::new();
                object.insert(first, map.next_value()?);
                let rest: serde_json::Map<String, Value> =
                    Deserialize::deserialize(MapAccessDeserializer::new(map))?;
                object.extend(rest);
                self.text(&Value::Object(object).to_string())
            }
            None => self.text("{}"),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        self.buffered(deserializer)
    }

    fn visit_bool<X: serde::de::Error>(self, value: bool) -> Result<T, X> {
        self.buffered(BoolDeserializer::new(value))
    }

    fn visit_i64<X: serde::de::Error>(self, value: i64) -> Result<T, X> {
        self.buffered(I64Deserializer::new(value))
    }

    fn visit_u64<X: serde::de::Error>(self, value: u64) -> Result<T, X> {
        self.buffered(U64Deserializer::new(value))
    }

    fn visit_f64<X: serde::de::Error>(self, value: f64) -> Result<T, X> {
        self.buffered(F64Deserializer::new(value))
    }

    fn visit_str<X: serde::de::Error>(self, value: &str) -> Result<T, X> {
        self.buffered(StrDeserializer::new(value))
    }

    fn visit_unit<X: serde::de::Error>(self) -> Result<T, X> {
        self.buffered(UnitDeserializer::new())
    }

    fn visit_none<X: serde::de::Error>(self) -> Result<T, X> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        self.buffered(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        self.buffered(SeqAccessDeserializer::new(seq))
    }
}

enum Key {
    Raw,
    Number,
    Other(String),
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl Visitor<'_> for KeyVisitor {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a property name")
            }
            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    RAW_TOKEN => Key::Raw,
                    NUMBER_TOKEN => Key::Number,
                    other => Key::Other(other.to_owned()),
                })
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Reads the text that follows the raw token, borrowed where possible.
struct RawText<F>(TextVisitor<F>);

impl<'de, F, T, E> serde::de::DeserializeSeed<'de> for RawText<F>
where
    F: FnOnce(&str) -> Result<T, E>,
    E: fmt::Display,
{
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        struct Inner<F>(TextVisitor<F>);
        impl<F, T, E> Visitor<'_> for Inner<F>
        where
            F: FnOnce(&str) -> Result<T, E>,
            E: fmt::Display,
        {
            type Value = T;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("raw JSON text")
            }
            fn visit_str<X: serde::de::Error>(self, text: &str) -> Result<T, X> {
                self.0.text(text)
            }
        }
        deserializer.deserialize_str(Inner(self.0)).map_err(D::Error::custom)
    }
}

/// Decodes `bytes`; a failure names the JSON path of the field that did not fit.
///
/// The path costs a second pass, which only a failing decode pays.
///
/// # Errors
/// When the bytes are not JSON of the shape of `T`.
pub fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
    // As text: the bytes are checked in one pass, not string by string. Bytes that are no text are
    // read all the same, for the error that says where.
    let result = match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(bytes),
    };
    match result {
        Ok(value) => Ok(value),
        Err(first) => {
            let mut deserializer = serde_json::Deserializer::from_slice(bytes);
            let path = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
                Ok(_) => String::from("."),
                // Raw text is asked for below the field itself: that step is not the sender's.
                Err(error) => error
                    .path()
                    .to_string()
                    .trim_end_matches(RAW_TOKEN)
                    .trim_end_matches('.')
                    .to_owned(),
            };
            Err(DecodeError { path, message: first.to_string() })
        }
    }
}

/// Decodes `text` and keeps it, reading it once.
///
/// # Errors
/// As [`decode`].
pub fn decode_and_keep<T: DeserializeOwned>(text: String) -> Result<(T, RawJson), DecodeError> {
    let value = decode(text.as_bytes())?;
    // What was decoded to its end is JSON: only the space around it is not part of the value.
    let raw = match text.trim_ascii() {
        trimmed if trimmed.len() == text.len() => RawJson(text.into_boxed_str()),
        trimmed => RawJson(trimmed.into()),
    };
    Ok((value, raw))
}

/// JSON that does not have the expected shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at `{path}`: {message}")]
pub struct DecodeError {
    path: String,
    message: String,
}

impl DecodeError {
    /// Where in the document, such as `value[3].DocEntry`; `.` is the document itself.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What was found there and what was expected, with line and column.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Flattened {
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Deserialize)]
    struct Inner {
        number: RawJson,
        object: RawJson,
    }

    #[test]
    fn keeps_every_digit_from_text_bytes_and_readers() {
        let text = r#"  {"a":1.10,"b":[9007199254740993.000001, null]} "#;
        let borrowed: RawJson = serde_json::from_str(text).unwrap();
        let read: RawJson = serde_json::from_reader(text.as_bytes()).unwrap();
        assert_eq!(borrowed.as_str(), text.trim());
        assert_eq!(borrowed, read);
        assert_eq!(serde_json::to_string(&borrowed).unwrap(), text.trim());
    }

    #[test]
    fn writes_texts_numbers_and_arrays() {
        let number = "0.1000000000000000055".parse::<Decimal>().unwrap();
        let array = [
            RawJson::text("a\"\n中"),
            RawJson::number(number),
            RawJson::number(-7),
            RawJson::array([]),
        ];
        let array = RawJson::array(array);
        assert_eq!(array.as_str(), r#"["a\"\n中",0.1000000000000000055,-7,[]]"#);
        assert_eq!(RawJson::parse(array.as_str()).unwrap(), array);
    }

    #[test]
    fn decodes_in_buffered_contexts() {
        let flat: Flattened =
            serde_json::from_str(r#"{"number":42,"object":{"a":[true,null,"x"]}}"#).unwrap();
        assert_eq!(flat.inner.number.as_str(), "42");
        assert_eq!(flat.inner.object.as_str(), r#"{"a":[true,null,"x"]}"#);
        let value: RawJson = serde_json::from_value(serde_json::json!({"a": 1})).unwrap();
        assert_eq!(value.as_str(), r#"{"a":1}"#);
    }

    #[test]
    fn decodes_and_keeps_the_same_text() {
        for text in [r#"{"a": 1.10}"#, "\n {\"a\": 1.10}\t"] {
            let (value, raw) = decode_and_keep::<Value>(text.to_owned()).unwrap();
            assert_eq!(value["a"], 1.10);
            assert_eq!(raw, RawJson::parse(text).unwrap());
            assert_eq!(raw.as_str(), r#"{"a": 1.10}"#);
        }
        for text in ["", "{", "{} {}", "\u{a0}{}"] {
            assert!(decode_and_keep::<Value>(text.to_owned()).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_failed_decode_names_the_path() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Page {
            value: Vec<std::collections::BTreeMap<String, i32>>,
        }
        let error = decode::<Page>(br#"{"value":[{"DocEntry":1},{"DocEntry":"x"}]}"#).unwrap_err();
        assert_eq!(error.path(), "value[1].DocEntry");
        assert!(error.message().contains("expected i32"), "{error}");

        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Line {
            #[serde(with = "crate::decimal")]
            quantity: crate::Decimal,
        }
        let error = decode::<Vec<Line>>(br#"[{"quantity":"many"}]"#).unwrap_err();
        assert_eq!(error.path(), "[0].quantity");
    }
}
