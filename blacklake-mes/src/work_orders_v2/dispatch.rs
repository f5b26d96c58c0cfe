//! Sending work orders to the shop floor.

use super::WorkOrdersV2;
use crate::client::Endpoint;
use crate::error::Result;
use crate::fields::{Field, Fields, request};
use crate::id::{Id, WorkOrderId};
use crate::lenient::model;

const DISPATCH: Endpoint = Endpoint::write("POST /med/open/v2/work_order/_dispatch");

request! {
    /// A task to make of one operation. From [`Dispatch::new`].
    pub struct Dispatch {
        /// Id of the work order.
        work_order: id(WorkOrderId) = "workOrderId",
        /// Code of the task.
        task_code: text = "produceTaskCode",
        /// Identifier of the task.
        task_identifier: text = "taskIdentifier",
        /// Planned amount.
        amount: number = "plannedAmount",
        /// Planned start.
        start: millis = "plannedStartTime",
        /// Planned finish.
        finish: millis = "plannedFinishTime",
        /// Remark.
        remark: text = "remark",
        /// With which people and machines.
        groups: rows(DispatchGroup) = "resourceGroupList",
    }
}

request! {
    /// People or machines of a task.
    pub struct DispatchGroup {
        /// Line.
        line: int = "lineNo",
        /// Name.
        name: text = "name",
        /// Kind of the group, by number.
        group_type: int = "groupType",
        /// Kind of its members, by number.
        biz_type: int = "bizType",
        /// Members.
        members: rows(DispatchResource) = "bizOpenCOList",
    }
}

request! {
    /// A person or machine.
    pub struct DispatchResource {
        /// Id.
        id: id(Id) = "bizId",
        /// Code.
        code: text = "bizCode",
        /// Kind, by number.
        biz_type: int = "bizType",
    }
}

model! {
    #[allow(unreachable_pub)]
    pub struct Dispatched {
        pub id: Option<Id>,
    }
}

impl Dispatch {
    /// Of this operation of the work order with this code.
    pub fn new(work_order_code: impl Into<String>, process_num: impl Into<String>) -> Self {
        let fields = Fields::default()
            .with("workOrderCode", Field::Text(work_order_code.into()))
            .with("processNum", Field::Text(process_num.into()));
        Self { fields }
    }
}

impl WorkOrdersV2 {
    /// `POST /med/open/v2/work_order/_dispatch`: makes tasks of work orders (下发工单); answers the id
    /// of the request, which is **not** that of a task. The event
    /// [`Dispatched`](crate::callback::Event::Dispatched) names it when it is done.
    ///
    /// Not repeated when the answer is lost.
    pub async fn dispatch(
        &self,
        requests: impl IntoIterator<Item = Dispatch>,
    ) -> Result<Option<Id>> {
        let requests = requests.into_iter().map(|request| Field::Object(request.fields)).collect();
        let body = Fields::default().with("dispatchRequests", Field::List(requests));
        let answer: Option<Dispatched> = self.client.fetch(&DISPATCH, &body).await?;
        Ok(answer.and_then(|answer| answer.id))
    }
}
