//! Reading answers whose spelling drifts.
//!
//! The platform misspells members (`acessToken`), writes `parentid` and `parent`, `job_num` and
//! `jobNum`, numbers as text and text as numbers. What one member may be called is a list of names
//! here; case and underscores never matter.

use erplink_core::{Effect, ErrorKind, Members, RawJson};

use crate::error::{Error, Result};

/// The first member that has one of the names, spelled exactly so or else loosely. One that is
/// `null` counts as missing.
pub(crate) fn find<'a>(members: &'a Members, names: &[&str]) -> Option<&'a RawJson> {
    let exact = names.iter().find_map(|name| members.get(name));
    let loose = || {
        let same = |found: &str| names.iter().any(|name| is_same_name(found, name));
        members.iter().find(|(found, _)| same(found)).map(|(_, value)| value)
    };
    exact.or_else(loose).filter(|value| !value.is_null())
}

/// The text of such a member, or its number as text. What is neither is kept in the raw members
/// only.
pub(crate) fn text(members: &Members, names: &[&str]) -> Option<String> {
    scalar(find(members, names)?)
}

/// A whole number, also where it is written as text.
pub(crate) fn number(members: &Members, names: &[&str]) -> Option<u64> {
    text(members, names)?.trim().parse().ok()
}

/// Text without which the answer makes no sense; `path` is where it should be.
pub(crate) fn require_text(members: &Members, names: &[&str], path: &str) -> Result<String> {
    let name = names.first().copied().unwrap_or_default();
    let found = find(members, names);
    found.and_then(scalar).ok_or_else(|| {
        let found = found.map_or("nothing", shape);
        misshapen(&format!("{path}{name}"), "a text or a number", found)
    })
}

/// The object in such a member.
pub(crate) fn object(members: &Members, name: &str) -> Option<Members> {
    find(members, &[name])?.get().ok()
}

/// An answer that was received and is not as documented.
pub(crate) fn misshapen(path: &str, expected: &str, found: &str) -> Error {
    let message = format!(
        "the answer does not have the documented shape: at `{path}`: expected {expected}, found {found}"
    );
    Error::new(ErrorKind::Decode, message).with_effect(Effect::Unknown)
}

fn scalar(value: &RawJson) -> Option<String> {
    let text = match shape(value) {
        "a text" => value.get().ok()?,
        "a number" => value.as_str().to_owned(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// What a value looks like; its content may be a secret.
pub(crate) fn shape(value: &RawJson) -> &'static str {
    match value.as_str().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') if value.as_str().len() == 2 => "an empty text",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') | None => "null",
        Some(_) => "a number",
    }
}

fn is_same_name(one: &str, other: &str) -> bool {
    let letters = |name: &'_ str| {
        let plain = name.bytes().filter(|byte| *byte != b'_');
        plain.map(|byte| byte.to_ascii_lowercase()).collect::<Vec<_>>()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_every_spelling_and_names_what_is_missing() {
        let members = Members::parse(
            r#"{"acessToken":"a","Job_Num":7,"parentId":null,"parent":"9007199254740993","o":{}}"#,
        )
        .unwrap();
        let names = ["accessToken", "acessToken", "access_token"];
        assert_eq!(text(&members, &names).as_deref(), Some("a"));
        assert_eq!(text(&members, &["jobNum"]).as_deref(), Some("7"));
        assert_eq!(number(&members, &["jobNum"]), Some(7));
        assert_eq!(text(&members, &["parentid"]), None, "null is nothing");
        assert_eq!(text(&members, &["parent"]).as_deref(), Some("9007199254740993"));
        let error = require_text(&members, &["o"], "data[0].").unwrap_err().to_string();
        assert!(error.contains("`data[0].o`"), "{error}");
        assert!(error.contains("found an object"), "{error}");
    }
}
