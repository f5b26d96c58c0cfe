//! `POST …/med/open/v2/work_order/_dispatch`: tasks for operations. The answer's id is a business id.

use super::shop;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::work_order::Status;
use crate::mes::world::{World, no_order};
use crate::servicelayer::json::Json;

pub(in crate::mes) const MEMBERS: &[&str] = &["dispatchRequests"];
const REQUEST: &[&str] = &[
    "workOrderId",
    "workOrderCode",
    "processNum",
    "produceTaskCode",
    "taskIdentifier",
    "plannedAmount",
    "plannedStartTime",
    "plannedFinishTime",
    "remark",
    "resourceGroupList",
];

pub(in crate::mes) fn dispatch(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let lines = fields.rows("dispatchRequests")?;
    let mut tasks = Vec::new();
    for line in &lines {
        request.only(line, REQUEST)?;
        let order = match (line.int("workOrderId")?, line.text("workOrderCode")?) {
            (Some(id), _) => world.work_order(id)?,
            (None, Some(code)) => world.work_order_coded(code).ok_or_else(|| no_order(code))?,
            (None, None) => return Err(line.absent("workOrderCode")),
        };
        if !(Status::Created..=Status::Executing).contains(&order.status) {
            return Err(Refusal::state(format!("工单【{}】不允许下发", order.code)));
        }
        let num = line.required_text("processNum")?;
        let process = order.process(num).map(|process| process.id);
        let process = process.ok_or_else(|| line.invalid("processNum", "没有对应的工序"))?;
        let planned = order.main_output().map(|output| output.planned).unwrap_or_default();
        let planned = line.positive("plannedAmount")?.unwrap_or(planned);
        let times = (
            line.int("plannedStartTime")?.unwrap_or(order.planned_start),
            line.int("plannedFinishTime")?.unwrap_or(order.planned_finish),
        );
        let order = order.id;
        let mut task = shop::new_task(world, order, process, planned, times);
        if let Some(code) = line.text("produceTaskCode")? {
            if world.tasks.values().chain(&tasks).any(|known| known.code == code) {
                return Err(line.invalid("produceTaskCode", "已存在"));
            }
            code.clone_into(&mut task.code);
        }
        tasks.push(task);
    }
    if tasks.is_empty() {
        return Err(fields.absent("dispatchRequests"));
    }
    let mut business = 0;
    for task in tasks {
        let order = task.work_order;
        world.tasks.insert(task.id, task);
        business = shop::announce_dispatch(world, order, request.at())?;
    }
    Ok(object! {"id": business}.into())
}
