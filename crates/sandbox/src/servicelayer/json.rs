//! JSON that keeps the text of its numbers: amounts never pass through `f64`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::{self, Write as _};

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deeper nesting is refused: nothing in the simulated system needs it.
const DEEPEST: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number's text as sent.
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Object),
}

impl Json {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::parse_at(text, 0)
    }

    fn parse_at(text: &str, depth: usize) -> Result<Self, String> {
        if depth > DEEPEST {
            return Err(format!("JSON is nested deeper than {DEEPEST} levels"));
        }
        let text = text.trim();
        let wrong = |error: serde_json::Error| error.to_string();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text).map_err(wrong)?;
                let mut object = Object::default();
                // The last of several equal names counts. A map finds them, for the body may have
                // a million members.
                let mut places = HashMap::new();
                for (name, raw) in members {
                    let value = Self::parse_at(raw.get(), depth + 1)?;
                    match places.entry(name) {
                        Entry::Occupied(known) => {
                            let place: usize = *known.get();
                            if let Some((_, slot)) = object.members.get_mut(place) {
                                *slot = value;
                            }
                        }
                        Entry::Vacant(new) => {
                            object.members.push((new.key().clone(), value));
                            new.insert(object.members.len() - 1);
                        }
                    }
                }
                Self::Object(object)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
                let items = items.into_iter().map(|raw| Self::parse_at(raw.get(), depth + 1));
                Self::Array(items.collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::Text(serde_json::from_str(text).map_err(wrong)?),
            _ => match serde_json::from_str(text).map_err(wrong)? {
                serde_json::Value::Null => Self::Null,
                serde_json::Value::Bool(value) => Self::Bool(value),
                _ => Self::Number(text.to_owned()),
            },
        })
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Number(text) => decimal(text),
            _ => None,
        }
    }

    pub(crate) fn as_int(&self) -> Option<i64> {
        match self {
            Self::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub(crate) fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What it is, for messages.
    pub(crate) fn shape(&self) -> String {
        match self {
            Self::Array(_) => "an array".to_owned(),
            Self::Object(_) => "an object".to_owned(),
            scalar => scalar.to_string().chars().take(60).collect(),
        }
    }

    /// For the handles of the sandbox, whose users compare with `serde_json::json!`.
    pub(crate) fn to_serde(&self) -> serde_json::Value {
        serde_json::from_str(&self.to_string()).unwrap_or(serde_json::Value::Null)
    }
}

/// A decimal from number text, exponent included.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { text.parse().ok() }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => quoted(f, text),
            Self::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(object) => object.fmt(f),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<i32> for Json {
    fn from(number: i32) -> Self {
        i64::from(number).into()
    }
}

impl From<Decimal> for Json {
    fn from(number: Decimal) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

/// An object that keeps the order of its members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Object {
    members: Vec<(String, Json)>,
}

impl Object {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match Json::parse(text)? {
            Json::Object(object) => Ok(object),
            other => Err(format!("expected a JSON object, found {}", other.shape())),
        }
    }

    pub(crate) fn from_serde(value: &serde_json::Value) -> Result<Self, String> {
        Self::parse(&value.to_string())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<Json>) {
        let value = value.into();
        match self.members.iter_mut().find(|(known, _)| known == name) {
            Some((_, slot)) => *slot = value,
            None => self.members.push((name.to_owned(), value)),
        }
    }

    /// Sets the member unless it has a value already.
    pub(crate) fn or_set(&mut self, name: &str, value: impl Into<Json>) {
        if self.get(name).is_none_or(Json::is_null) {
            self.set(name, value);
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.set(name, value);
        self
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Json> {
        let index = self.members.iter().position(|(known, _)| known == name)?;
        Some(self.members.remove(index).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.members.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Json> {
        self.members.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_int()
    }

    pub(crate) fn decimal(&self, name: &str) -> Option<Decimal> {
        self.get(name)?.as_decimal()
    }

    /// The objects of a collection; none when the member is missing.
    pub(crate) fn rows(&self, name: &str) -> impl Iterator<Item = &Object> {
        self.get(name)
            .and_then(Json::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(Json::as_object)
    }

    /// The same, to change them.
    pub(crate) fn rows_mut(&mut self, name: &str) -> impl Iterator<Item = &mut Object> {
        let found = self.members.iter_mut().find(|(known, _)| known == name);
        let items = match found {
            Some((_, Json::Array(items))) => items.as_mut_slice(),
            _ => &mut [],
        };
        items.iter_mut().filter_map(|item| match item {
            Json::Object(object) => Some(object),
            _ => None,
        })
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (index, (name, value)) in self.members.iter().enumerate() {
            if index > 0 {
                f.write_char(',')?;
            }
            quoted(f, name)?;
            f.write_char(':')?;
            value.fmt(f)?;
        }
        f.write_char('}')
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text_and_members_their_order() {
        let text = r#"{"b":1.2300000000000000000001,"a":[null,true,"中\"文",{}],"c":1e3}"#;
        let object = Object::parse(text).unwrap();
        assert_eq!(object.to_string(), text);
        assert_eq!(object.decimal("c"), Some(Decimal::from(1000)));
    }

    #[test]
    fn the_last_of_several_equal_members_counts() {
        let object = Object::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(object.to_string(), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn absurd_nesting_is_refused() {
        let text = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Json::parse(&text).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "{", "{\"a\":}", "[1,]", "nul", "{\"a\":1} x"] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
