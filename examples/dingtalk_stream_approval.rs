//! Purchase requests (采购申请) are approved in DingTalk (钉钉), and nobody has to reach us: the
//! decisions come in Stream mode (Stream 模式), over a connection that we open.
//!
//! ```console
//! cargo run --example dingtalk_stream_approval                       # all in the sandbox
//! cargo run --example dingtalk_stream_approval -- --config FILE      # your ERP, your DingTalk
//! ```
//!
//! No public address, no certificate, no rule in the firewall, no token and key: in the developer
//! console choose 事件订阅 → Stream 模式推送. Run it in one place only, because several connections of
//! one app share its events.
//!
//! The scenario is data here, every knob at its default; `dingtalk_purchase_approval` composes the
//! same of its parts. The same without code: `examples/config/dingtalk-stream-approval.toml`.
//!
//! In the sandbox the connection breaks, and people decide while there is none: the events wait for
//! the next one.

use erplink::dingtalk::DingTalk;
use erplink::receive;
use erplink::scenario::{DraftApproval, Scenario, Systems};
use erplink_examples::{Failure, Stage, Table, wait_for};
use erplink_sandbox::Sandbox;
use erplink_sandbox::dingtalk::SocketFault;
use erplink_sync::store::JobFilter;
use erplink_sync::{FlowId, Runner};
use serde_json::json;

const COMPANY: &str = "SBODEMOCN";
const REQUESTS: &str = "purchase-requests";
/// The control of the form that carries the approval request's number through DingTalk and back.
const SOURCE_NUMBER: &str = "来源单号";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let stage = Stage::from_args().await?;
    let settings = stage.settings();
    let b1 = b1_servicelayer::Client::from_config(&settings.b1)?;
    let dingtalk = dingtalk::Client::from_config(&settings.dingtalk)?;

    let systems = Systems::default().with(b1).with(DingTalk::new(dingtalk).stream());
    let composition =
        purchase_approval(&settings.purchase.process_code)?.compose(COMPANY, REQUESTS, &systems)?;
    let (builder, receivers) = composition.runner(stage.ledger().await?);
    let runner = builder.build()?;
    stage.serve(receive::open(receivers, &runner)?).await?;

    let Some(sandbox) = stage.sandbox() else {
        runner.run_until(async { drop(tokio::signal::ctrl_c().await) }).await;
        return Ok(());
    };
    let requests = submit_demo_requests(sandbox)?;
    let mut played = Ok(());
    runner.run_until(async { played = decide(sandbox, &requests).await }).await;
    played?;
    report(sandbox, &runner).await
}

/// S10 and S11 for purchase requests.
fn purchase_approval(process_code: &str) -> Result<DraftApproval, Failure> {
    Ok(serde_json::from_value(json!({
        "process_code": process_code,
        "object_type": "1470000113",
        "source_control": SOURCE_NUMBER,
        "instance_field": "U_instanceID",
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Draft.RequriedDate", "to": "需求日期", "format": "date"},
            {"from": "Draft.Comments", "to": "备注"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量", "format": "number"},
        ]},
        "approval_fields": {"approver": "U_Approver", "status": "U_ApprovalStatus"},
    }))?)
}

/// Somebody in the sandbox's ERP asks for material, twice. Returns the numbers of the approval
/// requests.
fn submit_demo_requests(sandbox: &Sandbox) -> Result<[String; 2], Failure> {
    let submit = |item: &str, comments: &str| {
        let submitted = sandbox.b1().submit_draft(&json!({
            "DocObjectCode": "1470000113",
            "RequriedDate": "2026-12-31",
            "Comments": comments,
            "DocumentLines": [{"ItemCode": item, "Quantity": "12.5", "LineVendor": "V001"}],
        }))?;
        Ok::<_, Failure>(submitted.request_code.to_string())
    };
    Ok([submit("RM-001", "补充安全库存")?, submit("RM-003", "试用")?])
}

/// The purchasing manager approves the one and refuses the other, while there is no connection.
/// Then the ERP is to know.
async fn decide(sandbox: &Sandbox, requests: &[String; 2]) -> Result<(), Failure> {
    let (office, manager) = (sandbox.dingtalk(), "0147282552401293909");
    let [approved, refused] = requests;
    let form =
        |code| tokio::time::timeout(Stage::PATIENCE, office.wait_for_instance(SOURCE_NUMBER, code));
    let (approved, refused) = (form(approved).await?, form(refused).await?);
    office.break_stream(SocketFault::Kill);
    wait_for(async || Ok(office.stream_connections() == 0)).await?;
    office.approve(&approved, manager, "同意")?;
    office.refuse(&refused, manager, "下季度再议")?;
    for code in requests {
        wait_for(async || {
            let request = sandbox.b1().get("ApprovalRequests", code)?;
            Ok(request["Status"] != "arsPending")
        })
        .await?;
    }
    Ok(())
}

/// Each request's way, from the ledger, DingTalk and the ERP.
async fn report(sandbox: &Sandbox, runner: &Runner) -> Result<(), Failure> {
    let flow = Some(FlowId::new(COMPANY, REQUESTS));
    let jobs = runner.store().list(JobFilter { flow, ..JobFilter::default() }).await?;
    let mut table = Table::new(["request", "instance", "connection", "DingTalk", "ERP"]);
    let mut astray = 0;
    for job in jobs {
        let id = job.target_id.unwrap_or_default();
        let request = sandbox.b1().get("ApprovalRequests", &job.key.document)?;
        let push = sandbox.dingtalk().stream_pushes().into_iter().rev();
        let push = push.into_iter().find(|push| push.instance == id && push.kind == "finish");
        let push = push.ok_or("a decision that was not pushed")?;
        let result = push.result.unwrap_or_default();
        let status = if result == "agree" { "arsApproved" } else { "arsNotApproved" };
        astray += u32::from(request["Status"] != status);
        table.row([&job.key.document, &id, &push.connection, &result, &request["Status"]]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} requests are not where they should be").into()),
    }
}
