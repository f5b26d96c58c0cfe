//! Stored SQL queries: kept on the server, run, read page by page.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use b1_servicelayer::{ComplexType, Cursor, Ensured, ErrorKind, RawJson, codes};
use chrono::NaiveDate;
use erplink_core::Decimal;
use serde::Deserialize;
use serde_json::{Value, json as value};
use support::{Erp, error, header, json, no_content};
use wiremock::ResponseTemplate;

#[derive(Debug, Default, PartialEq, ComplexType)]
struct Row {
    doc_entry: Option<i32>,
    doc_total: Option<Decimal>,
    doc_date: Option<NaiveDate>,
    comments: Option<String>,
}

fn body(request: &wiremock::Request) -> Value {
    serde_json::from_slice(&request.body).unwrap_or(Value::Null)
}

#[tokio::test]
async fn rows_of_all_pages_come_typed_and_exact() {
    let erp = Erp::start().await;
    erp.answer(json(
        200,
        r#"{"odata.metadata":"m#SAPB1.SQLQueryResult","SqlText":"select …",
            "value":[{"DocEntry":1,"DocTotal":2000.10,"DocDate":"20201007","Comments":""}],
            "odata.nextLink":"SQLQueries('sql01')/List?docTotal=10.1&$skip=1"}"#,
    ))
    .await
    .answer(json(
        200,
        r#"{"value":[{"DocEntry":"2","DocTotal":0.1000000000000000055,"DocDate":null}],
            "@odata.nextLink":"/b1s/v1/SQLQueries('sql01')/List?&$skip=2"}"#,
    ))
    .await
    .answer(json(200, r#"{"value":[]}"#))
    .await;
    let list = erp.client.sql_queries().key("sql01").list();
    let list = list.parameter("docTotal", "10.1".parse::<Decimal>().unwrap()).page_size(1);
    let rows: Vec<Row> = list.parameter("code", "O'Neil & Co;").rows().try_collect().await.unwrap();
    assert_eq!(
        rows,
        [
            Row {
                doc_entry: Some(1),
                doc_total: Some("2000.10".parse().unwrap()),
                doc_date: NaiveDate::from_ymd_opt(2020, 10, 7),
                comments: Some(String::new()),
            },
            Row {
                doc_entry: Some(2),
                doc_total: Some("0.1000000000000000055".parse().unwrap()),
                ..Row::default()
            },
        ]
    );
    assert_eq!(
        erp.lines().await,
        [
            "POST SQLQueries('sql01')/List",
            "POST SQLQueries('sql01')/List?$skip=1",
            "POST SQLQueries('sql01')/List?$skip=2",
        ]
    );
    for call in erp.calls().await {
        assert_eq!(header(&call, "prefer"), "odata.maxpagesize=1");
        assert_eq!(header(&call, "content-type"), "application/json");
        let expected = value!({"ParamList": "docTotal=10.1&code='O''Neil & Co;'"});
        assert_eq!(body(&call), expected);
    }
}

#[tokio::test]
async fn parameters_can_stand_in_the_address() {
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"value":[{"a":1}],"odata.nextLink":"x?$skip=1"}"#)).await;
    erp.answer(json(200, r#"{"value":[]}"#)).await;
    let date = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap();
    let list = erp.client.sql_queries().key("a/b").list().in_address();
    let list = list.parameter("day", date).parameter("code", "A&B'物");
    let rows: Vec<RawJson> = list.rows().try_collect().await.unwrap();
    assert_eq!(rows[0].as_str(), r#"{"a":1}"#);
    assert_eq!(
        erp.lines().await,
        [
            "GET SQLQueries('a%2Fb')/List?day=%2720231020%27&code=%27A%26B%27%27%E7%89%A9%27",
            "GET SQLQueries('a%2Fb')/List?day=%2720231020%27&code=%27A%26B%27%27%E7%89%A9%27&$skip=1",
        ]
    );
}

#[tokio::test]
async fn rows_are_any_type_of_serde_and_walks_are_resumed() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Plain {
        n: u64,
    }
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"value":[{"n":1},{"n":2}],"odata.nextLink":"x?$skip=2"}"#)).await;
    erp.answer(json(200, r#"{"value":[{"n":3}]}"#)).await;
    let list = erp.client.sql_queries().key("q").list();
    let first = list.clone().pages_as::<Plain>().next().await.unwrap().unwrap();
    assert_eq!(first.items, [Plain { n: 1 }, Plain { n: 2 }]);
    let stored = serde_json::to_string(&first.next.unwrap()).unwrap();
    let cursor: Cursor = serde_json::from_str(&stored).unwrap();
    let rest: Vec<Plain> = list.resume(cursor).rows_as().try_collect().await.unwrap();
    assert_eq!(rest, [Plain { n: 3 }]);
    let (line, body, request) = erp.last().await;
    assert_eq!((line.as_str(), body), ("POST SQLQueries('q')/List?$skip=2", Value::Null));
    assert_eq!(header(&request, "content-type"), "");
}

#[tokio::test]
async fn not_found_is_empty_if_the_query_is_there() {
    for status in [404, 400] {
        let erp = Erp::start().await;
        erp.answer(error(status, -2028)).await.answer(json(200, r#"{"SqlCode":"q"}"#)).await;
        let list = || erp.client.sql_queries().key("q").list();
        assert_eq!(list().rows::<RawJson>().try_collect().await.unwrap(), []);
        assert_eq!(
            erp.lines().await,
            ["POST SQLQueries('q')/List", "GET SQLQueries('q')?$select=SqlCode"]
        );
        erp.answer(error(status, -2028)).await.answer(error(404, -2028)).await;
        let failed = list().rows::<RawJson>().next().await.unwrap().unwrap_err();
        assert!(failed.is_not_found(), "{failed}");
        assert!(failed.to_string().starts_with("POST SQLQueries('q')/List"), "{failed}");
    }
}

#[tokio::test]
async fn not_found_behind_the_first_page_is_the_end() {
    let erp = Erp::start().await;
    erp.answer(json(200, r#"{"value":[1],"odata.nextLink":"x?$skip=1"}"#)).await;
    erp.answer(error(404, -2028)).await;
    let rows = erp.client.sql_queries().key("q").list().rows::<RawJson>();
    assert_eq!(rows.try_collect().await.unwrap().len(), 1);
    assert_eq!(erp.calls().await.len(), 2);
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_code() {
    for (status, code, kind) in [
        (400, codes::SQL_INVALID, ErrorKind::Api),
        (400, codes::SQL_TABLE, ErrorKind::Api),
        (400, codes::SQL_COLUMN, ErrorKind::Api),
        (400, codes::SQL_PARAMETER, ErrorKind::Api),
        (403, codes::NOT_PERMITTED, ErrorKind::Forbidden),
    ] {
        let erp = Erp::start().await;
        erp.answer(error(status, code)).await;
        let mut rows = erp.client.sql_queries().key("q").list().rows::<RawJson>();
        let failed = rows.next().await.unwrap().unwrap_err();
        assert_eq!(failed.kind(), kind, "{failed}");
        assert_eq!(failed.api_error().unwrap().number(), Some(code));
        assert!(!failed.is_retryable() && !failed.may_have_taken_effect(), "{failed}");
        assert!(rows.next().await.is_none());
    }
}

#[tokio::test]
async fn odd_answers_are_errors_and_never_loops() {
    for (answer, part) in [
        (r#"{"value":[{"DocEntry":{}}]}"#, "value[0].DocEntry"),
        (r#"{"rows":[]}"#, "missing field `value`"),
        ("<html>", "expected value"),
        (r#"{"value":[],"odata.nextLink":"x"}"#, "does not lead further"),
        (r#"{"value":[],"odata.nextLink":"x?$skip=0"}"#, "does not lead further"),
    ] {
        let erp = Erp::start().await;
        erp.answer(json(200, answer)).await;
        let mut rows = erp.client.sql_queries().key("q").list().rows::<Row>();
        let failed = rows.next().await.unwrap().unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Decode);
        assert!(failed.to_string().contains(part), "{failed}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_before() {
    let erp = Erp::start().await;
    let list = || erp.client.sql_queries().key("q").list();
    for (list, part) in [
        (list().parameter("a b", 1), "`a b`"),
        (list().parameter("$skip", 1).in_address(), "`$skip`"),
        (list().parameter("a", "\0"), "parameter a"),
        (list().page_size(0), "page_size"),
    ] {
        let failed = list.rows::<RawJson>().next().await.unwrap().unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Invalid);
        assert!(failed.to_string().contains(part), "{failed}");
    }
    for (code, text) in [("", "select 1 as n from ORDR"), ("q", " ")] {
        let failed = erp.client.sql_queries().ensure(code, text).await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Invalid);
    }
    assert!(erp.received().await.is_empty());
}

#[tokio::test]
async fn running_a_query_is_repeated_when_its_answer_is_lost() {
    let erp = Erp::start().await;
    erp.answer(ResponseTemplate::new(502)).await.answer(json(200, r#"{"value":[1]}"#)).await;
    let rows = erp.client.sql_queries().key("q").list().rows::<RawJson>();
    assert_eq!(rows.try_collect().await.unwrap().len(), 1);
}

const TEXT: &str = "select DocEntry, DocTotal as total from ORDR where DocTotal > :docTotal";
const READ: &str = "GET SQLQueries('q')?$select=SqlCode,SqlName,SqlText";

fn stored(name: &str, text: &str) -> ResponseTemplate {
    let body =
        value!({"odata.etag": "W/\"4448\"", "SqlCode": "q", "SqlName": name, "SqlText": text});
    json(200, &body.to_string())
}

fn created() -> ResponseTemplate {
    no_content().append_header("location", "https://h/b1s/v1/SQLQueries('q')")
}

#[tokio::test]
async fn a_missing_query_is_created() {
    let erp = Erp::start().await;
    erp.answer(error(404, -2028)).await.answer(created()).await;
    let ensured = erp.client.sql_queries().ensure("q", TEXT).await.unwrap();
    assert_eq!(ensured, Ensured::Created);
    let (line, body, _) = erp.last().await;
    assert_eq!(line, "POST SQLQueries");
    assert_eq!(body, value!({"SqlCode": "q", "SqlName": "q", "SqlText": TEXT}));
    assert_eq!(erp.lines().await[0], READ);
}

#[tokio::test]
async fn the_servers_own_spelling_is_no_change() {
    for text in [
        TEXT,
        "select [DocEntry], [DocTotal] as [total] from [ORDR] where [DocTotal] > :docTotal",
        "SELECT \"DocEntry\",\"DocTotal\" AS \"total\" FROM \"ORDR\"\nWHERE \"DocTotal\">:docTotal",
    ] {
        let erp = Erp::start().await;
        erp.answer(stored("Any name", text)).await;
        let ensured = erp.client.sql_queries().ensure("q", TEXT).await.unwrap();
        assert_eq!(ensured, Ensured::Unchanged, "{text}");
        assert_eq!(erp.lines().await, [READ]);
    }
}

#[tokio::test]
async fn another_text_or_name_is_changed() {
    for (name, text, wanted) in [
        (None, "select DocEntry from ORDR", value!({"SqlText": TEXT})),
        (Some("New"), TEXT, value!({"SqlName": "New", "SqlText": TEXT})),
    ] {
        let erp = Erp::start().await;
        erp.answer(stored("Old", text)).await.answer(no_content()).await;
        let mut ensure = erp.client.sql_queries().ensure("q", TEXT);
        if let Some(name) = name {
            ensure = ensure.name(name);
        }
        assert_eq!(ensure.await.unwrap(), Ensured::Updated);
        let (line, body, _) = erp.last().await;
        assert_eq!((line.as_str(), body), ("PATCH SQLQueries('q')", wanted));
    }
}

#[tokio::test]
async fn a_lost_or_doubled_creation_is_looked_up() {
    for (answer, found, expected, calls) in [
        (ResponseTemplate::new(500), stored("q", TEXT), Ensured::Created, 3),
        (error(400, -2035), stored("q", TEXT), Ensured::Unchanged, 3),
        (error(400, -10), stored("q", "select 1 as n from ORDR"), Ensured::Updated, 4),
    ] {
        let erp = Erp::start().await;
        erp.answer(error(404, -2028)).await.answer(answer).await;
        erp.answer(found).await.answer(no_content()).await;
        let ensured = erp.client.sql_queries().ensure("q", TEXT).await.unwrap();
        assert_eq!((ensured, erp.calls().await.len()), (expected, calls));
    }
    let erp = Erp::start().await;
    erp.answer(error(404, -2028)).await.answer(error(400, codes::SQL_TABLE)).await;
    let failed = erp.client.sql_queries().ensure("q", TEXT).await.unwrap_err();
    assert_eq!(failed.api_error().unwrap().number(), Some(codes::SQL_TABLE));
    erp.answer(error(404, -2028)).await.answer(ResponseTemplate::new(500)).await;
    erp.answer(error(404, -2028)).await;
    let failed = erp.client.sql_queries().ensure("q", TEXT).await.unwrap_err();
    assert!(failed.may_have_taken_effect(), "{failed}");
}
