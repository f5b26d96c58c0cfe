//! An approval instance (审批实例) and what it consists of.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::template::{Component, Mode};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Running,
    Terminated,
    Completed,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Status::Running => "RUNNING",
            Status::Terminated => "TERMINATED",
            Status::Completed => "COMPLETED",
        }
    }
}

/// What somebody decided, and what comes out of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Agree,
    Refuse,
}

impl Decision {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "agree" => Some(Decision::Agree),
            "refuse" => Some(Decision::Refuse),
            _ => None,
        }
    }

    /// The spelling of instances and events.
    pub(super) fn lower(self) -> &'static str {
        match self {
            Decision::Agree => "agree",
            Decision::Refuse => "refuse",
        }
    }

    /// The spelling of tasks and operation records.
    pub(super) fn upper(self) -> &'static str {
        match self {
            Decision::Agree => "AGREE",
            Decision::Refuse => "REFUSE",
        }
    }
}

#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) process_code: String,
    pub(super) title: String,
    pub(super) business_id: String,
    pub(super) originator: String,
    /// In the contacts' spelling: the root is `1`.
    pub(super) department: i64,
    pub(super) created: DateTime<Utc>,
    pub(super) finished: Option<DateTime<Utc>>,
    pub(super) status: Status,
    pub(super) result: Option<Decision>,
    /// The components of the form as they were at the start: later changes of the template do not
    /// reach it.
    pub(super) components: Vec<Component>,
    pub(super) form: Vec<Filled>,
    pub(super) steps: Vec<Step>,
    pub(super) position: Position,
    pub(super) cc: Vec<String>,
    pub(super) tasks: Vec<Task>,
    pub(super) records: Vec<Record>,
    /// What it does to an earlier instance, and to which.
    pub(super) follows: Option<(BizAction, String)>,
    /// Later instances that change or revoke this one.
    pub(super) attached: Vec<String>,
}

/// `bizAction`: what a later instance does to an earlier one that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BizAction {
    Modify,
    Revoke,
}

impl BizAction {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            BizAction::Modify => "MODIFY",
            BizAction::Revoke => "REVOKE",
        }
    }
}

/// A component of the form as it was filled in: values in the write encoding.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    pub(super) component_id: String,
    pub(super) value: String,
    pub(super) ext_value: Option<String>,
}

/// An approval node with its users resolved.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) activity_id: String,
    pub(super) name: String,
    pub(super) mode: Mode,
    pub(super) users: Vec<String>,
}

/// Where the instance stands in its steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    pub(super) step: usize,
    /// How many of the step's users have been asked; counts only where they are asked in turn.
    pub(super) asked: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskStatus {
    Running,
    Completed,
    Canceled,
    Terminated,
}

impl TaskStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Running => "RUNNING",
            TaskStatus::Completed => "COMPLETED",
            TaskStatus::Canceled => "CANCELED",
            TaskStatus::Terminated => "TERMINATED",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) id: i64,
    pub(super) user: String,
    pub(super) status: TaskStatus,
    /// `AGREE`, `REFUSE`, `REDIRECTED` or `NONE`.
    pub(super) result: &'static str,
    pub(super) created: DateTime<Utc>,
    pub(super) finished: Option<DateTime<Utc>>,
    pub(super) activity_id: String,
    pub(super) node_name: String,
}

/// An entry of `operationRecords`.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) user: String,
    pub(super) at: DateTime<Utc>,
    pub(super) kind: &'static str,
    pub(super) result: &'static str,
    pub(super) remark: Option<String>,
    pub(super) activity_id: Option<String>,
    pub(super) node_name: Option<String>,
    pub(super) attachments: Vec<Value>,
    pub(super) images: Vec<Value>,
}

impl Record {
    pub(super) fn new(kind: &'static str, user: &str, at: DateTime<Utc>) -> Self {
        Record {
            user: user.to_owned(),
            at,
            kind,
            result: "NONE",
            remark: None,
            activity_id: None,
            node_name: None,
            attachments: Vec::new(),
            images: Vec::new(),
        }
    }

    pub(super) fn remark(mut self, remark: &Remark) -> Self {
        self.remark = remark.text.clone();
        self.attachments = remark.attachments.clone();
        self.images = remark.photos.clone();
        self
    }

    pub(super) fn of_task(mut self, task: &Task) -> Self {
        self.activity_id = Some(task.activity_id.clone());
        self.node_name = Some(task.node_name.clone());
        self
    }
}

/// What somebody enters beside a decision: a text, files, pictures.
#[derive(Debug, Clone, Default)]
pub(super) struct Remark {
    pub(super) text: Option<String>,
    pub(super) attachments: Vec<Value>,
    pub(super) photos: Vec<Value>,
}

impl Remark {
    pub(super) fn text(text: &str) -> Self {
        Remark { text: Some(text.to_owned()).filter(|text| !text.is_empty()), ..Remark::default() }
    }
}

impl Instance {
    pub(super) fn is_running(&self) -> bool {
        self.status == Status::Running
    }

    pub(super) fn task(&self, id: i64) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    pub(super) fn open_tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.status == TaskStatus::Running)
    }

    pub(super) fn any_open_task(&self) -> Option<i64> {
        self.open_tasks().next().map(|task| task.id)
    }

    pub(super) fn open_task_of(&self, user: &str) -> Option<&Task> {
        self.open_tasks().find(|task| task.user == user)
    }

    pub(super) fn filled(&self, component_id: &str) -> Option<&Filled> {
        self.form.iter().find(|filled| filled.component_id == component_id)
    }
}
