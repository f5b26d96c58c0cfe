//! Saving: what becomes of each method, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;

use barcode_app::{Endpoint, Method, Operation, SaveRequest};
use serde_json::{Value, json};
use support::{Fake, Fault, barcode, call, company, settings};

async fn save(erp: &Arc<Fake>, toml: &str, body: &Value) -> Value {
    call(&barcode(company(erp, None, settings(toml))), Endpoint::Save, &body.to_string()).await
}

#[tokio::test]
async fn every_method_goes_to_its_entity_set() {
    let line = json!({"ItemCode": "A1", "BaseEntry": "7", "BaseLine": "0", "BaseType": "22",
        "Quantity": "2.50", "Price": "", "U_X": "x", "ManBtchNum": "N", "linetable": []});
    let plain =
        r#"{"ItemCode":"A1","BaseEntry":7,"BaseLine":0,"BaseType":22,"Quantity":2.50,"U_X":"x"}"#;
    for (method, set) in [
        ("PurchaseDelivery", "PurchaseDeliveryNotes"),
        ("PurchaseReturn", "PurchaseReturns"),
        ("InventoryGenExit", "InventoryGenExits"),
        ("InventoryGenReturn", "InventoryGenEntries"),
        ("InventoryGenEntry", "InventoryGenEntries"),
        ("DeliveryNotes", "DeliveryNotes"),
        ("Returns", "Returns"),
        ("StockGenExit", "InventoryGenExits"),
        ("StockGenEntry", "InventoryGenEntries"),
        ("StockTransfer", "StockTransfers"),
    ] {
        let erp = Arc::new(Fake::default());
        let body = json!({"method": method, "table": "X", "data": [line],
            "MainTable": {"DocDate": "20230920", "DocDueDate": "20230921", "Comments": "", "U_N": "1"}});
        // The order of members is the sender's: `json!` sorts them.
        let body = body.to_string().replace(
            &line.to_string(),
            &format!(
                r#"{},"Price":"","ManBtchNum":"N","linetable":[]}}"#,
                plain.trim_end_matches('}').replace("7", "\"7\"").replace("2.50", "\"2.50\"")
            ),
        );
        let barcode = barcode(company(&erp, None, settings("")));
        let answer = call(&barcode, Endpoint::Save, &body).await;
        assert_eq!(
            answer,
            json!({"code": "200", "message": "OK", "data": {"DocEntry": 100, "DocNum": 1100}}),
            "{method}"
        );
        let (due, lines) = match method {
            "StockTransfer" => ("DueDate", "StockTransferLines"),
            _ => ("DocDueDate", "DocumentLines"),
        };
        assert_eq!(
            erp.posted(),
            [format!(
                r#"{set} {{"DocDate":"2023-09-20","{due}":"2023-09-21","U_N":"1","{lines}":[{plain}]}}"#
            )],
            "{method}"
        );
    }
}

#[tokio::test]
async fn a_user_table_is_written_only_if_it_is_listed() {
    let body = json!({"method": "UserDataTable", "table": "QC", "data": [{"U_A": "1", "U_B": ""}],
        "MainTable": {"U_C": "3"}});
    let erp = Arc::new(Fake::default());
    let answer = save(&erp, "", &body).await;
    assert!(answer["message"].as_str().unwrap().contains("listed in `user_tables`"), "{answer}");

    save(&erp, "document.user_tables = ['QC']", &body).await;
    let lines = "document.user_tables = ['QC']\ndocument.user_table_lines = 'QC1Collection'";
    save(&erp, lines, &body).await;
    assert_eq!(
        erp.posted(),
        [r#"QC {"U_C":"3","U_A":"1"}"#, r#"QC {"U_C":"3","QC1Collection":[{"U_A":"1"}]}"#]
    );
    let two = json!({"method": "UserDataTable", "table": "QC", "data": [{"U_A": 1}, {"U_A": 2}]});
    let answer = save(&erp, "document.user_tables = ['QC']", &two).await;
    assert!(answer["message"].as_str().unwrap().contains("`user_table_lines` is not set"));
    let nameless = json!({"method": "UserDataTable", "data": [{"U_A": 1}]});
    let answer = save(&erp, "document.user_tables = ['QC']", &nameless).await;
    assert_eq!(answer["message"], "`table` is missing or empty");
}

#[tokio::test]
async fn batches_and_bins_become_those_of_the_service_layer() {
    let erp = Arc::new(Fake::default());
    let allocations = json!([
        {"BatchNumber": "B1", "Quantity": "1", "BinAbsEntry": "14", "AddmisionDate": "20230920"},
        {"BatchNumber": "B2", "Quantity": "2", "BinAbsEntry": ""},
        {"BatchNumber": "B1", "Quantity": "3", "BinAbsEntry": "15"},
    ]);
    let body = |method: &str, flag: &str, allocations: &Value| {
        json!({"method": method, "data": [
            {"ItemCode": "A0", "Quantity": "1"},
            {"ItemCode": "A1", "Quantity": "6", "ManBtchNum": flag, "linetable": allocations},
        ]})
    };
    let posted = |erp: &Fake| -> Value {
        let text = erp.posted().pop().unwrap();
        serde_json::from_str(text.split_once(' ').unwrap().1).unwrap()
    };
    save(&erp, "", &body("PurchaseDelivery", "Y", &allocations)).await;
    let line = posted(&erp)["DocumentLines"][1].clone();
    assert_eq!(
        line["BatchNumbers"],
        json!([
            {"BatchNumber": "B1", "Quantity": 4, "BaseLineNumber": 1, "AddmisionDate": "2023-09-20"},
            {"BatchNumber": "B2", "Quantity": 2, "BaseLineNumber": 1},
        ])
    );
    assert_eq!(
        line["DocumentLinesBinAllocations"],
        json!([
            {"BinAbsEntry": 14, "Quantity": 1, "BaseLineNumber": 1, "SerialAndBatchNumbersBaseLine": 0},
            {"BinAbsEntry": 15, "Quantity": 3, "BaseLineNumber": 1, "SerialAndBatchNumbersBaseLine": 0},
        ])
    );

    let bins = json!([{"Quantity": "6", "BinAbsEntry": "14", "BatchNumber": ""}]);
    save(&erp, "", &body("StockGenEntry", "N", &bins)).await;
    let line = posted(&erp)["DocumentLines"][1].clone();
    assert_eq!(
        line["DocumentLinesBinAllocations"],
        json!([{"BinAbsEntry": 14, "Quantity": 6, "BaseLineNumber": 1}])
    );
    assert_eq!(line.get("BatchNumbers"), None);

    let bins = json!([{"Quantity": "6", "BinAbsEntry": "14", "FromBinAbsEntry": "9"}]);
    save(&erp, "", &body("StockTransfer", "N", &bins)).await;
    assert_eq!(
        posted(&erp)["StockTransferLines"][1]["StockTransferLinesBinAllocations"],
        json!([
            {"BinAbsEntry": 9, "Quantity": 6, "BaseLineNumber": 1, "BinActionType": "batFromWarehouse"},
            {"BinAbsEntry": 14, "Quantity": 6, "BaseLineNumber": 1, "BinActionType": "batToWarehouse"},
        ])
    );
}

#[tokio::test]
async fn lines_on_a_production_order_lose_their_item() {
    for (method, base, keeps) in [
        ("InventoryGenEntry", "202", false),
        ("InventoryGenExit", "202", false),
        ("InventoryGenReturn", "202", false),
        ("InventoryGenEntry", "", true),
        ("StockGenEntry", "202", true),
    ] {
        let erp = Arc::new(Fake::default());
        let body = json!({"method": method, "data": [
            {"ItemCode": "A1", "BaseType": base, "BaseEntry": "478", "Quantity": "1"}]});
        save(&erp, "", &body).await;
        assert_eq!(erp.posted()[0].contains("ItemCode"), keeps, "{method} {base}");
    }
}

#[tokio::test]
async fn what_is_wrong_names_the_field_and_posts_nothing() {
    let line = json!({"Quantity": "1"});
    for (body, expected) in [
        (json!({"data": [line]}), "`method` is missing"),
        (json!({"method": "Returns"}), "`data` is missing"),
        (json!({"method": "Returns", "data": []}), "`data` is missing"),
        (json!({"method": "Returns", "data": {}}), "`data`: expected an array of objects"),
        (json!({"method": "Returns", "data": [1]}), "`data`: expected an array of objects"),
        (json!({"method": "Returns", "data": [line], "MainTable": 7}), "`MainTable`: expected"),
        (json!({"method": "Nonsense", "data": [line]}), "`Nonsense-A` is not served; served are"),
        (
            json!({"method": "Returns", "operationtype": "U", "data": [line]}),
            "`Returns-U` is not served",
        ),
        (json!({"method": "Returns", "operationtype": "Q", "data": [line]}), "PurchaseDelivery-A"),
        (
            json!({"method": "Returns", "data": [{"Quantity": "many"}]}),
            "data[0].`Quantity`: expected a number",
        ),
        (
            json!({"method": "Returns", "data": [line], "MainTable": {"DocDate": "2023"}}),
            "`MainTable.DocDate`: expected a date such as 20230920, found `2023`",
        ),
        (
            json!({"method": "Returns", "data": [{"ManBtchNum": "maybe"}]}),
            "`data[0].ManBtchNum`: expected Y or N, found `maybe`",
        ),
        (
            json!({"method": "Returns", "data": [line, {"ManBtchNum": "Y", "linetable": [{"Quantity": "1"}]}]}),
            "`data[1].linetable[0].BatchNumber` is missing",
        ),
        (
            json!({"method": "Returns", "data": [{"ManBtchNum": "N", "linetable": [{"Quantity": "1", "BatchNumber": "B"}]}]}),
            "because `ManBtchNum` is N",
        ),
        (
            json!({"method": "Returns", "data": [{"linetable": [{"BatchNumber": "B"}]}]}),
            "`data[0].linetable[0].Quantity` is missing",
        ),
        (
            json!({"method": "Returns", "data": [{"linetable": [{"Quantity": "1", "BinAbsEntry": "x"}]}]}),
            "`data[0].linetable[0].BinAbsEntry`: expected a whole number, found `x`",
        ),
        (
            json!({"method": "Returns", "data": [line], "MainTable": {"Inverted": "Y"}}),
            "`MainTable.InvertedSql` is missing",
        ),
        (
            json!({"method": "Returns", "data": [line], "MainTable": {"Inverted": "Y", "InvertedSql": "select 1"}}),
            "only InventoryGenEntry can backflush",
        ),
        (
            json!({"method": "InventoryGenEntry", "data": [line], "MainTable": {"Inverted": "Y", "InvertedSql": "select 1"}}),
            "not enabled for this company",
        ),
    ] {
        let erp = Arc::new(Fake::default());
        let answer = save(&erp, "", &body).await;
        assert_eq!((&answer["code"], &answer["data"]), (&json!("500"), &Value::Null), "{body}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(expected), "{body}: {message}");
        assert_eq!(erp.creates(), 0, "{body}");
    }
}

#[test]
fn a_request_is_typed() {
    let request = SaveRequest::read(support::BACKFLUSH.as_bytes()).unwrap();
    assert_eq!((request.method, request.operation), (Method::InventoryGenEntry, Operation::Add));
    assert_eq!(request.table.as_deref(), Some("OIGN"));
    assert_eq!(request.header.text("U_CZR").unwrap().as_deref(), Some("CS01"));
    assert_eq!(request.header.get("InvertedSql"), None);
    let line = &request.lines[0];
    assert_eq!(line.is_batch_managed, Some(true));
    assert_eq!(line.allocations[0].bin, Some(14));
    assert_eq!(
        line.allocations[0].rest.text("AddmisionDate").unwrap().as_deref(),
        Some("20230920")
    );
    let backflush = request.backflush.unwrap();
    assert!(backflush.sql.starts_with("\nSelect"));
    assert_eq!(backflush.batch_sql.as_deref(), Some("call TMDK('{0}','{1}','{2}')"));
}

const RETURN: &str = r#"{"method":"Returns","data":[{"ItemCode":"A","Quantity":"1"}],"MainTable":{"U_CZSJ":"2023-09-20 21:04:44"}}"#;

#[tokio::test]
async fn the_erps_own_words_reach_the_scanner() {
    let erp = Arc::new(Fake::default().fail(0, Fault::Refused(-5002)));
    let answer = call(&barcode(company(&erp, None, settings(""))), Endpoint::Save, RETURN).await;
    assert_eq!(answer, json!({"code": "500", "message": "Returns: -5002 refused", "data": null}));
}

#[tokio::test]
async fn a_document_that_has_to_be_approved_is_found_as_a_draft() {
    let marked = "mark_field = 'U_Mark'";
    for fault in [Fault::Draft, Fault::HiddenDraft] {
        let erp = Arc::new(Fake::default().fail(0, fault));
        let barcode = barcode(company(&erp, None, settings(marked)));
        let answer = call(&barcode, Endpoint::Save, RETURN).await;
        assert_eq!(answer["code"], "200", "{answer}");
        assert_eq!(answer["data"], json!({"DocEntry": null, "DocNum": null, "DraftEntry": 100}));
        assert!(answer["message"].as_str().unwrap().contains("waits for its approval"));
    }
    // Without a draft -2028 is a refusal like others; without a mark nobody can tell.
    for (toml, may_stand) in [(marked, false), ("", true)] {
        let erp = Arc::new(Fake::default().fail(0, Fault::Refused(-2028)));
        let barcode = barcode(company(&erp, None, settings(toml)));
        let answer = call(&barcode, Endpoint::Save, RETURN).await;
        let message = answer["message"].as_str().unwrap();
        assert_eq!(message.contains("may have been posted"), may_stand, "{message}");
    }
}

#[tokio::test]
async fn a_second_tap_gets_the_first_answer() {
    let erp = Arc::new(Fake::default());
    let window = "repeat_window_seconds = 60";
    let clock = erplink_core::clock::ManualClock::default();
    let company_ = company(&erp, None, settings(window)).clock(Arc::new(clock.clone()));
    let barcode = barcode(company_);
    let later = RETURN.replace("21:04:44", "21:04:45");
    let (first, second) = tokio::join!(
        call(&barcode, Endpoint::Save, RETURN),
        call(&barcode, Endpoint::Save, &later),
    );
    assert_eq!(first, second);
    assert_eq!(erp.creates(), 1, "both came at once");
    let other = RETURN.replace("\"1\"", "\"2\"");
    assert_ne!(
        call(&barcode, Endpoint::Save, &other).await,
        first,
        "another quantity is another document"
    );
    clock.advance(std::time::Duration::from_secs(60));
    assert_ne!(
        call(&barcode, Endpoint::Save, RETURN).await,
        first,
        "a minute later it is another one"
    );
    assert_eq!(erp.creates(), 3);
}

#[tokio::test]
async fn what_failed_and_left_nothing_is_tried_again() {
    for (fault, creates) in [(Fault::Refused(-10), 2), (Fault::NotSent, 2), (Fault::LostBefore, 1)]
    {
        let erp = Arc::new(Fake::default().fail(0, fault));
        let barcode = barcode(company(&erp, None, settings("repeat_window_seconds = 60")));
        call(&barcode, Endpoint::Save, RETURN).await;
        call(&barcode, Endpoint::Save, RETURN).await;
        assert_eq!(erp.creates(), creates, "{fault:?}");
    }
}

#[tokio::test]
async fn without_the_window_a_second_tap_is_a_second_document() {
    let erp = Arc::new(Fake::default());
    let barcode = barcode(company(&erp, None, settings("")));
    call(&barcode, Endpoint::Save, RETURN).await;
    call(&barcode, Endpoint::Save, RETURN).await;
    assert_eq!(erp.creates(), 2);
}

#[tokio::test]
async fn a_site_rewrites_documents() {
    let erp = Arc::new(Fake::default());
    let rewriting = company(&erp, None, settings("")).rewrite(|mut document| {
        if document.entity_set == "Returns" {
            document.fields.set("Series", barcode_app::RawJson::number(7));
            return Ok(document);
        }
        Err("only returns here".to_owned())
    });
    let barcode = barcode(rewriting);
    call(&barcode, Endpoint::Save, RETURN).await;
    assert!(erp.posted()[0].contains(r#""Series":7"#));
    let answer = call(&barcode, Endpoint::Save, &RETURN.replace("Returns", "DeliveryNotes")).await;
    assert!(answer["message"].as_str().unwrap().ends_with("only returns here"));
    assert_eq!(erp.creates(), 1);
}
