//! Reports become goods receipts: the table of the guide, and every report exactly once.

use erplink::scenario::{MesGoodsReceipts, Scenario};
use erplink_sandbox::mes::{Decimal, Quality, Quirks, Report, ReportProcessId};
use erplink_sandbox::servicelayer::ApprovalAnswer;
use erplink_sandbox::{Fault, FaultKind};
use erplink_sync::Runner;
use http::Method;
use serde_json::{Value, json};

use crate::factory::{Factory, ORDER, scenario};

const RECEIPTS: &str = "InventoryGenEntries";

async fn start(factory: &Factory, keys: Value) -> Runner {
    factory.start(&scenario::<MesGoodsReceipts>(keys), "receipts").await
}

fn receipts(factory: &Factory) -> Vec<Value> {
    factory.booked(RECEIPTS)
}

/// What a receipt says: id, quantity, batch.
fn line(receipt: &Value) -> &Value {
    &receipt["DocumentLines"][0]
}

#[tokio::test]
async fn a_report_of_the_last_operation_is_received_and_the_others_are_not() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    // "9" comes before "10", and that before "20".
    for process in ["9", "10"] {
        factory.mes().report(ORDER, Report::new(5).process(process)).unwrap();
    }
    let amount: Decimal = "3.5".parse().unwrap();
    let id = factory.mes().report(ORDER, Report::new(amount).process("20").batch("B-7")).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.failed.len()), (3, 0), "{report}");
    let made = receipts(&factory);
    let [receipt] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!(receipt["NumAtCard"], format!("MES-R{id}"));
    assert_eq!(receipt["U_InboundType"], "1");
    let line = line(receipt);
    assert_eq!((&line["BaseType"], &line["BaseEntry"]), (&json!(202), &json!(1)));
    assert_eq!(line["BaseLine"], Value::Null, "a product has none");
    assert_eq!(line["Quantity"].to_string(), "3.5");
    assert_eq!(line["BatchNumbers"], json!([]), "the item has no batches");
    let order = factory.stage.entity("ProductionOrders", ORDER);
    assert_eq!(order["CompletedQuantity"].to_string(), "3.5");
}

#[tokio::test]
async fn an_item_with_batches_is_received_with_the_batch_of_the_report() {
    let factory = Factory::new().await;
    factory.erp().edit("Items", "FG-001", &json!({"ManageBatchNumbers": "tYES"})).unwrap();
    let runner = start(&factory, json!({"warehouse": "02"})).await;
    runner.run_once().await;
    factory.mes().report(ORDER, Report::new(2).batch("B-7")).unwrap();
    factory.mes().report(ORDER, 3).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.parked.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("批次管理"), "{report}");
    let made = receipts(&factory);
    let batch = &line(&made[0])["BatchNumbers"][0];
    assert_eq!((&batch["BatchNumber"], &batch["ItemCode"]), (&json!("B-7"), &json!("FG-001")));
    assert_eq!(batch["Quantity"], 2.0);
    assert_eq!(line(&made[0])["WarehouseCode"], "02");
}

#[tokio::test]
async fn rejected_products_are_received_only_where_the_site_says_so() {
    for book_rejected in [false, true] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({"book_rejected": book_rejected})).await;
        runner.run_once().await;
        for quality in [Quality::Qualified, Quality::Concession, Quality::Rejected] {
            factory.mes().report(ORDER, Report::new(1).quality(quality)).unwrap();
        }
        let report = factory.later(&runner).await;
        assert_eq!(report.done, 3, "{report}");
        assert_eq!(receipts(&factory).len(), 2 + usize::from(book_rejected));
    }
}

#[tokio::test]
async fn a_work_order_that_was_born_in_the_mes_is_not_the_erps() {
    let factory = Factory::new().await;
    let mes = erplink::mes::Mes::of(&factory.systems).unwrap().client().clone();
    for code in ["MES-2024-1", "999"] {
        let day =
            chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN);
        let main = [blacklake_mes::work_orders::OutputLine::main("FG-001", 5)];
        let order = blacklake_mes::work_orders::WorkOrderImport::new(code, day, day, main);
        mes.work_orders().import(&order).await.unwrap();
    }
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    factory.mes().report("MES-2024-1", 1).unwrap();
    factory.mes().report("999", 1).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!((report.done, report.parked.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("no production order with AbsoluteEntry 999"), "{report}");
    assert!(receipts(&factory).is_empty());
}

#[tokio::test]
async fn the_operation_is_known_by_either_id_and_the_rules_agree() {
    for report_process_id in [ReportProcessId::Operation, ReportProcessId::Definition] {
        for rule in ["max_process_num", "no_successor", "main_output_process"] {
            let factory = Factory::new().await;
            let quirks = Quirks { report_process_id, ..Quirks::default() };
            factory.mes().set_quirks(quirks);
            let runner = start(&factory, json!({"last_operation": rule})).await;
            runner.run_once().await;
            factory.mes().report(ORDER, Report::new(5).process("10")).unwrap();
            factory.mes().report(ORDER, Report::new(4).process("20")).unwrap();
            let report = factory.later(&runner).await;
            assert_eq!((report.done, receipts(&factory).len()), (2, 1), "{rule}: {report}");
        }
    }
}

/// Late, after a restart, in any window: each report once.
#[tokio::test]
async fn no_report_is_missed_and_none_is_booked_twice() {
    let factory = Factory::new().await;
    let mut expected = 0;
    let mut runner = start(&factory, json!({})).await;
    runner.run_once().await;
    // Around the minutes' edges, with restarts, and with stops of all lengths.
    for (step, seconds) in [0, 1, 59, 60, 61, 119, 120, 121, 7, 3599, 3601, 90_000, 200_000, 30]
        .into_iter()
        .enumerate()
    {
        factory.mes().report(ORDER, 1).unwrap();
        expected += 1;
        factory.pass(seconds);
        if step % 3 == 0 {
            drop(runner);
            runner = start(&factory, json!({})).await;
        }
        runner.run_once().await;
    }
    factory.later(&runner).await;
    assert_eq!(receipts(&factory).len(), expected);
    // Windows look back, and pages shift: what comes again is known.
    factory.mes().set_quirks(Quirks { repeated_rows: 3, ..Quirks::default() });
    factory.pass(30);
    let again = runner.run_once().await;
    assert_eq!((again.done, receipts(&factory).len()), (0, expected), "{again}");
}

/// Two clocks differ by some minutes, so that a report appears behind what was read.
#[tokio::test]
async fn a_report_that_appears_late_is_found() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    // The runner's clock is five minutes ahead.
    factory.stage.clock.jump(std::time::Duration::from_secs(300));
    runner.run_once().await;
    factory.mes().report(ORDER, 1).unwrap();
    factory.pass(60);
    let report = runner.run_once().await;
    assert_eq!((report.done, receipts(&factory).len()), (1, 1), "{report}");
}

#[tokio::test]
async fn a_receipt_whose_answer_is_lost_exists_once() {
    for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::TruncateBody] {
        let factory = Factory::new().await;
        let runner = start(&factory, json!({})).await;
        runner.run_once().await;
        factory.mes().report(ORDER, 2).unwrap();
        factory.erp().faults().push(Fault::new(Method::POST, RECEIPTS, kind.clone()));
        factory.later(&runner).await;
        for _ in 0..3 {
            factory.later(&runner).await;
        }
        assert_eq!(receipts(&factory).len(), 1, "{kind:?}");
    }
}

#[tokio::test]
async fn a_receipt_that_needs_approval_is_one_draft_whatever_the_build_answers() {
    for answer in [ApprovalAnswer::Draft, ApprovalAnswer::NoMatchingRecords] {
        let mut factory = Factory::new().await;
        factory.erp().configure(|options| options.approval_answer = answer);
        // Of a user to whom the approval template applies.
        let buyer = b1_servicelayer::Client::builder(factory.erp().root_url())
            .company_db(factory.erp().company_db())
            .credentials("S-ERP\\ZS", "Zhang-1234")
            .build()
            .unwrap();
        factory.systems = factory.systems.clone().with(buyer);
        let runner = start(&factory, json!({})).await;
        runner.run_once().await;
        let id = factory.mes().report(ORDER, 2).unwrap();
        let report = factory.later(&runner).await;
        assert_eq!((report.done, report.failed.len()), (1, 0), "{answer:?}: {report}");
        let drafts = factory.booked("Drafts");
        let [draft] = drafts.as_slice() else { panic!("{drafts:?}") };
        assert_eq!(draft["NumAtCard"], format!("MES-R{id}"));
        assert!(receipts(&factory).is_empty());
        // The ledger is lost: the draft is found, and not made once more.
        drop(runner);
        let lost = Factory { stage: factory.stage, systems: factory.systems };
        std::fs::remove_file(lost.stage.ledger.path()).unwrap();
        let keys = json!({"look_back_minutes": 600});
        let report = start(&lost, keys).await.run_once().await;
        assert_eq!((report.done, lost.booked("Drafts").len()), (1, 1), "{answer:?}: {report}");
    }
}

#[tokio::test]
async fn an_amount_that_the_account_may_not_see_is_not_zero() {
    let factory = Factory::new().await;
    let runner = start(&factory, json!({})).await;
    runner.run_once().await;
    factory.mes().hide_fields(&["reportBaseAmount", "reportBaseAmountDisplay"]);
    factory.mes().report(ORDER, 2).unwrap();
    let report = factory.later(&runner).await;
    assert_eq!(report.done, 0, "{report}");
    assert!(report.to_string().contains("reportBaseAmount"), "{report}");
}

#[tokio::test]
async fn the_field_for_the_id_and_the_header_are_the_sites() {
    let factory = Factory::new().await;
    let keys = json!({
        "id_field": "U_REQUESTID",
        "fields": [
            {"from": "=9", "to": "U_InboundType"},
            {"from": "{processName} {reportRecordCode}", "to": "Comments"},
        ],
    });
    let receipt = scenario::<MesGoodsReceipts>(keys.clone());
    let findings = receipt.check(&factory.systems).await;
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    let runner = start(&factory, keys).await;
    runner.run_once().await;
    let id = factory.mes().report(ORDER, 2).unwrap();
    factory.later(&runner).await;
    let made = factory.erp().list(RECEIPTS).unwrap();
    let made: Vec<_> =
        made.iter().filter(|one| one["U_REQUESTID"] == format!("MES-R{id}")).collect();
    assert_eq!((made.len(), &made[0]["U_InboundType"]), (1, &json!("9")));
    assert!(made[0]["Comments"].as_str().unwrap().starts_with("装配 BG-"), "{}", made[0]);
}
