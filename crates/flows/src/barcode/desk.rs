use async_trait::async_trait;
use barcode_app::{Desk, SaveAnswer, SaveName, SaveOrder};
use erplink_core::RawJson;
use erplink_sync::{Document, Inlet, Outcome};
use serde::{Deserialize, Serialize};

use super::Waiting;
use crate::receive::PATIENCE;

/// Writes saves into the ledger, waits for the work, and says what became of it.
#[derive(Clone, Debug)]
pub struct LedgerDesk {
    inlet: Inlet,
    waiting: Waiting,
    same_is_known: bool,
}

/// What the person with the scanner is told of a save that was done.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub message: String,
    pub data: RawJson,
}

impl LedgerDesk {
    /// Gives saves to the flow of this inlet, whose target knows who is `waiting`.
    ///
    /// With `same_is_known` requests that are alike, the time of the tap aside, are one document of
    /// the ledger; otherwise each is a document of its own.
    #[must_use]
    pub fn new(inlet: Inlet, waiting: Waiting, same_is_known: bool) -> Self {
        Self { inlet, waiting, same_is_known }
    }
}

#[async_trait]
impl Desk for LedgerDesk {
    async fn save(&self, order: SaveOrder) -> Result<SaveAnswer, String> {
        let name = match self.same_is_known {
            true => order.fingerprint,
            false => SaveName::random().map_err(|error| error.to_string())?,
        };
        // A fixed version: the time of the tap must not make another document of it.
        let event = Document::new(name.as_str(), order.request.to_json()).version(name.as_str());
        let _waits = self.waiting.enter(name.as_str());
        let receipt = self.inlet.accept(event).await.map_err(|error| error.to_string())?;
        match receipt.outcome(PATIENCE).await.map_err(|error| error.to_string())? {
            Outcome::Done { result: Some(result), .. } => {
                let Told { message, data } = result.get().map_err(|error| error.to_string())?;
                Ok(SaveAnswer { message, data })
            }
            // A person looked and said so.
            Outcome::Done { target_id: Some(id), .. } => {
                Ok(SaveAnswer { message: format!("OK: it is {id}"), data: RawJson::null() })
            }
            Outcome::Done { .. } => Err("somebody has discarded this request".to_owned()),
            Outcome::Failed(reason) => Err(reason.message),
            Outcome::Working(reason) => {
                let why = reason.map(|reason| format!(": {}", reason.message)).unwrap_or_default();
                Err(format!("not finished yet; look before you save it again{why}"))
            }
        }
    }
}
