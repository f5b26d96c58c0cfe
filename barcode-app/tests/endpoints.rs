//! The other endpoints, who may call them, and hostile bodies.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use barcode_app::{
    Barcode, Company, Config, ConfigError, Endpoint, ErpError, Members, Settings, Sql,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{BACKFLUSH, CODE, Fake, Table, barcode, call, company, headers, settings};

fn with_sql(sql: Table, toml: &str) -> Barcode {
    barcode(company(&Arc::default(), Some(&Arc::new(sql)), settings(toml)))
}

#[tokio::test]
async fn a_query_answers_rows_with_every_digit() {
    let barcode = with_sql(
        Table::default().answer("oBTN", r#"[{"ItemCode":"XN0004","QTY":0.1000000000000000055}]"#),
        "",
    );
    let body = br#"{"sql":"\nselect \"ItemCode\" from oBTN"}"#;
    let reply = barcode.handle("demo", Endpoint::Query, &headers(CODE), body).await;
    assert_eq!(
        reply.body,
        r#"{"code":"200","data":[{"ItemCode":"XN0004","QTY":0.1000000000000000055}],"message":"OK"}"#
    );
}

#[tokio::test]
async fn a_query_that_fails_says_why_and_has_no_rows() {
    for (body, expected) in [
        (r#"{"sql":"select 1 from nowhere"}"#, "259 no such table"),
        (r#"{"sql":"drop table OITM"}"#, "only SQL that reads"),
        (r#"{"sql":"  "}"#, "`sql` is missing"),
        (r#"{"sql":7}"#, "expected SELECT"),
        (r#"{"sql":{}}"#, "`sql`: expected text"),
        ("{}", "`sql` is missing"),
        ("[]", "not an object"),
        ("", "not JSON"),
        (r#"{"sql":"a","sql":"b"}"#, "`sql` appears twice"),
    ] {
        let error = ErpError::new("no such table").code(259);
        let barcode = with_sql(Table::default().fail("nowhere", error), "");
        let answer = call(&barcode, Endpoint::Query, body).await;
        assert_eq!((&answer["code"], &answer["data"]), (&json!("500"), &json!([])), "{body}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(expected), "{body}: {message}");
    }
}

#[tokio::test]
async fn the_guard_can_be_switched_off_and_rows_are_limited() {
    let barcode = with_sql(Table::default().answer("drop", "[]"), "query.read_only = false");
    let answer = call(&barcode, Endpoint::Query, r#"{"sql":"drop table X -- yes"}"#).await;
    assert_eq!(answer["code"], "200");

    let barcode = with_sql(Table::default().answer("t", "[{},{},{}]"), "query.max_rows = 2");
    let answer = call(&barcode, Endpoint::Query, r#"{"sql":"select 1 from t"}"#).await;
    assert_eq!(answer["message"], "the query has more than 2 rows: narrow it down");
}

struct Endless;

#[async_trait]
impl Sql for Endless {
    async fn query(&self, _: &str, _: usize) -> Result<Vec<Members>, ErpError> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_query_ends() {
    let slow = Company::new("DB", Arc::new(Fake::default())).sql(Arc::new(Endless));
    let start = tokio::time::Instant::now();
    let answer = call(&barcode(slow), Endpoint::Query, r#"{"sql":"select 1 from t"}"#).await;
    assert_eq!(answer["message"], "the query took longer than 30 seconds");
    assert_eq!(start.elapsed(), Duration::from_secs(30));
}

#[tokio::test]
async fn lists_methods_and_companies() {
    let erp = Arc::new(Fake::default());
    let silent = barcode(company(&erp, None, settings("")));
    let answer = call(&silent, Endpoint::Methods, "").await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 11);
    assert_eq!(
        answer["data"][5],
        json!({"method": "InventoryGenEntry", "name": "生产收货", "operations": ["A"]})
    );

    let answer = call(&silent, Endpoint::Companies, "").await;
    assert_eq!(answer["data"], json!([{"CompanyDB": "SBODEMOCN", "CompanyName": "SBODEMOCN"}]));
    let asking = with_sql(Table::default().answer("OADM", r#"[{"CompnyName":"示例公司"}]"#), "");
    let answer = call(&asking, Endpoint::Companies, "").await;
    assert_eq!(answer["data"], json!([{"CompanyDB": "SBODEMOCN", "CompanyName": "示例公司"}]));
    let named = barcode(company(&erp, None, settings("")).name("Demo"));
    assert_eq!(call(&named, Endpoint::Companies, "").await["data"][0]["CompanyName"], "Demo");
    let failing = with_sql(Table::default(), "");
    assert_eq!(call(&failing, Endpoint::Companies, "").await["code"], "500");
}

#[tokio::test]
async fn a_company_without_sql_is_complete() {
    let barcode = barcode(company(&Arc::default(), None, settings("")));
    for endpoint in [Endpoint::Query, Endpoint::PrintQuery] {
        let answer = call(&barcode, endpoint, r#"{"sql":"select 1 from t"}"#).await;
        assert!(answer["message"].as_str().unwrap().contains("is not enabled"), "{answer}");
    }
}

#[tokio::test]
async fn companies_share_nothing() {
    let (one, two) = (Arc::new(Fake::default()), Arc::new(Fake::default()));
    let print = Arc::new(Table::default().answer("t", r#"[{"A":1}]"#));
    let barcode = barcode(company(&one, None, settings("")))
        .company("second", company(&two, None, settings("")).print_sql(print));
    let body = br#"{"method":"Returns","data":[{"Quantity":"1"}]}"#;
    barcode.handle("second", Endpoint::Save, &headers(CODE), body).await;
    assert_eq!((one.creates(), two.creates()), (0, 1));
    let sql = br#"{"sql":"select 1 from t"}"#;
    let reply = barcode.handle("second", Endpoint::PrintQuery, &headers(CODE), sql).await;
    assert_eq!(reply.body, r#"{"code":"200","data":[{"A":1}],"message":"OK"}"#);
    let reply = barcode.handle("third", Endpoint::Save, &headers(CODE), body).await;
    assert_eq!(reply.status, 404);
    assert!(reply.body.contains("no company `third`"), "{}", reply.body);
}

#[tokio::test]
async fn strangers_and_giants_are_refused() {
    let erp = Arc::new(Fake::default());
    let barcode = barcode(company(&erp, None, settings("")));
    for company in ["demo", "nowhere"] {
        let reply = barcode.handle(company, Endpoint::Save, &headers("guess"), b"{").await;
        assert_eq!(reply.status, 401);
        assert_eq!(reply.body, r#"{"code":401,"message":"unauthorized"}"#);
    }
    assert!(!format!("{barcode:?}").contains(CODE));

    let config: Config = toml::from_str(&format!(
        "app_codes = ['{CODE}']\nbody_limit = 4\nanswer.failure = {{ ok = false, why = 'no: {{msg}}' }}"
    ))
    .unwrap();
    let small =
        Barcode::from_config(config).unwrap().company("demo", company(&erp, None, settings("")));
    let reply = small.handle("demo", Endpoint::Save, &headers(CODE), b"12345").await;
    assert_eq!(reply.status, 413);
    assert_eq!(reply.body, r#"{"ok":false,"why":"no: the body is larger than 4 bytes"}"#);
    let both: Config = toml::from_str("app_codes = ['a']\nallow_anonymous = true").unwrap();
    assert_eq!(Barcode::from_config(both).unwrap_err(), ConfigError::Anonymous);
}

proptest! {
    /// Whatever comes, there is an answer, and it is JSON with a code.
    #[test]
    fn hostile_bodies_get_an_answer(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}:,\"a-zA-Z0-9 ]{0,200}".prop_map(String::into_bytes),
            (0..BACKFLUSH.len(), any::<u8>()).prop_map(|(at, byte)| {
                let mut body = BACKFLUSH.as_bytes().to_vec();
                body[at] = byte;
                body
            }),
            (0..BACKFLUSH.len()).prop_map(|at| BACKFLUSH.as_bytes()[..at].to_vec()),
            (0_usize..5000).prop_map(|deep| {
                format!(r#"{{"method":"Returns","data":{}1{}}}"#, "[{\"a\":".repeat(deep), "}]".repeat(deep))
                    .into_bytes()
            }),
        ],
    ) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        for endpoint in Endpoint::ALL {
            let barcode = with_sql(
                Table::default().answer("OWOR", "[]").answer("TMDK", "[]"),
                "query.procedures = ['TMDK']",
            );
            let reply = runtime.block_on(barcode.handle("demo", endpoint, &headers(CODE), &body));
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            prop_assert!(answer["code"] == "200" || !answer["message"].as_str().unwrap().is_empty());
        }
    }

    /// No text that begins or goes on with something else than reading passes the guard.
    #[test]
    fn sql_that_changes_something_never_passes(
        head in "(select|with|call P)[ a-z0-9,.()'\"\\[\\];/*-]{0,40}",
        word in "(insert|update|delete|drop|alter|truncate|exec|merge)",
        tail in "[ a-z0-9,.()'\"\\[\\];/*-]{0,40}",
    ) {
        let sql = format!("{head} {word} {tail}");
        if let Ok(passed) = barcode_app::read_only(&sql, &[]) {
            // Then the word stands in quotes or brackets, for any reader.
            let before = &passed[..passed.find(&word).unwrap_or_default()];
            let open = |quote: char| before.matches(quote).count() % 2 == 1;
            prop_assert!(open('\'') || open('"') || before.contains('['), "{passed}");
        }
    }
}

#[test]
fn settings_have_the_documented_defaults() {
    let settings: Settings = settings("");
    assert_eq!(settings, Settings::default());
    assert!(settings.query.read_only && settings.query.max_rows == 10_000);
    assert!(!settings.compensate_issue && settings.mark_field.is_none());
    assert!(toml::from_str::<Settings>("mark_feild = 'x'").is_err());
}
