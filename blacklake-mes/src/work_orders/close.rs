//! Closing work orders.

use erplink_core::{ErrorKind, RawJson};
use serde_json::json;
use tracing::warn;

use super::{CloseType, WorkOrderStatus, WorkOrders};
use crate::client::{Endpoint, named};
use crate::error::{ApiError, Error, Result};
use crate::id::WorkOrderId;
use crate::lenient::model;

const CLOSE: Endpoint = Endpoint::write("POST /med/open/v1/work_order/batch_close");

model! {
    /// What became of a batch. The platform calls it a success even when no work order was closed.
    pub struct Closed {
        /// How many were closed.
        pub success_amount: i64,
        /// How many were not.
        pub fail_amount: i64,
        /// Which, and why.
        pub fail_results: Vec<CloseFailure>,
    }

    /// A work order that was not closed.
    pub struct CloseFailure {
        /// Id.
        pub work_order_id: Option<WorkOrderId>,
        /// Code.
        pub work_order_code: String,
        /// Why (失败原因).
        pub failed_reason: String,
    }
}

impl Closed {
    /// Whether none failed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.fail_amount == 0 && self.fail_results.is_empty()
    }

    /// An error that names every work order that was not closed.
    ///
    /// # Errors
    /// [`ErrorKind::Api`] when one failed.
    pub fn complete(self) -> Result<()> {
        if self.is_complete() {
            return Ok(());
        }
        let failures = self
            .fail_results
            .iter()
            .map(|failure| format!("{}: {}", failure.work_order_code, failure.failed_reason));
        let message = failures.collect::<Vec<_>>().join("; ");
        let failed = self.fail_amount.max(i64::try_from(self.fail_results.len()).unwrap_or(0));
        let error = Error::new(ErrorKind::Api, format!("{failed} work orders were not closed"));
        let api = ApiError {
            code: 200,
            sub_code: None,
            message,
            needs_confirmation: false,
            data: RawJson::null(),
        };
        Err(error.with_api(api))
    }
}

impl WorkOrders {
    /// `POST /med/open/v1/work_order/batch_close`: closes work orders (批量关闭工单).
    ///
    /// **A success may hold failures**: see [`Closed`]. Not repeated when the answer is lost.
    pub async fn batch_close(
        &self,
        ids: impl IntoIterator<Item = impl Into<WorkOrderId>>,
        close_type: CloseType,
        reason: &str,
    ) -> Result<Closed> {
        let ids: Vec<WorkOrderId> = ids.into_iter().map(Into::into).collect();
        self.send_close(&ids, close_type, reason).await
    }

    /// `POST /med/open/v1/work_order/batch_close` for one work order: closed, or an error.
    ///
    /// One that is closed already is a success, and after a lost answer its state is read before
    /// the call is repeated.
    ///
    /// # Errors
    /// [`ErrorKind::Api`] with the platform's reason.
    pub async fn close_one(
        &self,
        id: impl Into<WorkOrderId>,
        close_type: CloseType,
        reason: &str,
    ) -> Result<()> {
        let id = id.into();
        let close = || async move {
            let closed = self.send_close(&[id], close_type, reason).await?;
            closed.complete().map_err(|error| named(error, &CLOSE))
        };
        let error = match close().await {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::Api || error.may_have_taken_effect() => error,
            Err(error) => return Err(error),
        };
        let is_closed = match self.get(id).await {
            Ok(order) => order.is_closed(),
            Err(unseen) => {
                warn!("the work order that could not be closed could not be read: {unseen}");
                return Err(error);
            }
        };
        match is_closed {
            true => Ok(()),
            false if error.may_have_taken_effect() => close().await,
            false => Err(error),
        }
    }

    async fn send_close(
        &self,
        ids: &[WorkOrderId],
        close_type: CloseType,
        reason: &str,
    ) -> Result<Closed> {
        if ids.is_empty() {
            return Ok(Closed::default());
        }
        let body = json!({
            "operateReason": reason,
            "workOrderCloseType": close_type.number(),
            "workOrderIdList": ids,
        });
        self.client.fetch(&CLOSE, &body).await
    }
}

impl super::WorkOrder {
    /// Whether it is closed (已关闭).
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.code == WorkOrderStatus::Closed)
    }
}
