use async_trait::async_trait;
use chrono::NaiveDate;
use ecology_oa::callback::{Push, ResultMap};
use erplink_sync::{Flow, FlowInput};
use serde::{Deserialize, Deserializer};

use super::documents::{DOCUMENTS, Documents, Reading};
use super::{
    Composition, Finding, Missing, Pace, PastResult, Scenario, ScenarioKind, Systems, decisions_of,
    pace, read,
};
use crate::b1::{Decide, ResultField, WriteBack};
use crate::config::shape::{Key, Shape, default};
use crate::ecology::{
    AskRequest, DecideDraft, Ecology, FORM, MarkResult, RESULTS, RETURNED, RequestEnd,
    RequestFields, RequestMap, Returned, StartRequest, UserIs, WORKFLOW, ended_request,
};

/// Documents with the flag "not synchronised" are approved in Weaver e-cology (泛微 OA). The result
/// goes back to the document that carries the request's id: for drafts as a decision on the
/// approval request, for all others as `Y` or `N` in a field.
#[derive(Clone, Debug, Deserialize)]
pub struct EcologyApproval {
    /// The workflow (流程id).
    pub workflow_id: i64,
    /// The title of the requests, to which the document's key is added.
    pub request_name: String,
    /// Which documents.
    #[serde(flatten)]
    pub documents: Documents,
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
    keys: &[
        WORKFLOW,
        DOCUMENTS,
        KEYS,
        FORM,
        RESULTS,
        RETURNED,
        pace::POLL,
        pace::WORK,
        pace::RECONCILE,
    ],
    example: include_str!("examples/ecology-approval.toml"),
    read: read::<EcologyApproval>,
};

const KEYS: &[Key] = &[
    default(
        "request_id_field",
        Shape::Text,
        r#""U_REQUESTID""#,
        "The field for the id of the request (requestid).",
    ),
    default("success_field", Shape::Text, r#""U_SUCCESS""#, "The field for the result."),
];

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
            .poll(self.documents.source(systems, &self.reading(&self.queries()))?)
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
        let queries = self.queries();
        self.documents.past(systems, &self.reading(&queries), from, to).await
    }

    async fn check(&self, systems: &Systems) -> Vec<Finding> {
        let mut findings = Vec::new();
        let user = self.form.user.as_ref().map(ToString::to_string);
        let user = user.as_deref().map(|text| text.strip_prefix('='));
        // Whom a document names is not known yet.
        if let (Ok(app), None | Some(Some(_)), UserIs::Id) =
            (Ecology::of(systems), user, self.form.user_is)
        {
            findings.push(app.check_workflow(self.workflow_id, user.flatten()).await);
        }
        let queries = self.queries();
        findings.extend(self.documents.check(systems, &self.reading(&queries)).await);
        findings
    }
}

impl EcologyApproval {
    /// How its stored queries are called: several flows may have the same workflow, none has the
    /// same title.
    fn queries(&self) -> String {
        // FNV-1a: short, plain, and the same for ever.
        let checksum = self.request_name.bytes().fold(0x811c_9dc5_u32, |checksum, byte| {
            (checksum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        format!("ecology-{}-{checksum:08x}", self.workflow_id)
    }

    fn reading<'a>(&'a self, queries: &'a str) -> Reading<'a> {
        Reading { queries, lines: self.form.line_collection(), page_size: self.pace.page_size }
    }

    fn write_back(&self, b1: &b1_servicelayer::Client) -> WriteBack {
        let [_, yes] = &self.documents.synced_values;
        WriteBack::new(b1.clone(), self.documents.place())
            .flag(&self.documents.synced_field, yes)
            .id_field(&self.request_id_field)
    }

    fn decide(&self, input: FlowInput, b1: &b1_servicelayer::Client) -> Flow {
        let Documents { object_type: set, key_field, synced_values: [no, yes], .. } =
            &self.documents;
        let field = &self.request_id_field;
        if self.documents.are_drafts() {
            return input.push(DecideDraft::new(Decide::new(b1.clone()), set, field));
        }
        let result = ResultField::new(b1.clone(), set, key_field, field, &self.success_field);
        input.push(MarkResult::new(result.values(yes, no)))
    }
}
