//! Drafts (草稿) of the ERP that wait for approval are approved in WeCom (企业微信).
//!
//! ```console
//! cargo run --example wecom_draft_approval                       # all in the sandbox
//! cargo run --example wecom_draft_approval -- --config FILE      # your ERP, your WeCom
//! ```
//!
//! 1. Every purchase request that waits for approval in the ERP becomes a form (审批单), in the name
//!    of the ERP user: the fax field (传真) holds the WeCom userid.
//! 2. People decide in WeCom, and WeCom pushes each change of a form.
//! 3. The decision goes back to the ERP: first the draft's own fields, then the decision itself.
//!
//! WeCom has no key against submitting twice, so the form carries the draft's number: a form whose
//! answer was lost is found by it. The same without code:
//! `examples/config/wecom-draft-approval.toml`.

use std::time::Duration;

use b1_servicelayer::entities::ApprovalRequest;
use b1_servicelayer::enums::BoApprovalRequestStatusEnum as Status;
use erplink::b1::{Decide, PendingRequests, Place, WriteBack};
use erplink::receive;
use erplink::wecom::{AskForm, DecideDraft, FormMap, Locate, ResultFields, SubmitApproval};
use erplink_examples::{Failure, Office, Stage, Table, wait_for};
use erplink_sandbox::Sandbox;
use erplink_sync::map::Expression;
use erplink_sync::store::JobFilter;
use erplink_sync::{Flow, FlowId, Runner};
use serde_json::json;
use wecom::approvals::Decision;

/// Keys of the ledger: who renames a flow starts with an empty memory.
const COMPANY: &str = "SBODEMOCN";
const REQUESTS: &str = "purchase-requests";
const DECISIONS: &str = "decisions";

/// The control of the form that carries the draft's number through WeCom and back.
const DRAFT_NUMBER: &str = "草稿单号";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let office = Office::from_args().await?;
    let b1 = b1_servicelayer::Client::from_config(&office.settings().b1)?;
    let app = office.app()?;
    let (wecom, template) = (app.client(), &office.settings().draft_template);

    let runner = Runner::builder(office.ledger().await?)
        .flow(drafts_to_wecom(&b1, wecom, template)?)
        .flow(decisions_to_erp(&b1, wecom)?)
        .build()?;
    let receiver = app.receiver(COMPANY, template, DECISIONS);
    office.serve(receive::open(vec![receiver], &runner)?).await?;
    let played = office.run(&runner, async |sandbox| demo(sandbox).await).await;
    report(&b1, wecom, &runner).await.and(played)
}

/// ERP → WeCom: one form for each draft that waits; then its number and the flag into the draft.
fn drafts_to_wecom(
    b1: &b1_servicelayer::Client,
    wecom: &wecom::Client,
    template: &str,
) -> Result<Flow, Failure> {
    let fields = serde_json::from_value(json!({
        "applicant": "User.FaxNumber",
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Draft.RequriedDate", "to": "需求日期"},
            {"from": "Draft.Comments", "to": "备注"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "ItemDescription", "to": "物料名称"},
            {"from": "Quantity", "to": "数量"},
        ]},
    }))?;
    let key = (Expression::path("Request.DraftEntry"), DRAFT_NUMBER);
    let form = FormMap::new("Draft", key, fields).summary(Expression::parse("{Draft.Comments}")?);
    let drafts = PendingRequests::new(b1.clone())
        .object_type("1470000113")
        .unsynced(("U_SyncStatus", "N"), true);
    let draft = Place::Draft { transfer_drafts: Place::TRANSFER_DRAFTS.to_owned() };
    let mark = WriteBack::new(b1.clone(), draft).flag("U_SyncStatus", "Y").id_field("U_SPNO");
    Ok(Flow::new(COMPANY, REQUESTS)
        .poll(drafts)
        .map(form)
        .push(SubmitApproval::new(wecom.clone(), template))
        .mark(mark)
        // A push may get lost: after half an hour WeCom is asked.
        .awaits(DECISIONS, AskForm::new(wecom.clone()), Duration::from_secs(30 * 60)))
}

/// WeCom → ERP: who decided what and when into the draft, then the decision on its request.
fn decisions_to_erp(b1: &b1_servicelayer::Client, wecom: &wecom::Client) -> Result<Flow, Failure> {
    let fields: ResultFields = serde_json::from_value(json!([
        {"from": "Form.Number", "to": "U_REQUESTID"},
        {"from": "Form.Result", "to": "U_SUCCESS"},
        {"from": "=Y", "to": "U_SYN"},
        {"from": "Form.Date", "to": "U_DATE"},
    ]))?;
    let draft = Locate::DraftEntry { control: DRAFT_NUMBER.to_owned() };
    let decide = DecideDraft::new(wecom.clone(), Decide::new(b1.clone()), draft).fields(fields);
    Ok(Flow::new(COMPANY, DECISIONS).receive().push(decide).answers(REQUESTS))
}

/// Each draft's way, from the ledger and both systems; an error if one is not where it should be.
async fn report(
    b1: &b1_servicelayer::Client,
    wecom: &wecom::Client,
    runner: &Runner,
) -> Result<(), Failure> {
    let flow = Some(FlowId::new(COMPANY, REQUESTS));
    let mut table = Table::new(["draft", "request", "form", "opinions", "WeCom", "ERP"]);
    let mut astray = 0;
    for job in runner.store().list(JobFilter { flow, ..JobFilter::default() }).await? {
        let code: i32 = job.key.document.parse()?;
        let request: ApprovalRequest = b1.approval_requests().key(code).get().await?;
        let form = wecom.approvals().get(&job.target_id.unwrap_or_default()).await?;
        let status = request.status.ok_or("a request without status")?;
        let expected = match form.decision() {
            Decision::Approved => Status::Approved,
            Decision::Rejected => Status::NotApproved,
            _ => Status::Pending,
        };
        astray += u32::from(status != expected);
        let draft = request.draft_entry.unwrap_or_default();
        let (opinions, decision) = (form.progress.speeches(), format!("{:?}", form.decision()));
        table.row([&draft, &code, &form.sp_no, &opinions, &decision, &status]);
    }
    println!("{table}");
    if astray > 0 {
        return Err(format!("{astray} documents are not where they should be").into());
    }
    Ok(())
}

/// The sandbox's people: somebody asks for material, three times; the head of purchasing approves
/// all but the last.
async fn demo(sandbox: &Sandbox) -> Result<(), Failure> {
    let mut drafts = Vec::new();
    for (item, quantity, comments) in [
        ("RM-001", "12.5", "补充安全库存"),
        ("RM-002", "2000", "订单备料"),
        ("RM-003", "3", "试用"),
    ] {
        drafts.push(sandbox.b1().submit_draft(&json!({
            "DocObjectCode": "1470000113",
            "RequriedDate": "2026-12-31",
            "Comments": comments,
            "DocumentLines": [{"ItemCode": item, "Quantity": quantity, "LineVendor": "V001"}],
        }))?);
    }
    for (index, draft) in drafts.iter().enumerate() {
        let number = draft.doc_entry.to_string();
        let form = sandbox.wecom().wait_for_form(DRAFT_NUMBER, &number);
        let form = tokio::time::timeout(Stage::PATIENCE, form).await?;
        match index {
            2 => sandbox.wecom().refuse(&form, "lisi", "下季度再议")?,
            _ => sandbox.wecom().approve(&form, "lisi", "同意")?,
        }
    }
    for draft in drafts {
        let code = draft.request_code.to_string();
        wait_for(async || {
            Ok(sandbox.b1().get("ApprovalRequests", &code)?["Status"] != "arsPending")
        })
        .await?;
    }
    Ok(())
}
