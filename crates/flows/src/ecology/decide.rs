use async_trait::async_trait;
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};

use super::{End, RequestEnd};
use crate::b1::{Decide, Place, ResultField, Verdict, WhichRequest};

/// Carries a decision of OA over to the approval request (审批请求) of the ERP.
///
/// The draft is the one that has the id of the OA's request in a field. It is looked for among all
/// drafts, so that one address serves every kind of them.
#[derive(Clone, Debug)]
pub struct DecideDraft {
    decide: Decide,
    set: String,
    field: String,
}

impl DecideDraft {
    /// Looks in `set` (`Drafts` or `StockTransferDrafts`) first; `field` holds the id of the
    /// request, such as `U_REQUESTID`.
    #[must_use]
    pub fn new(decide: Decide, set: &str, field: &str) -> Self {
        Self { decide, set: set.to_owned(), field: field.to_owned() }
    }

    async fn set_of(&self, request: &str) -> Result<String, Failure> {
        let other = if self.set == "Drafts" { Place::TRANSFER_DRAFTS } else { "Drafts" };
        for set in [self.set.as_str(), other] {
            if self.decide.knows(set, &self.field, request).await? {
                return Ok(set.to_owned());
            }
        }
        Err(Failure::refused(format!("no draft has {} = {request}", self.field)))
    }
}

/// The request of an event, and what was decided.
fn verdict(event: &Outgoing) -> Result<(String, Verdict), Failure> {
    let RequestEnd { end, remark, approver } = event.read()?;
    let request = event.about.clone();
    let request = request.ok_or_else(|| Failure::park("the event names no request of the OA"))?;
    let (approve, words) = match end {
        End::Approved => (true, "已同意"),
        End::Rejected => (false, "已拒绝"),
        End::Forced => {
            return Err(Failure::park(format!(
                "request {request} was archived by force (强制归档) in OA: nobody approved; decide in the ERP"
            )));
        }
        End::Unclear => {
            return Err(Failure::park(format!(
                "request {request} is over in OA, and its log does not say how; look there, and decide in the ERP"
            )));
        }
    };
    let verdict =
        Verdict { approve, words: words.to_owned(), remarks: remark, approver, date: None };
    Ok((request, verdict))
}

#[async_trait]
impl Target for DecideDraft {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    /// It looks at the state before it decides.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, Failure> {
        let (id, verdict) = verdict(event)?;
        let (set, field) = (self.set_of(&id).await?, self.field.clone());
        self.decide.carry_out(&WhichRequest::OfDraftWith { set, field, id }, &verdict).await
    }
}

/// Writes how OA decided into the document that carries the request's id. For documents without an
/// approval of their own in the ERP.
#[derive(Clone, Debug)]
pub struct MarkResult(ResultField);

impl MarkResult {
    /// Into this field.
    #[must_use]
    pub fn new(field: ResultField) -> Self {
        Self(field)
    }
}

#[async_trait]
impl Target for MarkResult {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    /// Writing the same value twice is the same as once.
    fn is_repeatable(&self) -> bool {
        true
    }

    async fn push(&self, event: &Outgoing) -> Result<Pushed, Failure> {
        let (request, verdict) = verdict(event)?;
        self.0.write(&request, verdict.approve).await
    }
}
