//! The other actions of the workflow service: take back, forward, delete, force, intervene, annotate.

use std::collections::BTreeMap;

use super::call::Call;
use super::envelope::{Refusal, Reply};
use super::flow::{Flow, ForwardKind};
use super::workflow::{ADMINISTRATOR, NodeKind, Sign};
use super::world::{Run, World};

type Answer = Result<Reply, Refusal>;

/// Moves the request that `requestId` names.
fn on_request(
    world: &mut World,
    call: &Call,
    act: impl FnOnce(&mut Flow<'_>) -> Result<(), Refusal>,
) -> Answer {
    let id = call.request_id("requestId")?;
    world.change(id, call.now, Run::Real, act)?;
    Ok(Reply::Done)
}

/// `POST …/forwardRequest` (转发、意见征询、转办).
pub(super) fn forward(world: &mut World, call: &Call) -> Answer {
    let kind = match call.text("forwardFlag").as_str() {
        "1" => ForwardKind::Forward,
        "2" => ForwardKind::Consult,
        "3" => ForwardKind::HandOver,
        other => return Err(Refusal::parameter("forwardFlag", other)),
    };
    let receivers = call.ids("forwardResourceIds");
    if receivers.is_empty() {
        return Err(Refusal::parameter("forwardResourceIds", "不能为空"));
    }
    call.other_params()?;
    let remark = call.text("remark");
    on_request(world, call, |flow| flow.forward(&call.user, kind, &receivers, &remark))
}

/// `POST …/withdrawRequest` (收回).
pub(super) fn withdraw(world: &mut World, call: &Call) -> Answer {
    on_request(world, call, |flow| flow.withdraw(&call.user))
}

/// `POST …/deleteRequest` (删除): by the creator at the create node, or with monitor permission.
pub(super) fn delete(world: &mut World, call: &Call) -> Answer {
    let id = call.request_id("requestId")?;
    let monitor = monitors(&call.other_params()?);
    let (request, workflow) = world.request(id)?;
    let at = workflow.node(request.state.node).map(|node| node.kind);
    let by_flow = request.creator == call.user && at == Some(NodeKind::Create);
    let by_monitor = monitor && call.user == ADMINISTRATOR;
    if !by_flow && !by_monitor {
        return Err(Refusal::permission("msg", "没有删除权限"));
    }
    world.requests.remove(&id);
    Ok(Reply::Done)
}

/// `POST …/doForceOver` (强制归档): by an operator, or with monitor permission.
pub(super) fn force_over(world: &mut World, call: &Call) -> Answer {
    let monitor = monitors(&call.other_params()?);
    let remark = call.text("remark");
    on_request(world, call, |flow| {
        if monitor {
            Flow::require_monitor(&call.user)?;
        } else {
            flow.require_pending(&call.user)?;
        }
        flow.force_over(&call.user, &remark)
    })
}

/// `POST …/doForceDrawBack` (强制收回): by the creator, or with monitor permission.
pub(super) fn force_draw_back(world: &mut World, call: &Call) -> Answer {
    let monitor = monitors(&call.other_params()?);
    on_request(world, call, |flow| {
        if monitor || flow.creator != call.user {
            Flow::require_monitor(&call.user)?;
        }
        flow.force_draw_back(&call.user)
    })
}

/// `POST …/doIntervenor` (流程干预).
pub(super) fn intervene(world: &mut World, call: &Call) -> Answer {
    let node = call.parameters.integer("submitNodeId");
    let node = node.ok_or_else(|| Refusal::parameter("submitNodeId", "不能为空"))?;
    let operators = call.ids("Intervenorid");
    if operators.is_empty() {
        return Err(Refusal::parameter("Intervenorid", "不能为空"));
    }
    let sign = match call.text("SignType").as_str() {
        "" | "0" => Sign::Any,
        "1" => Sign::All,
        "2" => Sign::InTurn,
        other => return Err(Refusal::parameter("SignType", other)),
    };
    let remark = call.text("remark");
    on_request(world, call, |flow| {
        Flow::require_monitor(&call.user)?;
        flow.intervene(&call.user, node, (&operators, sign), &remark)
    })
}

/// `POST …/saveRequestLog` (保存签字意见).
pub(super) fn save_log(world: &mut World, call: &Call) -> Answer {
    let remark = call.text("remark");
    if remark.is_empty() {
        return Err(Refusal::parameter("remark", "不能为空"));
    }
    on_request(world, call, |flow| flow.annotate(&call.user, &remark))
}

fn monitors(options: &BTreeMap<String, String>) -> bool {
    options.get("ismonitor").is_some_and(|flag| flag == "1")
}
