//! Tasks (审批任务): execute, hand over, comment, count.

use serde_json::{Value, json};

use super::event::{Event, TaskChange};
use super::instance::{Decision, Instance, Record, Task, TaskStatus};
use super::instances::remark;
use super::refusal::Refusal;
use super::request::Request;
use super::world::World;

/// Longest remark of a decision and longest comment, in characters.
const LONGEST_REMARK: usize = 1024;
/// Longest name of a hand-over, in characters.
const LONGEST_ACTION: usize = 128;
/// Longest remark of a hand-over, in characters.
const LONGEST_REDIRECT_REMARK: usize = 256;

/// `POST /v1.0/workflow/processInstances/execute`: agree or refuse (同意或拒绝审批任务).
pub(super) fn execute(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let missing = |code: &'static str, name: &'static str| {
        move || Refusal::new(code, format!("{name} 为空或不合法"))
    };
    let id = request
        .text("processInstanceId")
        .ok_or_else(missing("invalidInstanceId", "processInstanceId"))?;
    let actioner = request
        .text("actionerUserId")
        .ok_or_else(missing("invalidInstanceExecuteActionerUserId", "actionerUserId"))?;
    let task_id =
        request.integer("taskId").ok_or_else(missing("invalidInstanceExecuteTaskId", "taskId"))?;
    let decision = request
        .text("result")
        .and_then(Decision::parse)
        .ok_or_else(missing("invalidInstanceExecuteResult", "result"))?;
    let remark = remark(request, "remark", LONGEST_REMARK)?;
    world.require_user(actioner)?;
    let (instance, mut moment) = world
        .stage(id, request.now)
        .ok_or_else(|| Refusal::new("aflowProcessNotExist", "审批实例不存在"))?;
    if !instance.is_running() {
        return Err(Refusal::new("aflowProcessInstStatusException", "审批实例已结束"));
    }
    let open = |task: &&Task| task.status == TaskStatus::Running && task.user == actioner;
    if instance.task(task_id).filter(open).is_none() {
        let message = "审批任务不能执行：任务不存在、已处理或不属于该用户";
        return Err(Refusal::new("aflowProcessInstCanNotBeExecuted", message));
    }
    instance.decide(task_id, decision, &remark, &mut moment);
    Ok(json!({"result": true, "success": true}))
}

/// `POST /v1.0/workflow/tasks/redirect`: hand a task over (转交OA审批任务).
pub(super) fn redirect(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let blank =
        |name: &'static str| move || Refusal::new("param.blank", format!("参数 {name} 不能为空"));
    let task_id = request.integer("taskId").ok_or_else(blank("taskId"))?;
    let to = request.text("toUserId").ok_or_else(blank("toUserId"))?;
    let operator = request.text("operateUserId").ok_or_else(blank("operateUserId"))?;
    let remark = remark(request, "remark", LONGEST_REDIRECT_REMARK)
        .map_err(|refusal| Refusal::new("param.illegal", refusal.message))?;
    if request.text("actionName").is_some_and(|name| name.chars().count() > LONGEST_ACTION) {
        return Err(Refusal::new("param.illegal", "参数 actionName 过长"));
    }
    if world.directory.user(to).is_none() {
        return Err(Refusal::new("param.illegal", format!("参数 toUserId 不合法：{to}")));
    }
    let has_task = |instance: &&Instance| instance.task(task_id).is_some();
    let id = world.instances.values().find(has_task).map(|instance| instance.id.clone());
    let (instance, mut moment) = id
        .and_then(|id| world.stage(&id, request.now))
        .ok_or_else(|| Refusal::new("param.illegal", format!("参数 taskId 不合法：{task_id}")))?;
    if !instance.is_running() {
        return Err(Refusal::new("instance.status.error", "审批实例已结束"));
    }
    let task = instance.task(task_id);
    if task.is_none_or(|task| task.status != TaskStatus::Running) {
        return Err(Refusal::new("task.status.error", "审批任务已处理"));
    }
    if task.is_none_or(|task| task.user != operator) {
        let message = "操作人不是任务的当前执行人";
        return Err(Refusal::new("param.illegal.operator", message));
    }
    instance.hand_over(task_id, to, &remark, &mut moment);
    Ok(json!({"result": true}))
}

/// `POST /v1.0/workflow/processInstances/comments`: add a comment (添加审批评论).
pub(super) fn comment(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let id = request
        .text("processInstanceId")
        .ok_or_else(|| Refusal::new("invalidInstanceId", "processInstanceId 不能为空"))?;
    if request.text("text").is_none_or(|text| text.chars().count() > LONGEST_REMARK) {
        let message = format!("text 不能为空且不能超过{LONGEST_REMARK}个字符");
        return Err(Refusal::new("invalidInstanceCommentText", message));
    }
    let user = request
        .text("commentUserId")
        .ok_or_else(|| Refusal::new("invalidInstanceCommentUserId", "commentUserId 不能为空"))?;
    world.require_user(user)?;
    let remark = remark(request, "text", LONGEST_REMARK)?;
    let announce = world.quirks.comment_events;
    let (instance, moment) = world
        .stage(id, request.now)
        .ok_or_else(|| Refusal::new("aflowProcessInstNotExist", "审批实例不存在"))?;
    let record = Record::new("ADD_REMARK", user, request.now).remark(&remark);
    instance.records.push(record);
    if announce && let Some(task) = instance.tasks.last() {
        let task = Task { user: user.to_owned(), ..task.clone() };
        let event =
            Event::of_task(instance, &task, TaskChange::Comment, &remark, moment.now, moment.ids);
        moment.events.push(event);
    }
    Ok(json!({"result": true, "success": true}))
}

/// `GET /v1.0/workflow/processes/todoTasks/numbers`: how many tasks wait for a user (待审批数量).
pub(super) fn todo_number(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let user = request
        .parameter("userId")
        .ok_or_else(|| Refusal::new("invalidGetTodoTaskSumUserId", "userId 不能为空"))?;
    world.require_user(user)?;
    let running = world.instances.values().filter(|instance| instance.is_running());
    let open = running.flat_map(Instance::open_tasks).filter(|task| task.user == user).count();
    Ok(json!({"result": open}))
}
