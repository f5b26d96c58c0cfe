//! Codes, accounts, settings of a company set, and what is not typed.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use erplink_core::{Effect, ErrorKind};
use kingdee_jdy::vouchers::Side;
use kingdee_jdy::{NewAccount, ProfileKey, RawJson};
use serde_json::{Value, json};
use support::{TOKEN_PATH, answer, json_answer, requests, start};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

const ACCOUNT: &str = "/jdyaccouting/account";

#[tokio::test]
async fn does_what_the_table_says_about_each_code() {
    use ErrorKind::{Api, Forbidden, Invalid, NotFound, Server, Session, Unsupported};
    let new = NewAccount::new("1001", "库存现金", Side::Debit, "流动资产");
    // code, kind of a refused write, whether a query takes it for a success
    for (code, kind, is_success) in [
        (-2, Api, false),
        (200, Api, true),
        (250, Api, true),
        (4010, Session, false),
        (4012, Forbidden, false),
        (40_001, Forbidden, false),
        (40_002, Forbidden, false),
        (40_003, Forbidden, false),
        (40_202, Forbidden, false),
        (42_020, Api, false),
        (42_021, Api, false),
        (42_022, NotFound, false),
        (42_030, Api, false),
        (42_031, Api, false),
        (42_032, NotFound, false),
        (42_033, Forbidden, false),
        (42_034, NotFound, false),
        (42_035, Api, false),
        (46_001, Api, false),
        (46_002, Api, true),
        (46_003, NotFound, false),
        (46_004, Invalid, false),
        (48_001, Server, true),
        (48_002, Unsupported, false),
        (99_999, Api, false),
    ] {
        let (server, client, _) = start().await;
        let text = format!("text of {code}");
        let answered = json!({ "code": code, "msg": text });
        Mock::given(path(ACCOUNT)).respond_with(json_answer(answered)).mount(&server).await;
        let error = client.accounts().create(&new).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let api = error.api_error().unwrap();
        assert_eq!((api.code(), api.message()), (code, text.as_str()));
        assert_eq!(api.advice().is_none(), matches!(code, -2 | 200 | 250 | 99_999), "{code}");
        assert_eq!(api.is_about_db_id(), matches!(code, 40_003 | 42_020..=42_022), "{code}");
        assert_eq!(api.is_about_s_id(), (42_030..=42_035).contains(&code), "{code}");
        let effect = if code == 48_001 { Effect::Unknown } else { Effect::NotExecuted };
        assert_eq!(error.effect(), effect, "{code}");
        let expected = if code == 4010 { 2 } else { 1 };
        assert_eq!(requests(&server, ACCOUNT).await.len(), expected, "{code}: not repeated");
        assert_eq!(client.accounts().list(None).await.is_ok_and(|all| all.is_empty()), is_success);
    }
}

#[tokio::test]
async fn answers_that_are_none_of_the_platform() {
    let page = "<html>502 Bad Gateway</html>";
    let text = |status: u16, body: &str| ResponseTemplate::new(status).set_body_string(body);
    let new = NewAccount::new("1001", "库存现金", Side::Debit, "流动资产");
    for (template, kind, effect, attempts) in [
        (text(502, page), ErrorKind::Server, Effect::Unknown, 1),
        (text(500, r#"{"code":0}"#), ErrorKind::Server, Effect::Unknown, 1),
        (text(500, r#"{"code":46001,"msg":"x"}"#), ErrorKind::Server, Effect::Unknown, 1),
        (text(200, page), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, ""), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, "[]"), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"code":0,"code":1}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"msg":"成功"}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"code":"none"}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(400, page), ErrorKind::Decode, Effect::NotExecuted, 1),
        (text(404, page), ErrorKind::NotFound, Effect::NotExecuted, 1),
        (text(401, page), ErrorKind::Session, Effect::NotExecuted, 1),
        (text(429, ""), ErrorKind::RateLimited, Effect::NotExecuted, 3),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(ACCOUNT)).respond_with(template).mount(&server).await;
        let error = client.accounts().create(&new).await.unwrap_err();
        assert_eq!((error.kind(), error.effect(), error.attempts()), (kind, effect, attempts));
        assert_eq!(error.operation(), Some("POST /jdyaccouting/account"));
        let logins = if kind == ErrorKind::Session { 2 } else { 1 };
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), logins);
    }
}

#[tokio::test]
async fn accounts_are_listed_and_created() {
    let (server, client, _) = start().await;
    let list = json!({ "code": 0, "data": { "items": [{ "number": 1001, "name": "库存现金", "dc": 1 }] } });
    answer(&server, "GET", ACCOUNT, list).await;
    answer(&server, "POST", ACCOUNT, json!({ "code": 0 })).await;
    let all = client.accounts().list(Some(1)).await.unwrap();
    assert_eq!((all[0].number.as_str(), all[0].name.as_deref()), ("1001", Some("库存现金")));
    let new = NewAccount::new("1122.01", "应收账款", Side::Credit, "流动资产")
        .with("useCustomer", RawJson::number(1));
    client.accounts().create(&new).await.unwrap();
    let sent = requests(&server, ACCOUNT).await;
    assert!(sent[0].0.starts_with("classId=1&"), "{}", sent[0].0);
    assert_eq!(
        sent[1].1,
        r#"{"number":"1122.01","name":"应收账款","dc":-1,"groupName":"流动资产","useCustomer":1}"#
    );
}

#[tokio::test]
async fn an_account_without_a_number_is_named() {
    let (server, client, _) = start().await;
    for (list, expected) in [
        (json!({ "code": 0, "items": [{ "name": "x" }] }), "without `number`"),
        (json!({ "code": 0, "items": {} }), "`items`: expected an array of objects"),
    ] {
        server.reset().await;
        support::give_token(&server).await;
        answer(&server, "GET", ACCOUNT, list).await;
        let error = client.accounts().list(None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn settings_and_balances_are_read() {
    let (server, client, _) = start().await;
    let period = json!({ "code": 0, "value": "202603" });
    answer(&server, "GET", "/jdyaccouting/profile", period).await;
    let balances = json!({ "code": 0, "items": [{ "number": "1001", "endBalance": "100.10" }] });
    answer(&server, "GET", "/jdyaccouting/balance/query", balances).await;
    let period = client.profile(ProfileKey::CurrentPeriod).await.unwrap();
    assert_eq!(period.text("value").unwrap().as_deref(), Some("202603"));
    let balances = client.balance(1, "RMB").await.unwrap();
    assert_eq!(balances[0].decimal("endBalance").unwrap().unwrap().to_string(), "100.10");
    let sent = requests(&server, "/jdyaccouting/profile").await;
    assert!(sent[0].0.starts_with("key=cur_period&"), "{}", sent[0].0);
    let sent = requests(&server, "/jdyaccouting/balance/query").await;
    assert!(sent[0].0.starts_with("classId=1&currency=RMB&"), "{}", sent[0].0);
}

#[tokio::test]
async fn what_is_not_typed_goes_the_same_way() {
    let (server, client, _) = start().await;
    answer(&server, "GET", "/jdyaccouting/report", json!({ "code": 0, "profit": 1 })).await;
    answer(&server, "POST", "/jdyaccouting/x", json!({ "code": 250, "rows": [] })).await;
    let raw = client.raw().get("/jdyaccouting/report").query("reportType", "2").await.unwrap();
    assert_eq!(raw.json::<Value>().unwrap()["profit"], 1);
    let wrong = raw.json::<Vec<u8>>().unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Decode);
    let query = client.raw().post("/jdyaccouting/x").json(&json!({ "a": 1 }));
    assert!(format!("{query:?}").contains("POST /jdyaccouting/x"));
    query.is_query().await.unwrap();
    let error = client.raw().post("/jdyaccouting/x").json(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api, "250 is a success of queries only");
    let error = client.raw().get("x.example.com/").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
