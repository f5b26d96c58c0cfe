//! Backflush: the issue before the receipt, and what stands when something breaks between them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;

use barcode_app::{Endpoint, ErpError};
use serde_json::{Value, json};
use support::{BACKFLUSH, Fake, Fault, Table, barcode, call, company, settings};

const LISTED: &str = "query.procedures = ['TMDK']\n";
const COMPONENT: &str = r#"[{"DocEntry":478,"LINENUM":0,"ItemCode":"C'1","ItemName":"n","BaseQty":0.333333,"wareHouse":"W01"}]"#;
const BATCH: &str = r#"[{"DistNumber":"B1","Quantity":0.2},{"DistNumber":"B2","Quantity":"5.0"}]"#;

fn table() -> Table {
    Table::default().answer("OWOR", COMPONENT).answer("TMDK", BATCH)
}

async fn save(erp: &Arc<Fake>, sql: Table, toml: &str, body: &str) -> (Value, Vec<String>) {
    let sql = Arc::new(sql);
    let settings = settings(&format!("{LISTED}{toml}"));
    let answer = call(&barcode(company(erp, Some(&sql), settings)), Endpoint::Save, body).await;
    (answer, sql.asked())
}

fn message(answer: &Value) -> &str {
    answer["message"].as_str().unwrap()
}

#[tokio::test]
async fn issues_the_components_and_then_receives() {
    let erp = Arc::new(Fake::default());
    let body =
        BACKFLUSH.replace(r#""Quantity":"1","ManBtchNum""#, r#""Quantity":"3","ManBtchNum""#);
    let (answer, asked) = save(&erp, table(), "", &body).await;
    assert_eq!(
        answer,
        json!({"code": "200", "message": "OK", "data": {"DocEntry": 101, "DocNum": 1101}}),
        "the answer is the receipt's"
    );
    assert!(
        asked[0].ends_with(r#"Where T2."ManBtchNum"='Y' and T0."DocEntry" = 478"#),
        "{asked:?}"
    );
    assert_eq!(asked[1], "call TMDK('C''1','W01','0.999999')");
    assert_eq!(
        erp.posted(),
        [
            "InventoryGenExits {\"DocDate\":\"2023-09-20\",\"DocDueDate\":\"2023-09-20\",\
             \"DocumentLines\":[{\"BaseEntry\":478,\"BaseType\":202,\"BaseLine\":0,\
             \"Quantity\":0.999999,\"WarehouseCode\":\"W01\",\"BatchNumbers\":[\
             {\"BatchNumber\":\"B1\",\"Quantity\":0.2,\"BaseLineNumber\":0},\
             {\"BatchNumber\":\"B2\",\"Quantity\":0.799999,\"BaseLineNumber\":0}]}]}",
            "InventoryGenEntries {\"U_CZR\":\"CS01\",\"U_CZSJ\":\"2023-09-20 21:04:44\",\
             \"DocDate\":\"2023-09-20\",\"DocDueDate\":\"2023-09-20\",\"DocumentLines\":[\
             {\"U_SCRKLX\":\"合格入库\",\"BaseEntry\":478,\"BaseType\":202,\"Quantity\":3,\
             \"WarehouseCode\":\"W05001\",\"U_FJDRQ\":\"20230920\",\"U_BGR1\":\"SF0006\",\
             \"U_SBXH\":\"1\",\"BatchNumbers\":[{\"BatchNumber\":\"11007510-01-50|20230920\",\
             \"Quantity\":1,\"BaseLineNumber\":0,\"AddmisionDate\":\"2023-09-20\"}],\
             \"DocumentLinesBinAllocations\":[{\"BinAbsEntry\":14,\"Quantity\":1,\
             \"BaseLineNumber\":0,\"SerialAndBatchNumbersBaseLine\":0}]}]}",
        ]
    );
}

#[tokio::test]
async fn without_components_there_is_only_the_receipt() {
    for rows in ["[]", &COMPONENT.replace("0.333333", "0")] {
        let erp = Arc::new(Fake::default());
        let (answer, asked) =
            save(&erp, Table::default().answer("OWOR", rows), "", BACKFLUSH).await;
        assert_eq!(answer["code"], "200");
        assert_eq!((erp.posted().len(), asked.len()), (1, 1));
        assert!(erp.posted()[0].starts_with("InventoryGenEntries"));
    }
}

#[tokio::test]
async fn one_question_an_order_and_the_sum_of_its_lines() {
    let line = |order: u32, quantity: &str| json!({"BaseEntry": order.to_string(), "BaseType": "202", "Quantity": quantity});
    let body = json!({"method": "InventoryGenEntry", "data": [line(1, "1.5"), line(2, "1"), line(1, "0.5")],
        "MainTable": {"Inverted": "Y", "InvertedSql": "select * from OWOR T0 where 1 = 1;\n"}});
    let component = |order: u32, line: u32| {
        format!(r#"[{{"DocEntry":{order},"LineNum":{line},"ItemCode":"C","BaseQty":"2"}}]"#)
    };
    let erp = Arc::new(Fake::default());
    let sql = Table::default()
        .answer("\"DocEntry\" = 1", &component(1, 4))
        .answer("\"DocEntry\" = 2", &component(2, 5));
    let (answer, asked) = save(&erp, sql, "", &body.to_string()).await;
    assert_eq!(answer["code"], "200", "{answer}");
    assert_eq!(asked[0], r#"select * from OWOR T0 where 1 = 1 and T0."DocEntry" = 1"#);
    assert_eq!(
        erp.posted()[0],
        r#"InventoryGenExits {"DocumentLines":[{"BaseEntry":1,"BaseType":202,"BaseLine":4,"Quantity":4},{"BaseEntry":2,"BaseType":202,"BaseLine":5,"Quantity":2}]}"#
    );
}

#[tokio::test]
async fn a_shortage_names_items_and_quantities_and_posts_nothing() {
    let erp = Arc::new(Fake::default());
    let two = COMPONENT.replace(']', ",") + &COMPONENT.replace("C'1", "C2")[1..];
    let sql = Table::default()
        .answer("OWOR", &two)
        .answer("TMDK", r#"[{"BatchNumber":"B1","Quantity":0.3}]"#)
        .answer("TMDK", "[]");
    let (answer, _) = save(&erp, sql, "", BACKFLUSH).await;
    assert_eq!(
        message(&answer),
        "backflush: not enough in batches: C'1 lacks 0.033333 in W01, C2 lacks 0.333333 in W01; \
         nothing was posted"
    );
    assert_eq!(erp.creates(), 0);
}

#[tokio::test]
async fn a_backflush_that_cannot_be_worked_out_posts_nothing() {
    let rows = |rows: &str| Table::default().answer("OWOR", rows);
    let quantity = |quantity: &str| {
        BACKFLUSH.replace(
            r#""Quantity":"1","ManBtchNum""#,
            &format!(r#""Quantity":"{quantity}","ManBtchNum""#),
        )
    };
    let same = || BACKFLUSH.to_owned();
    for (sql, body, expected) in [
        (
            rows(&COMPONENT.replace("478", "479")),
            same(),
            "it belongs to order 479, asked for was 478",
        ),
        (rows(&COMPONENT.replace("BaseQty", "Qty")), same(), "expected one of the columns BaseQty"),
        (rows(&COMPONENT.replace("LINENUM", "No")), same(), "expected one of the columns LineNum"),
        (rows(&COMPONENT.replace("0.333333", "\"x\"")), same(), "`BaseQty`: expected a number"),
        (rows(&COMPONENT.replace("0.333333", "-1")), same(), "negative quantity"),
        (
            rows(&COMPONENT.replace("0.333333", "79228162514264337593543950335")),
            quantity("10"),
            "the quantity of C'1 is too large",
        ),
        (Table::default().fail("OWOR", ErpError::new("no such table")), same(), "no such table"),
        (rows(COMPONENT).fail("TMDK", ErpError::new("broken")), same(), "InvertedBathSql: broken"),
        (
            rows(COMPONENT).answer("TMDK", r#"[{"Batch":"B"}]"#),
            same(),
            "row 1 of InvertedBathSql: expected one of the columns BatchNumber, DistNumber",
        ),
        (table(), BACKFLUSH.replace("call TMDK", "call OTHER"), "`OTHER` is not listed"),
        (table(), BACKFLUSH.replace("'{0}'", "{0}"), "should stand in single quotes"),
        (table(), BACKFLUSH.replace("{2}", "{9}"), "`{9}` stands for nothing"),
        (table(), BACKFLUSH.replace("Select", "delete from OITM; select"), "only"),
        (table(), quantity("0"), "expected a quantity above zero"),
        (table(), quantity("-1"), "expected a quantity above zero"),
        (
            table(),
            BACKFLUSH.replace(r#""BaseEntry":"478""#, r#""BaseEntry":"1 or 1=1""#),
            "BaseEntry",
        ),
        (
            table(),
            BACKFLUSH.replace(r#""BaseType":"202""#, r#""BaseType":"22""#),
            "a production order",
        ),
    ] {
        let erp = Arc::new(Fake::default());
        let (answer, _) = save(&erp, sql, "", &body).await;
        assert_eq!(answer["code"], "500", "{expected}");
        assert!(message(&answer).contains(expected), "{expected}: {answer}");
        assert_eq!(erp.creates(), 0, "{expected}");
    }
}

#[tokio::test]
async fn a_site_may_receive_without_its_issue() {
    let erp = Arc::new(Fake::default());
    let sql = Table::default().fail("OWOR", ErpError::new("no such table"));
    let (answer, _) = save(&erp, sql, "continue_after_backflush_failure = true", BACKFLUSH).await;
    assert_eq!((&answer["code"], erp.creates()), (&json!("200"), 1));
    assert!(message(&answer).contains("without its issue: backflush: InvertedSql: no such table"));
}

#[tokio::test]
async fn an_issue_that_waits_for_approval_holds_the_receipt_back() {
    let erp = Arc::new(Fake::default().fail(0, Fault::Draft));
    let (answer, _) = save(&erp, table(), "compensate_issue = true", BACKFLUSH).await;
    assert!(message(&answer).contains("saved as draft 100"), "{answer}");
    assert_eq!(erp.creates(), 1);
}

#[tokio::test]
async fn a_refused_receipt_names_the_issue_or_takes_it_back() {
    let erp = Arc::new(Fake::default().fail(1, Fault::Refused(-10)));
    let (answer, _) = save(&erp, table(), "", BACKFLUSH).await;
    assert_eq!(
        message(&answer),
        "InventoryGenEntries: -10 refused; the issue InventoryGenExits 100 (DocNum 1100) was posted \
         and stands"
    );
    let erp = Arc::new(Fake::default().fail(1, Fault::Refused(-10)));
    let (answer, _) = save(&erp, table(), "compensate_issue = true", BACKFLUSH).await;
    assert!(message(&answer).ends_with("taken back by InventoryGenEntries 101 (DocNum 1101)"));
    let posted = erp.posted();
    assert_eq!(
        posted[1].strip_prefix("InventoryGenEntries"),
        posted[0].strip_prefix("InventoryGenExits"),
        "the same lines, returned"
    );
}

/// Every create of a save ends in every way: nothing is ever there twice, and what stands is named.
#[tokio::test]
async fn whatever_breaks_nothing_is_doubled_and_what_stands_is_named() {
    let faults = [
        Fault::LostBefore,
        Fault::LostAfter,
        Fault::NotSent,
        Fault::Refused(-10),
        Fault::Refused(-2028),
        Fault::HiddenDraft,
    ];
    let (mut whole, mut nothing, mut named) = (0, 0, 0);
    for first in 0..3_usize {
        for fault in faults {
            for second in
                [None, Some(Fault::LostBefore), Some(Fault::LostAfter), Some(Fault::NotSent)]
            {
                for (mark, blind) in
                    [("", false), ("mark_field = 'U_M'\n", false), ("mark_field = 'U_M'\n", true)]
                {
                    for compensate in ["", "compensate_issue = true\n"] {
                        let mut erp = Fake::default().fail(first, fault);
                        if let Some(second) = second {
                            erp = erp.fail(first + 1, second);
                        }
                        let erp = Arc::new(if blind { erp.blind() } else { erp });
                        let (answer, _) =
                            save(&erp, table(), &format!("{mark}{compensate}"), BACKFLUSH).await;
                        let case = format!(
                            "{first} {fault:?} {second:?} {mark:?} {blind} {compensate:?}: {answer}"
                        );
                        let issues = erp.entries(|one| one.set == "InventoryGenExits");
                        let received = |one: &support::Stored| {
                            one.set == "InventoryGenEntries" && one.fields.get("U_CZR").is_some()
                        };
                        let receipts = erp.entries(received);
                        let returns =
                            erp.entries(|one| one.set == "InventoryGenEntries" && !received(one));
                        assert!(
                            issues.len() <= 1 && receipts.len() <= 1 && returns.len() <= 1,
                            "{case}"
                        );
                        let text = message(&answer);
                        let unsure = text.matches("may have been posted").count();
                        if answer["code"] == "200" {
                            assert_eq!(issues.len(), 1, "{case}");
                            assert!(returns.is_empty(), "{case}");
                            // The receipt is there, or it is a draft and the answer says so.
                            assert!(
                                receipts.len() == 1 || text.contains("saved as draft"),
                                "{case}"
                            );
                            whole += 1;
                            continue;
                        }
                        if issues.is_empty() && receipts.is_empty() && returns.is_empty() {
                            nothing += 1;
                            continue;
                        }
                        named += 1;
                        for entry in &issues {
                            let says = text.contains(&format!("InventoryGenExits {entry}"));
                            assert!(
                                says || text.contains("InventoryGenExits") && unsure > 0,
                                "{case}"
                            );
                        }
                        assert!(receipts.is_empty() || unsure > 0, "{case}");
                        assert!(
                            receipts.is_empty() || returns.is_empty(),
                            "a receipt keeps its issue: {case}"
                        );
                        for entry in &returns {
                            let says = text
                                .contains(&format!("taken back by InventoryGenEntries {entry}"));
                            assert!(says || unsure > 0, "{case}");
                        }
                    }
                }
            }
        }
    }
    assert!(whole > 20 && nothing > 20 && named > 20, "{whole} {nothing} {named}");
}
