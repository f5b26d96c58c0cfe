//! A call of the workflow service after the filter let it through.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::envelope::Refusal;
use super::form::Fetched;
use super::incoming::Parameters;
use super::world::no_request;

pub(super) struct Call {
    pub(super) parameters: Parameters,
    pub(super) user: String,
    pub(super) now: DateTime<Utc>,
    pub(super) fetched: Fetched,
}

impl Call {
    /// The request id under the name this call spells it with.
    pub(super) fn request_id(&self, name: &str) -> Result<i64, Refusal> {
        let id = self.parameters.integer(name).unwrap_or_default();
        if id > 0 { Ok(id) } else { Err(no_request(id)) }
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.parameters.text(name).unwrap_or_default()
    }

    /// Ids separated by commas.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let text = self.text(name);
        let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
        ids.map(str::to_owned).collect()
    }

    pub(super) fn other_params(&self) -> Result<BTreeMap<String, String>, Refusal> {
        self.parameters.map("otherParams").map_err(|_| Refusal::unreadable())
    }
}
