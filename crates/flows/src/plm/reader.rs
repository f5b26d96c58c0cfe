use std::fmt;

use erplink_core::{Members, RawJson};
use erplink_sync::map::{CheckedMap, Entry, MappedField};
use plm_tianyu::{Config, ConfigError, Kind, Receiver as Reader, Target, UserObject};
use serde::Deserialize;

use crate::config::shape::{Key, Shape, default, optional, required};
use crate::scenario::fields::{FIELD, LINES, Table, checked_map};

/// What is in the rows of a push, and how they become records.
///
/// In a configuration these are the keys `kind`, `routing`, `rows_at`, `replace_collections`,
/// `empty_means_clear`, `stop_on_error`, `fields`, `lines` and `lines_at`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "RowKeys")]
pub struct PlmRows {
    config: Config,
    map: Option<CheckedMap>,
    /// For rows that were let in.
    reader: Reader,
}

/// The keys of [`PlmRows`].
pub(crate) const ROWS: &[Key] = &[
    required(
        "kind",
        Shape::Choice(&["item", "bom", "routing"]),
        "What is pushed: items (物料), bills of material (物料清单) or routings (工艺路线).",
    ),
    optional("routing", Shape::Table(ROUTING), "The user-defined object (UDO) for routings."),
    optional(
        "rows_at",
        Shape::Text,
        "A JSON pointer to the rows, such as /data; if unset the rows are found, or with `lines` are the body.",
    ),
    optional(
        "replace_collections",
        Shape::Bool,
        "Whether an update replaces the lines; if unset it does, but for items.",
    ),
    default("empty_means_clear", Shape::Bool, "false", "Whether an empty text clears the field."),
    default(
        "stop_on_error",
        Shape::Bool,
        "false",
        "Whether the rows behind one that failed are left alone.",
    ),
    default(
        "fields",
        Shape::Tables(FIELD),
        "[]",
        "Which field of a row goes into which property. Without any, all go where their name says.",
    ),
    optional("lines", Shape::Table(LINES), "The same for the lines."),
    default("lines_at", Shape::Text, r#""ProductTreeLines""#, "Where a row has its lines."),
];

const ROUTING: &[Key] = &[
    required("object", Shape::Text, "The code of the object, its name in the Service Layer."),
    default("key_field", Shape::Text, r#""Code""#, "The field with the key that the PLM knows."),
    default("key_type", Shape::Choice(&["text", "number"]), r#""text""#, "What that field holds."),
    optional(
        "entity_key",
        Shape::Text,
        "The field by which a record is addressed; if unset DocEntry for key fields U_…, else the same.",
    ),
    optional("line_collection", Shape::Text, "The child collection that each push must bring."),
];

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Item,
    Bom,
    Routing,
}

#[derive(Deserialize)]
struct RowKeys {
    kind: KindName,
    #[serde(default)]
    routing: Option<UserObject>,
    #[serde(default)]
    rows_at: Option<String>,
    #[serde(default)]
    replace_collections: Option<bool>,
    #[serde(default)]
    empty_means_clear: bool,
    #[serde(default)]
    stop_on_error: bool,
    #[serde(default)]
    fields: Vec<Entry>,
    #[serde(default)]
    lines: Option<Table>,
    #[serde(default = "lines_at")]
    lines_at: String,
}

fn lines_at() -> String {
    "ProductTreeLines".to_owned()
}

impl TryFrom<RowKeys> for PlmRows {
    type Error = String;

    fn try_from(keys: RowKeys) -> Result<Self, String> {
        let kind = match (keys.kind, keys.routing) {
            (KindName::Item, None) => Kind::Item,
            (KindName::Bom, None) => Kind::Bom,
            (KindName::Routing, Some(object)) => Kind::Routing(object),
            (KindName::Routing, None) => {
                return Err("`routing`: kind = \"routing\" needs the object of the ERP".to_owned());
            }
            (_, Some(_)) => {
                return Err("`routing`: only for kind = \"routing\"; remove it".to_owned());
            }
        };
        let mut config = Config::new(kind);
        // A row whose lines have a name of their own looks like a wrapper around rows.
        let row_itself = keys.lines.is_some().then(String::new);
        config.rows_at = keys.rows_at.or(row_itself);
        config.replace_collections = keys.replace_collections;
        config.empty_means_clear = keys.empty_means_clear;
        config.stop_on_error = keys.stop_on_error;
        let map = match (keys.fields, keys.lines) {
            (fields, None) if fields.is_empty() => None,
            (fields, lines) => Some(checked_map(fields, lines, &keys.lines_at).map_err(text)?),
        };
        Self::new(config, map).map_err(text)
    }
}

fn text(problem: impl fmt::Display) -> String {
    problem.to_string()
}

impl PlmRows {
    /// Rows as `config` says, who may push aside. With a map, only what it names is passed on.
    ///
    /// # Errors
    /// When the configuration cannot work; the text names the field.
    pub fn new(mut config: Config, map: Option<CheckedMap>) -> Result<Self, ConfigError> {
        config.app_codes.clear();
        config.allow_anonymous = true;
        let reader = with_map(Reader::from_config(config.clone())?, &map);
        Ok(Self { config, map, reader })
    }

    /// Reads rows that were let in before.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Where they go.
    #[must_use]
    pub fn target(&self) -> Target {
        self.config.kind.target()
    }

    /// Whether their object is named by the configuration.
    pub(crate) fn is_user_object(&self) -> bool {
        matches!(self.config.kind, Kind::Routing(_))
    }

    /// Reads pushes; `lock` says who may push.
    pub(super) fn locked(&self, lock: impl FnOnce(&mut Config)) -> Result<Reader, ConfigError> {
        let mut config = self.config.clone();
        lock(&mut config);
        Ok(with_map(Reader::from_config(config)?, &self.map))
    }
}

fn with_map(reader: Reader, map: &Option<CheckedMap>) -> Reader {
    match map.clone() {
        Some(map) => reader.map_rows(move |row| mapped(&map, &row)),
        None => reader,
    }
}

fn mapped(map: &CheckedMap, row: &Members) -> Result<Members, String> {
    let mapped = map.apply(&row.to_json()).map_err(text)?;
    let members = |fields: Vec<MappedField>| -> Members {
        fields.into_iter().map(|field| (field.name, field.value)).collect()
    };
    let lines = mapped.lines.into_iter().map(|line| members(line).to_json());
    let lines = RawJson::array(lines);
    let mut row = members(mapped.main);
    if let Some(name) = map.lines_to() {
        row.set(name, lines);
    }
    Ok(row)
}
