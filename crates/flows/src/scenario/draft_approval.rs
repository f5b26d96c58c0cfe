use erplink_sync::Flow;
use serde::Deserialize;

use super::{Pace, Systems, decisions_of};
use crate::b1::{
    ApprovalFields, DecideDraft, Locate, PendingRequests, Place, Withdrawn, WriteBack, WriteFields,
};
use crate::dingtalk::{AskInstance, FormMap, Originator, StartApproval};
use crate::fields::{Expression, FieldMap, LineMap};

/// Drafts (草稿) that wait for approval in the ERP are approved in DingTalk, and the decision goes
/// back to the approval request (审批请求).
#[derive(Clone, Debug, Deserialize)]
pub struct DraftApproval {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// Only documents of this kind, such as `1470000113`; all kinds if unset.
    #[serde(default)]
    pub object_type: Option<String>,
    /// The control that carries the number of the request through DingTalk and back.
    #[serde(default = "source_control")]
    pub source_control: String,
    /// What that number is.
    #[serde(default)]
    pub source_number: SourceNumber,
    /// Controls of the form.
    #[serde(default)]
    pub fields: Vec<FieldMap>,
    /// The table of the form.
    #[serde(default)]
    pub lines: Option<LineMap>,
    /// The lines of the draft.
    #[serde(default = "line_collection")]
    pub line_collection: String,
    /// The mobile number of who starts the form.
    #[serde(default = "mobile")]
    pub originator_mobile: Expression,
    /// The DingTalk user id of who starts the form, instead of the mobile number.
    #[serde(default)]
    pub originator_user: Option<Expression>,
    /// The department of that user.
    #[serde(default)]
    pub originator_dept: Option<Expression>,
    /// The set with the drafts of transfers.
    #[serde(default = "transfer_drafts")]
    pub transfer_drafts: String,
    /// The field of the draft for the instance's id; not written if unset.
    #[serde(default)]
    pub instance_field: Option<String>,
    /// The fields of the draft that tell who decided and how.
    #[serde(default)]
    pub approval_fields: ApprovalFields,
    /// When they are written.
    #[serde(default)]
    pub draft_fields: WriteFields,
    /// What a withdrawal does.
    #[serde(default)]
    pub on_withdrawn: Withdrawn,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

/// What the source control holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceNumber {
    /// The `Code` of the approval request.
    #[default]
    Code,
    /// The `DocEntry` of the draft.
    DraftEntry,
}

pub(super) fn source_control() -> String {
    "来源单号".to_owned()
}

pub(super) fn line_collection() -> String {
    "DocumentLines".to_owned()
}

pub(super) fn mobile() -> Expression {
    Expression::from("User.MobilePhoneNumber")
}

pub(super) fn transfer_drafts() -> String {
    Place::TRANSFER_DRAFTS.to_owned()
}

/// A user with a department if both are named, else the person with the mobile number.
pub(super) fn originator(
    mobile: &Expression,
    user: Option<&Expression>,
    dept: Option<&Expression>,
) -> Originator {
    match (user, dept) {
        (Some(user), Some(dept)) => Originator::User { user: user.clone(), dept: dept.clone() },
        _ => Originator::Mobile(mobile.clone()),
    }
}

impl DraftApproval {
    /// The flow `name` to DingTalk, and the flow of the decisions back.
    #[must_use]
    pub fn flows(&self, company: &str, name: &str, systems: &Systems) -> [Flow; 2] {
        let Systems { b1, dingtalk } = systems;
        let decisions = decisions_of(name);
        let mut requests = PendingRequests::new(b1.clone())
            .transfer_drafts(&self.transfer_drafts)
            .page_size(self.pace.page_size);
        if let Some(object_type) = &self.object_type {
            requests = requests.object_type(object_type);
        }
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let mut outbound = Flow::new(company, name).poll(requests).map(self.form()).push(start);
        if let Some(field) = &self.instance_field {
            let place = Place::Draft { transfer_drafts: self.transfer_drafts.clone() };
            outbound = outbound.mark(WriteBack::new(b1.clone(), place).id_field(field));
        }
        let ask = AskInstance::new(dingtalk.clone());
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());

        let decide = DecideDraft::new(b1.clone(), dingtalk.clone(), self.locate())
            .fields(self.approval_fields.clone(), self.draft_fields)
            .withdrawn(self.on_withdrawn)
            .transfer_drafts(&self.transfer_drafts);
        let inbound = Flow::new(company, decisions).receive().push(decide).answers(name);
        [outbound, self.pace.apply(inbound)]
    }

    fn locate(&self) -> Locate {
        let control = self.source_control.clone();
        match self.source_number {
            SourceNumber::Code => Locate::Code { control },
            SourceNumber::DraftEntry => Locate::DraftEntry { control },
        }
    }

    fn form(&self) -> FormMap {
        let number = match self.source_number {
            SourceNumber::Code => "Request.Code",
            SourceNumber::DraftEntry => "Request.DraftEntry",
        };
        FormMap {
            originator: originator(
                &self.originator_mobile,
                self.originator_user.as_ref(),
                self.originator_dept.as_ref(),
            ),
            required: "Draft",
            source: Some(FieldMap { from: number.into(), to: self.source_control.clone() }),
            fields: self.fields.clone(),
            lines: self.lines.clone(),
            line_path: format!("Draft.{}", self.line_collection),
        }
    }
}
