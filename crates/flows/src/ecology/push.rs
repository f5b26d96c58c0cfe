//! What is answered to a person whose click pushed something to us.

use ecology_oa::callback::{Done, HandlerError};
use erplink_sync::{Document, Inlet, Outcome};
use serde_json::Value;

use crate::receive::PATIENCE;

/// Stores an event, waits for the work, and says what became of it.
pub(super) async fn work(inlet: &Inlet, event: Document) -> Result<Done, HandlerError> {
    let receipt = inlet.accept(event).await?;
    match receipt.outcome(PATIENCE).await? {
        Outcome::Done { result, .. } => {
            let data: Option<Value> = result.map(|result| result.get()).transpose()?;
            Ok(data.into_iter().fold(Done::new(), Done::data))
        }
        Outcome::Failed(reason) => Err(reason.message.into()),
        Outcome::Working(reason) => {
            let why = reason.map(|reason| format!(": {}", reason.message)).unwrap_or_default();
            Err(format!("not finished yet; try again in a minute{why}").into())
        }
    }
}
