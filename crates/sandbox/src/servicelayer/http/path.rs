//! The path below the service's root: `Orders(1)/BusinessPartner/CardName/$value`.

use crate::servicelayer::query::decode;
use crate::servicelayer::refusal::Refusal;

/// One step: a name, and what stands in its parentheses, both decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) key: Option<String>,
}

pub(super) fn segments(resource: &str) -> Result<Vec<Segment>, Refusal> {
    split(resource).into_iter().filter(|text| !text.is_empty()).map(segment).collect()
}

/// At slashes outside quotes, which may be written `'` or `%27`.
fn split(resource: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (index, byte) in resource.bytes().enumerate() {
        let encoded = byte == b'%' && resource[index..].starts_with("%27");
        if byte == b'\'' || encoded {
            quoted = !quoted;
        } else if byte == b'/' && !quoted {
            parts.push(&resource[start..index]);
            start = index + 1;
        }
    }
    parts.push(&resource[start..]);
    parts
}

fn segment(text: &str) -> Result<Segment, Refusal> {
    let text = decode(text, false)?;
    let Some((name, rest)) = text.split_once('(') else {
        return Ok(Segment { name: text, key: None });
    };
    let key = rest
        .strip_suffix(')')
        .ok_or_else(|| Refusal::malformed(format!("`{text}`: a parenthesis is not closed")))?;
    Ok(Segment { name: name.to_owned(), key: Some(key.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(resource: &str) -> Vec<(String, Option<String>)> {
        let segments = segments(resource).unwrap();
        segments.into_iter().map(|segment| (segment.name, segment.key)).collect()
    }

    #[test]
    fn keys_may_contain_slashes_and_parentheses() {
        let step = |name: &str, key: Option<&str>| (name.to_owned(), key.map(str::to_owned));
        for (resource, expected) in [
            ("Items", vec![step("Items", None)]),
            ("Items('a/b')", vec![step("Items", Some("'a/b'"))]),
            ("Items(%27a%2Fb%27)", vec![step("Items", Some("'a/b'"))]),
            (
                "Items('a''/b')/ItemName",
                vec![step("Items", Some("'a''/b'")), step("ItemName", None)],
            ),
            ("Items('(x)')", vec![step("Items", Some("'(x)'"))]),
            ("Items%28%27%E4%B8%AD%27%29", vec![step("Items", Some("'中'"))]),
            ("Orders/$count", vec![step("Orders", None), step("$count", None)]),
            ("", vec![]),
        ] {
            assert_eq!(names(resource), expected, "{resource}");
        }
        assert!(segments("Items('a'").is_err());
    }
}
