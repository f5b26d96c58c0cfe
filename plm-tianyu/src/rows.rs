//! Where the rows of a push go: to the ERP at once, or to something in between.

use async_trait::async_trait;
use erplink_core::RawJson;

use crate::{Action, Erp, Payload, Target, UpsertError, upsert};

/// Takes the rows of a push, one after the other.
///
/// Every [`Erp`] does, by the rules of [`upsert`]. Implement it for something in between that
/// remembers what was pushed, such as a ledger.
#[async_trait]
pub trait Rows: Send + Sync {
    /// Creates or updates the record of one row. The PLM waits for it.
    ///
    /// # Errors
    /// With what the PLM's user is to read.
    async fn upsert(&self, target: &Target, row: &Row<'_>) -> Result<Action, RowFailure>;
}

/// One row of a push.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Row<'a> {
    /// As it was sent. [`Receiver::read`](crate::Receiver::read) makes the same payload of it.
    pub sent: &'a RawJson,
    /// What was read from it.
    pub payload: Payload,
}

/// Why a row did not become a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RowFailure {
    /// What the PLM's user reads.
    pub message: String,
    /// The ERP's own code, such as -1116.
    pub erp_code: Option<i64>,
}

impl From<UpsertError> for RowFailure {
    fn from(error: UpsertError) -> Self {
        Self { message: error.to_string(), erp_code: error.erp().erp_code() }
    }
}

#[async_trait]
impl<E: Erp + ?Sized> Rows for E {
    async fn upsert(&self, target: &Target, row: &Row<'_>) -> Result<Action, RowFailure> {
        Ok(upsert(self, target, &row.payload).await?)
    }
}
