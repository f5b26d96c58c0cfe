use async_trait::async_trait;
use b1_servicelayer::entities::ApprovalRequest;
use b1_servicelayer::enums::BoApprovalRequestStatusEnum as Status;
use b1_servicelayer::{Changes, Client, Decision, ErrorKind};
use dingtalk::workflow::{Instance, Outcome};
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use serde::{Deserialize, Serialize};

use super::place::{Place, draft_set};
use super::row::{Row, with_instance};
use crate::dingtalk::ended_instance;

/// How the approval request of a DingTalk instance is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Locate {
    /// A control of the form holds the request's `Code`.
    Code {
        /// The label of the control, such as `来源单号`.
        control: String,
    },
    /// A control of the form holds the draft's `DocEntry`.
    DraftEntry {
        /// The label of the control.
        control: String,
    },
    /// A field of the draft holds the instance's id.
    InstanceField {
        /// The field, such as `U_instanceID`.
        field: String,
    },
}

/// Fields of the draft that tell who decided and how. One that is `None` is not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalFields {
    /// The DingTalk user id of the last approver, such as `U_Approver`.
    pub approver: Option<String>,
    /// When it was decided, such as `U_ApprovalDate`.
    pub date: Option<String>,
    /// `已同意` or `已拒绝`, such as `U_ApprovalStatus`.
    pub status: Option<String>,
    /// `是`, such as `U_IsSubmit`.
    pub submitted: Option<String>,
}

/// When the fields of the draft are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteFields {
    /// Before the decision: a draft that changes after its approval may refuse to become a
    /// document.
    #[default]
    Before,
    /// After the decision.
    After,
}

/// What a withdrawal (撤销) in DingTalk does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Withdrawn {
    /// Nobody decided, so nobody decides in the ERP either; it is parked.
    #[default]
    Leave,
    /// The request is refused.
    Refuse,
}

/// Carries a decision of DingTalk over to the approval request (审批请求) of the ERP.
///
/// The session's user has to be an approver of the current stage. A second time changes nothing.
#[derive(Clone, Debug)]
pub struct DecideDraft {
    b1: Client,
    dingtalk: dingtalk::Client,
    locate: Locate,
    fields: ApprovalFields,
    write_fields: WriteFields,
    withdrawn: Withdrawn,
    transfer_drafts: String,
}

impl DecideDraft {
    /// Decides, and writes no field of the draft.
    #[must_use]
    pub fn new(b1: Client, dingtalk: dingtalk::Client, locate: Locate) -> Self {
        Self {
            b1,
            dingtalk,
            locate,
            fields: ApprovalFields::default(),
            write_fields: WriteFields::default(),
            withdrawn: Withdrawn::default(),
            transfer_drafts: Place::TRANSFER_DRAFTS.to_owned(),
        }
    }

    /// Writes these fields of the draft too.
    #[must_use]
    pub fn fields(mut self, fields: ApprovalFields, when: WriteFields) -> Self {
        (self.fields, self.write_fields) = (fields, when);
        self
    }

    /// What a withdrawal does. Default: nothing.
    #[must_use]
    pub fn withdrawn(mut self, withdrawn: Withdrawn) -> Self {
        self.withdrawn = withdrawn;
        self
    }

    /// Where the drafts of transfers are: `StockTransferDrafts` or `Drafts`.
    #[must_use]
    pub fn transfer_drafts(mut self, set: impl Into<String>) -> Self {
        self.transfer_drafts = set.into();
        self
    }

    async fn request(&self, id: &str, instance: &Instance) -> Result<ApprovalRequest, Failure> {
        let draft = match &self.locate {
            Locate::Code { control } => {
                let code = number_in(instance, control)?;
                return Ok(self.b1.approval_requests().key(code).get().await?);
            }
            Locate::DraftEntry { control } => number_in(instance, control)?,
            Locate::InstanceField { field } => {
                let (_, key) = with_instance(&self.b1, "Drafts", "DocEntry", field, id).await?;
                let digits = key.to_string();
                digits.trim_matches(['(', ')']).parse().map_err(|_| {
                    Failure::park(format!("the draft with {field} = {id} has no number"))
                })?
            }
        };
        let request = self.b1.approval_request_of_draft(draft).await?;
        request.ok_or_else(|| Failure::park(format!("draft {draft} has no approval request")))
    }

    async fn write_fields(
        &self,
        instance: &Instance,
        request: &ApprovalRequest,
        verdict: &Verdict,
    ) -> Result<(), Failure> {
        let ApprovalFields { approver, date, status, submitted } = &self.fields;
        let last = instance.tasks.last().and_then(|task| task.user_id.clone());
        let finished = instance.finish_time.as_ref().map(|at| at.as_str().to_owned());
        let mut changes = Changes::new();
        let mut any = false;
        for (field, value) in [
            (approver, last),
            (date, finished),
            (status, Some(verdict.words.to_owned())),
            (submitted, Some("是".to_owned())),
        ] {
            if let (Some(field), Some(value)) = (field, value) {
                changes = changes.udf(field, value);
                any = true;
            }
        }
        let Some(entry) = request.draft_entry.filter(|_| any) else { return Ok(()) };
        let object_type = request.object_type.as_deref().unwrap_or_default();
        let set = draft_set(object_type, &self.transfer_drafts).to_owned();
        Ok(self.b1.set::<Row>(set).key(entry).update(changes).await?)
    }
}

/// What was decided, for the ERP.
struct Verdict {
    approve: bool,
    words: &'static str,
}

impl Verdict {
    /// A request that was made into a document was approved before.
    fn holds_in(&self, status: &Status) -> bool {
        let approved =
            matches!(status, Status::Approved | Status::Generated | Status::GeneratedByAuthorizer);
        let refused = *status == Status::NotApproved;
        (self.approve && approved) || (!self.approve && refused)
    }

    fn decision(&self, instance: &Instance) -> Decision {
        let remark = instance.operation_records.iter().rev().find_map(|done| done.remark.clone());
        let decision = if self.approve { Decision::approve() } else { Decision::refuse() };
        decision.remarks(remark.unwrap_or_else(|| self.words.to_owned()))
    }
}

fn number_in(instance: &Instance, control: &str) -> Result<i32, Failure> {
    let number = instance.form().require(control).and_then(|found| found.integer());
    let number = number.map_err(Failure::park)?.and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| {
        Failure::park(format!("`{control}` of the form is empty or no number of the ERP"))
    })
}

#[async_trait]
impl Target for DecideDraft {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    /// It looks at the state before it decides.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let (id, instance) = ended_instance(&self.dingtalk, document).await?;
        let verdict = match (instance.outcome(), self.withdrawn) {
            (Outcome::Approved, _) => Verdict { approve: true, words: "已同意" },
            (Outcome::Refused, _) => Verdict { approve: false, words: "已拒绝" },
            (_, Withdrawn::Refuse) => Verdict { approve: false, words: "已撤销" },
            (_, Withdrawn::Leave) => {
                return Err(Failure::park(
                    "withdrawn (撤销) in DingTalk: nobody decided; decide in the ERP, or submit anew",
                ));
            }
        };
        let request = self.request(&id, &instance).await?;
        let code = request.code.ok_or_else(|| Failure::park("an approval request without Code"))?;
        let done = Pushed::new(format!("ApprovalRequests({code})"));
        if let Some(status) = request.status.as_ref().filter(|status| **status != Status::Pending) {
            if verdict.holds_in(status) {
                return Ok(done);
            }
            return Err(Failure::park(format!(
                "approval request {code} is decided already ({status}), and otherwise than in DingTalk ({})",
                verdict.words,
            )));
        }
        if self.write_fields == WriteFields::Before {
            self.write_fields(&instance, &request, &verdict).await?;
        }
        let me = self.b1.current_user().await?.internal_key;
        let me = me.ok_or_else(|| Failure::park("the session's user has no InternalKey"))?;
        let record = self.b1.approval_requests().key(code);
        let decided = record.decide_and_confirm(me, verdict.decision(&instance)).await;
        decided.map_err(|error| match error.kind() {
            ErrorKind::Conflict | ErrorKind::Forbidden => Failure::park(error),
            _ => error.into(),
        })?;
        if self.write_fields == WriteFields::After {
            self.write_fields(&instance, &request, &verdict).await?;
        }
        Ok(done)
    }
}
