//! `POST /v1.0/workflow/processes/forecast`: which nodes an instance would pass (流程预测).

use serde_json::{Value, json};

use super::directory::from_workflow;
use super::refusal::Refusal;
use super::request::Request;
use super::template::{Approvers, FlowNode, Mode};
use super::world::World;

pub(super) fn forecast(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let code = request
        .text("processCode")
        .ok_or_else(|| Refusal::new("processCodeError", "processCode 不能为空"))?;
    let user =
        request.text("userId").ok_or_else(|| Refusal::new("invalidUserId", "userId 不能为空"))?;
    if !request.member("formComponentValues").is_some_and(Value::is_array) {
        return Err(Refusal::new("componentIsNull", "formComponentValues 不能为空"));
    }
    world.require_user(user)?;
    let department = request.integer("deptId").map(from_workflow);
    if department.and_then(|id| world.directory.department(id)).is_none() {
        return Err(Refusal::new("forecastError", "deptId 为空或部门不存在"));
    }
    let template =
        world.templates.get(code).ok_or_else(|| Refusal::new("formNotExist", "表单不存在"))?;
    let previous =
        std::iter::once("").chain(template.flow.iter().map(|one| one.activity_id.as_str()));
    let rules: Vec<_> = template
        .flow
        .iter()
        .zip(previous)
        .map(|(node, before)| rule(world, node, before))
        .collect();
    let nodes: Vec<_> = template
        .flow
        .iter()
        .map(|node| json!({"activityId": node.activity_id, "outId": node.activity_id}))
        .collect();
    Ok(json!({"result": {
        "isForecastSuccess": true,
        "processCode": code,
        "userId": user,
        "processId": 1,
        "isStaticWorkflow": true,
        "workflowActivityRules": rules,
        "workflowForecastNodes": nodes,
    }}))
}

fn rule(world: &World, node: &FlowNode, previous: &str) -> Value {
    let person = |id: &String| json!({"workNo": id, "userName": world.directory.name_of(id)});
    let (key, kind, range, required, actioners) = match &node.approvers {
        Approvers::Users(users) => {
            let actioners = users
                .iter()
                .map(|id| json!({"userId": id, "name": world.directory.name_of(id), "avatar": ""}))
                .collect();
            (node.activity_id.as_str(), "allStaff", json!({}), true, actioners)
        }
        Approvers::ChosenByOriginator { actor_key, range: Some(range), required } => {
            let range: Vec<_> = range.iter().map(person).collect();
            (actor_key.as_str(), "approvals", json!({"approvals": range}), *required, json!([]))
        }
        Approvers::ChosenByOriginator { actor_key, range: None, required } => {
            (actor_key.as_str(), "allStaff", json!({}), *required, json!([]))
        }
    };
    let is_chosen = matches!(node.approvers, Approvers::ChosenByOriginator { .. });
    // A single person is one approver asked alone.
    let method = if node.mode == Mode::Single { Mode::OneByOne } else { node.mode };
    json!({
        "activityId": node.activity_id,
        "prevActivityId": previous,
        "activityName": node.name,
        "activityType": if is_chosen { "target_select" } else { "target_approval" },
        "isTargetSelect": is_chosen,
        "workflowActor": {
            "actorKey": key,
            "actorType": "approver",
            "actorSelectionType": kind,
            "actorSelectionRange": range,
            "allowedMulti": node.mode != Mode::Single,
            "approvalType": "MANUAL",
            "approvalMethod": method.as_str(),
            "actorActivateType": if node.mode == Mode::OneByOne { "ONE_BY_ONE" } else { "ALL" },
            "required": required,
        },
        "activityActioners": actioners,
    })
}
