use async_trait::async_trait;
use ecology_oa::callback::{CallbackError, Push};
use erplink_sync::map::{CheckedMap, Entry, FieldMap, Lines, MapProblems};
use erplink_sync::{Document, Flow};
use serde::Deserialize;

use super::ecology_master_data::{KEY_FIELD, key_of};
use super::fields::{FIELD, LINES};
use super::{Composition, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::b1::{CreateEntity, EntityMap};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::ecology::Ecology;

/// Forms that Weaver e-cology posts (数据外发) become documents or partners of the ERP: a sales
/// order, a supplier. The person who approved last reads what became of it.
#[derive(Clone, Debug, Deserialize)]
pub struct EcologyData {
    /// The entity set, such as `Orders` or `BusinessPartners`.
    #[serde(default = "orders")]
    pub object_type: String,
    /// The property with the key.
    #[serde(default)]
    pub key_field: Option<String>,
    /// Where the id of the request is in the body, as a JSON Pointer.
    #[serde(default = "request_id")]
    pub request_id: String,
    /// The field for it, by which a form that was posted before is found. Empty: none.
    #[serde(default = "request_id_field")]
    pub request_id_field: String,
    /// Properties that OA is told besides the key.
    #[serde(default = "answer")]
    pub answer: Vec<String>,
    /// What goes into which property.
    #[serde(flatten)]
    pub map: FormEntries,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// What of a form goes into which property of the ERP.
///
/// In a configuration these are the keys `fields`, `lines` and `detail`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "FormKeys")]
pub struct FormEntries(pub CheckedMap);

#[derive(Deserialize)]
struct FormKeys {
    fields: Vec<Entry>,
    #[serde(default)]
    lines: Option<Table>,
    #[serde(default = "detail")]
    detail: String,
}

#[derive(Deserialize)]
struct Table {
    to: String,
    fields: Vec<Entry>,
}

impl TryFrom<FormKeys> for FormEntries {
    type Error = MapProblems;

    fn try_from(keys: FormKeys) -> Result<Self, MapProblems> {
        let FormKeys { fields, lines, detail } = keys;
        let lines = lines.map(|Table { to, fields }| Lines { from: detail, to, fields });
        FieldMap { main: fields, lines }.check(&[]).map(Self)
    }
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "ecology-data-to-erp",
    numbers: &["S02"],
    doc: "Forms that Weaver OA posts (数据外发) become documents or partners of the ERP.",
    needs: &[crate::b1::SYSTEM, crate::ecology::SYSTEM],
    keys: &[KEYS, pace::WORK],
    example: include_str!("examples/ecology-data.toml"),
    read: read::<EcologyData>,
};

const KEYS: &[Key] = &[
    default(
        "object_type",
        Shape::Text,
        r#""Orders""#,
        "The entity set, such as Orders or BusinessPartners.",
    ),
    KEY_FIELD,
    default(
        "request_id",
        Shape::Text,
        r#""/requestid""#,
        "Where the id of the request is in the body (JSON pointer).",
    ),
    default(
        "request_id_field",
        Shape::Text,
        r#""U_REQUESTID""#,
        "The field for it, by which a form that was posted before is found. Empty: none; then it is found by its key.",
    ),
    default(
        "answer",
        Shape::Texts,
        r#"["DocNum"]"#,
        "Properties that OA is told besides the key, in the `data` of the answer.",
    ),
    required(
        "fields",
        Shape::Tables(FIELD),
        "Which field of the form goes into which property; paths such as mainData.cardcode.",
    ),
    optional(
        "lines",
        Shape::Table(LINES),
        "Which columns of the detail table go into which properties of the lines; `to` is DocumentLines.",
    ),
    default("detail", Shape::Text, r#""detail1""#, "Where the rows of the detail table are."),
];

fn orders() -> String {
    "Orders".to_owned()
}

fn request_id() -> String {
    "/requestid".to_owned()
}

fn request_id_field() -> String {
    "U_REQUESTID".to_owned()
}

fn answer() -> Vec<String> {
    vec!["DocNum".to_owned()]
}

fn detail() -> String {
    "detail1".to_owned()
}

#[async_trait]
impl Scenario for EcologyData {
    /// The flow `name` into the ERP.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, Ecology::of(systems)?);
        let key = key_of(&self.object_type, self.key_field.as_deref());
        let mut create = CreateEntity::new(b1.clone(), &self.object_type, key)
            .answer(self.answer.iter().map(String::as_str));
        let has_id = !self.request_id_field.is_empty();
        if has_id {
            create = create.id_field(&self.request_id_field);
        }
        let flow =
            Flow::new(company, name).receive().map(EntityMap::new(self.map.0.clone())).push(create);
        let mut flow = self.pace.apply(flow).answers_a_person();
        if has_id {
            flow = flow.look_before_create();
        }
        let pointer = self.request_id.clone();
        let form = move |push: &Push| {
            let what = "the id of the request";
            let request = push.text(&pointer);
            let request =
                request.ok_or(CallbackError::Missing { pointer: pointer.clone(), what })?;
            Ok(Document::new(request.as_str(), push.raw().clone()).about(request.as_str()))
        };
        let receiver = app.receiver(company, name, name, form);
        Ok(Composition { flows: vec![flow], receivers: vec![receiver], ..Composition::default() })
    }
}
