//! The approval procedure (审批流程): find the request of a draft, decide, finish the draft.
//!
//! ```no_run
//! # async fn run(b1: b1_servicelayer::Client) -> b1_servicelayer::Result<()> {
//! use b1_servicelayer::Decision;
//!
//! if let Some(request) = b1.approval_request_of_draft(16).await?
//!     && let Some(code) = request.code
//!     && request.awaits(7)
//! {
//!     b1.approval_requests().key(code).decide(Decision::approve().remarks("同意")).await?;
//! }
//! b1.drafts().key(16).save_as_document().await?;
//! let order = b1.document_of_draft(16).await?;
//! # Ok(()) }
//! ```

use std::future::IntoFuture;

use erplink_core::{RawJson, Secret};
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::edm::Write;
use crate::entities::{
    ApprovalRequest, ApprovalRequestDecision, ApprovalRequestLine, Document, StockTransfer,
};
use crate::enums::{BoApprovalRequestDecisionEnum, BoApprovalRequestStatusEnum};
use crate::{Client, Error, ErrorKind, Record, Result};

/// What an approver decides (审批决定).
#[derive(Clone, Debug)]
#[must_use]
pub struct Decision(ApprovalRequestDecision);

impl Decision {
    /// Approves (同意).
    pub fn approve() -> Self {
        Self::of(BoApprovalRequestDecisionEnum::Approved)
    }

    /// Refuses (拒绝).
    pub fn refuse() -> Self {
        Self::of(BoApprovalRequestDecisionEnum::NotApproved)
    }

    fn of(status: BoApprovalRequestDecisionEnum) -> Self {
        Self(ApprovalRequestDecision { status: Some(status), ..Default::default() })
    }

    /// The approver's remarks (审批意见).
    pub fn remarks(mut self, remarks: impl Into<String>) -> Self {
        self.0.remarks = Some(remarks.into());
        self
    }

    /// Decides as this user instead of the session's own.
    pub fn on_behalf_of(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.0.approver_user_name = Some(user.into());
        self.0.approver_password = Some(password.into());
        self
    }
}

/// `PATCH /ApprovalRequests(Code)` with a decision; await it.
///
/// A decision counts for the current stage; with several stages each needs its own. The user must
/// be an approver of the stage, else the error is of kind `Forbidden` (-6006). It is not repeated
/// when its answer is lost: use [`Record::decide_and_confirm`] to find out.
#[derive(Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Decide {
    record: Record<ApprovalRequest>,
    decision: Decision,
}

impl IntoFuture for Decide {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let request = ApprovalRequest {
            approval_request_decisions: Some(vec![self.decision.0]),
            ..Default::default()
        };
        self.record.update(request).into_future()
    }
}

/// How [`Record::decide_and_confirm`] found the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// This call made it.
    Now,
    /// It had been made before.
    Before,
}

impl Record<ApprovalRequest> {
    /// `PATCH /ApprovalRequests(Code)`: decides on the request (审批).
    pub fn decide(self, decision: Decision) -> Decide {
        Decide { record: self, decision }
    }

    /// Decides if `user_id` has not decided yet, and looks the decision up when the answer is lost.
    ///
    /// `user_id` is the approver's `InternalKey` in `Users`. Safe to call again.
    ///
    /// # Errors
    /// Of kind `Conflict` when the approver decided otherwise before, of kind `Forbidden` when the
    /// request never came to this approver.
    pub async fn decide_and_confirm(self, user_id: i32, decision: Decision) -> Result<Decided> {
        let wanted = decision.0.status.clone();
        let before = self.clone().get().await?;
        let Some(line) = before.line_of(user_id) else {
            return Err(Error::new(
                ErrorKind::Forbidden,
                format!("the approval request is not waiting for user {user_id}"),
            ));
        };
        if line.status == wanted {
            return Ok(Decided::Before);
        }
        if line.status != Some(BoApprovalRequestDecisionEnum::Pending) {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!("user {user_id} has decided otherwise before"),
            ));
        }
        // The approver may have a line in the next stage as well, which pends by then.
        let stage = line.stage_code;
        match self.clone().decide(decision).await {
            Ok(()) => Ok(Decided::Now),
            Err(error) if error.may_have_taken_effect() => {
                let Ok(after) = self.get().await else { return Err(error) };
                let lines = after.approval_request_lines.unwrap_or_default();
                let decided = lines.iter().any(|line| {
                    (line.user_id, line.stage_code) == (Some(user_id), stage)
                        && line.status == wanted
                });
                if decided { Ok(Decided::Now) } else { Err(error) }
            }
            Err(error) => Err(error),
        }
    }
}

impl ApprovalRequest {
    /// The line of an approver: the pending one, else the last.
    #[must_use]
    pub fn line_of(&self, user_id: i32) -> Option<&ApprovalRequestLine> {
        let mine = |line: &&ApprovalRequestLine| line.user_id == Some(user_id);
        let lines = self.approval_request_lines.as_deref()?;
        lines
            .iter()
            .filter(mine)
            .find(|line| line.status == Some(BoApprovalRequestDecisionEnum::Pending))
            .or_else(|| lines.iter().rfind(mine))
    }

    /// Whether it is this approver's turn: the request and the approver's line are pending.
    #[must_use]
    pub fn awaits(&self, user_id: i32) -> bool {
        self.status == Some(BoApprovalRequestStatusEnum::Pending)
            && self
                .line_of(user_id)
                .is_some_and(|line| line.status == Some(BoApprovalRequestDecisionEnum::Pending))
    }
}

impl Client {
    /// `GET /ApprovalRequests?$filter=DraftEntry eq …`: the approval request of a draft
    /// (草稿的审批请求): the pending one, else the newest.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn approval_request_of_draft(
        &self,
        draft_entry: i32,
    ) -> Result<Option<ApprovalRequest>> {
        let mut requests = self
            .approval_requests()
            .filter(ApprovalRequest::DRAFT_ENTRY.eq(draft_entry))
            .order_by(ApprovalRequest::CODE.desc())
            .all()
            .await?;
        let pending = requests
            .iter()
            .position(|request| request.status == Some(BoApprovalRequestStatusEnum::Pending));
        let chosen = pending.unwrap_or(0);
        Ok((chosen < requests.len()).then(|| requests.swap_remove(chosen)))
    }

    /// `GET /ApprovalRequests?$filter=DraftEntry eq …`: the key of the document that a draft has
    /// become (`ObjectEntry`), once it has.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn document_of_draft(&self, draft_entry: i32) -> Result<Option<i32>> {
        self.approval_requests()
            .filter(
                ApprovalRequest::DRAFT_ENTRY
                    .eq(draft_entry)
                    .and(ApprovalRequest::OBJECT_ENTRY.is_not_null()),
            )
            .order_by(ApprovalRequest::CODE.desc())
            .first()
            .await
            .map(|request| request.and_then(|request| request.object_entry))
    }
}

/// `POST /DraftsService_SaveDraftToDocument`; await it.
#[derive(Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct SaveDraft {
    record: Record<Document>,
    entry: Result<i32>,
    whole: bool,
}

impl Record<Document> {
    /// `POST /DraftsService_SaveDraftToDocument`: makes the document of an approved draft
    /// (草稿生成单据).
    ///
    /// The answer names no document; see [`Client::document_of_draft`]. It is not repeated when
    /// its answer is lost.
    pub fn save_as_document(self) -> SaveDraft {
        let entry = self.draft_entry();
        SaveDraft { record: self, entry, whole: false }
    }

    fn draft_entry(&self) -> Result<i32> {
        if self.set_name() != "Drafts" {
            return Err(Error::invalid(format!(
                "only drafts can be saved as documents, this is one of {}",
                self.set_name()
            )));
        }
        self.number().ok_or_else(|| Error::invalid("the key of a draft is its DocEntry"))
    }
}

impl SaveDraft {
    /// Reads the draft first and sends all of it, for servers that refuse the number alone with
    /// code 234000127.
    pub fn whole_draft(mut self) -> Self {
        self.whole = true;
        self
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SaveBody<T> {
    document: T,
}

impl IntoFuture for SaveDraft {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let doc_entry = Some(self.entry?);
            let client = self.record.client().clone();
            let document = if self.whole {
                self.record.get_raw().await?.without_annotations()?
            } else {
                let draft = Document { doc_entry, ..Default::default() };
                RawJson::of(&Write(&draft, client.version()))
                    .map_err(|error| Error::invalid(error.to_string()))?
            };
            client
                .service("DraftsService_SaveDraftToDocument", &SaveBody { document })
                .await
                .map(drop)
        })
    }
}

impl Record<StockTransfer> {
    /// `POST /StockTransferDrafts(DocEntry)/SaveDraftToDocument`: makes the transfer of an approved
    /// draft (库存转储草稿生成单据).
    ///
    /// # Errors
    /// Of kind `Invalid` on another set than `StockTransferDrafts`.
    pub async fn save_as_document(self) -> Result<()> {
        if self.set_name() != "StockTransferDrafts" {
            return Err(Error::invalid(format!(
                "only drafts can be saved as documents, this is one of {}",
                self.set_name()
            )));
        }
        self.action("SaveDraftToDocument").await.map(drop)
    }
}
