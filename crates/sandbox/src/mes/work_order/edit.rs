//! Edits an order by its code: `/api/schedule-for-openapi/med/open/v1/work_order/update`, and the
//! quantities and times of the v2 contract.

use super::read::Lines;
use super::store::{put_inputs, put_outputs, require_free_identifier, require_open};
use crate::mes::fields::Fields;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::{World, no_order};
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const MEMBERS: &[&str] =
    &["code", "workOrderBaseCO", "outputMaterials", "inputMaterials", "controllInfos"];
const BASE: &[&str] = &["code", "remark", "identifier"];
const OUTPUT: &[&str] = &[
    "workOrderCode",
    "lineSeq",
    "main",
    "materialCode",
    "unitCode",
    "plannedAmount",
    "batchGenerationType",
    "productRate",
    "singleWorkReportAmount",
    "processCode",
    "reportingMethods",
    "warehousing",
    "autoWarehousingFlag",
];

pub(in crate::mes) fn by_code(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let code = fields.code("code")?;
    let mut order = world.work_order_coded(code).ok_or_else(|| no_order(code))?.clone();
    require_open(world, &order)?;
    if let Some(base) = fields.part("workOrderBaseCO")? {
        request.only(&base, BASE)?;
        if base.text("code")?.is_some_and(|other| other != code) {
            return Err(base.invalid("code", "与工单编号不一致"));
        }
        if base.has("remark") {
            base.text("remark")?.unwrap_or_default().clone_into(&mut order.remark);
        }
        if let Some(identifier) = base.text("identifier")? {
            require_free_identifier(world, identifier, code)?;
            identifier.clone_into(&mut order.identifier);
        }
    }
    let lines = Lines { world, request, code };
    let renamed = renamed_outputs(request, &fields)?;
    let outputs = match &renamed {
        Some(object) => Some(lines.outputs(&Fields::new(object), "outputMaterials")?),
        None => None,
    };
    let inputs = lines.inputs(&fields, "inputMaterials", "controllInfos")?;
    if let Some(outputs) = outputs {
        put_outputs(world, &mut order, outputs)?;
    }
    if let Some(inputs) = inputs {
        put_inputs(world, &mut order, inputs)?;
    }
    order.updated_at = request.at();
    world.work_orders.insert(order.id, order);
    Ok(Json::Null)
}

/// The products under the names of the import. The unit stays the one of the order or material:
/// this call names it by code, where the sample has a name.
fn renamed_outputs(request: &Request, fields: &Fields<'_>) -> Result<Option<Object>, Refusal> {
    let mut rows = Vec::new();
    for line in fields.rows("outputMaterials")? {
        request.only(&line, OUTPUT)?;
        let mut row = Object::default();
        for (name, value) in line.object().iter() {
            match name {
                "main" => row.set("mainFlagInt", value.clone()),
                "processCode" => row.set("outputProcessCode", value.clone()),
                "unitCode" => row.set("unitName", value.clone()),
                "batchGenerationType" => {}
                _ => row.set(name, value.clone()),
            }
        }
        rows.push(row);
    }
    Ok((!rows.is_empty()).then(|| object! {"outputMaterials": rows}))
}

pub(in crate::mes) const TIMES: &[&str] = &["workOrderUpdatePlanTimeList"];
const TIME: &[&str] = &["code", "plannedAmount", "planStartTime", "planFinishTime"];

/// `POST …/med/open/v2/work_order/_update_work_order_base_info`: all of the list, or nothing.
pub(in crate::mes) fn base_info(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let fields = request.fields();
    let mut changed = Vec::new();
    for line in fields.rows("workOrderUpdatePlanTimeList")? {
        request.only(&line, TIME)?;
        let code = line.code("code")?;
        let mut order = world.work_order_coded(code).ok_or_else(|| no_order(code))?.clone();
        require_open(world, &order)?;
        order.planned_start = line.int("planStartTime")?.unwrap_or(order.planned_start);
        order.planned_finish = line.int("planFinishTime")?.unwrap_or(order.planned_finish);
        if order.planned_finish < order.planned_start {
            return Err(line.invalid("planFinishTime", "不能早于计划开始时间"));
        }
        if let Some(planned) = line.positive("plannedAmount")? {
            for output in order.outputs.iter_mut().filter(|output| output.main) {
                output.planned = planned;
            }
        }
        order.updated_at = request.at();
        changed.push(order);
    }
    if changed.is_empty() {
        return Err(fields.absent("workOrderUpdatePlanTimeList"));
    }
    world.work_orders.extend(changed.into_iter().map(|order| (order.id, order)));
    Ok(Json::Null)
}
