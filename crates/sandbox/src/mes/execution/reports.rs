//! `POST …/progress_report/_list`: production reports of a window of time.

use super::ReportRow;
use crate::mes::catalog::Named;
use crate::mes::page::{Row, Window, page};
use crate::mes::quirks::ReportProcessId;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::show;
use crate::mes::world::World;
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const MEMBERS: &[&str] = &[
    "reportTimeFrom",
    "reportTimeTo",
    "startTimeFrom",
    "startTimeTo",
    "endTimeFrom",
    "endTimeTo",
    "workOrderIdList",
    "salesOrderIdList",
    "taskIds",
    "taskStatusList",
    "workOrderBusinessStatusList",
    "workOrderPauseStatusList",
    "processIdList",
    "processDefIdList",
    "mainMaterialIdList",
    "reportMaterialIdList",
    "executorIdList",
    "producerIdList",
    "equipmentIdList",
    "departmentIdList",
    "qcStatusList",
    "progressReportRecordIds",
    "batchNo",
    "qrCode",
    "quickSearch",
];

pub(in crate::mes) fn list(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let reported = Window::read(&fields, "reportTimeFrom", "reportTimeTo")?;
    let started = Window::read(&fields, "startTimeFrom", "startTimeTo")?;
    let ended = Window::read(&fields, "endTimeFrom", "endTimeTo")?;
    let batch = fields.text("batchNo")?;
    // No report has a label, equipment, or a sales order: who asks for one finds none.
    let label = fields.text("qrCode")?;
    let quick = fields.text("quickSearch")?.unwrap_or_default();
    let one_of = |name: &str| {
        let wanted = fields.ints(name)?;
        Ok::<_, Refusal>(move |value: i64| wanted.is_empty() || wanted.contains(&value))
    };
    let orders = one_of("workOrderIdList")?;
    let tasks = one_of("taskIds")?;
    let task_statuses = one_of("taskStatusList")?;
    let statuses = one_of("workOrderBusinessStatusList")?;
    let pauses = one_of("workOrderPauseStatusList")?;
    let processes = one_of("processIdList")?;
    let definitions = one_of("processDefIdList")?;
    let main_materials = one_of("mainMaterialIdList")?;
    let materials = one_of("reportMaterialIdList")?;
    let executors = one_of("executorIdList")?;
    let producers = one_of("producerIdList")?;
    let equipments = one_of("equipmentIdList")?;
    let departments = one_of("departmentIdList")?;
    let sales_orders = one_of("salesOrderIdList")?;
    let qualities = one_of("qcStatusList")?;
    let records = one_of("progressReportRecordIds")?;
    let found = world.reports.iter().filter(|report| {
        let order = world.work_orders.get(&report.work_order);
        let task = world.tasks.get(&report.task);
        let definition = order
            .and_then(|order| order.processes.iter().find(|process| process.id == report.process));
        let text = order.map(|order| order.code.as_str()).unwrap_or_default();
        reported.holds(report.at)
            && started.holds(report.start)
            && ended.holds(report.end)
            && label.is_none()
            && equipments(0)
            && sales_orders(0)
            && departments(department_of(world, report).map_or(0, |department| department.id))
            && batch.is_none_or(|batch| report.batch_no.as_deref() == Some(batch))
            && (text.contains(quick) || task.is_some_and(|task| task.code.contains(quick)))
            && orders(report.work_order)
            && tasks(report.task)
            && task_statuses(task.map_or(0, |task| task.status))
            && statuses(order.map_or(0, |order| order.status as i64))
            && pauses(order.map_or(0, |order| i64::from(order.paused)))
            && processes(report.process)
            && definitions(definition.map_or(0, |process| process.definition))
            && main_materials(report.material)
            && materials(report.material)
            && executors(report.worker.id)
            && producers(report.worker.id)
            && qualities(report.qc)
            && records(report.record)
    });
    let rows = found.map(|report| Row { id: report.id, shown: row(world, report) }).collect();
    page(world, &fields, rows)
}

/// The department that makes the order.
fn department_of<'a>(world: &'a World, report: &ReportRow) -> Option<&'a Named> {
    let code = world.work_orders.get(&report.work_order)?.production_department.as_deref()?;
    world.departments.iter().find(|one| one.code == code)
}

pub(in crate::mes) fn row(world: &World, report: &ReportRow) -> Object {
    let order = world.work_orders.get(&report.work_order);
    let process =
        order.and_then(|order| order.processes.iter().find(|process| process.id == report.process));
    let process_id = match world.quirks.report_process_id {
        ReportProcessId::Operation => Some(report.process),
        ReportProcessId::Definition => process.map(|process| process.definition),
    };
    let material = world.materials.get(&report.material);
    let department = department_of(world, report);
    let worker = show::user(&report.worker);
    object! {
        "id": report.id, "reportRecordId": report.record,
        "reportRecordCode": report.record_code.as_str(), "lineId": report.line,
        "taskId": report.task,
        "taskCode": world.tasks.get(&report.task).map(|task| task.code.as_str()),
        "workOrderId": report.work_order,
        "workOrderCode": order.map(|order| order.code.as_str()), "processId": process_id,
        "processCode": process.map(|process| process.code.as_str()),
        "processName": process.map(|process| process.name.as_str()),
        "mainMaterialId": report.material,
        "mainMaterialCode": material.map(|material| material.code.as_str()),
        "mainMaterialName": material.map(|material| material.name.as_str()),
        "materialInfo": material.map(|one| show::material_of_report(world, one)),
        "reportBaseAmount": show::amount_with_unit(world, report.amount, report.unit),
        "reportBaseAmountDisplay": show::amount(world, report.amount, report.unit),
        "reportAuxBaseAmount1": None::<i64>, "batchNo": report.batch_no.clone(),
        "batchNoId": report.batch_no_id, "qrCode": None::<i64>,
        "qcStatus": show::qc_status(report.qc), "qcDefectReasons": Vec::<Object>::new(),
        "equipments": Vec::<Object>::new(), "executors": vec![worker.clone()],
        "producers": vec![worker.clone()], "reporter": worker,
        "produceDepartments": Vec::from_iter(department.map(show::named)),
        "resourceGroupList": Vec::<Object>::new(), "salesOrderCode": Vec::<Object>::new(),
        "startTime": report.start, "endTime": report.end, "reportTime": report.at,
        "workHour": None::<i64>, "workHourUnit": None::<i64>, "remark": report.remark.as_str(),
        "createdAt": report.at, "updatedAt": report.at,
    }
}
