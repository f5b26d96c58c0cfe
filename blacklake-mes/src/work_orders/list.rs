//! Listing work orders.

use chrono::{DateTime, Utc};
use erplink_core::Results;

use super::{
    CloseType, MaterialInfo, ProcessRoute, Shift, WorkOrderStatus, WorkOrderType, WorkOrders,
};
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{Id, WorkOrderId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;
use crate::shared::{AmountDisplay, CodeMessage, CodeName, CustomField, SonObject, UserRef};

const LIST: Endpoint = Endpoint::read("POST /med/open/v1/work_order/base/_list");

request! {
    /// Which work orders to list.
    pub struct WorkOrderFilter {
        /// This code. Whether exactly is not documented: [`WorkOrders::find`] compares.
        code: text = "workOrderCode",
        /// Changed at or after this moment.
        updated_from: millis = "updatedAtFrom",
        /// Changed before this moment.
        updated_to: millis = "updatedAtTo",
        /// Whose main product has this batch number.
        main_batch: text = "mainOutputBatchNumber",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl WorkOrderFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

model! {
    /// A work order as lists show it.
    pub struct WorkOrderRow aka [
        "id" => "workOrderId",
        "code" => "workOrderCode",
        "status" => "workOrderStatus",
        "plannedFinishTime" => "plannedEndTime",
    ] {
        /// Id.
        pub work_order_id: WorkOrderId,
        /// Code (工单编号).
        pub work_order_code: String,
        /// Kind.
        pub work_order_type: Option<CodeMessage<WorkOrderType>>,
        /// State.
        pub work_order_status: Option<CodeMessage<WorkOrderStatus>>,
        /// How it was closed.
        pub work_order_close_type: Option<CodeMessage<CloseType>>,
        /// Whether it is paused.
        pub pause_flag: Option<crate::shared::Flag>,
        /// Whether only the materials named may be used.
        pub specified_material: Option<crate::shared::Flag>,
        /// Planned start.
        pub planned_start_time: Option<DateTime<Utc>>,
        /// Planned end; details call it planned finish.
        pub planned_end_time: Option<DateTime<Utc>>,
        /// Code of the order elsewhere.
        pub external_order_code: String,
        /// Batch number of the main product.
        pub main_output_batch_number: String,
        /// Id of the BOM.
        pub bom_id: Option<Id>,
        /// Version of the BOM.
        pub bom_version: String,
        /// Route.
        pub process_route: Option<ProcessRoute>,
        /// Department that makes it.
        pub production_department: Option<CodeName>,
        /// Department that plans it.
        pub planning_department: Option<CodeName>,
        /// Who leads it.
        pub production_supervisor: Option<UserRef>,
        /// Who plans it.
        pub planning_user: Option<UserRef>,
        /// Who created it.
        pub creator: Option<UserRef>,
        /// Who changed it last.
        pub operator: Option<UserRef>,
        /// Resource.
        pub resource: Option<CodeName>,
        /// Shift.
        pub shift: Option<Shift>,
        /// What it makes.
        pub material_info: Option<MaterialInfo>,
        /// Planned.
        pub planned_amount: Option<AmountDisplay>,
        /// Expected.
        pub expected_amount: Option<AmountDisplay>,
        /// Prepared for picking.
        pub pick_order_prepared_amount: Option<AmountDisplay>,
        /// Made, all together.
        pub total_hold_amount: Option<AmountDisplay>,
        /// Made and qualified.
        pub qualified_hold_amount: Option<AmountDisplay>,
        /// Made and not qualified.
        pub disqualified_hold_amount: Option<AmountDisplay>,
        /// Stored.
        pub warehoused_amount: Option<AmountDisplay>,
        /// When it was created.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was changed.
        pub updated_at: Option<DateTime<Utc>>,
        /// Fields of the tenant's own.
        pub custom_fields: Vec<CustomField>,
        /// Tables of the tenant's own.
        pub son_objects: Vec<SonObject>,
    }
}

impl Row for WorkOrderRow {
    fn row_id(&self) -> i64 {
        self.work_order_id.get()
    }
}

impl WorkOrders {
    /// `POST /med/open/v1/work_order/base/_list`: work orders (工单列表).
    pub fn list(&self, filter: WorkOrderFilter) -> Results<Kept<WorkOrderRow>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /med/open/v1/work_order/base/_list`: the work order with exactly this code.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when several have it.
    pub async fn find(&self, code: &str) -> Result<Option<Kept<WorkOrderRow>>> {
        let rows = self.list(WorkOrderFilter::new().code(code));
        crate::list::only(rows, |row| row.work_order_code == code, "work order", code).await
    }
}
