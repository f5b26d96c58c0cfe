//! Lists and counts of requests, and of workflows a user may start.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::Call;
use super::envelope::{Refusal, Reply};
use super::queries::base_info;
use super::request::{Operator, Request, Standing, State};
use super::time;
use super::workflow::Workflow;
use super::world::World;

/// Which requests a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// 待办.
    ToDo,
    /// 待办, by tab.
    ToDoTab,
    /// 在办.
    Doing,
    /// 已办.
    Handled,
    /// 办结.
    Processed,
    /// 我的请求.
    Mine,
    /// 抄送.
    Copied,
    /// 被退回.
    Returned,
    /// 待阅.
    ToRead,
    /// 转发.
    Forwarded,
    All,
}

/// The folder of a call named `get…List` or `get…Count`.
pub(super) fn folder_of(call: &str) -> Option<(Folder, bool)> {
    let name = call.strip_prefix("get")?;
    let (name, of_ofs) = match name.strip_suffix("4Ofs") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let (name, counts) = match name.strip_suffix("List") {
        Some(name) => (name, false),
        None => (name.strip_suffix("Count")?, true),
    };
    let found = match name {
        "HandledWorkflowRequest" => Folder::Handled,
        // Only the handled requests have a variant with other systems.
        _ if of_ofs => return None,
        "ToDoWorkflowRequest" => Folder::ToDo,
        "ToDoRequest" => Folder::ToDoTab,
        "DoingWorkflowRequest" => Folder::Doing,
        "ProcessedWorkflowRequest" => Folder::Processed,
        "MyWorkflowRequest" => Folder::Mine,
        "CCWorkflowRequest" => Folder::Copied,
        "BeRejectWorkflowRequest" => Folder::Returned,
        "ToBeReadWorkflowRequest" => Folder::ToRead,
        "ForwardWorkflowRequest" => Folder::Forwarded,
        "AllWorkflowRequest" => Folder::All,
        _ => return None,
    };
    Some((found, counts))
}

/// `POST …/get…List`, newest first, and `POST …/get…Count`.
pub(super) fn requests(
    world: &World,
    call: &Call,
    which: Folder,
    counts: bool,
) -> Result<Reply, Refusal> {
    let conditions = call.parameters.map("conditions").map_err(|_| Refusal::unreadable())?;
    let tabs = call.ids("tabIds");
    let mut rows: Vec<_> = world
        .requests
        .values()
        .filter_map(|request| {
            let workflow = world.workflows.get(&request.workflow)?;
            let state = request.visible(call.now);
            let row = Row { world, request, workflow, state, call };
            let record = row.record_in(which, &tabs)?;
            row.meets(&conditions, record).then_some((row, record))
        })
        .collect();
    if counts {
        return Ok(Reply::Bare(json!(rows.len())));
    }
    rows.sort_by_key(|(row, record)| {
        std::cmp::Reverse((record.map_or(row.request.created, |one| one.received), row.request.id))
    });
    let rows = page(rows, call, world.quirks.list_page_size);
    Ok(Reply::Bare(rows.into_iter().map(|(row, record)| row.json(record)).collect()))
}

fn page<T>(rows: Vec<T>, call: &Call, default_size: usize) -> Vec<T> {
    let number = |name: &str| {
        let number = call.parameters.integer(name).filter(|number| *number > 0)?;
        usize::try_from(number).ok()
    };
    let size = number("pageSize").unwrap_or(default_size);
    let skip = number("pageNo").unwrap_or(1).saturating_sub(1).saturating_mul(size);
    rows.into_iter().skip(skip).take(size).collect()
}

struct Row<'a> {
    world: &'a World,
    request: &'a Request,
    workflow: &'a Workflow,
    state: &'a State,
    call: &'a Call,
}

impl<'a> Row<'a> {
    /// Whether the folder holds the request, and by which of the caller's records, if by one.
    fn record_in(&self, which: Folder, tabs: &[String]) -> Option<Option<&'a Operator>> {
        let user = &self.call.user;
        let archived = self.state.node == self.workflow.archive();
        let newest = |wanted: &dyn Fn(&Operator) -> bool| {
            let own = self.state.operators.iter().rev().filter(|one| one.user == *user);
            let mut own = own.filter(|one| wanted(one));
            own.next()
        };
        let open = || newest(&|one| one.standing.is_open());
        let done = || newest(&|one| one.operated.is_some()).filter(|_| open().is_none());
        match which {
            Folder::ToDo => open().map(Some),
            Folder::ToDoTab => {
                let unread = |one: &&Operator| self.request.view_type(one) == "0";
                let all = tabs.is_empty() || tabs.iter().any(|tab| tab == "0");
                let by_unread = tabs.iter().any(|tab| tab == "1");
                open().filter(|one| all || (by_unread && unread(one))).map(Some)
            }
            Folder::Doing => done().filter(|_| !archived).map(Some),
            Folder::Handled => done().map(Some),
            Folder::Processed => done().filter(|_| archived).map(Some),
            Folder::Mine => (self.request.creator == *user).then_some(None),
            Folder::Copied | Folder::ToRead => {
                newest(&|one| one.standing == Standing::Copied).map(Some)
            }
            Folder::Returned => open().filter(|one| one.returned).map(Some),
            Folder::Forwarded => {
                newest(&|one| matches!(one.standing, Standing::Forwarded | Standing::Consulted))
                    .map(Some)
            }
            Folder::All => self.request.may_view(user).then_some(None),
        }
    }

    /// `conditions`; what the sandbox does not know is no condition.
    fn meets(&self, conditions: &BTreeMap<String, String>, record: Option<&Operator>) -> bool {
        let today = time::china(self.call.now).date();
        let within = |name: &str, day: chrono::NaiveDate| {
            let text = |name: String| conditions.get(&name).map_or("", String::as_str);
            let prefix = name.trim_end_matches("select");
            let (from, to) = (text(format!("{prefix}from")), text(format!("{prefix}to")));
            time::in_period(text(name.to_owned()), (from, to), day, today)
        };
        let day = |at| time::china(at).date();
        let creator = &self.request.creator;
        let directory = &self.world.directory;
        let listed = |text: &str, id: i64| text.split(',').any(|one| one.trim() == id.to_string());
        let kind = self.workflow.node(self.state.node).map(|node| node.kind.number().to_string());
        let archived = self.state.node == self.workflow.archive();
        conditions.iter().filter(|(_, wanted)| !wanted.is_empty()).all(|(name, wanted)| {
            match name.as_str() {
                "requestname" => self.request.name.contains(wanted),
                "requestlevel" => self.request.level == *wanted,
                "createdateselect" => within(name, day(self.request.created)),
                "operatedateselect" => within(name, day(self.state.last_operated)),
                "recievedateselect" => {
                    within(name, day(record.map_or(self.request.created, |one| one.received)))
                }
                "archivestatus" if wanted == "1" => archived,
                "archivestatus" if wanted == "2" => !archived,
                "nodetype" => kind.as_ref() == Some(wanted),
                "hrmcreaterid" | "createrid" => creator == wanted,
                "ownerdepartmentid" => directory.department_of(creator) == wanted,
                "creatersubcompanyid" => directory.subcompany_of(creator) == wanted,
                "workcode" => {
                    directory.users.get(creator).is_some_and(|user| user.workcode == *wanted)
                }
                "creatertype" => wanted == "0",
                "unophrmid" => self.state.pending().any(|one| one.user == *wanted),
                "workflowIds" => listed(wanted, self.workflow.id),
                "workflowTypes" => listed(wanted, self.workflow.type_id),
                // Nothing here belongs to documents, customers or projects, and requests are
                // not numbered.
                "docids" | "crmids" | "proids" | "createrid2" | "wfcode" => false,
                _ => true,
            }
        })
    }

    fn json(&self, record: Option<&Operator>) -> Value {
        let Row { world, request, workflow, state, .. } = self;
        let node = workflow.node(state.node);
        let received = record.map_or(request.created, |one| one.received);
        let node_id = node.map_or_else(String::new, |node| node.id.to_string());
        let mut row = json!({
            "requestId": request.id.to_string(),
            "requestName": request.name,
            "requestLevel": request.level,
            "creatorId": request.creator,
            "creatorName": world.directory.name_of(&request.creator),
            "createTime": time::date_time(request.created),
            "receiveTime": time::date_time(received),
            "currentNodeId": node_id,
            "currentNodeName": node.map_or("", |node| node.name.as_str()),
            "lastOperateTime": time::date_time(state.last_operated),
            "lastOperatorId": state.last_operator,
            "lastOperatorName": world.directory.name_of(&state.last_operator),
            "status": state.exit,
            "sysName": "",
            "workflowBaseInfo": base_info(workflow),
        });
        if world.quirks.wide_rows
            && let Some(members) = row.as_object_mut()
        {
            let standing = record.map_or("-1", |one| one.standing.number());
            let kind = node.map_or_else(String::new, |node| node.kind.number().to_string());
            let operated = record.and_then(|one| one.operated);
            let returned = record.is_some_and(|one| one.returned);
            for (name, value) in [
                ("isremark", json!(standing)),
                ("nodeid", json!(node_id)),
                ("operateTime", json!(operated.map_or_else(String::new, time::date_time))),
                ("userid", json!(self.call.user)),
                ("viewtype", json!(record.map_or("0", |one| request.view_type(one)))),
                ("cid", json!(record.map_or(0, |one| one.id))),
                ("currentnodetype", json!(kind)),
                ("isbereject", json!(if returned { "1" } else { "0" })),
            ] {
                members.insert(name.to_owned(), value);
            }
        }
        row
    }
}

/// `POST …/getCreateWorkflowList` and `…Count`: what the user may start (可创建流程).
pub(super) fn startable(world: &World, call: &Call, counts: bool) -> Result<Reply, Refusal> {
    let found = startable_by(world, call)?;
    if counts {
        return Ok(Reply::Bare(json!(found.len())));
    }
    let found = page(found, call, world.quirks.list_page_size);
    Ok(Reply::Bare(found.into_iter().map(base_info).collect()))
}

/// `POST …/getCreateWorkflowTypeList` and `…Count`.
pub(super) fn startable_types(world: &World, call: &Call, counts: bool) -> Result<Reply, Refusal> {
    let found = startable_by(world, call)?;
    let types: BTreeSet<_> =
        found.into_iter().map(|workflow| (workflow.type_id, workflow.type_name.as_str())).collect();
    if counts {
        return Ok(Reply::Bare(json!(types.len())));
    }
    let types = page(types.into_iter().collect(), call, world.quirks.list_page_size);
    let types = types
        .into_iter()
        .map(|(id, name)| json!({"workflowTypeId": id.to_string(), "workflowTypeName": name}));
    Ok(Reply::Bare(types.collect()))
}

fn startable_by<'a>(world: &'a World, call: &Call) -> Result<Vec<&'a Workflow>, Refusal> {
    let conditions = call.parameters.map("conditions").map_err(|_| Refusal::unreadable())?;
    let wanted = |name: &str| conditions.get(name).filter(|text| !text.is_empty());
    let listed = |name: &str, id: i64| {
        let mut ids = wanted(name).into_iter().flat_map(|text| text.split(','));
        wanted(name).is_none() || ids.any(|one| one.trim() == id.to_string())
    };
    let named = |key: &str, name: &str| wanted(key).is_none_or(|text| name.contains(text.as_str()));
    let workflows = world.workflows.values().filter(|workflow| {
        workflow.enabled
            && workflow.may_start(&call.user)
            && named("wfName", &workflow.name)
            && named("wfTypeName", &workflow.type_name)
            && listed("wfIds", workflow.id)
            && listed("wfTypeIds", workflow.type_id)
    });
    Ok(workflows.collect())
}
