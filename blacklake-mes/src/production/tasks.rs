//! Production tasks (生产任务).

use chrono::{DateTime, Utc};
use erplink_core::Results;
use serde_json::json;

use super::Production;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{Id, MaterialId, OperationId, ProcessId, TaskId, WorkOrderId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;
use crate::number_enum::number_enum;
use crate::shared::{Amount, CodeMessage, UserRef};
use crate::work_orders::MaterialInfo;

const LIST: Endpoint = Endpoint::read("POST /mfg/open/v1/produce_task/_list");
const DETAIL: Endpoint = Endpoint::read("POST /mfg/open/v1/produce_task/_detail");

number_enum! {
    /// State of a task (任务状态).
    pub enum TaskStatus {
        /// To be done (待执行).
        Waiting = 1,
        /// Under way (执行中).
        Executing = 2,
        /// Paused (暂停中).
        Paused = 3,
        /// Ended (已结束).
        Ended = 4,
        /// Cancelled (已取消).
        Cancelled = 5,
    }
}

request! {
    /// Which tasks to list.
    pub struct TaskFilter {
        /// A text to search for.
        search: text = "quickSearch",
        /// In one of these states.
        statuses: enumerations(TaskStatus) = "taskStatusList",
        /// Of these tasks of SOPs.
        sop_tasks: ids(Id) = "sopTaskIdList",
        /// At these operations of work orders.
        operations: ids(OperationId) = "processIdList",
        /// At operations of these definitions.
        processes: ids(ProcessId) = "processDefIdList",
        /// Of these materials.
        materials: ids(MaterialId) = "materialIdList",
        /// Of these work orders.
        work_orders: ids(WorkOrderId) = "workOrderIdList",
        /// Of these sales orders.
        sales_orders: ids(Id) = "salesOrderIdList",
        /// At these work centres.
        work_centers: ids(Id) = "workCenterIdList",
        /// On these machines.
        equipments: ids(Id) = "equipmentIdList",
        /// In these departments.
        departments: ids(Id) = "departmentIdList",
        /// By these people.
        executors: ids(Id) = "executorIdList",
        /// Planned to begin at or after this moment.
        start_from: millis = "planStartTimeFrom",
        /// Planned to begin before this moment.
        start_to: millis = "planStartTimeTo",
        /// Planned to end at or after this moment.
        end_from: millis = "planEndTimeFrom",
        /// Planned to end before this moment.
        end_to: millis = "planEndTimeTo",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl TaskFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

model! {
    /// A task.
    pub struct ProduceTask {
        /// Id.
        pub task_id: TaskId,
        /// Code.
        pub task_code: String,
        /// Task of the SOP.
        pub sop_task_id: Option<Id>,
        /// Work order.
        pub work_order_id: Option<WorkOrderId>,
        /// Code of the work order.
        pub work_order_code: String,
        /// Operation.
        pub process_id: Option<i64>,
        /// Code of the operation.
        pub process_code: String,
        /// Name of the operation.
        pub process_name: String,
        /// Batch number.
        pub batch_no: String,
        /// Whether only the materials named may be used.
        pub specified_material: bool,
        /// Planned start.
        pub plan_start_time: Option<DateTime<Utc>>,
        /// Planned end.
        pub plan_end_time: Option<DateTime<Utc>>,
        /// Who does it.
        pub executor_list: Vec<UserRef>,
        /// State.
        pub task_status: Option<CodeMessage<TaskStatus>>,
        /// How far it is.
        pub progress: Option<TaskProgress>,
        /// Templates of its reports.
        pub report_template_ids: Vec<Id>,
    }

    /// How far a task is.
    pub struct TaskProgress {
        /// What it makes.
        pub material_info: Option<MaterialInfo>,
        /// Reported.
        pub already_reported_amount: Option<Amount>,
        /// Planned.
        pub planned_amount: Option<Amount>,
    }
}

impl Row for ProduceTask {
    fn row_id(&self) -> i64 {
        self.task_id.get()
    }
}

impl Production {
    /// `POST /mfg/open/v1/produce_task/_list`: tasks (生产任务列表).
    pub fn tasks(&self, filter: TaskFilter) -> Results<Kept<ProduceTask>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /mfg/open/v1/produce_task/_detail`: one task (生产任务详情).
    pub async fn task(&self, id: impl Into<TaskId>) -> Result<Kept<ProduceTask>> {
        self.client.fetch_kept(&DETAIL, &json!({ "taskId": id.into() })).await
    }
}
