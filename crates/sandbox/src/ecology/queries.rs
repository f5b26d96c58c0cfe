//! Questions about one request: detail, status, log, operators, resources, chart.

use serde_json::{Value, json};

use super::call::Call;
use super::documents;
use super::envelope::{Refusal, Reply};
use super::request::{LogEntry, LogKind, Operator, Request, Standing, State};
use super::time;
use super::workflow::{ADMINISTRATOR, Field, FieldKind, Workflow};
use super::world::World;

/// Entries of a log page when the caller names no number.
const LOG_PAGE: usize = 10;

type Answer = Result<Reply, Refusal>;

impl World {
    /// A request as the caller may see it: everybody who had to do with it, and the administrator.
    fn seen<'a>(
        &'a self,
        call: &Call,
        parameter: &str,
    ) -> Result<(&'a Request, &'a Workflow, &'a State), Refusal> {
        let (request, workflow) = self.request(call.request_id(parameter)?)?;
        if !request.may_view(&call.user) {
            return Err(Refusal::permission("msg", "没有查看权限"));
        }
        Ok((request, workflow, request.visible(call.now)))
    }
}

impl Request {
    pub(super) fn may_view(&self, user: &str) -> bool {
        user == ADMINISTRATOR
            || self.creator == user
            || self.state.operators.iter().any(|one| one.user == user)
    }
}

/// `GET …/getWorkflowRequest` (流程详情). Opening it marks it as seen.
pub(super) fn detail(world: &mut World, call: &Call) -> Answer {
    let (request, workflow, state) = world.seen(call, "requestId")?;
    let detail = world.detail(request, workflow, state, call);
    let opened = state.operators.iter().filter(|one| one.user == call.user).map(|one| one.id);
    let (id, opened) = (request.id, opened.collect::<Vec<_>>());
    if let Some(request) = world.requests.get_mut(&id) {
        request.viewed.extend(opened);
    }
    Ok(Reply::Data(detail))
}

impl World {
    fn detail(&self, request: &Request, workflow: &Workflow, state: &State, call: &Call) -> Value {
        let node = workflow.node(state.node);
        let can_edit = state.pending().any(|one| one.user == call.user);
        let tables: Vec<_> = workflow
            .details
            .iter()
            .zip(&state.details)
            .enumerate()
            .map(|(index, (columns, rows))| {
                let records: Vec<_> = rows
                    .iter()
                    .map(|row| {
                        let value = |name: &str| row.values.get(name).cloned().unwrap_or_default();
                        json!({
                            "recordOrder": row.id,
                            "workflowRequestTableFields": self.fields(workflow, columns, can_edit, value),
                        })
                    })
                    .collect();
                let labels: Vec<_> = columns.iter().map(|column| column.label.as_str()).collect();
                json!({
                    "tableDBName": workflow.detail_table(index),
                    "tableFieldName": labels,
                    "tableTitle": format!("明细表{}", index.saturating_add(1)),
                    "workflowRequestTableRecords": records,
                })
            })
            .collect();
        let value = |name: &str| state.main.get(name).cloned().unwrap_or_default();
        let logs: Vec<_> =
            state.log.iter().rev().map(|entry| self.log_line(entry, workflow)).collect();
        json!({
            "requestId": request.id.to_string(),
            "requestName": request.name,
            "requestLevel": request.level,
            "creatorId": request.creator,
            "creatorName": self.directory.name_of(&request.creator),
            "createTime": time::date_time(request.created),
            "lastOperateTime": time::date_time(state.last_operated),
            "lastOperatorName": self.directory.name_of(&state.last_operator),
            "currentNodeId": node.map_or_else(String::new, |node| node.id.to_string()),
            "currentNodeName": node.map_or("", |node| node.name.as_str()),
            "status": state.exit,
            "canEdit": can_edit,
            "canView": true,
            "messageType": "0",
            "remark": "",
            "mustInputRemark": false,
            "needAffirmance": false,
            "submitButtonName": "提交",
            "subbackButtonName": "",
            "subnobackButtonName": "",
            "rejectButtonName": if state.node > 0 && can_edit { "退回" } else { "" },
            "forwardButtonName": "转发",
            "workflowBaseInfo": base_info(workflow),
            "workflowMainTableInfo": {
                "tableDBName": workflow.main_table(),
                "requestRecords": [{
                    "recordOrder": 0,
                    "workflowRequestTableFields": self.fields(workflow, &workflow.fields, can_edit, value),
                }],
            },
            "workflowDetailTableInfos": tables,
            "workflowRequestLogs": logs,
        })
    }

    /// `Field` of the documentation, with the value each field has.
    fn fields(
        &self,
        workflow: &Workflow,
        fields: &[Field],
        edit: bool,
        value: impl Fn(&str) -> String,
    ) -> Vec<Value> {
        let first_id = workflow.form_id.unsigned_abs().saturating_mul(10);
        let fields = fields.iter().zip(1_u64..);
        let shown = fields.map(|(field, order)| {
            let id = first_id.saturating_add(order);
            let (html_type, kind, db_type) = field.kind.types();
            let (values, names): (Vec<_>, Vec<_>) = match &field.kind {
                FieldKind::Select(options) => options.iter().cloned().unzip(),
                _ => Default::default(),
            };
            let value = value(&field.name);
            json!({
                "fieldId": id.to_string(),
                "fieldName": field.name,
                "fieldValue": value,
                "fieldShowName": field.label,
                "fieldShowValue": self.shown(&field.kind, &value),
                "fieldHtmlType": html_type,
                "fieldType": kind,
                "fieldDBType": db_type,
                "fieldFormName": format!("field{id}"),
                "fieldOrder": order,
                "edit": edit,
                "mand": field.mandatory,
                "view": true,
                "browserurl": "",
                "selectnames": names,
                "selectvalues": values,
                "filedHtmlShow": "",
            })
        });
        shown.collect()
    }

    /// The value as people read it.
    fn shown(&self, kind: &FieldKind, value: &str) -> String {
        let names = |name: &dyn Fn(&str) -> String| {
            let ids = value.split(',').filter(|id| !id.is_empty());
            ids.map(name).collect::<Vec<_>>().join(",")
        };
        match kind {
            FieldKind::Select(options) => {
                let option = options.iter().find(|(option, _)| option == value);
                option.map_or_else(String::new, |(_, label)| label.clone())
            }
            FieldKind::Person => names(&|id| self.directory.name_of(id).to_owned()),
            FieldKind::Department => names(&|id| {
                let department = self.directory.departments.get(id);
                department.map_or_else(|| id.to_owned(), |department| department.name.clone())
            }),
            FieldKind::Attachment(_) => {
                let files = self.documents_in(value);
                files.iter().map(|(_, file)| file.name.as_str()).collect::<Vec<_>>().join(",")
            }
            _ => value.to_owned(),
        }
    }

    fn log_line(&self, entry: &LogEntry, workflow: &Workflow) -> Value {
        let node = workflow.node(entry.node);
        let department = self.directory.department_of(&entry.operator);
        json!({
            "id": entry.id.to_string(),
            "nodeId": node.map_or_else(String::new, |node| node.id.to_string()),
            "nodeName": node.map_or("", |node| node.name.as_str()),
            "operateDate": time::date(entry.at),
            "operateTime": time::time(entry.at),
            "operateType": entry.kind.text(),
            "operatorId": entry.operator,
            "operatorName": self.directory.name_of(&entry.operator),
            "operatorDept": department,
            "receivedPersons": self.names(&entry.received),
            "remark": entry.remark,
            "annexDocHtmls": "",
            "signDocHtmls": "",
            "signWorkFlowHtmls": "",
        })
    }

    fn names(&self, users: &[String]) -> String {
        let names = users.iter().map(|id| self.directory.name_of(id));
        names.collect::<Vec<_>>().join(",")
    }
}

pub(super) fn base_info(workflow: &Workflow) -> Value {
    json!({
        "formId": workflow.form_id.to_string(),
        "workflowId": workflow.id.to_string(),
        "workflowName": workflow.name,
        "workflowTypeId": workflow.type_id.to_string(),
        "workflowTypeName": workflow.type_name,
    })
}

/// `GET …/getRequestStatus` (流程状态).
pub(super) fn status(world: &mut World, call: &Call) -> Answer {
    let (request, workflow, state) = world.seen(call, "requestId")?;
    let node = workflow.node(state.node);
    let own = state.operators.iter().rev().find(|one| one.user == call.user);
    Ok(Reply::Status(json!({
        "requestId": request.id.to_string(),
        "requestName": request.name,
        "requestLevel": request.level,
        "creatorId": request.creator,
        "creatertype": 0,
        "currentNodeId": node.map_or_else(String::new, |node| node.id.to_string()),
        "currentNodeType": node.map_or_else(String::new, |node| node.kind.number().to_string()),
        "currentOperateId": own.map_or(0, |one| one.id),
        "status": state.exit,
        "isremark": own.map_or(-1, |one| one.standing.number().parse::<i64>().unwrap_or(-1)),
        "takisremark": -1,
        "create": false,
        "needAffirmance": false,
        "workflowId": workflow.id,
        "workflowBaseInfo": {
            "formId": workflow.form_id.to_string(),
            "isBill": "1",
            "workflowName": workflow.name,
            "workflowTypeId": workflow.type_id.to_string(),
        },
        "mainTableInfoEntity": {"billid": workflow.form_id, "tableDbName": workflow.main_table()},
    })))
}

/// `GET …/getRequestLog` (流转意见), newest first.
pub(super) fn log(world: &mut World, call: &Call) -> Answer {
    let (_, workflow, state) = world.seen(call, "requestId")?;
    let options = call.other_params()?;
    let number = |name: &str, default: usize| {
        let number = options.get(name).and_then(|text| text.parse().ok());
        number.filter(|number| *number > 0).unwrap_or(default)
    };
    let (size, page) = (number("pageSize", LOG_PAGE), number("pageNumber", 1));
    let skip = page.saturating_sub(1).saturating_mul(size);
    let entries = state.log.iter().rev().skip(skip).take(size);
    let lines: Vec<_> = entries.map(|entry| world.log_record(entry, workflow)).collect();
    Ok(Reply::Data(Value::Array(lines)))
}

impl World {
    fn log_record(&self, entry: &LogEntry, workflow: &Workflow) -> Value {
        let node = workflow.node(entry.node);
        let destination = entry.destination.and_then(|index| workflow.node(index));
        json!({
            "id": entry.id.to_string(),
            "logid": "0",
            "nodeid": node.map_or_else(String::new, |node| node.id.to_string()),
            "nodename": node.map_or("", |node| node.name.as_str()),
            "nodeattribute": "0",
            "operator": entry.operator,
            "operatorDept": self.directory.department_of(&entry.operator),
            "operatortype": "0",
            "operatedate": time::date(entry.at),
            "operatetime": time::time(entry.at),
            "logtype": entry.kind.code(),
            "remarkHtml": entry.remark,
            "receivedPersons": self.names(&entry.received),
            "receivedPersonids": entry.received.join(","),
            "destnodeid": destination.map_or_else(|| "0".to_owned(), |node| node.id.to_string()),
            "agenttype": "0",
            "agentorbyagentid": "-1",
            "annexdocids": "",
            "signdocids": "",
            "signworkflowids": "",
            "isMobile": "0",
            "remarkLocation": "null",
        })
    }
}

/// `GET …/getRequestOperatorInfo` (操作者).
pub(super) fn operators(world: &mut World, call: &Call) -> Answer {
    let (request, workflow, state) = world.seen(call, "requestid")?;
    let record = |one: &Operator| {
        let node = workflow.node(one.node);
        let operated = one.operated;
        json!({
            "id": one.id.to_string(),
            "groupid": "1",
            "nodeid": node.map_or_else(String::new, |node| node.id.to_string()),
            "nodeName": node.map_or("", |node| node.name.as_str()),
            "userid": one.user,
            "userType": "0",
            "userName": world.directory.name_of(&one.user),
            "viewType": request.view_type(one),
            "isremark": one.standing.number(),
            "receivedate": time::date(one.received),
            "receivetime": time::time(one.received),
            "operatedate": operated.map_or_else(String::new, time::date),
            "operatetime": operated.map_or_else(String::new, time::time),
        })
    };
    Ok(Reply::Data(state.operators.iter().map(record).collect()))
}

impl Request {
    /// 0 unseen, −2 seen.
    pub(super) fn view_type(&self, operator: &Operator) -> &'static str {
        let seen = self.viewed.contains(&operator.id) || operator.standing == Standing::Done;
        if seen { "-2" } else { "0" }
    }
}

/// `GET …/getRequestResources` (相关资源): the files in the form.
pub(super) fn resources(world: &mut World, call: &Call) -> Answer {
    let (_, workflow, state) = world.seen(call, "requestid")?;
    let is_file = |field: &&Field| matches!(field.kind, FieldKind::Attachment(_));
    let main =
        workflow.fields.iter().filter(is_file).filter_map(|field| state.main.get(&field.name));
    let rows = workflow.details.iter().zip(&state.details).flat_map(|(columns, rows)| {
        let columns = columns.iter().filter(is_file);
        columns.flat_map(|column| rows.iter().filter_map(|row| row.values.get(&column.name)))
    });
    let files = main.chain(rows).flat_map(|value| world.documents_in(value));
    let shown = files.map(|(id, document)| documents::resource(world, id, document));
    Ok(Reply::Data(shown.collect()))
}

/// `GET …/getRequestFlowChart` (流程图).
pub(super) fn chart(world: &mut World, call: &Call) -> Answer {
    let (request, ..) = world.seen(call, "requestid")?;
    let url = format!("/workflow/workflowDesign/readOnly-index.html?requestid={}", request.id);
    Ok(Reply::Data(json!({"chartUrl": url})))
}

/// `GET …/getCreateWorkflowRequestInfo` (表单定义).
pub(super) fn form_definition(world: &mut World, call: &Call) -> Answer {
    let id = call.parameters.integer("workflowId").ok_or_else(Refusal::unreadable)?;
    let workflow = world.workflows.get(&id);
    let workflow =
        workflow.ok_or_else(|| Refusal::parameter("msg", format!("流程不存在: {id}")))?;
    if !workflow.enabled || !workflow.may_start(&call.user) {
        return Err(Refusal::permission("msg", "没有创建权限"));
    }
    let empty = |_: &str| String::new();
    let tables: Vec<_> = (workflow.details.iter().enumerate())
        .map(|(index, columns)| {
            json!({
                "tableDBName": workflow.detail_table(index),
                "tableTitle": format!("明细表{}", index.saturating_add(1)),
                "workflowRequestTableRecords": [{
                    "recordOrder": 0,
                    "workflowRequestTableFields": world.fields(workflow, columns, true, empty),
                }],
            })
        })
        .collect();
    Ok(Reply::Data(json!({
        "workflowBaseInfo": base_info(workflow),
        "workflowMainTableInfo": {
            "tableDBName": workflow.main_table(),
            "requestRecords": [{
                "recordOrder": 0,
                "workflowRequestTableFields": world.fields(workflow, &workflow.fields, true, empty),
            }],
        },
        "workflowDetailTableInfos": tables,
    })))
}

/// `POST …/getWorkflowRequestLogs`: a bare array, newest first; `endId` is the last one already read.
pub(super) fn logs(world: &mut World, call: &Call) -> Answer {
    let (_, workflow, state) = world.seen(call, "requestId")?;
    let size = call.parameters.integer("pageSize").filter(|size| *size > 0);
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(LOG_PAGE);
    let end = call.parameters.integer("endId").filter(|end| *end > 0);
    let entries = state.log.iter().rev().filter(|entry| end.is_none_or(|end| entry.id < end));
    let lines: Vec<_> = entries.take(size).map(|entry| world.log_line(entry, workflow)).collect();
    Ok(Reply::Bare(Value::Array(lines)))
}

/// How a request went, for the handle: what polling should make of it.
pub(super) fn summary(request: &Request, workflow: &Workflow) -> Value {
    let state = &request.state;
    let node = workflow.node(state.node);
    let asked: Vec<_> =
        state.operators.iter().filter(|one| one.standing.is_open()).map(|one| &one.user).collect();
    let log: Vec<_> = (state.log.iter())
        .map(|entry| {
            json!({
                "operator": entry.operator, "logtype": entry.kind.code(), "remark": entry.remark,
            })
        })
        .collect();
    let details: Vec<Vec<_>> =
        (state.details.iter()).map(|rows| rows.iter().map(|row| &row.values).collect()).collect();
    let returned = state.decision().is_some_and(|entry| entry.kind == LogKind::Return);
    let result = match (state.node == workflow.archive(), returned) {
        (true, false) => "approved",
        (true, true) => "refused",
        (false, true) => "returned",
        (false, false) => "running",
    };
    json!({
        "requestid": request.id,
        "workflowid": workflow.id,
        "requestname": request.name,
        "creator": request.creator,
        "node": node.map(|node| node.name.as_str()),
        "result": result,
        "asked": asked,
        "main": state.main,
        "details": details,
        "log": log,
    })
}
