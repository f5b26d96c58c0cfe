//! Field maps (字段对照): which field of the ERP goes into which control of a form.

use std::collections::BTreeMap;

use erplink_core::{RawJson, decimal};
use erplink_sync::Failure;
use serde::{Deserialize, Serialize};

/// Where a value comes from.
///
/// | text | value |
/// |---|---|
/// | `Draft.Comments` | the field `Comments` of `Draft`; empty when it is missing |
/// | `=人民币` | the text `人民币` |
/// | `采购申请-{Draft.DocEntry}` | the text with the field in place of the braces |
///
/// Numbers are printed without exponent and trailing zeros, dates as `yyyy-MM-dd`.
///
/// ```
/// use erplink::fields::Expression;
/// use erplink_core::RawJson;
///
/// let document = RawJson::parse(r#"{"Draft":{"DocEntry":16,"Total":12.5000}}"#)?;
/// assert_eq!(Expression::from("Draft.Total").text(&document)?, "12.5");
/// assert_eq!(Expression::from("申请-{Draft.DocEntry}").text(&document)?, "申请-16");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Expression(String);

impl<T: Into<String>> From<T> for Expression {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl Expression {
    /// The value in `document` as the text of a form control.
    ///
    /// # Errors
    /// When the path ends at an object or a list: a person has to correct the map.
    pub fn text(&self, document: &RawJson) -> Result<String, Failure> {
        if let Some(constant) = self.0.strip_prefix('=') {
            return Ok(constant.to_owned());
        }
        if !self.0.contains('{') {
            return field_text(&self.0, document);
        }
        let mut text = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (path, behind) = after.split_once('}').ok_or_else(|| {
                Failure::park(format!("`{}`: a `{{` is not closed by `}}`", self.0))
            })?;
            text.push_str(before);
            text.push_str(&field_text(path, document)?);
            rest = behind;
        }
        text.push_str(rest);
        Ok(text)
    }
}

/// One entry of a field map.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FieldMap {
    /// Where the value comes from.
    pub from: Expression,
    /// The label of the control in the form.
    pub to: String,
}

/// The map of a form's table: one row for each line of the document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct LineMap {
    /// The label of the table control.
    pub to: String,
    /// The fields of a line, relative to the line.
    pub fields: Vec<FieldMap>,
}

/// The value at a dotted path; `None` when a part of it is missing or null.
///
/// # Errors
/// When something on the way is not an object.
pub fn at(path: &str, document: &RawJson) -> Result<Option<RawJson>, Failure> {
    let mut value = document.clone();
    for name in path.trim().split('.') {
        if value.is_null() {
            return Ok(None);
        }
        let mut members: BTreeMap<String, RawJson> = value.get().map_err(|_| {
            Failure::park(format!("`{path}`: there is no field `{name}` in what is not an object"))
        })?;
        match members.remove(name) {
            Some(member) => value = member,
            None => return Ok(None),
        }
    }
    Ok(Some(value).filter(|value| !value.is_null()))
}

fn field_text(path: &str, document: &RawJson) -> Result<String, Failure> {
    let Some(value) = at(path, document)? else { return Ok(String::new()) };
    match value.as_str().as_bytes().first() {
        Some(b'"') => {
            let text: String = value.get().map_err(|error| {
                Failure::park(format!("`{path}`: the text cannot be read: {error}"))
            })?;
            Ok(day_only(&text).unwrap_or(&text).to_owned())
        }
        Some(b'{' | b'[') => Err(Failure::park(format!(
            "`{path}` is an object or a list; a control takes a text, a number or a date"
        ))),
        Some(b't' | b'f') => Ok(value.as_str().to_owned()),
        _ => decimal::from_json_text(value.as_str())
            .map(|number| number.normalize().to_string())
            .map_err(|error| Failure::park(format!("`{path}`: {error}"))),
    }
}

/// The ERP prints days as `2022-08-23T00:00:00Z` or `2022-08-23`.
fn day_only(text: &str) -> Option<&str> {
    let day = text.strip_suffix("T00:00:00Z").or_else(|| text.strip_suffix("T00:00:00"))?;
    erplink_core::date::date(day).ok().map(|_| day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(expression: &str, json: &str) -> Result<String, Failure> {
        Expression::from(expression).text(&RawJson::parse(json).unwrap())
    }

    #[test]
    fn values_become_the_text_of_controls() {
        for (path, json, expected) in [
            ("a", r#"{"a":"x"}"#, "x"),
            ("a", r#"{"a":null}"#, ""),
            ("a", "{}", ""),
            ("a.b", r#"{"a":null}"#, ""),
            ("a.b", r#"{"a":{"b":1.5e3}}"#, "1500"),
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
        assert!(text("a.b", r#"{"a":1}"#).is_err());
        assert!(text("{a", r#"{"a":1}"#).is_err());
    }
}
