use erplink_core::RawJson;
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use crate::fields::{Expression, FieldMap, LineMap, at};

/// Turns a document of the ERP into a form of DingTalk (审批表单).
#[derive(Clone, Debug)]
pub struct FormMap {
    /// Who starts the form.
    pub originator: Originator,
    /// The part of the document that must be there, such as `Draft`.
    pub required: &'static str,
    /// The control that carries the document's number through DingTalk and back, and the number.
    /// Without it a form whose creation has an unknown outcome cannot be looked up.
    pub source: Option<FieldMap>,
    /// Controls of the form.
    pub fields: Vec<FieldMap>,
    /// The table of the form.
    pub lines: Option<LineMap>,
    /// Where the lines are, such as `Draft.DocumentLines`.
    pub line_path: String,
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

/// A form as it is sent, but for what only DingTalk knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Form {
    pub originator: FormOriginator,
    pub source: Option<Control>,
    pub controls: Vec<Control>,
    pub table: Option<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormOriginator {
    Mobile(String),
    User { user_id: String, dept_id: i64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Control {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    pub name: String,
    pub rows: Vec<Vec<Control>>,
}

impl Mapper for FormMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let content = &document.content;
        if at(self.required, content)?.is_none() {
            return Err(Failure::park(format!(
                "the {} of the document is not in the ERP (any more)",
                self.required
            )));
        }
        let form = Form {
            originator: self.originator.of(content)?,
            source: self.source.as_ref().map(|field| control(field, content)).transpose()?,
            controls: controls(&self.fields, content)?,
            table: self.table(content)?,
        };
        RawJson::of(&form).map_err(|error| Failure::park(error.to_string()))
    }
}

impl FormMap {
    /// A document without lines is sent without the table.
    fn table(&self, content: &RawJson) -> Result<Option<Table>, Failure> {
        let Some(map) = &self.lines else { return Ok(None) };
        let Some(lines) = at(&self.line_path, content)? else { return Ok(None) };
        let lines: Vec<RawJson> = lines
            .get()
            .map_err(|_| Failure::park(format!("`{}` is not a list of lines", self.line_path)))?;
        let rows: Vec<_> =
            lines.iter().map(|line| controls(&map.fields, line)).collect::<Result<_, _>>()?;
        Ok(Some(Table { name: map.to.clone(), rows }).filter(|table| !table.rows.is_empty()))
    }
}

fn controls(fields: &[FieldMap], content: &RawJson) -> Result<Vec<Control>, Failure> {
    fields.iter().map(|field| control(field, content)).collect()
}

fn control(field: &FieldMap, content: &RawJson) -> Result<Control, Failure> {
    Ok(Control { name: field.to.clone(), value: field.from.text(content)? })
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
