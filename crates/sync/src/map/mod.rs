//! Field maps: which field of the source goes into which field of the target, as data.
//!
//! A [`FieldMap`] comes from a configuration file. [`FieldMap::check`] finds everything that is
//! wrong with it at once and gives a [`CheckedMap`], which is a [`Mapper`].
//!
//! ```
//! use erplink_sync::{Document, map::FieldMap, ports::Mapper};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let map: FieldMap = serde_json::from_str(r#"{
//!     "main": [
//!         {"from": "DocEntry", "to": "草稿单号"},
//!         {"from": "=采购申请", "to": "类型"},
//!         {"from": "{CardCode} {CardName}", "to": "供应商"},
//!         {"from": "DocDate", "to": "日期", "format": "date"},
//!         {"from": "UserSign", "to": ""}
//!     ],
//!     "lines": {"from": "DocumentLines", "fields": [
//!         {"from": "ItemCode", "to": "物料"},
//!         {"from": "Quantity", "to": "数量", "format": "number"}
//!     ]}
//! }"#)?;
//! let map = map.check(&["DocEntry", "UserSign"])?;
//! let draft = r#"{"DocEntry":16,"CardCode":"V10","CardName":null,"DocDate":"2022-08-23T00:00:00Z",
//!     "UserSign":7,"DocumentLines":[{"ItemCode":"A1","Quantity":12.50}]}"#;
//! let mapped = map.map(&Document::new("16", serde_json::from_str(draft)?))?;
//! assert_eq!(mapped.as_str(), concat!(
//!     r#"{"main":[{"name":"草稿单号","value":"16"},{"name":"类型","value":"采购申请"},"#,
//!     r#"{"name":"供应商","value":"V10"},{"name":"日期","value":"2022-08-23"}],"#,
//!     r#""lines":[[{"name":"物料","value":"A1"},{"name":"数量","value":12.5}]],"#,
//!     r#""passengers":{"DocEntry":"16","UserSign":"7"}}"#,
//! ));
//! # Ok(())
//! # }
//! ```

mod expression;
mod format;

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use erplink_core::RawJson;
use serde::{Deserialize, Serialize};

use self::expression::Object;
pub use self::expression::{Expression, NoExpression};
pub use self::format::Format;
use crate::document::Document;
use crate::failure::Failure;
use crate::ports::Mapper;

/// A map as a person writes it. [Check](FieldMap::check) it before use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMap {
    /// The fields of the header.
    pub main: Vec<Entry>,
    /// The fields of the lines, if there are lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Lines>,
}

/// The fields of the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lines {
    /// The collection in the source, such as `DocumentLines`. Missing or `null`: no lines.
    pub from: String,
    /// What the target calls its lines, such as the label of a table or the name of a detail
    /// table. Empty where the target has one place for them.
    #[serde(default)]
    pub to: String,
    /// The fields of each line.
    pub fields: Vec<Entry>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// `Field`, a path such as `Address.City` or `Lines.0.ItemCode`, a constant (`=text`), or a
    /// template (`{CardCode} {CardName}`).
    pub from: String,
    /// The field of the target. Empty: it is read and not sent, for passengers.
    pub to: String,
    /// How the value is written. Text by default.
    #[serde(default)]
    pub format: Format,
    /// Whether an empty value parks the document.
    #[serde(default)]
    pub required: bool,
}

/// Everything that is wrong with a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProblems(Vec<String>);

impl fmt::Display for MapProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the field map cannot be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for MapProblems {}

impl FieldMap {
    /// Checks the whole map. `passengers` are the source fields that the flow needs whatever the
    /// person maps, such as `DocEntry` and the initiator.
    ///
    /// # Errors
    /// All problems together, each with its place.
    pub fn check(&self, passengers: &[&str]) -> Result<CheckedMap, MapProblems> {
        let mut problems = Vec::new();
        let main = check_entries("main", &self.main, &mut problems);
        let lines = self.lines.as_ref().map(|lines| {
            let from = Expression::parse(&lines.from).unwrap_or_else(|problem| {
                problems.push(format!("lines.from: {problem}"));
                Expression::path("")
            });
            if !from.is_path() {
                let message = "the collection must be a field or path, such as DocumentLines";
                problems.push(format!("lines.from: {message}"));
            }
            CheckedLines {
                from,
                to: lines.to.clone(),
                fields: check_entries("lines", &lines.fields, &mut problems),
            }
        });
        for passenger in passengers {
            if !self.main.iter().any(|entry| entry.from == *passenger) {
                problems.push(format!(
                    "main: `{passenger}` is required; add {{from: {passenger}, to: …}}, with an \
                     empty `to` if the target has no field for it"
                ));
            }
        }
        if main.iter().all(|field| field.to.is_empty()) && lines.is_none() {
            problems.push("main: nothing is sent; give at least one entry a `to`".to_owned());
        }
        if !problems.is_empty() {
            return Err(MapProblems(problems));
        }
        let passengers = passengers.iter().map(|&name| name.to_owned()).collect();
        Ok(CheckedMap { main, lines, passengers })
    }
}

fn check_entries(place: &str, entries: &[Entry], problems: &mut Vec<String>) -> Vec<Field> {
    let mut targets = HashSet::new();
    let mut fields = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut problem = |text: String| problems.push(format!("{place}[{index}]: {text}"));
        if !entry.to.is_empty() && !targets.insert(entry.to.as_str()) {
            problem(format!("the target field `{}` is filled twice", entry.to));
        }
        if let Err(text) = entry.format.check() {
            problem(text);
        }
        match Expression::parse(&entry.from) {
            Ok(from) => fields.push(Field {
                from,
                to: entry.to.clone(),
                format: entry.format.clone(),
                required: entry.required,
            }),
            Err(no) => problem(no.to_string()),
        }
    }
    fields
}

/// A map that was checked. The default one maps nothing.
#[derive(Clone, Debug, Default)]
pub struct CheckedMap {
    main: Vec<Field>,
    lines: Option<CheckedLines>,
    passengers: Vec<String>,
}

#[derive(Clone, Debug)]
struct CheckedLines {
    from: Expression,
    to: String,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    from: Expression,
    to: String,
    format: Format,
    required: bool,
}

/// What a map makes of a document. Adapters read it with
/// [`Outgoing::read`](crate::ports::Outgoing::read).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapped {
    /// The header, in the order of the map.
    pub main: Vec<MappedField>,
    /// The lines, each in the order of the map.
    pub lines: Vec<Vec<MappedField>>,
    /// The required fields of the source by name, as text.
    pub passengers: BTreeMap<String, String>,
}

/// A field of the target with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedField {
    /// The field of the target.
    pub name: String,
    /// A text, unless the [`Format`] says otherwise.
    pub value: RawJson,
}

impl CheckedMap {
    /// Looks for the lines in this part of the document, such as in `Draft`.
    #[must_use]
    pub fn lines_below(mut self, part: &str) -> Self {
        if let Some(lines) = &mut self.lines {
            lines.from = Expression::path(&format!("{part}.{}", lines.from));
        }
        self
    }

    /// What the target calls its lines; `None` if the map has none.
    #[must_use]
    pub fn lines_to(&self) -> Option<&str> {
        self.lines.as_ref().map(|lines| lines.to.as_str())
    }

    /// The fields of the target that the header fills.
    pub fn main_fields(&self) -> impl Iterator<Item = &str> {
        filled(&self.main)
    }

    /// The fields of the target that each line fills.
    pub fn line_fields(&self) -> impl Iterator<Item = &str> {
        filled(self.lines.as_ref().map_or(&[], |lines| lines.fields.as_slice()))
    }

    /// Maps the content of a document.
    ///
    /// # Errors
    /// When a required value is missing or a value does not have the shape that its format
    /// needs. The text names the field.
    pub fn apply(&self, content: &RawJson) -> Result<Mapped, Failure> {
        let source = object("the document", content)?;
        let main = map_fields("", &self.main, &source)?;
        let lines = match &self.lines {
            Some(lines) => lines.map(&source)?,
            None => Vec::new(),
        };
        let mut passengers = BTreeMap::new();
        for field in &self.main {
            let name = field.from.to_string();
            if !self.passengers.contains(&name) {
                continue;
            }
            let value = field.from.evaluate(&source).and_then(|value| Format::Text.text(&value));
            let text = value.map_err(|problem| unusable("", field, problem))?;
            if text.is_empty() {
                return Err(unusable("", field, "it is required and empty".to_owned()));
            }
            passengers.insert(name, text);
        }
        Ok(Mapped { main, lines, passengers })
    }
}

impl MappedField {
    /// The value as text: what a text says, and any other value as JSON.
    #[must_use]
    pub fn text(&self) -> String {
        self.value.get().unwrap_or_else(|_| self.value.to_string())
    }
}

impl CheckedLines {
    fn map(&self, source: &Object) -> Result<Vec<Vec<MappedField>>, Failure> {
        let name = &self.from;
        let collection = self.from.evaluate(source);
        let collection = collection.map_err(|no| Failure::park(format!("`{name}`: {no}")))?;
        if collection.is_null() {
            return Ok(Vec::new());
        }
        let rows: Vec<RawJson> = collection
            .get()
            .map_err(|_| Failure::park(format!("`{name}` is not a list of lines")))?;
        let map_row = |(index, row): (usize, &RawJson)| {
            let place = format!("{name}[{index}].");
            map_fields(&place, &self.fields, &object(&place, row)?)
        };
        rows.iter().enumerate().map(map_row).collect()
    }
}

fn filled(fields: &[Field]) -> impl Iterator<Item = &str> {
    fields.iter().map(|field| field.to.as_str()).filter(|to| !to.is_empty())
}

/// The value at a dotted path of a document; `None` when a part of it is missing or `null`.
///
/// # Errors
/// When something on the way has no fields.
pub fn at(path: &str, document: &RawJson) -> Result<Option<RawJson>, Failure> {
    let value = Expression::path(path).value(document)?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

fn object(place: &str, content: &RawJson) -> Result<Object, Failure> {
    content.get().map_err(|_| Failure::park(format!("{place} is not a JSON object")))
}

fn map_fields(place: &str, fields: &[Field], source: &Object) -> Result<Vec<MappedField>, Failure> {
    let mut mapped = Vec::new();
    for field in fields {
        let value = field.from.evaluate(source).map_err(|text| unusable(place, field, text))?;
        let empty = value.is_null() || value.as_str() == "\"\"";
        if field.required && empty {
            return Err(unusable(place, field, "it is required and empty".to_owned()));
        }
        if !field.to.is_empty() {
            let value = field.format.write(&value).map_err(|text| unusable(place, field, text))?;
            mapped.push(MappedField { name: field.to.clone(), value });
        }
    }
    Ok(mapped)
}

fn unusable(place: &str, field: &Field, problem: String) -> Failure {
    Failure::park(format!("field `{place}{}` for `{}`: {problem}", field.from, field.to))
}

impl Mapper for CheckedMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        RawJson::of(&self.apply(&document.content)?).map_err(Failure::park)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(from: &str, to: &str) -> Entry {
        Entry { from: from.into(), to: to.into(), format: Format::Text, required: false }
    }

    fn raw(text: &str) -> RawJson {
        RawJson::parse(text).unwrap()
    }

    #[test]
    fn all_problems_come_at_once() {
        let map = FieldMap {
            main: vec![
                entry("", "a"),
                entry("{A", "b"),
                entry("C", "b"),
                Entry { format: Format::Date { pattern: "%Q".into() }, ..entry("D", "d") },
            ],
            lines: Some(Lines { from: "=x".into(), to: String::new(), fields: vec![] }),
        };
        let text = map.check(&["DocEntry"]).unwrap_err().to_string();
        for part in [
            "main[0]",
            "main[1]",
            "main[2]: the target field `b`",
            "main[3]",
            "lines.from",
            "`DocEntry` is required",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn values_keep_their_digits_and_lose_their_zeros() {
        let map = FieldMap {
            main: vec![entry("Q", "q"), entry("A.0.B", "b"), entry("X", "x")],
            lines: None,
        };
        let map = map.check(&[]).unwrap();
        let mapped =
            map.apply(&raw(r#"{"Q":1.2345678901234567890100E+2,"A":[{"B":true}]}"#)).unwrap();
        let values: Vec<_> = mapped.main.iter().map(|field| field.value.as_str()).collect();
        assert_eq!(
            values,
            [r#""123.45678901234567890100""#.replace("00\"", "\"").as_str(), "\"true\"", "\"\""]
        );
    }

    #[test]
    fn what_does_not_fit_names_the_field_and_the_line() {
        let fields = vec![Entry {
            format: Format::Number { decimals: None },
            ..entry("Quantity", "数量")
        }];
        let map = FieldMap {
            main: vec![entry("DocEntry", "单号")],
            lines: Some(Lines { from: "DocumentLines".into(), to: String::new(), fields }),
        };
        let map = map.check(&["DocEntry"]).unwrap();
        let apply = |text| map.apply(&raw(text));
        let error = apply(r#"{"DocEntry":1,"DocumentLines":[{"Quantity":"many"}]}"#).unwrap_err();
        assert!(error.message().contains("`DocumentLines[0].Quantity` for `数量`"), "{error}");
        let error = apply(r#"{"DocumentLines":[]}"#).unwrap_err();
        assert!(
            error.message().contains("`DocEntry`") && error.message().contains("empty"),
            "{error}"
        );
        assert!(apply(r#"{"DocEntry":1,"DocumentLines":null}"#).unwrap().lines.is_empty());
        assert!(apply(r#"{"DocEntry":1,"DocumentLines":{}}"#).is_err());
    }
}
