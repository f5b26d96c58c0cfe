//! Creates an order from an import, or changes the one with its code.

use rust_decimal::Decimal;

use super::draft::{Draft, DraftInput, DraftOutput, DraftProcess, Version};
use super::{Input, Link, Output, Process, Status, WorkOrder, read};
use crate::mes::execution::shop;
use crate::mes::quirks::ImportAnswer;
use crate::mes::refusal::Refusal;
use crate::mes::request::Request;
use crate::mes::world::World;
use crate::servicelayer::json::Json;

pub(in crate::mes) use super::read::{V1, V2};

/// `POST …/med/open/v1/work_order/_doImport`
pub(in crate::mes) fn import_v1(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    import(world, request, Version::V1)
}

/// `POST …/med/open/v2/work_order/_doimport`
pub(in crate::mes) fn import_v2(world: &mut World, request: &Request) -> Result<Json, Refusal> {
    import(world, request, Version::V2)
}

fn import(world: &mut World, request: &Request, version: Version) -> Result<Json, Refusal> {
    let draft = read::draft(world, request, version)?;
    let id = store(world, draft, request.at())?;
    if world.quirks.auto_dispatch && world.work_order(id)?.status == Status::Created {
        shop::dispatch(world, id, request.at())?;
    }
    Ok(match world.quirks.import_answer {
        ImportAnswer::WorkOrderId => object! {"workOrderId": id}.into(),
        ImportAnswer::Nothing => Json::Null,
        ImportAnswer::List => {
            let row = super::list::row(world, world.work_order(id)?, version);
            object! {"list": vec![row], "page": 1, "total": 1}.into()
        }
    })
}

/// Refuses to change an order that is not open to it.
pub(super) fn require_open(world: &World, order: &WorkOrder) -> Result<(), Refusal> {
    let state = match order.status {
        Status::Closed => "已关闭",
        Status::Finished => "已结束",
        Status::Executing if world.quirks.locked_while_executing => "执行中",
        _ => return Ok(()),
    };
    Err(Refusal::state(format!("工单【{}】{state}, 不允许修改", order.code)))
}

/// An identifier (标识码) belongs to one order.
pub(super) fn require_free_identifier(
    world: &World,
    identifier: &str,
    code: &str,
) -> Result<(), Refusal> {
    let taken = |order: &WorkOrder| order.identifier == identifier && order.code != code;
    if world.work_orders.values().any(taken) {
        let why = format!("工单标识码【{identifier}】已存在");
        return Err(Refusal::named("IDENTIFIER_DUPLICATE", why));
    }
    Ok(())
}

fn store(world: &mut World, draft: Draft, at: i64) -> Result<i64, Refusal> {
    let known = world.work_order_coded(&draft.code).cloned();
    if let Some(order) = &known {
        require_open(world, order)?;
    }
    let identifier = draft.identifier.as_ref().unwrap_or(&draft.code);
    require_free_identifier(world, identifier, &draft.code)?;
    let is_new = known.is_none();
    let mut order = known.unwrap_or_else(|| fresh(world, &draft, at));

    order.planned_start = draft.planned_start;
    order.planned_finish = draft.planned_finish;
    order.updated_at = at;
    set(&mut order.identifier, draft.identifier);
    set(&mut order.external_code, draft.external_code);
    set(&mut order.remark, draft.remark);
    set(&mut order.kind, draft.kind);
    set(&mut order.specified_material, draft.specified_material);
    set(&mut order.enable_sop, draft.enable_sop);
    set(&mut order.use_route, draft.use_route);
    order.production_department = draft.production_department.or(order.production_department);
    order.planning_department = draft.planning_department.or(order.planning_department);
    order.supervisor = draft.supervisor.or(order.supervisor);
    order.planner = draft.planner.or(order.planner);
    match draft.submitted {
        Some(true) if order.status == Status::Draft => order.status = Status::Created,
        Some(false) if is_new => order.status = Status::Draft,
        _ => {}
    }

    if let Some(processes) = draft.processes {
        plan(world, &mut order, processes, draft.links, draft.serial)?;
    } else if is_new && (world.quirks.default_route || order.use_route) {
        let route = route(world, &draft.outputs);
        plan(world, &mut order, route, Vec::new(), true)?;
    }
    put_outputs(world, &mut order, draft.outputs)?;
    if let Some(inputs) = draft.inputs {
        put_inputs(world, &mut order, inputs)?;
    }
    let id = order.id;
    world.work_orders.insert(id, order);
    Ok(id)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn fresh(world: &mut World, draft: &Draft, at: i64) -> WorkOrder {
    WorkOrder {
        id: world.ids.draw(),
        code: draft.code.clone(),
        identifier: draft.code.clone(),
        external_code: String::new(),
        remark: String::new(),
        kind: 1,
        status: Status::Created,
        close_type: None,
        paused: false,
        hold: None,
        planned_start: draft.planned_start,
        planned_finish: draft.planned_finish,
        actual_start: None,
        actual_end: None,
        created_at: at,
        updated_at: at,
        specified_material: true,
        enable_sop: false,
        use_route: false,
        production_department: None,
        planning_department: None,
        supervisor: None,
        planner: None,
        outputs: Vec::new(),
        inputs: Vec::new(),
        processes: Vec::new(),
        links: Vec::new(),
    }
}

/// The route of the main product, or a single operation.
fn route(world: &World, outputs: &[DraftOutput]) -> Vec<DraftProcess> {
    let product = outputs.iter().find(|output| output.main);
    let product = product.and_then(|output| world.materials.get(&output.material));
    let route =
        product.and_then(|product| world.routes.iter().find(|route| route.product == product.code));
    let single = [("10".to_owned(), "SC".to_owned())];
    let steps = route.map_or(&single[..], |route| &route.steps);
    let step = |(num, code): &(String, String)| DraftProcess {
        num: num.clone(),
        code: code.clone(),
        name: None,
        description: String::new(),
        reports: true,
    };
    steps.iter().map(step).collect()
}

/// Writes the operations. Once tasks exist, operations are neither added nor taken away.
fn plan(
    world: &mut World,
    order: &mut WorkOrder,
    drafts: Vec<DraftProcess>,
    links: Vec<(String, String)>,
    serial: bool,
) -> Result<(), Refusal> {
    let same = order.processes.len() == drafts.len()
        && drafts.iter().all(|draft| order.process(&draft.num).is_some());
    if order.status >= Status::Dispatched && !same {
        return Err(Refusal::state(format!("工单【{}】已下发, 不允许增减工序", order.code)));
    }
    let mut processes = Vec::new();
    for (seq, draft) in (1..).zip(drafts) {
        let definition = world.operation(&draft.code, draft.name.as_deref());
        let known = order.process(&draft.num);
        processes.push(Process {
            id: known.map_or_else(|| world.ids.draw(), |process| process.id),
            definition: definition.id,
            num: draft.num,
            seq,
            code: draft.code,
            name: draft.name.unwrap_or(definition.name),
            description: draft.description,
            reports: draft.reports,
            actual_start: known.and_then(|process| process.actual_start),
            actual_end: known.and_then(|process| process.actual_end),
        });
    }
    let links = if links.is_empty() && serial {
        let nums = processes.iter().map(|process| process.num.clone());
        nums.clone().zip(nums.skip(1)).collect()
    } else {
        links
    };
    let mut link = |(prev, next)| Link { id: world.ids.draw(), prev, next };
    order.links = links.into_iter().map(&mut link).collect();
    order.processes = processes;
    Ok(())
}

/// Writes the products, by `lineSeq`. What was reported stays.
pub(super) fn put_outputs(
    world: &mut World,
    order: &mut WorkOrder,
    drafts: Vec<DraftOutput>,
) -> Result<(), Refusal> {
    let mut outputs = Vec::new();
    for draft in drafts {
        let process = draft.process.as_deref();
        let process = order
            .processes
            .iter()
            .find(|one| process.is_some_and(|p| p == one.num || p == one.code));
        if process.is_none() && draft.process.is_some() {
            return Err(Refusal::missing(format!("产出工序【{:?}】不在工序计划中", draft.process)));
        }
        let process_num = process.or(order.last_process()).map(|process| process.num.clone());
        let known = order.outputs.iter().find(|output| output.line_seq == draft.line_seq);
        outputs.push(Output {
            id: known.map_or_else(|| world.ids.draw(), |output| output.id),
            line_seq: draft.line_seq,
            main: draft.main,
            material: draft.material,
            unit: draft.unit,
            planned: draft.planned,
            process_num,
            warehousing: draft.warehousing,
            auto_warehousing: draft.auto_warehousing,
            version: draft.version,
            qualified: known.map_or(Decimal::ZERO, |output| output.qualified),
            disqualified: known.map_or(Decimal::ZERO, |output| output.disqualified),
        });
    }
    order.outputs = outputs;
    Ok(())
}

/// Writes the components, by `seq`. What was fed stays, and cannot be taken away.
pub(super) fn put_inputs(
    world: &mut World,
    order: &mut WorkOrder,
    drafts: Vec<DraftInput>,
) -> Result<(), Refusal> {
    let fed = |input: &&Input| !input.fed.is_zero();
    for input in order.inputs.iter().filter(fed) {
        let kept = |draft: &DraftInput| draft.seq == input.seq && draft.material == input.material;
        if !drafts.iter().any(kept) {
            return Err(Refusal::state(format!("序号{}的用料已投料, 不允许删除或更换", input.seq)));
        }
    }
    let mut inputs = Vec::new();
    for draft in drafts {
        let known = order.inputs.iter().find(|input| input.seq == draft.seq);
        if let Some(num) = draft.process_num.as_deref().filter(|num| order.process(num).is_none()) {
            return Err(Refusal::missing(format!("投料工序【{num}】不在工序计划中")));
        }
        inputs.push(Input {
            id: known.map_or_else(|| world.ids.draw(), |input| input.id),
            seq: draft.seq,
            material: draft.material,
            unit: draft.unit,
            numerator: draft.numerator,
            denominator: draft.denominator,
            specific_process: draft.specific_process,
            split_sop_control: draft.split_sop_control,
            process_num: draft.process_num,
            version: draft.version,
            remark: draft.remark,
            loss_rate: draft.loss_rate,
            controls: draft.controls,
            fed: known.map_or(Decimal::ZERO, |input| input.fed),
        });
    }
    order.inputs = inputs;
    Ok(())
}
