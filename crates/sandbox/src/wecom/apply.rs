//! Submitting a form (提交审批申请).

use serde_json::{Value, json};

use super::control;
use super::enums::{Change, NodeKind, Relation};
use super::event::Event;
use super::form::{Form, Node, State};
use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::template::{FlowNode, Template};
use super::world::World;

/// Most lines of a summary and most characters of each.
const SUMMARY: (usize, usize) = (3, 20);

/// `POST /cgi-bin/oa/applyevent`: submits a form and returns its number.
pub(super) fn apply(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let (applicant, main_department) = applicant(world, request)?;
    let template = request.text("template_id").and_then(|id| world.templates.get(id));
    let template = template.ok_or_else(|| Refusal::approval("invalid template_id"))?.clone();
    let department = match request.integer("choose_department") {
        None => main_department,
        Some(id) if world.directory.department(id).is_some() => id,
        Some(id) => return Err(Refusal::approval(format_args!("invalid choose_department {id}"))),
    };
    let nodes = nodes(world, &template, request)?;
    let contents = request.body.pointer("/apply_data/contents").and_then(Value::as_array);
    let contents = contents.filter(|contents| !contents.is_empty());
    let contents = contents.ok_or_else(|| Refusal::approval("no applydata content"))?;
    check_summary(request, world.quirks.cut_long_summary)?;
    let contents = control::fill_in(world, &template, contents, request.now)?;
    let form = Form {
        sp_no: world.ids.form(request.now),
        name: template.name().to_owned(),
        template_id: template.template_id.clone(),
        record_type: template.record_type,
        created: request.now,
        applicant,
        department,
        contents,
        state: State::start(nodes),
        earlier: Vec::new(),
    };
    let sp_no = form.sp_no.clone();
    world.events.push(Event::new(&form, Change::Submitted, request.now));
    world.forms.push(form);
    Ok(members(json!({"sp_no": sp_no})))
}

/// Who applies, and the department of that member.
fn applicant(world: &World, request: &Request) -> Result<(String, i64), Refusal> {
    let userid = request.text("creator_userid");
    let userid = userid.ok_or_else(|| Refusal::parameter("empty creator_userid"))?;
    let user = world.directory.present(userid).filter(|_| world.sees(request.agent, userid));
    match user {
        Some(user) => Ok((user.userid.clone(), user.main_department())),
        // The spelling is the platform's.
        None if world.quirks.invisible_applicant_as_301025 => {
            Err(Refusal::approval("creator_userid not in app visiable range"))
        }
        None => Err(Refusal::new(301_055, "no approval auth: creator_userid not in visible range")),
    }
}

fn nodes(world: &World, template: &Template, request: &Request) -> Result<Vec<Node>, Refusal> {
    let process = request.member("process");
    let flow = match request.integer("use_template_approver").unwrap_or_default() {
        1 if process.is_some() && world.quirks.refuse_process_with_template_flow => {
            return Err(Refusal::approval("process with use_template_approver 1"));
        }
        1 if template.flow.is_empty() => {
            return Err(Refusal::approval("the template has no flow"));
        }
        1 => template.flow.clone(),
        0 => match process {
            Some(process) => given_flow(process)?,
            None if world.quirks.legacy_members => legacy_flow(request)?,
            None => return Err(Refusal::approval("no process")),
        },
        other => {
            return Err(Refusal::approval(format_args!("use_template_approver is {other}")));
        }
    };
    let mut nodes = Vec::new();
    for FlowNode { kind, relation, users } in flow {
        let mut known = Vec::new();
        for userid in &users {
            let user = world.directory.present(userid);
            let user = user.ok_or_else(|| {
                Refusal::approval(format_args!("invalid userid {userid} in process"))
            })?;
            known.push(user.userid.clone());
        }
        nodes.push(Node::new(kind, relation, &known));
    }
    Ok(nodes)
}

/// The flow of `process.node_list`.
fn given_flow(process: &Value) -> Result<Vec<FlowNode>, Refusal> {
    let list = process.get("node_list").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| Refusal::approval("no process.node_list"))?;
    list.iter()
        .map(|node| {
            let kind = match node.get("type").and_then(Value::as_i64) {
                Some(1) => NodeKind::Approver,
                Some(2) => NodeKind::Cc,
                Some(3) => NodeKind::Handler,
                _ => return Err(Refusal::approval("type of a node is 1, 2 or 3")),
            };
            let relation = match (kind, node.get("apv_rel").and_then(Value::as_i64)) {
                (NodeKind::Cc, _) | (_, Some(1)) => Relation::All,
                (_, Some(2)) => Relation::Any,
                (_, Some(3)) => Relation::Sequential,
                _ => return Err(Refusal::approval("apv_rel of a node is 1, 2 or 3")),
            };
            Ok(FlowNode::new(kind, relation, &userids(node)?))
        })
        .collect()
}

/// The flow of `approver`, `notifyer` and `notify_type`, in the old numbering: 1 any, 2 all.
fn legacy_flow(request: &Request) -> Result<Vec<FlowNode>, Refusal> {
    let approvers = request.member("approver").and_then(Value::as_array);
    let mut flow = Vec::new();
    for node in approvers.ok_or_else(|| Refusal::approval("no approver"))? {
        let relation = match node.get("attr").and_then(Value::as_i64) {
            Some(1) => Relation::Any,
            Some(2) => Relation::All,
            _ => return Err(Refusal::approval("attr of an approver is 1 or 2")),
        };
        flow.push(FlowNode::new(NodeKind::Approver, relation, &userids(node)?));
    }
    if let Some(cc) = request.member("notifyer") {
        let cc = FlowNode::cc(&texts(cc)?);
        // 1 on submission, 2 after passing, 3 both.
        let when = request.integer("notify_type").unwrap_or(2);
        if when != 2 {
            flow.insert(0, cc.clone());
        }
        if when != 1 {
            flow.push(cc);
        }
    }
    Ok(flow)
}

fn userids(node: &Value) -> Result<Vec<&str>, Refusal> {
    let users = texts(node.get("userid").unwrap_or(&Value::Null))?;
    if users.is_empty() { Err(Refusal::approval("a node has no userid")) } else { Ok(users) }
}

fn texts(value: &Value) -> Result<Vec<&str>, Refusal> {
    let texts = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
    texts.ok_or_else(|| Refusal::approval("userid is not a list of texts"))
}

fn check_summary(request: &Request, cut: bool) -> Result<(), Refusal> {
    let (most_lines, most_characters) = SUMMARY;
    let lines = request.member("summary_list").and_then(Value::as_array);
    let lines = lines.filter(|lines| (1..=most_lines).contains(&lines.len()));
    let lines = lines.ok_or_else(|| Refusal::approval("summary_list has 1 to 3 lines"))?;
    for line in lines {
        let infos = line.get("summary_info").and_then(Value::as_array);
        let infos = infos.filter(|infos| !infos.is_empty());
        for info in infos.ok_or_else(|| Refusal::approval("no summary_info"))? {
            let text = info.get("text").and_then(Value::as_str).unwrap_or_default();
            if text.is_empty() {
                return Err(Refusal::approval("empty text in summary_info"));
            }
            if text.chars().count() > most_characters && !cut {
                return Err(Refusal::approval("text in summary_info is longer than 20"));
            }
            if !matches!(info.get("lang").and_then(Value::as_str), Some("zh_CN" | "en")) {
                return Err(Refusal::approval("lang in summary_info is neither zh_CN nor en"));
            }
        }
    }
    Ok(())
}
