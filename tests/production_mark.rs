//! The mark on exported production orders (生产订单), against the company's notification procedure
//! that takes it away when people change an order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use b1_servicelayer::entities::ProductionOrder;
use b1_servicelayer::enums::BoProductionOrderStatusEnum as Status;
use b1_servicelayer::{Client, Decimal, Field, Version, unsynced};
use bytes::Bytes;
use erplink::b1::MarkOrder;
use erplink::mes::OrderMap;
use erplink_core::TransportError;
use erplink_core::{ErrorKind, HttpTransport, RawJson, RetryPolicy, Transport, TransportConfig};
use erplink_sandbox::servicelayer::ServiceLayer;
use erplink_sync::ports::{Delivered, Mapper as _, Marked, Marker as _, Outgoing};
use erplink_sync::{Document, FlowId};
use erplink_tests::Stage;
use http::Method;
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

/// Numbers that are the same everywhere (SplitMix64).
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// Somebody who edits order 1 between any two calls of the exporter; and answers that get lost.
#[derive(Clone, Debug)]
struct Meddling {
    erp: ServiceLayer,
    transport: Arc<HttpTransport>,
    dice: Arc<Mutex<Dice>>,
}

impl Meddling {
    /// One time in three somebody changes the order: something that is exported or something else,
    /// often back to what it was.
    fn meddle(&self) {
        let mut dice = self.dice.lock().unwrap();
        let change = match dice.below(9) {
            0 => json!({"PlannedQuantity": 100 + dice.below(2)}),
            1 => json!({"DueDate": format!("2031-01-0{}", 1 + dice.below(2))}),
            2 => json!({"Remarks": format!("note {}", dice.below(100))}),
            _ => return,
        };
        self.erp.edit("ProductionOrders", "1", &change).unwrap();
    }
}

#[async_trait]
impl Transport for Meddling {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let is_mark = request.method() == Method::PATCH;
        self.meddle();
        let answer = self.transport.send(request).await;
        self.meddle();
        let is_lost = is_mark && self.dice.lock().unwrap().below(4) == 0;
        if is_lost {
            return Err(TransportError::after_send(ErrorKind::Io, "the answer is lost"));
        }
        answer
    }
}

/// What the exporter sees of order 1 when it reads it.
async fn read_order(b1: &Client, map: &OrderMap) -> Outgoing {
    let order = b1.raw().get("ProductionOrders(1)").await.unwrap();
    let source = RawJson::parse(format!(r#"{{"Document":{}}}"#, order.text().unwrap())).unwrap();
    let content = map.map(&Document::new("1", source.clone())).unwrap();
    Outgoing {
        key: FlowId::new("SBODEMOCN", "work-orders").document("1"),
        generation: 1,
        version: "1".to_owned(),
        content,
        source,
        previous_id: None,
        about: None,
    }
}

/// However the edits fall between read, mark and second look, and whichever answers are lost: an
/// order is never marked while it holds something else than what was exported.
#[tokio::test]
async fn an_edit_is_never_hidden_however_it_falls() {
    let stage = Stage::start().await;
    let (quiet, map) = (stage.b1(), OrderMap::default());
    let transport = Arc::new(HttpTransport::from_config(&TransportConfig::default()).unwrap());
    let dice = Arc::new(Mutex::new(Dice(0)));
    let meddling = Meddling { erp: stage.erp().clone(), transport, dice: dice.clone() };
    let b1 = stage.b1_builder().transport(meddling).retry(RetryPolicy::never()).build().unwrap();
    let (mut marked, mut changed, mut lost) = (0, 0, 0);
    for seed in 0..1_000 {
        *dice.lock().unwrap() = Dice(seed);
        let document = read_order(&quiet, &map).await;
        let delivered = Delivered { document, target_id: "1".to_owned(), result: None };
        let mark = MarkOrder::new(b1.clone(), map.clone());
        // The engine repeats a mark whose answer is lost, after a restart as well.
        let outcome = loop {
            match mark.mark(&delivered).await {
                Ok(outcome) => break outcome,
                Err(_) => lost += 1,
            }
        };
        let now = read_order(&quiet, &map).await;
        let is_marked = flags(&stage, 1).0 == "Y";
        let is_same = now.content == delivered.document.content;
        assert!(is_same || !is_marked, "seed {seed}: an edit is hidden ({outcome:?})");
        match outcome {
            Marked::Yes => marked += 1,
            Marked::Changed => changed += 1,
        }
        // An order that nobody touches is marked, whatever happened before.
        let mark = MarkOrder::new(quiet.clone(), map.clone());
        let delivered = Delivered { document: now, ..delivered };
        assert_eq!(mark.mark(&delivered).await.unwrap(), Marked::Yes, "seed {seed}");
        assert_eq!(flags(&stage, 1), (json!("Y"), json!("N")), "seed {seed}");
    }
    assert!(
        marked > 0 && changed > 0 && lost > 0,
        "{marked} marked, {changed} changed, {lost} lost"
    );
}
