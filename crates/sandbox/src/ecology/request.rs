//! A request (流程请求): one run of a workflow, as the server remembers it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::workflow::Sign;

#[derive(Debug)]
pub(super) struct Request {
    pub(super) id: i64,
    pub(super) workflow: i64,
    pub(super) name: String,
    pub(super) level: String,
    pub(super) creator: String,
    pub(super) created: DateTime<Utc>,
    /// How it is.
    pub(super) state: State,
    /// How queries still show it, each until a time: the flow moves in the background.
    pub(super) past: Vec<(DateTime<Utc>, State)>,
    /// Operator records whose users have opened the request since they got it.
    pub(super) viewed: BTreeSet<i64>,
}

impl Request {
    /// How queries show it now.
    pub(super) fn visible(&self, now: DateTime<Utc>) -> &State {
        let past = self.past.iter().find(|(until, _)| *until > now);
        past.map_or(&self.state, |(_, state)| state)
    }
}

/// What changes while a request runs.
#[derive(Debug, Clone)]
pub(super) struct State {
    /// Index of the node where it stands.
    pub(super) node: usize,
    /// Name of the exit (出口) taken last: what the server calls `status`.
    pub(super) exit: String,
    pub(super) operators: Vec<Operator>,
    pub(super) log: Vec<LogEntry>,
    /// Main fields by name, as the database holds them.
    pub(super) main: BTreeMap<String, String>,
    /// One entry a detail table.
    pub(super) details: Vec<Vec<Row>>,
    /// After a return: the node to which the next submit leads directly.
    pub(super) come_back: Option<usize>,
    /// How many have to sign here, where an intervention says otherwise than the design.
    pub(super) sign: Option<Sign>,
    /// Who signs after the present operator, where they sign one after the other.
    pub(super) waiting: Vec<String>,
    pub(super) last_operator: String,
    pub(super) last_operated: DateTime<Utc>,
}

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) values: BTreeMap<String, String>,
}

/// A user who has, or had, something to do.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    pub(super) id: i64,
    /// Index of the node.
    pub(super) node: usize,
    pub(super) user: String,
    pub(super) standing: Standing,
    /// Got it by a return (退回).
    pub(super) returned: bool,
    pub(super) received: DateTime<Utc>,
    pub(super) operated: Option<DateTime<Utc>>,
}

/// `isremark`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// 0.
    Pending,
    /// 1: a forwarded request; an opinion is expected.
    Forwarded,
    /// 1: asked for advice (意见征询).
    Consulted,
    /// 2.
    Done,
    /// 4: the request is archived.
    Archived,
    /// 8: a copy (抄送) to read.
    Copied,
}

impl Standing {
    pub(super) fn number(self) -> &'static str {
        match self {
            Standing::Pending => "0",
            Standing::Forwarded | Standing::Consulted => "1",
            Standing::Done => "2",
            Standing::Archived => "4",
            Standing::Copied => "8",
        }
    }

    /// Whether the user is asked to do something.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Standing::Pending | Standing::Forwarded | Standing::Consulted)
    }
}

/// An entry of the sign-off log (流转意见).
#[derive(Debug, Clone)]
pub(super) struct LogEntry {
    pub(super) id: i64,
    /// Index of the node.
    pub(super) node: usize,
    pub(super) operator: String,
    pub(super) at: DateTime<Utc>,
    pub(super) kind: LogKind,
    pub(super) remark: String,
    pub(super) received: Vec<String>,
    /// Index of the node to which it led.
    pub(super) destination: Option<usize>,
}

/// `logtype`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LogKind {
    Approve,
    Save,
    Submit,
    Return,
    Forward,
    Annotate,
    Consult,
    ConsultReply,
    ForceArchive,
    HandOver,
    Intervene,
    Copy,
}

impl LogKind {
    pub(super) fn code(self) -> &'static str {
        match self {
            LogKind::Approve => "0",
            LogKind::Save => "1",
            LogKind::Submit => "2",
            LogKind::Return => "3",
            LogKind::Forward => "7",
            LogKind::Annotate => "9",
            LogKind::Consult => "a",
            LogKind::ConsultReply => "b",
            LogKind::ForceArchive => "e",
            LogKind::HandOver => "h",
            LogKind::Intervene => "i",
            LogKind::Copy => "t",
        }
    }

    /// Whether it moves the flow; the others only say something.
    pub(super) fn decides(self) -> bool {
        matches!(
            self,
            LogKind::Approve
                | LogKind::Submit
                | LogKind::Return
                | LogKind::ForceArchive
                | LogKind::Intervene
        )
    }

    /// `operateType`: what people read.
    pub(super) fn text(self) -> &'static str {
        match self {
            LogKind::Approve => "批准",
            LogKind::Save => "保存",
            LogKind::Submit => "提交",
            LogKind::Return => "退回",
            LogKind::Forward => "转发",
            LogKind::Annotate => "批注",
            LogKind::Consult => "意见征询",
            LogKind::ConsultReply => "意见征询回复",
            LogKind::ForceArchive => "强制归档",
            LogKind::HandOver => "转办",
            LogKind::Intervene => "干预",
            LogKind::Copy => "抄送",
        }
    }
}

impl State {
    /// The record by which the user is asked for something; a full operator before a forwarded one.
    pub(super) fn open_record(&self, user: &str) -> Option<usize> {
        let of = |wanted: &dyn Fn(Standing) -> bool| {
            let mut records = self.operators.iter();
            records.position(|one| one.user == user && wanted(one.standing))
        };
        of(&|standing| standing == Standing::Pending).or_else(|| of(&Standing::is_open))
    }

    /// The entry that moved the flow last.
    pub(super) fn decision(&self) -> Option<&LogEntry> {
        self.log.iter().rev().find(|entry| entry.kind.decides())
    }

    /// Users who are operators of the node now.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Operator> {
        self.operators.iter().filter(|one| one.standing == Standing::Pending)
    }
}
