//! Starting requests: `doCreateRequest`, and people at the create page.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{Refusal, Reply};
use super::form::{Edit, Hand};
use super::request::{Request, State};
use super::workflow::Workflow;
use super::world::{Run, World};

/// The width of the title's column, in characters.
const LONGEST_NAME: usize = 1000;

/// A request to be started.
pub(super) struct Start<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) user: &'a str,
    pub(super) name: &'a str,
    pub(super) level: &'a str,
    pub(super) remark: &'a str,
    pub(super) edit: &'a Edit,
    /// Submit it to the second node at once; else it stays a draft at the create node.
    pub(super) next: bool,
    /// Delete what a failed submission leaves behind.
    pub(super) delete_failed: bool,
}

/// `POST …/doCreateRequest` (创建流程).
pub(super) fn create(world: &mut World, call: &Call) -> Result<Reply, Refusal> {
    let parameters = &call.parameters;
    let main = parameters.json("mainData").map_err(|_| Refusal::unreadable())?;
    parameters.json("detailData").map_err(|_| Refusal::unreadable())?;
    let options = call.other_params()?;
    let id = parameters.integer("workflowId").ok_or_else(Refusal::unreadable)?;
    let name = parameters.text("requestName").unwrap_or_default();
    if name.trim().is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Refusal::parameter("requestName", name));
    }
    if main.as_array().is_none_or(Vec::is_empty) {
        return Err(Refusal::parameter("mainData", "不能为空"));
    }
    let workflow = world.workflows.get(&id).cloned();
    let workflow =
        workflow.ok_or_else(|| Refusal::parameter("msg", format!("流程不存在: {id}")))?;
    let is = |name: &str, value: &str| options.get(name).is_some_and(|found| found == value);
    let may_start = workflow.may_start(&call.user) || is("isVerifyPer", "0");
    if !workflow.enabled || !may_start {
        return Err(Refusal::permission("msg", "没有创建权限"));
    }
    let hand = Hand { user: &call.user, now: call.now, fetched: &call.fetched };
    let edit = world.read_edit(&workflow, parameters, &hand)?;
    let level = parameters.text("requestLevel");
    let level = level.filter(|level| ["1", "2"].contains(&level.as_str()));
    let start = Start {
        workflow: &workflow,
        user: &call.user,
        name: &name,
        level: level.as_deref().unwrap_or("0"),
        remark: &call.text("remark"),
        edit: &edit,
        next: !is("isnextflow", "0"),
        delete_failed: !is("delReqFlowFaild", "0"),
    };
    let id = world.start(&start, call.now)?;
    let id = if world.quirks.text_request_id { json!(id.to_string()) } else { json!(id) };
    Ok(Reply::Data(json!({"requestid": id})))
}

impl World {
    /// Starts a request and returns its id.
    pub(super) fn start(&mut self, start: &Start<'_>, now: DateTime<Utc>) -> Result<i64, Refusal> {
        let id = self.ids.request();
        let state = State {
            node: 0,
            exit: String::new(),
            operators: Vec::new(),
            log: Vec::new(),
            main: BTreeMap::new(),
            details: vec![Vec::new(); start.workflow.details.len()],
            come_back: None,
            sign: None,
            waiting: Vec::new(),
            last_operator: start.user.to_owned(),
            last_operated: now,
        };
        let request = Request {
            id,
            workflow: start.workflow.id,
            name: start.name.to_owned(),
            level: start.level.to_owned(),
            creator: start.user.to_owned(),
            created: now,
            state,
            past: Vec::new(),
            viewed: BTreeSet::new(),
        };
        self.requests.insert(id, request);
        let outcome = self.begin(id, start, now);
        if outcome.is_err() && start.delete_failed {
            self.requests.remove(&id);
        }
        outcome.map(|()| id)
    }

    fn begin(&mut self, id: i64, start: &Start<'_>, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.change(id, now, Run::Real, |flow| {
            flow.begin();
            flow.state.apply(start.edit, flow.workflow, flow.ids)
        })?;
        // It is there at once; only its movement may show later.
        if let Some(request) = self.requests.get_mut(&id) {
            request.past.clear();
        }
        if !start.next {
            return Ok(());
        }
        self.change(id, now, Run::Real, |flow| {
            flow.state.judge_must_input(flow.workflow)?;
            flow.submit(start.user, start.remark).map(drop)
        })
    }
}

/// `mainData` and `detailData` from what a person types: an object from field to value; the arrays
/// `detail1`, `detail2`, … of objects become rows.
pub(super) fn typed_by_hand(workflow: &Workflow, values: &Value) -> BTreeMap<String, Value> {
    let fields = |members: &Value| -> Vec<Value> {
        let members = members.as_object().into_iter().flatten();
        members.map(|(name, value)| json!({"fieldName": name, "fieldValue": value})).collect()
    };
    let (mut main, mut details) = (Vec::new(), Vec::new());
    for (name, value) in values.as_object().into_iter().flatten() {
        let number = name.strip_prefix("detail").and_then(|number| number.parse::<usize>().ok());
        let index = number.and_then(|number| number.checked_sub(1));
        let Some((index, rows)) = index.zip(value.as_array()) else {
            main.push(json!({"fieldName": name, "fieldValue": value}));
            continue;
        };
        let rows = rows
            .iter()
            .map(|row| json!({"recordOrder": 0, "workflowRequestTableFields": fields(row)}));
        details.push(json!({
            "tableDBName": workflow.detail_table(index),
            "workflowRequestTableRecords": rows.collect::<Vec<_>>(),
        }));
    }
    [("mainData", main), ("detailData", details)]
        .into_iter()
        .map(|(name, entries)| (name.to_owned(), Value::Array(entries)))
        .collect()
}
