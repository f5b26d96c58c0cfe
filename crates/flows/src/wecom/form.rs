use erplink_core::RawJson;
use erplink_sync::map::{CheckedMap, Entry, Expression, MapProblems, MappedField, at};
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use crate::config::shape::{Key, Shape, default, optional};
use crate::scenario::fields::{FIELD, LINES, Table, checked_map};

/// What of a document goes into which control of a form, and who submits it.
///
/// In a configuration these are the keys `fields`, `lines`, `line_collection`, `applicant` and
/// `department`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FormKeys")]
pub struct FormFields {
    /// The userid of who submits the form.
    pub applicant: Expression,
    /// The department under which it is filed; the applicant's main one if unset.
    pub department: Option<Expression>,
    /// The controls by title or id, and the table with its columns.
    pub map: CheckedMap,
    line_collection: String,
}

impl FormFields {
    /// What the lines of a document are called.
    #[must_use]
    pub fn line_collection(&self) -> &str {
        &self.line_collection
    }
}

/// The keys of [`FormFields`].
pub(crate) const FORM: &[Key] = &[
    default(
        "fields",
        Shape::Tables(FIELD),
        "[]",
        "Which field goes into which control, by its title or id.",
    ),
    optional("lines", Shape::Table(LINES), "Which line fields go into the form's table (明细)."),
    default(
        "line_collection",
        Shape::Text,
        r#""DocumentLines""#,
        "The lines of the document; StockTransferLines for transfers.",
    ),
    default(
        "applicant",
        Shape::Expression,
        r#""User.FaxNumber""#,
        "The WeCom userid of who submits the form: the fax field (传真) of the ERP user holds it.",
    ),
    optional(
        "department",
        Shape::Expression,
        "The id of the department under which the form is filed. The applicant's main one if unset.",
    ),
];

#[derive(Deserialize)]
struct FormKeys {
    #[serde(default)]
    fields: Vec<Entry>,
    #[serde(default)]
    lines: Option<Table>,
    #[serde(default = "line_collection")]
    line_collection: String,
    #[serde(default = "fax")]
    applicant: Expression,
    #[serde(default)]
    department: Option<Expression>,
}

fn line_collection() -> String {
    "DocumentLines".to_owned()
}

fn fax() -> Expression {
    Expression::path("User.FaxNumber")
}

impl TryFrom<FormKeys> for FormFields {
    type Error = MapProblems;

    fn try_from(keys: FormKeys) -> Result<Self, MapProblems> {
        let FormKeys { fields, lines, line_collection, applicant, department } = keys;
        let map = checked_map(fields, lines, &line_collection)?;
        Ok(Self { applicant, department, map, line_collection })
    }
}

/// Turns a document of the ERP into a form of WeCom (审批单).
#[derive(Clone, Debug)]
pub struct FormMap {
    part: &'static str,
    key: (Expression, String),
    summary: Option<Expression>,
    fields: FormFields,
}

impl FormMap {
    /// `part` is what of the content must be there, such as `Draft`; the lines are in it. `key` is
    /// the document's number and the control that carries it through WeCom and back.
    pub fn new(
        part: &'static str,
        key: (Expression, impl Into<String>),
        mut fields: FormFields,
    ) -> Self {
        fields.map = fields.map.lines_below(part);
        Self { part, key: (key.0, key.1.into()), summary: None, fields }
    }

    /// What the notice card says; cut after twenty characters. Without it, the template's name.
    #[must_use]
    pub fn summary(mut self, summary: Expression) -> Self {
        self.summary = Some(summary);
        self
    }
}

/// A form as it is submitted, but for what only its template knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Form {
    pub applicant: String,
    pub department: Option<i64>,
    pub summary: String,
    /// The control with the document's number.
    pub key: Filled,
    pub controls: Vec<Filled>,
    pub table: Option<FilledTable>,
}

/// A control, by title or id, and the text that goes into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filled {
    pub control: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FilledTable {
    pub control: String,
    pub rows: Vec<Vec<Filled>>,
}

impl Mapper for FormMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let content = &document.content;
        if let Some(problem) = at("Problem", content)? {
            return Err(Failure::park(problem.get().unwrap_or_else(|_| problem.to_string())));
        }
        let part = self.part;
        if at(part, content)?.is_none() {
            let problem = format!("the {part} of the document is not in the ERP (any more)");
            return Err(Failure::park(problem));
        }
        let mapped = self.fields.map.apply(content)?;
        let rows: Vec<_> = mapped.lines.iter().map(|line| filled(line)).collect();
        // A document without lines is sent without the table.
        let table = self.fields.map.lines_to().filter(|_| !rows.is_empty());
        let summary = self.summary.as_ref().map(|summary| summary.text(content)).transpose()?;
        let form = Form {
            applicant: self.applicant(content)?,
            department: self.department(content)?,
            summary: summary.unwrap_or_default(),
            key: self.key(content)?,
            controls: filled(&mapped.main),
            table: table.map(|name| FilledTable { control: name.to_owned(), rows }),
        };
        RawJson::of(&form).map_err(|error| Failure::park(error.to_string()))
    }
}

fn filled(fields: &[MappedField]) -> Vec<Filled> {
    fields.iter().map(|one| Filled { control: one.name.clone(), text: one.text() }).collect()
}

impl FormMap {
    fn key(&self, content: &RawJson) -> Result<Filled, Failure> {
        let (number, control) = &self.key;
        let text = number.text(content)?;
        if text.is_empty() {
            return Err(Failure::park(format!("the document has no `{number}`")));
        }
        Ok(Filled { control: control.clone(), text })
    }

    fn applicant(&self, content: &RawJson) -> Result<String, Failure> {
        let userid = self.fields.applicant.text(content)?;
        if userid.is_empty() {
            return Err(Failure::park(format!(
                "nobody can submit the form: `{}` is empty; it holds the WeCom userid of who does",
                self.fields.applicant
            )));
        }
        Ok(userid)
    }

    fn department(&self, content: &RawJson) -> Result<Option<i64>, Failure> {
        let Some(expression) = &self.fields.department else { return Ok(None) };
        let text = expression.text(content)?;
        if text.is_empty() {
            return Ok(None);
        }
        let id = text.parse();
        id.map(Some).map_err(|_| Failure::park(format!("the department is `{text}`, not a number")))
    }
}
