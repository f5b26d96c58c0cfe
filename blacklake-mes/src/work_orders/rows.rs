//! Tabs of a work order: an array, or an object around one.

use erplink_core::RawJson;

use crate::lenient::{Lenient, decode};

/// The rows of a tab. The first contract answers an object, the second the bare array.
#[derive(Debug, Default)]
pub(crate) struct Rows(pub(crate) Vec<RawJson>);

impl Lenient for Rows {
    fn read(text: &str) -> Result<Self, String> {
        match text.as_bytes().first() {
            Some(b'n') => Ok(Self::default()),
            Some(b'[') => Vec::read(text).map(Self),
            Some(b'{') => Self::of_object(text),
            _ => Err("expected an array or an object around one".to_owned()),
        }
    }
}

impl Rows {
    fn of_object(text: &str) -> Result<Self, String> {
        let members: std::collections::BTreeMap<String, RawJson> = decode(text)?;
        // A single row: it names its material.
        if members.contains_key("materialId") {
            return Ok(Self(vec![RawJson::read(text)?]));
        }
        let is_table = |raw: &&RawJson| {
            let inside = raw.as_str().trim_start_matches('[').trim_start();
            raw.as_str().starts_with('[') && inside.starts_with(['{', ']'])
        };
        let mut tables = members.values().filter(is_table);
        match (tables.next(), tables.next()) {
            (None, _) => Ok(Self::default()),
            (Some(table), None) => Vec::read(table.as_str()).map(Self),
            // Several: the one that has rows of materials.
            (Some(_), Some(_)) => {
                let table = members
                    .values()
                    .filter(is_table)
                    .find(|raw| raw.as_str().contains("\"materialId\""));
                table.map_or_else(|| Ok(Self::default()), |raw| Vec::read(raw.as_str()).map(Self))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_rows() {
        for (text, count) in [
            ("null", 0),
            ("[]", 0),
            (r#"[{"materialId":1},{"materialId":2}]"#, 2),
            (r#"{"list":[{"materialId":1}],"total":1}"#, 1),
            (r#"{"materialId":1,"reportingMethods":[1,3]}"#, 1),
            (r#"{"alternatives":[],"inputs":[{"materialId":1}]}"#, 1),
            ("{}", 0),
        ] {
            assert_eq!(Rows::read(text).unwrap().0.len(), count, "{text}");
        }
        assert!(Rows::read("1").is_err());
    }
}
