use async_trait::async_trait;
use dingtalk::workflow::{Instance, Outcome};
use erplink_sync::Failure;
use erplink_sync::ports::{Outgoing, Pushed, Target};

use super::ended_instance;
use crate::b1::{Decide, ResultField, Verdict, WhichRequest, Withdrawn};

/// How the approval request of an instance is found.
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
        /// The set of the draft, `Drafts` or `StockTransferDrafts`.
        set: String,
        /// The field, such as `U_instanceID`.
        field: String,
    },
}

/// Carries a decision of DingTalk over to the approval request (审批请求) of the ERP.
#[derive(Clone, Debug)]
pub struct DecideDraft {
    dingtalk: dingtalk::Client,
    decide: Decide,
    locate: Locate,
    withdrawn: Withdrawn,
    ignores_others: bool,
}

impl DecideDraft {
    /// A withdrawal does nothing.
    #[must_use]
    pub fn new(dingtalk: dingtalk::Client, decide: Decide, locate: Locate) -> Self {
        let withdrawn = Withdrawn::default();
        Self { dingtalk, decide, locate, withdrawn, ignores_others: false }
    }

    /// What a withdrawal does. Default: nothing.
    #[must_use]
    pub fn withdrawn(mut self, withdrawn: Withdrawn) -> Self {
        self.withdrawn = withdrawn;
        self
    }

    /// Leaves instances alone whose id is in no draft: for receivers of all forms.
    #[must_use]
    pub fn ignore_others(mut self, ignore: bool) -> Self {
        self.ignores_others = ignore;
        self
    }

    async fn is_anothers(&self, id: &str) -> Result<bool, Failure> {
        match &self.locate {
            Locate::InstanceField { set, field } if self.ignores_others => {
                Ok(!self.decide.knows(set, field, id).await?)
            }
            _ => Ok(false),
        }
    }

    fn which(&self, id: &str, instance: &Instance) -> Result<WhichRequest, Failure> {
        Ok(match &self.locate {
            Locate::Code { control } => WhichRequest::Code(number_in(instance, control)?),
            Locate::DraftEntry { control } => WhichRequest::OfDraft(number_in(instance, control)?),
            Locate::InstanceField { set, field } => WhichRequest::OfDraftWith {
                set: set.clone(),
                field: field.clone(),
                id: id.to_owned(),
            },
        })
    }
}

fn number_in(instance: &Instance, control: &str) -> Result<i32, Failure> {
    let number = instance.form().require(control).and_then(|found| found.integer());
    let number = number.map_err(Failure::park)?.and_then(|number| i32::try_from(number).ok());
    number.ok_or_else(|| {
        Failure::park(format!("`{control}` of the form is empty or no number of the ERP"))
    })
}

fn verdict(instance: &Instance, approve: bool, words: &str) -> Verdict {
    let remarks = instance.operation_records.iter().rev().find_map(|done| done.remark.clone());
    Verdict {
        approve,
        words: words.to_owned(),
        remarks,
        approver: instance.tasks.last().and_then(|task| task.user_id.clone()),
        date: instance.finish_time.as_ref().map(|at| at.as_str().to_owned()),
    }
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

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let (id, instance) = ended_instance(&self.dingtalk, document).await?;
        if self.is_anothers(&id).await? {
            return Ok(Pushed::nothing("no draft has the id of this instance"));
        }
        let (approve, words) = match (instance.outcome(), self.withdrawn) {
            (Outcome::Approved, _) => (true, "已同意"),
            (Outcome::Refused, _) => (false, "已拒绝"),
            (_, Withdrawn::Refuse) => (false, "已撤销"),
            (_, Withdrawn::Leave) => {
                return Err(Failure::park(
                    "withdrawn (撤销) in DingTalk: nobody decided; decide in the ERP, or submit anew",
                ));
            }
        };
        let which = self.which(&id, &instance)?;
        self.decide.carry_out(&which, &verdict(&instance, approve, words)).await
    }
}

/// Writes how DingTalk decided into the document that carries the instance's id. For documents
/// without an approval of their own in the ERP.
#[derive(Clone, Debug)]
pub struct MarkResult {
    dingtalk: dingtalk::Client,
    field: ResultField,
}

impl MarkResult {
    /// A withdrawal writes nothing.
    #[must_use]
    pub fn new(dingtalk: dingtalk::Client, field: ResultField) -> Self {
        Self { dingtalk, field }
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

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let (id, instance) = ended_instance(&self.dingtalk, document).await?;
        match instance.outcome() {
            Outcome::Approved => self.field.write(&id, true).await,
            Outcome::Refused => self.field.write(&id, false).await,
            _ => Ok(Pushed::nothing("withdrawn (撤销): nobody decided")),
        }
    }
}
