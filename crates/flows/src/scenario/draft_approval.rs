use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::Flow;
use erplink_sync::map::Expression;
use serde::Deserialize;

use super::{
    Composition, Finding, Missing, Pace, Past, PastResult, Scenario, ScenarioKind, Systems,
    decisions_of, pace, read,
};
use crate::b1::{
    ApprovalFields, Decide, PendingRequests, Place, Withdrawn, WriteBack, WriteFields,
};
use crate::config::shape::{Key, Shape, default, optional};
use crate::dingtalk::{
    AskInstance, DecideDraft, DingTalk, FORM, FormFields, FormMap, Locate, PROCESS, StartApproval,
};

/// Drafts (草稿) that wait for approval in the ERP are approved in DingTalk, and the decision goes
/// back to the approval request (审批请求).
#[derive(Clone, Debug, Deserialize)]
pub struct DraftApproval {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// Only documents of this kind, such as `1470000113`; all kinds if unset.
    #[serde(default)]
    pub object_type: Option<String>,
    /// Requests from before this day are left to `erplink backfill`.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// The control that carries the number of the request through DingTalk and back.
    #[serde(default = "source_control")]
    pub source_control: String,
    /// What that number is.
    #[serde(default)]
    pub source_number: SourceNumber,
    /// What goes into the form, and who starts it.
    #[serde(flatten)]
    pub form: FormFields,
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

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "dingtalk-draft-approval",
    numbers: &["S10", "S11"],
    doc: "Drafts (草稿) that wait for approval are approved in DingTalk; the decision goes back.",
    needs: &[crate::b1::SYSTEM, crate::dingtalk::SYSTEM],
    keys: &[PROCESS, KEYS, FORM, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/draft-approval.toml"),
    read: read::<DraftApproval>,
};

const KEYS: &[Key] = &[
    optional(
        "object_type",
        Shape::Text,
        "Only documents of this kind: 1470000113 purchase request, 67 transfer, 59 goods receipt, 60 goods issue. All kinds if unset.",
    ),
    START_DATE,
    default(
        "source_control",
        Shape::Text,
        r#""来源单号""#,
        "The control that carries the number through DingTalk and back.",
    ),
    default(
        "source_number",
        Shape::Choice(&["code", "draft_entry"]),
        r#""code""#,
        "What that number is.",
    ),
    default(
        "transfer_drafts",
        Shape::Choice(&["StockTransferDrafts", "Drafts"]),
        r#""StockTransferDrafts""#,
        "Where the drafts of transfers are.",
    ),
    optional(
        "instance_field",
        Shape::Text,
        "The field of the draft for the id of the instance, such as U_instanceID.",
    ),
    optional(
        "approval_fields",
        Shape::Table(APPROVAL_FIELDS),
        "The fields of the draft that tell who decided and how.",
    ),
    default(
        "draft_fields",
        Shape::Choice(&["before", "after"]),
        r#""before""#,
        "Whether they are written before the decision or after it.",
    ),
    default(
        "on_withdrawn",
        Shape::Choice(&["leave", "refuse"]),
        r#""leave""#,
        "What a withdrawal (撤销) in DingTalk does.",
    ),
];

pub(super) const START_DATE: Key = optional(
    "start_date",
    Shape::Day,
    "Documents from before this day are left to `erplink backfill`. All days if unset.",
);

const APPROVAL_FIELDS: &[Key] = &[
    optional("approver", Shape::Text, "Such as U_Approver."),
    optional("date", Shape::Text, "Such as U_ApprovalDate."),
    optional("status", Shape::Text, "Such as U_ApprovalStatus."),
    optional("submitted", Shape::Text, "Such as U_IsSubmit."),
];

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

fn source_control() -> String {
    "来源单号".to_owned()
}

fn transfer_drafts() -> String {
    Place::TRANSFER_DRAFTS.to_owned()
}

#[async_trait]
impl Scenario for DraftApproval {
    /// The flow `name` to DingTalk, and the flow of the decisions back.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, DingTalk::of(systems)?);
        let dingtalk = app.client();
        let decisions = decisions_of(name);
        let requests = self.requests(b1).created(self.start_date, None);
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let mut outbound = Flow::new(company, name).poll(requests).map(self.form()).push(start);
        if let Some(field) = &self.instance_field {
            let place = Place::Draft { transfer_drafts: self.transfer_drafts.clone() };
            outbound = outbound.mark(WriteBack::new(b1.clone(), place).id_field(field));
        }
        let ask = AskInstance::new(dingtalk.clone());
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());

        let decide = Decide::new(b1.clone())
            .fields(self.approval_fields.clone(), self.draft_fields)
            .transfer_drafts(&self.transfer_drafts);
        let decide =
            DecideDraft::new(dingtalk.clone(), decide, self.locate()).withdrawn(self.on_withdrawn);
        let receiver = app.receiver(company, &self.process_code, &decisions);
        let inbound = Flow::new(company, decisions).receive().push(decide).answers(name);
        Ok(Composition {
            flows: vec![outbound, self.pace.apply(inbound)],
            receivers: vec![receiver],
            ..Composition::default()
        })
    }

    async fn past(&self, systems: &Systems, from: NaiveDate, to: NaiveDate) -> PastResult {
        let source = self.requests(systems.b1()?).created(Some(from), Some(to));
        let total = source.count().await?;
        Ok(Some(Past { source: Box::new(source), total }))
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        check_form(&self.process_code, systems).await
    }
}

/// Whether the form of a flow is there.
pub(super) async fn check_form(process_code: &str, systems: &Systems) -> Vec<Finding> {
    match DingTalk::of(systems) {
        Ok(app) => vec![app.check_form(process_code).await],
        Err(_) => Vec::new(),
    }
}

impl DraftApproval {
    fn requests(&self, b1: &b1_servicelayer::Client) -> PendingRequests {
        let requests = PendingRequests::new(b1.clone())
            .transfer_drafts(&self.transfer_drafts)
            .page_size(self.pace.page_size);
        match &self.object_type {
            Some(object_type) => requests.object_type(object_type),
            None => requests,
        }
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
        FormMap::new("Draft", self.form.clone())
            .source(Expression::path(number), &self.source_control)
    }
}
