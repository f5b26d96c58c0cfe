use async_trait::async_trait;
use b1_servicelayer::{Client, Field, Filter, Posted, RawJson};
use barcode_app::{Created, Document, Documents, Effect, ErpError, Mark, Method};
use erplink_core::Members;

use crate::b1::{Made, Place, Row};

/// Documents that scanners save, over the Service Layer of SAP Business One.
///
/// A create is made once. Where an approval template (审批模板) applies, the ERP saves a draft instead,
/// and some builds then answer -2028 as if nothing was there: drafts are looked into as well.
#[derive(Clone, Debug)]
pub struct ScannedDocuments {
    b1: Client,
}

impl ScannedDocuments {
    /// In the company of this client.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        Self { b1 }
    }

    async fn the_one(&self, set: &str, mark: &Mark) -> Result<Option<Members>, ErpError> {
        let found = self.b1.set::<Made>(set.to_owned()).filter(has(mark)).top(2).all().await;
        let found = found.map_err(|error| told(&error))?;
        match found.as_slice() {
            [] => Ok(None),
            [one] => members(set, &one.0).map(Some),
            _ => Err(ErpError::new(format!("{set}: several documents have {mark}"))),
        }
    }
}

#[async_trait]
impl Documents for ScannedDocuments {
    async fn create(&self, document: &Document) -> Result<Created, ErpError> {
        let Document { entity_set, fields, mark } = document;
        let set = self.b1.set::<Made>(entity_set.clone());
        // Without a mark there is nothing to look for; a draft in the answer is recognised all the
        // same.
        let same = mark.as_ref().map_or_else(|| Filter::raw("DocEntry eq -1"), has);
        let row = Made(fields.to_json());
        match set.create_document(&row, same).await {
            Ok(Posted::Created(row) | Posted::Found(row)) => created(entity_set, &row.0),
            Ok(Posted::AwaitingApproval { draft }) => drafted(entity_set, &draft.0),
            Ok(_) => Err(unclear("the ERP answered in a way that is not known here")),
            Err(error) => Err(told(&error)),
        }
    }

    async fn find(&self, entity_set: &str, mark: &Mark) -> Result<Option<Created>, ErpError> {
        if let Some(found) = self.the_one(entity_set, mark).await? {
            return of_members(entity_set, &found).map(Some);
        }
        let Some(drafts) = drafts_of(entity_set) else { return Ok(None) };
        match self.the_one(drafts, mark).await? {
            Some(found) => entry(drafts, &found).map(Created::draft).map(Some),
            None => Ok(None),
        }
    }
}

fn has(mark: &Mark) -> Filter<Made> {
    Field::<Made, String>::named(mark.field.clone()).eq(&mark.value)
}

/// Only documents have drafts; records of user-defined objects have none.
fn drafts_of(entity_set: &str) -> Option<&'static str> {
    match entity_set {
        "StockTransfers" => Some(Place::TRANSFER_DRAFTS),
        set if Method::KNOWN.iter().any(|method| method.entity_set() == Some(set)) => {
            Some("Drafts")
        }
        _ => None,
    }
}

fn created(set: &str, row: &RawJson) -> Result<Created, ErpError> {
    of_members(set, &members(set, row)?)
}

fn drafted(set: &str, row: &RawJson) -> Result<Created, ErpError> {
    let set = drafts_of(set).unwrap_or("Drafts");
    Ok(Created::draft(entry(set, &members(set, row)?)?))
}

/// Records of master data have a `Code` besides their `DocEntry`; documents have none.
fn of_members(set: &str, row: &Members) -> Result<Created, ErpError> {
    if let Ok(Some(code)) = row.text("Code") {
        return Ok(Created::record(code));
    }
    let number = row.get("DocNum").and_then(|value| value.get().ok());
    Ok(Created::document(entry(set, row)?, number))
}

fn entry(set: &str, row: &Members) -> Result<i64, ErpError> {
    let entry = row.get("DocEntry").and_then(|value| value.get().ok());
    entry.ok_or_else(|| unclear(format!("{set}: a document came without DocEntry")))
}

fn members(set: &str, row: &RawJson) -> Result<Members, ErpError> {
    row.get().map_err(|_| unclear(format!("{set}: a document came that is no JSON object")))
}

fn unclear(text: impl Into<String>) -> ErpError {
    ErpError::new(text).effect(Effect::Unknown)
}

/// The ERP's own code and words, where it has spoken.
pub(super) fn told(error: &b1_servicelayer::Error) -> ErpError {
    let Some(api) = error.api_error() else {
        return ErpError::new(error.to_string()).effect(error.effect());
    };
    let told = ErpError::new(api.message()).effect(error.effect());
    match api.number() {
        Some(code) => told.code(code),
        None => told,
    }
}

/// Looks whether documents have the field for marks.
pub(crate) async fn check_mark(b1: &Client, field: &str) -> Result<(), String> {
    for set in ["InventoryGenEntries", "StockTransfers"] {
        let nobody = Field::<Row, String>::named(field.to_owned()).eq("erplink-check");
        let look = b1.set::<Row>(set).filter(nobody).top(1).all().await;
        look.map_err(|error| format!("check `mark_field`: {set} with {field}: {error}"))?;
    }
    Ok(())
}
