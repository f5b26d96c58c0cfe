//! Values of an answer by JSON Pointer, each as its own text.

use std::collections::HashMap;

use erplink_core::RawJson;

/// The value at a JSON Pointer (RFC 6901); `None` if there is none, or if it is `null`.
pub(crate) fn at(raw: &RawJson, pointer: &str) -> Option<RawJson> {
    let mut found = raw.clone();
    if !pointer.is_empty() {
        for step in pointer.strip_prefix('/')?.split('/') {
            found = if found.as_str().trim_start().starts_with('[') {
                let elements: Vec<RawJson> = found.get().ok()?;
                elements.into_iter().nth(step.parse().ok()?)?
            } else {
                let mut members: HashMap<String, RawJson> = found.get().ok()?;
                members.remove(&step.replace("~1", "/").replace("~0", "~"))?
            };
        }
    }
    Some(found).filter(|found| !found.is_null())
}

/// What a text says, the digits of a number, or the word of a truth value.
pub(crate) fn text(value: &RawJson) -> Option<String> {
    match value.as_str().trim_start().as_bytes().first()? {
        b'{' | b'[' => None,
        b'"' => value.get().ok(),
        _ => Some(value.as_str().trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_values_as_the_standard_says() {
        let raw = RawJson::parse(r#"{"a":[{"b/c":1.10},null],"~":"x","o":{}}"#).unwrap();
        let found = |pointer: &str| at(&raw, pointer).map(|value| value.to_string());
        assert_eq!(found("/a/0/b~1c").as_deref(), Some("1.10"));
        assert_eq!(found("/~0").as_deref(), Some("\"x\""));
        assert_eq!(found("").map(|all| all.len()), Some(raw.as_str().len()));
        for pointer in ["/a/1", "/a/2", "/a/x", "/b", "a", "/a/0/b~1c/d"] {
            assert_eq!(found(pointer), None, "{pointer}");
        }
    }

    #[test]
    fn texts_are_texts_numbers_and_truth_values() {
        let of = |json: &str| text(&RawJson::parse(json).unwrap());
        assert_eq!(of("\"a\\nb\"").as_deref(), Some("a\nb"));
        assert_eq!(of("12345678901234567890.10").as_deref(), Some("12345678901234567890.10"));
        assert_eq!(of("true").as_deref(), Some("true"));
        assert_eq!((of("{}"), of("[1]")), (None, None));
    }
}
