//! The configuration keys of field maps (字段对照), the same for every target.
//!
//! They stand for [`Entry`](erplink_sync::map::Entry) and [`Lines`](erplink_sync::map::Lines).

use erplink_sync::map::{CheckedMap, Entry, FieldMap, Lines, MapProblems};
use serde::Deserialize;

use crate::config::shape::{Key, Shape, default, required};

/// An entry of a map.
pub(crate) const FIELD: &[Key] = &[
    required(
        "from",
        Shape::Expression,
        "A path such as Draft.Comments, a constant such as =text, or a template such as 申请-{Draft.DocEntry}.",
    ),
    required(
        "to",
        Shape::Text,
        "The field or label at the target, exactly as it is there. Empty: not sent.",
    )
    .unique(),
    default(
        "format",
        Shape::Format,
        r#""text""#,
        "text, number, date or raw; { number = 2 } for decimals, { date = \"%Y/%m/%d\" } for a pattern.",
    ),
    default("required", Shape::Bool, "false", "Whether an empty value parks the document."),
];

/// The map of the lines.
pub(crate) const LINES: &[Key] = &[
    required("to", Shape::Text, "The table of the target: its label or name."),
    required("fields", Shape::Tables(FIELD), "The columns; paths are relative to the line."),
];

/// The map of the lines, as it stands in a configuration.
#[derive(Deserialize)]
pub(crate) struct Table {
    pub to: String,
    pub fields: Vec<Entry>,
}

/// What of a document goes into further fields of the target, as the key `fields` of a configuration
/// says it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<Entry>")]
pub struct MoreFields(pub CheckedMap);

impl TryFrom<Vec<Entry>> for MoreFields {
    type Error = MapProblems;

    fn try_from(fields: Vec<Entry>) -> Result<Self, MapProblems> {
        checked_map(fields, None, "").map(Self)
    }
}

/// The whole map. One that maps nothing is good: a form may have its key alone.
pub(crate) fn checked_map(
    fields: Vec<Entry>,
    lines: Option<Table>,
    collection: &str,
) -> Result<CheckedMap, MapProblems> {
    let lines = lines.map(|Table { to, fields }| Lines { from: collection.to_owned(), to, fields });
    let map = FieldMap { main: fields, lines };
    if map == FieldMap::default() { Ok(CheckedMap::default()) } else { map.check(&[]) }
}
