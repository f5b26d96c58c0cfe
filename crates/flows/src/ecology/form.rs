use erplink_core::RawJson;
use erplink_sync::map::{
    CheckedMap, Entry, Expression, FieldMap, Lines, MapProblems, MappedField, at,
};
use erplink_sync::ports::Mapper;
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use crate::config::shape::{Key, Shape, default, optional};
use crate::scenario::fields::{FIELD, LINES};

/// What of a document goes into which field of a form, and who starts the request.
///
/// In a configuration these are the keys `fields`, `lines`, `line_collection`, `user` and `user_is`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FormKeys")]
pub struct RequestFields {
    /// Who starts the request; the user of the client if `None`.
    pub user: Option<Expression>,
    /// What names that user.
    pub user_is: UserIs,
    /// The fields by their database columns, and the detail table with its columns.
    pub map: CheckedMap,
    line_collection: String,
}

/// What names an OA user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserIs {
    /// The numeric id (`hrmresource.id`).
    #[default]
    Id,
    /// The work code (工号).
    WorkCode,
    /// The login name.
    LoginId,
}

/// The keys of [`RequestFields`].
pub(crate) const FORM: &[Key] = &[
    default(
        "fields",
        Shape::Tables(FIELD),
        "[]",
        "Which field goes into which field of the form, by its database column.",
    ),
    optional(
        "lines",
        Shape::Table(LINES),
        "Which line fields go into the detail table; `to` is its physical name, formtable_main_1356_dt1. An empty one is for an OA that takes its only detail table without a name.",
    ),
    default(
        "line_collection",
        Shape::Text,
        r#""DocumentLines""#,
        "The lines of the document; StockTransferLines for transfers.",
    ),
    optional(
        "user",
        Shape::Expression,
        "The OA user who starts the request, such as Document.U_UserID; the user of the connection if unset.",
    ),
    default(
        "user_is",
        Shape::Choice(&["id", "work_code", "login_id"]),
        r#""id""#,
        "What `user` is: the numeric OA user id, a work code (工号), or a login name.",
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
    #[serde(default)]
    user: Option<Expression>,
    #[serde(default)]
    user_is: UserIs,
}

#[derive(Deserialize)]
struct Table {
    to: String,
    fields: Vec<Entry>,
}

fn line_collection() -> String {
    "DocumentLines".to_owned()
}

impl TryFrom<FormKeys> for RequestFields {
    type Error = MapProblems;

    fn try_from(keys: FormKeys) -> Result<Self, MapProblems> {
        let FormKeys { fields, lines, line_collection, user, user_is } = keys;
        let from = line_collection.clone();
        let lines = lines.map(|Table { to, fields }| Lines { from, to, fields });
        let map = FieldMap { main: fields, lines }.check(&[])?;
        Ok(Self { user, user_is, map, line_collection })
    }
}

impl RequestFields {
    /// What the lines of a document are called.
    #[must_use]
    pub fn line_collection(&self) -> &str {
        &self.line_collection
    }
}

/// Turns a document of the ERP into the form of a request (流程表单).
#[derive(Clone, Debug)]
pub struct RequestMap(RequestFields);

impl RequestMap {
    /// The document is the member `Document` of the content; the lines are in it.
    #[must_use]
    pub fn new(mut fields: RequestFields) -> Self {
        fields.map = fields.map.lines_below(DOCUMENT);
        Self(fields)
    }
}

const DOCUMENT: &str = "Document";

/// A form as it is sent, but for its title.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Form {
    pub user: Option<String>,
    pub user_is: UserIs,
    pub fields: Vec<FormField>,
    pub detail: Option<Detail>,
}

/// Every value of a form is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FormField {
    pub name: String,
    pub value: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Detail {
    pub table: String,
    pub rows: Vec<Vec<FormField>>,
}

impl Mapper for RequestMap {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        let content = &document.content;
        require_document(content)?;
        let RequestFields { user, user_is, map, .. } = &self.0;
        let user = user.as_ref().map(|user| user.text(content)).transpose()?;
        if user.as_ref().is_some_and(String::is_empty) {
            let problem = "the document does not name the OA user who starts the request (发起人)";
            return Err(Failure::park(problem));
        }
        let mapped = map.apply(content)?;
        let rows: Vec<_> = mapped.lines.iter().map(|line| fields(line)).collect();
        // A document without lines is sent without the detail table.
        let table = map.lines_to().filter(|_| !rows.is_empty());
        let form = Form {
            user,
            user_is: *user_is,
            fields: fields(&mapped.main),
            detail: table.map(|table| Detail { table: table.to_owned(), rows }),
        };
        RawJson::of(&form).map_err(Failure::park)
    }
}

/// Parks documents that their source could not read, and says why.
pub(super) fn require_document(content: &RawJson) -> Result<(), Failure> {
    if let Some(problem) = at("Problem", content)? {
        return Err(Failure::park(problem.get().unwrap_or_else(|_| problem.to_string())));
    }
    match at(DOCUMENT, content)? {
        Some(_) => Ok(()),
        None => Err(Failure::park("the document is not in the ERP (any more)")),
    }
}

fn fields(mapped: &[MappedField]) -> Vec<FormField> {
    let field = |one: &MappedField| FormField { name: one.name.clone(), value: text(one) };
    mapped.iter().map(field).collect()
}

/// OA knows no `null`.
pub(super) fn text(field: &MappedField) -> String {
    if field.value.is_null() { String::new() } else { field.text() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &str, document: &str) -> Result<Form, Failure> {
        let fields: RequestFields = serde_json::from_str(fields).unwrap();
        let document = Document::new("16", RawJson::parse(document).unwrap());
        Ok(RequestMap::new(fields).map(&document)?.get().unwrap())
    }

    #[test]
    fn every_value_is_a_text_and_null_is_an_empty_one() {
        let keys = r#"{
            "fields": [
                {"from": "Document.DocEntry", "to": "docentry"},
                {"from": "Document.DocTotal", "to": "amount", "format": {"number": 2}},
                {"from": "Document.Discount", "to": "discount", "format": "number"},
                {"from": "Document.DocDate", "to": "docdate", "format": "date"}
            ],
            "lines": {"to": "dt1", "fields": [{"from": "Quantity", "to": "qty"}]}
        }"#;
        let form = form(
            keys,
            r#"{"Document": {"DocEntry": 16, "DocTotal": 12.5, "Discount": null,
                "DocDate": "2024-11-20T00:00:00Z", "DocumentLines": [{"Quantity": 5.0}]}}"#,
        )
        .unwrap();
        let values: Vec<_> = form.fields.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(values, ["16", "12.50", "", "2024-11-20"]);
        let detail = form.detail.unwrap();
        assert_eq!((detail.table.as_str(), detail.rows[0][0].value.as_str()), ("dt1", "5"));
    }

    #[test]
    fn a_document_without_its_user_or_its_content_is_parked_with_the_reason() {
        let keys = r#"{"fields": [{"from": "=x", "to": "x"}], "user": "Document.U_UserID"}"#;
        for (document, reason) in [
            (r#"{"Document": {"U_UserID": null}}"#, "发起人"),
            (r#"{"Document": null}"#, "not in the ERP"),
            (r#"{"Problem": "two rows"}"#, "two rows"),
        ] {
            let failure = form(keys, document).unwrap_err();
            assert!(failure.message().contains(reason), "{failure}");
        }
    }
}
