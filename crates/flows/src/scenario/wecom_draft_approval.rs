use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::Flow;
use erplink_sync::map::Expression;
use serde::Deserialize;

use super::documents::{INCLUDE_NULL, SYNCED_VALUES, synced_values, yes};
use super::draft_approval::START_DATE;
use super::{
    Composition, Finding, Missing, Pace, Past, PastResult, Scenario, ScenarioKind, Systems,
    decisions_of, pace, read,
};
use crate::b1::{
    ApprovalFields, Decide, PendingRequests, Place, Withdrawn, WriteBack, WriteFields,
};
use crate::config::shape::{Key, Shape, default, optional};
use crate::wecom::{
    AskForm, DecideDraft, FORM, FormFields, FormMap, Locate, RESULT, ResultFields, SubmitApproval,
    TEMPLATE, WeCom,
};

/// Drafts (草稿) that wait for approval in the ERP are approved in WeCom, and the decision goes back
/// to the approval request (审批请求).
#[derive(Clone, Debug, Deserialize)]
pub struct WeComDraftApproval {
    /// The template (审批模板).
    pub template_id: String,
    /// Only documents of this kind, such as `1470000113`; all kinds if unset.
    #[serde(default)]
    pub object_type: Option<String>,
    /// Only once the approval has come to this approver (审批阶段审批人), by `InternalKey`; in any
    /// stage if unset.
    #[serde(default)]
    pub stage_approver: Option<i32>,
    /// Requests from before this day are left to `erplink backfill`.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
    /// The control that carries the draft's `DocEntry` through WeCom and back.
    #[serde(default = "source_control")]
    pub source_control: String,
    /// What goes into the form, and who submits it.
    #[serde(flatten)]
    pub form: FormFields,
    /// What the notice card says; the template's name if it is empty.
    #[serde(default = "summary")]
    pub summary: Expression,
    /// The set with the drafts of transfers.
    #[serde(default = "transfer_drafts")]
    pub transfer_drafts: String,
    /// The flag of the draft.
    #[serde(default = "synced_field")]
    pub synced_field: String,
    /// Its value before and after, such as `["N", "Y"]`.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether drafts without a flag are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
    /// The field of the draft for the number of the form; not written if unset.
    #[serde(default)]
    pub number_field: Option<String>,
    /// What of the decided form goes into the draft.
    #[serde(default)]
    pub result_fields: ResultFields,
    /// When that is written.
    #[serde(default)]
    pub draft_fields: WriteFields,
    /// What a withdrawal or a deletion does.
    #[serde(default)]
    pub on_withdrawn: Withdrawn,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "wecom-draft-approval",
    numbers: &["S40", "S42", "S43"],
    doc: "Drafts (草稿) that wait for approval are approved in WeCom; the decision goes back.",
    needs: &[crate::b1::SYSTEM, crate::wecom::SYSTEM],
    keys: &[TEMPLATE, KEYS, FORM, RESULT, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/wecom-draft-approval.toml"),
    read: read::<WeComDraftApproval>,
};

const KEYS: &[Key] = &[
    optional(
        "object_type",
        Shape::Text,
        "Only documents of this kind: 1470000113 purchase request, 67 transfer, 59 goods receipt, 60 goods issue. All kinds if unset.",
    ),
    optional(
        "stage_approver",
        Shape::Integer(1, 2_147_483_647),
        "The InternalKey of the approver (审批阶段审批人) whose turn it has to be: that of `b1.user`. Any stage if unset.",
    ),
    START_DATE,
    default(
        "source_control",
        Shape::Text,
        r#""草稿单号""#,
        "The control that carries the draft's DocEntry through WeCom and back.",
    ),
    default(
        "summary",
        Shape::Expression,
        r#""Request.Remarks""#,
        "The line of the notice card, cut after 20 characters. The template's name if it is empty.",
    ),
    default(
        "transfer_drafts",
        Shape::Choice(&["StockTransferDrafts", "Drafts"]),
        r#""StockTransferDrafts""#,
        "Where the drafts of transfers are.",
    ),
    default("synced_field", Shape::Text, r#""U_SyncStatus""#, "The flag of the draft."),
    SYNCED_VALUES,
    INCLUDE_NULL,
    optional(
        "number_field",
        Shape::Text,
        "The field of the draft for the number of the form (审批编号), such as U_SPNO.",
    ),
    default(
        "draft_fields",
        Shape::Choice(&["before", "after"]),
        r#""before""#,
        "Whether result_fields are written before the decision or after it.",
    ),
    default(
        "on_withdrawn",
        Shape::Choice(&["leave", "refuse"]),
        r#""leave""#,
        "What a withdrawal (撤销) or a deletion in WeCom does.",
    ),
];

fn source_control() -> String {
    "草稿单号".to_owned()
}

fn summary() -> Expression {
    Expression::path("Request.Remarks")
}

fn transfer_drafts() -> String {
    Place::TRANSFER_DRAFTS.to_owned()
}

fn synced_field() -> String {
    "U_SyncStatus".to_owned()
}

#[async_trait]
impl Scenario for WeComDraftApproval {
    /// The flow `name` to WeCom, and the flow of the decisions back.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, WeCom::of(systems)?);
        let wecom = app.client();
        let decisions = decisions_of(name);
        let requests = self.requests(b1).created(self.start_date, None);
        let submit = SubmitApproval::new(wecom.clone(), &self.template_id);
        let ask = AskForm::new(wecom.clone());
        let outbound = Flow::new(company, name)
            .poll(requests)
            .map(self.form())
            .push(submit)
            .mark(self.mark(b1));
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());

        let decide = Decide::new(b1.clone())
            .fields(ApprovalFields::default(), self.draft_fields)
            .transfer_drafts(&self.transfer_drafts);
        let locate = Locate::DraftEntry { control: self.source_control.clone() };
        let decide = DecideDraft::new(wecom.clone(), decide, locate)
            .fields(self.result_fields.clone())
            .withdrawn(self.on_withdrawn);
        let receiver = app.receiver(company, &self.template_id, &decisions);
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
        let Ok(app) = WeCom::of(systems) else { return Vec::new() };
        vec![app.check_template(&self.template_id, &self.form, &self.source_control).await]
    }
}

impl WeComDraftApproval {
    fn requests(&self, b1: &b1_servicelayer::Client) -> PendingRequests {
        let [no, _] = &self.synced_values;
        let mut requests = PendingRequests::new(b1.clone())
            .transfer_drafts(&self.transfer_drafts)
            .page_size(self.pace.page_size)
            .unsynced((&self.synced_field, no), self.include_null);
        if let Some(object_type) = &self.object_type {
            requests = requests.object_type(object_type);
        }
        match self.stage_approver {
            Some(approver) => requests.approver(approver),
            None => requests,
        }
    }

    fn mark(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let [_, yes] = &self.synced_values;
        let place = Place::Draft { transfer_drafts: self.transfer_drafts.clone() };
        let mark = WriteBack::new(b1.clone(), place).flag(&self.synced_field, yes);
        match &self.number_field {
            Some(field) => mark.id_field(field),
            None => mark,
        }
    }

    fn form(&self) -> FormMap {
        let key = (Expression::path("Request.DraftEntry"), &self.source_control);
        FormMap::new("Draft", key, self.form.clone()).summary(self.summary.clone())
    }
}
