use async_trait::async_trait;
use erplink_core::RawJson;
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use plm_tianyu::{Receiver, upsert};
use serde::{Deserialize, Serialize};

use super::EngineeringData;

/// Creates or updates the record of one row that the PLM pushed.
#[derive(Clone, Debug)]
pub struct UpsertRow {
    receiver: Receiver,
    erp: EngineeringData,
}

/// What the PLM's user is told.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub action: String,
}

impl UpsertRow {
    /// Rows as the receiver reads them.
    #[must_use]
    pub fn new(receiver: Receiver, erp: EngineeringData) -> Self {
        Self { receiver, erp }
    }
}

#[async_trait]
impl Target for UpsertRow {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let (target, row) = (self.receiver.target(), &document.content);
        let payload = self.receiver.read(row).map_err(Failure::refused)?;
        match upsert(&self.erp, target, &payload).await {
            Ok(action) => {
                let told = Told { action: action.as_str().to_owned() };
                let told = RawJson::of(&told).map_err(Failure::unknown)?;
                Ok(Pushed::new(target.name(&payload.key())).answering(told))
            }
            Err(error) if error.erp().may_have_taken_effect() => Err(Failure::unknown(error)),
            Err(error) => Err(Failure::refused(error)),
        }
    }
}
