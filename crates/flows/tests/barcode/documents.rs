//! The eleven methods, drafts, repeats.

use erplink_sandbox::Fault;
use erplink_sandbox::servicelayer::{ApprovalAnswer, Options};
use erplink_sync::{Document, StateKind};
use serde_json::{Value, json};

use crate::stage::COMPANY;
use crate::warehouse::{FLOW, MARKED, Warehouse, beside};

/// A request: method, table, the line, the header.
fn request(method: &str, table: &str, line: &Value, header: &Value) -> Value {
    let mut main = json!({"DocDate": "20260105", "U_CZR": "CS01", "U_CZSJ": "2026-01-05 09:00:00"});
    for (name, value) in header.as_object().unwrap() {
        main[name] = value.clone();
    }
    json!({"method": method, "table": table, "operationtype": "A", "data": [line], "MainTable": main})
}

#[tokio::test]
async fn each_of_the_eleven_methods_becomes_its_document() {
    let shop = Warehouse::new().await;
    let rules = r#"{"mark_field": "U_BarcodeMark", "document": {"user_tables": ["PLMROUTING"]}}"#;
    let runner = shop.start(rules).await;
    let item = json!({"ItemCode": "RM-002", "Quantity": "2.5", "WarehouseCode": "01", "U_X": ""});
    let bought = json!({"BaseEntry": "1", "BaseType": "22", "BaseLine": "1", "Quantity": "5"});
    let product = json!({"BaseEntry": "1", "BaseType": "202", "Quantity": "1"});
    let component = json!({"BaseEntry": "1", "BaseType": "202", "BaseLine": "0", "Quantity": "2",
                           "ItemCode": "RM-001"});
    let moved = json!({"ItemCode": "RM-002", "Quantity": "1", "FromWarehouseCode": "01",
                       "WarehouseCode": "02"});
    let (none, supplier, customer) =
        (json!({}), json!({"CardCode": "V001"}), json!({"CardCode": "C001"}));
    for (method, table, line, header, set) in [
        ("PurchaseDelivery", "OPDN", &bought, &none, "PurchaseDeliveryNotes"),
        ("PurchaseReturn", "ORPD", &item, &supplier, "PurchaseReturns"),
        ("InventoryGenExit", "OIGE", &component, &none, "InventoryGenExits"),
        ("InventoryGenReturn", "OIGN", &component, &none, "InventoryGenEntries"),
        ("InventoryGenEntry", "OIGN", &product, &none, "InventoryGenEntries"),
        ("DeliveryNotes", "ODLN", &item, &customer, "DeliveryNotes"),
        ("Returns", "ORDN", &item, &customer, "Returns"),
        ("StockTransfer", "OWTR", &moved, &none, "StockTransfers"),
        ("StockGenExit", "OIGE", &item, &none, "InventoryGenExits"),
        ("StockGenEntry", "OIGN", &item, &none, "InventoryGenEntries"),
    ] {
        let before = shop.count(set);
        let answer = shop.save(&runner, &request(method, table, line, header)).await;
        assert!(answer.is_success(), "{method}: {answer:?}");
        assert_eq!(shop.count(set), before + 1, "{method}");
        let made = shop.sandbox.b1().get(set, &answer.data["DocEntry"].to_string()).unwrap();
        assert_eq!((&made["DocNum"], &made["U_CZR"]), (&answer.data["DocNum"], &json!("CS01")));
        assert_eq!(made["DocDate"], "2026-01-05", "{method}");
        assert!(made["U_BarcodeMark"].as_str().unwrap().ends_with("-d"), "{method}");
    }
    // A user table has none of the fields of documents, so none for marks either.
    let record = json!({"method": "UserDataTable", "table": "PLMROUTING",
                        "data": [{"Code": "R-7", "Name": "喷漆"}], "MainTable": {}});
    let answer = shop.save(&runner, &record).await;
    assert_eq!((answer.is_success(), &answer.data), (true, &json!({"Code": "R-7"})), "{answer:?}");
    assert_eq!(shop.sandbox.b1().get("PLMROUTING", "'R-7'").unwrap()["Name"], "喷漆");
    // What exists already is refused in the ERP's words.
    let answer = shop.save(&runner, &record).await;
    assert!(answer.message.contains("-2035"), "{answer:?}");
}

#[tokio::test]
async fn a_document_that_needs_approval_is_one_draft_and_said_to_be() {
    // Documents of this user need approval.
    let user = Some(("S-ERP\\ZS", "Zhang-1234"));
    for approval_answer in [ApprovalAnswer::Draft, ApprovalAnswer::NoMatchingRecords] {
        for (method, line, set, drafts) in [
            (
                "StockGenEntry",
                json!({"ItemCode": "RM-001", "Quantity": "1"}),
                "InventoryGenEntries",
                "Drafts",
            ),
            (
                "StockTransfer",
                json!({"ItemCode": "RM-001", "Quantity": "1", "FromWarehouseCode": "01",
                       "WarehouseCode": "02"}),
                "StockTransfers",
                "StockTransferDrafts",
            ),
        ] {
            let options = Options { approval_answer, ..Options::default() };
            let shop = Warehouse::with(options, user).await;
            let runner = shop.start(MARKED).await;
            let request = request(method, "", &line, &json!({}));
            for _ in 0..2 {
                let answer = shop.save(&runner, &request).await;
                assert!(answer.is_success(), "{approval_answer:?} {answer:?}");
                assert!(answer.message.contains("waits for its approval"), "{answer:?}");
                assert_eq!(
                    (&answer.data["DocEntry"], &answer.data["DraftEntry"]),
                    (&Value::Null, &json!(1))
                );
                assert_eq!((shop.count(set), shop.count(drafts)), (0, 1));
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_among_the_drafts_too() {
    let shop = Warehouse::with(Options::default(), Some(("S-ERP\\ZS", "Zhang-1234"))).await;
    let runner = shop.start(MARKED).await;
    let line = json!({"ItemCode": "RM-001", "Quantity": "1"});
    let request = request("StockGenExit", "OIGE", &line, &json!({}));
    let faults = shop.sandbox.b1().faults();
    faults.push(Fault::reset_after(http::Method::POST, "InventoryGenExits"));
    let answer = shop.save(&runner, &request).await;
    assert!(answer.is_success(), "{answer:?}");
    assert_eq!((answer.data["DraftEntry"].clone(), shop.count("Drafts")), (json!(1), 1));
}

#[tokio::test]
async fn a_double_tap_saves_once_within_the_window_and_twice_after_it() {
    let shop = Warehouse::new().await;
    let rules = r#"{"mark_field": "U_BarcodeMark", "repeat_window_seconds": 60}"#;
    let runner = shop.start(rules).await;
    let line = json!({"ItemCode": "RM-001", "Quantity": "1"});
    let mut request = request("StockGenEntry", "OIGN", &line, &json!({}));
    let [one, other] = beside(&runner, shop.sandbox.barcode().save_twice(&request)).await.unwrap();
    assert_eq!((one.is_success(), &one.data), (true, &other.data), "{one:?} {other:?}");
    // The time of the tap makes no difference, nor does a restart.
    drop(runner);
    let runner = shop.start(rules).await;
    request["MainTable"]["U_CZSJ"] = json!("2026-01-05 09:00:07");
    assert_eq!(shop.save(&runner, &request).await.data, one.data);
    assert_eq!(shop.count("InventoryGenEntries"), 1);
    shop.clock.jump(std::time::Duration::from_secs(61));
    let later = shop.save(&runner, &request).await;
    assert!(later.is_success() && later.data != one.data, "{later:?}");
    assert_eq!(shop.count("InventoryGenEntries"), 2);
    // Without a window each request is one of its own.
    let runner = shop.start(r#"{"mark_field": "U_BarcodeMark"}"#).await;
    let [one, other] = beside(&runner, shop.sandbox.barcode().save_twice(&request)).await.unwrap();
    assert!(one.is_success() && other.is_success() && one.data != other.data);
    assert_eq!(shop.count("InventoryGenEntries"), 4);
}

#[tokio::test]
async fn a_save_that_nobody_waits_for_is_left_to_the_person() {
    let shop = Warehouse::new().await;
    let runner = shop.start(MARKED).await;
    // As a process finds it that starts after another was killed: in the ledger, nobody at the door.
    let content = serde_json::from_str(&shop.receipt().to_string()).unwrap();
    let event = Document::new("left-behind", content).version("left-behind");
    runner.inlet(COMPANY, FLOW).unwrap().accept(event).await.unwrap();
    runner.run_once().await;
    let jobs = shop.jobs().await;
    assert_eq!(jobs[0].state.kind(), StateKind::Parked);
    let reason = jobs[0].state.reason().unwrap().to_string();
    assert!(reason.contains("nothing was posted; save it again"), "{reason}");
    assert_eq!(shop.booked(), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_saved_is_told_with_its_reason() {
    let shop = Warehouse::new().await;
    let runner = shop.start(MARKED).await;
    let line = json!({"BaseEntry": "2", "BaseType": "202", "Quantity": "1"});
    for (request, text) in [
        (request("InventoryGenEntry", "OIGN", &line, &json!({})), "not released"),
        (request("PurchaseDelivery", "OPDN", &json!({"Quantity": "many"}), &json!({})), "Quantity"),
        (request("InvoiceIt", "OINV", &line, &json!({})), "InvoiceIt-A"),
        (json!({"data": []}), "`method` is missing"),
    ] {
        let answer = shop.save(&runner, &request).await;
        assert!(!answer.is_success() && answer.message.contains(text), "{text}: {answer:?}");
    }
    assert_eq!(shop.booked(), (0, 0));
}
