//! Drafts of purchase requests (采购申请草稿) of the ERP are approved in Weaver OA (泛微).
//!
//! ```console
//! cargo run --example ecology_draft_approval      # all in the sandbox
//! ```
//!
//! 1. Every draft whose flag `U_ISSYN` is not `Y` becomes a request (流程) in OA, whose id goes into
//!    `U_REQUESTID` of the draft.
//! 2. People decide in OA, and each click posts the decision to us and waits for the answer.
//! 3. The decision goes to the approval request (审批请求) of the draft in the ERP.
//!
//! Against your own systems, without code: `examples/config/ecology-approval.toml`.

use std::time::Duration;

use ecology_oa::callback::{Push, ResultMap};
use erplink::b1::{Decide, KeyType, Place, UnsyncedDocuments, WriteBack};
use erplink::ecology::{
    AskRequest, DecideDraft, RequestEnd, RequestMap, Returned, StartRequest, ended_request,
};
use erplink_examples::{Company, Failure, Table, meanwhile};
use erplink_sync::Flow;
use serde_json::json;

/// Keys of the ledger: who renames a flow starts with an empty memory.
const DRAFTS: &str = "oa-purchase-requests";
const DECISIONS: &str = "oa-purchase-requests-decisions";

/// The fields of the draft that say whether it is in OA, and where.
const FLAG: &str = "U_ISSYN";
const REQUEST_ID: &str = "U_REQUESTID";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let company = Company::open().await?;
    let runner = company.runner([drafts_to_oa(&company)?, decisions_to_erp(&company)])?;

    // Which statuses mean what is agreed on with the OA administrator; others decide nothing.
    let results = ResultMap::new().approved(["同意"]).rejected(["退回"]);
    let receiver = company.oa.receiver(Company::NAME, DRAFTS, DECISIONS, move |push: &Push| {
        let result = results.read(push)?;
        Ok(ended_request(&result.request_id, &RequestEnd::from(&result)))
    });
    let design = |call: &mut erplink_sandbox::ecology::Callback| {
        (call.approved, call.returned) = ("同意".to_owned(), "退回".to_owned());
        call.on_return = true;
    };
    company.serve(receiver, &runner, design).await?;

    let submitted = submit(&company)?;
    println!("{}", runner.run_once().await);
    meanwhile(&runner, decide(&company)).await?;
    report(&company, &submitted)
}

/// ERP → OA: a request for each draft, called after its number so that a lost create is found.
fn drafts_to_oa(company: &Company) -> Result<Flow, Failure> {
    let fields = serde_json::from_value(json!({
        "user": format!("={}", Company::BUYER),
        "fields": [
            {"from": "Document.DocEntry", "to": "docentry"},
            {"from": "Document.RequriedDate", "to": "reqdate", "format": "date"},
            {"from": "Document.Comments", "to": "comments"},
        ],
        "lines": {"to": "formtable_main_1356_dt1", "fields": [
            {"from": "ItemCode", "to": "itemcode"},
            {"from": "Quantity", "to": "qty"},
        ]},
    }))?;
    let drafts =
        UnsyncedDocuments::new(company.b1.clone(), "Drafts", "DocEntry", (FLAG, "N"), true)
            .filter("DocObjectCode eq '1470000113'");
    let draft = Place::Document {
        set: "Drafts".to_owned(),
        key: "DocEntry".to_owned(),
        key_type: KeyType::Auto,
    };
    let oa = company.oa.client();
    let workflow = company.people().workflow_id("采购申请")?;
    Ok(Flow::new(Company::NAME, DRAFTS)
        .poll(drafts)
        .map(RequestMap::new(fields))
        .push(StartRequest::new(oa.clone(), workflow, "采购申请"))
        .mark(WriteBack::new(company.b1.clone(), draft).flag(FLAG, "Y").id_field(REQUEST_ID))
        // A return may not be posted: after half an hour OA is asked.
        .awaits(
            DECISIONS,
            AskRequest::new(oa.clone(), Returned::Refuse),
            Duration::from_secs(30 * 60),
        ))
}

/// OA → ERP: the draft is found by the request's id, and its approval request decided.
fn decisions_to_erp(company: &Company) -> Flow {
    let decide = DecideDraft::new(Decide::new(company.b1.clone()), "Drafts", REQUEST_ID);
    Flow::new(Company::NAME, DECISIONS).receive().push(decide).answers(DRAFTS).answers_a_person()
}

/// Somebody asks for material, three times. Returns drafts and approval requests.
fn submit(company: &Company) -> Result<Vec<(i64, i64)>, Failure> {
    let wanted = [("RM-001", "12.5"), ("RM-002", "2000"), ("RM-003", "3")];
    let submit = |(item, quantity)| {
        let draft = company.erp().submit_draft(&json!({
            "DocObjectCode": "1470000113", "RequriedDate": "2026-12-31", "Comments": "补充安全库存",
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }))?;
        Ok((draft.doc_entry, draft.request_code))
    };
    wanted.into_iter().map(submit).collect()
}

/// The purchasing manager agrees to all but the last.
async fn decide(company: &Company) -> Result<(), Failure> {
    let (people, manager) = (company.people(), company.people().user_id("lisi")?);
    let mut requests = people.requests();
    let last = requests.pop().ok_or("OA has no request")?;
    for request in requests {
        people.approve(request, &manager, "同意").await?;
    }
    Ok(people.refuse(last, &manager, "下季度再议").await?)
}

/// Each draft's way; an error if one is not where it should be.
fn report(company: &Company, submitted: &[(i64, i64)]) -> Result<(), Failure> {
    let mut table = Table::new(["draft", "OA request", "OA", "approval request", "ERP"]);
    let mut astray = submitted.len().abs_diff(company.people().requests().len());
    for (entry, code) in submitted {
        let draft = company.erp().get("Drafts", &entry.to_string())?;
        let request = draft[REQUEST_ID].as_str().unwrap_or_default();
        let state = company.people().request(request.parse()?)?;
        let approval = company.erp().get("ApprovalRequests", &code.to_string())?;
        let expected = match state["result"].as_str() {
            Some("approved") => "arsApproved",
            Some("returned") => "arsNotApproved",
            _ => "arsPending",
        };
        astray += usize::from(approval["Status"] != expected || expected == "arsPending");
        table.row([entry, &request, &state["result"], code, &approval["Status"]]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} drafts are not where they should be").into()),
    }
}
