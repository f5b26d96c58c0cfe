//! The members of a JSON object whose fields somebody else chose.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::decimal::{self, Decimal};
use crate::json::RawJson;

/// The members of a JSON object in their order, each value as the text that was sent.
///
/// For rows and documents that are passed on: numbers keep their digits, and what nobody knows
/// survives. An object that names a member twice is refused, because readers differ in which of
/// the two they mean.
///
/// ```
/// use erplink_core::Members;
///
/// let row: Members = serde_json::from_str(r#"{"Code":"A1","Qty":"2.50","Price":1.10}"#)?;
/// assert_eq!(row.text("Code")?.as_deref(), Some("A1"));
/// assert_eq!(row.decimal("Qty")?.unwrap().to_string(), "2.50");
/// assert_eq!(serde_json::to_string(&row)?, r#"{"Code":"A1","Qty":"2.50","Price":1.10}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Members(Vec<(String, RawJson)>);

/// A member that does not hold what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{name}`: expected {expected}, found {found}")]
pub struct MemberError {
    name: String,
    expected: &'static str,
    found: String,
}

impl MemberError {
    /// The member.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Members {
    /// An object without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawJson> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text of a member; a number is text with its own digits. Absent, `null` and `""` are
    /// `None`.
    ///
    /// # Errors
    /// When it holds something else.
    pub fn text(&self, name: &str) -> Result<Option<String>, MemberError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let text = match value.as_str().as_bytes().first() {
            Some(b'n') => return Ok(None),
            Some(b'"') => value.get::<String>().ok(),
            Some(b'{' | b'[' | b't' | b'f') => None,
            _ => Some(value.as_str().to_owned()),
        };
        match text {
            Some(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            None => Err(wrong(name, "text or a number", value)),
        }
    }

    /// The exact number of a member, also where it is written as text. Absent, `null` and `""` are
    /// `None`.
    ///
    /// # Errors
    /// When it holds something else, or more digits than a [`Decimal`] keeps.
    pub fn decimal(&self, name: &str) -> Result<Option<Decimal>, MemberError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_str() {
            "null" | "\"\"" => Ok(None),
            text => decimal::from_json_text(text)
                .map(Some)
                .map_err(|_| wrong(name, "a number of at most 28 digits", value)),
        }
    }

    /// The objects in the array of a member; absent and `null` are none.
    ///
    /// # Errors
    /// When it is no array, or an element is no object.
    pub fn objects(&self, name: &str) -> Result<Vec<Self>, MemberError> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(value) if value.is_null() => Ok(Vec::new()),
            Some(value) => value.get().map_err(|_| wrong(name, "an array of objects", value)),
        }
    }

    /// Sets a member, in its place or behind the others.
    pub fn set(&mut self, name: &str, value: RawJson) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<RawJson> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Reads a JSON object.
    ///
    /// # Errors
    /// When the text is something else, or names a member twice.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The object as JSON text.
    #[must_use]
    pub fn to_json(&self) -> RawJson {
        // Names and values are JSON already: there is nothing that could fail.
        RawJson::of(self).unwrap_or_else(|_| RawJson::null())
    }
}

fn wrong(name: &str, expected: &'static str, value: &RawJson) -> MemberError {
    MemberError { name: name.to_owned(), expected, found: shape(value) }
}

/// What a value looks like, without printing a long or secret one.
fn shape(value: &RawJson) -> String {
    let text = value.as_str();
    match text.as_bytes().first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        Some(b'"') if text.len() > 34 => format!("a text of {} bytes", text.len() - 2),
        _ => text.chars().take(40).collect(),
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(String, RawJson)> for Members {
    /// Takes the members as they are: the names have to differ.
    fn from_iter<I: IntoIterator<Item = (String, RawJson)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl IntoIterator for Members {
    type Item = (String, RawJson);
    type IntoIter = std::vec::IntoIter<(String, RawJson)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let (mut members, mut names) = (Vec::new(), HashSet::new());
                while let Some((name, value)) = map.next_entry::<String, RawJson>()? {
                    if !names.insert(name.clone()) {
                        let name: String = name.chars().take(40).collect();
                        return Err(A::Error::custom(format_args!("`{name}` appears twice")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_order_digits_and_what_nobody_knows() {
        let text = r#"{"b":0.1000000000000000055,"a":{"x":[1.0,null]},"c":"\u4e2d"}"#;
        let mut members = Members::parse(text).unwrap();
        assert_eq!(members.to_json().as_str(), text);
        members.set("a", RawJson::null());
        members.set("d", RawJson::parse("1").unwrap());
        assert_eq!(members.remove("c").unwrap().as_str(), r#""\u4e2d""#);
        assert_eq!(members.to_json().as_str(), r#"{"b":0.1000000000000000055,"a":null,"d":1}"#);
    }

    #[test]
    fn reads_text_and_numbers_from_either() {
        let members = Members::parse(
            r#"{"t":"中","n":1.50,"q":"1.50","e":"","z":null,"b":true,"o":{},"l":[{"x":1}],"m":[1]}"#,
        )
        .unwrap();
        assert_eq!(members.text("t").unwrap().unwrap(), "中");
        assert_eq!(members.text("n").unwrap().unwrap(), "1.50");
        for absent in ["e", "z", "nowhere"] {
            assert_eq!(members.text(absent).unwrap(), None, "{absent}");
            assert_eq!(members.decimal(absent).unwrap(), None, "{absent}");
        }
        for number in ["n", "q"] {
            assert_eq!(members.decimal(number).unwrap().unwrap().to_string(), "1.50");
        }
        assert_eq!(
            members.text("b").unwrap_err().to_string(),
            "`b`: expected text or a number, found true"
        );
        assert!(members.text("o").unwrap_err().to_string().contains("an object"));
        assert!(members.decimal("t").unwrap_err().to_string().contains("found \"中\""));
        assert_eq!(members.objects("l").unwrap().len(), 1);
        assert_eq!(members.objects("nowhere").unwrap(), []);
        assert!(members.objects("m").unwrap_err().to_string().contains("an array of objects"));
    }

    #[test]
    fn refuses_a_member_that_is_there_twice() {
        let error = Members::parse(r#"{"a":1,"b":2,"a":3}"#).unwrap_err();
        assert!(error.to_string().contains("`a` appears twice"), "{error}");
        assert!(Members::parse("[1]").is_err());
    }
}
