use erplink_core::RawJson;
use erplink_sync::map::{CheckedMap, Entry, Expression, MapProblems, at};
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use crate::config::shape::{Key, Shape, default, optional};
use crate::scenario::fields::{FIELD, LINES, Table, checked_map};

/// What of a document goes into which control of a form, and who starts the form.
///
/// In a configuration these are the keys `fields`, `lines`, `line_collection` and `originator_…`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FormKeys")]
pub struct FormFields {
    /// Who starts the form.
    pub originator: Originator,
    /// The controls, and the table with its columns.
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

/// On whose behalf a form starts: a user with a department, or the person with a mobile number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Originator {
    /// The person with this mobile number, in their first department.
    Mobile(Expression),
    /// A user id and a department id; the root department is `-1`.
    User {
        /// The user id.
        user: Expression,
        /// The department id.
        dept: Expression,
    },
}

/// The keys of [`FormFields`].
pub(crate) const FORM: &[Key] = &[
    default("fields", Shape::Tables(FIELD), "[]", "Which field goes into which control."),
    optional("lines", Shape::Table(LINES), "Which line fields go into the form's table."),
    default(
        "line_collection",
        Shape::Text,
        r#""DocumentLines""#,
        "The lines of the document; StockTransferLines for transfers.",
    ),
    default(
        "originator_mobile",
        Shape::Expression,
        r#""User.MobilePhoneNumber""#,
        "The mobile number of who starts the form.",
    ),
    optional(
        "originator_user",
        Shape::Expression,
        "The DingTalk user id of who starts the form, instead of the mobile number.",
    )
    .with("originator_dept"),
    optional("originator_dept", Shape::Expression, "The department of that user; the root is -1.")
        .with("originator_user"),
];

#[derive(Deserialize)]
struct FormKeys {
    #[serde(default)]
    fields: Vec<Entry>,
    #[serde(default)]
    lines: Option<Table>,
    #[serde(default = "line_collection")]
    line_collection: String,
    #[serde(default = "mobile")]
    originator_mobile: Expression,
    #[serde(default)]
    originator_user: Option<Expression>,
    #[serde(default)]
    originator_dept: Option<Expression>,
}

fn line_collection() -> String {
    "DocumentLines".to_owned()
}

fn mobile() -> Expression {
    Expression::path("User.MobilePhoneNumber")
}

impl TryFrom<FormKeys> for FormFields {
    type Error = MapProblems;

    fn try_from(keys: FormKeys) -> Result<Self, MapProblems> {
        let originator = match (keys.originator_user, keys.originator_dept) {
            (Some(user), Some(dept)) => Originator::User { user, dept },
            _ => Originator::Mobile(keys.originator_mobile),
        };
        let line_collection = keys.line_collection;
        let map = checked_map(keys.fields, keys.lines, &line_collection)?;
        Ok(Self { originator, map, line_collection })
    }
}

/// Turns a document of the ERP into a form of DingTalk (审批表单).
#[derive(Clone, Debug)]
pub struct FormMap {
    part: &'static str,
    source: Option<(Expression, String)>,
    fields: FormFields,
}

impl FormMap {
    /// `part` is what of the content must be there, such as `Draft`; the lines are in it.
    #[must_use]
    pub fn new(part: &'static str, mut fields: FormFields) -> Self {
        fields.map = fields.map.lines_below(part);
        Self { part, source: None, fields }
    }

    /// The control that carries the document's number through DingTalk and back, and the number.
    /// Without it a form whose creation has an unknown outcome cannot be looked up.
    #[must_use]
    pub fn source(mut self, number: Expression, control: impl Into<String>) -> Self {
        self.source = Some((number, control.into()));
        self
    }
}

/// A form as it is sent, but for what only DingTalk knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Form {
    pub originator: FormOriginator,
    pub source: Option<Control>,
    pub controls: Vec<Control>,
    pub table: Option<FormTable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormOriginator {
    Mobile(String),
    User { user_id: String, dept_id: i64 },
}

/// Every value of a form is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Control {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FormTable {
    pub name: String,
    pub rows: Vec<Vec<Control>>,
}

impl Mapper for FormMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let content = &document.content;
        if let Some(problem) = at("Problem", content)? {
            return Err(Failure::park(problem.get().unwrap_or_else(|_| problem.to_string())));
        }
        if at(self.part, content)?.is_none() {
            let part = self.part;
            let problem = format!("the {part} of the document is not in the ERP (any more)");
            return Err(Failure::park(problem));
        }
        let source = self.source.as_ref().map(|(number, control)| {
            let value = number.text(content)?;
            Ok::<_, Failure>(Control { name: control.clone(), value })
        });
        let mapped = self.fields.map.apply(content)?;
        let rows: Vec<_> = mapped.lines.iter().map(|line| controls(line)).collect();
        // A document without lines is sent without the table.
        let table = self.fields.map.lines_to().filter(|_| !rows.is_empty());
        let form = Form {
            originator: self.fields.originator.of(content)?,
            source: source.transpose()?,
            controls: controls(&mapped.main),
            table: table.map(|name| FormTable { name: name.to_owned(), rows }),
        };
        RawJson::of(&form).map_err(|error| Failure::park(error.to_string()))
    }
}

fn controls(fields: &[erplink_sync::map::MappedField]) -> Vec<Control> {
    fields.iter().map(|one| Control { name: one.name.clone(), value: one.text() }).collect()
}

impl Originator {
    fn of(&self, content: &RawJson) -> Result<FormOriginator, Failure> {
        match self {
            Self::Mobile(expression) => {
                let number = expression.text(content)?;
                if number.is_empty() {
                    return Err(Failure::park(
                        "the ERP user who made the document has no mobile phone number (手机号)",
                    ));
                }
                Ok(FormOriginator::Mobile(number))
            }
            Self::User { user, dept } => {
                let (user_id, dept) = (user.text(content)?, dept.text(content)?);
                let dept_id = dept.parse().map_err(|_| {
                    Failure::park(format!(
                        "the department of the originator is `{dept}`, not a number"
                    ))
                })?;
                if user_id.is_empty() {
                    return Err(Failure::park(
                        "the document does not name the originator (发起人)",
                    ));
                }
                Ok(FormOriginator::User { user_id, dept_id })
            }
        }
    }
}
