//! Where a value comes from: a path, a constant, a template.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use erplink_core::RawJson;
use serde::{Deserialize, Serialize};

use super::format::Format;
use super::object;
use crate::failure::Failure;

/// A JSON object whose values are still text, so that every digit survives.
pub(super) type Object = BTreeMap<String, RawJson>;

/// Where a value comes from.
///
/// | text | value |
/// |---|---|
/// | `Draft.Comments` | the field `Comments` of `Draft`; `null` when it is missing |
/// | `Lines.0.ItemCode` | a field of the first line |
/// | `=人民币` | the text `人民币` |
/// | `采购申请-{Draft.DocEntry}` | the text with the field in place of the braces |
///
/// ```
/// use erplink_core::RawJson;
/// use erplink_sync::map::Expression;
///
/// let document = RawJson::parse(r#"{"Draft":{"DocEntry":16,"Total":12.5000}}"#)?;
/// assert_eq!(Expression::parse("Draft.Total")?.text(&document)?, "12.5");
/// assert_eq!(Expression::parse("申请-{Draft.DocEntry}")?.text(&document)?, "申请-16");
/// assert!(Expression::parse("{Draft").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    parsed: Parsed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Parsed {
    Path(Vec<String>),
    Constant(String),
    Template(Vec<Part>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Path(Vec<String>),
}

/// A text that is no [`Expression`], and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoExpression(String);

impl fmt::Display for NoExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoExpression {}

impl FromStr for Expression {
    type Err = NoExpression;

    fn from_str(text: &str) -> Result<Self, NoExpression> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Expression {
    type Error = NoExpression;

    fn try_from(text: String) -> Result<Self, NoExpression> {
        Self::parse(&text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Expression {
    /// Reads a path, a constant or a template.
    ///
    /// # Errors
    /// When it is none; the message says how to write one.
    pub fn parse(text: &str) -> Result<Self, NoExpression> {
        let parsed = if let Some(constant) = text.strip_prefix('=') {
            Parsed::Constant(constant.to_owned())
        } else if text.contains(['{', '}']) {
            Parsed::Template(template(text).map_err(NoExpression)?)
        } else {
            Parsed::Path(path(text).map_err(NoExpression)?)
        };
        Ok(Self { text: text.to_owned(), parsed })
    }

    /// A dotted path that is written in a program; nothing is checked.
    #[must_use]
    pub fn path(path: &str) -> Self {
        let steps = path.split('.').map(str::to_owned).collect();
        Self { text: path.to_owned(), parsed: Parsed::Path(steps) }
    }

    /// The value in a document; `null` where there is none.
    ///
    /// # Errors
    /// When the path leads into what has no fields, or braces stand for an object or a list.
    pub fn value(&self, document: &RawJson) -> Result<RawJson, Failure> {
        let source = object("the document", document)?;
        self.evaluate(&source).map_err(|problem| self.unusable(&problem))
    }

    /// The value in a document as [`Format::Text`] writes it.
    ///
    /// # Errors
    /// As [`Expression::value`], and when the value is an object or a list.
    pub fn text(&self, document: &RawJson) -> Result<String, Failure> {
        let value = self.value(document)?;
        Format::Text.text(&value).map_err(|problem| self.unusable(&problem))
    }

    pub(super) fn is_path(&self) -> bool {
        matches!(self.parsed, Parsed::Path(_))
    }

    pub(super) fn evaluate(&self, source: &Object) -> Result<RawJson, String> {
        match &self.parsed {
            Parsed::Path(path) => look_up(source, path),
            Parsed::Constant(text) => RawJson::of(text).map_err(|error| error.to_string()),
            Parsed::Template(parts) => {
                let texts = parts.iter().map(|part| part.text(source));
                let text: String = texts.collect::<Result<_, _>>()?;
                RawJson::of(text.trim()).map_err(|error| error.to_string())
            }
        }
    }

    fn unusable(&self, problem: &str) -> Failure {
        Failure::park(format!("`{}`: {problem}", self.text))
    }
}

impl Part {
    fn text(&self, source: &Object) -> Result<String, String> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Path(path) => Format::Text.text(&look_up(source, path)?),
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

fn look_up(source: &Object, path: &[String]) -> Result<RawJson, String> {
    let Some((first, rest)) = path.split_first() else { return Ok(RawJson::null()) };
    let mut value = source.get(first).cloned().unwrap_or_else(RawJson::null);
    for step in rest {
        let inner = match value.as_str().as_bytes().first() {
            Some(b'{') => members(&value)?.remove(step),
            Some(b'[') => step.parse().ok().and_then(|index| nth(&value, index)),
            _ if value.is_null() => None,
            _ => return Err(format!("there is no field `{step}` in {value}")),
        };
        value = inner.unwrap_or_else(RawJson::null);
    }
    Ok(value)
}

fn members(value: &RawJson) -> Result<Object, String> {
    value.get().map_err(|error| error.to_string())
}

fn nth(list: &RawJson, index: usize) -> Option<RawJson> {
    list.get::<Vec<RawJson>>().ok()?.into_iter().nth(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(expression: &str, json: &str) -> Result<String, Failure> {
        Expression::parse(expression).unwrap().text(&RawJson::parse(json).unwrap())
    }

    #[test]
    fn values_become_text() {
        for (path, json, expected) in [
            ("a", r#"{"a":"x"}"#, "x"),
            ("a", r#"{"a":null}"#, ""),
            ("a", "{}", ""),
            ("a.b", r#"{"a":null}"#, ""),
            ("a.b", r#"{"a":{"b":1.5e3}}"#, "1500"),
            ("a.1", r#"{"a":[1,2]}"#, "2"),
            ("a.2", r#"{"a":[1,2]}"#, ""),
            ("a", r#"{"a":0.100000000000000000000000001}"#, "0.100000000000000000000000001"),
            ("a", r#"{"a":"2022-08-23T00:00:00Z"}"#, "2022-08-23"),
            ("a", r#"{"a":"2022-08-23T10:11:12Z"}"#, "2022-08-23T10:11:12Z"),
            ("=a", "{}", "a"),
            ("=", "{}", ""),
            ("{a}/{b}", r#"{"a":1,"b":"二"}"#, "1/二"),
        ] {
            assert_eq!(text(path, json).unwrap(), expected, "{path} of {json}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused_by_name() {
        let failure = text("Lines", r#"{"Lines":[]}"#).unwrap_err();
        assert!(failure.message().contains("`Lines`"), "{failure}");
        let failure = text("a.b", r#"{"a":1}"#).unwrap_err();
        assert!(failure.message().contains("no field `b` in 1"), "{failure}");
        assert!(text("{a} x", r#"{"a":{}}"#).is_err());
        assert!(Expression::parse("{a").is_err());
        assert!(Expression::parse("a..b").is_err());
    }
}
