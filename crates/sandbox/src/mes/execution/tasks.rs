//! `POST …/produce_task/_list`, `_detail`.

use super::Task;
use crate::mes::page::{Row, Window, page};
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::show;
use crate::mes::world::World;
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const MEMBERS: &[&str] = &[
    "quickSearch",
    "taskStatusList",
    "sopTaskIdList",
    "processIdList",
    "processDefIdList",
    "materialIdList",
    "workOrderIdList",
    "salesOrderIdList",
    "workCenterIdList",
    "equipmentIdList",
    "departmentIdList",
    "executorIdList",
    "planStartTimeFrom",
    "planStartTimeTo",
    "planEndTimeFrom",
    "planEndTimeTo",
];

pub(in crate::mes) fn list(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let starts = Window::read(&fields, "planStartTimeFrom", "planStartTimeTo")?;
    let ends = Window::read(&fields, "planEndTimeFrom", "planEndTimeTo")?;
    let quick = fields.text("quickSearch")?.unwrap_or_default();
    let one_of = |name: &str| {
        let wanted = fields.ints(name)?;
        Ok::<_, Refusal>(move |value: i64| wanted.is_empty() || wanted.contains(&value))
    };
    let statuses = one_of("taskStatusList")?;
    let processes = one_of("processIdList")?;
    let definitions = one_of("processDefIdList")?;
    let materials = one_of("materialIdList")?;
    let orders = one_of("workOrderIdList")?;
    // No task has any of these: who asks for one finds none.
    let without = ["sopTaskIdList", "salesOrderIdList", "workCenterIdList", "equipmentIdList"];
    let without = without.into_iter().chain(["departmentIdList", "executorIdList"]);
    let others = without.map(one_of).collect::<Result<Vec<_>, _>>()?;
    let found = world.tasks.values().filter(|task| {
        let order = world.work_orders.get(&task.work_order);
        let process =
            order.and_then(|order| order.processes.iter().find(|one| one.id == task.process));
        let material = order.and_then(|order| order.main_output()).map(|output| output.material);
        let code = order.map(|order| order.code.as_str()).unwrap_or_default();
        (task.code.contains(quick) || code.contains(quick))
            && others.iter().all(|admits| admits(0))
            && starts.holds(task.planned_start)
            && ends.holds(task.planned_end)
            && statuses(task.status)
            && processes(task.process)
            && definitions(process.map_or(0, |process| process.definition))
            && materials(material.unwrap_or_default())
            && orders(task.work_order)
    });
    let rows = found.map(|task| Row { id: task.id, shown: row(world, task) }).collect();
    page(world, &fields, rows)
}

/// `{"taskId"}`
pub(in crate::mes) fn detail(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let id = request.fields().required_int("taskId")?;
    let task = world.tasks.get(&id);
    let task = task.ok_or_else(|| Refusal::missing(format!("生产任务 {id} 不存在")))?;
    Ok(row(world, task).into())
}

fn row(world: &World, task: &Task) -> Object {
    let order = world.work_orders.get(&task.work_order);
    let process = order.and_then(|order| order.processes.iter().find(|one| one.id == task.process));
    let output = order.and_then(|order| order.main_output());
    let progress = output.map(|output| {
        let material = world.materials.get(&output.material);
        object! {
            "materialInfo": material.map(|one| show::material_of_report(world, one)),
            "alreadyReportedAmount": show::amount_with_unit(world, task.reported, output.unit),
            "plannedAmount": show::amount_with_unit(world, task.planned, output.unit),
        }
    });
    object! {
        "taskId": task.id, "taskCode": task.code.as_str(), "sopTaskId": None::<i64>,
        "workOrderId": task.work_order,
        "workOrderCode": order.map(|order| order.code.as_str()), "processId": task.process,
        "processCode": process.map(|process| process.code.as_str()),
        "processName": process.map(|process| process.name.as_str()),
        "workCenter": None::<i64>, "batchNo": None::<i64>,
        "specifiedMaterial": order.is_some_and(|order| order.specified_material),
        "planStartTime": task.planned_start, "planEndTime": task.planned_end,
        "executorList": Vec::<Object>::new(), "taskStatus": show::task_status(task.status),
        "progress": progress, "reportTemplateIds": Vec::<i64>::new(),
    }
}
