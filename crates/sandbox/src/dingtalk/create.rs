//! `POST /v1.0/workflow/processInstances`: create an instance (发起审批实例).

use serde_json::{Value, json};

use super::directory::from_workflow;
use super::flow::Moment;
use super::form;
use super::instance::{Filled, Instance, Position, Status, Step};
use super::refusal::Refusal;
use super::request::{Request, texts};
use super::template::{Approvers, Component, FlowNode, Mode, Template, TemplateStatus};
use super::world::World;

/// Most steps of an own flow, and most self-chosen nodes.
const MOST_STEPS: usize = 20;
/// Most users who get a copy.
const MOST_CC: usize = 50;

pub(super) fn create(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let id = world.create(request)?;
    Ok(json!({"instanceId": id}))
}

/// An instance checked and ready to start.
struct Draft {
    process_code: String,
    template_name: String,
    originator: String,
    department: i64,
    steps: Vec<Step>,
    cc: Vec<String>,
    components: Vec<Component>,
    form: Vec<Filled>,
}

impl World {
    /// Checks a create request in the platform's order and starts the instance.
    pub(super) fn create(&mut self, request: &Request) -> Result<String, Refusal> {
        let draft = self.draft(request)?;
        let id = self.ids.uuid();
        let originator = self.directory.name_of(&draft.originator);
        let mut instance = Instance {
            id: id.clone(),
            process_code: draft.process_code,
            title: format!("{originator}提交的{}", draft.template_name),
            business_id: self.ids.business(request.now),
            originator: draft.originator,
            department: draft.department,
            created: request.now,
            finished: None,
            status: Status::Running,
            result: None,
            components: draft.components,
            form: draft.form,
            steps: draft.steps,
            position: Position::default(),
            cc: draft.cc,
            tasks: Vec::new(),
            records: Vec::new(),
            follows: None,
            attached: Vec::new(),
        };
        let mut moment = Moment { now: request.now, ids: &mut self.ids, events: &mut self.events };
        instance.begin(&mut moment);
        self.instances.insert(id.clone(), instance);
        Ok(id)
    }

    fn draft(&self, request: &Request) -> Result<Draft, Refusal> {
        let template = self.usable_template(request)?;
        let originator = request
            .text("originatorUserId")
            .and_then(|id| self.directory.user(id))
            .ok_or_else(|| invalid("originatorUserId 为空、不存在或已离职"))?;
        let own_flow = request.member("approvers").filter(|steps| **steps != json!([]));
        let department = self.department(request, &originator.departments, own_flow.is_some())?;
        let (steps, cc) = match own_flow {
            Some(steps) => (self.own_steps(steps)?, self.cc(request)?),
            None => (self.template_steps(template, request)?, Vec::new()),
        };
        self.check_agent(request, "microappAgentId")?;
        if request.member("bizDetailPageUrl").is_some() {
            let message = "当前组织版本不支持 bizDetailPageUrl";
            return Err(Refusal::new("benefitStatusInvalid", message));
        }
        let known = form::Known {
            directory: &self.directory,
            instances: &self.instances,
            lenient: self.quirks.lenient_forms,
        };
        let entries = request.member("formComponentValues").unwrap_or(&Value::Null);
        Ok(Draft {
            process_code: template.process_code.clone(),
            template_name: template.name.clone(),
            originator: originator.userid.clone(),
            department,
            steps,
            cc,
            components: template.components.clone(),
            form: form::accept(&template.components, entries, &known)?,
        })
    }

    fn usable_template(&self, request: &Request) -> Result<&Template, Refusal> {
        let template = request
            .text("processCode")
            .and_then(|code| self.templates.get(code))
            .ok_or_else(|| Refusal::new("processCodeError", "获取审批模板失败或者模板已被删除"))?;
        if template.status == TemplateStatus::Published {
            Ok(template)
        } else {
            Err(Refusal::new("processGetFailed", "流程获取失败或者流程未启用"))
        }
    }

    /// The originator's department, in the contacts' spelling.
    fn department(
        &self,
        request: &Request,
        own: &[i64],
        has_own_flow: bool,
    ) -> Result<i64, Refusal> {
        let Some(given) = request.member("deptId") else {
            return match own.first() {
                Some(main) if has_own_flow => Ok(*main),
                _ => Err(invalid_instance("没有 approvers 时 deptId 必填")),
            };
        };
        let id = given.as_i64().ok_or_else(|| invalid("deptId 必须是整数 (must be an integer)"))?;
        let id = from_workflow(id);
        if self.directory.department(id).is_none() {
            return Err(invalid_instance(format!("部门不存在：{id}")));
        }
        if own.contains(&id) {
            Ok(id)
        } else {
            Err(invalid_instance(format!("发起人不在该部门下：{id}")))
        }
    }

    /// The flow a create call brings itself.
    fn own_steps(&self, approvers: &Value) -> Result<Vec<Step>, Refusal> {
        let approvers = approvers
            .as_array()
            .filter(|steps| steps.len() <= MOST_STEPS)
            .ok_or_else(|| invalid(format!("approvers 必须是数组，最多{MOST_STEPS}个")))?;
        approvers.iter().enumerate().map(|(index, step)| self.own_step(index, step)).collect()
    }

    fn own_step(&self, index: usize, step: &Value) -> Result<Step, Refusal> {
        let users = step.get("userIds").and_then(texts).unwrap_or_default();
        let kind = step.get("actionType").and_then(Value::as_str).unwrap_or_default();
        let (mode, enough) = match kind {
            "AND" => (Mode::And, users.len() >= 2),
            "OR" => (Mode::Or, users.len() >= 2),
            "NONE" => (Mode::Single, users.len() == 1),
            other => return Err(invalid_instance(format!("actionType 不合法：{other:?}"))),
        };
        if !enough {
            return Err(invalid_instance(format!(
                "actionType {kind} 的审批人数量不合法：{} (AND/OR 至少2人，NONE 只能1人)",
                users.len()
            )));
        }
        self.check_users(&users)?;
        Ok(Step {
            activity_id: format!("own_{}", index.saturating_add(1)),
            name: "审批人".to_owned(),
            mode,
            users: owned(&users),
        })
    }

    fn cc(&self, request: &Request) -> Result<Vec<String>, Refusal> {
        let list = request.member("ccList").map_or(Some(Vec::new()), texts);
        let users = list
            .filter(|users| users.len() <= MOST_CC)
            .ok_or_else(|| invalid(format!("ccList 必须是字符串数组，最多{MOST_CC}个")))?;
        self.check_users(&users)?;
        match request.member("ccPosition").map(Value::as_str) {
            None | Some(Some("START" | "FINISH" | "START_FINISH")) => Ok(owned(&users)),
            Some(other) => Err(invalid(format!("ccPosition 不合法：{other:?}"))),
        }
    }

    /// Refuses an AgentId, if there is one, that is not the calling app's.
    pub(super) fn check_agent(&self, request: &Request, member: &str) -> Result<(), Refusal> {
        match request.member(member).map(Value::as_i64) {
            None => Ok(()),
            Some(given) if given == Some(self.app.agent_id) => Ok(()),
            Some(_) => {
                let message = format!("{member} 不是调用应用的 AgentId (not the calling app's)");
                Err(Refusal::new("invalidAgentId", message))
            }
        }
    }

    fn check_users(&self, users: &[&str]) -> Result<(), Refusal> {
        match users.iter().find(|user| self.directory.user(user).is_none()) {
            None => Ok(()),
            Some(unknown) => Err(invalid_instance(format!("用户不存在：{unknown}"))),
        }
    }

    /// The template's flow, with the users chosen for its self-chosen nodes.
    fn template_steps(&self, template: &Template, request: &Request) -> Result<Vec<Step>, Refusal> {
        if template.flow.is_empty() {
            let message = "模板没有设置审批流程，请传 approvers";
            return Err(Refusal::new("processGetFailed", message));
        }
        let chosen = request.member("targetSelectActioners");
        let chosen =
            chosen.map_or(Some(&[] as &[Value]), |list| list.as_array().map(Vec::as_slice));
        let chosen = chosen.filter(|list| list.len() <= MOST_STEPS).ok_or_else(|| {
            invalid(format!("targetSelectActioners 必须是数组，最多{MOST_STEPS}个"))
        })?;
        template.flow.iter().map(|node| self.template_step(node, chosen)).collect()
    }

    fn template_step(&self, node: &FlowNode, chosen: &[Value]) -> Result<Step, Refusal> {
        let users = match &node.approvers {
            Approvers::Users(users) => users.clone(),
            Approvers::ChosenByOriginator { actor_key, range, required } => {
                let choice = chosen
                    .iter()
                    .find(|one| one.get("actionerKey").and_then(Value::as_str) == Some(actor_key))
                    .and_then(|one| texts(one.get("actionerUserIds")?))
                    .unwrap_or_default();
                if choice.is_empty() && *required {
                    let message = format!("自选审批人节点「{}」没有选择审批人", node.name);
                    return Err(Refusal::new("targetSelectApproverMissing", message));
                }
                let in_range = |user: &&str| {
                    self.directory.user(user).is_some()
                        && range.as_ref().is_none_or(|range| range.iter().any(|one| one == user))
                };
                if let Some(outsider) = choice.iter().find(|user| !in_range(user)) {
                    let message = format!("自选审批人不在可选范围内：{outsider}");
                    return Err(Refusal::new("targetSelectApproverScopeError", message));
                }
                if node.mode == Mode::Single && choice.len() > 1 {
                    let message = format!("自选审批人节点「{}」只能选择1人", node.name);
                    return Err(Refusal::new("targetSelectApproverScopeError", message));
                }
                owned(&choice)
            }
        };
        Ok(Step {
            activity_id: node.activity_id.clone(),
            name: node.name.clone(),
            mode: node.mode,
            users,
        })
    }
}

fn owned(users: &[&str]) -> Vec<String> {
    users.iter().map(|user| (*user).to_owned()).collect()
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("invalidParameter", message)
}

fn invalid_instance(message: impl Into<String>) -> Refusal {
    Refusal::new("processInstanceInvalidParameter", message)
}
