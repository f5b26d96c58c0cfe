//! Creation, changes, deletion, actions.

use erplink_sandbox::servicelayer::Options;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{logged_in, v1};

#[tokio::test]
async fn creation_answers_with_the_entity_and_its_place() {
    let (sandbox, client) = v1().await;
    let answer = client.post("Items", json!({"ItemCode": "A/1 'x'", "ItemName": "n"})).await;
    let answer = answer.expect(201);
    let root = sandbox.b1().root_url();
    let place = format!("{root}/b1s/v1/Items('A%2F1%20%27%27x%27%27')");
    assert_eq!(answer.header("location"), place);
    let item = answer.json();
    assert_eq!(item["ItemsGroupCode"], 100);
    assert_eq!(item["CustomsGroupCode"], -1);
    assert_eq!(item["VatLiable"], "tYES");
    client.get("Items('A%2F1%20%27%27x%27%27')").await.expect(200);

    let prefer = [("Prefer", "return-no-content, odata.maxpagesize=3")];
    let body = Some("{\"ItemCode\":\"N1\"}");
    let answer = client.send(Method::POST, "Items", &prefer, body).await.expect(204);
    assert_eq!(answer.text, "");
    assert_eq!(answer.header("preference-applied"), "return-no-content");
    assert_eq!(answer.header("location"), format!("{root}/b1s/v1/Items('N1')"));
}

#[tokio::test]
async fn documents_number_themselves_and_their_lines() {
    let (_sandbox, client) = v1().await;
    let order = json!({
        "DocEntry": 77, "CardCode": "C001", "DocDate": "20230401",
        "DocumentLines": [
            {"ItemCode": "FG-001", "Quantity": "2", "UnitPrice": 1.50},
            {"ItemCode": "RM-001", "Quantity": 1, "UnitPrice": 100, "DiscountPercent": 10},
        ],
    });
    let made = client.post("Orders", order).await.expect(201).json();
    assert_eq!((&made["DocEntry"], &made["DocNum"]), (&json!(2), &json!(2)));
    assert_eq!(made["DocDate"], "2023-04-01");
    assert_eq!(made["DocObjectCode"], "oOrders");
    assert_eq!(made["DocumentStatus"], "bost_Open");
    assert_eq!(made["DocTotal"], 93.0);
    assert_eq!(made["CardName"], "上海客户有限公司");
    assert_eq!(made["DocumentLines"][1]["LineNum"], 1);
    assert_eq!(made["DocumentLines"][0]["ItemDescription"], "机箱");
}

#[tokio::test]
async fn wrong_bodies_are_refused() {
    let (_sandbox, client) = v1().await;
    let unknown = client.post("Items", json!({"ItemCode": "X", "Nonsense": 1})).await;
    assert!(unknown.refused(400, -1000).text.contains("'Nonsense'"));
    let unknown = json!({"CardCode": "C001", "DocumentLines": [{"Nonsense": 1}]});
    client.post("Orders", unknown).await.refused(400, -1000);
    client.post("Items", json!({"ItemCode": "X", "U_NotRegistered": 1})).await.refused(400, -1000);
    client.post("Items", json!({"ItemCode": "RM-001"})).await.refused(400, -10);
    let partner = client.post("BusinessPartners", json!({"CardCode": "C001"})).await;
    assert!(partner.refused(400, -10).text.contains("1320000140 - Business partner code 'C001'"));
    client.post("ProductTrees", json!({"TreeCode": "FG-001"})).await.refused(400, -2035);
    client.post("Items", json!({"ItemName": "no key"})).await.refused(400, -5002);
    client.post("Items", json!({"ItemCode": "X", "Valid": "maybe"})).await.refused(400, -1000);
    client.patch("Items('RM-001')", json!({"Valid": "maybe"})).await.refused(400, 206);
    client.patch("Orders(1)", json!({"DocumentLines": {}})).await.refused(400, 206);
    client.patch("Items('nope')", json!({})).await.refused(404, -2028);
    client.post("Orders", json!({"CardCode": "nobody"})).await.refused(400, -5002);
    client.post("Orders", json!({})).await.refused(400, -5002);
    let unknown_item = json!({"CardCode": "C001", "DocumentLines": [{"ItemCode": "nope"}]});
    client.post("Orders", unknown_item).await.refused(400, -5002);
    client.send(Method::POST, "Items", &[], Some("{")).await.refused(400, -1000);
    client.send(Method::PATCH, "Items('RM-001')", &[], Some("[]")).await.refused(400, 206);
    client.send(Method::DELETE, "Items", &[], None).await.expect(405);
    assert_eq!(client.list("Orders", "DocEntry").await, [1], "nothing was stored");
}

#[tokio::test]
async fn the_lenient_mode_keeps_what_it_does_not_know() {
    let (_sandbox, client) = logged_in(Options { strict: false, ..Options::default() }, "v1").await;
    let item = json!({"ItemCode": "X", "U_Mine": "y", "New": {"a": 1}, "Valid": "maybe"});
    client.post("Items", item).await.expect(201);
    let item = client.get("Items('X')").await.json();
    assert_eq!((&item["U_Mine"], &item["New"]), (&json!("y"), &json!({"a": 1})));
}

#[tokio::test]
async fn changes_leave_the_rest_and_ignore_what_is_read_only() {
    let (_sandbox, client) = v1().await;
    let before = client.get("Items('RM-001')").await.json();
    let changes = json!({
        "@odata.bind": "x", "odata.etag": "y", "ItemCode": "other", "CreateDate": "2001-01-01",
        "ItemName": "新名", "Valid": "N", "U_Specifications": null,
    });
    client.patch("Items('RM-001')", changes).await.expect(204);
    let after = client.get("Items('RM-001')").await.json();
    assert_eq!((&after["ItemName"], &after["Valid"]), (&json!("新名"), &json!("tNO")));
    assert_eq!(after["U_Specifications"], Value::Null);
    for same in ["ItemCode", "CreateDate", "InventoryUOM", "ItemPrices"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let replacement = Some(r#"{"ItemName":"put"}"#);
    client.send(Method::PUT, "Items('RM-001')", &[], replacement).await.expect(204);
    let replaced = client.get("Items('RM-001')").await.json();
    assert_eq!((&replaced["ItemName"], &replaced["InventoryUOM"]), (&json!("put"), &Value::Null));
    assert_eq!(
        (&replaced["CreateDate"], &replaced["Valid"]),
        (&before["CreateDate"], &json!("tYES"))
    );
}

#[tokio::test]
async fn rows_are_updated_by_identity_added_or_replaced() {
    let (_sandbox, client) = v1().await;
    let lines = || client.get("PurchaseOrders(1)");
    let patch = |body: Value| client.patch("PurchaseOrders(1)", body);
    patch(json!({"DocumentLines": [{"LineNum": 1, "Quantity": 10}]})).await.expect(204);
    let order = lines().await.json();
    assert_eq!(order["DocumentLines"][1]["Quantity"], 10.0);
    assert_eq!(order["DocumentLines"][1]["ItemCode"], "RM-002");
    assert_eq!(order["DocTotal"], 2500.8);
    for _ in 0..2 {
        let added = json!({"DocumentLines": [{"ItemCode": "RM-003", "Quantity": 1}]});
        patch(added).await.expect(204);
    }
    patch(json!({"DocumentLines": [{"LineNum": 99, "ItemCode": "RM-003"}]})).await.expect(204);
    let order = lines().await.json();
    let numbers: Vec<_> =
        order["DocumentLines"].as_array().unwrap().iter().map(|l| l["LineNum"].clone()).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4], "not idempotent, and unknown numbers add");
    let header = [("B1S-ReplaceCollectionsOnPatch", "true")];
    let body = json!({"DocumentLines": [{"LineNum": 1, "Price": 5}]}).to_string();
    client.send(Method::PATCH, "PurchaseOrders(1)", &header, Some(&body)).await.expect(204);
    let order = lines().await.json();
    assert_eq!(order["DocumentLines"].as_array().unwrap().len(), 1);
    assert_eq!(order["DocumentLines"][0]["ItemCode"], "RM-002");
}

#[tokio::test]
async fn a_line_is_drawn_from_one_line() {
    let (_sandbox, client) = v1().await;
    for line in [
        json!({"BaseType": 22, "BaseEntry": 1, "Quantity": 1}),
        json!({"BaseType": 22, "BaseLine": 0, "Quantity": 1}),
    ] {
        let receipt = json!({"CardCode": "V001", "DocumentLines": [line]});
        let refused = client.post("PurchaseDeliveryNotes", receipt).await.refused(400, -5002);
        assert!(refused.text.contains("needs BaseEntry and BaseLine"), "{}", refused.text);
    }
}

#[tokio::test]
async fn what_follows_from_price_and_quantity_follows_a_change() {
    let (_sandbox, client) = v1().await;
    let patch = |line: Value| client.patch("PurchaseOrders(1)", json!({"DocumentLines": [line]}));
    patch(json!({"LineNum": 0, "UnitPrice": 2})).await.expect(204);
    patch(json!({"LineNum": 1, "Quantity": 100, "Price": 3})).await.expect(204);
    let order = client.get("PurchaseOrders(1)").await.json();
    let (first, second) = (&order["DocumentLines"][0], &order["DocumentLines"][1]);
    for (line, price, total) in [(first, 2.0, 400.0), (second, 3.0, 300.0)] {
        for name in ["UnitPrice", "Price", "PriceAfterVAT"] {
            assert_eq!(line[name], price, "{name}");
        }
        assert_eq!((&line["LineTotal"], &line["GrossTotal"]), (&json!(total), &json!(total)));
    }
    assert_eq!(second["RemainingOpenQuantity"], 100.0);
    assert_eq!(second["InventoryQuantity"], 100.0);
    assert_eq!(order["DocTotal"], 700.0);
    patch(json!({"LineNum": 0, "GrossTotal": 452})).await.expect(204);
    let order = client.get("PurchaseOrders(1)").await.json();
    assert_eq!(order["DocumentLines"][0]["GrossTotal"], 452.0, "what the client says stands");
}

#[tokio::test]
async fn special_prices_get_areas() {
    let (_sandbox, client) = v1().await;
    let path = "SpecialPrices(CardCode='C002',ItemCode='FG-001')";
    client.get(path).await.refused(404, -2028);
    let area = |from: &str, price: i64| {
        json!({"DateFrom": from, "Dateto": "2025-12-31", "SpecialPrice": price,
               "PriceCurrency": "CNY", "PriceListNo": 1, "AutoUpdate": "tNO"})
    };
    let price = json!({
        "CardCode": "C002", "ItemCode": "FG-001", "Price": 200, "Currency": "CNY",
        "PriceListNum": 2, "Valid": "tYES", "SpecialPriceDataAreas": [area("2025-01-01", 200)],
    });
    client.post("SpecialPrices", price.clone()).await.expect(201);
    client.post("SpecialPrices", price).await.refused(400, -2035);
    let change = json!({"Price": 190, "SpecialPriceDataAreas": [area("2025-06-01", 190)]});
    client.patch(path, change).await.expect(204);
    let stored = client.get(path).await.json();
    assert_eq!(stored["Price"], 190.0);
    assert_eq!(stored["SpecialPriceDataAreas"][1]["RowNumber"], 1);
    assert_eq!(stored["SpecialPriceDataAreas"][1]["BPCode"], "C002");
}

#[tokio::test]
async fn an_address_is_updated_only_by_its_whole_identity() {
    let (_sandbox, client) = v1().await;
    let addresses = || async {
        let partner = client.get("BusinessPartners('C001')").await.json();
        let rows = partner["BPAddresses"].as_array().unwrap().clone();
        rows.into_iter().map(|row| row["City"].clone()).collect::<Vec<_>>()
    };
    let whole = json!({
        "BPCode": "C001", "AddressName": "总部", "AddressType": "S", "RowNum": 0, "City": "苏州",
    });
    let patch =
        |row: Value| client.patch("BusinessPartners('C001')", json!({"BPAddresses": [row]}));
    patch(whole).await.expect(204);
    assert_eq!(addresses().await, ["苏州"]);
    patch(json!({"AddressName": "总部", "RowNum": 0, "City": "杭州"})).await.expect(204);
    assert_eq!(addresses().await, ["苏州", "杭州"]);
}

#[tokio::test]
async fn only_what_may_go_can_be_deleted() {
    let (_sandbox, client) = v1().await;
    client.delete("Orders(1)").await.refused(400, -5006);
    client.delete("Orders(99)").await.refused(404, -2028);
    let draft = json!({"DocObjectCode": "17", "CardCode": "C001"});
    let made = client.post("Drafts", draft).await.expect(201).json();
    assert_eq!(made["DocObjectCode"], "oOrders");
    client.delete("Drafts(1)").await.expect(204);
    client.delete("Drafts(1)").await.refused(404, -2028);
    let again = client.post("Drafts", json!({"DocObjectCode": "oOrders"})).await.expect(201);
    assert_eq!(again.json()["DocEntry"], 2, "numbers are never used again");
}

#[tokio::test]
async fn documents_open_close_and_cancel() {
    let (_sandbox, client) = v1().await;
    client.act("Orders(1)/Reopen").await.refused(400, -5006);
    client.act("Orders(1)/Close").await.expect(204);
    client.act("Orders(1)/Cancel").await.refused(400, -5006);
    client.act("Orders(1)/Reopen").await.expect(204);
    client.act("Orders(1)/Cancel").await.expect(204);
    let order = client.get("Orders(1)").await.json();
    assert_eq!((&order["Cancelled"], &order["CancelStatus"]), (&json!("tYES"), &json!("csYes")));
    client.act("Orders(1)/Reopen").await.refused(400, -5006);
    client.act("Orders(99)/Close").await.refused(404, -2028);
}

#[tokio::test]
async fn a_post_may_stand_for_another_method() {
    let (_sandbox, client) = v1().await;
    let header = [("X-HTTP-Method-Override", "PATCH")];
    let body = Some("{\"ItemName\":\"by post\"}");
    client.send(Method::POST, "Items('RM-001')", &header, body).await.expect(204);
    assert_eq!(client.get("Items('RM-001')").await.json()["ItemName"], "by post");
    let header = [("X-HTTP-Method-Override", "DELETE")];
    client.send(Method::POST, "Items('RM-001')", &header, None).await.expect(204);
    client.get("Items('RM-001')").await.refused(404, -2028);
}

#[tokio::test]
async fn receipts_use_up_their_order() {
    let (_sandbox, client) = v1().await;
    let receipt = |line: i64, quantity: i64| {
        json!({"DocumentLines": [
            {"BaseType": 22, "BaseEntry": 1, "BaseLine": line, "Quantity": quantity},
        ]})
    };
    let made = client.post("PurchaseDeliveryNotes", receipt(0, 150)).await.expect(201).json();
    assert_eq!(made["CardCode"], "V001");
    assert_eq!(made["DocumentLines"][0]["ItemCode"], "RM-001");
    let order = client.get("PurchaseOrders(1)").await.json();
    assert_eq!(order["DocumentLines"][0]["RemainingOpenQuantity"], 50.0);
    client.post("PurchaseDeliveryNotes", receipt(0, 50)).await.expect(201);
    client.post("PurchaseDeliveryNotes", receipt(0, 1)).await.refused(400, -10);
    client.post("PurchaseDeliveryNotes", receipt(1, 1200)).await.expect(201);
    let order = client.get("PurchaseOrders(1)").await.json();
    assert_eq!(order["DocumentStatus"], "bost_Close");
    client.post("PurchaseDeliveryNotes", receipt(7, 1)).await.refused(400, -5002);
}
