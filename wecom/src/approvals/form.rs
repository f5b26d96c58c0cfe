//! Reading a form.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use erplink_core::{Idempotency, RawJson};
use serde::Deserialize;
use serde_json::json;

use super::Approvals;
use super::control::{Control, find};
use super::progress::Progress;
use super::status::FormStatus;
use super::value::ControlValue;
use crate::client::{Endpoint, Input};
use crate::contacts::required;
use crate::error::Result;
use crate::tree::Tree;

const DETAIL: Endpoint = Endpoint::new("POST /cgi-bin/oa/getapprovaldetail", Idempotency::Safe);

/// A form (审批单).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Form {
    /// Its number, as text.
    pub sp_no: String,
    /// Name of the template.
    pub sp_name: String,
    /// Its state.
    pub status: FormStatus,
    /// Its template.
    pub template_id: String,
    /// When it was submitted.
    pub applied: Option<DateTime<Utc>>,
    /// Who submitted it; missing on forms for several people.
    pub applicant: Option<Applicant>,
    /// Userids of those a form for several people is for.
    pub batch_applicants: Vec<String>,
    /// Its controls, in the order of the form.
    pub controls: Vec<Control>,
    /// Who did what.
    pub progress: Progress,
}

/// Who submitted a form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applicant {
    /// The member.
    pub userid: String,
    /// Id of the department, as text.
    pub department: Option<String>,
}

/// What became of a form, for an ERP document that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// Not decided yet.
    Pending,
    /// Passed; it may have been paid since.
    Approved,
    /// Rejected.
    Rejected,
    /// Revoked before a decision: nobody decided.
    Revoked,
    /// Passed, and revoked since: what was done for it may have to be undone by a person.
    RevokedAfterPass,
    /// Deleted: nobody will decide.
    Deleted,
    /// A state this version does not know.
    Unknown,
}

impl From<FormStatus> for Decision {
    fn from(status: FormStatus) -> Self {
        match status {
            FormStatus::Pending => Self::Pending,
            FormStatus::Passed | FormStatus::Paid => Self::Approved,
            FormStatus::Rejected => Self::Rejected,
            FormStatus::Revoked => Self::Revoked,
            FormStatus::RevokedAfterPass => Self::RevokedAfterPass,
            FormStatus::Deleted => Self::Deleted,
            FormStatus::Unknown(_) => Self::Unknown,
        }
    }
}

impl Approvals {
    /// `POST /cgi-bin/oa/getapprovaldetail`: a form with its controls and its flow
    /// (获取审批申请详情).
    ///
    /// # Errors
    /// Code `301025` for a number that does not exist, `301055` for a form of an applicant the app
    /// does not see.
    pub async fn get(&self, sp_no: &str) -> Result<Form> {
        let sp_no = required("sp_no", sp_no)?;
        let input = Input::json(&json!({ "sp_no": sp_no }))?.about(format!("sp_no {sp_no}"));
        let reply = self.client.call(&DETAIL, input).await?;
        let info = Tree::new(&reply.value).get("info");
        let mut form =
            Form::read(info).map_err(|error| error.in_call(DETAIL.name, DETAIL.idempotency, 1))?;
        keep_texts(&mut form.controls, reply.response.body());
        Ok(form)
    }
}

impl Form {
    fn read(info: Tree<'_>) -> Result<Self> {
        let controls = info.get("apply_data").get("contents").list();
        Ok(Self {
            sp_no: info.get("sp_no").require_text("info.sp_no")?,
            sp_name: info.get("sp_name").text().unwrap_or_default(),
            status: info.get("sp_status").require_int("info.sp_status")?.into(),
            template_id: info.get("template_id").text().unwrap_or_default(),
            applied: info.get("apply_time").time(),
            applicant: Applicant::read(info.get("applyer")),
            batch_applicants: info
                .get("batch_applyer")
                .list()
                .into_iter()
                .filter_map(|one| one.get("userid").text())
                .collect(),
            controls: controls.into_iter().map(Control::read).collect(),
            progress: Progress::read(info),
        })
    }

    /// What became of it.
    #[must_use]
    pub fn decision(&self) -> Decision {
        self.status.into()
    }

    /// The control with this id, or with this title.
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound), listing the titles there are;
    /// [`Conflict`](erplink_core::ErrorKind::Conflict) for a title of several controls.
    pub fn control(&self, key: &str) -> Result<&Control> {
        find(&self.controls, key)
    }
}

impl Applicant {
    pub(crate) fn read(applyer: Tree<'_>) -> Option<Self> {
        Some(Self {
            userid: applyer.get("userid").text()?,
            // Answers and events name it differently.
            department: applyer.get("partyid").text().or_else(|| applyer.get("party").text()),
        })
    }
}

/// The form as text, for values that are kept as they were sent.
#[derive(Deserialize)]
struct Texts {
    info: InfoTexts,
}

#[derive(Deserialize)]
struct InfoTexts {
    apply_data: ContentTexts,
}

#[derive(Deserialize)]
struct ContentTexts {
    contents: Vec<Option<ControlText>>,
}

#[derive(Deserialize)]
struct ControlText {
    value: Option<RawJson>,
}

#[derive(Deserialize)]
struct TableTexts {
    children: Vec<Option<RowTexts>>,
}

#[derive(Deserialize)]
struct RowTexts {
    list: Vec<Option<ControlText>>,
}

/// Gives values of unknown form their own text, digit for digit.
fn keep_texts(controls: &mut [Control], body: &Bytes) {
    let is_kept = |control: &Control| match &control.value {
        ControlValue::Other(..) => true,
        ControlValue::Table(rows) => rows
            .iter()
            .flat_map(super::Row::controls)
            .any(|control| matches!(control.value, ControlValue::Other(..))),
        _ => false,
    };
    if controls.iter().any(is_kept)
        && let Ok(texts) = serde_json::from_slice::<Texts>(body)
    {
        replace(controls, texts.info.apply_data.contents);
    }
}

fn replace(controls: &mut [Control], texts: Vec<Option<ControlText>>) {
    for (control, text) in controls.iter_mut().zip(texts.into_iter().flatten()) {
        match (&mut control.value, text.value) {
            (ControlValue::Other(_, raw), Some(text)) => *raw = text,
            (ControlValue::Table(rows), Some(text)) => {
                let Ok(table) = text.get::<TableTexts>() else { continue };
                for (row, texts) in rows.iter_mut().zip(table.children.into_iter().flatten()) {
                    replace(row.controls_mut(), texts.list);
                }
            }
            _ => {}
        }
    }
}
