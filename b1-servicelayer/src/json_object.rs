//! The members of a JSON object in their order, each as its own text.

use std::fmt;

use erplink_core::RawJson;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, RawJson)>);

impl Members {
    pub(crate) fn get(&self, name: &str) -> Option<&RawJson> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, name: &str, value: RawJson) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// The values of `names` as one text, to tell entities apart: `22`, `C1|I1`.
    pub(crate) fn key_text(&self, names: &[&str]) -> Option<String> {
        let parts: Option<Vec<_>> = names
            .iter()
            .map(|name| {
                let raw = self.get(name)?;
                Some(raw.get::<String>().unwrap_or_else(|_| raw.as_str().to_owned()))
            })
            .collect();
        parts.map(|parts| parts.join("|"))
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    members.push(entry);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Whether the server added the member (`odata.etag`, `X@odata.navigationLink`): it must not be
/// sent back.
fn is_annotation(name: &str) -> bool {
    name.starts_with("odata.") || name.contains('@')
}

/// The same JSON without the server's annotations at any level; numbers keep every digit.
pub(crate) fn without_annotations(raw: &RawJson) -> serde_json::Result<RawJson> {
    match raw.as_str().as_bytes().first() {
        Some(b'{') => {
            let members: Members = raw.get()?;
            let kept = members.0.into_iter().filter(|(name, _)| !is_annotation(name));
            let kept: serde_json::Result<Vec<_>> =
                kept.map(|(name, value)| Ok((name, without_annotations(&value)?))).collect();
            RawJson::of(&Members(kept?))
        }
        Some(b'[') => {
            let items: Vec<RawJson> = raw.get()?;
            let items: serde_json::Result<Vec<_>> = items.iter().map(without_annotations).collect();
            RawJson::of(&items?)
        }
        _ => Ok(raw.clone()),
    }
}

/// The passwords in a body that is sent: `ApproverPassword`, `UserPassword`.
pub(crate) fn passwords(json: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(raw) = serde_json::from_slice(json) {
        collect_passwords(&raw, &mut found);
    }
    found
}

fn collect_passwords(raw: &RawJson, found: &mut Vec<String>) {
    match raw.as_str().as_bytes().first() {
        Some(b'{') => {
            for (name, value) in raw.get::<Members>().unwrap_or_default().0 {
                match value.get::<String>() {
                    Ok(text) if name.to_ascii_lowercase().ends_with("password") => found.push(text),
                    _ => collect_passwords(&value, found),
                }
            }
        }
        Some(b'[') => {
            for item in raw.get::<Vec<RawJson>>().unwrap_or_default() {
                collect_passwords(&item, found);
            }
        }
        _ => {}
    }
}

/// Whether the JSON text holds an array with something in it, at any level.
pub(crate) fn has_filled_array(json: &str) -> bool {
    let (mut in_text, mut escaped, mut opened) = (false, false, false);
    for byte in json.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if opened && byte != b']' {
            return true;
        }
        opened = !in_text && byte == b'[';
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_annotations_and_keeps_digits() {
        let raw = RawJson::parse(
            r#"{"odata.metadata":"m","@odata.etag":"e","A":1.10,"B@odata.navigationLink":"l",
                "Lines":[{"odata.etag":"x","Q":0.1000000000000000055}],"E":{}}"#,
        )
        .unwrap();
        assert_eq!(
            without_annotations(&raw).unwrap().as_str(),
            r#"{"A":1.10,"Lines":[{"Q":0.1000000000000000055}],"E":{}}"#
        );
    }

    #[test]
    fn finds_passwords_at_any_level() {
        let body =
            br#"{"UserPassword":"a","D":[{"ApproverPassword":"b\"c"},{"Password":null}],"x":1}"#;
        assert_eq!(passwords(body), ["a", "b\"c"]);
        assert!(passwords(b"").is_empty() && passwords(b"--batch").is_empty());
    }

    #[test]
    fn sees_arrays_outside_text() {
        for (json, expected) in [
            (r#"{"a":"[1]","b":[ ]}"#, false),
            (r#"{"a":"\"[1]"}"#, false),
            (r#"{"a":{"b":[ {"c":1}]}}"#, true),
            (r#"{"a":"\\","b":[1]}"#, true),
            ("{}", false),
        ] {
            assert_eq!(has_filled_array(json), expected, "{json}");
        }
    }
}
