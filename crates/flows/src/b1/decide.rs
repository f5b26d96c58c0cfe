use b1_servicelayer::entities::ApprovalRequest;
use b1_servicelayer::enums::BoApprovalRequestStatusEnum as Status;
use b1_servicelayer::{Changes, Client, Decision, ErrorKind};
use erplink_sync::Failure;
use erplink_sync::map::MappedField;
use erplink_sync::ports::Pushed;
use serde::{Deserialize, Serialize};

use super::place::{Place, draft_set};
use super::row::{Row, has_id, the_one};

/// What people decided on a platform, for the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Approved, or refused.
    pub approve: bool,
    /// What happened, such as `已同意`.
    pub words: String,
    /// What the people said; `words` if nothing.
    pub remarks: Option<String>,
    /// The platform's user id or the name of who decided last.
    pub approver: Option<String>,
    /// When it was decided.
    pub date: Option<String>,
}

/// Which approval request (审批请求) a decision is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichRequest {
    /// That with this `Code`.
    Code(i32),
    /// That of the draft with this `DocEntry`.
    OfDraft(i32),
    /// That of the draft that has the id of a form in a field.
    OfDraftWith {
        /// The set of the draft.
        set: String,
        /// The field, such as `U_instanceID`.
        field: String,
        /// The id.
        id: String,
    },
}

/// Fields of the draft that tell who decided and how. One that is `None` is not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalFields {
    /// Who decided last, such as `U_Approver`.
    pub approver: Option<String>,
    /// When it was decided, such as `U_ApprovalDate`.
    pub date: Option<String>,
    /// What happened, such as `已同意`, such as `U_ApprovalStatus`.
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

/// What it does in the ERP that a form was withdrawn (撤销) on its platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Withdrawn {
    /// Nobody decided, so nobody decides in the ERP either; it is parked.
    #[default]
    Leave,
    /// The request is refused.
    Refuse,
}

/// Decides approval requests (审批请求) as people decided on a platform.
///
/// The session's user has to be an approver of the current stage. A second time changes nothing.
#[derive(Clone, Debug)]
pub struct Decide {
    b1: Client,
    fields: ApprovalFields,
    more: Vec<MappedField>,
    write_fields: WriteFields,
    transfer_drafts: String,
}

impl Decide {
    /// Decides, and writes no field of the draft.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        Self {
            b1,
            fields: ApprovalFields::default(),
            more: Vec::new(),
            write_fields: WriteFields::default(),
            transfer_drafts: Place::TRANSFER_DRAFTS.to_owned(),
        }
    }

    /// Writes these fields of the draft too.
    #[must_use]
    pub fn fields(mut self, fields: ApprovalFields, when: WriteFields) -> Self {
        (self.fields, self.write_fields) = (fields, when);
        self
    }

    /// Writes these fields of the draft as well, what a map made of the form.
    #[must_use]
    pub fn also(mut self, fields: Vec<MappedField>) -> Self {
        self.more = fields;
        self
    }

    /// Where the drafts of transfers are: `StockTransferDrafts` or `Drafts`.
    #[must_use]
    pub fn transfer_drafts(mut self, set: impl Into<String>) -> Self {
        self.transfer_drafts = set.into();
        self
    }

    /// Whether the draft is there that has the id of a form.
    ///
    /// # Errors
    /// When the ERP does not say.
    pub async fn knows(&self, set: &str, field: &str, id: &str) -> Result<bool, Failure> {
        let drafts = self.b1.set::<Row>(set.to_owned()).filter(has_id(field, id));
        Ok(drafts.count().await? > 0)
    }

    /// Carries a decision out, unless it holds already.
    ///
    /// # Errors
    /// When there is no such request, it was decided otherwise, or the ERP refused.
    pub async fn carry_out(
        &self,
        which: &WhichRequest,
        verdict: &Verdict,
    ) -> Result<Pushed, Failure> {
        let request = self.request(which).await?;
        let code = request.code.ok_or_else(|| Failure::park("an approval request without Code"))?;
        let done = Pushed::new(format!("ApprovalRequests({code})"));
        if let Some(status) = request.status.as_ref().filter(|status| **status != Status::Pending) {
            if verdict.holds_in(status) {
                return Ok(done);
            }
            return Err(Failure::park(format!(
                "approval request {code} is decided already ({status}), and otherwise than on the platform ({})",
                verdict.words,
            )));
        }
        if self.write_fields == WriteFields::Before {
            self.write_fields(&request, verdict).await?;
        }
        let me = self.b1.current_user().await?.internal_key;
        let me = me.ok_or_else(|| Failure::park("the session's user has no InternalKey"))?;
        let record = self.b1.approval_requests().key(code);
        let decided = record.decide_and_confirm(me, verdict.decision()).await;
        decided.map_err(|error| match error.kind() {
            ErrorKind::Conflict | ErrorKind::Forbidden => Failure::park(error),
            _ => error.into(),
        })?;
        if self.write_fields == WriteFields::After {
            self.write_fields(&request, verdict).await?;
        }
        Ok(done)
    }

    async fn request(&self, which: &WhichRequest) -> Result<ApprovalRequest, Failure> {
        let draft = match which {
            WhichRequest::Code(code) => {
                return Ok(self.b1.approval_requests().key(*code).get().await?);
            }
            WhichRequest::OfDraft(draft) => *draft,
            WhichRequest::OfDraftWith { set, field, id } => {
                let (_, key) = the_one(&self.b1, set, "DocEntry", has_id(field, id)).await?;
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
        request: &ApprovalRequest,
        verdict: &Verdict,
    ) -> Result<(), Failure> {
        let ApprovalFields { approver, date, status, submitted } = &self.fields;
        let mut changes = Changes::new();
        let mut any = false;
        for (field, value) in [
            (approver, verdict.approver.clone()),
            (date, verdict.date.clone()),
            (status, Some(verdict.words.clone())),
            (submitted, Some("是".to_owned())),
        ] {
            if let (Some(field), Some(value)) = (field, value) {
                changes = changes.udf(field, value);
                any = true;
            }
        }
        for field in &self.more {
            changes = changes.udf(&field.name, &field.value);
            any = true;
        }
        let Some(entry) = request.draft_entry.filter(|_| any) else { return Ok(()) };
        let object_type = request.object_type.as_deref().unwrap_or_default();
        let set = draft_set(object_type, &self.transfer_drafts).to_owned();
        Ok(self.b1.set::<Row>(set).key(entry).update(changes).await?)
    }
}

impl Verdict {
    /// A request that was made into a document was approved before.
    fn holds_in(&self, status: &Status) -> bool {
        let approved =
            matches!(status, Status::Approved | Status::Generated | Status::GeneratedByAuthorizer);
        let refused = *status == Status::NotApproved;
        (self.approve && approved) || (!self.approve && refused)
    }

    fn decision(&self) -> Decision {
        let decision = if self.approve { Decision::approve() } else { Decision::refuse() };
        decision.remarks(self.remarks.clone().unwrap_or_else(|| self.words.clone()))
    }
}
