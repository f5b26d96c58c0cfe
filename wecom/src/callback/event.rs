//! The events of approvals and of the app itself.

use chrono::{DateTime, Utc};
use erplink_core::open_enum;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::CallbackError;
use super::xml::{self, XmlError};
use crate::approvals::{Applicant, ChangeEvent, Decision, EngineForm, FormStatus, Progress};
use crate::tree::Tree;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// `sys_approval_change` (审批状态通知事件): something happened to a form of the approval app.
    Approval(Box<ApprovalEvent>),
    /// `open_approval_change` (自建应用审批状态变化): something happened to a flow of the flow engine.
    Engine(Box<EngineEvent>),
    /// The app is about to be switched off for want of use, or was switched off or on.
    App(AppEvent),
    /// Any other event or message.
    Other(OtherEvent),
    /// A genuine push whose message could not be read. Keep it and have somebody look at it: a
    /// repetition would not be better.
    Unreadable(UnreadableEvent),
}

/// What every event carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// The corp, as verified by the encryption.
    pub corp_id: String,
    /// Such as `sys_approval_change`.
    pub event: String,
    /// `event`, or the type of a message.
    pub msg_type: String,
    /// Who caused it; `sys` for approvals.
    pub from_user: String,
    /// When it happened.
    pub created: Option<DateTime<Utc>>,
    /// The app it was sent to: the approval app (3010040) or a self-built one.
    pub agent_id: Option<i64>,
}

/// `sys_approval_change`.
///
/// The event holds the flow but not the data of the form: for the ERP key and the opinions read
/// [`Approvals::get`](crate::approvals::Approvals::get).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApprovalEvent {
    /// What every event carries.
    pub meta: Meta,
    /// Number of the form, as text.
    pub sp_no: String,
    /// Name of the template.
    pub sp_name: String,
    /// State of the form **after** the event.
    pub status: FormStatus,
    /// What happened.
    pub change: Option<ChangeEvent>,
    /// The template.
    pub template_id: String,
    /// When the form was submitted.
    pub applied: Option<DateTime<Utc>>,
    /// Who submitted it.
    pub applicant: Option<Applicant>,
    /// Who did what so far.
    pub progress: Progress,
    /// The message as it was decrypted.
    pub raw: String,
}

/// `open_approval_change`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineEvent {
    /// What every event carries.
    pub meta: Meta,
    /// The flow.
    pub form: EngineForm,
    /// The message as it was decrypted.
    pub raw: String,
}

open_enum! {
    /// What happened to an app.
    pub enum AppEventKind {
        /// Nobody used it for long: it will be switched off at the effect time.
        InactiveAlert = "inactive_alert",
        /// It was switched off; its calls fail with 48006 or 50003.
        CloseInactiveAgent = "close_inactive_agent",
        /// It was switched on again.
        ReopenInactiveAgent = "reopen_inactive_agent",
        /// Few used it: it will be limited at the effect time.
        LowActiveAlert = "low_active_alert",
        /// It was limited.
        LowActive = "low_active",
        /// It is no longer limited.
        ActiveRestored = "active_restored",
    }
}

/// What happened to an app (应用生命周期): somebody in the corp has to open it from time to time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppEvent {
    /// What every event carries.
    pub meta: Meta,
    /// What happened.
    pub kind: AppEventKind,
    /// When an alert comes true.
    pub effective: Option<DateTime<Utc>>,
    /// The message as it was decrypted.
    pub raw: String,
}

/// An event or a message this version does not type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherEvent {
    /// What every event carries.
    pub meta: Meta,
    /// The message as it was decrypted.
    pub raw: String,
}

/// A genuine push whose message could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnreadableEvent {
    /// What is wrong with it.
    pub problem: String,
    /// The message as it was decrypted.
    pub raw: String,
}

impl Event {
    /// What every event carries; `None` for one that could not be read.
    #[must_use]
    pub fn meta(&self) -> Option<&Meta> {
        match self {
            Self::Approval(event) => Some(&event.meta),
            Self::Engine(event) => Some(&event.meta),
            Self::App(event) => Some(&event.meta),
            Self::Other(event) => Some(&event.meta),
            Self::Unreadable(_) => None,
        }
    }

    /// The message as it was decrypted.
    #[must_use]
    pub fn raw(&self) -> &str {
        match self {
            Self::Approval(event) => &event.raw,
            Self::Engine(event) => &event.raw,
            Self::App(event) => &event.raw,
            Self::Other(event) => &event.raw,
            Self::Unreadable(event) => &event.raw,
        }
    }

    /// The same text for every delivery of the same event. Keep the keys for some days.
    ///
    /// For forms: corp, app, number, act, time, state and newest remark; else a hash of the
    /// message. The platform's advice, sender and time, would take two forms that change in the same
    /// second for one.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        let Self::Approval(event) = self else { return hash(self.raw()) };
        let meta = &event.meta;
        let number = |number: Option<i64>| number.map(|n| n.to_string()).unwrap_or_default();
        let newest = event.progress.comments.iter().max_by_key(|comment| comment.time);
        [
            meta.corp_id.clone(),
            number(meta.agent_id),
            event.sp_no.clone(),
            number(event.change.map(ChangeEvent::number)),
            number(meta.created.map(|at| at.timestamp())),
            event.status.number().to_string(),
            newest.map(|comment| comment.id.clone()).unwrap_or_default(),
        ]
        .join("|")
    }

    /// Reads a decrypted message, XML or JSON. What cannot be read is an event as well.
    pub(super) fn read(raw: String, receive_id: &str) -> Result<Self, CallbackError> {
        let parsed = if raw.trim_start().starts_with('{') {
            serde_json::from_str(&raw).map_err(|error| format!("it is not JSON: {error}"))
        } else {
            match xml::parse(&raw) {
                Err(XmlError::Doctype) => return Err(CallbackError::Doctype),
                other => other.map_err(|error| error.to_string()),
            }
        };
        let event = parsed.and_then(|value| Self::from_value(&value, receive_id, &raw));
        Ok(event.unwrap_or_else(|problem| Self::Unreadable(UnreadableEvent { problem, raw })))
    }

    fn from_value(value: &Value, receive_id: &str, raw: &str) -> Result<Self, String> {
        if !value.is_object() {
            return Err("it has no elements".to_owned());
        }
        let tree = Tree::new(value);
        let meta = Meta::read(tree, receive_id);
        let raw = raw.to_owned();
        let info = tree.get("ApprovalInfo");
        Ok(match meta.event.as_str() {
            "sys_approval_change" => {
                Self::Approval(Box::new(ApprovalEvent::read(meta, info, raw)?))
            }
            "open_approval_change" => {
                let form = EngineForm::read(info).map_err(|error| error.to_string())?;
                Self::Engine(Box::new(EngineEvent { meta, form, raw }))
            }
            other => match AppEventKind::from(other) {
                AppEventKind::Unknown(_) => Self::Other(OtherEvent { meta, raw }),
                kind => {
                    let effective = tree.get("EffectTime").time();
                    Self::App(AppEvent { meta, kind, effective, raw })
                }
            },
        })
    }
}

/// SHA-256, in hexadecimal.
fn hash(message: &str) -> String {
    Sha256::digest(message.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Meta {
    fn read(tree: Tree<'_>, receive_id: &str) -> Self {
        let text = |name: &str| tree.get(name).text().unwrap_or_default();
        let corp_id =
            if receive_id.is_empty() { text("ToUserName") } else { receive_id.to_owned() };
        Self {
            corp_id,
            event: text("Event"),
            msg_type: text("MsgType"),
            from_user: text("FromUserName"),
            created: tree.get("CreateTime").time(),
            agent_id: tree.get("AgentID").int(),
        }
    }
}

impl ApprovalEvent {
    fn read(meta: Meta, info: Tree<'_>, raw: String) -> Result<Self, String> {
        let text = |name: &str| info.get(name).text().unwrap_or_default();
        // Forms of education bureaus have the first one only, events before 2025 the second.
        let sp_no = info.get("SpNoStr").text().or_else(|| info.get("SpNo").text());
        Ok(Self {
            meta,
            sp_no: sp_no.ok_or("ApprovalInfo has neither SpNoStr nor SpNo")?,
            sp_name: text("SpName"),
            status: info.get("SpStatus").int().ok_or("ApprovalInfo has no SpStatus")?.into(),
            change: info.get("StatuChangeEvent").int().map(ChangeEvent::from),
            template_id: text("TemplateId"),
            applied: info.get("ApplyTime").time(),
            applicant: Applicant::read(info.get("Applyer")),
            progress: Progress::read(info),
            raw,
        })
    }

    /// What became of the form, as far as this event knows.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.status.into()
    }
}
