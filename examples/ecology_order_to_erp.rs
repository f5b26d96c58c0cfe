//! Sales orders (销售订单) that are approved in Weaver OA (泛微) become orders of the ERP.
//!
//! ```console
//! cargo run --example ecology_order_to_erp      # all in the sandbox
//! ```
//!
//! The last approver's click posts the form to us (数据外发) and waits: the order is made first, and
//! the answer is its number, or what the ERP objects to. Then the request stays at its node, and
//! whoever corrected the cause presses again. The same form never makes a second order: it carries
//! the request's id in `U_REQUESTID`.
//!
//! Against your own systems, without code: `examples/config/ecology-data.toml`.

use erplink::b1::{CreateEntity, EntityMap};
use erplink_examples::{Company, Failure, Table, meanwhile};
use erplink_sandbox::ecology::{PushBody, PushFault};
use erplink_sync::map::FieldMap;
use erplink_sync::{Document, Flow};
use serde_json::{Value, json};

/// The key of the ledger, and the end of the address that OA posts to.
const FLOW: &str = "oa-sales-orders";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let company = Company::open().await?;
    let runner = company.runner([forms_to_orders(&company)?])?;
    // The id of the request is the key of the event: posted twice, it is worked on once.
    let receiver = company.oa.receiver(Company::NAME, FLOW, FLOW, |push| {
        let request = push.text("/requestid").unwrap_or_default();
        Ok(Document::new(request.as_str(), push.raw().clone()).about(request))
    });
    company.serve(receiver, &runner, |design| design.body = PushBody::Document).await?;

    let requests = meanwhile(&runner, demo(&company)).await?;
    report(&company, &requests)
}

/// OA → ERP: the form's fields become an order.
fn forms_to_orders(company: &Company) -> Result<Flow, Failure> {
    let map: FieldMap = serde_json::from_value(json!({
        "main": [
            {"from": "mainData.cardcode", "to": "CardCode", "required": true},
            {"from": "mainData.numatcard", "to": "NumAtCard"},
            {"from": "mainData.docduedate", "to": "DocDueDate"},
        ],
        "lines": {"from": "detail1", "to": "DocumentLines", "fields": [
            {"from": "itemcode", "to": "ItemCode"},
            {"from": "qty", "to": "Quantity", "format": "number"},
            {"from": "price", "to": "UnitPrice", "format": "number"},
        ]},
    }))?;
    let create = CreateEntity::new(company.b1.clone(), "Orders", "DocEntry")
        .id_field("U_REQUESTID")
        .answer(["DocNum"]);
    Ok(Flow::new(Company::NAME, FLOW)
        .receive()
        .map(EntityMap::new(map.check(&[])?))
        .push(create)
        .look_before_create()
        .answers_a_person())
}

/// 张三 enters two orders, 赵六 approves them: one at once, one whose answer gets lost, so that he
/// presses twice. A third names an item that the ERP does not have.
async fn demo(company: &Company) -> Result<Vec<(i64, String)>, Failure> {
    let (people, workflow) = (company.people(), company.people().workflow_id("销售订单")?);
    let mut requests = Vec::new();
    for (item, quantity) in [("FG-001", "3.5"), ("FG-001", "10"), ("NO-SUCH-ITEM", "1")] {
        let form = json!({
            "cardcode": "C001", "docduedate": "2027-01-31",
            "detail1": [{"itemcode": item, "qty": quantity, "price": "199.90"}],
        });
        let request = people.start_by_hand(workflow, Company::BUYER, &form)?;
        if quantity == "10" {
            people.arrange_push_fault(PushFault::LoseAnswer);
            drop(people.approve_to_the_end(request).await);
        }
        let shown = match people.approve_to_the_end(request).await {
            Ok(()) => people.pushes().last().map(|push| push.reply.clone()).unwrap_or_default(),
            Err(refused) => refused.to_string(),
        };
        requests.push((request, shown));
    }
    Ok(requests)
}

/// Each form with its order; an error if one is not where it should be.
fn report(company: &Company, requests: &[(i64, String)]) -> Result<(), Failure> {
    let orders = company.erp().list("Orders")?;
    let mut table = Table::new(["request", "OA", "orders", "total", "the approver read"]);
    let mut astray = 0;
    for (request, shown) in requests {
        let state = company.people().request(*request)?;
        let made = orders.iter().filter(|order| order["U_REQUESTID"] == *request.to_string());
        let made: Vec<&Value> = made.collect();
        let wanted = usize::from(state["result"] == "approved");
        astray += usize::from(made.len() != wanted);
        let numbers = made.iter().map(|order| order["DocNum"].to_string()).collect::<Vec<_>>();
        let total = made.first().map(|order| order["DocTotal"].to_string()).unwrap_or_default();
        table.row([request, &state["result"], &numbers.join(", "), &total, shown]);
    }
    println!("{table}");
    let approved = requests.iter().filter(|(_, shown)| shown.contains("DocNum")).count();
    match (astray, approved) {
        (0, 2) => Ok(()),
        _ => Err("not every form is where it should be".into()),
    }
}
