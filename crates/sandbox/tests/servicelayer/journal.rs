//! Journal entries.

use serde_json::{Value, json};

use crate::support::v1;

fn entry(credit: &str) -> Value {
    json!({
        "ReferenceDate": "2026-03-31", "Memo": "销售开票",
        "JournalEntryLines": [
            { "AccountCode": "1122", "ShortName": "C001", "Debit": "11300.10" },
            { "AccountCode": "5001", "Credit": credit, "LineMemo": "收入" },
        ],
    })
}

#[tokio::test]
async fn a_journal_entry_balances_and_gets_its_number() {
    let (_sandbox, client) = v1().await;
    let made = client.post("JournalEntries", entry("11300.10")).await.expect(201);
    assert!(made.text.contains(r#""Debit" : 11300.10"#) || made.text.contains("11300.1"));
    let made = made.json();
    assert_eq!((&made["JdtNum"], &made["Number"]), (&json!(1), &json!(1)));
    assert_eq!((&made["U_ISSYN"], &made["DueDate"]), (&json!("N"), &json!("2026-03-31")));
    let lines = &made["JournalEntryLines"];
    assert_eq!((&lines[0]["Line_ID"], &lines[0]["LineMemo"]), (&json!(0), &json!("销售开票")));
    assert_eq!((&lines[1]["ShortName"], &lines[1]["LineMemo"]), (&json!("5001"), &json!("收入")));
    client.post("JournalEntries", entry("11300.09")).await.refused(400, -5002);
    let alone = json!({ "JournalEntryLines": [{ "AccountCode": "1", "Debit": 0 }] });
    client.post("JournalEntries", alone).await.refused(400, -5002);
    let nameless =
        json!({ "JournalEntryLines": [{ "Debit": 1 }, { "AccountCode": "1", "Credit": 1 }] });
    client.post("JournalEntries", nameless).await.refused(400, -5002);
}

#[tokio::test]
async fn a_journal_entry_is_marked_and_kept() {
    let (_sandbox, client) = v1().await;
    client.post("JournalEntries", entry("11300.10")).await.expect(201);
    client.patch("JournalEntries(1)", json!({ "U_ISSYN": "Y", "U_VchId": "77" })).await.expect(204);
    let found = client.get("JournalEntries?$filter=U_VchId eq '77'").await.expect(200).json();
    assert_eq!(found["value"].as_array().map(Vec::len), Some(1));
    client.delete("JournalEntries(1)").await.refused(400, -5006);
}
