use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use ecology_oa::callback::{Push, ResultMap};
use erplink_sync::ports::{PageRequest, Source};
use erplink_sync::{Flow, FlowInput};
use serde::{Deserialize, Deserializer};

use super::document_approval::Sql;
use super::draft_approval::START_DATE;
use super::{
    Composition, Finding, Missing, Pace, Past, PastResult, Scenario, ScenarioKind, Systems,
    decisions_of, pace, read,
};
use crate::b1::{Decide, KeyType, Place, ResultField, UnsyncedDocuments, WriteBack};
use crate::config::shape::{Key, Shape, default, optional, required};
use crate::ecology::{
    AskRequest, DecideDraft, Ecology, FORM, MarkResult, RESULTS, RETURNED, RequestEnd,
    RequestFields, RequestMap, Returned, StartRequest, WORKFLOW, ended_request,
};
use crate::sql::{SqlDocuments, SqlQuery};

/// Documents with the flag "not synchronised" are approved in Weaver e-cology (泛微 OA). The result
/// goes back to the document that carries the request's id: for drafts as a decision on the
/// approval request, for all others as `Y` or `N` in a field.
#[derive(Clone, Debug, Deserialize)]
pub struct EcologyApproval {
    /// The workflow (流程id).
    pub workflow_id: i64,
    /// The title of the requests, to which the document's key is added.
    pub request_name: String,
    /// The entity set, such as `Drafts`, `StockTransferDrafts`, `PurchaseOrders` or a user-defined
    /// object.
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
    /// The field for the request's id.
    #[serde(default = "request_id_field")]
    pub request_id_field: String,
    /// The field for the result; its values are those of the flag: approved, refused.
    #[serde(default = "success_field")]
    pub success_field: String,
    /// What goes into the form, and who starts the request.
    #[serde(flatten)]
    pub form: RequestFields,
    /// Where a pushed result says what was decided.
    #[serde(default, deserialize_with = "results")]
    pub results: ResultMap,
    /// What a return means that was not pushed.
    #[serde(default)]
    pub on_returned: Returned,
    /// The numbers of the flows.
    #[serde(flatten)]
    pub pace: Pace,
}

pub(super) const KIND: ScenarioKind = ScenarioKind {
    name: "ecology-document-approval",
    numbers: &["S03", "S04", "S05", "S06", "S07", "S08", "S09"],
    doc: "Documents with the flag \"not synchronised\" go to Weaver OA (泛微); the result comes back.",
    needs: &[crate::b1::SYSTEM, crate::ecology::SYSTEM],
    keys: &[WORKFLOW, KEYS, FORM, RESULTS, RETURNED, pace::POLL, pace::WORK, pace::RECONCILE],
    example: include_str!("examples/ecology-approval.toml"),
    read: read::<EcologyApproval>,
};

const KEYS: &[Key] = &[
    required(
        "object_type",
        Shape::Text,
        "The entity set, such as Drafts, StockTransferDrafts (transfers), PurchaseOrders or a user-defined object.",
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
    ),
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
        "request_id_field",
        Shape::Text,
        r#""U_REQUESTID""#,
        "The field for the id of the request (requestid).",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
];

const SQL: &[Key] = &[
    default(
        "source",
        Shape::Choice(&["sql-queries"]),
        r#""sql-queries""#,
        "What runs the queries: stored queries (SQLQueries) of the Service Layer.",
    ),
    required(
        "main",
        Shape::Text,
        "One row a document that is not synchronised, with the key, the columns of the form, and the OA user who starts it.",
    ),
    optional("detail", Shape::Text, "The lines, with the same column for the key."),
];

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

fn request_id_field() -> String {
    "U_REQUESTID".to_owned()
}

fn success_field() -> String {
    "U_SUCCESS".to_owned()
}

fn results<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ResultMap, D::Error> {
    let map = ResultMap::deserialize(deserializer)?;
    map.check().map_err(|problem| serde::de::Error::custom(format!("results: {problem}")))?;
    Ok(map)
}

#[async_trait]
impl Scenario for EcologyApproval {
    /// The flow `name` to OA, and the flow of the results back.
    fn compose(
        &self,
        company: &str,
        name: &str,
        systems: &Systems,
    ) -> Result<Composition, Missing> {
        let (b1, app) = (systems.b1()?, Ecology::of(systems)?);
        let decisions = decisions_of(name);
        let outbound = Flow::new(company, name)
            .poll(self.source(b1))
            .map(RequestMap::new(self.form.clone()))
            .push(StartRequest::new(app.client().clone(), self.workflow_id, &self.request_name))
            .mark(self.write_back(b1));
        let ask = AskRequest::new(app.client().clone(), self.on_returned);
        let outbound = self.pace.apply(outbound).awaits(&decisions, ask, self.pace.reconcile());

        let results = self.results.clone();
        let end = move |push: &Push| {
            let result = results.read(push)?;
            Ok(ended_request(&result.request_id, &RequestEnd::from(&result)))
        };
        let receiver = app.receives().then(|| app.receiver(company, name, &decisions, end));
        let inbound = self.decide(Flow::new(company, decisions).receive(), b1);
        Ok(Composition {
            flows: vec![outbound, self.pace.apply(inbound).answers(name).answers_a_person()],
            receivers: receiver.into_iter().collect(),
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
        let mut findings = Vec::new();
        if let (Ok(app), None) = (Ecology::of(systems), &self.form.user) {
            findings.push(app.check_workflow(self.workflow_id).await);
        }
        if let (Some(sql), Ok(b1)) = (&self.sql, systems.b1()) {
            let page = self.sql_documents(sql, b1).page(PageRequest::default()).await;
            let outcome = page.map(drop).map_err(|failure| format!("check `sql`: {failure}"));
            findings.push(Finding::new(format!("queries of {}", self.object_type), outcome));
        }
        findings
    }
}

impl EcologyApproval {
    fn source(&self, b1: &b1_servicelayer::Client) -> Box<dyn Source> {
        match &self.sql {
            Some(sql) => Box::new(self.sql_documents(sql, b1)),
            None => Box::new(self.unsynced(b1).dated(&self.date_field, self.start_date, None)),
        }
    }

    fn sql_documents(&self, sql: &Sql, b1: &b1_servicelayer::Client) -> SqlDocuments {
        let query = |kind: &str, text: &str| SqlQuery {
            name: format!("ecology-{}-{}-{kind}", self.workflow_id, self.object_type),
            text: text.to_owned(),
        };
        let rows: Arc<_> = sql.source.rows(b1);
        let documents = SqlDocuments::new(rows, query("main", &sql.main), &self.key_field)
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

    fn write_back(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let place = Place::Document {
            set: self.object_type.clone(),
            key: self.key_field.clone(),
            key_type: self.key_type,
        };
        let [_, yes] = &self.synced_values;
        WriteBack::new(b1.clone(), place)
            .flag(&self.synced_field, yes)
            .id_field(&self.request_id_field)
    }

    fn decide(&self, input: FlowInput, b1: &b1_servicelayer::Client) -> Flow {
        let (set, field) = (&self.object_type, &self.request_id_field);
        if matches!(set.as_str(), "Drafts" | Place::TRANSFER_DRAFTS) {
            return input.push(DecideDraft::new(Decide::new(b1.clone()), set, field));
        }
        let [no, yes] = &self.synced_values;
        let (key, success) = (&self.key_field, &self.success_field);
        let result = ResultField::new(b1.clone(), set, key, field, success);
        input.push(MarkResult::new(result.values(yes, no)))
    }
}
