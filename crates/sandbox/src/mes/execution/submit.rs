//! `POST …/progress_report/_progress_report`: reports production through the API. Every call books.

use super::entry::{Quality, Report};
use super::shop;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::work_order::Status;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

pub(in crate::mes) const MEMBERS: &[&str] = &[
    "taskId",
    "progressReportMaterial",
    "progressReportItems",
    "qcStatus",
    "reportType",
    "storageLocationId",
    "reportStartTime",
    "reportEndTime",
    "actualExecutorIds",
    "actualEquipmentIds",
    "workHour",
    "workHourUnit",
    "qcDefectReasonIds",
];
const MATERIAL: &[&str] = &["lineId", "materialId", "reportProcessId"];
const ITEM: &[&str] = &["executorIds", "progressReportMaterialItems"];
const LINE: &[&str] = &["reportAmount", "reportUnitId", "remark"];

pub(in crate::mes) fn submit(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let id = fields.required_int("taskId")?;
    let task = world.tasks.get(&id);
    let task = task.ok_or_else(|| Refusal::missing(format!("生产任务 {id} 不存在")))?.clone();
    if task.status > 2 {
        return Err(Refusal::state(format!("生产任务【{}】不在执行状态", task.code)));
    }
    let order = world.work_order(task.work_order)?;
    if order.paused {
        return Err(Refusal::state(format!("工单【{}】已暂停", order.code)));
    }
    let of_task = |one: &&crate::mes::work_order::Process| one.id == task.process;
    let process = order.processes.iter().find(of_task).cloned();
    let process = process.ok_or_else(|| Refusal::missing("任务的工序不存在"))?;
    let output = order.main_output().ok_or_else(|| Refusal::state("工单没有主产出"))?;
    let (material, unit) = (output.material, output.unit);
    let reported = fields.part("progressReportMaterial")?;
    let reported = reported.ok_or_else(|| fields.absent("progressReportMaterial"))?;
    request.only(&reported, MATERIAL)?;
    for (name, expected) in [("materialId", material), ("reportProcessId", process.id)] {
        if reported.int(name)?.is_some_and(|given| given != expected) {
            return Err(reported.invalid(name, "与任务不一致"));
        }
    }
    let quality = match fields.int("qcStatus")?.unwrap_or(1) {
        1 => Quality::Qualified,
        2 => Quality::Concession,
        3 => Quality::Pending,
        4 => Quality::Rejected,
        _ => return Err(fields.invalid("qcStatus", "只能为1/2/3/4")),
    };
    let mut reports = Vec::new();
    for item in fields.rows("progressReportItems")? {
        request.only(&item, ITEM)?;
        item.ints("executorIds")?;
        for line in item.rows("progressReportMaterialItems")? {
            request.only(&line, LINE)?;
            if line.required_int("reportUnitId")? != unit {
                return Err(line.invalid("reportUnitId", "与产出单位不一致"));
            }
            let amount = line.positive("reportAmount")?;
            let mut report = Report::new(amount.ok_or_else(|| line.absent("reportAmount"))?);
            report.quality = quality;
            line.text("remark")?.unwrap_or_default().clone_into(&mut report.remark);
            reports.push(report);
        }
    }
    if reports.is_empty() {
        return Err(fields.absent("progressReportItems"));
    }
    let at = request.at();
    if let Some(task) = world.tasks.get_mut(&id) {
        task.status = 2;
    }
    let order = world.work_order_mut(task.work_order)?;
    order.status = order.status.max(Status::Executing);
    order.actual_start = order.actual_start.or(Some(at));
    let mut records = Vec::new();
    for report in &reports {
        let row = shop::book_report(world, task.work_order, &process, id, report, at)?;
        let record = world.reports.iter().find(|one| one.id == row).map(|one| one.record);
        records.extend(record);
    }
    Ok(object! {"messageTraceId": world.ids.word(), "progressReportRecordIds": records}.into())
}
