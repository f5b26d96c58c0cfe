//! The mark on exported production orders (生产订单), against the company's notification procedure
//! that takes it away when people change an order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use b1_servicelayer::entities::ProductionOrder;
use b1_servicelayer::enums::BoProductionOrderStatusEnum as Status;
use b1_servicelayer::{Client, Decimal, Field, Version, unsynced};
use erplink_tests::Stage;
use serde_json::{Value, json};

/// The entries of the orders that wait for their export.
async fn queue(b1: &Client) -> Vec<i32> {
    let orders = b1
        .production_orders()
        .filter(unsynced("U_SyncStatus"))
        .order_by(ProductionOrder::ABSOLUTE_ENTRY.asc())
        .all()
        .await
        .unwrap();
    orders.into_iter().filter_map(|order| order.absolute_entry).collect()
}

/// Status and flag in one call: the procedure looks at both.
async fn mark(b1: &Client, entry: i32) {
    let order = b1.production_orders().key(entry);
    let marks = b1_servicelayer::Changes::new().udf("U_SyncStatus", "Y").udf("U_SyncFlag", "Y");
    order.update(marks).await.unwrap();
}

fn flags(stage: &Stage, entry: i32) -> (Value, Value) {
    let order = stage.erp().get("ProductionOrders", &entry.to_string()).unwrap();
    (order["U_SyncStatus"].clone(), order["U_SyncFlag"].clone())
}

#[tokio::test]
async fn our_own_mark_does_not_queue_the_order_again() {
    for version in [Version::V1, Version::V2] {
        let stage = Stage::start().await;
        let b1 = stage.b1_builder().version(version).build().unwrap();
        assert_eq!(queue(&b1).await, [1, 2]);
        mark(&b1, 1).await;
        assert_eq!(flags(&stage, 1), (json!("Y"), json!("N")));
        assert_eq!(queue(&b1).await, [2]);
        mark(&b1, 2).await;
        assert!(queue(&b1).await.is_empty());
    }
}

#[tokio::test]
async fn an_edit_right_after_the_mark_queues_the_order_again() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    mark(&b1, 1).await;
    mark(&b1, 2).await;
    stage.erp().edit("ProductionOrders", "1", &json!({"Remarks": "加急"})).unwrap();
    assert_eq!(queue(&b1).await, [1]);
    mark(&b1, 1).await;
    assert!(queue(&b1).await.is_empty(), "and the next mark holds again");

    // Another connector's edit is a person's edit to the procedure.
    b1.production_orders()
        .key(2)
        .set(ProductionOrder::PLANNED_QUANTITY, Decimal::from(7))
        .await
        .unwrap();
    assert_eq!(queue(&b1).await, [2]);
    mark(&b1, 2).await;
    b1.production_orders().key(2).action("Cancel").await.unwrap();
    assert_eq!(queue(&b1).await, [2], "a cancellation is exported as well");
}

#[tokio::test]
async fn closing_an_order_queues_it() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    mark(&b1, 1).await;
    let closed = Status::Closed;
    b1.production_orders()
        .key(1)
        .set(ProductionOrder::PRODUCTION_ORDER_STATUS, closed)
        .await
        .unwrap();
    assert_eq!(flags(&stage, 1).0, "N");
}

#[tokio::test]
async fn a_mark_without_its_flag_is_undone() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    let status = Field::<ProductionOrder, String>::udf("U_SyncStatus");
    b1.production_orders().key(1).set(status, "Y").await.unwrap();
    assert_eq!(queue(&b1).await, [1, 2]);
    // In two calls the flag covers the wrong one.
    let flag = Field::<ProductionOrder, String>::udf("U_SyncFlag");
    b1.production_orders().key(1).set(flag, "Y").await.unwrap();
    assert_eq!(flags(&stage, 1), (json!("N"), json!("N")));
}

#[tokio::test]
async fn a_new_order_is_picked_up_through_default_or_null() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    mark(&b1, 1).await;
    mark(&b1, 2).await;
    let new = || {
        let order = json!({"ItemNo": "FG-001", "PlannedQuantity": 4});
        let made = stage.erp().create("ProductionOrders", &order).unwrap();
        i32::try_from(made["AbsoluteEntry"].as_i64().unwrap()).unwrap()
    };
    let by_default = new();
    assert_eq!(flags(&stage, by_default), (json!("N"), Value::Null));
    // As it stands in orders that are older than the field.
    let by_null = new();
    stage.erp().configure(|options| options.notification_procedure = false);
    let older = json!({"U_SyncStatus": null});
    stage.erp().edit("ProductionOrders", &by_null.to_string(), &older).unwrap();
    stage.erp().configure(|options| options.notification_procedure = true);
    assert_eq!(flags(&stage, by_null), (Value::Null, Value::Null));
    assert_eq!(queue(&b1).await, [by_default, by_null]);
    mark(&b1, by_null).await;
    assert_eq!(queue(&b1).await, [by_default]);
}

/// The mark hides what somebody changed between our read and the mark; the second look finds it.
#[tokio::test]
async fn an_edit_before_the_mark_shows_in_the_second_look_only() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    let exported = b1.production_orders().key(1).get().await.unwrap();
    stage.erp().edit("ProductionOrders", "1", &json!({"PlannedQuantity": 101})).unwrap();
    mark(&b1, 1).await;
    assert_eq!(queue(&b1).await, [2], "the procedure does not know");
    let again = b1.production_orders().key(1).get().await.unwrap();
    assert_ne!(again.planned_quantity, exported.planned_quantity);
    let status = Field::<ProductionOrder, String>::udf("U_SyncStatus");
    b1.production_orders().key(1).set(status, "N").await.unwrap();
    assert_eq!(queue(&b1).await, [1, 2]);
}
