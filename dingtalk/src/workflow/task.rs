//! Acting on instances and tasks: withdraw, decide, comment, hand over.

use erplink_core::{Effect, ErrorKind, Idempotency};
use serde::{Deserialize, Serialize};

use super::attachment::AttachmentFile;
use super::create::{at_most, required};
use super::{READ, WRITE, Workflow, awaitable};
use crate::client::{Client, Endpoint, Input};
use crate::error::{Error, Result};
use crate::lenient::{self, Scalar};

pub(super) const TERMINATE: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/terminate",
    Idempotency::NotIdempotent,
    WRITE,
);
/// `result` is documented as the decision, not as the outcome of the call.
pub(super) const EXECUTE: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/execute",
    Idempotency::NotIdempotent,
    WRITE,
)
.result_is_data();
pub(super) const COMMENT: Endpoint = Endpoint::api(
    "POST /v1.0/workflow/processInstances/comments",
    Idempotency::NotIdempotent,
    WRITE,
);
pub(super) const REDIRECT: Endpoint =
    Endpoint::api("POST /v1.0/workflow/tasks/redirect", Idempotency::NotIdempotent, WRITE);
pub(super) const TODO_COUNT: Endpoint =
    Endpoint::api("GET /v1.0/workflow/processes/todoTasks/numbers", Idempotency::Safe, READ);

const MAX_TEXT: usize = 1024;
const MAX_REDIRECT_REMARK: usize = 256;
const MAX_ACTION_NAME: usize = 128;
const MAX_FILES: usize = 20;

/// A decision about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// 同意: the flow goes on.
    Agree,
    /// 拒绝: the instance ends.
    Refuse,
}

/// Images and files that go with a comment or decision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskFiles {
    /// Addresses of images.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
    /// Files of the approval space, at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentFile>,
}

fn check_files(files: Option<&TaskFiles>) -> Result<()> {
    let Some(files) = files else { return Ok(()) };
    at_most("files.attachments", files.attachments.len(), MAX_FILES)?;
    match files.attachments.iter().find_map(AttachmentFile::missing_member) {
        Some(member) => Err(Error::invalid(format!("files.attachments: a file lacks `{member}`"))),
        None => Ok(()),
    }
}

impl Workflow {
    /// `POST /v1.0/workflow/processInstances/terminate`: withdraws an instance (撤销审批实例).
    ///
    /// Permission `Workflow.Instance.Write`. Done by the system unless [`Terminate::by`] names the
    /// originator. Only running instances, not in their first 15 seconds, and only where the
    /// template allows it.
    pub fn terminate(&self, instance_id: impl Into<String>) -> Terminate {
        Terminate {
            client: self.client.clone(),
            body: TerminateBody {
                process_instance_id: instance_id.into(),
                is_system: true,
                remark: None,
                operating_user_id: None,
            },
        }
    }

    /// `POST /v1.0/workflow/processInstances/execute`: decides a task (同意或拒绝审批任务) in the
    /// name of its user.
    ///
    /// Permission `Workflow.Instance.Write`. Refusing one task ends the instance. After a success a
    /// repetition is refused; after an unknown outcome read the instance.
    pub fn execute(
        &self,
        instance_id: impl Into<String>,
        task_id: i64,
        user_id: impl Into<String>,
        decision: Decision,
    ) -> Execute {
        Execute {
            client: self.client.clone(),
            body: ExecuteBody {
                process_instance_id: instance_id.into(),
                task_id,
                actioner_user_id: user_id.into(),
                result: decision,
                remark: None,
                file: None,
            },
        }
    }

    /// `POST /v1.0/workflow/processInstances/comments`: adds a comment (添加审批评论).
    ///
    /// Permission `Workflow.Instance.Write`. `text`: at most 1024 characters.
    pub fn comment(
        &self,
        instance_id: impl Into<String>,
        user_id: impl Into<String>,
        text: impl Into<String>,
    ) -> Comment {
        Comment {
            client: self.client.clone(),
            body: CommentBody {
                process_instance_id: instance_id.into(),
                comment_user_id: user_id.into(),
                text: text.into(),
                file: None,
            },
        }
    }

    /// `POST /v1.0/workflow/tasks/redirect`: hands a task over (转交审批任务) from its user to
    /// another.
    ///
    /// Permission `Workflow.Instance.Write`.
    pub fn redirect(
        &self,
        task_id: i64,
        from_user_id: impl Into<String>,
        to_user_id: impl Into<String>,
    ) -> Redirect {
        Redirect {
            client: self.client.clone(),
            body: RedirectBody {
                task_id,
                to_user_id: to_user_id.into(),
                operate_user_id: from_user_id.into(),
                remark: None,
                action_name: None,
                file: None,
            },
        }
    }

    /// `GET /v1.0/workflow/processes/todoTasks/numbers`: how many tasks wait for a user
    /// (用户待审批数量).
    ///
    /// Permission `Workflow.Instance.Read`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `userNotExist`.
    pub async fn todo_count(&self, user_id: &str) -> Result<u64> {
        required("user_id", user_id)?;
        let count: Scalar =
            self.client.call_result(&TODO_COUNT, Input::query([("userId", user_id)])).await?;
        count.into_int().and_then(|count| u64::try_from(count).ok()).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "result: expected a count").with_effect(Effect::Unknown)
        })
    }
}

/// Withdraws an instance. From [`Workflow::terminate`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Terminate {
    client: Client,
    body: TerminateBody,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TerminateBody {
    process_instance_id: String,
    is_system: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operating_user_id: Option<String>,
}

impl Terminate {
    /// In the name of this user, who has to be the originator.
    pub fn by(mut self, user_id: impl Into<String>) -> Self {
        self.body.is_system = false;
        self.body.operating_user_id = Some(user_id.into());
        self
    }

    /// Why; at most 1024 characters.
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.body.remark = Some(remark.into());
        self
    }

    async fn send(self) -> Result<()> {
        required("instance_id", &self.body.process_instance_id)?;
        if let Some(user_id) = &self.body.operating_user_id {
            required("by", user_id)?;
        }
        check_text("remark", self.body.remark.as_deref(), MAX_TEXT)?;
        self.client.call_done(&TERMINATE, Input::json(&self.body)?).await
    }
}

awaitable!(Terminate => ());

/// What the platform answered to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Executed {
    /// The raw `result`. The documentation calls it the decision (true: agreed); the call was done
    /// either way.
    pub result: Option<bool>,
}

/// Decides a task. From [`Workflow::execute`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Execute {
    client: Client,
    body: ExecuteBody,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecuteBody {
    process_instance_id: String,
    task_id: i64,
    actioner_user_id: String,
    result: Decision,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<TaskFiles>,
}

impl Execute {
    /// The opinion (审批意见); at most 1024 characters.
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.body.remark = Some(remark.into());
        self
    }

    /// Images and files.
    pub fn files(mut self, files: TaskFiles) -> Self {
        self.body.file = Some(files);
        self
    }

    async fn send(self) -> Result<Executed> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient::flag")]
            result: Option<bool>,
        }
        required("instance_id", &self.body.process_instance_id)?;
        required("user_id", &self.body.actioner_user_id)?;
        check_text("remark", self.body.remark.as_deref(), MAX_TEXT)?;
        check_files(self.body.file.as_ref())?;
        let answer: Answer = self.client.call(&EXECUTE, Input::json(&self.body)?).await?;
        Ok(Executed { result: answer.result })
    }
}

awaitable!(Execute => Executed);

/// Adds a comment. From [`Workflow::comment`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Comment {
    client: Client,
    body: CommentBody,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CommentBody {
    process_instance_id: String,
    text: String,
    comment_user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<TaskFiles>,
}

impl Comment {
    /// Images and files.
    pub fn files(mut self, files: TaskFiles) -> Self {
        self.body.file = Some(files);
        self
    }

    async fn send(self) -> Result<()> {
        required("instance_id", &self.body.process_instance_id)?;
        required("user_id", &self.body.comment_user_id)?;
        required("text", &self.body.text)?;
        check_text("text", Some(&self.body.text), MAX_TEXT)?;
        check_files(self.body.file.as_ref())?;
        self.client.call_done(&COMMENT, Input::json(&self.body)?).await
    }
}

awaitable!(Comment => ());

/// Hands a task over. From [`Workflow::redirect`]; await it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before it is awaited"]
pub struct Redirect {
    client: Client,
    body: RedirectBody,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RedirectBody {
    task_id: i64,
    to_user_id: String,
    operate_user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<TaskFiles>,
}

impl Redirect {
    /// Why; at most 256 characters.
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.body.remark = Some(remark.into());
        self
    }

    /// What the action is called; at most 128 characters.
    pub fn action_name(mut self, name: impl Into<String>) -> Self {
        self.body.action_name = Some(name.into());
        self
    }

    /// Images and files.
    pub fn files(mut self, files: TaskFiles) -> Self {
        self.body.file = Some(files);
        self
    }

    async fn send(self) -> Result<()> {
        required("to_user_id", &self.body.to_user_id)?;
        required("from_user_id", &self.body.operate_user_id)?;
        check_text("remark", self.body.remark.as_deref(), MAX_REDIRECT_REMARK)?;
        check_text("action_name", self.body.action_name.as_deref(), MAX_ACTION_NAME)?;
        check_files(self.body.file.as_ref())?;
        self.client.call_done(&REDIRECT, Input::json(&self.body)?).await
    }
}

awaitable!(Redirect => ());

fn check_text(name: &str, text: Option<&str>, limit: usize) -> Result<()> {
    let found = text.map_or(0, |text| text.chars().count());
    if found > limit {
        return Err(Error::invalid(format!("{name}: at most {limit} characters, found {found}")));
    }
    Ok(())
}
