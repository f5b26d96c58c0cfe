use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::map::Expression;
use erplink_sync::{Flow, FlowId, FlowInput};
use serde::Deserialize;

use super::documents::{DOCUMENTS, Documents, Reading};
use super::draft_approval::check_form;
use super::{
    Composition, Finding, Missing, Pace, PastResult, Scenario, ScenarioKind, Systems, decisions_of,
    pace, read,
};
use crate::b1::{Decide, ResultField, WriteBack};
use crate::config::shape::{Key, Shape, default, optional};
use crate::dingtalk::{
    AskInstance, DecideDraft, DingTalk, FORM, FormFields, FormMap, Locate, MarkResult, OTHER_FORMS,
    Originator, PROCESS, StartApproval,
};

/// Documents with the flag "not synchronised" go to DingTalk. The result goes back to the document
/// that carries the instance's id: for drafts as a decision on the approval request, for all
/// others as `Y` or `N` in a field.
#[derive(Clone, Debug, Deserialize)]
pub struct DocumentApproval {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// Which documents.
    #[serde(flatten)]
    pub documents: Documents,
    /// The field for the instance's id.
    #[serde(default = "instance_field")]
    pub instance_field: String,
    /// The field for the result; its values are those of the flag: approved, refused.
    #[serde(default = "success_field")]
    pub success_field: String,
    /// For drafts: whether the results of forms that no flow names are taken too, for the drafts
    /// that have the instance's id.
    #[serde(default)]
    pub other_forms: bool,
    /// The control with the document's key; without it a lost create cannot be looked up.
    #[serde(default)]
    pub source_control: Option<String>,
    /// What goes into the form, and who starts it.
    #[serde(flatten)]
    pub form: FormFields,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "dingtalk-document-approval",
    numbers: &["S13", "S14", "S15", "S16"],
    doc: "Documents with the flag \"not synchronised\" go to DingTalk; the result comes back.",
    needs: &[crate::b1::SYSTEM, crate::dingtalk::SYSTEM],
    keys: &[PROCESS, DOCUMENTS, KEYS, FORM, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/document-approval.toml"),
    read: read::<DocumentApproval>,
};

const KEYS: &[Key] = &[
    default(
        "instance_field",
        Shape::Text,
        r#""U_instanceID""#,
        "The field for the id of the instance.",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
    default(
        "other_forms",
        Shape::Bool,
        "false",
        "For drafts: take the results of forms that no flow names too, where a draft has the id. One flow a company.",
    ),
    optional(
        "source_control",
        Shape::Text,
        "The control with the document's key; without it a lost create cannot be looked up.",
    ),
];

fn instance_field() -> String {
    "U_instanceID".to_owned()
}

fn success_field() -> String {
    "U_SUCCESS".to_owned()
}

#[async_trait]
impl Scenario for DocumentApproval {
    /// The flow `name` to DingTalk, and the flow of the results back.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, DingTalk::of(systems)?);
        let dingtalk = app.client();
        let decisions = decisions_of(name);
        let Documents { synced_field, synced_values: [_, yes], .. } = &self.documents;
        let mark = WriteBack::new(b1.clone(), self.documents.place())
            .flag(synced_field, yes)
            .id_field(&self.instance_field);
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let outbound = Flow::new(company, name)
            .poll(self.documents.source(systems, &self.reading())?)
            .map(self.form())
            .push(start)
            .mark(mark);
        let ask = AskInstance::new(dingtalk.clone());
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());
        let mut receiver = app.receiver(company, &self.process_code, &decisions);
        if self.other_forms {
            receiver = receiver.door(OTHER_FORMS, FlowId::new(company, decisions.as_str()));
        }
        let inbound = self.results(Flow::new(company, decisions).receive(), b1, dingtalk);
        Ok(Composition {
            flows: vec![outbound, self.pace.apply(inbound.answers(name))],
            receivers: vec![receiver],
            ..Composition::default()
        })
    }

    async fn past(&self, systems: &Systems, from: NaiveDate, to: NaiveDate) -> PastResult {
        self.documents.past(systems, &self.reading(), from, to).await
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let mut findings = check_form(&self.process_code, systems).await;
        findings.extend(self.documents.check(systems, &self.reading()).await);
        findings
    }
}

impl DocumentApproval {
    fn reading(&self) -> Reading<'_> {
        Reading {
            queries: &self.process_code,
            lines: self.form.line_collection(),
            page_size: self.pace.page_size,
        }
    }

    fn results(
        &self,
        input: FlowInput,
        b1: &b1_servicelayer::Client,
        dingtalk: &dingtalk::Client,
    ) -> Flow {
        let (b1, dingtalk) = (b1.clone(), dingtalk.clone());
        let (documents, field) = (&self.documents, &self.instance_field);
        let set = &documents.object_type;
        if documents.are_drafts() {
            let locate = Locate::InstanceField { set: set.clone(), field: field.clone() };
            let decide = DecideDraft::new(dingtalk, Decide::new(b1), locate);
            return input.push(decide.ignore_others(self.other_forms));
        }
        let [no, yes] = &documents.synced_values;
        let result = ResultField::new(b1, set, &documents.key_field, field, &self.success_field);
        input.push(MarkResult::new(dingtalk, result.values(yes, no)))
    }

    /// Documents by SQL have no user of the ERP with a mobile number: they say who starts the form.
    fn fields(&self) -> FormFields {
        let mut fields = self.form.clone();
        if self.documents.sql.is_some() && fields.originator == Originator::default() {
            fields.originator = Originator::User {
                user: Expression::path("Document.U_UserID"),
                dept: Expression::path("Document.U_BMID"),
            };
        }
        fields
    }

    fn form(&self) -> FormMap {
        let map = FormMap::new("Document", self.fields());
        let Some(control) = &self.source_control else { return map };
        map.source(Expression::path(&format!("Document.{}", self.documents.key_field)), control)
    }
}
