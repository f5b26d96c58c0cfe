//! The events of approvals, in every spelling the platform uses.

use erplink_core::json::{DecodeError, decode_and_keep};
use erplink_core::{RawJson, open_enum};
use serde::Deserialize;

use crate::lenient::{self, Scalar};

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The platform checks the callback address (`check_url`). The reply is all it wants.
    CheckUrl,
    /// `bpms_instance_change`: an approval instance started, ended, was withdrawn or deleted.
    Instance(InstanceEvent),
    /// `bpms_task_change`: a task came to somebody, was decided, handed over or canceled.
    Task(TaskEvent),
    /// Any other event.
    Other(OtherEvent),
}

/// What every event carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// Such as `bpms_instance_change`.
    pub event_type: String,
    /// Id of the event; missing in older pushes.
    pub event_id: Option<String>,
    /// When it happened, in milliseconds of the epoch; missing in older pushes.
    pub event_time: Option<i64>,
    /// Id of the organisation, whether it was spelled `CorpId`, `corpId` or `corpid`.
    pub corp_id: Option<String>,
    /// The platform's own id of the push.
    pub biz_id: Option<String>,
}

open_enum! {
    /// How an instance was decided, in an event.
    pub enum InstanceResultKind {
        /// Approved (同意).
        Agree = "agree",
        /// Refused (拒绝).
        Refuse = "refuse",
    }
}

open_enum! {
    /// How a task was decided, in an event.
    pub enum TaskResultKind {
        /// Agreed.
        Agree = "agree",
        /// Refused.
        Refuse = "refuse",
        /// Handed over to somebody else (转交).
        Redirect = "redirect",
    }
}

/// What happened to an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceChange {
    /// It was started.
    Started,
    /// It was decided. `None`: the event does not say how; read the instance.
    Finished(Option<InstanceResultKind>),
    /// It was withdrawn (撤销). There is no result: nobody approved it.
    Terminated,
    /// It was deleted.
    Deleted,
    /// Something this version does not know.
    Other(String),
}

/// What happened to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskChange {
    /// It came to its user.
    Started,
    /// It was decided or handed over. `None`: the event does not say how.
    Finished(Option<TaskResultKind>),
    /// Somebody else decided in place of its user.
    Canceled,
    /// Something this version does not know, such as `comment`.
    Other(String),
}

/// `bpms_instance_change`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstanceEvent {
    /// What every event carries.
    pub meta: Meta,
    /// What happened.
    pub change: InstanceChange,
    /// The instance.
    pub process_instance_id: String,
    /// The template.
    pub process_code: Option<String>,
    /// Title of the instance.
    pub title: Option<String>,
    /// User id of the originator.
    pub staff_id: Option<String>,
    /// When the instance was started, in milliseconds of the epoch.
    pub create_time: Option<i64>,
    /// When it ended, in milliseconds of the epoch.
    pub finish_time: Option<i64>,
    /// The number people see (审批编号).
    pub business_id: Option<String>,
    /// Category of the template.
    pub biz_category_id: Option<String>,
    /// Page of the instance.
    pub url: Option<String>,
    /// The event as sent.
    pub raw: RawJson,
}

/// `bpms_task_change`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskEvent {
    /// What every event carries.
    pub meta: Meta,
    /// What happened.
    pub change: TaskChange,
    /// The instance.
    pub process_instance_id: String,
    /// The task; missing in older pushes.
    pub task_id: Option<i64>,
    /// The template.
    pub process_code: Option<String>,
    /// Title of the instance.
    pub title: Option<String>,
    /// User id of the approver; on a redirect of the one who handed over.
    pub staff_id: Option<String>,
    /// The text entered with the decision.
    pub remark: Option<String>,
    /// When the task was made, in milliseconds of the epoch.
    pub create_time: Option<i64>,
    /// When it was decided, in milliseconds of the epoch. Not always after `create_time`.
    pub finish_time: Option<i64>,
    /// The number people see (审批编号).
    pub business_id: Option<String>,
    /// Category of the template.
    pub biz_category_id: Option<String>,
    /// The event as sent.
    pub raw: RawJson,
}

/// An event this version does not type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherEvent {
    /// What every event carries.
    pub meta: Meta,
    /// The event as sent.
    pub raw: RawJson,
}

impl Event {
    /// What every event carries; `None` for [`Event::CheckUrl`].
    #[must_use]
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::CheckUrl => None,
            Self::Instance(event) => Some(&event.meta),
            Self::Task(event) => Some(&event.meta),
            Self::Other(event) => Some(&event.meta),
        }
    }

    /// The event as sent; `None` for [`Event::CheckUrl`].
    #[must_use]
    pub fn raw(&self) -> Option<&RawJson> {
        match self {
            Self::CheckUrl => None,
            Self::Instance(event) => Some(&event.raw),
            Self::Task(event) => Some(&event.raw),
            Self::Other(event) => Some(&event.raw),
        }
    }

    /// The same text for every delivery of the same event.
    ///
    /// The platform's event id where there is one, else the members that tell events apart.
    /// Keep the keys for an hour at least.
    ///
    /// An event from [`Client::failed_events`](crate::Client::failed_events) comes without its id:
    /// its key is not that of the push it repeats, so whatever handles it has to bear a repetition
    /// (read the instance, look whether it was done).
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let Some(meta) = self.meta() else { return "check_url".to_owned() };
        if let Some(id) = &meta.event_id {
            return id.clone();
        }
        let time = |at: Option<i64>| at.map(|at| at.to_string()).unwrap_or_default();
        let parts = match self {
            Self::CheckUrl => Vec::new(),
            Self::Instance(event) => vec![
                event.process_instance_id.clone(),
                event.change.kind().to_owned(),
                event.change.result().to_owned(),
                event.staff_id.clone().unwrap_or_default(),
                time(event.finish_time.or(event.create_time)),
            ],
            Self::Task(event) => vec![
                event.process_instance_id.clone(),
                event.change.kind().to_owned(),
                event.change.result().to_owned(),
                event
                    .task_id
                    .map(|id| id.to_string())
                    .or_else(|| event.staff_id.clone())
                    .unwrap_or_default(),
                time(event.finish_time.or(event.create_time)),
            ],
            Self::Other(event) => vec![event.raw.as_str().to_owned()],
        };
        format!("{}|{}", meta.event_type, parts.join("|"))
    }

    /// Reads an event from a JSON object, as HTTP pushes carry it.
    ///
    /// # Errors
    /// When the text is not a JSON object with an `EventType`, or an approval event names no
    /// instance.
    pub fn parse(json: &str) -> Result<Self, DecodeError> {
        Self::read(json.to_owned())
    }

    pub(super) fn read(json: String) -> Result<Self, DecodeError> {
        let (EventText(mut this), text) = decode_and_keep(json)?;
        match &mut this {
            Self::CheckUrl => {}
            Self::Instance(event) => event.raw = text,
            Self::Task(event) => event.raw = text,
            Self::Other(event) => event.raw = text,
        }
        Ok(this)
    }
}

impl InstanceChange {
    /// `start`, `finish`, `terminate`, `delete` or what the platform wrote.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Started => "start",
            Self::Finished(_) => "finish",
            Self::Terminated => "terminate",
            Self::Deleted => "delete",
            Self::Other(kind) => kind,
        }
    }

    fn result(&self) -> &str {
        match self {
            Self::Finished(Some(result)) => result.as_str(),
            _ => "",
        }
    }
}

impl TaskChange {
    /// `start`, `finish`, `cancel` or what the platform wrote.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Started => "start",
            Self::Finished(_) => "finish",
            Self::Canceled => "cancel",
            Self::Other(kind) => kind,
        }
    }

    fn result(&self) -> &str {
        match self {
            Self::Finished(Some(result)) => result.as_str(),
            _ => "",
        }
    }
}

/// An event as it is decoded, before it gets its own text.
#[derive(Deserialize)]
#[serde(try_from = "Members")]
struct EventText(Event);

/// The members of all events, in all spellings.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Members {
    #[serde(rename = "EventType")]
    event_type: Option<String>,
    event_id: Option<String>,
    #[serde(rename = "EventTime")]
    event_time: Scalar,
    #[serde(rename = "CorpId")]
    corp_id_current: Option<String>,
    #[serde(rename = "corpId")]
    corp_id_older: Option<String>,
    #[serde(rename = "corpid")]
    corp_id_oldest: Option<String>,
    #[serde(rename = "BizId")]
    biz_id: Option<String>,
    process_instance_id: Option<String>,
    process_code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    result: Option<String>,
    title: Option<String>,
    staff_id: Option<String>,
    remark: Option<String>,
    task_id: Scalar,
    create_time: Scalar,
    finish_time: Scalar,
    #[serde(rename = "finshTime")]
    finish_time_misspelt: Scalar,
    business_id: Option<String>,
    biz_category_id: Option<String>,
    url: Option<String>,
}

impl TryFrom<Members> for EventText {
    type Error = &'static str;

    fn try_from(members: Members) -> Result<Self, Self::Error> {
        members.into_event().map(Self)
    }
}

impl Members {
    fn into_event(self) -> Result<Event, &'static str> {
        let meta = Meta {
            event_type: self.event_type.ok_or("expected an object with the member `EventType`")?,
            event_id: self.event_id,
            event_time: self.event_time.into_int(),
            corp_id: self.corp_id_current.or(self.corp_id_older).or(self.corp_id_oldest),
            biz_id: self.biz_id,
        };
        let instance_id = self
            .process_instance_id
            .ok_or("expected the member `processInstanceId` in an approval event");
        let kind = self.kind.unwrap_or_default();
        let create_time = self.create_time.into_int();
        let finish_time = self.finish_time.into_int().or(self.finish_time_misspelt.into_int());
        Ok(match meta.event_type.as_str() {
            "check_url" => Event::CheckUrl,
            "bpms_instance_change" => Event::Instance(InstanceEvent {
                meta,
                change: match kind.as_str() {
                    "start" => InstanceChange::Started,
                    "finish" | "finsh" => {
                        InstanceChange::Finished(self.result.map(InstanceResultKind::from))
                    }
                    "terminate" => InstanceChange::Terminated,
                    "delete" => InstanceChange::Deleted,
                    _ => InstanceChange::Other(kind),
                },
                process_instance_id: instance_id?,
                process_code: self.process_code,
                title: self.title,
                staff_id: self.staff_id,
                create_time,
                finish_time,
                business_id: self.business_id,
                biz_category_id: self.biz_category_id,
                url: self.url,
                raw: RawJson::null(),
            }),
            "bpms_task_change" => Event::Task(TaskEvent {
                meta,
                change: match kind.as_str() {
                    "start" => TaskChange::Started,
                    "finish" | "finsh" => {
                        TaskChange::Finished(self.result.map(TaskResultKind::from))
                    }
                    "cancel" => TaskChange::Canceled,
                    _ => TaskChange::Other(kind),
                },
                process_instance_id: instance_id?,
                task_id: self.task_id.into_int(),
                process_code: self.process_code,
                title: self.title,
                staff_id: self.staff_id,
                remark: self.remark,
                create_time,
                finish_time,
                business_id: self.business_id,
                biz_category_id: self.biz_category_id,
                raw: RawJson::null(),
            }),
            _ => Event::Other(OtherEvent { meta, raw: RawJson::null() }),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEED: &str = r#"{"EventType":"bpms_instance_change","processInstanceId":"ad253df6","corpid":"dingxxxx","createTime":1495592259000,"title":"自测-1016","type":"start","staffId":"er5875","processCode":"PROC-xxx"}"#;
    const REDIRECT: &str = r#"{"EventType":"bpms_task_change","processInstanceId":"439bda1c","finishTime":1495542282000,"corpid":"dingxxxx","type":"finish","result":"redirect","createTime":1495541847000,"staffId":"08058646137","processCode":"PROC-xxx","taskId":"67583405630"}"#;

    #[test]
    fn reads_older_and_current_spellings() {
        let Event::Instance(event) = Event::parse(SEED).unwrap() else { panic!("instance") };
        assert_eq!(event.change, InstanceChange::Started);
        assert_eq!(event.meta.corp_id.as_deref(), Some("dingxxxx"));
        assert_eq!(event.raw.as_str(), SEED);
        let Event::Task(event) = Event::parse(REDIRECT).unwrap() else { panic!("task") };
        assert_eq!(event.change, TaskChange::Finished(Some(TaskResultKind::Redirect)));
        assert_eq!(event.task_id, Some(67_583_405_630));
        assert_eq!(event.staff_id.as_deref(), Some("08058646137"), "leading zeros stay");
        let both = r#"{"EventType":"bpms_instance_change","processInstanceId":"a","type":"terminate","CorpId":"1","corpId":"2","corpid":"3","finshTime":"7"}"#;
        let Event::Instance(event) = Event::parse(both).unwrap() else { panic!("instance") };
        assert_eq!(event.meta.corp_id.as_deref(), Some("1"));
        assert_eq!((event.change, event.finish_time), (InstanceChange::Terminated, Some(7)));
    }

    #[test]
    fn tells_deliveries_of_one_event_from_other_events() {
        let key = |json: &str| Event::parse(json).unwrap().dedup_key();
        assert_eq!(key(SEED), key(SEED));
        assert_ne!(key(SEED), key(&SEED.replace("start", "terminate")));
        assert_ne!(key(REDIRECT), key(&REDIRECT.replace("67583405630", "67583405631")));
        assert_ne!(key(REDIRECT), key(&REDIRECT.replace("redirect", "agree")));
        let with_id = SEED.replace("\"title\"", "\"eventId\":\"c7c7\",\"title\"");
        assert_eq!(key(&with_id), "c7c7");
    }

    #[test]
    fn keeps_what_it_does_not_know() {
        let other = r#"{"EventType":"user_add_org","UserId":["1"]}"#;
        let Event::Other(event) = Event::parse(other).unwrap() else { panic!("other") };
        assert_eq!((event.meta.event_type.as_str(), event.raw.as_str()), ("user_add_org", other));
        let comment = SEED.replace("\"start\"", "\"comment\"");
        let Event::Instance(event) = Event::parse(&comment).unwrap() else { panic!("instance") };
        assert_eq!(event.change, InstanceChange::Other("comment".into()));
        assert_eq!(Event::parse(r#"{"EventType":"check_url"}"#).unwrap(), Event::CheckUrl);
    }

    #[test]
    fn refuses_an_approval_event_without_instance() {
        let error = Event::parse(r#"{"EventType":"bpms_instance_change"}"#).unwrap_err();
        assert!(error.to_string().contains("processInstanceId"), "{error}");
        assert!(Event::parse("[]").is_err() && Event::parse("success").is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = Event::parse(&text);
        }
    }
}
