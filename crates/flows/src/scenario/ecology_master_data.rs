use async_trait::async_trait;
use erplink_sync::Flow;
use serde::Deserialize;

use super::documents::{INCLUDE_NULL, synced_values, yes};
use super::{Composition, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::b1::{KeyType, Place, UnsyncedDocuments, WriteBack};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::ecology::{Ecology, RECORD, RecordFields, SaveRecord};

/// Master data (主数据) with the flag "not synchronised" becomes rows of the modelling engine
/// (建模引擎) of Weaver e-cology. Whoever resets the flag has it sent again.
#[derive(Clone, Debug, Deserialize)]
pub struct EcologyMasterData {
    /// The identifier of the interface that saves (接口标识), such as `saveItems`.
    pub method: String,
    /// The entity set: `Items`, `BusinessPartners` or another one.
    #[serde(default = "items")]
    pub object_type: String,
    /// The property with the key; `ItemCode` for `Items`, `CardCode` for `BusinessPartners`, else
    /// `DocEntry` if `None`.
    #[serde(default)]
    pub key_field: Option<String>,
    /// How the key is written in addresses.
    #[serde(default)]
    pub key_type: KeyType,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// The properties to read; all if empty.
    #[serde(default)]
    pub select: Vec<String>,
    /// The flag.
    #[serde(default = "synced_field")]
    pub synced_field: String,
    /// Its value before and after.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether entities without a flag are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
    /// What goes into which column.
    #[serde(flatten)]
    pub record: RecordFields,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "ecology-master-data",
    numbers: &["S01"],
    doc: "Items and partners with the flag \"not synchronised\" become rows of the modelling engine (建模引擎).",
    needs: &[crate::b1::SYSTEM, crate::ecology::SYSTEM],
    keys: &[KEYS, RECORD, pace::POLL, pace::WORK],
    example: include_str!("examples/ecology-master-data.toml"),
    read: read::<EcologyMasterData>,
};

const KEYS: &[Key] = &[
    required("method", Shape::Text, "The identifier of the interface that saves (接口标识)."),
    default(
        "object_type",
        Shape::Text,
        r#""Items""#,
        "The entity set: Items, BusinessPartners or another one.",
    ),
    KEY_FIELD,
    default(
        "key_type",
        Shape::Choice(&["auto", "numeric", "string"]),
        r#""auto""#,
        "How the key is written in addresses: (16) or ('16'); auto: as it was read.",
    ),
    optional("filter", Shape::Text, "A further condition, such as Valid eq 'tYES'."),
    default("select", Shape::Texts, "[]", "The properties to read; all if empty."),
    default("synced_field", Shape::Text, r#""U_ISSYN""#, "The flag."),
    default("synced_values", Shape::Pair, r#"["N", "Y"]"#, "Its value before and after."),
    INCLUDE_NULL,
];

pub(super) const KEY_FIELD: Key = optional(
    "key_field",
    Shape::Text,
    "The property with the key; ItemCode for Items, CardCode for BusinessPartners, else DocEntry if unset.",
);

/// The key of an entity set, unless the configuration says otherwise.
pub(super) fn key_of<'a>(set: &str, configured: Option<&'a str>) -> &'a str {
    configured.unwrap_or(match set {
        "Items" => "ItemCode",
        "BusinessPartners" => "CardCode",
        _ => "DocEntry",
    })
}

fn items() -> String {
    "Items".to_owned()
}

fn synced_field() -> String {
    "U_ISSYN".to_owned()
}

#[async_trait]
impl Scenario for EcologyMasterData {
    /// The flow `name` to OA.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, Ecology::of(systems)?);
        let key = key_of(&self.object_type, self.key_field.as_deref());
        let [no, yes] = &self.synced_values;
        let flag = (self.synced_field.as_str(), no.as_str());
        let mut source =
            UnsyncedDocuments::new(b1.clone(), &self.object_type, key, flag, self.include_null)
                .select(self.select.iter().map(String::as_str))
                .page_size(self.pace.page_size);
        if let Some(filter) = &self.filter {
            source = source.filter(filter);
        }
        let (set, key) = (self.object_type.clone(), key.to_owned());
        let place = Place::Document { set, key, key_type: self.key_type };
        let save = SaveRecord::new(app.client().clone(), &self.method, &self.record.match_key);
        let flow = Flow::new(company, name)
            .poll(source)
            .map(self.record.clone())
            .push(save)
            .mark(WriteBack::new(b1.clone(), place).flag(&self.synced_field, yes))
            .again_when_changed();
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }
}
