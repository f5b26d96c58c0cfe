use async_trait::async_trait;
use erplink_sync::map::Expression;
use erplink_sync::{Flow, FlowInput};
use serde::Deserialize;

use super::draft_approval::check_form;
use super::{
    Composition, Finding, Missing, Pace, Scenario, ScenarioKind, Systems, decisions_of, pace, read,
};
use crate::b1::{
    ApprovalFields, DecideDraft, Locate, MarkResult, Place, UnsyncedDocuments, WriteBack,
    WriteFields,
};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::dingtalk::{AskInstance, DingTalk, FORM, FormFields, FormMap, PROCESS, StartApproval};

/// Documents with the flag "not synchronised" go to DingTalk. The result goes back to the document
/// that carries the instance's id: for drafts as a decision on the approval request, for all
/// others as `Y` or `N` in a field.
#[derive(Clone, Debug, Deserialize)]
pub struct DocumentApproval {
    /// The form (审批模板), `PROC-…`.
    pub process_code: String,
    /// The entity set, such as `PurchaseOrders`, `Drafts` or a user-defined object.
    pub object_type: String,
    /// The property with the key.
    #[serde(default = "key_field")]
    pub key_field: String,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// The properties to read; all if empty.
    #[serde(default)]
    pub select: Vec<String>,
    /// The flag.
    #[serde(default = "synced_field")]
    pub synced_field: String,
    /// Its value before and after, such as `["N", "Y"]`.
    #[serde(default = "synced_values")]
    pub synced_values: [String; 2],
    /// Whether documents without a flag are not synchronised either.
    #[serde(default = "yes")]
    pub include_null: bool,
    /// The field for the instance's id.
    #[serde(default = "instance_field")]
    pub instance_field: String,
    /// The field for the result; its values are those of the flag: approved, refused.
    #[serde(default = "success_field")]
    pub success_field: String,
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
    keys: &[PROCESS, KEYS, FORM, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/document-approval.toml"),
    read: read::<DocumentApproval>,
};

const KEYS: &[Key] = &[
    required(
        "object_type",
        Shape::Text,
        "The entity set, such as PurchaseOrders, Drafts or a user-defined object.",
    ),
    default("key_field", Shape::Text, r#""DocEntry""#, "The property with the key."),
    optional("filter", Shape::Text, "A further condition, such as DocObjectCode eq '1470000113'."),
    default("select", Shape::Texts, "[]", "The properties to read; all if empty."),
    default("synced_field", Shape::Text, r#""U_ISSYN""#, "The flag."),
    default(
        "synced_values",
        Shape::Pair,
        r#"["N", "Y"]"#,
        "Its value before and after; also those of the result: refused, approved.",
    ),
    default(
        "include_null",
        Shape::Bool,
        "true",
        "Whether documents without a flag are not synchronised either.",
    ),
    default(
        "instance_field",
        Shape::Text,
        r#""U_instanceID""#,
        "The field for the id of the instance.",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
    optional(
        "source_control",
        Shape::Text,
        "The control with the document's key; without it a lost create cannot be looked up.",
    ),
];

fn key_field() -> String {
    "DocEntry".to_owned()
}

fn synced_field() -> String {
    "U_ISSYN".to_owned()
}

fn synced_values() -> [String; 2] {
    ["N".to_owned(), "Y".to_owned()]
}

fn yes() -> bool {
    true
}

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
        let place = Place::Document { set: self.object_type.clone(), key: self.key_field.clone() };
        let [_, yes] = &self.synced_values;
        let mark = WriteBack::new(b1.clone(), place)
            .flag(&self.synced_field, yes)
            .id_field(&self.instance_field);
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let outbound =
            Flow::new(company, name).poll(self.source(b1)).map(self.form()).push(start).mark(mark);
        let ask = AskInstance::new(dingtalk.clone());
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());
        let receiver = app.receiver(company, &self.process_code, &decisions);
        let inbound = self.results(Flow::new(company, decisions).receive(), b1, dingtalk);
        Ok(Composition {
            flows: vec![outbound, self.pace.apply(inbound.answers(name))],
            receivers: vec![receiver],
            ..Composition::default()
        })
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        check_form(&self.process_code, systems).await
    }
}

impl DocumentApproval {
    fn source(&self, b1: &b1_servicelayer::Client) -> UnsyncedDocuments {
        let [no, _] = &self.synced_values;
        let flag = (self.synced_field.as_str(), no.as_str());
        let (set, key) = (&self.object_type, &self.key_field);
        let mut source = UnsyncedDocuments::new(b1.clone(), set, key, flag, self.include_null)
            .select(self.select.iter().map(String::as_str))
            .page_size(self.pace.page_size);
        if let Some(filter) = &self.filter {
            source = source.filter(filter);
        }
        source
    }

    fn results(
        &self,
        input: FlowInput,
        b1: &b1_servicelayer::Client,
        dingtalk: &dingtalk::Client,
    ) -> Flow {
        let (b1, dingtalk) = (b1.clone(), dingtalk.clone());
        if self.object_type == "Drafts" {
            let locate = Locate::InstanceField { field: self.instance_field.clone() };
            let decide = DecideDraft::new(b1, dingtalk, locate);
            return input.push(decide.fields(ApprovalFields::default(), WriteFields::Before));
        }
        let [no, yes] = &self.synced_values;
        let result = MarkResult::new(
            b1,
            dingtalk,
            &self.object_type,
            &self.key_field,
            &self.instance_field,
            &self.success_field,
        );
        input.push(result.values(yes, no))
    }

    fn form(&self) -> FormMap {
        let map = FormMap::new("Document", self.form.clone());
        let Some(control) = &self.source_control else { return map };
        map.source(Expression::path(&format!("Document.{}", self.key_field)), control)
    }
}
