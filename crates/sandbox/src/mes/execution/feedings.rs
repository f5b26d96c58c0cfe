//! Feedings: `feed_record/feed_record/_detail`, `feed_record/_list`, `feed_retract_record/_list`.

use super::{Feeding, Retraction};
use crate::mes::page::{Row, Window, page};
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::show;
use crate::mes::world::World;
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const DETAIL: &[&str] = &["feedRecordDetailId"];
pub(in crate::mes) const LIST: &[&str] = &["workOrderId", "feedTimeStart", "feedTimeEnd"];

pub(in crate::mes) fn detail(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let id = request.fields().required_int("feedRecordDetailId")?;
    let feeding = world.feedings.iter().find(|feeding| feeding.id == id);
    let feeding = feeding.ok_or_else(|| Refusal::missing(format!("投料记录明细 {id} 不存在")))?;
    let original = feeding.instead_of.and_then(|id| world.materials.get(&id));
    let more = object! {
        "remark": feeding.remark.as_str(), "execUser": show::user(&feeding.worker),
        "alternativeFlag": original.is_some(), "priority": None::<i64>,
        "originalAlternativeMaterialName": original.map(|material| material.name.as_str()),
        "originalAlternativeMaterialCode": original.map(|material| material.code.as_str()),
    };
    let mut record = record(world, feeding);
    for (name, value) in more.iter() {
        record.set(name, value.clone());
    }
    let material = world.materials.get(&feeding.material);
    Ok(object! {
        "materialInfo": material.map(|one| show::material_of_report(world, one)),
        "feedRecordInfo": record, "customFields": Vec::<Object>::new(),
    }
    .into())
}

/// What the detail and the list have in common.
fn record(world: &World, feeding: &Feeding) -> Object {
    let amount = |amount| show::amount(world, amount, feeding.unit);
    object! {
        "feedRecordId": feeding.record, "feedRecordDetailId": feeding.id,
        "materialId": feeding.material, "lineId": feeding.line, "subLineId": None::<i64>,
        "batchIdentifier": None::<i64>, "inventoryIdentifier": None::<i64>,
        "qcStatus": show::qc_status(feeding.qc), "batchNoId": feeding.batch_no_id,
        "batchNo": feeding.batch_no.clone(), "feedAmount": amount(feeding.amount),
        "retractAmount": amount(feeding.retracted),
        "canRetractAmount": amount(feeding.can_retract()), "auxAmount1": None::<i64>,
        "auxAmount2": None::<i64>, "feedUser": show::user(&feeding.worker),
        "feedTime": feeding.at, "opeLocation": location(feeding),
    }
}

fn location(feeding: &Feeding) -> Option<Object> {
    let location = feeding.location.as_ref()?;
    Some(object! {
        "id": location.id, "code": location.code.as_str(), "qrCode": location.code.as_str(),
        "name": location.name.as_str(), "warehouseId": feeding.warehouse,
        "parentId": feeding.warehouse, "parentType": 0, "enableFlag": show::enabled(true),
        "isLock": 0, "qcFollowParent": 0, "qcCtrlList": Vec::<i64>::new(),
    })
}

pub(in crate::mes) fn list(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let window = Window::hour(&fields, "feedTimeStart", "feedTimeEnd")?;
    let order = fields.int("workOrderId")?;
    let found = world.feedings.iter().filter(|feeding| {
        window.holds(feeding.at) && order.is_none_or(|order| feeding.work_order == order)
    });
    let rows = found.map(|feeding| {
        let material = world.materials.get(&feeding.material);
        let material = material.map(|one| show::material_of_report(world, one));
        let shown = record(world, feeding).with("taskId", feeding.task);
        Row { id: feeding.id, shown: shown.with("materialInfo", material) }
    });
    let rows = rows.collect();
    page(world, &fields, rows)
}

pub(in crate::mes) fn retractions(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let window = Window::hour(&fields, "feedTimeStart", "feedTimeEnd")?;
    let order = fields.int("workOrderId")?;
    let found = world.retractions.iter().filter_map(|one| {
        let feeding = world.feedings.iter().find(|feeding| feeding.id == one.feeding)?;
        let wanted = window.holds(one.at) && order.is_none_or(|id| feeding.work_order == id);
        wanted.then(|| Row { id: one.id, shown: retraction(world, one, feeding) })
    });
    let rows = found.collect();
    page(world, &fields, rows)
}

fn retraction(world: &World, one: &Retraction, feeding: &Feeding) -> Object {
    let material = world.materials.get(&feeding.material);
    object! {
        "retractRecordId": one.id, "feedRecordId": feeding.record,
        "feedRecordDetailId": feeding.id, "taskId": feeding.task,
        "workOrderId": feeding.work_order, "retractLocation": location(feeding),
        "materialInfo": material.map(|one| show::material_of_report(world, one)),
        "retractAmount": show::amount(world, one.amount, feeding.unit),
        "feedAmount": show::amount(world, feeding.amount, feeding.unit),
        "retractTime": one.at,
    }
}
