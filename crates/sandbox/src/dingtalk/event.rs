//! Approval events (审批事件) and the JSON they travel as.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::filter;
use super::ids::Ids;
use super::instance::{Instance, Remark, Task};

pub(super) const INSTANCE_CHANGE: &str = "bpms_instance_change";
pub(super) const TASK_CHANGE: &str = "bpms_task_change";

/// Which members a pushed event carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldStyle {
    /// What older pushes carry: `corpid`; no event id, no task id, no approval number.
    Seed,
    /// What the documentation describes today: `CorpId`, `EventTime`, `eventId`, `BizId`, `taskId`, …
    #[default]
    Current,
}

/// What happened to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstanceChange {
    Start,
    Finish,
    Terminate,
    Delete,
}

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskChange {
    Start,
    /// With `agree`, `refuse` or `redirect`.
    Finish(&'static str),
    Cancel,
    Comment,
}

/// An event before it is written in a style.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) tag: &'static str,
    pub(super) kind: &'static str,
    pub(super) result: Option<&'static str>,
    pub(super) id: String,
    pub(super) born: DateTime<Utc>,
    pub(super) instance: String,
    pub(super) process_code: String,
    biz_id: String,
    /// Members of both styles.
    common: Map<String, Value>,
    /// Members which only the current style has.
    current: Map<String, Value>,
}

impl Event {
    pub(super) fn of_instance(
        instance: &Instance,
        change: InstanceChange,
        now: DateTime<Utc>,
        ids: &mut Ids,
    ) -> Self {
        let (kind, result) = match change {
            InstanceChange::Start => ("start", None),
            InstanceChange::Finish => ("finish", instance.result.map(|result| result.lower())),
            InstanceChange::Terminate => ("terminate", None),
            InstanceChange::Delete => ("delete", None),
        };
        let mut event = Event::new(INSTANCE_CHANGE, kind, result, instance, now, ids);
        event.put("createTime", instance.created.timestamp_millis());
        event.put("staffId", instance.originator.as_str());
        if matches!(change, InstanceChange::Finish | InstanceChange::Terminate) {
            event.put("finishTime", now.timestamp_millis());
        }
        if change != InstanceChange::Delete {
            event.put("url", instance_url(instance));
        }
        event.current.insert("businessType".to_owned(), json!(""));
        event
    }

    pub(super) fn of_task(
        instance: &Instance,
        task: &Task,
        change: TaskChange,
        remark: &Remark,
        now: DateTime<Utc>,
        ids: &mut Ids,
    ) -> Self {
        let (kind, result) = match change {
            TaskChange::Start => ("start", None),
            TaskChange::Finish(result) => ("finish", Some(result)),
            TaskChange::Cancel => ("cancel", None),
            TaskChange::Comment => ("comment", None),
        };
        let mut event = Event::new(TASK_CHANGE, kind, result, instance, now, ids);
        event.put("createTime", task.created.timestamp_millis());
        event.put("staffId", task.user.as_str());
        if matches!(change, TaskChange::Finish(_) | TaskChange::Cancel) {
            event.put("finishTime", now.timestamp_millis());
        }
        if let Some(text) = &remark.text {
            event.put("remark", text.as_str());
        }
        event.current.insert("taskId".to_owned(), json!(task.id));
        event
    }

    fn new(
        tag: &'static str,
        kind: &'static str,
        result: Option<&'static str>,
        instance: &Instance,
        now: DateTime<Utc>,
        ids: &mut Ids,
    ) -> Self {
        let mut event = Event {
            tag,
            kind,
            result,
            id: ids.word(),
            born: now,
            instance: instance.id.clone(),
            process_code: instance.process_code.clone(),
            biz_id: ids.word(),
            common: Map::new(),
            current: Map::new(),
        };
        event.put("processInstanceId", instance.id.as_str());
        event.put("processCode", instance.process_code.as_str());
        event.put("title", instance.title.as_str());
        event.put("type", kind);
        if let Some(result) = result {
            event.put("result", result);
        }
        event.current.insert("businessId".to_owned(), json!(instance.business_id));
        event.current.insert("bizCategoryId".to_owned(), json!(""));
        event
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.common.insert(name.to_owned(), value.into());
    }

    /// The plaintext of an HTTP push.
    pub(super) fn plaintext(&self, style: FieldStyle, corp_id: &str) -> Value {
        let mut members = self.members(style);
        members.insert("EventType".to_owned(), json!(self.tag));
        match style {
            FieldStyle::Seed => {
                members.insert("corpid".to_owned(), json!(corp_id));
            }
            FieldStyle::Current => {
                members.insert("CorpId".to_owned(), json!(corp_id));
                members.insert("EventTime".to_owned(), json!(self.born.timestamp_millis()));
                members.insert("BizId".to_owned(), json!(self.biz_id));
                members.insert("eventId".to_owned(), json!(self.id));
            }
        }
        Value::Object(members)
    }

    /// The entry in the list of failed pushes.
    pub(super) fn failed_entry(&self, style: FieldStyle, corp_id: &str) -> Value {
        let mut data = self.members(style);
        data.insert("EventType".to_owned(), json!(self.tag));
        data.insert("corpId".to_owned(), json!(corp_id));
        json!({
            "call_back_tag": self.tag,
            "event_time": self.born.timestamp_millis(),
            (self.tag): {"corpid": corp_id, "bpmsCallBackData": data},
        })
    }

    /// What a Stream frame carries in `data`; the rest stands in its headers.
    pub(super) fn stream_data(&self) -> Value {
        Value::Object(self.members(FieldStyle::Current))
    }

    /// Whether the type is subscribed and the event passes the filter rules.
    pub(super) fn is_selected(&self, event_types: &[String], filters: &[String]) -> bool {
        let resources = self.resources();
        let passes =
            |rule: &String| resources.iter().any(|resource| filter::matches(rule, resource));
        event_types.iter().any(|kind| kind == self.tag)
            && (filters.is_empty() || filters.iter().any(passes))
    }

    /// The path that subscription filters are compared with, in its two spellings.
    fn resources(&self) -> [String; 2] {
        let Event { tag, process_code, kind, .. } = self;
        [
            format!("/v1.0/event/{tag}/processCode/{process_code}/type/{kind}"),
            format!("/v1.0/event/{tag}/bizCategoryId//processCode/{process_code}/type/{kind}"),
        ]
    }

    fn members(&self, style: FieldStyle) -> Map<String, Value> {
        let mut members = self.common.clone();
        if style == FieldStyle::Current {
            members.extend(self.current.clone());
        }
        members
    }
}

/// `instance/finish/agree`, for logs.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = if self.tag == TASK_CHANGE { "task" } else { "instance" };
        write!(f, "{subject}/{}", self.kind)?;
        self.result.map_or(Ok(()), |result| write!(f, "/{result}"))
    }
}

/// Where a person opens the instance.
pub(super) fn instance_url(instance: &Instance) -> String {
    format!(
        "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?procInstId={}#approval",
        instance.id
    )
}
