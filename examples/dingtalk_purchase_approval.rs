//! Purchase requests (采购申请) of the ERP are approved in DingTalk (钉钉).
//!
//! ```console
//! cargo run --example dingtalk_purchase_approval                       # all in the sandbox
//! cargo run --example dingtalk_purchase_approval -- --config FILE      # your ERP, your DingTalk
//! ```
//!
//! 1. Every purchase request that waits for approval in the ERP becomes an approval instance.
//! 2. People decide in DingTalk, and DingTalk pushes each decision.
//! 3. The decision goes back to the ERP: first the draft's own fields, then the decision itself.
//!
//! What became of each document is in a ledger file: kill it at any moment and start it again, and
//! no request is lost or in DingTalk twice. The same without code:
//! `examples/config/dingtalk-draft-approval.toml`.

use b1_servicelayer::entities::ApprovalRequest;
use b1_servicelayer::enums::BoApprovalRequestStatusEnum as Status;
use dingtalk::callback::Callback;
use dingtalk::workflow::Outcome;
use erplink::b1::{ApprovalFields, Decide, PendingRequests, Place, WriteBack, WriteFields};
use erplink::dingtalk::{AskInstance, DecideDraft, DingTalk, FormMap, Locate, StartApproval};
use erplink::receive;
use erplink_examples::{Failure, Stage, Table, wait_for};
use erplink_sandbox::Sandbox;
use erplink_sync::map::Expression;
use erplink_sync::store::JobFilter;
use erplink_sync::{Flow, FlowId, Runner};
use serde_json::json;
use std::time::Duration;

/// Keys of the ledger: who renames a flow starts with an empty memory.
const COMPANY: &str = "SBODEMOCN";
const REQUESTS: &str = "purchase-requests";
const DECISIONS: &str = "decisions";

/// The control of the form that carries the approval request's number through DingTalk and back.
const SOURCE_NUMBER: &str = "来源单号";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let stage = Stage::from_args().await?;
    let settings = stage.settings();
    let b1 = b1_servicelayer::Client::from_config(&settings.b1)?;
    let dingtalk = dingtalk::Client::from_config(&settings.dingtalk)?;
    let form = &settings.purchase.process_code;

    let runner = Runner::builder(stage.ledger().await?)
        .flow(requests_to_dingtalk(&b1, &dingtalk, form)?)
        .flow(decisions_to_erp(&b1, &dingtalk))
        .build()?;

    let keys = &settings.callback;
    let callback = Callback::new(keys.token.clone(), keys.aes_key.clone(), dingtalk.client_id())?;
    let app = DingTalk::new(dingtalk.clone()).callback(callback);
    stage.serve(receive::open(vec![app.receiver(COMPANY, form, DECISIONS)], &runner)?).await?;

    let stopped = match stage.sandbox() {
        Some(sandbox) => {
            let requests = submit_demo_requests(sandbox)?;
            let mut played = Ok(());
            runner.run_until(async { played = decide(sandbox, &requests).await }).await;
            played
        }
        None => {
            runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
            Ok(())
        }
    };
    report(&b1, &dingtalk, &runner).await.and(stopped)
}

/// ERP → DingTalk: one approval instance for each request that waits, and its id into the draft.
fn requests_to_dingtalk(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    process_code: &str,
) -> Result<Flow, Failure> {
    let fields = serde_json::from_value(json!({
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Draft.RequriedDate", "to": "需求日期", "format": "date"},
            {"from": "Draft.Comments", "to": "备注"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "ItemDescription", "to": "物料名称"},
            {"from": "Quantity", "to": "数量", "format": "number"},
            {"from": "MeasureUnit", "to": "单位"},
        ]},
    }))?;
    let form =
        FormMap::new("Draft", fields).source(Expression::path("Request.Code"), SOURCE_NUMBER);
    let draft = Place::Draft { transfer_drafts: Place::TRANSFER_DRAFTS.to_owned() };
    Ok(Flow::new(COMPANY, REQUESTS)
        .poll(PendingRequests::new(b1.clone()).object_type("1470000113"))
        .map(form)
        .push(StartApproval::new(dingtalk.clone(), process_code))
        .mark(WriteBack::new(b1.clone(), draft).id_field("U_instanceID"))
        // A push may get lost: after half an hour DingTalk is asked.
        .awaits(DECISIONS, AskInstance::new(dingtalk.clone()), Duration::from_secs(30 * 60)))
}

/// DingTalk → ERP: the draft first, because one that changes after its approval may refuse to
/// become a document; then the decision.
fn decisions_to_erp(b1: &b1_servicelayer::Client, dingtalk: &dingtalk::Client) -> Flow {
    let request = Locate::Code { control: SOURCE_NUMBER.to_owned() };
    let fields = ApprovalFields {
        approver: Some("U_Approver".to_owned()),
        date: Some("U_ApprovalDate".to_owned()),
        status: Some("U_ApprovalStatus".to_owned()),
        submitted: Some("U_IsSubmit".to_owned()),
    };
    let decide = Decide::new(b1.clone()).fields(fields, WriteFields::Before);
    let decide = DecideDraft::new(dingtalk.clone(), decide, request);
    Flow::new(COMPANY, DECISIONS).receive().push(decide).answers(REQUESTS)
}

/// Each document's way, from the ledger and both systems; an error if one is not where it should
/// be.
async fn report(
    b1: &b1_servicelayer::Client,
    dingtalk: &dingtalk::Client,
    runner: &Runner,
) -> Result<(), Failure> {
    let flow = Some(FlowId::new(COMPANY, REQUESTS));
    let jobs = runner.store().list(JobFilter { flow, ..JobFilter::default() }).await?;
    let mut table = Table::new(["draft", "request", "instance", "decided by", "DingTalk", "ERP"]);
    let mut astray = 0;
    for job in jobs {
        let code: i32 = job.key.document.parse()?;
        let id = job.target_id.unwrap_or_default();
        let request: ApprovalRequest = b1.approval_requests().key(code).get().await?;
        let instance = dingtalk.workflow().get(&id).await?;
        let status = request.status.ok_or("a request without status")?;
        let expected = match instance.outcome() {
            Outcome::Approved => Status::Approved,
            Outcome::Refused => Status::NotApproved,
            _ => Status::Pending,
        };
        astray += u32::from(status != expected);
        let last = instance.tasks.last().and_then(|task| task.user_id.clone());
        table.row([
            &request.draft_entry.unwrap_or_default(),
            &code,
            &id,
            &last.unwrap_or_default(),
            &format!("{:?}", instance.outcome()),
            &status,
        ]);
    }
    println!("{table}");
    if astray > 0 {
        return Err(format!("{astray} documents are not where they should be").into());
    }
    Ok(())
}

/// Somebody in the sandbox's ERP asks for material, three times. Returns the numbers of the
/// approval requests.
fn submit_demo_requests(sandbox: &Sandbox) -> Result<Vec<String>, Failure> {
    let wanted = [
        ("RM-001", "12.5", "补充安全库存"),
        ("RM-002", "2000", "订单备料"),
        ("RM-003", "3", "试用"),
    ];
    let submit = |(item, quantity, comments): (&str, &str, &str)| {
        let submitted = sandbox.b1().submit_draft(&json!({
            "DocObjectCode": "1470000113",
            "RequriedDate": "2026-12-31",
            "Comments": comments,
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }))?;
        Ok(submitted.request_code.to_string())
    };
    wanted.into_iter().map(submit).collect()
}

/// The sandbox's purchasing manager approves all but the last; then the ERP is to know.
async fn decide(sandbox: &Sandbox, requests: &[String]) -> Result<(), Failure> {
    let manager = "0147282552401293909";
    for (index, code) in requests.iter().enumerate() {
        let instance = sandbox.dingtalk().wait_for_instance(SOURCE_NUMBER, code);
        let instance = tokio::time::timeout(Stage::PATIENCE, instance).await?;
        if index + 1 < requests.len() {
            sandbox.dingtalk().approve(&instance, manager, "同意")?;
        } else {
            sandbox.dingtalk().refuse(&instance, manager, "下季度再议")?;
        }
    }
    for code in requests {
        wait_for(async || {
            let request = sandbox.b1().get("ApprovalRequests", code)?;
            Ok(request["Status"] != "arsPending")
        })
        .await?;
    }
    Ok(())
}
