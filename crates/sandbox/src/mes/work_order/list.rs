//! `POST …/work_order/base/_list` and code to id.

use rust_decimal::Decimal;

use super::WorkOrder;
use super::draft::Version;
use crate::mes::page::{Row, Window, page};
use crate::mes::quirks::MissingCode;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::show;
use crate::mes::world::{World, no_order};
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const V1: &[&str] =
    &["workOrderCode", "updatedAtFrom", "updatedAtTo", "mainOutputBatchNumber"];
pub(in crate::mes) const V2: &[&str] = &[
    "workOrderCode",
    "exactWorkOrderCode",
    "workOrderStatusList",
    "pauseFlag",
    "updatedAtFrom",
    "updatedAtTo",
];

pub(in crate::mes) fn v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    list(world, request, Version::V1)
}

pub(in crate::mes) fn v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    list(world, request, Version::V2)
}

fn list(world: &World, request: &Request, version: Version) -> Result<Json, Refusal> {
    let fields = request.fields();
    let part = fields.text("workOrderCode")?.unwrap_or_default();
    let exact = fields.text("exactWorkOrderCode")?;
    let batch = fields.text("mainOutputBatchNumber")?;
    let statuses = fields.ints("workOrderStatusList")?;
    let paused = fields.flag("pauseFlag")?;
    let updated = Window::read(&fields, "updatedAtFrom", "updatedAtTo")?;
    let orders = world.work_orders.values().filter(|order| {
        order.code.contains(part)
            && exact.is_none_or(|code| order.code == code)
            && batch.is_none_or(|batch| main_batch(world, order) == Some(batch))
            && (statuses.is_empty() || statuses.contains(&(order.status as i64)))
            && paused.is_none_or(|paused| order.paused == paused)
            && updated.holds(order.updated_at)
    });
    let rows = orders.map(|order| Row { id: order.id, shown: row(world, order, version) });
    page(world, &fields, rows.collect())
}

/// The batch number of the first report of the product.
fn main_batch<'a>(world: &'a World, order: &WorkOrder) -> Option<&'a str> {
    let mut reports = world.reports.iter().filter(|report| report.work_order == order.id);
    reports.find_map(|report| report.batch_no.as_deref())
}

pub(in crate::mes) fn row(world: &World, order: &WorkOrder, version: Version) -> Object {
    let (id, code) = match version {
        Version::V1 => ("workOrderId", "workOrderCode"),
        Version::V2 => ("id", "code"),
    };
    let output = order.main_output();
    let amount = |pick: fn(&super::Output) -> Decimal| {
        output.map(|output| show::amount(world, pick(output), output.unit))
    };
    let material = output.and_then(|output| world.materials.get(&output.material));
    let people = People { world, order };
    let row = Object::default().with(id, order.id).with(code, order.code.as_str());
    let rest = object! {
        "workOrderType": show::order_kind(order.kind),
        "workOrderStatus": show::order_status(order.status as i64),
        "workOrderCloseType": order.close_type.map(show::close_type),
        "pauseFlag": i64::from(order.paused),
        "specifiedMaterial": i64::from(order.specified_material),
        "plannedStartTime": order.planned_start, "plannedEndTime": order.planned_finish,
        "externalOrderCode": order.external_code.as_str(),
        "mainOutputBatchNumber": main_batch(world, order),
        "bomId": None::<i64>, "bomVersion": None::<i64>, "processRoute": None::<i64>,
        "plannedAmount": amount(|output| output.planned),
        "expectedAmount": amount(|output| output.planned),
        "totalHoldAmount":
            amount(|output| output.qualified.saturating_add(output.disqualified)),
        "qualifiedHoldAmount": amount(|output| output.qualified),
        "disqualifiedHoldAmount": amount(|output| output.disqualified),
        "warehousedAmount": amount(|_| Decimal::ZERO),
        "pickOrderPreparedAmount": amount(|_| Decimal::ZERO),
        "materialInfo": material.map(|material| show::material_of_order(world, material)),
        "createdAt": order.created_at, "updatedAt": order.updated_at,
        "customFields": Vec::<Object>::new(), "sonObjects": Vec::<Object>::new(),
    };
    merge(merge(row, &rest), &people.show())
}

pub(super) fn merge(mut object: Object, other: &Object) -> Object {
    for (name, value) in other.iter() {
        object.set(name, value.clone());
    }
    object
}

/// People and departments of an order.
pub(super) struct People<'a> {
    pub(super) world: &'a World,
    pub(super) order: &'a WorkOrder,
}

impl People<'_> {
    pub(super) fn show(&self) -> Object {
        let People { world, order } = self;
        let department = |code: &Option<String>| {
            let code = code.as_deref()?;
            world.departments.iter().find(|one| one.code == code).map(show::named)
        };
        let person = |code: &Option<String>| {
            let code = code.as_deref()?;
            world.workers.iter().find(|one| one.code == code).map(show::user)
        };
        let integration = world.workers.first().map(show::user);
        object! {
            "productionDepartment": department(&order.production_department),
            "planningDepartment": department(&order.planning_department),
            "productionSupervisor": person(&order.supervisor),
            "planningUser": person(&order.planner),
            "creator": integration.clone(), "operator": integration,
            "resource": None::<i64>, "shift": None::<i64>,
        }
    }
}

pub(in crate::mes) const CODE_TO_ID: &[&str] = &["code", "objectCode"];
pub(in crate::mes) const BATCH_CODE_TO_ID: &[&str] = &["codeList", "objectCode"];

fn require_production_order(request: &Request) -> Result<(), Refusal> {
    match request.fields().required_text("objectCode")? {
        "ProductionOrder" => Ok(()),
        other => Err(Refusal::unsupported(&format!("`objectCode` {other}"))),
    }
}

/// `POST …/object_service/_code_to_id {"code","objectCode":"ProductionOrder"}`
pub(in crate::mes) fn code_to_id(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    require_production_order(request)?;
    let code = request.fields().required_text("code")?;
    match (world.work_order_coded(code), world.quirks.missing_code) {
        (Some(order), _) => Ok(object! {"id": order.id}.into()),
        (None, MissingCode::NullId) => Ok(object! {"id": None::<i64>}.into()),
        (None, MissingCode::Refused) => Err(no_order(code)),
    }
}

/// `POST …/object_service/batch_code_to_id {"codeList":[],"objectCode":"ProductionOrder"}`
pub(in crate::mes) fn codes_to_ids(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    require_production_order(request)?;
    let codes = request.fields().texts("codeList")?;
    let found = codes.into_iter().filter_map(|code| world.work_order_coded(code));
    let pairs: Vec<_> =
        found.map(|order| object! {"id": order.id, "code": order.code.as_str()}).collect();
    Ok(object! {"pairList": pairs}.into())
}
