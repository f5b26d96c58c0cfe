//! Purchase orders (采购订单) of the ERP are approved in Weaver OA (泛微).
//!
//! ```console
//! cargo run --example ecology_formal_document      # all in the sandbox
//! ```
//!
//! Purchase orders have no approval of their own in the ERP here, so that the result of OA goes
//! into a field: `U_SUCCESS` is `Y` or `N`. This is the scenario as data, with the defaults of every
//! knob; `ecology_draft_approval` shows what it is made of. The same as a file:
//! `examples/config/ecology-approval.toml`.

use erplink::scenario::{EcologyApproval, Scenario as _, Systems};
use erplink_examples::{Company, Failure, Table, meanwhile};
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let company = Company::open().await?;
    let scenario: EcologyApproval = serde_json::from_value(json!({
        "workflow_id": company.people().workflow_id("采购订单")?,
        "request_name": "采购订单",
        "object_type": "PurchaseOrders",
        // The buyer is known by the work code (工号); OA starts the request as that person.
        "user": "=E0042",
        "user_is": "work_code",
        "fields": [
            {"from": "Document.DocEntry", "to": "docentry"},
            {"from": "Document.CardCode", "to": "cardcode"},
            {"from": "Document.DocDate", "to": "docdate", "format": "date"},
            {"from": "Document.DocTotal", "to": "amount", "format": {"number": 2}},
        ],
        "lines": {"to": "formtable_main_1360_dt1", "fields": [
            {"from": "ItemCode", "to": "itemcode"},
            {"from": "Quantity", "to": "qty"},
            {"from": "UnitPrice", "to": "price"},
        ]},
        "results": {"approved": ["1"], "rejected": ["0"]},
    }))?;
    let line = json!({"ItemCode": "RM-003", "Quantity": "0.25", "UnitPrice": "1.1"});
    company
        .erp()
        .create("PurchaseOrders", &json!({"CardCode": "V001", "DocumentLines": [line]}))?;

    let systems = Systems::default().with(company.b1.clone()).with(company.oa.clone());
    for finding in scenario.check(&systems).await {
        println!("{}: {}", finding.what, finding.problem.as_deref().unwrap_or("ok"));
    }
    let mut composition = scenario.compose(Company::NAME, "oa-purchase-orders", &systems)?;
    let receiver = composition.receivers.pop().ok_or("the flow has no receiver")?;
    let runner = company.runner(composition.flows)?;
    company.serve(receiver, &runner, |design| design.on_return = true).await?;

    println!("{}", runner.run_once().await);
    meanwhile(&runner, decide(&company)).await?;
    report(&company)
}

/// Purchasing agrees to all; then finance and the general manager sign together (会签), but for the
/// last order, which finance returns.
async fn decide(company: &Company) -> Result<(), Failure> {
    let people = company.people();
    let (purchasing, finance) = (people.user_id("lisi")?, people.user_id("wangwu")?);
    let mut requests = people.requests();
    let last = requests.pop().ok_or("OA has no request")?;
    for request in requests {
        people.approve_to_the_end(request).await?;
    }
    people.approve(last, &purchasing, "同意").await?;
    Ok(people.refuse(last, &finance, "超出预算").await?)
}

/// Each order with its result; an error if one is not where it should be.
fn report(company: &Company) -> Result<(), Failure> {
    let orders = company.erp().list("PurchaseOrders")?;
    let mut table = Table::new(["order", "total", "OA request", "OA", "U_SUCCESS"]);
    let mut astray = orders.len().abs_diff(company.people().requests().len());
    for order in orders {
        let request = order["U_REQUESTID"].as_str().unwrap_or_default();
        let state = company.people().request(request.parse()?)?;
        let expected = if state["result"] == "approved" { "Y" } else { "N" };
        astray += usize::from(order["U_SUCCESS"] != expected);
        table.row([
            &order["DocNum"],
            &order["DocTotal"],
            &request,
            &state["result"],
            &order["U_SUCCESS"],
        ]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} orders are not where they should be").into()),
    }
}
