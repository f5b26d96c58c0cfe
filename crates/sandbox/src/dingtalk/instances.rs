//! Reading, listing and withdrawing instances.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::directory::to_workflow;
use super::event::instance_url;
use super::form;
use super::ids::beijing;
use super::instance::{Decision, Instance, Record, Remark, Status, Task, TaskStatus};
use super::quirks::TimeStyle;
use super::refusal::Refusal;
use super::request::{Request, texts};
use super::world::World;

/// An instance cannot be withdrawn earlier than this after its start.
const WITHDRAW_AFTER: TimeDelta = TimeDelta::seconds(15);
/// Longest span of a list request.
const LONGEST_SPAN: TimeDelta = TimeDelta::days(120);
/// Oldest start time of a list request that has an end.
const OLDEST_START: TimeDelta = TimeDelta::days(365);
/// Largest page of a list request.
const LARGEST_PAGE: i64 = 20;
/// Most ids that paging gives out.
const MOST_IDS: usize = 10_000;
/// Most originators in a list request.
const MOST_ORIGINATORS: usize = 10;
/// Most attachments beside a remark.
const MOST_ATTACHMENTS: usize = 20;
/// Longest remark, in characters.
const LONGEST_REMARK: usize = 1024;

/// `GET /v1.0/workflow/processInstances`: the instance detail (获取单个审批实例详情).
pub(super) fn get(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let id = request
        .parameter("processInstanceId")
        .ok_or_else(|| Refusal::new("processInstanceIdError", "processInstanceId 不能为空"))?;
    let instance = world
        .instances
        .get(id)
        .ok_or_else(|| Refusal::new("processInstanceNotExist", "审批实例不存在"))?;
    let success = if world.quirks.success_as_boolean { json!(true) } else { json!("true") };
    Ok(json!({"result": world.detail(instance, request.now), "success": success}))
}

impl World {
    /// The instance as its detail shows it at a time.
    pub(super) fn detail(&self, instance: &Instance, now: DateTime<Utc>) -> Value {
        let ended = instance.finished.filter(|at| {
            let past = now.signed_duration_since(*at).to_std();
            past.is_ok_and(|past| past >= self.quirks.decision_lag)
        });
        let mut detail = Map::new();
        let mut put = |name: &str, value: Value| {
            detail.insert(name.to_owned(), value);
        };
        put("title", json!(instance.title));
        put("createTime", self.time(instance.created));
        if let Some(finished) = ended {
            put("finishTime", self.time(finished));
        }
        put("originatorUserId", json!(instance.originator));
        put("originatorDeptId", json!(to_workflow(instance.department).to_string()));
        let department = self.directory.department(instance.department);
        put("originatorDeptName", json!(department.map_or("", |one| one.name.as_str())));
        let status = if ended.is_some() { instance.status } else { Status::Running };
        put("status", json!(status.as_str()));
        let result = instance.result.filter(|_| ended.is_some());
        put("result", json!(result.map_or("", Decision::lower)));
        put("businessId", json!(instance.business_id));
        put("approverUserIds", instance.steps.iter().flat_map(|step| step.users.clone()).collect());
        put("ccUserIds", json!(instance.cc));
        put("operationRecords", instance.records.iter().map(|one| self.record(one)).collect());
        put("tasks", instance.tasks.iter().map(|task| self.task(instance, task)).collect());
        let follows = instance.follows.as_ref();
        put("bizAction", json!(follows.map_or("NONE", |(action, _)| action.as_str())));
        put("bizData", json!(""));
        put("attachedProcessInstanceIds", json!(instance.attached));
        put("mainProcessInstanceId", json!(follows.map_or("", |(_, main)| main)));
        let values = instance.components.iter().map(|component| {
            form::read(component, instance.filled(&component.id), &self.directory, &self.quirks)
        });
        put("formComponentValues", values.collect());
        Value::Object(detail)
    }

    fn record(&self, record: &Record) -> Value {
        let mut shown = json!({
            "userId": record.user,
            "date": self.time(record.at),
            "type": record.kind,
            "result": record.result,
            "attachments": record.attachments,
            "images": record.images,
            "ccUserIds": [],
        });
        if let Some(members) = shown.as_object_mut() {
            let optional = [
                ("remark", &record.remark),
                ("activityId", &record.activity_id),
                ("showName", &record.node_name),
            ];
            for (name, value) in optional {
                members.extend(value.as_ref().map(|value| (name.to_owned(), json!(value))));
            }
        }
        shown
    }

    fn task(&self, instance: &Instance, task: &Task) -> Value {
        let mut shown = json!({
            "taskId": task.id,
            "userId": task.user,
            "status": task.status.as_str(),
            "result": task.result,
            "createTime": self.time(task.created),
            "mobileUrl": instance_url(instance),
            "pcUrl": instance_url(instance),
            "processInstanceId": instance.id,
            "activityId": task.activity_id,
            "taskGroupName": task.node_name,
        });
        if let (Some(finished), Some(members)) = (task.finished, shown.as_object_mut()) {
            members.insert("finishTime".to_owned(), self.time(finished));
        }
        shown
    }

    fn time(&self, time: DateTime<Utc>) -> Value {
        match self.quirks.times {
            TimeStyle::Minutes => json!(time.format("%Y-%m-%dT%H:%MZ").to_string()),
            TimeStyle::Seconds => json!(time.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            TimeStyle::Beijing => {
                json!(beijing(time).format("%Y-%m-%dT%H:%M:%S+08:00").to_string())
            }
            TimeStyle::Milliseconds => json!(time.timestamp_millis()),
        }
    }
}

/// `POST /v1.0/workflow/processes/instanceIds/query`: ids of a template's instances.
pub(super) fn list_ids(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let code = request.text("processCode").filter(|code| world.templates.contains_key(*code));
    let code = code.ok_or_else(|| Refusal::new("invalidProcessCode", "processCode 不合法"))?;
    let (from, until) = interval(request)?;
    let start = request
        .integer("nextToken")
        .and_then(|token| usize::try_from(token).ok())
        .ok_or_else(|| Refusal::new("invalidNextToken", "nextToken 必须是数字，首页传0"))?;
    let page = request
        .integer("maxResults")
        .filter(|size| (1..=LARGEST_PAGE).contains(size))
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| Refusal::new("invalidMaxResults", "maxResults 必须在1到20之间"))?;
    let users = request.member("userIds").map_or(Some(Vec::new()), texts);
    let users = users
        .filter(|users| users.len() <= MOST_ORIGINATORS)
        .ok_or_else(|| Refusal::new("invalidUserIds", "userIds 最多10个"))?;
    let statuses = request.member("statuses").map_or(Some(Vec::new()), texts);
    let statuses =
        statuses.ok_or_else(|| Refusal::new("invalidParameter", "statuses 必须是字符串数组"))?;

    let mut found: Vec<&Instance> = world
        .instances
        .values()
        .filter(|one| one.process_code == code && (from..=until).contains(&one.created))
        .filter(|one| users.is_empty() || users.contains(&one.originator.as_str()))
        .filter(|one| statuses.is_empty() || statuses.contains(&one.status.as_str()))
        .collect();
    found.sort_by_key(|one| (one.created, &one.business_id));
    found.truncate(MOST_IDS);
    let ids: Vec<&str> = found.iter().skip(start).take(page).map(|one| one.id.as_str()).collect();
    let next = start.saturating_add(ids.len());
    let mut result = json!({"list": ids});
    if let Some(members) = result.as_object_mut().filter(|_| next < found.len()) {
        members.insert("nextToken".to_owned(), json!(next.to_string()));
    }
    Ok(json!({"result": result, "success": true}))
}

/// The interval of a list request, checked against the platform's age rules.
fn interval(request: &Request) -> Result<(DateTime<Utc>, DateTime<Utc>), Refusal> {
    let refused = |message: &str| Refusal::new("invalidInstanceListIdsStartTime", message);
    let from = request
        .integer("startTime")
        .and_then(DateTime::from_timestamp_millis)
        .ok_or_else(|| refused("startTime 必填，毫秒时间戳"))?;
    // The client's clock and ours agree on the millisecond only; a second is no cheating.
    let tolerance = TimeDelta::seconds(1);
    let age = request.now.signed_duration_since(from) - tolerance;
    let until = match request.member("endTime") {
        None if age > LONGEST_SPAN => return Err(refused("只传 startTime 时不能早于120天")),
        None => return Ok((from, request.now)),
        Some(end) => end.as_i64().and_then(DateTime::from_timestamp_millis),
    };
    let until = until
        .filter(|until| *until >= from)
        .ok_or_else(|| Refusal::new("invalidEndTime", "endTime 不合法"))?;
    if until.signed_duration_since(from) > LONGEST_SPAN {
        return Err(refused("startTime 与 endTime 间隔不能超过120天"));
    }
    if age > OLDEST_START {
        return Err(refused("startTime 不能早于365天"));
    }
    Ok((from, until))
}

/// `POST /v1.0/workflow/processInstances/terminate`: withdraw an instance (撤销审批实例).
pub(super) fn terminate(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let id = request
        .text("processInstanceId")
        .ok_or_else(|| Refusal::new("invalidInstanceId", "processInstanceId 不能为空"))?;
    let is_system = request
        .member("isSystem")
        .and_then(Value::as_bool)
        .ok_or_else(|| Refusal::new("invalidInstanceTerminateIsSystem", "isSystem 不能为空"))?;
    let operator = request.text("operatingUserId");
    if !is_system {
        let operator = operator.ok_or_else(|| {
            let message = "isSystem 为 false 时 operatingUserId 不能为空";
            Refusal::new("invalidInstanceTerminateOperatingUserId", message)
        })?;
        world.require_user(operator)?;
    }
    let remark = remark(request, "remark", LONGEST_REMARK)?;
    let instance = world
        .instances
        .get(id)
        .ok_or_else(|| Refusal::new("aflowProcessInstNotExist", "审批实例不存在"))?;
    if request.now.signed_duration_since(instance.created) < WITHDRAW_AFTER {
        return Err(Refusal::new("aflowProcessInstStatusException", "发起15秒内不能撤销"));
    }
    if !is_system && operator != Some(instance.originator.as_str()) {
        return Err(Refusal::new("internalError", "没有权限：只有发起人可以撤销"));
    }
    let by = operator.unwrap_or(&instance.originator).to_owned();
    world.withdraw(id, &by, &remark, request.now)?;
    Ok(json!({"result": true, "success": true}))
}

impl World {
    /// What a withdrawal by call and one by hand have in common.
    pub(super) fn withdraw(
        &mut self,
        id: &str,
        by: &str,
        remark: &Remark,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let not_found = || Refusal::new("aflowProcessInstNotExist", "审批实例不存在");
        let instance = self.instances.get(id).ok_or_else(not_found)?;
        if !instance.is_running() {
            return Err(Refusal::new("aflowProcessInstStatusException", "审批实例已结束"));
        }
        if self.template_of(instance).is_some_and(|template| !template.allow_withdraw) {
            return Err(Refusal::new("internalError", "没有权限：模板不允许撤销"));
        }
        let tasks = if self.quirks.withdrawn_tasks_terminated {
            TaskStatus::Terminated
        } else {
            TaskStatus::Canceled
        };
        let (instance, mut moment) = self.stage(id, now).ok_or_else(not_found)?;
        instance.terminate(by, remark, tasks, &mut moment);
        Ok(())
    }
}

/// A remark with its files, from the members `name` and `file`.
pub(super) fn remark(request: &Request, name: &str, longest: usize) -> Result<Remark, Refusal> {
    let text = request.text(name);
    if text.is_some_and(|text| text.chars().count() > longest) {
        return Err(Refusal::new("invalidParameter", format!("{name} 超过{longest}个字符")));
    }
    let files = |member: &str, most: usize| match request
        .member("file")
        .and_then(|file| file.get(member))
    {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => list.as_array().filter(|list| list.len() <= most).cloned().ok_or_else(|| {
            let message = format!("file.{member} 必须是数组，最多{most}个");
            Refusal::new("invalidParameter", message)
        }),
    };
    Ok(Remark {
        text: text.map(str::to_owned),
        attachments: files("attachments", MOST_ATTACHMENTS)?,
        photos: files("photos", usize::MAX)?,
    })
}
