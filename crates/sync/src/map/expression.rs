//! Where a value comes from: a path, a constant, a template.

use std::collections::BTreeMap;

use erplink_core::RawJson;

use super::format::Format;

/// A JSON object whose values are still text, so that every digit survives.
pub(super) type Object = BTreeMap<String, RawJson>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Path(Vec<String>),
    Constant(String),
    Template(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    Path(Vec<String>),
}

impl Expression {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(constant) = text.strip_prefix('=') {
            return Ok(Self::Constant(constant.to_owned()));
        }
        if text.contains(['{', '}']) {
            template(text).map(Self::Template)
        } else {
            path(text).map(Self::Path)
        }
    }

    /// The value in `source`; `null` where there is none.
    pub(super) fn evaluate(&self, source: &Object) -> RawJson {
        match self {
            Self::Path(path) => look_up(source, path),
            Self::Constant(text) => RawJson::of(text).unwrap_or_else(|_| RawJson::null()),
            Self::Template(parts) => {
                let text: String = parts.iter().map(|part| part.text(source)).collect();
                RawJson::of(text.trim()).unwrap_or_else(|_| RawJson::null())
            }
        }
    }
}

impl Part {
    fn text(&self, source: &Object) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Path(path) => {
                let value = look_up(source, path);
                // Objects and lists have no text; they show as JSON rather than vanish.
                Format::Text.text(&value).unwrap_or_else(|_| value.as_str().to_owned())
            }
        }
    }
}

fn path(text: &str) -> Result<Vec<String>, String> {
    let steps: Vec<String> = text.split('.').map(|step| step.trim().to_owned()).collect();
    if steps.iter().any(String::is_empty) {
        return Err(format!(
            "`{text}` is not a field or path; write Field, A.B, =constant or {{Field}} text"
        ));
    }
    Ok(steps)
}

fn template(text: &str) -> Result<Vec<Part>, String> {
    let unbalanced = || format!("`{text}` has a brace without its partner");
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, behind) = after.split_once('}').ok_or_else(unbalanced)?;
        if before.contains('}') || inside.contains('{') {
            return Err(unbalanced());
        }
        parts.extend((!before.is_empty()).then(|| Part::Text(before.to_owned())));
        parts.push(Part::Path(path(inside)?));
        rest = behind;
    }
    if rest.contains('}') {
        return Err(unbalanced());
    }
    parts.extend((!rest.is_empty()).then(|| Part::Text(rest.to_owned())));
    Ok(parts)
}

fn look_up(source: &Object, path: &[String]) -> RawJson {
    let Some((first, rest)) = path.split_first() else { return RawJson::null() };
    let mut value = source.get(first).cloned().unwrap_or_else(RawJson::null);
    for step in rest {
        let inner = match step.parse::<usize>() {
            Ok(index) => value.get::<Vec<RawJson>>().ok().and_then(|list| list.get(index).cloned()),
            Err(_) => value.get::<Object>().ok().and_then(|object| object.get(step).cloned()),
        };
        value = inner.unwrap_or_else(RawJson::null);
    }
    value
}
