//! Feedings become goods issues: the table of the guide, and every feeding exactly once.

use erplink::scenario::MesGoodsIssues;
use erplink_sandbox::mes::{Decimal, Feed, PushFault, Quirks, RecordIds};
use erplink_sandbox::servicelayer::ApprovalAnswer;
use erplink_sandbox::{Fault, FaultKind};
use erplink_sync::Runner;
use http::Method;
use serde_json::{Value, json};

use crate::factory::{Factory, ORDER, scenario};

const ISSUES: &str = "InventoryGenExits";

async fn start(factory: &Factory, keys: Value) -> Runner {
    factory.start(&scenario::<MesGoodsIssues>(keys), "issues").await
}

/// Pushes only: what they carry has to be enough.
fn pushed() -> Value {
    json!({"rows": "pushed"})
}

fn issues(factory: &Factory) -> Vec<Value> {
    factory.booked(ISSUES)
}

#[tokio::test]
async fn a_feeding_is_issued_on_the_component_of_its_own_code() {
    let factory = Factory::new().await;
    factory.erp().edit("Items", "RM-003", &json!({"ManageBatchNumbers": "tYES"})).unwrap();
    let runner = start(&factory, pushed()).await;
    let amount: Decimal = "0.125".parse().unwrap();
    let id = factory.mes().feed(ORDER, "RM-003", Feed::new(amount).batch("P-1")).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.failed.len()), (1, 0), "{report}");
    let made = issues(&factory);
    let [issue] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(issue["NumAtCard"], format!("MES-F{id}"));
    let line = &issue["DocumentLines"][0];
    assert_eq!(
        (&line["BaseType"], &line["BaseEntry"], &line["BaseLine"]),
        (&json!(202), &json!(1), &json!(2))
    );
    assert_eq!(line["Quantity"].to_string(), "0.125");
    let batch = &line["BatchNumbers"][0];
    assert_eq!((&batch["BatchNumber"], &batch["ItemCode"]), (&json!("P-1"), &json!("RM-003")));
    let order = factory.stage.entity("ProductionOrders", ORDER);
    assert_eq!(order["ProductionOrderLines"][2]["IssuedQuantity"].to_string(), "0.125");
}

#[tokio::test]
async fn other_events_and_failed_feedings_are_acknowledged_and_book_nothing() {
    let factory = Factory::new().await;
    let runner = start(&factory, pushed()).await;
    factory.mes().feed(ORDER, "RM-001", Feed::new(1).fails("库存不足")).unwrap();
    factory.mes().report(ORDER, 1).unwrap();
    factory.mes().push_event("inventory.result_notify.inbound", &json!({"inboundOrderId": 1}));
    factory.mes().push_event("something.new", &json!([]));
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.failed.len(), report.parked.len()), (0, 0, 0), "{report}");
    let pushes = factory.mes().pushes();
    assert!(pushes.len() >= 4 && pushes.iter().all(|push| push.failure.is_none()), "{pushes:?}");
    assert!(issues(&factory).is_empty());
}

#[tokio::test]
async fn a_push_that_cannot_be_decrypted_is_refused_and_its_repetition_is_taken() {
    for fault in [PushFault::WrongKey, PushFault::Truncated, PushFault::Plain] {
        let factory = Factory::new().await;
        let runner = start(&factory, pushed()).await;
        factory.mes().arrange_push_fault(fault);
        factory.mes().feed(ORDER, "RM-001", 4).unwrap();
        factory.mes().settled().await;
        factory.pass(60);
        factory.later(&runner).await;
        let pushes = factory.mes().pushes();
        assert!(pushes[0].failure.as_ref().unwrap().contains("400"), "{fault:?}: {pushes:?}");
        assert_eq!((pushes.len(), issues(&factory).len()), (3, 1), "{fault:?}: {pushes:?}");
    }
}

/// The same request again, the same records under a new request, and the list of the MES besides.
#[tokio::test]
async fn a_feeding_that_is_told_of_many_times_is_booked_once() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    factory.mes().arrange_push_fault(PushFault::Duplicate);
    factory.mes().arrange_push_fault(PushFault::Duplicate);
    factory.mes().feed(ORDER, "RM-001", 4).unwrap();
    factory.later(&runner).await;
    let pushes = factory.mes().pushes();
    let feeding = pushes.iter().find(|push| push.event_type.ends_with(".feeding")).unwrap();
    factory.mes().redeliver(&feeding.request_id).unwrap();
    let plain: Value = serde_json::from_str(&feeding.plaintext).unwrap();
    factory.mes().push_event(&feeding.event_type, &plain["data"]);
    factory.later(&runner).await;
    drop(runner);
    let runner = start(&factory, json!({"look_back_minutes": 600})).await;
    factory.mes().redeliver(&feeding.request_id).unwrap();
    factory.later(&runner).await;
    assert_eq!(issues(&factory).len(), 1);
}

#[tokio::test]
async fn a_push_that_is_lost_is_found_in_the_list() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    // The order is dispatched by the first feeding, which is an event of its own.
    factory.mes().arrange_push_fault(PushFault::Lost);
    factory.mes().arrange_push_fault(PushFault::Lost);
    factory.mes().feed(ORDER, "RM-001", 4).unwrap();
    assert!(factory.mes().pushes().is_empty());
    let report = factory.later(&runner).await;
    assert_eq!((report.done, issues(&factory).len()), (1, 1), "{report}");
    assert_eq!(issues(&factory)[0]["DocumentLines"][0]["BaseLine"], 0);
}

#[tokio::test]
async fn a_substitute_is_booked_on_its_own_line_or_waits_for_a_person() {
    let factory = Factory::new().await;
    let runner = start(&factory, pushed()).await;
    // RM-002 stands in for RM-003, and is a component itself; FG-001 is none.
    factory.mes().feed(ORDER, "RM-002", Feed::new(3).instead_of("RM-003")).unwrap();
    factory.mes().feed(ORDER, "FG-001", Feed::new(1).instead_of("RM-003")).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.parked.len()), (1, 1), "{report}");
    let text = report.to_string();
    assert!(text.contains("`FG-001`") && text.contains("`RM-003`"), "{text}");
    assert_eq!(issues(&factory)[0]["DocumentLines"][0]["BaseLine"], 1);
}

#[tokio::test]
async fn a_component_that_stands_twice_in_the_order_waits_for_a_person() {
    let factory = Factory::new().await;
    let lines = json!([
        {"ItemNo": "RM-001", "BaseQuantity": 1}, {"ItemNo": "RM-001", "BaseQuantity": 2},
    ]);
    let order = json!({"ItemNo": "FG-001", "PlannedQuantity": 5, "ProductionOrderLines": lines});
    let made = factory.erp().create("ProductionOrders", &order).unwrap();
    let entry = made["AbsoluteEntry"].to_string();
    factory.edit(&entry, json!({"ProductionOrderStatus": "boposReleased"}));
    let orders = scenario::<erplink::scenario::MesWorkOrders>(json!({}));
    let exports = factory.start(&orders, "orders").await;
    assert!(exports.run_once().await.done >= 1);
    let runner = start(&factory, pushed()).await;
    factory.mes().feed(&entry, "RM-001", 1).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.parked.len()), (0, 1), "{report}");
    assert!(report.to_string().contains("several lines"), "{report}");
}

#[tokio::test]
async fn an_issue_whose_answer_is_lost_exists_once() {
    for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::TruncateBody] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({})).await;
        runner.run_once().await;
        factory.erp().faults().push(Fault::new(Method::POST, ISSUES, kind.clone()));
        factory.mes().feed(ORDER, "RM-001", 2).unwrap();
        for _ in 0..4 {
            factory.later(&runner).await;
        }
        assert_eq!(issues(&factory).len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn an_issue_that_needs_approval_is_one_draft() {
    for answer in [ApprovalAnswer::Draft, ApprovalAnswer::NoMatchingRecords] {
        let mut factory = Factory::new().await;
        factory.erp().configure(|options| options.approval_answer = answer);
        let buyer = b1_servicelayer::Client::builder(factory.erp().root_url())
            .company_db(factory.erp().company_db())
            .credentials("S-ERP\\ZS", "Zhang-1234")
            .build()
            .unwrap();
        factory.systems = factory.systems.clone().with(buyer);
        let runner = start(&factory, json!({})).await;
        runner.run_once().await;
        factory.mes().feed(ORDER, "RM-001", 2).unwrap();
        let report = factory.later(&runner).await;
        assert_eq!((report.done, report.failed.len()), (1, 0), "{answer:?}: {report}");
        factory.later(&runner).await;
        assert_eq!((factory.booked("Drafts").len(), issues(&factory).len()), (1, 0));
    }
}

#[tokio::test]
async fn a_push_about_an_unknown_row_fails_and_one_that_cannot_be_read_waits_for_a_person() {
    let factory = Factory::new().await;
    let runner = start(&factory, pushed()).await;
    let id = factory.mes().feed(ORDER, "RM-001", 2).unwrap();
    factory.later(&runner).await;
    let event = "mfg.result_notify.feeding";
    let bare = json!({"recordIds": [id + 1], "result": true, "reason": null, "recordList": []});
    factory.mes().push_event(event, &bare);
    factory.mes().push_event(event, &json!({"recordIds": "many", "result": true}));
    let report = factory.later(&runner).await;
    assert_eq!((report.failed.len(), report.parked.len()), (1, 1), "{report}");
    let text = report.to_string();
    assert!(text.contains("不存在") && text.contains("cannot be read"), "{text}");
    assert_eq!(issues(&factory).len(), 1);
}

/// The list knows the task of a feeding, and that the work order.
#[tokio::test]
async fn a_push_that_names_no_work_order_is_booked_all_the_same() {
    for rows in ["pushed", "both", "listed"] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({"rows": rows})).await;
        runner.run_once().await;
        factory.mes().arrange_push_fault(PushFault::Lost);
        factory.mes().arrange_push_fault(PushFault::Lost);
        let id = factory.mes().feed(ORDER, "RM-002", 2).unwrap();
        let bare = json!({"recordIds": [id], "result": true, "reason": null, "recordList": []});
        factory.mes().push_event("mfg.result_notify.feeding", &bare);
        let report = factory.later(&runner).await;
        assert_eq!((report.done, issues(&factory).len()), (1, 1), "{rows}: {report}");
        assert_eq!(issues(&factory)[0]["DocumentLines"][0]["BaseLine"], 1);
        assert!(factory.mes().pushes().iter().all(|push| push.failure.is_none()), "{rows}");
    }
}

/// Where `recordIds` carries the id of the record, the rows of the list still say what was fed.
#[tokio::test]
async fn the_rows_of_an_event_count_and_not_the_ids_of_its_records() {
    let factory = Factory::new().await;
    factory.mes().set_quirks(Quirks { record_ids: RecordIds::Record, ..Quirks::default() });
    let runner = start(&factory, pushed()).await;
    factory.mes().feed(ORDER, "RM-001", 2).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, issues(&factory).len()), (1, 1), "{report}");
}

/// Several clerks feed one order at once, while the process is away now and then.
#[tokio::test]
async fn a_hundred_feedings_are_a_hundred_issues() {
    let factory = Factory::new().await;
    let mut runner = start(&factory, json!({"concurrency": 8})).await;
    runner.run_once().await;
    for number in 0..100 {
        let material = ["RM-001", "RM-002", "RM-003"][number % 3];
        factory.mes().feed(ORDER, material, 1).unwrap();
        if number % 40 == 39 {
            factory.mes().remove_callback();
            drop(runner);
            factory.mes().feed(ORDER, material, 1).unwrap();
            factory.pass(300);
            runner = start(&factory, json!({"concurrency": 8})).await;
        }
        factory.pass(7);
    }
    for _ in 0..3 {
        factory.later(&runner).await;
    }
    assert_eq!(issues(&factory).len(), 102);
}
