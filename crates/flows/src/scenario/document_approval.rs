use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use erplink_sync::map::Expression;
use erplink_sync::ports::{PageRequest, Source};
use erplink_sync::{Flow, FlowId, FlowInput};
use serde::Deserialize;

use super::draft_approval::{START_DATE, check_form};
use super::{
    Composition, Finding, Missing, Pace, Past, PastResult, Scenario, ScenarioKind, Systems,
    decisions_of, pace, read,
};
use crate::b1::{Decide, KeyType, Place, ResultField, StoredQueries, UnsyncedDocuments, WriteBack};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::dingtalk::{
    AskInstance, DecideDraft, DingTalk, FORM, FormFields, FormMap, Locate, MarkResult, OTHER_FORMS,
    PROCESS, StartApproval,
};
use crate::sql::{SqlDocuments, SqlQuery, SqlRows};

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
    /// How the key is written in addresses.
    #[serde(default)]
    pub key_type: KeyType,
    /// Documents by SQL, instead of the flag, `filter`, `select` and `start_date`.
    #[serde(default)]
    pub sql: Option<Sql>,
    /// A further condition, in the server's syntax.
    #[serde(default)]
    pub filter: Option<String>,
    /// The property with the document's date.
    #[serde(default = "date_field")]
    pub date_field: String,
    /// Documents from before this day are left to `erplink backfill`.
    #[serde(default)]
    pub start_date: Option<NaiveDate>,
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
    default(
        "key_type",
        Shape::Choice(&["auto", "numeric", "string"]),
        r#""auto""#,
        "How the key is written in addresses: (16) or ('16'); auto: as it was read.",
    ),
    optional(
        "sql",
        Shape::Table(SQL),
        "Documents by SQL, instead of the flag, filter, select and start_date.",
    )
    .with("originator_user"),
    optional("filter", Shape::Text, "A further condition, such as DocObjectCode eq '1470000113'."),
    default("date_field", Shape::Text, r#""DocDate""#, "The property with the document's date."),
    START_DATE,
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

pub(super) const SQL: &[Key] = &[
    default(
        "source",
        Shape::Choice(&["sql-queries"]),
        r#""sql-queries""#,
        "What runs the queries: stored queries (SQLQueries) of the Service Layer.",
    ),
    required(
        "main",
        Shape::Text,
        "One row a document that is not synchronised, with the key, the columns of the form, the DingTalk user id and department of who starts it.",
    ),
    optional("detail", Shape::Text, "The lines, with the same column for the key."),
];

/// The queries of documents by SQL.
#[derive(Clone, Debug, Deserialize)]
pub struct Sql {
    /// What runs them.
    #[serde(default)]
    pub source: SqlSource,
    /// One row a document.
    pub main: String,
    /// The lines.
    #[serde(default)]
    pub detail: Option<String>,
}

/// What runs the queries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SqlSource {
    /// Stored queries (`SQLQueries`) of the Service Layer.
    #[default]
    SqlQueries,
    /// Something of your own.
    #[serde(skip)]
    Custom(Arc<dyn SqlRows>),
}

impl SqlSource {
    pub(super) fn rows(&self, b1: &b1_servicelayer::Client) -> Arc<dyn SqlRows> {
        match self {
            Self::SqlQueries => Arc::new(StoredQueries::new(b1.clone())),
            Self::Custom(rows) => rows.clone(),
        }
    }
}

fn key_field() -> String {
    "DocEntry".to_owned()
}

fn date_field() -> String {
    "DocDate".to_owned()
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
        let place = Place::Document {
            set: self.object_type.clone(),
            key: self.key_field.clone(),
            key_type: self.key_type,
        };
        let [_, yes] = &self.synced_values;
        let mark = WriteBack::new(b1.clone(), place)
            .flag(&self.synced_field, yes)
            .id_field(&self.instance_field);
        let start = StartApproval::new(dingtalk.clone(), &self.process_code);
        let outbound =
            Flow::new(company, name).poll(self.source(b1)).map(self.form()).push(start).mark(mark);
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
        if self.sql.is_some() {
            return Err(
                "the main query says which documents there are: change its condition".into()
            );
        }
        let source = self.unsynced(systems.b1()?).dated(&self.date_field, Some(from), Some(to));
        let total = source.count().await?;
        Ok(Some(Past { source: Box::new(source), total }))
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let mut findings = check_form(&self.process_code, systems).await;
        if let (Some(sql), Ok(b1)) = (&self.sql, systems.b1()) {
            let page = self.sql_documents(sql, b1).page(PageRequest::default()).await;
            let outcome = page.map(drop).map_err(|failure| format!("check `sql`: {failure}"));
            findings.push(Finding::new(format!("queries of {}", self.object_type), outcome));
        }
        findings
    }
}

impl DocumentApproval {
    fn source(&self, b1: &b1_servicelayer::Client) -> Box<dyn Source> {
        match &self.sql {
            Some(sql) => Box::new(self.sql_documents(sql, b1)),
            None => Box::new(self.unsynced(b1).dated(&self.date_field, self.start_date, None)),
        }
    }

    fn sql_documents(&self, sql: &Sql, b1: &b1_servicelayer::Client) -> SqlDocuments {
        let query = |kind: &str, text: &str| SqlQuery {
            // No two flows of a company have the same form.
            name: format!("{}-{kind}", self.process_code),
            text: text.to_owned(),
        };
        let documents =
            SqlDocuments::new(sql.source.rows(b1), query("main", &sql.main), &self.key_field)
                .line_collection(self.form.line_collection());
        match &sql.detail {
            Some(detail) => documents.detail(query("detail", detail)),
            None => documents,
        }
    }

    fn unsynced(&self, b1: &b1_servicelayer::Client) -> UnsyncedDocuments {
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
        let (set, field) = (&self.object_type, &self.instance_field);
        if matches!(set.as_str(), "Drafts" | Place::TRANSFER_DRAFTS) {
            let locate = Locate::InstanceField { set: set.clone(), field: field.clone() };
            let decide = DecideDraft::new(dingtalk, Decide::new(b1), locate);
            return input.push(decide.ignore_others(self.other_forms));
        }
        let [no, yes] = &self.synced_values;
        let result = ResultField::new(b1, set, &self.key_field, field, &self.success_field);
        input.push(MarkResult::new(dingtalk, result.values(yes, no)))
    }

    fn form(&self) -> FormMap {
        let map = FormMap::new("Document", self.form.clone());
        let Some(control) = &self.source_control else { return map };
        map.source(Expression::path(&format!("Document.{}", self.key_field)), control)
    }
}
