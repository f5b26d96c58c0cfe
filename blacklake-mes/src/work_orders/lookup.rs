//! From the code of a work order to its id.

use erplink_core::ErrorKind;
use serde_json::json;

use super::WorkOrders;
use crate::client::Endpoint;
use crate::error::{ApiError, Error, Result};
use crate::id::WorkOrderId;
use crate::lenient::model;

const CODE_TO_ID: Endpoint =
    Endpoint::read("POST /custom-object/open/v1/object_service/_code_to_id");

/// Whether a code is there.
#[derive(Clone, Debug, PartialEq)]
pub enum CodeLookup {
    /// It is, under this id.
    Found(WorkOrderId),
    /// It is not; with the refusal from which that was concluded, for the log.
    Missing(Option<ApiError>),
}

impl CodeLookup {
    /// The id.
    #[must_use]
    pub fn id(&self) -> Option<WorkOrderId> {
        match self {
            Self::Found(id) => Some(*id),
            Self::Missing(_) => None,
        }
    }
}

model! {
    #[allow(unreachable_pub)]
    pub struct Converted {
        pub id: Option<WorkOrderId>,
    }
}

impl WorkOrders {
    /// `POST /custom-object/open/v1/object_service/_code_to_id`: the id of a work order's code
    /// (编号转ID).
    ///
    /// What the platform answers for a code that is not there is not documented. A refusal counts
    /// as "missing" unless it is about the token, permission, or a fault of the platform;
    /// [`Config::treat_any_error_as_missing`](crate::Config::treat_any_error_as_missing) widens
    /// that. [`find`](Self::find) is sure.
    pub async fn code_to_id(&self, code: &str) -> Result<CodeLookup> {
        if code.trim().is_empty() {
            return Err(Error::invalid("the code of the work order is empty"));
        }
        let body = json!({ "code": code, "objectCode": "ProductionOrder" });
        let result: Result<Option<Converted>> = self.client.fetch(&CODE_TO_ID, &body).await;
        match result {
            Ok(converted) => Ok(converted
                .and_then(|converted| converted.id)
                .map_or(CodeLookup::Missing(None), CodeLookup::Found)),
            Err(error) => match error.api_error() {
                Some(api) if self.means_missing(&error, api) => {
                    Ok(CodeLookup::Missing(Some(api.clone())))
                }
                _ => Err(error),
            },
        }
    }

    fn means_missing(&self, error: &Error, api: &ApiError) -> bool {
        match error.kind() {
            ErrorKind::Api => !api.needs_confirmation(),
            ErrorKind::Forbidden | ErrorKind::Server => self.client.treats_any_error_as_missing(),
            _ => false,
        }
    }
}
