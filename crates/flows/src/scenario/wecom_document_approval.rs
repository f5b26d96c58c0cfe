use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::map::Expression;
use erplink_sync::{Flow, FlowId, FlowInput};
use serde::Deserialize;

use super::documents::{DOCUMENTS, Documents, Reading};
use super::{
    Composition, Finding, Missing, Pace, PastResult, Scenario, ScenarioKind, Systems, decisions_of,
    pace, read,
};
use crate::b1::{Decide, ResultField, WriteBack};
use crate::config::shape::{Key, Shape, default};
use crate::wecom::{
    AskForm, DecideDraft, DocumentOf, FORM, FormFields, FormMap, Locate, MarkResult, OTHER_FORMS,
    RESULT, ResultFields, SubmitApproval, TEMPLATE, WeCom,
};

/// Documents with the flag "not synchronised" go to WeCom. The result goes back to the document:
/// for drafts as a decision on the approval request, for all others as `Y` or `N` in a field.
#[derive(Clone, Debug, Deserialize)]
pub struct WeComDocumentApproval {
    /// The template (审批模板).
    pub template_id: String,
    /// Which documents.
    #[serde(flatten)]
    pub documents: Documents,
    /// The property that goes into `source_control`: for drafts without a `number_field` the
    /// `DocEntry`.
    #[serde(default = "source_field")]
    pub source_field: String,
    /// The control that carries it through WeCom and back.
    #[serde(default = "source_control")]
    pub source_control: String,
    /// What goes into the form, and who submits it.
    #[serde(flatten)]
    pub form: FormFields,
    /// What the notice card says; the template's name if it is empty.
    #[serde(default = "summary")]
    pub summary: Expression,
    /// The field for the number of the form, by which the document is found again. Empty: it is
    /// not written, and the document is found by what is in `source_control`.
    #[serde(default = "number_field")]
    pub number_field: String,
    /// The field for the result; its values are those of the flag: approved, refused.
    #[serde(default = "success_field")]
    pub success_field: String,
    /// What else of the decided form goes into the document.
    #[serde(default)]
    pub result_fields: ResultFields,
    /// For drafts: whether the results of forms that no flow names are taken too, for the drafts
    /// that have the form's number.
    #[serde(default)]
    pub other_forms: bool,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "wecom-document-approval",
    numbers: &["S41", "S44", "S45", "S46"],
    doc: "Documents with the flag \"not synchronised\" go to WeCom; the result comes back.",
    needs: &[crate::b1::SYSTEM, crate::wecom::SYSTEM],
    keys: &[TEMPLATE, DOCUMENTS, KEYS, FORM, RESULT, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/wecom-document-approval.toml"),
    read: read::<WeComDocumentApproval>,
};

const KEYS: &[Key] = &[
    default(
        "source_field",
        Shape::Text,
        r#""DocNum""#,
        "The property that goes into source_control: for drafts without a number_field DocEntry.",
    ),
    default(
        "source_control",
        Shape::Text,
        r#""单据编号""#,
        "The control that carries the document's number through WeCom and back.",
    ),
    default(
        "summary",
        Shape::Expression,
        r#""Document.Comments""#,
        "The line of the notice card, cut after 20 characters. The template's name if it is empty.",
    ),
    default(
        "number_field",
        Shape::Text,
        r#""U_SPNO""#,
        "The field for the number of the form (审批编号). Empty: not written; the document is found by source_control.",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
    default(
        "other_forms",
        Shape::Bool,
        "false",
        "For drafts: take the results of forms that no flow names too, where a draft has the number. One flow a company.",
    ),
];

fn source_field() -> String {
    "DocNum".to_owned()
}

fn source_control() -> String {
    "单据编号".to_owned()
}

fn summary() -> Expression {
    Expression::path("Document.Comments")
}

fn number_field() -> String {
    "U_SPNO".to_owned()
}

fn success_field() -> String {
    "U_SUCCESS".to_owned()
}

#[async_trait]
impl Scenario for WeComDocumentApproval {
    /// The flow `name` to WeCom, and the flow of the results back.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, WeCom::of(systems)?);
        let wecom = app.client();
        let decisions = decisions_of(name);
        let submit = SubmitApproval::new(wecom.clone(), &self.template_id);
        let ask = AskForm::new(wecom.clone());
        let outbound = Flow::new(company, name)
            .poll(self.documents.source(systems, &self.reading())?)
            .map(self.form())
            .push(submit)
            .mark(self.mark(b1));
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());

        let mut receiver = app.receiver(company, &self.template_id, &decisions);
        if self.other_forms {
            receiver = receiver.door(OTHER_FORMS, FlowId::new(company, decisions.as_str()));
        }
        let inbound = self.results(Flow::new(company, decisions).receive(), b1, wecom);
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
        let mut findings = Vec::new();
        if let Ok(app) = WeCom::of(systems) {
            let (form, key) = (&self.form, &self.source_control);
            findings.push(app.check_template(&self.template_id, form, key).await);
        }
        findings.extend(self.documents.check(systems, &self.reading()).await);
        findings
    }
}

impl WeComDocumentApproval {
    fn reading(&self) -> Reading<'_> {
        Reading {
            queries: &self.template_id,
            lines: self.form.line_collection(),
            page_size: self.pace.page_size,
        }
    }

    fn has_number_field(&self) -> bool {
        !self.number_field.is_empty()
    }

    fn mark(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let Documents { synced_field, synced_values: [_, yes], .. } = &self.documents;
        let mark = WriteBack::new(b1.clone(), self.documents.place()).flag(synced_field, yes);
        if self.has_number_field() { mark.id_field(&self.number_field) } else { mark }
    }

    fn results(
        &self,
        input: FlowInput,
        b1: &b1_servicelayer::Client,
        wecom: &wecom::Client,
    ) -> Flow {
        let (b1, wecom) = (b1.clone(), wecom.clone());
        let (set, control) = (&self.documents.object_type, self.source_control.clone());
        let (by_number, field) = (self.has_number_field(), &self.number_field);
        let fields = self.result_fields.clone();
        if self.documents.are_drafts() {
            let locate = match by_number {
                true => Locate::NumberField { set: set.clone(), field: field.clone() },
                false => Locate::DraftEntry { control },
            };
            let decide = DecideDraft::new(wecom, Decide::new(b1), locate);
            return input.push(decide.fields(fields).ignore_others(self.other_forms));
        }
        let [no, yes] = &self.documents.synced_values;
        let key = &self.documents.key_field;
        let result = ResultField::new(b1, set, key, field, &self.success_field).values(yes, no);
        let document = match by_number {
            true => DocumentOf::Number,
            false => DocumentOf::Control { control, property: self.source_field.clone() },
        };
        input.push(MarkResult::new(wecom, result, document).fields(fields))
    }

    fn form(&self) -> FormMap {
        let number = Expression::path(&format!("Document.{}", self.source_field));
        FormMap::new("Document", (number, &self.source_control), self.form.clone())
            .summary(self.summary.clone())
    }
}
