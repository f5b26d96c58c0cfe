//! Reads `types.txt` and `enums.txt`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Enumeration, Kind, Property, StructType};

type Enumerations = BTreeMap<String, Arc<Enumeration>>;

/// Blocks of a heading at the margin and indented lines below it.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#')) {
        if !line.starts_with(' ') {
            blocks.push((line.trim(), Vec::new()));
        } else if let Some((_, lines)) = blocks.last_mut() {
            lines.push(line.trim());
        }
    }
    blocks
}

pub(super) fn enumerations(text: &str) -> Result<Enumerations, String> {
    let mut found = Enumerations::new();
    for (name, lines) in blocks(text) {
        let members = lines.iter().flat_map(|line| line.split_whitespace());
        let members = members.map(|member| match member.split_once('=') {
            Some((member, value)) => (member.to_owned(), Some(value.to_owned())),
            None => (member.to_owned(), None),
        });
        let enumeration = Enumeration { name: name.to_owned(), members: members.collect() };
        if found.insert(name.to_owned(), Arc::new(enumeration)).is_some() {
            return Err(format!("{name} is described twice"));
        }
    }
    Ok(found)
}

pub(super) fn types(
    text: &str,
    enumerations: &Enumerations,
) -> Result<BTreeMap<String, Arc<StructType>>, String> {
    let mut found = BTreeMap::new();
    for (name, lines) in blocks(text) {
        let mut structure = StructType { name: name.to_owned(), properties: Vec::new() };
        for described in lines.iter().flat_map(|line| line.split(',')) {
            let words: Vec<&str> = described.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [property, kind, rest @ ..] => {
                    let kind = self::kind(kind, enumerations)?;
                    for name in series(property)? {
                        let read_only = rest == ["ro"];
                        let kind = kind.clone();
                        let property =
                            Property { name, kind, read_only, default: None, size: None };
                        structure.properties.push(property);
                    }
                }
                [_] => return Err(format!("`{described}` of {name} has no kind")),
            }
        }
        if found.insert(name.to_owned(), Arc::new(structure)).is_some() {
            return Err(format!("{name} is described twice"));
        }
    }
    Ok(found)
}

/// `Properties1-64` stands for 64 properties.
fn series(name: &str) -> Result<Vec<String>, String> {
    let Some((first, last)) = name.split_once('-') else { return Ok(vec![name.to_owned()]) };
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let wrong = || format!("`{name}` is not a series such as `Properties1-64`");
    let start: u32 = first.strip_prefix(stem).and_then(|n| n.parse().ok()).ok_or_else(wrong)?;
    let end: u32 = last.parse().map_err(|_| wrong())?;
    Ok((start..=end).map(|number| format!("{stem}{number}")).collect())
}

fn kind(text: &str, enumerations: &Enumerations) -> Result<Kind, String> {
    Ok(match text {
        "S" => Kind::Text,
        "I" => Kind::Int,
        "D" => Kind::Decimal,
        "Dt" => Kind::Date,
        "T" => Kind::Time,
        "{}" => Kind::Structure,
        _ => match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(row) => Kind::Collection(row.to_owned()),
            None => {
                let known = enumerations.get(text);
                Kind::Enum(Arc::clone(known.ok_or_else(|| format!("`{text}` is no kind"))?))
            }
        },
    })
}
