//! Rows of progress reports (报工记录).

use chrono::{DateTime, Utc};
use erplink_core::{Decimal, ErrorKind, Results};

use super::{Production, TaskStatus};
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{
    Id, MaterialId, OperationId, ProcessId, ReportId, ReportRecordId, TaskId, WorkOrderId,
};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;
use crate::shared::{Amount, AmountDisplay, CodeMessage, CodeName, QcStatus, UserRef};
use crate::work_orders::{MaterialInfo, ReportedAt, WorkOrderStatus};

const LIST: Endpoint = Endpoint::read("POST /mfg/open/v1/progress_report/_list");

request! {
    /// Which reports to list. From [`ReportFilter::reported`] or [`ReportFilter::new`].
    pub struct ReportFilter {
        /// Reported at or after this moment.
        reported_from: millis = "reportTimeFrom",
        /// Reported **before** this moment.
        reported_to: millis = "reportTimeTo",
        /// Begun at or after this moment.
        started_from: millis = "startTimeFrom",
        /// Begun before this moment.
        started_to: millis = "startTimeTo",
        /// Ended at or after this moment.
        ended_from: millis = "endTimeFrom",
        /// Ended before this moment.
        ended_to: millis = "endTimeTo",
        /// Of these work orders.
        work_orders: ids(WorkOrderId) = "workOrderIdList",
        /// Of these sales orders.
        sales_orders: ids(Id) = "salesOrderIdList",
        /// Of these tasks.
        tasks: ids(TaskId) = "taskIds",
        /// Of tasks in these states.
        task_statuses: enumerations(TaskStatus) = "taskStatusList",
        /// Of work orders in these states.
        work_order_statuses: enumerations(WorkOrderStatus) = "workOrderBusinessStatusList",
        /// At these operations of work orders.
        operations: ids(OperationId) = "processIdList",
        /// At operations of these definitions.
        processes: ids(ProcessId) = "processDefIdList",
        /// Of work orders that make these.
        main_materials: ids(MaterialId) = "mainMaterialIdList",
        /// Of these materials.
        materials: ids(MaterialId) = "reportMaterialIdList",
        /// By these people.
        executors: ids(Id) = "executorIdList",
        /// By these producers.
        producers: ids(Id) = "producerIdList",
        /// On these machines.
        equipments: ids(Id) = "equipmentIdList",
        /// In these departments.
        departments: ids(Id) = "departmentIdList",
        /// Of one of these qualities.
        quality: enumerations(QcStatus) = "qcStatusList",
        /// Of these reports.
        records: ids(ReportRecordId) = "progressReportRecordIds",
        /// With this batch number.
        batch: text = "batchNo",
        /// With this QR code.
        qr_code: text = "qrCode",
        /// A text to search for.
        search: text = "quickSearch",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl ReportFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reported from a moment on and before another: windows that follow each other neither overlap
    /// nor leave a gap.
    pub fn reported(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self::default().reported_from(from).reported_to(to)
    }
}

model! {
    /// A row of a progress report.
    pub struct ProgressReport {
        /// Id of the row: the key against booking it twice.
        pub id: ReportId,
        /// Id of the report.
        pub report_record_id: Option<ReportRecordId>,
        /// Code of the report.
        pub report_record_code: String,
        /// Line of the output.
        pub line_id: Option<Id>,
        /// Task.
        pub task_id: Option<TaskId>,
        /// Code of the task.
        pub task_code: String,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Code of the work order.
        pub work_order_code: String,
        /// Operation: of the work order or its definition, the platform does not say which.
        /// [`ProcessPlan::is_last`](crate::work_orders::ProcessPlan::is_last) takes both.
        pub process_id: Option<i64>,
        /// Code of the operation.
        pub process_code: String,
        /// Name of the operation.
        pub process_name: String,
        /// What the work order makes.
        pub main_material_id: Option<MaterialId>,
        /// Its code.
        pub main_material_code: String,
        /// Its name.
        pub main_material_name: String,
        /// What was reported.
        pub material_info: Option<MaterialInfo>,
        /// How much.
        pub report_base_amount: Option<Amount>,
        /// The same, for display.
        pub report_base_amount_display: Option<AmountDisplay>,
        /// In the auxiliary unit.
        pub report_aux_base_amount1: Option<Amount>,
        /// Batch number.
        pub batch_no: String,
        /// Its id.
        pub batch_no_id: Option<Id>,
        /// QR code.
        pub qr_code: String,
        /// Quality.
        pub qc_status: Option<CodeMessage<QcStatus>>,
        /// Why it is not qualified.
        pub qc_defect_reasons: Vec<Defect>,
        /// Machines.
        pub equipments: Vec<CodeName>,
        /// Who did it.
        pub executors: Vec<UserRef>,
        /// Who produced it.
        pub producers: Vec<UserRef>,
        /// Who reported it.
        pub reporter: Option<UserRef>,
        /// Departments.
        pub produce_departments: Vec<CodeName>,
        /// People and machines in groups.
        pub resource_group_list: Vec<ResourceGroup>,
        /// Codes of the sales orders.
        pub sales_order_code: Vec<String>,
        /// Begun.
        pub start_time: Option<DateTime<Utc>>,
        /// Ended.
        pub end_time: Option<DateTime<Utc>>,
        /// Reported.
        pub report_time: Option<DateTime<Utc>>,
        /// Working hours.
        pub work_hour: Option<Decimal>,
        /// Unit of the working hours.
        pub work_hour_unit: Option<CodeMessage<i64>>,
        /// Remark.
        pub remark: String,
        /// When it was created.
        pub created_at: Option<DateTime<Utc>>,
        /// When it was changed.
        pub updated_at: Option<DateTime<Utc>>,
    }

    /// Why something is not qualified.
    pub struct Defect {
        /// Id.
        pub id: Option<Id>,
        /// Name.
        pub name: String,
    }

    /// People or machines.
    pub struct ResourceGroup {
        /// Id.
        pub id: Option<Id>,
        /// Id of the group.
        pub group_id: Option<Id>,
        /// Name of the group.
        pub group_name: String,
        /// Who or what is in it.
        pub resource_list: Vec<CodeName>,
    }
}

impl ProgressReport {
    /// How much was reported.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the answer does not say, which is not zero.
    pub fn quantity(&self) -> Result<Decimal> {
        let amount = self.report_base_amount.as_ref().and_then(|amount| amount.amount);
        let shown = self.report_base_amount_display.as_ref().and_then(|amount| amount.amount);
        amount.or(shown).ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                format!(
                    "report {} has no reportBaseAmount.amount: may the account see it?",
                    self.id
                ),
            )
        })
    }

    /// The operation it was made at.
    #[must_use]
    pub fn reported_at(&self) -> ReportedAt<'_> {
        ReportedAt::new(self.process_id, &self.process_code)
    }
}

impl Row for ProgressReport {
    fn row_id(&self) -> i64 {
        self.id.get()
    }
}

impl Production {
    /// `POST /mfg/open/v1/progress_report/_list`: rows of progress reports (报工记录列表), each once.
    pub fn reports(&self, filter: ReportFilter) -> Results<Kept<ProgressReport>, Error> {
        self.client.list(LIST, filter.fields)
    }
}
