//! The tabs of an order: header, operations, components, products, source.

use rust_decimal::Decimal;

use super::draft::Version;
use super::list::{People, merge};
use super::{Input, Output, WorkOrder};
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::show;
use crate::mes::world::{World, no_order};
use crate::servicelayer::json::{Json, Object};

pub(in crate::mes) const V1: &[&str] = &["workOrderId"];
pub(in crate::mes) const V2: &[&str] = &["workOrderCode", "workOrderId", "warehouseFlag"];

/// The order a request names: by id (v1) or by code (v2).
fn order<'a>(
    world: &'a World,
    request: &Request,
    version: Version,
) -> Result<&'a WorkOrder, Refusal> {
    let fields = request.fields();
    match version {
        Version::V1 => world.work_order(fields.required_int("workOrderId")?),
        Version::V2 => match fields.text("workOrderCode")? {
            Some(code) => world.work_order_coded(code).ok_or_else(|| no_order(code)),
            None => match fields.int("workOrderId")? {
                Some(id) => world.work_order(id),
                None => Err(fields.absent("workOrderCode")),
            },
        },
    }
}

pub(in crate::mes) fn base_v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    Ok(header(world, order(world, request, Version::V1)?).into())
}

pub(in crate::mes) fn base_v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    let order = order(world, request, Version::V2)?;
    let more = object! {
        "actualStartTime": order.actual_start, "actualEndTime": order.actual_end,
        "useBomFlag": 0, "useProcessRouteFlag": i64::from(order.use_route),
        "enableSop": i64::from(order.enable_sop),
    };
    Ok(merge(header(world, order), &more).into())
}

pub(in crate::mes) fn header(world: &World, order: &WorkOrder) -> Object {
    let header = object! {
        "id": order.id, "code": order.code.as_str(), "identifier": order.identifier.as_str(),
        "externalOrderCode": order.external_code.as_str(),
        "status": show::order_status(order.status as i64),
        "workOrderType": show::order_kind(order.kind),
        "workOrderCloseType": order.close_type.map(show::close_type),
        "pauseFlag": i64::from(order.paused),
        "specifiedMaterial": i64::from(order.specified_material),
        "plannedStartTime": order.planned_start, "plannedFinishTime": order.planned_finish,
        "createdAt": order.created_at, "updatedAt": order.updated_at,
        "remark": order.remark.as_str(), "files": Vec::<i64>::new(),
        "customFields": Vec::<Object>::new(), "sonObjects": Vec::<Object>::new(),
    };
    merge(header, &People { world, order }.show())
}

pub(in crate::mes) fn plan_v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    Ok(plan(order(world, request, Version::V1)?, "processConnections"))
}

pub(in crate::mes) fn plan_v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    Ok(plan(order(world, request, Version::V2)?, "relations"))
}

pub(in crate::mes) fn process_rows(order: &WorkOrder) -> Vec<Object> {
    order
        .processes
        .iter()
        .map(|process| {
            object! {
                "id": process.id, "processId": process.definition,
                "processSnapshotId": None::<i64>, "processNum": process.num.as_str(),
                "processSeq": process.seq,
                "preProcessNum": order.process_before(&process.num).map(|one| one.num.as_str()),
                "processCode": process.code.as_str(), "processName": process.name.as_str(),
                "identifier": None::<i64>, "workCenterId": None::<i64>,
                "workCenterName": None::<i64>, "description": process.description.as_str(),
                "reportFlag": i64::from(process.reports), "files": Vec::<i64>::new(),
                "plannedStartTime": order.planned_start, "plannedEndTime": order.planned_finish,
                "actualStartTime": process.actual_start, "actualEndTime": process.actual_end,
                "sop": None::<i64>, "reportTemplates": Vec::<Object>::new(),
                "workCenterGroupCOList": Vec::<Object>::new(),
            }
        })
        .collect()
}

fn plan(order: &WorkOrder, links: &str) -> Json {
    let connections: Vec<_> = order
        .links
        .iter()
        .filter_map(|link| {
            let (prev, next) = (order.process(&link.prev)?, order.process(&link.next)?);
            Some(object! {
                "id": link.id, "prevProcessId": prev.id, "prevProcessName": prev.name.as_str(),
                "prevProcessNum": prev.num.as_str(), "nextProcessId": next.id,
                "nextProcessName": next.name.as_str(), "nextProcessNum": next.num.as_str(),
                "connectionType": show::coded(1, "前续完成后续开始"), "intervalTime": 0,
                "timeUnit": None::<i64>, "processManufacturedGoods": None::<i64>,
            })
        })
        .collect();
    let plan = object! {
        "originalProcessRoute": None::<i64>, "processRouteSnapshotId": None::<i64>,
        "enableSop": i64::from(order.enable_sop), "processes": process_rows(order),
    };
    plan.with(links, connections).into()
}

/// v1 wraps the rows of a tab in an object, v2 does not.
fn tab(name: &str, rows: Vec<Object>, version: Version) -> Json {
    match version {
        Version::V1 => Object::default().with(name, rows).into(),
        Version::V2 => rows.into(),
    }
}

fn outputs(world: &World, request: &Request, version: Version) -> Result<Json, Refusal> {
    let order = order(world, request, version)?;
    Ok(tab("outputMaterials", output_rows(world, order), version))
}

pub(in crate::mes) fn output_rows(world: &World, order: &WorkOrder) -> Vec<Object> {
    order.outputs.iter().map(|one| output(world, order, one)).collect()
}

pub(in crate::mes) fn outputs_v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    outputs(world, request, Version::V1)
}

pub(in crate::mes) fn outputs_v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    outputs(world, request, Version::V2)
}

fn output(world: &World, order: &WorkOrder, output: &Output) -> Object {
    let amount = |amount: Decimal| show::amount(world, amount, output.unit);
    let material = world.materials.get(&output.material);
    let process = output.process_num.as_deref().and_then(|num| order.process(num));
    let unit = world.unit(output.unit).map(|unit| unit.name.as_str());
    object! {
        "id": output.id, "main": i64::from(output.main), "lineSeq": output.line_seq,
        "materialId": output.material,
        "material": material.map(|one| show::material_of_order(world, one)),
        "unitId": output.unit, "unitName": unit, "plannedAmount": amount(output.planned),
        "standardAmount": None::<i64>, "expectedAmount": amount(output.planned),
        "batchGenerationType": show::coded(3, "不生成"), "batchRule": None::<i64>,
        "batchNumber": None::<i64>, "batchNumberId": None::<i64>,
        "version": output.version.clone(), "bomId": None::<i64>,
        "processRouteId": None::<i64>, "processRouteCode": None::<i64>,
        "outputProcessId": process.map(|process| process.id),
        "outputSopControlId": None::<i64>, "productRate": None::<i64>,
        "singleWorkReportAmount": None::<i64>,
        "totalHoldAmount": amount(output.qualified.saturating_add(output.disqualified)),
        "qualifiedHoldAmount": amount(output.qualified),
        "disqualifiedHoldAmount": amount(output.disqualified),
        "warehousedAmount": amount(Decimal::ZERO), "reportingMethods": vec![1_i64],
        "warehousing": i64::from(output.warehousing),
        "autoWarehousingFlag": i64::from(output.auto_warehousing),
    }
}

fn inputs(world: &World, request: &Request, version: Version) -> Result<Json, Refusal> {
    let order = order(world, request, version)?;
    Ok(tab("inputMaterials", input_rows(world, order), version))
}

pub(in crate::mes) fn input_rows(world: &World, order: &WorkOrder) -> Vec<Object> {
    order.inputs.iter().map(|one| input(world, order, one)).collect()
}

pub(in crate::mes) fn inputs_v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    inputs(world, request, Version::V1)
}

pub(in crate::mes) fn inputs_v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    inputs(world, request, Version::V2)
}

fn input(world: &World, order: &WorkOrder, input: &Input) -> Object {
    let amount = |amount: Decimal| show::amount(world, amount, input.unit);
    let material = world.materials.get(&input.material);
    let process = input.process_num.as_deref().and_then(|num| order.process(num));
    let controls: Vec<_> = input
        .controls
        .iter()
        .map(|control| {
            object! {
                "lineSeq": control.line_seq,
                "inputAmountNumerator": control.numerator.to_string(),
                "inputAmountDenominator": control.denominator.to_string(),
                "inputQcState": control.qc_states.clone(), "limit": control.limit.as_str(),
            }
        })
        .collect();
    object! {
        "id": input.id, "seq": input.seq, "materialId": input.material,
        "material": material.map(|one| show::material_of_order(world, one)),
        "unitId": input.unit,
        "unitName": world.unit(input.unit).map(|unit| unit.name.as_str()),
        "inputType": show::coded(1, "按比例"), "useRatio": None::<i64>,
        "inputAmountNumerator": input.numerator.to_string(),
        "inputAmountDenominator": input.denominator.to_string(),
        "lossRate": input.loss_rate.map(|rate| rate.to_string()),
        "specificProcessInput": i64::from(input.specific_process),
        "splitSopControlInput": i64::from(input.split_sop_control),
        "inputProcessId": process.map(|process| process.id),
        "inputProcessNum": input.process_num.clone(), "version": input.version.clone(),
        "bomId": None::<i64>, "remark": input.remark.as_str(), "pickMode": None::<i64>,
        "plannedAmount": amount(order.needed(input)),
        "requestPickAmount": amount(Decimal::ZERO),
        "pickOrderIssuedAmount": amount(Decimal::ZERO),
        "receivePickAmount": amount(Decimal::ZERO), "inputAmount": amount(input.fed),
        "bomFeedingControls": controls, "workOrderAlternativePlan": None::<i64>,
    }
}

/// Every order here was made by an import, which counts as made by hand.
pub(in crate::mes) fn source(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    order(world, request, Version::V1)?;
    Ok(object! {
        "generationMethod": show::coded(1, "手动创建"), "sourceType": None::<i64>,
        "sourceSalesOrderList": Vec::<Object>::new(),
        "sourceWorkOrderList": Vec::<Object>::new(),
    }
    .into())
}
