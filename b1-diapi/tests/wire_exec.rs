//! `exec-sql` as it is sent, and every answer to it.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use b1_diapi::{Decimal, Effect, ErrorKind, Guard, Idempotency, Rows, Sql};
use serde::Deserialize;
use serde_json::json;
use support::{EXEC, LOGIN, answer, answer_once, body, builder, refusal, requests, rows, start};
use wiremock::ResponseTemplate;

const SELECT: &str = "SELECT 1 FROM DUMMY";

/// The row that the guide prints.
const SAMPLE: &str = r#"[{"ItemCode":"XN0004","ItemName":"XN0004","CstGrpCode":-1,"FrgnName":"","BuyUnitMsr":"","CardCode":"","UPDATEDATE":"2023-10-20","CREATEDATE":"2023-10-20","InvntryUom":"","U_SFJY":"","U_CX":"","U_CC":""}]"#;

#[tokio::test]
async fn a_statement_goes_out_with_its_values_and_comes_back_as_rows() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Item {
        item_code: String,
        #[serde(with = "b1_diapi::decimal")]
        cst_grp_code: Decimal,
        #[serde(with = "b1_diapi::date")]
        update_date: chrono::NaiveDate,
    }
    let (server, client, _) = start().await;
    answer(&server, rows(SAMPLE)).await;
    let sql = Sql::new("SELECT *\nFROM OITM WHERE \"ItemCode\" = :code").bind("code", "X'; --");
    let items: Vec<Item> = client.exec_sql(sql).rows().await.unwrap();
    assert_eq!(items[0].item_code, "XN0004");
    assert_eq!(items[0].cst_grp_code, Decimal::NEGATIVE_ONE);
    assert_eq!(items[0].update_date.to_string(), "2023-10-20");
    let sent = requests(&server, EXEC).await;
    let expected = json!({ "Sql": "SELECT *\nFROM OITM WHERE \"ItemCode\" = 'X''; --'" });
    assert_eq!(body(&sent[0]), expected);
}

#[tokio::test]
async fn digits_of_rows_are_kept() {
    let (server, client, _) = start().await;
    answer(&server, rows(r#"[{"Q":12345678901234567890.0000000001,"D":9007199254740993}]"#)).await;
    let all: Rows = client.exec_sql(SELECT).await.unwrap();
    let row = all.iter().next().unwrap();
    assert_eq!(row.get("q").unwrap().as_str(), "12345678901234567890.0000000001");
    assert_eq!(row.get("D").unwrap().as_str(), "9007199254740993");
}

#[tokio::test]
async fn what_the_guard_refuses_is_never_sent() {
    let (server, client, _) = start().await;
    for sql in [
        Sql::from("DELETE FROM OITM"),
        Sql::from("SELECT 1 FROM DUMMY; SELECT 2 FROM DUMMY"),
        Sql::from("CALL P()"),
        Sql::from("SELECT :a FROM DUMMY"),
        Sql::new(SELECT).bind("a", 1),
    ] {
        let error = client.exec_sql(sql).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Invalid, Effect::NotSent));
    }
    assert!(server.received_requests().await.unwrap().is_empty(), "not even a login");
}

#[tokio::test]
async fn refusals_keep_the_services_own_words() {
    let (server, client, _) = start().await;
    answer(&server, refusal("RIS.20000001", "表不存在: OITX")).await;
    let error = client.exec_sql(SELECT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    let api = error.api_error().unwrap();
    assert_eq!((api.code(), api.message()), ("RIS.20000001", "表不存在: OITX"));
    assert!(error.to_string().starts_with("POST exec-sql: "), "{error}");
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn reads_are_repeated_and_calls_of_procedures_are_not() {
    let guard = Guard::read_only().allow_procedure("P");
    for (sql, expected, doubt) in [(SELECT, 3, false), ("CALL P(1)", 1, true)] {
        let (server, _, _) = start().await;
        answer(&server, ResponseTemplate::new(502).set_body_string("<html>")).await;
        let (builder, _) = builder(&server);
        let client = builder.guard(guard.clone()).build().unwrap();
        let error = client.exec_sql(sql).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server);
        assert_eq!(error.may_have_taken_effect(), doubt, "{sql}");
        assert_eq!(requests(&server, EXEC).await.len(), expected, "{sql}");
    }
}

#[tokio::test]
async fn a_refused_procedure_may_have_done_something() {
    let (server, client, _) = start().await;
    answer(&server, refusal("RIS.1", "存储过程执行失败")).await;
    let guard = Guard::read_only().allow_procedure("P");
    let error = client.exec_sql("CALL P(1)").guard(guard).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.may_have_taken_effect() && !error.is_retryable());
}

#[tokio::test]
async fn rows_that_do_not_fit_name_row_and_column() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct One {
        #[serde(rename = "DocEntry")]
        entry: i64,
    }
    let (server, client, _) = start().await;
    answer(&server, rows(r#"[{"DOCENTRY":1},{"DOCENTRY":"x"}]"#)).await;
    let error = client.exec_sql(SELECT).rows::<One>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("row 2: column DOCENTRY: "), "{error}");
}

#[tokio::test]
async fn answers_of_another_shape_are_errors() {
    for template in [
        ResponseTemplate::new(200),
        support::json("[]"),
        support::json(r#"{"code":"RIS.10000000","data":{"rows":[]}}"#),
        ResponseTemplate::new(200).set_body_string("<html>login</html>"),
        ResponseTemplate::new(404).set_body_string("<html>"),
    ] {
        let (server, client, _) = start().await;
        answer(&server, template).await;
        let error = client.exec_sql(SELECT).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }
}

#[tokio::test]
async fn a_throttled_call_waits_as_long_as_it_was_told() {
    let (server, client, clock) = start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "7");
    answer_once(&server, EXEC, busy).await;
    answer(&server, rows("[]")).await;
    assert!(client.exec_sql(SELECT).await.unwrap().is_empty());
    assert_eq!(clock.slept(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn raw_calls_take_the_same_way() {
    let (server, client, _) = start().await;
    answer(&server, rows(r#"[{"A":1}]"#)).await;
    let call = client.raw().post("/exec-sql").json(&json!({ "Sql": "DELETE" }));
    let data = call.idempotency(Idempotency::Safe).await.unwrap();
    assert_eq!(data.as_str(), r#"{"value":[{"A":1}]}"#);
    assert_eq!(requests(&server, LOGIN).await.len(), 1);
    assert_eq!(body(&requests(&server, EXEC).await[0]), json!({ "Sql": "DELETE" }));
}
