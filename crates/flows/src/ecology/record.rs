use async_trait::async_trait;
use ecology_oa::Client;
use ecology_oa::cube::{Record, RecordOutcome};
use erplink_core::RawJson;
use erplink_sync::map::{CheckedMap, Entry, FieldMap, Mapped};
use erplink_sync::ports::{Mapper, Outgoing, Pushed, Target};
use erplink_sync::{Document, Failure};
use serde::Deserialize;

use super::form::{require_document, text};
use crate::config::shape::{Key, Shape, required};
use crate::scenario::fields::FIELD;

/// What of a document goes into which column of a table of the modelling engine (建模引擎).
///
/// In a configuration these are the keys `fields` and `match_key`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "RecordKeys")]
pub struct RecordFields {
    /// The column by which the interface recognises a row that exists already.
    pub match_key: String,
    /// The columns.
    pub map: CheckedMap,
}

/// The keys of [`RecordFields`].
pub(crate) const RECORD: &[Key] = &[
    required(
        "match_key",
        Shape::Text,
        "The column by which the interface recognises a row, such as itemcode; one of `fields`.",
    ),
    required("fields", Shape::Tables(FIELD), "Which field goes into which column."),
];

#[derive(Deserialize)]
struct RecordKeys {
    match_key: String,
    fields: Vec<Entry>,
}

impl TryFrom<RecordKeys> for RecordFields {
    type Error = String;

    fn try_from(keys: RecordKeys) -> Result<Self, String> {
        let RecordKeys { match_key, fields } = keys;
        if !fields.iter().any(|field| field.to == match_key) {
            return Err(format!("`fields` fill no column `{match_key}`, which is the `match_key`"));
        }
        let map = FieldMap { main: fields, lines: None };
        let map = map.check(&[]).map_err(|problems| problems.to_string())?;
        Ok(Self { match_key, map })
    }
}

impl Mapper for RecordFields {
    fn map(&self, document: &Document) -> Result<RawJson, Failure> {
        require_document(&document.content)?;
        self.map.map(document)
    }
}

/// Saves master data (主数据) as rows of a table of the modelling engine, one row a call.
///
/// A row with the same key is changed, so that a second time changes nothing. There are no detail
/// rows: those would be added again.
#[derive(Clone, Debug)]
pub struct SaveRecord {
    oa: Client,
    method: String,
    match_key: String,
}

impl SaveRecord {
    /// Through the interface with this identifier (接口标识).
    #[must_use]
    pub fn new(oa: Client, method: impl Into<String>, match_key: impl Into<String>) -> Self {
        Self { oa, method: method.into(), match_key: match_key.into() }
    }
}

#[async_trait]
impl Target for SaveRecord {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    /// The match key makes a second save a change to the same.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let Mapped { main, .. } = document.read()?;
        let columns = main.iter().map(|one| (&one.name, text(one)));
        let record = columns.fold(Record::new(), |record, (name, value)| record.field(name, value));
        let save = self.oa.cube().save(&self.method, [record]).match_key(&self.match_key);
        match save.await?.outcomes.into_iter().next() {
            Some(RecordOutcome::Saved { id: Some(id) }) => Ok(Pushed::new(id)),
            Some(RecordOutcome::Saved { id: None }) => Ok(Pushed::new(&document.key.document)),
            Some(RecordOutcome::Failed { message }) => Err(Failure::refused(message)),
            _ => Err(Failure::refused("the answer of OA does not say whether the row was written")),
        }
    }
}
