//! Documents without an approval of their own in the ERP are approved in WeCom (企业微信).
//!
//! ```console
//! cargo run --example wecom_custom_document                       # all in the sandbox
//! cargo run --example wecom_custom_document -- --config FILE      # your ERP, your WeCom
//! ```
//!
//! 1. Every purchase request (采购申请) with `U_SyncStatus` = `N` becomes a form (审批单) in the name
//!    of the user who made it. A user-defined object (UDO) takes the same way: name it in `SET`.
//! 2. People decide in WeCom, one after another, and WeCom pushes each change of a form.
//! 3. The document gets `U_Status`: `Y` or `N`. It is found by its number, which the form carries.
//!
//! The same without code: `examples/config/wecom-document-approval.toml`.

use std::time::Duration;

use erplink::b1::{KeyType, Place, ResultField, UnsyncedDocuments, WriteBack};
use erplink::receive;
use erplink::wecom::{AskForm, DocumentOf, FormMap, MarkResult, SubmitApproval};
use erplink_examples::{Failure, Office, Stage, Table, wait_for};
use erplink_sandbox::Sandbox;
use erplink_sync::map::Expression;
use erplink_sync::store::JobFilter;
use erplink_sync::{Flow, FlowId, Runner};
use serde_json::{Value, json};
use wecom::approvals::Decision;

/// Keys of the ledger: who renames a flow starts with an empty memory.
const COMPANY: &str = "SBODEMOCN";
const DOCUMENTS: &str = "documents";
const RESULTS: &str = "results";

/// The entity set, and the property with its key.
const SET: &str = "PurchaseRequests";
const KEY: &str = "DocEntry";
/// The control of the form that carries the document's number through WeCom and back.
const NUMBER: &str = "单据编号";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let office = Office::from_args().await?;
    let b1 = b1_servicelayer::Client::from_config(&office.settings().b1)?;
    let app = office.app()?;
    let (wecom, template) = (app.client(), &office.settings().document_template);

    let runner = Runner::builder(office.ledger().await?)
        .flow(documents_to_wecom(&b1, wecom, template)?)
        .flow(results_to_erp(&b1, wecom))
        .build()?;
    let receiver = app.receiver(COMPANY, template, RESULTS);
    office.serve(receive::open(vec![receiver], &runner)?).await?;
    let played = office.run(&runner, async |sandbox| demo(sandbox).await).await;
    report(&b1, wecom, &runner).await.and(played)
}

/// ERP → WeCom: one form for each document with the flag at `N`, then the flag to `Y`.
fn documents_to_wecom(
    b1: &b1_servicelayer::Client,
    wecom: &wecom::Client,
    template: &str,
) -> Result<Flow, Failure> {
    let fields = serde_json::from_value(json!({
        "applicant": "User.FaxNumber",
        "fields": [
            {"from": "User.UserName", "to": "申请人"},
            {"from": "Document.Comments", "to": "备注"},
        ],
        "lines": {"to": "物料明细", "fields": [
            {"from": "ItemCode", "to": "物料编码"},
            {"from": "Quantity", "to": "数量"},
        ]},
    }))?;
    let key = (Expression::path("Document.DocNum"), NUMBER);
    let form = FormMap::new("Document", key, fields);
    let flag = ("U_SyncStatus", "N");
    let place = Place::Document { set: SET.into(), key: KEY.into(), key_type: KeyType::Auto };
    Ok(Flow::new(COMPANY, DOCUMENTS)
        .poll(UnsyncedDocuments::new(b1.clone(), SET, KEY, flag, true))
        .map(form)
        .push(SubmitApproval::new(wecom.clone(), template))
        .mark(WriteBack::new(b1.clone(), place).flag("U_SyncStatus", "Y"))
        // A push may get lost: after half an hour WeCom is asked.
        .awaits(RESULTS, AskForm::new(wecom.clone()), Duration::from_secs(30 * 60)))
}

/// WeCom → ERP: `Y` or `N` into the document with the number that the form carries.
fn results_to_erp(b1: &b1_servicelayer::Client, wecom: &wecom::Client) -> Flow {
    let result = ResultField::new(b1.clone(), SET, KEY, "", "U_Status");
    let document = DocumentOf::Control { control: NUMBER.into(), property: "DocNum".into() };
    let mark = MarkResult::new(wecom.clone(), result, document);
    Flow::new(COMPANY, RESULTS).receive().push(mark).answers(DOCUMENTS)
}

/// Each document's way, from the ledger and both systems; an error if one is not where it should
/// be.
async fn report(
    b1: &b1_servicelayer::Client,
    wecom: &wecom::Client,
    runner: &Runner,
) -> Result<(), Failure> {
    let flow = Some(FlowId::new(COMPANY, DOCUMENTS));
    let mut table = Table::new(["document", "form", "agreed", "WeCom", "U_Status"]);
    let mut astray = 0;
    for job in runner.store().list(JobFilter { flow, ..JobFilter::default() }).await? {
        let key: i32 = job.key.document.parse()?;
        let document: Value = b1.raw().get(&format!("{SET}({key})")).await?.json()?;
        let form = wecom.approvals().get(&job.target_id.unwrap_or_default()).await?;
        let expected = match form.decision() {
            Decision::Approved => json!("Y"),
            Decision::Rejected => json!("N"),
            _ => Value::Null,
        };
        let found = &document["U_Status"];
        astray += u32::from(*found != expected);
        let agreed: Vec<_> = form.progress.agreed().map(|one| one.userid.as_str()).collect();
        let decision = format!("{:?}", form.decision());
        table.row([&key, &form.sp_no, &agreed.join(", "), &decision, found]);
    }
    println!("{table}");
    if astray > 0 {
        return Err(format!("{astray} documents are not where they should be").into());
    }
    Ok(())
}

/// The sandbox's people: three purchase requests, of which the general manager refuses the last.
async fn demo(sandbox: &Sandbox) -> Result<(), Failure> {
    let mut documents = Vec::new();
    for (item, quantity) in [("RM-001", "12.5"), ("RM-002", "2000"), ("RM-003", "3")] {
        documents.push(sandbox.b1().create(
            SET,
            &json!({
                "RequriedDate": "2026-12-31",
                "Comments": "订单备料",
                "DocumentLines": [{"ItemCode": item, "Quantity": quantity}],
            }),
        )?);
    }
    for (index, document) in documents.iter().enumerate() {
        let number = document["DocNum"].to_string();
        let form = sandbox.wecom().wait_for_form(NUMBER, &number);
        let form = tokio::time::timeout(Stage::PATIENCE, form).await?;
        sandbox.wecom().approve(&form, "lisi", "同意")?;
        sandbox.wecom().approve(&form, "wangwu", "预算内")?;
        match index {
            2 => sandbox.wecom().refuse(&form, "zhouba", "下季度再议")?,
            _ => sandbox.wecom().approve(&form, "zhouba", "同意")?,
        }
    }
    for document in documents {
        let key = document[KEY].to_string();
        wait_for(async || Ok(!sandbox.b1().get(SET, &key)?["U_Status"].is_null())).await?;
    }
    Ok(())
}
