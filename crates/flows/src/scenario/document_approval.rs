use erplink_sync::Flow;
use serde::Deserialize;

use super::draft_approval::{line_collection, mobile, originator};
use super::{Pace, Systems, decisions_of};
use crate::b1::{
    ApprovalFields, DecideDraft, Locate, MarkResult, Place, UnsyncedDocuments, WriteBack,
    WriteFields,
};
use crate::dingtalk::{AskInstance, FormMap, StartApproval};
use crate::fields::{Expression, FieldMap, LineMap};

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
    /// Controls of the form.
    #[serde(default)]
    pub fields: Vec<FieldMap>,
    /// The table of the form.
    #[serde(default)]
    pub lines: Option<LineMap>,
    /// The lines of the document.
    #[serde(default = "line_collection")]
    pub line_collection: String,
    /// The mobile number of who starts the form.
    #[serde(default = "mobile")]
    pub originator_mobile: Expression,
    /// The DingTalk user id of who starts the form, such as `Document.U_UserID`.
    #[serde(default)]
    pub originator_user: Option<Expression>,
    /// The department of that user, such as `Document.U_BMID`.
    #[serde(default)]
    pub originator_dept: Option<Expression>,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

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

impl DocumentApproval {
    /// The flow `name` to DingTalk, and the flow of the results back.
    #[must_use]
    pub fn flows(&self, company: &str, name: &str, systems: &Systems) -> [Flow; 2] {
        let Systems { b1, dingtalk } = systems;
        let decisions = decisions_of(name);
        let [no, yes] = &self.synced_values;
        let flag = (self.synced_field.as_str(), no.as_str());
        let mut source = UnsyncedDocuments::new(
            b1.clone(),
            &self.object_type,
            &self.key_field,
            flag,
            self.include_null,
        )
        .select(self.select.iter().map(String::as_str))
        .page_size(self.pace.page_size);
        if let Some(filter) = &self.filter {
            source = source.filter(filter);
        }
        let place = Place::Document { set: self.object_type.clone(), key: self.key_field.clone() };
        let mark = WriteBack::new(b1.clone(), place)
            .flag(&self.synced_field, yes)
            .id_field(&self.instance_field);
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let outbound = Flow::new(company, name).poll(source).map(self.form()).push(start);
        let ask = AskInstance::new(dingtalk.clone());
        let outbound =
            self.pace.apply(outbound.mark(mark)).awaits(&decisions, ask, self.pace.reconcile());
        [outbound, self.pace.apply(self.results(company, decisions, systems).answers(name))]
    }

    fn results(&self, company: &str, name: String, systems: &Systems) -> Flow {
        let Systems { b1, dingtalk } = systems.clone();
        let input = Flow::new(company, name).receive();
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
        let key = format!("Document.{}", self.key_field);
        let source = self.source_control.clone();
        FormMap {
            originator: originator(
                &self.originator_mobile,
                self.originator_user.as_ref(),
                self.originator_dept.as_ref(),
            ),
            required: "Document",
            source: source.map(|to| FieldMap { from: key.into(), to }),
            fields: self.fields.clone(),
            lines: self.lines.clone(),
            line_path: format!("Document.{}", self.line_collection),
        }
    }
}
