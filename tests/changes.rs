//! The change feed while people go on changing what it reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::collections::BTreeSet;
use std::time::Duration;

use b1_servicelayer::ChangeCursor;
use b1_servicelayer::entities::Item;
use chrono::NaiveDateTime;
use erplink_tests::Stage;
use serde_json::json;

fn local_now(stage: &Stage) -> NaiveDateTime {
    (stage.sandbox.clock().now() + chrono::Duration::hours(8)).naive_utc()
}

fn touch(stage: &Stage, code: &str) {
    stage.erp().edit("Items", code, &json!({"U_Specifications": "changed"})).unwrap();
}

/// Forty items of one minute, five a page. After each item, another one is changed minutes later and
/// leaves its place among the rows of that minute.
#[tokio::test]
async fn nothing_is_lost_when_rows_leave_a_full_minute() {
    let stage = Stage::start().await;
    stage.sandbox.clock().advance(Duration::from_secs(3600));
    let since = local_now(&stage);
    let codes: Vec<String> = (0..40).map(|number| format!("M-{number:02}")).collect();
    for code in &codes {
        stage.erp().create("Items", &json!({"ItemCode": code, "ItemName": "m"})).unwrap();
    }
    stage.sandbox.clock().advance(Duration::from_secs(600));
    let b1 = stage.b1();
    let query = b1.items().select(Item::ITEM_NAME).page_size(5);
    let mut feed = query.changes(ChangeCursor::since(since));
    let mut handed_out = Vec::new();
    while let Some(item) = feed.next().await {
        let code = item.unwrap().item_code.unwrap();
        if handed_out.len() < 20 {
            touch(&stage, &codes[handed_out.len()]);
        }
        handed_out.push(code);
    }
    let distinct: BTreeSet<_> = handed_out.iter().collect();
    assert_eq!(distinct.len(), 40, "{handed_out:?}");
    // Each change once: forty creations, less those overtaken by their change, and twenty changes.
    assert!(handed_out.len() <= 60, "{handed_out:?}");
    let mut again = b1.items().query().changes(feed.cursor());
    assert!(again.next().await.is_none());
    touch(&stage, "M-39");
    let mut again = b1.items().query().changes(again.cursor());
    assert_eq!(again.next().await.unwrap().unwrap().item_code.as_deref(), Some("M-39"));
    assert!(again.next().await.is_none());
}
