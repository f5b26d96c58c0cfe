//! Stopping and starting materials.

use serde_json::json;
use tracing::warn;

use super::{MaterialFilter, Materials};
use crate::client::Endpoint;
use crate::error::Result;
use crate::id::MaterialId;

const STOP: Endpoint = Endpoint::write("POST /material/open/v1/material/_stop");
const START: Endpoint = Endpoint::write("POST /material/open/v1/material/_start");

impl Materials {
    /// `POST /material/open/v1/material/_stop`: takes materials out of use (停用物料).
    ///
    /// Whether stopping a stopped one is an error is not documented. So after any failure the
    /// materials are read: when all of them are stopped, that is success.
    ///
    /// # Errors
    /// The platform's refusal, when one of them is still in use.
    pub async fn stop(&self, ids: impl IntoIterator<Item = impl Into<MaterialId>>) -> Result<()> {
        self.switch(&STOP, ids.into_iter().map(Into::into).collect(), true).await
    }

    /// `POST /material/open/v1/material/_start`: puts materials into use again (启用物料).
    ///
    /// # Errors
    /// As [`stop`](Self::stop).
    pub async fn start(&self, ids: impl IntoIterator<Item = impl Into<MaterialId>>) -> Result<()> {
        self.switch(&START, ids.into_iter().map(Into::into).collect(), false).await
    }

    async fn switch(&self, endpoint: &Endpoint, ids: Vec<MaterialId>, stop: bool) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let body = json!({ "ids": ids });
        let Err(error) = self.client.call(endpoint, &body).await else { return Ok(()) };
        let was_refused = error.kind() == crate::ErrorKind::Api
            && error.api_error().is_some_and(|api| !api.needs_confirmation());
        if !was_refused && !error.may_have_taken_effect() {
            return Err(error);
        }
        warn!("reading the materials whose state could not be changed: {error}");
        match self.are_all(&ids, stop).await {
            Ok(true) => Ok(()),
            // The answer was lost, and so was the call.
            Ok(false) if error.may_have_taken_effect() => {
                self.client.call(endpoint, &body).await.map(drop)
            }
            Ok(false) => Err(error),
            Err(unseen) => {
                warn!("the materials could not be read: {unseen}");
                Err(error)
            }
        }
    }

    async fn are_all(&self, ids: &[MaterialId], stopped: bool) -> Result<bool> {
        let filter = MaterialFilter::new().ids(ids.iter().copied());
        let rows = self.list(filter).try_collect().await?;
        Ok(ids
            .iter()
            .all(|id| rows.iter().any(|row| row.id == *id && row.is_stopped() == Some(stopped))))
    }
}
