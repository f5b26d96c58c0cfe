use async_trait::async_trait;
use erplink_sync::{Document, Inlet, Outcome};
use plm_tianyu::{Action, Row, RowFailure, Rows, Target};

use super::upsert::Told;
use crate::receive::PATIENCE;

/// Gives the rows of pushes to a flow, and waits for what becomes of each.
pub(super) struct LedgerRows(pub Inlet);

#[async_trait]
impl Rows for LedgerRows {
    async fn upsert(&self, _: &Target, row: &Row<'_>) -> Result<Action, RowFailure> {
        let event = Document::new(row.payload.key().to_string(), row.sent.clone());
        let receipt = self.0.accept(event).await.map_err(failure)?;
        match receipt.outcome(PATIENCE).await.map_err(failure)? {
            Outcome::Done { result, .. } => {
                let told = result.and_then(|result| result.get::<Told>().ok());
                let action = told.and_then(|told| Action::named(&told.action));
                // A person said of this row that the ERP has it.
                Ok(action.unwrap_or(Action::Updated))
            }
            Outcome::Failed(reason) => Err(failure(reason.message)),
            Outcome::Working(reason) => {
                let why = reason.map(|reason| format!(": {}", reason.message)).unwrap_or_default();
                Err(failure(format!("not finished yet; push it again in a minute{why}")))
            }
        }
    }
}

fn failure(message: impl ToString) -> RowFailure {
    RowFailure { message: message.to_string(), erp_code: None }
}
