//! Production orders, bills of materials, the notification procedure.

use serde_json::{Value, json};

use crate::support::v1;

#[tokio::test]
async fn orders_take_their_components_from_the_bill_of_materials() {
    let (_sandbox, client) = v1().await;
    let order = json!({"ItemNo": "FG-001", "PlannedQuantity": 4, "DueDate": "2023-04-05"});
    let made = client.post("ProductionOrders", order).await.expect(201).json();
    assert_eq!(
        (&made["AbsoluteEntry"], &made["ProductionOrderStatus"]),
        (&json!(3), &json!("boposPlanned"))
    );
    let lines = made["ProductionOrderLines"].as_array().unwrap();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[2]["ItemNo"], &lines[2]["PlannedQuantity"]),
        (&json!("RM-003"), &json!(1.0))
    );
    assert_eq!(lines[2]["LineNumber"], 2);
    client.post("ProductionOrders", json!({"ItemNo": "nope"})).await.refused(400, -5002);
}

#[tokio::test]
async fn a_short_bill_of_materials_gets_its_defaults() {
    let (_sandbox, client) = v1().await;
    let tree =
        json!({"TreeCode": "RM-003", "ProductTreeLines": [{"ItemCode": "RM-001", "Quantity": 1}]});
    let made = client.post("ProductTrees", tree).await.expect(201).json();
    assert_eq!((&made["TreeType"], &made["Quantity"]), (&json!("iProductionTree"), &json!(1.0)));
    let line = &made["ProductTreeLines"][0];
    assert_eq!(
        (&line["IssueMethod"], &line["ParentItem"]),
        (&json!("im_Backflush"), &json!("RM-003"))
    );
    assert_eq!(line["ChildNum"], 0);
    client.post("ProductTrees", json!({"TreeCode": "nope"})).await.refused(400, -5002);
}

#[tokio::test]
async fn orders_live_from_planned_to_closed() {
    let (_sandbox, client) = v1().await;
    let to = |status: &'static str| {
        client.patch("ProductionOrders(2)", json!({"ProductionOrderStatus": status}))
    };
    to("boposClosed").await.refused(400, -10);
    to("R").await.expect(204);
    to("boposPlanned").await.refused(400, -10);
    to("boposClosed").await.expect(204);
    client.act("ProductionOrders(2)/Cancel").await.refused(400, -10);
    client.act("ProductionOrders(1)/Cancel").await.expect(204);
    let order = client.get("ProductionOrders(1)").await.json();
    assert_eq!(order["ProductionOrderStatus"], "boposCancelled");
}

#[tokio::test]
async fn issues_and_receipts_book_on_the_order() {
    let (_sandbox, client) = v1().await;
    let line = |line: Value| json!({"DocumentLines": [line]});
    let issue = line(json!({"BaseType": 202, "BaseEntry": 1, "BaseLine": 1, "Quantity": 24}));
    let made = client.post("InventoryGenExits", issue).await.expect(201).json();
    assert_eq!(made["DocumentLines"][0]["ItemCode"], "RM-002");
    let back = line(json!({"BaseType": 202, "BaseEntry": 1, "BaseLine": 1, "Quantity": 4}));
    client.post("InventoryGenEntries", back).await.expect(201);
    let receipt = line(json!({"BaseType": 202, "BaseEntry": 1, "Quantity": 2.5}));
    let made = client.post("InventoryGenEntries", receipt).await.expect(201).json();
    assert_eq!(made["DocumentLines"][0]["ItemCode"], "FG-001");
    let reject =
        line(json!({"BaseType": 202, "BaseEntry": 1, "Quantity": 1, "TransactionType": "R"}));
    client.post("InventoryGenEntries", reject).await.expect(201);
    let order = client.get("ProductionOrders(1)").await.json();
    assert_eq!(order["ProductionOrderLines"][1]["IssuedQuantity"], 20.0);
    assert_eq!(order["CompletedQuantity"], 2.5);
    assert_eq!(order["RejectedQuantity"], 1.0);

    let with_item =
        line(json!({"BaseType": 202, "BaseEntry": 1, "ItemCode": "FG-001", "Quantity": 1}));
    client.post("InventoryGenEntries", with_item).await.refused(400, -5002);
    let planned = line(json!({"BaseType": 202, "BaseEntry": 2, "Quantity": 1}));
    client.post("InventoryGenEntries", planned).await.refused(400, -10);
    let no_line = line(json!({"BaseType": 202, "BaseEntry": 1, "BaseLine": 9, "Quantity": 1}));
    client.post("InventoryGenExits", no_line).await.refused(400, -5002);
    let whole_order = line(json!({"BaseType": 202, "BaseEntry": 1, "Quantity": 1}));
    client.post("InventoryGenExits", whole_order.clone()).await.refused(400, -5002);
    client.post("PurchaseRequests", whole_order).await.refused(400, -5002);
    let order = client.get("ProductionOrders(1)").await.json();
    assert_eq!(order["CompletedQuantity"], 2.5, "nothing was booked");
}

#[tokio::test]
async fn the_notification_procedure_requeues_orders_that_people_change() {
    let (sandbox, client) = v1().await;
    let flags = || {
        let order = sandbox.b1().get("ProductionOrders", "1").unwrap();
        (order["U_SyncStatus"].clone(), order["U_SyncFlag"].clone())
    };
    let mark =
        || client.patch("ProductionOrders(1)", json!({"U_SyncStatus": "Y", "U_SyncFlag": "Y"}));
    assert_eq!(flags().0, "N", "a new order is picked up");
    mark().await.expect(204);
    assert_eq!(flags(), (json!("Y"), json!("N")), "our own mark does not queue it again");
    sandbox.b1().edit("ProductionOrders", "1", &json!({"Remarks": "改"})).unwrap();
    assert_eq!(flags(), (json!("N"), json!("N")));
    mark().await.expect(204);
    client.act("ProductionOrders(1)/Cancel").await.expect(204);
    assert_eq!(flags().0, "N");
    client.patch("ProductionOrders(2)", json!({"U_SyncStatus": "Y"})).await.expect(204);
    let order = sandbox.b1().get("ProductionOrders", "2").unwrap();
    assert_eq!(order["U_SyncStatus"], "N", "a mark without the flag is undone");
    sandbox.b1().configure(|options| options.notification_procedure = false);
    client.patch("ProductionOrders(2)", json!({"U_SyncStatus": "Y"})).await.expect(204);
    assert_eq!(sandbox.b1().get("ProductionOrders", "2").unwrap()["U_SyncStatus"], "Y");
}
