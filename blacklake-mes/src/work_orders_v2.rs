//! Work orders (工单), second contract.
//!
//! Optional at most sites. It differs from the [first](crate::work_orders) in ways that make a
//! mixture fail, hence types of its own: times are moments (milliseconds on the wire), flags and
//! states numbers, components stand in `inputMaterialOpenV2COs`, details are asked for by code.

mod dispatch;
mod import;

use chrono::{DateTime, Utc};
use erplink_core::{Decimal, RawJson, Results};
use serde_json::{Value, json};

use crate::client::{Client, Endpoint};
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, request};
use crate::id::WorkOrderId;
use crate::kept::Kept;
use crate::work_orders::{
    CloseType, Closed, InputRow, OutputRow, ProcessPlan, WorkOrder, WorkOrderRow, WorkOrderStatus,
};

pub use dispatch::{Dispatch, DispatchGroup, DispatchResource};
pub use import::{Control, Input, Operation, Output, WorkOrderImport};

const UPDATE: Endpoint =
    Endpoint::repeatable("POST /med/open/v2/work_order/_update_work_order_base_info");
const SUBMIT_DRAFTS: Endpoint =
    Endpoint::write("POST /med/open/v2/work_order/_batch_update_draft_flag");
const CLOSE: Endpoint = Endpoint::write("POST /med/open/v2/work_order/batch_close");
const LIST: Endpoint = Endpoint::read("POST /med/open/v2/work_order/base/_list");
const DETAIL: Endpoint = Endpoint::read("POST /med/open/v2/work_order/base/_detail");
const INPUTS: Endpoint = Endpoint::read("POST /med/open/v2/work_order/input_material/_detail");
const OUTPUTS: Endpoint = Endpoint::read("POST /med/open/v2/work_order/output/_detail");
const PLAN: Endpoint = Endpoint::read("POST /med/open/v2/work_order/process_plan/_detail");

/// Work orders, second contract. From [`Client::work_orders_v2`].
#[derive(Clone, Debug)]
pub struct WorkOrdersV2 {
    client: Client,
}

impl Client {
    /// Work orders (工单) by the second contract (v2), where the site has it.
    #[must_use]
    pub fn work_orders_v2(&self) -> WorkOrdersV2 {
        WorkOrdersV2 { client: self.clone() }
    }
}

request! {
    /// Which work orders to list.
    pub struct Filter {
        /// Exactly this code.
        exact_code: text = "exactWorkOrderCode",
        /// A part of the code.
        code: text = "workOrderCode",
        /// In one of these states.
        statuses: enumerations(WorkOrderStatus) = "workOrderStatusList",
        /// Paused or not.
        paused: flag = "pauseFlag",
        /// Changed at or after this moment.
        updated_from: millis = "updatedAtFrom",
        /// Changed before this moment.
        updated_to: millis = "updatedAtTo",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl Filter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

/// A new planned amount and finish of a work order.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct PlanChange {
    fields: Fields,
}

impl PlanChange {
    /// Of the work order with this code.
    pub fn new(code: impl Into<String>) -> Self {
        Self { fields: Fields::default().with("code", Field::Text(code.into())) }
    }

    /// Planned amount.
    pub fn amount(mut self, amount: impl Into<Decimal>) -> Self {
        self.fields.set("plannedAmount", Field::Text(amount.into().to_string()));
        self
    }

    /// Planned finish.
    pub fn finish(mut self, at: DateTime<Utc>) -> Self {
        self.fields.set("planFinishTime", crate::fields::millis(at));
        self
    }
}

/// Details are asked for by code, in one call.
fn of(code: &str) -> Result<Value> {
    if code.trim().is_empty() {
        return Err(Error::invalid("the code of the work order is empty"));
    }
    Ok(json!({ "workOrderCode": code, "warehouseFlag": false }))
}

impl WorkOrdersV2 {
    /// `POST /med/open/v2/work_order/base/_list`: work orders (工单列表).
    pub fn list(&self, filter: Filter) -> Results<Kept<WorkOrderRow>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /med/open/v2/work_order/base/_list`: the work order with exactly this code.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when several have it.
    pub async fn find(&self, code: &str) -> Result<Option<Kept<WorkOrderRow>>> {
        let rows = self.list(Filter::new().exact_code(code).page_size(25));
        crate::list::only(rows, |row| row.work_order_code == code, "work order", code).await
    }

    /// `POST /med/open/v2/work_order/base/_detail`: a work order's header (工单详情).
    pub async fn get(&self, code: &str) -> Result<Kept<WorkOrder>> {
        self.client.fetch_kept(&DETAIL, &of(code)?).await
    }

    /// `POST /med/open/v2/work_order/process_plan/_detail`: its operations (工单工序计划详情).
    pub async fn process_plan(&self, code: &str) -> Result<Kept<ProcessPlan>> {
        self.client.fetch_kept(&PLAN, &of(code)?).await
    }

    /// `POST /med/open/v2/work_order/input_material/_detail`: its components (工单用料清单).
    pub async fn inputs(&self, code: &str) -> Result<Vec<Kept<InputRow>>> {
        self.client.tab(&INPUTS, &of(code)?).await
    }

    /// `POST /med/open/v2/work_order/output/_detail`: what it makes (工单产出物料).
    pub async fn outputs(&self, code: &str) -> Result<Vec<Kept<OutputRow>>> {
        self.client.tab(&OUTPUTS, &of(code)?).await
    }

    /// `POST /med/open/v2/work_order/_update_work_order_base_info`: new amounts and finishes
    /// (更新工单基本信息).
    pub async fn change_plans(&self, changes: impl IntoIterator<Item = PlanChange>) -> Result<()> {
        let changes = changes.into_iter().map(|change| Field::Object(change.fields)).collect();
        let body = Fields::default().with("workOrderUpdatePlanTimeList", Field::List(changes));
        self.client.call(&UPDATE, &body).await.map(drop)
    }

    /// `POST /med/open/v2/work_order/_batch_update_draft_flag`: submits drafts (批量提交草稿), from a
    /// body of the caller's: its members are not documented in public. Answers `data`.
    pub async fn submit_drafts(&self, body: &RawJson) -> Result<RawJson> {
        Ok(self.client.call(&SUBMIT_DRAFTS, body).await?.data)
    }

    /// `POST /med/open/v2/work_order/batch_close`: closes work orders by id (批量关闭工单).
    ///
    /// **A success may hold failures**: see [`Closed`].
    pub async fn batch_close(
        &self,
        ids: impl IntoIterator<Item = impl Into<WorkOrderId>>,
        close_type: CloseType,
        reason: &str,
    ) -> Result<Closed> {
        let ids: Vec<WorkOrderId> = ids.into_iter().map(Into::into).collect();
        self.close("workOrderIdList", json!(ids), close_type, reason).await
    }

    /// The same by code.
    pub async fn batch_close_codes(
        &self,
        codes: impl IntoIterator<Item = impl Into<String>>,
        close_type: CloseType,
        reason: &str,
    ) -> Result<Closed> {
        let codes: Vec<String> = codes.into_iter().map(Into::into).collect();
        self.close("workOrderCodeList", json!(codes), close_type, reason).await
    }

    async fn close(
        &self,
        list: &str,
        keys: Value,
        close_type: CloseType,
        reason: &str,
    ) -> Result<Closed> {
        if keys.as_array().is_none_or(Vec::is_empty) {
            return Ok(Closed::default());
        }
        let mut body = json!({
            "operateReason": reason,
            "workOrderCloseType": close_type.number(),
        });
        body[list] = keys;
        self.client.fetch(&CLOSE, &body).await
    }
}
