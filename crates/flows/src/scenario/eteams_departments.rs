use async_trait::async_trait;
use erplink_sync::Flow;
use erplink_sync::map::{CheckedMap, Entry, FieldMap};
use serde::Deserialize;

use super::fields::FIELD;
use super::{Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, pace, read};
use crate::b1::{EntityMap, UpsertEntity};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::eteams::{Departments, MESSAGES, Messages, client};

/// Departments (部门) of Weaver eteams become master data of the ERP: its departments, or entities
/// of a user-defined object (UDO). What was renamed, moved or added goes there with the next look.
///
/// What eteams deleted or disabled stays in the ERP: documents may name it.
#[derive(Clone, Debug, Deserialize)]
pub struct EteamsDepartments {
    /// What goes where.
    #[serde(flatten)]
    pub entity: EntityFields,
    /// Whether subsidiaries (分部) go there as well.
    #[serde(default)]
    pub with_subsidiaries: bool,
    /// Whether disabled (停用) ones go there as well.
    #[serde(default)]
    pub with_disabled: bool,
    /// Whether extension fields (扩展字段) can be mapped.
    #[serde(default)]
    pub with_extension: bool,
    /// What a person reads when eteams does not answer as it should.
    #[serde(default)]
    pub messages: Messages,
    /// The numbers of the flow.
    #[serde(flatten)]
    pub pace: Pace,
}

/// What of a department goes into which property of which entity.
///
/// In a configuration these are the keys `object_type`, `key_field`, `match_field` and `fields`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "EntityKeys")]
pub struct EntityFields {
    /// The entity set.
    pub object_type: String,
    /// The property with its key.
    pub key_field: String,
    /// The property by which an entity is recognised.
    pub match_field: String,
    /// The properties.
    pub map: CheckedMap,
}

#[derive(Deserialize)]
struct EntityKeys {
    #[serde(default = "departments")]
    object_type: String,
    #[serde(default = "code")]
    key_field: String,
    #[serde(default)]
    match_field: Option<String>,
    fields: Vec<Entry>,
}

impl TryFrom<EntityKeys> for EntityFields {
    type Error = String;

    fn try_from(keys: EntityKeys) -> Result<Self, String> {
        let EntityKeys { object_type, key_field, match_field, fields } = keys;
        // The ERP numbers its departments itself.
        let usual = if object_type == DEPARTMENTS { "Name" } else { key_field.as_str() };
        let match_field = match_field.unwrap_or_else(|| usual.to_owned());
        if !fields.iter().any(|field| field.to == match_field) {
            return Err(format!(
                "`fields` fill no property `{match_field}`, which is the `match_field`"
            ));
        }
        let map = FieldMap { main: fields, lines: None };
        let map = map.check(&[]).map_err(|problems| problems.to_string())?;
        Ok(Self { object_type, key_field, match_field, map })
    }
}

const DEPARTMENTS: &str = "Departments";

fn departments() -> String {
    DEPARTMENTS.to_owned()
}

fn code() -> String {
    "Code".to_owned()
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "eteams-departments",
    numbers: &["S63"],
    doc: "Departments (部门) of Weaver eteams become departments of the ERP, or entities of a user-defined object.",
    needs: &[crate::b1::SYSTEM, crate::eteams::SYSTEM],
    keys: &[KEYS, pace::POLL, pace::WORK],
    example: include_str!("examples/eteams-departments.toml"),
    read: read::<EteamsDepartments>,
};

const KEYS: &[Key] = &[
    default(
        "object_type",
        Shape::Text,
        r#""Departments""#,
        "The entity set: Departments, or a user-defined object (UDO) of master data.",
    ),
    default("key_field", Shape::Text, r#""Code""#, "The property with the key."),
    optional(
        "match_field",
        Shape::Text,
        "The property by which an entity is recognised; one of `fields`. If unset, Name for Departments, else the key. Departments with the same value share one entity.",
    ),
    required(
        "fields",
        Shape::Tables(FIELD),
        "Which field goes into which property; paths such as Department.id. Empty values are left out.",
    ),
    default("with_subsidiaries", Shape::Bool, "false", "Whether subsidiaries (分部) go there too."),
    default("with_disabled", Shape::Bool, "false", "Whether disabled (停用) ones go there too."),
    default(
        "with_extension",
        Shape::Bool,
        "false",
        "Whether extension fields (扩展字段) are read too.",
    ),
    optional(
        "messages",
        Shape::Table(MESSAGES),
        "What a person reads when eteams does not answer as it should, before the reason.",
    ),
];

#[async_trait]
impl Scenario for EteamsDepartments {
    /// The flow `name` into the ERP.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, eteams) = (systems.b1()?, client(systems)?);
        let mut source = Departments::new(eteams, self.pace.page_size);
        if self.with_subsidiaries {
            source = source.with_subsidiaries();
        }
        if self.with_disabled {
            source = source.with_disabled();
        }
        if self.with_extension {
            source = source.with_extension();
        }
        let EntityFields { object_type, key_field, match_field, map } = &self.entity;
        let flow = Flow::new(company, name)
            .poll(source.messages(self.messages.clone()))
            .map(EntityMap::new(map.clone()))
            .push(UpsertEntity::new(b1.clone(), object_type, key_field, match_field))
            .again_when_changed();
        Ok(Composition { flows: vec![self.pace.apply(flow)], ..Composition::default() })
    }

    /// Whether the ERP has the set with the properties that are filled.
    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let Ok(b1) = systems.b1() else { return Vec::new() };
        let EntityFields { object_type, key_field, map, .. } = &self.entity;
        let filled = map.main_fields().chain([key_field.as_str()]);
        let looked = crate::b1::look(b1, object_type, filled).await;
        let outcome = looked
            .map_err(|failure| format!("check `object_type`, `key_field` and `fields`: {failure}"));
        vec![Finding::new(format!("{} {object_type}", crate::b1::SYSTEM), outcome)]
    }
}
