//! Reading answers and events whose spelling drifts.
//!
//! The platform writes the same member `sptime`, `SpTime` and `Sptime`, numbers as text, text as
//! numbers, one element instead of a list, `null` instead of an empty one. A [`Tree`] looks at a
//! decoded document and takes all of these; JSON answers and XML events are read by the same code.

use chrono::{DateTime, Utc};
use erplink_core::ErrorKind;
use serde_json::Value;

use crate::error::{Error, Result};

/// A place in a document; it need not exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree<'a>(Option<&'a Value>);

impl<'a> Tree<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The member `name`: spelled exactly so, or else with other capitals and underscores.
    pub(crate) fn get(self, name: &str) -> Self {
        let Some(Value::Object(members)) = self.0 else { return Self(None) };
        Self(members.get(name).or_else(|| {
            members.iter().find(|(found, _)| is_same_name(found, name)).map(|(_, value)| value)
        }))
    }

    /// This place, or `other` where there is nothing here.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.is_absent() { other } else { self }
    }

    pub(crate) fn value(self) -> Option<&'a Value> {
        self.0.filter(|value| !value.is_null())
    }

    pub(crate) fn is_absent(self) -> bool {
        self.value().is_none()
    }

    /// Text, unless it is empty; numbers and booleans as they are written.
    pub(crate) fn text(self) -> Option<String> {
        match self.0? {
            Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// An integer, also from text; what stands behind a decimal point is dropped.
    pub(crate) fn int(self) -> Option<i64> {
        let text = self.text()?;
        text.trim().split('.').next()?.parse().ok()
    }

    /// A moment, from seconds of the epoch. Zero stands for "not yet".
    pub(crate) fn time(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.int().filter(|seconds| *seconds != 0)?, 0)
    }

    /// The elements: of an array, a single one, or none.
    pub(crate) fn list(self) -> Vec<Self> {
        match self.0 {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
            Some(Value::Array(elements)) => {
                elements.iter().filter(|element| !element.is_null()).map(Self::new).collect()
            }
            Some(single) => vec![Self::new(single)],
        }
    }

    pub(crate) fn texts(self) -> Vec<String> {
        self.list().into_iter().filter_map(Self::text).collect()
    }

    pub(crate) fn ints(self) -> Vec<i64> {
        self.list().into_iter().filter_map(Self::int).collect()
    }

    /// The `text` in Chinese of a list of `{text, lang}`, or the first one there is.
    pub(crate) fn name(self) -> Option<String> {
        let names = self.list();
        names
            .iter()
            .filter(|name| name.get("lang").text().as_deref() == Some("zh_CN"))
            .chain(&names)
            .find_map(|name| name.get("text").text())
    }

    /// What is found here, for an error: its shape, not its content.
    fn shape(self) -> &'static str {
        match self.0 {
            None => "nothing",
            Some(Value::Null) => "null",
            Some(Value::Bool(_)) => "a boolean",
            Some(Value::Number(_)) => "a number",
            Some(Value::String(text)) if text.is_empty() => "an empty text",
            Some(Value::String(_)) => "a text",
            Some(Value::Array(_)) => "an array",
            Some(Value::Object(_)) => "an object",
        }
    }

    /// Text without which the answer makes no sense; `path` names it in the error.
    pub(crate) fn require_text(self, path: &str) -> Result<String> {
        self.text().ok_or_else(|| self.unexpected(path, "a text"))
    }

    /// A number without which the answer makes no sense; `path` names it in the error.
    pub(crate) fn require_int(self, path: &str) -> Result<i64> {
        self.int().ok_or_else(|| self.unexpected(path, "an integer"))
    }

    fn unexpected(self, path: &str, expected: &str) -> Error {
        let message = format!(
            "the answer does not have the documented shape: at `{path}`: expected {expected}, found {}",
            self.shape(),
        );
        Error::new(ErrorKind::Decode, message).with_effect(erplink_core::Effect::Unknown)
    }
}

fn is_same_name(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| {
        name.bytes().filter(|b| *b != b'_').map(|b| b.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    // Different first letters are the rule: nothing is collected for them.
    match (one.bytes().next(), other.bytes().next()) {
        (Some(a), Some(b)) if a.eq_ignore_ascii_case(&b) => letters(one) == letters(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn takes_every_spelling() {
        let value = json!({
            "SpTime": "1751335798.5", "sp_yj": 2, "one": {"a": 1}, "null": null, "empty": "",
            "title": [{"text": "", "lang": "en"}, {"text": "数量", "lang": "zh_CN"}],
        });
        let tree = Tree::new(&value);
        assert_eq!(tree.get("sptime").int(), Some(1_751_335_798));
        assert_eq!(tree.get("spYj").text().as_deref(), Some("2"));
        assert_eq!(tree.get("one").list().len(), 1);
        assert!(tree.get("null").list().is_empty() && tree.get("empty").list().is_empty());
        assert_eq!(tree.get("title").name().as_deref(), Some("数量"));
        let error = tree.get("one").require_text("info.one").unwrap_err();
        assert!(
            error.to_string().contains("`info.one`: expected a text, found an object"),
            "{error}"
        );
    }
}
