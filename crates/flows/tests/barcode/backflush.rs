//! The connection is lost at every step of a backflush, before and after the server committed.

use std::time::Duration;

use erplink_sandbox::{Fault, FaultKind};
use erplink_sync::StateKind;
use serde_json::{Value, json};

use crate::warehouse::{COMPONENTS, MARKED, Warehouse};

/// So many calls, the login included, when nothing goes wrong.
async fn calls_of_a_calm_save(rules: &str) -> u32 {
    let shop = Warehouse::new().await;
    let runner = shop.start(rules).await;
    let answer = shop.save(&runner, &shop.receipt()).await;
    assert!(answer.is_success(), "{answer:?}");
    assert_eq!(shop.booked(), (1, 1));
    let order = shop.sandbox.b1().get("ProductionOrders", "1").unwrap();
    let issued: Vec<_> = order["ProductionOrderLines"].as_array().unwrap().iter().collect();
    let issued: Vec<_> = issued.iter().map(|line| line["IssuedQuantity"].as_f64()).collect();
    assert_eq!(issued, [Some(4.0), Some(24.0), Some(0.5)]);
    u32::try_from(shop.sandbox.b1().calls().all().len()).unwrap()
}

#[tokio::test]
async fn a_connection_lost_at_any_step_leaves_both_or_neither_or_says_what_stands() {
    let steps = calls_of_a_calm_save(MARKED).await;
    assert!(steps > 6, "{steps}");
    let mut seen = Vec::new();
    for step in 0..steps {
        for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter, FaultKind::TruncateBody] {
            let shop = Warehouse::new().await;
            let (runner, request) = (shop.start(MARKED).await, shop.receipt());
            shop.sandbox.b1().faults().push(Fault::new(None, "", kind.clone()).skip(step));
            let answer = shop.save(&runner, &request).await;
            let context = format!("step {step} {kind:?}: {answer:?}");
            let booked = shop.booked();
            match (answer.is_success(), booked) {
                (true, (1, 1)) | (false, (0, 0)) => {}
                // What stands is named, to the person and in the ledger.
                (false, (1, 0)) => {
                    assert!(answer.message.contains("InventoryGenExits"), "{context}");
                    let jobs = shop.jobs().await;
                    let reason = jobs[0].state.reason().unwrap().to_string();
                    assert!(reason.contains("InventoryGenExits"), "{context}: {reason}");
                }
                (_, booked) => panic!("{booked:?} {context}"),
            }
            seen.push((answer.is_success(), booked));
            // The person saves the same again, once an answer can no longer be on its way.
            shop.clock.jump(Duration::from_secs(60));
            let again = shop.save(&runner, &request).await;
            assert!(again.is_success(), "{context} and then {again:?}");
            assert_eq!(shop.booked(), (1, 1), "{context}");
            let jobs = shop.jobs().await;
            let states: Vec<_> = jobs.iter().map(|job| job.state.kind()).collect();
            assert_eq!(states, [StateKind::Done], "{context}");
        }
    }
    for outcome in [(true, (1, 1)), (false, (0, 0)), (false, (1, 0))] {
        assert!(seen.contains(&outcome), "{outcome:?} was never seen: {seen:?}");
    }
}

#[tokio::test]
async fn without_marks_a_lost_answer_is_never_posted_again_and_a_person_is_told() {
    let rules = r#"{"repeat_window_seconds": 86400, "repeat_ignores": []}"#;
    for step in 0..calls_of_a_calm_save(rules).await {
        for kind in [FaultKind::ResetBefore, FaultKind::ResetAfter] {
            let shop = Warehouse::new().await;
            let (runner, request) = (shop.start(rules).await, shop.receipt());
            shop.sandbox.b1().faults().push(Fault::new(None, "", kind.clone()).skip(step));
            let answer = shop.save(&runner, &request).await;
            let (context, first) = (format!("step {step} {kind:?}: {answer:?}"), shop.booked());
            shop.clock.jump(Duration::from_secs(60));
            let again = shop.save(&runner, &request).await;
            if first == (0, 0) && again.is_success() {
                assert_eq!(shop.booked(), (1, 1), "{context}");
                continue;
            }
            assert_eq!(shop.booked(), first, "{context} and then {again:?}");
            if !answer.is_success() {
                assert!(answer.message.contains("may have been posted"), "{context}");
                assert!(again.message.contains("mark_field"), "{context} and then {again:?}");
            }
        }
    }
}

#[tokio::test]
async fn batches_come_from_the_sites_own_procedure_and_a_shortage_posts_nothing() {
    let shop = Warehouse::new().await;
    let scenario = json!({
        "query": "di-api",
        "rules": {"mark_field": "U_BarcodeMark", "query": {"procedures": ["TMDK"]}},
    });
    let runner = shop.run(&serde_json::from_value(scenario).unwrap()).await;
    let only = COMPONENTS.replace("= 'N'", "= 'N' and T1.\"ItemCode\" = 'RM-001'");
    let receipt = shop.sandbox.barcode().receipt("1", "2").warehouse("01");
    let request = receipt.backflush(&only, Some("call TMDK('{0}','{1}','{2}')")).request();
    let batches = |rows: Value| shop.sandbox.diapi().answer("call TMDK('RM-001','01','4')", &rows);
    batches(json!([{"BATCHNUMBER": "B1", "QUANTITY": "1.5"}])).unwrap();
    let short = shop.save(&runner, &request).await;
    assert!(short.message.contains("RM-001 lacks 2.5 in 01"), "{short:?}");
    assert_eq!(shop.booked(), (0, 0));

    let enough = [("B1", "1.5"), ("B2", "2.5")];
    let rows = enough.map(|(batch, quantity)| json!({"DistNumber": batch, "Quantity": quantity}));
    batches(json!(rows)).unwrap();
    let saved = shop.save(&runner, &request).await;
    assert!(saved.is_success(), "{saved:?}");
    let issue = shop.sandbox.b1().get("InventoryGenExits", "1").unwrap();
    let line = &issue["DocumentLines"][0];
    let issued: Vec<_> = line["BatchNumbers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|batch| (batch["BatchNumber"].as_str(), batch["Quantity"].as_f64()))
        .collect();
    assert_eq!(issued, [(Some("B1"), Some(1.5)), (Some("B2"), Some(2.5))]);
    assert_eq!(line["Quantity"].as_f64(), Some(4.0));
}

#[tokio::test]
async fn an_issue_whose_receipt_is_refused_is_taken_back_and_made_anew() {
    let rules = r#"{"mark_field": "U_BarcodeMark", "repeat_window_seconds": 86400,
                    "repeat_ignores": [], "compensate_issue": true}"#;
    let shop = Warehouse::new().await;
    let (runner, request) = (shop.start(rules).await, shop.receipt());
    // The receipt is the first document in its set, the return of the components the second.
    let kind = FaultKind::Status {
        status: http::StatusCode::BAD_REQUEST,
        retry_after: None,
        body: Some(
            r#"{"error":{"code":-1116,"message":{"lang":"en-us","value":"库存期间已关闭"}}}"#
                .into(),
        ),
    };
    shop.sandbox.b1().faults().push(Fault::new(http::Method::POST, "InventoryGenEntries", kind));
    let answer = shop.save(&runner, &request).await;
    assert!(!answer.is_success());
    for text in
        ["-1116", "库存期间已关闭", "InventoryGenExits 1", "taken back by InventoryGenEntries 1"]
    {
        assert!(answer.message.contains(text), "{text}: {answer:?}");
    }
    let again = shop.save(&runner, &request).await;
    assert!(again.is_success(), "{again:?}");
    // Issue, return, issue, receipt.
    assert_eq!(shop.booked(), (2, 2));
    let order = shop.sandbox.b1().get("ProductionOrders", "1").unwrap();
    assert_eq!(order["ProductionOrderLines"][0]["IssuedQuantity"].as_f64(), Some(4.0));
    assert_eq!(order["CompletedQuantity"].as_f64(), Some(2.0));
}
