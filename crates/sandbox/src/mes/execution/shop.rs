//! What planners and workers do to an order, whether by hand or through the API.

use rust_decimal::Decimal;

use super::entry::{Feed, Report};
use super::{Feeding, ReportRow, Retraction, Task};
use crate::mes::catalog::Named;
use crate::mes::push::Event;
use crate::mes::quirks::{RecordIds, ReportProcessId};
use crate::mes::refusal::Refusal;
use crate::mes::work_order::{Process, Status, WorkOrder};
use crate::mes::world::World;
use crate::servicelayer::json::Object;

type Done<T> = Result<T, Refusal>;

/// Gives every operation of an order a task. Returns the id of the business (`dispatchRequestId`).
pub(in crate::mes) fn dispatch(world: &mut World, order: i64, at: i64) -> Done<i64> {
    let known = world.work_order(order)?;
    match known.status {
        Status::Created | Status::Dispatched | Status::Executing => {}
        Status::Draft => return Err(Refusal::state("草稿工单不允许下发")),
        _ => return Err(Refusal::state("工单已结束或已关闭")),
    }
    let planned = known.main_output().map_or(Decimal::ZERO, |output| output.planned);
    let has_task = |process: &&Process| world.tasks.values().any(|task| task.process == process.id);
    let missing = known.processes.iter().filter(|process| !has_task(process));
    let (start, end) = (known.planned_start, known.planned_finish);
    let missing: Vec<_> = missing.map(|process| process.id).collect();
    for process in missing {
        let task = new_task(world, order, process, planned, (start, end));
        world.tasks.insert(task.id, task);
    }
    announce_dispatch(world, order, at)
}

pub(in crate::mes) fn new_task(
    world: &mut World,
    work_order: i64,
    process: i64,
    planned: Decimal,
    (planned_start, planned_end): (i64, i64),
) -> Task {
    let code = format!("T-{}", world.ids.serial());
    let (id, reported) = (world.ids.draw(), Decimal::ZERO);
    Task { id, code, work_order, process, planned, planned_start, planned_end, status: 1, reported }
}

pub(in crate::mes) fn announce_dispatch(world: &mut World, order: i64, at: i64) -> Done<i64> {
    let order = world.work_order_mut(order)?;
    order.status = order.status.max(Status::Dispatched);
    order.updated_at = at;
    let business = world.ids.draw();
    let data = object! {"dispatchRequestId": business};
    happened(world, "med.result_notify.produce_task_dispatch", data);
    Ok(business)
}

/// Announces something to the callback.
pub(in crate::mes) fn happened(world: &mut World, kind: &str, data: Object) {
    let request_id = world.ids.word();
    world.events.push(Event { request_id, kind: kind.to_owned(), data: data.into() });
}

/// The task of an operation in which something can be done now; the order starts with it.
fn start(world: &mut World, order: i64, num: Option<&str>, at: i64) -> Done<(Process, i64)> {
    let known = world.work_order(order)?;
    if known.paused {
        return Err(Refusal::state(format!("工单【{}】已暂停", known.code)));
    }
    if !matches!(known.status, Status::Created | Status::Dispatched | Status::Executing) {
        return Err(Refusal::state(format!("工单【{}】不在执行状态", known.code)));
    }
    let process = match num {
        Some(num) => known.process(num),
        None => known.last_process(),
    };
    let missing = || Refusal::missing(format!("工单【{}】没有工序 {num:?}", known.code));
    let process = process.ok_or_else(missing)?.clone();
    if known.status == Status::Created {
        dispatch(world, order, at)?;
    }
    let task = world.tasks.values_mut().find(|task| task.process == process.id && task.status <= 2);
    let task =
        task.ok_or_else(|| Refusal::state(format!("工序【{}】没有可执行的任务", process.num)))?;
    task.status = 2;
    let task = task.id;
    let order = world.work_order_mut(order)?;
    order.status = Status::Executing;
    order.actual_start = order.actual_start.or(Some(at));
    order.updated_at = at;
    for one in order.processes.iter_mut().filter(|one| one.id == process.id) {
        one.actual_start = one.actual_start.or(Some(at));
    }
    Ok((process, task))
}

fn worker(world: &World) -> Named {
    let nobody = || Named { id: 0, code: String::new(), name: String::new() };
    world.workers.last().cloned().unwrap_or_else(nobody)
}

/// A report of an operation. Returns the id of the row; `None` when it was told to fail.
pub(in crate::mes) fn report(
    world: &mut World,
    order: i64,
    report: &Report,
    at: i64,
) -> Done<Option<i64>> {
    if report.quantity <= Decimal::ZERO {
        return Err(Refusal::parameter("报工数量必须大于0"));
    }
    if let Some(reason) = &report.fails {
        world.work_order(order)?;
        failed(world, "mfg.result_notify.progress_report", reason);
        return Ok(None);
    }
    let (process, task) = start(world, order, report.process.as_deref(), at)?;
    book_report(world, order, &process, task, report, at).map(Some)
}

/// Books a report on a task that was found.
pub(in crate::mes) fn book_report(
    world: &mut World,
    order: i64,
    process: &Process,
    task: i64,
    report: &Report,
    at: i64,
) -> Done<i64> {
    let known = world.work_order(order)?;
    let output = known.main_output().ok_or_else(|| Refusal::state("工单没有主产出"))?;
    let (line, material, unit) = (output.id, output.material, output.unit);
    let gives_product = output.process_num.as_deref() == Some(process.num.as_str());
    let planned = output.planned;
    let batch_managed = world.material(material)?.batch_managed;
    let started = known.actual_start.unwrap_or(at);
    let (id, record, serial) = (world.ids.draw(), world.ids.draw(), world.ids.serial());
    let batch_no = report.batch.clone().or_else(|| batch_managed.then(|| format!("B{serial}")));
    let batch_no_id = batch_no.is_some().then(|| world.ids.draw());
    world.reports.push(ReportRow {
        id,
        record,
        record_code: format!("BG-{serial}"),
        line,
        task,
        work_order: order,
        process: process.id,
        material,
        unit,
        amount: report.quantity,
        qc: report.quality.number(),
        batch_no: batch_no.clone(),
        batch_no_id,
        worker: worker(world),
        start: started,
        end: at,
        at,
        remark: report.remark.clone(),
    });
    if let Some(task) = world.tasks.get_mut(&task) {
        task.reported = task.reported.saturating_add(report.quantity);
    }
    let order_now = world.work_order_mut(order)?;
    order_now.updated_at = at;
    let mut complete = false;
    for output in order_now.outputs.iter_mut().filter(|one| one.id == line && gives_product) {
        let total = if report.quality.number() == 4 {
            &mut output.disqualified
        } else {
            &mut output.qualified
        };
        *total = total.saturating_add(report.quantity);
        complete = output.qualified >= planned;
    }
    let process_id = match world.quirks.report_process_id {
        ReportProcessId::Operation => process.id,
        ReportProcessId::Definition => process.definition,
    };
    let row = object! {
        "taskId": task, "materialId": material, "qcStatus": report.quality.number(),
        "qrCode": None::<i64>, "batchNo": batch_no, "progressReportRecordId": record,
        "reportAmount": report.quantity.normalize(), "reportUnitId": unit, "workOrderId": order,
        "processId": process_id,
    };
    succeeded(world, "mfg.result_notify.progress_report", (id, record), row);
    if complete && world.quirks.auto_finish {
        finish(world, order, at)?;
    }
    Ok(id)
}

/// A result event of something that was booked.
fn succeeded(world: &mut World, kind: &str, (detail, record): (i64, i64), row: Object) {
    let id = match world.quirks.record_ids {
        RecordIds::Detail => detail,
        RecordIds::Record => record,
    };
    let data = object! {
        "recordIds": vec![id], "result": true, "reason": None::<i64>, "recordList": vec![row],
    };
    happened(world, kind, data);
}

/// A result event of something that was not booked.
fn failed(world: &mut World, kind: &str, reason: &str) {
    let data = object! {
        "recordIds": Vec::<i64>::new(), "result": false, "reason": reason,
        "recordList": Vec::<Object>::new(),
    };
    happened(world, kind, data);
}

/// Feeds a material to an order. Returns the id of the detail; `None` when it was told to fail.
pub(in crate::mes) fn feed(
    world: &mut World,
    order: i64,
    material: &str,
    feed: &Feed,
    at: i64,
) -> Done<Option<i64>> {
    const KIND: &str = "mfg.result_notify.feeding";
    if feed.quantity <= Decimal::ZERO {
        return Err(Refusal::parameter("投料数量必须大于0"));
    }
    let fed = world.usable_material(material)?.id;
    let component = match &feed.instead_of {
        Some(code) => world.usable_material(code)?.id,
        None => fed,
    };
    let known = world.work_order(order)?;
    let input = known.inputs.iter().find(|input| input.material == component);
    let missing =
        || Refusal::missing(format!("物料【{material}】不是工单【{}】的用料", known.code));
    let input = input.ok_or_else(missing)?;
    let (line, num) = (input.id, input.process_num.clone());
    let unit = if fed == component { input.unit } else { world.material(fed)?.unit };
    if let Some(reason) = &feed.fails {
        failed(world, KIND, reason);
        return Ok(None);
    }
    let first = known.processes.first().map(|process| process.num.clone());
    let (process, task) = start(world, order, num.or(first).as_deref(), at)?;
    let (id, record) = (world.ids.draw(), world.ids.draw());
    let batch_no_id = feed.batch.is_some().then(|| world.ids.draw());
    let location = world.locations.first().cloned();
    let location_ids: Vec<_> = location.iter().map(|location| location.id).collect();
    world.feedings.push(Feeding {
        id,
        record,
        task,
        work_order: order,
        line,
        material: fed,
        unit,
        amount: feed.quantity,
        retracted: Decimal::ZERO,
        qc: feed.quality.number(),
        batch_no: feed.batch.clone(),
        batch_no_id,
        instead_of: (fed != component).then_some(component),
        worker: worker(world),
        at,
        location,
        warehouse: world.warehouses.first().map(|warehouse| warehouse.id),
        remark: feed.remark.clone(),
    });
    add_fed(world, order, line, feed.quantity)?;
    let row = object! {
        "id": id, "workOrderId": order, "processId": process.id, "taskId": task,
        "qcStatuses": vec![feed.quality.number()], "qrCode": None::<i64>,
        "batchNoList": Vec::from_iter(feed.batch.clone()), "locationIds": location_ids,
        "opeAmount": feed.quantity.normalize(),
        "opeAmountStr": feed.quantity.normalize().to_string(), "opeUnitId": unit,
        "batchIdentifiers": Vec::<i64>::new(),
    };
    succeeded(world, KIND, (id, record), row);
    Ok(Some(id))
}

fn add_fed(world: &mut World, order: i64, line: i64, amount: Decimal) -> Done<()> {
    let order = world.work_order_mut(order)?;
    for input in order.inputs.iter_mut().filter(|input| input.id == line) {
        input.fed = input.fed.saturating_add(amount);
    }
    Ok(())
}

/// Takes a feeding back, whole or in part. Returns the id of the withdrawal.
pub(in crate::mes) fn retract(
    world: &mut World,
    feeding: i64,
    amount: Decimal,
    at: i64,
) -> Done<i64> {
    let known = world.feedings.iter_mut().find(|one| one.id == feeding);
    let known = known.ok_or_else(|| Refusal::missing(format!("投料记录 {feeding} 不存在")))?;
    if amount <= Decimal::ZERO || amount > known.can_retract() {
        let most = known.can_retract();
        return Err(Refusal::parameter(format!("撤回数量应大于0且不超过{most}")));
    }
    known.retracted = known.retracted.saturating_add(amount);
    let known = known.clone();
    let id = world.ids.draw();
    world.retractions.push(Retraction { id, feeding, amount, at });
    add_fed(world, known.work_order, known.line, -amount)?;
    let row = object! {
        "id": id, "taskId": known.task, "batchIdentifier": None::<i64>,
        "inventoryIdentifier": None::<i64>, "qcStatus": known.qc, "batchNo": known.batch_no,
        "opeAmount": amount.normalize(), "opeUnitId": known.unit,
        "opeLocationId": known.location.map(|location| location.id),
        "auxAmount1": None::<i64>, "auxUnitId1": None::<i64>, "reason": "", "remark": "",
    };
    succeeded(world, "mfg.result_notify.feeding_retract", (id, id), row);
    Ok(id)
}

/// Ends an order that is under way, with its tasks.
pub(in crate::mes) fn finish(world: &mut World, order: i64, at: i64) -> Done<()> {
    let known = world.work_order_mut(order)?;
    if !matches!(known.status, Status::Dispatched | Status::Executing) {
        return Err(Refusal::state(format!("工单【{}】不在执行状态", known.code)));
    }
    end(known, Status::Finished, at);
    end_tasks(world, order, 4);
    Ok(())
}

/// Closes an order that nothing keeps open.
pub(in crate::mes) fn close(world: &mut World, order: i64, kind: i64, at: i64) -> Done<()> {
    let known = world.work_order_mut(order)?;
    end(known, Status::Closed, at);
    known.close_type = Some(kind);
    end_tasks(world, order, 5);
    Ok(())
}

fn end(order: &mut WorkOrder, status: Status, at: i64) {
    order.status = status;
    order.updated_at = at;
    order.actual_end = order.actual_end.or(order.actual_start.map(|_| at));
}

fn end_tasks(world: &mut World, order: i64, status: i64) {
    let open = |task: &&mut Task| task.work_order == order && task.status < 4;
    for task in world.tasks.values_mut().filter(open) {
        task.status = status;
    }
}

/// Pauses an order, or lets it go on.
pub(in crate::mes) fn pause(world: &mut World, order: i64, paused: bool, at: i64) -> Done<()> {
    let known = world.work_order_mut(order)?;
    if known.status >= Status::Finished {
        return Err(Refusal::state(format!("工单【{}】已结束或已关闭", known.code)));
    }
    known.paused = paused;
    known.updated_at = at;
    let (from, to) = if paused { (2, 3) } else { (3, 2) };
    let tasks = world.tasks.values_mut();
    for task in tasks.filter(|task| task.work_order == order && task.status == from) {
        task.status = to;
    }
    Ok(())
}
