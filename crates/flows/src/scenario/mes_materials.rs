use async_trait::async_trait;
use blacklake_mes::materials::MaterialFilter;
use chrono::NaiveDate;
use erplink_sync::Flow;
use erplink_sync::map::{Entry, MapProblems};
use serde::Deserialize;

use super::fields::{FIELD, MoreFields};
use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::b1::ChangedItems;
use crate::config::shape::{Key, Shape, default, optional};
use crate::mes::{ImportMaterial, MaterialMap, Mes};

/// Items (物料主数据) that were created or changed become materials (物料) of the MES; those that are
/// not valid any more are stopped there.
#[derive(Clone, Debug, Deserialize)]
pub struct MesMaterials {
    /// How changes are read.
    #[serde(default)]
    pub read: ReadItems,
    /// Minutes between UTC and the clock of the ERP, for windows.
    #[serde(default = "china")]
    pub utc_offset_minutes: i32,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// At the first start: only items that changed on this day or later.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// Whether the stopped material of a valid item is started again.
    #[serde(default)]
    pub restart: bool,
    /// What goes into further members of the import.
    #[serde(default)]
    pub fields: MaterialFields,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// How changed items are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadItems {
    /// Everything after the last change that was read, which the ledger keeps.
    #[default]
    Changes,
    /// The changes of whole minutes that are over, as the guide has it.
    Window,
}

/// What of an item goes into which further members of the import, as in a configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<Entry>")]
pub struct MaterialFields {
    map: MoreFields,
    /// The properties that it reads.
    properties: Vec<String>,
}

impl TryFrom<Vec<Entry>> for MaterialFields {
    type Error = MapProblems;

    fn try_from(entries: Vec<Entry>) -> Result<Self, MapProblems> {
        let read = |entry: &Entry| {
            let parts = entry.from.split("Document.").skip(1);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            parts.map(|part| part.chars().take_while(|c| is_part(*c)).collect()).collect::<Vec<_>>()
        };
        let properties = entries.iter().flat_map(read).collect();
        Ok(Self { map: MoreFields::try_from(entries)?, properties })
    }
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "mes-materials",
    numbers: &["S20"],
    doc: "Items that were created or changed become materials of the Blacklake MES (黑湖).",
    needs: &[crate::b1::SYSTEM, crate::mes::SYSTEM],
    keys: &[KEYS, pace::POLL, pace::WORK],
    example: include_str!("examples/mes-materials.toml"),
    read: read::<MesMaterials>,
};

const KEYS: &[Key] = &[
    default(
        "read",
        Shape::Choice(&["changes", "window"]),
        r#""changes""#,
        "changes: everything after the last change that was read; window: whole minutes that are over.",
    ),
    default(
        "utc_offset_minutes",
        Shape::Integer(-1439, 1439),
        "480",
        "Minutes between UTC and the clock of the ERP server, for `read = \"window\"`.",
    ),
    optional("filter", Shape::Text, "A further condition, such as ItemsGroupCode eq 101."),
    optional(
        "start_date",
        Shape::Day,
        "At the first start: only items that changed on this day or later; all if unset.",
    ),
    default(
        "restart",
        Shape::Bool,
        "false",
        "Whether the stopped (停用) material of a valid item is started again.",
    ),
    optional(
        "fields",
        Shape::Tables(FIELD),
        "What of an item goes into further members of the import, such as Document.U_Z20_SPEC to specification. What is empty is not sent.",
    ),
];

/// What the map of materials reads.
const READ: [&str; 5] = ["ItemCode", "ItemName", "InventoryUOM", "ManageBatchNumbers", "Valid"];

fn china() -> i32 {
    480
}

impl MesMaterials {
    fn source(&self, b1: &b1_servicelayer::Client) -> ChangedItems {
        let more = self.fields.properties.iter().map(String::as_str);
        let properties: Vec<&str> =
            READ.into_iter().chain(more.filter(|name| !READ.contains(name))).collect();
        let mut items =
            ChangedItems::new(b1.clone()).select(properties).page_size(self.pace.page_size);
        if let Some(filter) = &self.filter {
            items = items.filter(filter);
        }
        if let Some(day) = self.start_date {
            items = items.since(day);
        }
        match self.read {
            ReadItems::Changes => items,
            ReadItems::Window => items.by_window(self.utc_offset_minutes),
        }
    }
}

#[async_trait]
impl Scenario for MesMaterials {
    /// The flow `name` to the MES.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, mes) = (systems.b1()?, Mes::of(systems)?);
        let flow = Flow::new(company, name)
            .poll(self.source(b1))
            .map(MaterialMap::new(self.fields.map.0.clone()))
            .push(ImportMaterial::new(mes.client().clone()).restart(self.restart))
            .again_when_changed();
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let Ok(mes) = Mes::of(systems) else { return Vec::new() };
        let mut materials = mes.client().materials().list(MaterialFilter::new().page_size(1));
        vec![mes.finding("materials (物料)", materials.next().await.transpose())]
    }
}
