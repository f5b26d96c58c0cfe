//! A form's detail (获取审批申请详情).

use serde_json::{Value, json};

use super::enums::{NodeKind, Relation, Verdict};
use super::form::{Comment, Filled, Form, Node, Person, State};
use super::quirks::{FlowViews, Quirks};
use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::world::World;

/// Members that other controls fill; values carry them empty.
const NOISE: [&str; 10] = [
    "tips",
    "members",
    "departments",
    "files",
    "children",
    "stat_field",
    "sum_field",
    "related_approval",
    "students",
    "classes",
];

/// `POST /cgi-bin/oa/getapprovaldetail`: everything about a form.
pub(super) fn get(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    // Older pages show a number.
    let sp_no = match request.member("sp_no") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Refusal::approval("no sp_no")),
    };
    let form = world.form(&sp_no);
    let form = form.ok_or_else(|| Refusal::approval(format_args!("invalid sp_no {sp_no}")))?;
    if !world.sees(request.agent, &form.applicant) {
        return Err(Refusal::new(301_055, "no approval auth: applicant not in visible range"));
    }
    let quirks = &world.quirks;
    Ok(members(json!({"info": info(form, form.seen(request.now, quirks.decision_lag), quirks)})))
}

/// The `info` of a form in one of its states.
pub(super) fn info(form: &Form, state: &State, quirks: &Quirks) -> Value {
    let cc = state.nodes.iter().filter(|node| node.kind == NodeKind::Cc);
    let cc = cc.flat_map(|node| &node.people).map(|person| json!({"userid": person.userid}));
    let mut info = members(json!({
        "sp_no": form.sp_no,
        "sp_name": form.name,
        "sp_status": state.status as i64,
        "template_id": form.template_id,
        "apply_time": form.created.timestamp(),
        "applyer": {"userid": form.applicant, "partyid": form.department.to_string()},
        "notifyer": cc.collect::<Vec<_>>(),
        "apply_data": {"contents": contents(&form.contents, quirks)},
        "comments": state.comments.iter().map(comment).collect::<Vec<_>>(),
    }));
    if quirks.flow_views != FlowViews::New {
        let approvers = state.nodes.iter().filter(|node| node.kind == NodeKind::Approver);
        let records: Vec<_> = approvers.map(|node| record(node, quirks)).collect();
        info.insert("sp_record".to_owned(), json!(records));
    }
    if quirks.flow_views != FlowViews::Old {
        let nodes: Vec<_> = state.nodes.iter().map(|node| process_node(node, quirks)).collect();
        info.insert("process_list".to_owned(), json!({"node_list": nodes}));
    }
    Value::Object(info)
}

/// The number of a relation in the old view: 1 any, 2 all, and none of its own for sequential.
pub(super) fn old_relation(relation: Relation, quirks: &Quirks) -> i64 {
    match relation {
        Relation::Any => 1,
        Relation::All => 2,
        Relation::Sequential => quirks.sequential_in_old_view,
    }
}

fn record(node: &Node, quirks: &Quirks) -> Value {
    let detail = |person: &Person| {
        let mut detail = members(json!({
            "approver": {"userid": person.userid},
            "sp_status": person.verdict as i64,
            "media_id": person.media,
        }));
        insert_opinion(&mut detail, person, quirks);
        detail
    };
    json!({
        "sp_status": node.status as i64,
        "approverattr": old_relation(node.relation, quirks),
        "details": node.people.iter().map(detail).collect::<Vec<_>>(),
    })
}

fn process_node(node: &Node, quirks: &Quirks) -> Value {
    if node.kind == NodeKind::Cc {
        let people = node.people.iter().map(|person| json!({"userid": person.userid}));
        let people: Vec<_> = people.collect();
        return json!({"node_type": node.kind as i64, "sub_node_list": people});
    }
    let part = |person: &Person| {
        let mut part = members(json!({
            "userid": person.userid,
            "sp_yj": person.verdict as i64,
            "media_ids": person.media,
        }));
        insert_opinion(&mut part, person, quirks);
        part
    };
    json!({
        "node_type": node.kind as i64,
        "sp_status": node.status as i64,
        "apv_rel": node.relation as i64,
        "sub_node_list": node.people.iter().map(part).collect::<Vec<_>>(),
    })
}

fn insert_opinion(members: &mut Members, person: &Person, quirks: &Quirks) {
    let (speech, time) =
        if quirks.capital_members { ("Speech", "Sptime") } else { ("speech", "sptime") };
    members.insert(speech.to_owned(), json!(person.speech));
    let acted = match person.acted {
        Some(at) => json!(at.timestamp()),
        None if quirks.empty_time_as_text && person.verdict == Verdict::Pending => json!(""),
        None => json!(0),
    };
    members.insert(time.to_owned(), acted);
}

fn comment(comment: &Comment) -> Value {
    json!({
        "commentUserInfo": {"userid": comment.userid},
        "commenttime": comment.at.timestamp(),
        "commentcontent": comment.text,
        "commentid": comment.id,
        "media_id": comment.media,
    })
}

fn contents(filled: &[Filled], quirks: &Quirks) -> Vec<Value> {
    let shown = filled.iter().map(|one| {
        let mut shown = json!(one);
        if let Some(shown) = shown.as_object_mut().filter(|_| one.hidden) {
            shown.insert("hidden".to_owned(), json!(1));
        }
        if !quirks.bare_values {
            add_noise(&mut shown);
        }
        shown
    });
    shown.collect()
}

/// Completes the value of a control, and of those in the rows of a table, with empty lists.
fn add_noise(control: &mut Value) {
    let Some(value) = control.get_mut("value").and_then(Value::as_object_mut) else { return };
    let rows = value.get_mut("children").and_then(Value::as_array_mut).into_iter().flatten();
    for cell in rows.filter_map(|row| row.get_mut("list")?.as_array_mut()).flatten() {
        add_noise(cell);
    }
    for name in NOISE {
        value.entry(name).or_insert_with(|| json!([]));
    }
}
