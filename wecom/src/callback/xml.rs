//! XML as the platform writes it, read without any of what makes XML dangerous.
//!
//! No document type, so no entities but the five predefined ones and characters by number; no
//! file and no address is ever opened. Depth and number of elements are bounded.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

const MAX_DEPTH: usize = 32;
const MAX_ELEMENTS: usize = 20_000;

/// Why a text is not taken as XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmlError {
    #[error("it has a document type (DOCTYPE)")]
    Doctype,
    #[error("it is not well-formed XML")]
    Malformed,
    #[error("it uses an entity that is not predefined")]
    Entity,
    #[error("its elements are nested too deeply")]
    TooDeep,
    #[error("it has too many elements")]
    TooMany,
}

/// The content of the root element: an object for an element with children (an array for a name
/// that stands there several times), a text for one without. Attributes do not matter.
pub(super) fn parse(text: &str) -> Result<Value, XmlError> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut elements = 0;
    loop {
        let event = reader.read_event().map_err(|_| XmlError::Malformed)?;
        match event {
            Event::DocType(_) => return Err(XmlError::Doctype),
            Event::Eof => break,
            Event::Start(tag) => {
                let element = Element::named(utf8(tag.name().into_inner())?);
                begin(&mut elements, open.len(), root.is_some())?;
                open.push(element);
            }
            Event::Empty(tag) => {
                let element = Element::named(utf8(tag.name().into_inner())?);
                begin(&mut elements, open.len(), root.is_some())?;
                close(element, &mut open, &mut root);
            }
            Event::End(_) => {
                let element = open.pop().ok_or(XmlError::Malformed)?;
                close(element, &mut open, &mut root);
            }
            Event::Text(text) => {
                let text = utf8(&*text)?;
                put(&mut open, text)?;
            }
            Event::CData(text) => {
                let text = utf8(&*text)?;
                put(&mut open, text)?;
            }
            Event::GeneralRef(reference) => {
                let name = utf8(&*reference)?;
                let letter = match reference.resolve_char_ref() {
                    Ok(Some(letter)) => letter,
                    Ok(None) => predefined(name).ok_or(XmlError::Entity)?,
                    Err(_) => return Err(XmlError::Malformed),
                };
                put(&mut open, letter.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    match root {
        Some(root) if open.is_empty() => Ok(root),
        _ => Err(XmlError::Malformed),
    }
}

struct Element {
    name: String,
    text: String,
    children: Map<String, Value>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), text: String::new(), children: Map::new() }
    }
}

fn begin(elements: &mut usize, depth: usize, has_root: bool) -> Result<(), XmlError> {
    *elements += 1;
    if *elements > MAX_ELEMENTS {
        return Err(XmlError::TooMany);
    }
    if depth >= MAX_DEPTH {
        return Err(XmlError::TooDeep);
    }
    // A second root.
    if depth == 0 && has_root { Err(XmlError::Malformed) } else { Ok(()) }
}

fn put(open: &mut [Element], text: &str) -> Result<(), XmlError> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
        None => return Err(XmlError::Malformed),
    }
    Ok(())
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Value>) {
    let value = if element.children.is_empty() {
        Value::String(element.text)
    } else {
        Value::Object(element.children)
    };
    match open.last_mut() {
        Some(parent) => match parent.children.get_mut(&element.name) {
            Some(Value::Array(siblings)) => siblings.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
            None => {
                parent.children.insert(element.name, value);
            }
        },
        None => *root = Some(value),
    }
}

/// Events are bytes in older versions of the reader, text in newer ones.
fn utf8(bytes: &(impl AsRef<[u8]> + ?Sized)) -> Result<&str, XmlError> {
    std::str::from_utf8(bytes.as_ref()).map_err(|_| XmlError::Malformed)
}

fn predefined(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_what_the_platform_writes() {
        let text = "\u{feff}<?xml version=\"1.0\"?>\n<xml>\n <a><![CDATA[1 < 2]]></a><a>x&amp;y&#20013;</a>\n\
                    <b/><c><d>1</d></c><!-- c --></xml>\n";
        let expected = json!({ "a": ["1 < 2", "x&y中"], "b": "", "c": { "d": "1" } });
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn refuses_everything_else() {
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        let many = format!("<x>{}</x>", "<a/>".repeat(MAX_ELEMENTS));
        for (text, expected) in [
            ("<!DOCTYPE x><x/>", XmlError::Doctype),
            ("<x>&file;</x>", XmlError::Entity),
            ("<x>", XmlError::Malformed),
            ("", XmlError::Malformed),
            ("<x/><y/>", XmlError::Malformed),
            ("<x></y>", XmlError::Malformed),
            ("text<x/>", XmlError::Malformed),
            ("<x>&#xD800;</x>", XmlError::Malformed),
            (&deep, XmlError::TooDeep),
            (&many, XmlError::TooMany),
        ] {
            assert_eq!(parse(text), Err(expected), "{}", &text[..text.len().min(40)]);
        }
    }
}
