//! Reading one work order: header, components, outputs, sources.

use chrono::{DateTime, Utc};
use erplink_core::{Decimal, RawJson};
use serde::Serialize;
use serde_json::json;

use super::{CloseType, ProcessPlan, Rows, WorkOrderStatus, WorkOrderType, WorkOrders};
use crate::client::{Client, Endpoint, named};
use crate::error::{Result, read_data, unreadable_data};
use crate::id::{Id, MaterialId, OperationId, UnitId, WorkOrderId};
use crate::kept::{Kept, keep};
use crate::lenient::{Lenient, model};
use crate::shared::{
    AmountDisplay, CodeMessage, CodeName, Conversion, CustomField, Enabled, Flag, SonObject, Unit,
    UserRef,
};

const DETAIL: Endpoint = Endpoint::read("POST /med/open/v1/work_order/base/_detail");
const PLAN: Endpoint = Endpoint::read("POST /med/open/v1/work_order/process_plan/_detail");
const INPUTS: Endpoint = Endpoint::read("POST /med/open/v1/work_order/input_material/_detail");
const OUTPUTS: Endpoint = Endpoint::read("POST /med/open/v1/work_order/output/_detail");
const SOURCES: Endpoint = Endpoint::read("POST /med/open/v1/work_order/source/_detail");
const CREATE: Endpoint = Endpoint::write("POST /med/open/v1/work_order/_create");
const UPDATE: Endpoint = Endpoint::repeatable("POST /med/open/v1/work_order/_update");

model! {
    /// A work order's header.
    pub struct WorkOrder aka ["plannedEndTime" => "plannedFinishTime"] {
        /// Id.
        pub id: WorkOrderId,
        /// Code (工单编号).
        pub code: String,
        /// Identifier; unique.
        pub identifier: String,
        /// Code of the order elsewhere.
        pub external_order_code: String,
        /// State.
        pub status: Option<CodeMessage<WorkOrderStatus>>,
        /// Kind.
        pub work_order_type: Option<CodeMessage<WorkOrderType>>,
        /// How it was closed.
        pub work_order_close_type: Option<CodeMessage<CloseType>>,
        /// Whether it is paused.
        pub pause_flag: Option<Flag>,
        /// Whether only the materials named may be used.
        pub specified_material: Option<Flag>,
        /// Planned start.
        pub planned_start_time: Option<DateTime<Utc>>,
        /// Planned finish; lists call it planned end.
        pub planned_finish_time: Option<DateTime<Utc>>,
        /// When work began; second contract.
        pub actual_start_time: Option<DateTime<Utc>>,
        /// When it was created.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was changed.
        pub updated_at: Option<DateTime<Utc>>,
        /// Remark.
        pub remark: String,
        /// Files.
        pub files: Vec<Id>,
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
        /// Fields of the tenant's own.
        pub custom_fields: Vec<CustomField>,
        /// Tables of the tenant's own.
        pub son_objects: Vec<SonObject>,
    }

    /// A shift (班次).
    pub struct Shift {
        /// Id.
        pub id: Option<Id>,
        /// Name.
        pub name: String,
    }

    /// A route (工艺路线).
    pub struct ProcessRoute {
        /// Id.
        pub id: Option<Id>,
        /// Code.
        pub code: String,
        /// Name.
        pub name: String,
        /// Remark.
        pub remark: String,
    }

    /// A material as orders, reports and feedings show it. Which members come differs.
    pub struct MaterialInfo {
        /// Code, name and kind.
        pub base_info: MaterialBase,
        /// Attributes.
        pub attribute: Vec<MaterialAttribute>,
        /// Main unit, of orders.
        pub unit: Option<Unit>,
        /// Main unit, of reports.
        pub master_unit: Option<Unit>,
        /// Unit of production, of reports.
        pub production_unit: Option<Unit>,
        /// Unit of feeding, of reports.
        pub material_feed_unit: Option<Unit>,
        /// All units.
        pub unit_list: Vec<Unit>,
        /// How they convert, of orders.
        pub conversions: Vec<Conversion>,
        /// How they convert, of reports.
        pub unit_conversion_info: Vec<Conversion>,
        /// Whether it is kept by batches.
        pub batch_management_enable: Option<CodeMessage<Flag>>,
    }

    /// Code, name and kind of a material.
    pub struct MaterialBase {
        /// Id.
        pub id: Option<MaterialId>,
        /// Code (物料编号).
        pub code: String,
        /// Name.
        pub name: String,
        /// QR code.
        pub qr_code: String,
        /// Remark.
        pub remark: String,
        /// Specification.
        pub specification: String,
        /// Whether it may be used.
        pub enable_flag: Option<CodeMessage<Enabled>>,
    }

    /// An attribute of a material: by `attribute_item` in orders, by `content` in reports.
    pub struct MaterialAttribute {
        /// Id.
        pub id: Option<Id>,
        /// Name.
        pub name: String,
        /// Value, in reports.
        pub content: String,
        /// Value, in orders.
        pub attribute_item: Option<RawJson>,
    }

    /// What a work order makes.
    pub struct OutputRow {
        /// Id of the row.
        pub id: Option<Id>,
        /// Main product or by-product.
        pub main: Option<Flag>,
        /// Line.
        pub line_seq: Option<i64>,
        /// Material.
        pub material_id: Option<MaterialId>,
        /// The same, in full.
        pub material: Option<MaterialInfo>,
        /// Unit.
        pub unit_id: Option<UnitId>,
        /// Name of the unit.
        pub unit_name: String,
        /// Planned.
        pub planned_amount: Option<AmountDisplay>,
        /// Expected.
        pub expected_amount: Option<AmountDisplay>,
        /// Standard.
        pub standard_amount: Option<Decimal>,
        /// Batch number.
        pub batch_number: String,
        /// Version of the material.
        pub version: String,
        /// Operation that puts it out.
        pub output_process_id: Option<OperationId>,
        /// Rate.
        pub product_rate: Option<Decimal>,
        /// Amount of one report.
        pub single_work_report_amount: Option<Decimal>,
        /// Made, all together.
        pub total_hold_amount: Option<AmountDisplay>,
        /// Made and qualified.
        pub qualified_hold_amount: Option<AmountDisplay>,
        /// Made and not qualified.
        pub disqualified_hold_amount: Option<AmountDisplay>,
        /// Stored.
        pub warehoused_amount: Option<AmountDisplay>,
        /// Ways of reporting.
        pub reporting_methods: Vec<i64>,
    }

    /// A component of a work order.
    pub struct InputRow {
        /// Id of the row.
        pub id: Option<Id>,
        /// Line.
        pub seq: Option<i64>,
        /// Material.
        pub material_id: Option<MaterialId>,
        /// The same, in full.
        pub material: Option<MaterialInfo>,
        /// Unit.
        pub unit_id: Option<UnitId>,
        /// Name of the unit.
        pub unit_name: String,
        /// So much of it …
        pub input_amount_numerator: Option<Decimal>,
        /// … for so many products.
        pub input_amount_denominator: Option<Decimal>,
        /// Loss.
        pub loss_rate: Option<Decimal>,
        /// Operation it is fed to.
        pub input_process_id: Option<OperationId>,
        /// Number of that operation.
        pub input_process_num: String,
        /// Version.
        pub version: String,
        /// Remark.
        pub remark: String,
        /// To be picked.
        pub request_pick_amount: Option<AmountDisplay>,
        /// Issued for picking.
        pub pick_order_issued_amount: Option<AmountDisplay>,
        /// Picked.
        pub receive_pick_amount: Option<AmountDisplay>,
        /// Fed so far.
        pub input_amount: Option<AmountDisplay>,
    }

    #[allow(unreachable_pub)]
    pub struct Created {
        pub work_order_id: Option<WorkOrderId>,
    }
}

impl Client {
    /// The rows of a tab.
    pub(crate) async fn tab<T: Lenient>(
        &self,
        endpoint: &Endpoint,
        body: &serde_json::Value,
    ) -> Result<Vec<Kept<T>>> {
        let reply = self.call(endpoint, body).await?;
        let read = || {
            let rows: Rows = read_data(&reply.data)?;
            let rows = rows.0.into_iter().enumerate().map(|(at, raw)| {
                keep(raw, reply.no_access.clone())
                    .map_err(|problem| unreadable_data(format!("row {at}: {problem}")))
            });
            rows.collect::<Result<Vec<_>>>()
        };
        read().map_err(|error| named(error, endpoint))
    }
}

fn of(id: impl Into<WorkOrderId>) -> serde_json::Value {
    json!({ "workOrderId": id.into() })
}

impl WorkOrders {
    /// `POST /med/open/v1/work_order/base/_detail`: a work order's header (工单详情).
    pub async fn get(&self, id: impl Into<WorkOrderId>) -> Result<Kept<WorkOrder>> {
        self.client.fetch_kept(&DETAIL, &of(id)).await
    }

    /// `POST /med/open/v1/work_order/process_plan/_detail`: its operations (工单工序计划详情).
    pub async fn process_plan(&self, id: impl Into<WorkOrderId>) -> Result<Kept<ProcessPlan>> {
        self.client.fetch_kept(&PLAN, &of(id)).await
    }

    /// `POST /med/open/v1/work_order/input_material/_detail`: its components (工单用料清单).
    pub async fn inputs(&self, id: impl Into<WorkOrderId>) -> Result<Vec<Kept<InputRow>>> {
        self.client.tab(&INPUTS, &of(id)).await
    }

    /// `POST /med/open/v1/work_order/output/_detail`: what it makes (工单产出物料).
    pub async fn outputs(&self, id: impl Into<WorkOrderId>) -> Result<Vec<Kept<OutputRow>>> {
        self.client.tab(&OUTPUTS, &of(id)).await
    }

    /// `POST /med/open/v1/work_order/source/_detail`: what it was made from (工单来源), as it comes:
    /// the shape is not documented in public.
    pub async fn sources(&self, id: impl Into<WorkOrderId>) -> Result<RawJson> {
        Ok(self.client.call(&SOURCES, &of(id)).await?.data)
    }

    /// `POST /med/open/v1/work_order/_create`: creates a work order by ids (创建工单), from a body of
    /// the caller's: the names of its members are not documented in public.
    ///
    /// Not repeated when the answer is lost. [`import`](Self::import) goes by codes.
    pub async fn create_by_ids<T>(&self, body: &T) -> Result<Option<WorkOrderId>>
    where
        T: Serialize + Sync + ?Sized,
    {
        let created: Option<Created> = self.client.fetch(&CREATE, body).await?;
        Ok(created.and_then(|created| created.work_order_id))
    }

    /// `POST /med/open/v1/work_order/_update`: changes a work order by ids (编辑工单), from a body of
    /// the caller's.
    pub async fn update_by_ids<T>(&self, body: &T) -> Result<()>
    where
        T: Serialize + Sync + ?Sized,
    {
        self.client.call(&UPDATE, body).await.map(drop)
    }
}
