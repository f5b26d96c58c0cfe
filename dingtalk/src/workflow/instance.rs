//! Reading an approval instance (审批实例详情).

use erplink_core::{Idempotency, open_enum};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::attachment::AttachmentFile;
use super::create::required;
use super::form::FormValues;
use super::time::{Time, time};
use super::{READ, Workflow};
use crate::client::{Endpoint, Input};
use crate::error::Result;
use crate::lenient;

pub(super) const GET: Endpoint =
    Endpoint::api("GET /v1.0/workflow/processInstances", Idempotency::Safe, READ);

open_enum! {
    /// Where an instance stands.
    pub enum InstanceStatus {
        /// Created, not yet running.
        New = "NEW",
        /// Waiting for somebody.
        Running = "RUNNING",
        /// Withdrawn by the originator or terminated by the system.
        Terminated = "TERMINATED",
        /// Decided; the result says how.
        Completed = "COMPLETED",
        /// Canceled (older answers).
        Canceled = "CANCELED",
    }
}

open_enum! {
    /// How an instance was decided.
    pub enum InstanceResult {
        /// Approved (同意).
        Agree = "agree",
        /// Refused (拒绝).
        Refuse = "refuse",
    }
}

open_enum! {
    /// Whether an instance changes an earlier one.
    pub enum BizAction {
        /// An ordinary instance.
        None = "NONE",
        /// Modifies an earlier instance.
        Modify = "MODIFY",
        /// Revokes an earlier instance.
        Revoke = "REVOKE",
    }
}

open_enum! {
    /// What somebody did to an instance.
    pub enum OperationKind {
        /// Started it.
        Start = "START_PROCESS_INSTANCE",
        /// Decided a task.
        Execute = "EXECUTE_TASK_NORMAL",
        /// Decided a task for somebody else.
        ExecuteAsAgent = "EXECUTE_TASK_AGENT",
        /// The flow decided by itself.
        ExecuteAutomatically = "EXECUTE_TASK_AUTO",
        /// Put somebody in front.
        AppendBefore = "APPEND_TASK_BEFORE",
        /// Put somebody behind.
        AppendAfter = "APPEND_TASK_AFTER",
        /// Handed the task over (转交).
        RedirectTask = "REDIRECT_TASK",
        /// Sent it back (退回).
        RedirectProcess = "REDIRECT_PROCESS",
        /// Withdrew it (撤销).
        Terminate = "TERMINATE_PROCESS_INSTANCE",
        /// The flow ended.
        Finish = "FINISH_PROCESS_INSTANCE",
        /// Wrote a comment.
        Remark = "ADD_REMARK",
        /// Sent copies.
        Cc = "PROCESS_CC",
    }
}

open_enum! {
    /// What an operation decided.
    pub enum OperationResult {
        /// Agreed.
        Agree = "AGREE",
        /// Refused.
        Refuse = "REFUSE",
        /// Nothing: the operation is not a decision.
        None = "NONE",
    }
}

open_enum! {
    /// Where a task stands.
    pub enum TaskStatus {
        /// Not yet started.
        New = "NEW",
        /// Waiting for its user.
        Running = "RUNNING",
        /// Waiting for somebody put in front.
        Paused = "PAUSED",
        /// Decided by somebody else.
        Canceled = "CANCELED",
        /// Decided.
        Completed = "COMPLETED",
        /// Ended with its instance.
        Terminated = "TERMINATED",
    }
}

open_enum! {
    /// How a task was decided.
    pub enum TaskResult {
        /// Agreed.
        Agree = "AGREE",
        /// Refused.
        Refuse = "REFUSE",
        /// Handed over to somebody else.
        Redirected = "REDIRECTED",
        /// Not decided.
        None = "NONE",
    }
}

/// How an instance ended, if it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Not decided yet, or in a state this version does not know.
    Running,
    /// Completed and agreed.
    Approved,
    /// Completed and refused.
    Refused,
    /// Withdrawn, terminated or canceled: nobody decided.
    Withdrawn,
}

/// An approval instance.
///
/// What is absent, `null` or empty text is `None`.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<Time> => #[serde(deserialize_with = "time")],
    Vec<String> => #[serde(deserialize_with = "lenient::texts")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Instance {
    /// Such as `张三提交的物料采购`.
    pub title: Option<String>,
    /// The number people see (审批编号): digits, not a number.
    pub business_id: Option<String>,
    /// Where it stands. [`Instance::outcome`] reads it together with the result.
    #[serde(deserialize_with = "lenient::name")]
    pub status: Option<InstanceStatus>,
    /// How it was decided; `None` while it runs and when it was withdrawn.
    #[serde(deserialize_with = "lenient::name")]
    pub result: Option<InstanceResult>,
    /// When it was started.
    pub create_time: Option<Time>,
    /// When it ended.
    pub finish_time: Option<Time>,
    /// User id of the originator (发起人).
    pub originator_user_id: Option<String>,
    /// Department of the originator; `-1` is the root.
    pub originator_dept_id: Option<String>,
    /// Name of that department.
    pub originator_dept_name: Option<String>,
    /// Approvers. Often missing: do not rely on it.
    pub approver_user_ids: Vec<String>,
    /// Who gets a copy (抄送).
    pub cc_user_ids: Vec<String>,
    /// What happened, in the order of the platform.
    #[serde(deserialize_with = "lenient::list")]
    pub operation_records: Vec<OperationRecord>,
    /// Who had or has to decide.
    #[serde(deserialize_with = "lenient::list")]
    pub tasks: Vec<Task>,
    /// Whether it changes an earlier instance.
    #[serde(deserialize_with = "lenient::name")]
    pub biz_action: Option<BizAction>,
    /// The app's own JSON text.
    pub biz_data: Option<String>,
    /// Instances that modified or revoked this one after it was passed: read their `biz_action`
    /// to know the final state.
    pub attached_process_instance_ids: Vec<String>,
    /// The instance this one belongs to.
    pub main_process_instance_id: Option<String>,
    /// The filled-in form.
    #[serde(deserialize_with = "lenient::object")]
    pub form_component_values: FormValues,
    /// Members this version does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Instance {
    /// How it ended, from status and result; never from the last operation.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (&self.status, &self.result) {
            (Some(InstanceStatus::Completed), Some(InstanceResult::Agree)) => Outcome::Approved,
            (Some(InstanceStatus::Completed), Some(InstanceResult::Refuse)) => Outcome::Refused,
            (Some(InstanceStatus::Terminated | InstanceStatus::Canceled), _) => Outcome::Withdrawn,
            _ => Outcome::Running,
        }
    }

    /// The filled-in form. The same as `form_component_values`.
    #[must_use]
    pub fn form(&self) -> &FormValues {
        &self.form_component_values
    }

    /// The tasks that wait for somebody.
    pub fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.status == Some(TaskStatus::Running))
    }
}

/// What somebody did to an instance.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<Time> => #[serde(deserialize_with = "time")],
    Vec<String> => #[serde(deserialize_with = "lenient::texts")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct OperationRecord {
    /// Who.
    pub user_id: Option<String>,
    /// When.
    pub date: Option<Time>,
    /// What.
    #[serde(rename = "type", deserialize_with = "lenient::name")]
    pub kind: Option<OperationKind>,
    /// What it decided.
    #[serde(deserialize_with = "lenient::name")]
    pub result: Option<OperationResult>,
    /// The text that was entered.
    pub remark: Option<String>,
    /// Files that were attached.
    #[serde(deserialize_with = "lenient::list")]
    pub attachments: Vec<AttachmentFile>,
    /// Who got a copy.
    pub cc_user_ids: Vec<String>,
    /// The node of the flow.
    pub activity_id: Option<String>,
    /// Name of the node, such as `审批人`.
    pub show_name: Option<String>,
    /// Addresses of images.
    pub images: Vec<String>,
}

/// One person's part in an instance.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<Time> => #[serde(deserialize_with = "time")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Task {
    /// Id of the task.
    #[serde(deserialize_with = "lenient::int")]
    pub task_id: Option<i64>,
    /// Who has to decide.
    pub user_id: Option<String>,
    /// Where it stands.
    #[serde(deserialize_with = "lenient::name")]
    pub status: Option<TaskStatus>,
    /// How it was decided.
    #[serde(deserialize_with = "lenient::name")]
    pub result: Option<TaskResult>,
    /// When it came to its user.
    pub create_time: Option<Time>,
    /// When it was decided.
    pub finish_time: Option<Time>,
    /// The page of the task on a phone.
    pub mobile_url: Option<String>,
    /// The page of the task on a computer.
    pub pc_url: Option<String>,
    /// The instance.
    pub process_instance_id: Option<String>,
    /// The node of the flow.
    pub activity_id: Option<String>,
    /// Name of the group of approvers.
    pub task_group_name: Option<String>,
}

impl Workflow {
    /// `GET /v1.0/workflow/processInstances`: reads an approval instance (获取审批实例详情).
    ///
    /// Permission `Workflow.Instance.Read`. Shortly after an event it may still show the state
    /// before it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `processInstanceNotExist`.
    pub async fn get(&self, instance_id: &str) -> Result<Instance> {
        required("instance_id", instance_id)?;
        self.client.call_result(&GET, Input::query([("processInstanceId", instance_id)])).await
    }
}
