//! Tokens, calls, errors and repetition, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::clock::Clock as _;
use piaozone::expense::ExpenseStatus;
use piaozone::imaging::FileType;
use piaozone::invoices::Gateway;
use piaozone::{Client, Config, EncType, ErrorKind, TimestampUnit};
use serde_json::{Value, json};
use support::{
    CHECK, ID, KEY, LOGIN, PICTURE, SECRET, TOKEN, answer, answer_once, builder, give_token, query,
    refusal, requests, start, success, token_answer,
};
use wiremock::{MockServer, ResponseTemplate};

const CREATE: &str = "/m5/bill/invoice/create";

async fn check(client: &Client) -> piaozone::Result<piaozone::Answer> {
    client.invoices().check(Gateway::M3, &json!({ "invoiceNo": "12345678" })).await
}

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<piaozone::Error>();
    assert!(size_of::<piaozone::Result<()>>() <= 16);
    Client::builder(ID, SECRET).encrypt_key(KEY).build().unwrap();
    for (builder, expected) in [
        (Client::builder(" ", SECRET), "client_id"),
        (Client::builder(ID, ""), "client_secret"),
        (Client::builder(ID, SECRET).encrypt_key("short"), "found 5 characters"),
        (Client::builder(ID, SECRET).base_url("nowhere"), "base_url"),
        (Client::builder(ID, SECRET).base_url("ftp://h"), "base_url"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

/// The vectors of the three signatures with their timestamp, under another client.
#[tokio::test]
async fn the_request_for_a_token_is_signed_in_three_ways() {
    for (enc_type, digits) in [(EncType::Md5, 32), (EncType::Sha256, 64), (EncType::HmacSha256, 64)]
    {
        for unit in [TimestampUnit::Milliseconds, TimestampUnit::Seconds] {
            let server = MockServer::start().await;
            give_token(&server).await;
            let (builder, clock) = builder(&server);
            let client = builder.enc_type(enc_type).timestamp_unit(unit).build().unwrap();
            client.log_in().await.unwrap();
            let body: Value = requests(&server, LOGIN).await[0].body_json().unwrap();
            let now = match unit {
                TimestampUnit::Milliseconds => clock.utc().timestamp_millis(),
                _ => clock.utc().timestamp(),
            };
            assert_eq!(body["client_id"], ID);
            assert_eq!(body["timestamp"], now.to_string());
            assert_eq!(body["encType"], enc_type.number());
            assert_eq!(body["sign"].as_str().unwrap().len(), digits);
            assert!(!body.to_string().contains(SECRET));
        }
    }
}

#[tokio::test]
async fn elements_go_out_encrypted_with_token_and_reqid() {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, CHECK, success(json!({ "invoiceNo": "12345678" }))).await;
    let key = "0123456789abcdef";
    let client = builder(&server).0.encrypt_key(key).build().unwrap();
    let found: Value = check(&client).await.unwrap().json().unwrap();
    assert_eq!(found["invoiceNo"], "12345678");
    check(&client).await.unwrap();
    let sent = requests(&server, CHECK).await;
    assert_eq!(sent[0].body, b"JxrXAycF4N/sisTzEQrZkJX3bDVpdfGc9zJVmgaCoqg=");
    assert_eq!(sent[0].headers["content-type"], "application/json");
    assert_eq!(query(&sent[0], "access_token"), TOKEN);
    let [first, second] = [query(&sent[0], "reqid"), query(&sent[1], "reqid")];
    assert!(first.len() == 32 && first != second, "{first} {second}");
    assert_eq!(requests(&server, LOGIN).await.len(), 1, "one token for both");
    assert_eq!(
        client.decrypt("JxrXAycF4N/sisTzEQrZkJX3bDVpdfGc9zJVmgaCoqg=").unwrap(),
        r#"{"invoiceNo":"12345678"}"#
    );
}

#[tokio::test]
async fn every_call_takes_its_path() {
    let (server, client) = start().await;
    answer(&server, "/m13/bill/invoice/sys/check", success(json!({}))).await;
    let elements = json!({ "invoiceNo": "1" });
    client.invoices().check(Gateway::M13, &elements).await.unwrap();
    let picture = STANDARD.encode(PICTURE);
    for at in
        ["img/Check/info", "img/analyze/multiple/info", "img/analyze/multiple/check", "pdf/check"]
    {
        let path = format!("/m3/bill/invoice/{at}");
        answer(&server, &path, success(json!([{ "a": 1.10 }, { "errcode": "2" }]))).await;
        let imaging = client.imaging();
        let found = match at {
            "img/Check/info" => imaging.check(PICTURE, FileType::Pdf).await,
            "img/analyze/multiple/info" => imaging.recognize_all(PICTURE).await,
            "img/analyze/multiple/check" => imaging.check_all(PICTURE).await,
            _ => imaging.check_pdf(PICTURE).await,
        };
        assert_eq!(found.unwrap().items().len(), 2, "{at}");
        let sent = &requests(&server, &path).await[0];
        assert_eq!(sent.body, picture.as_bytes());
        assert_eq!(sent.headers["content-type"], "text/plain");
        assert_eq!(query(sent, "type"), if at == "img/Check/info" { "pdf" } else { "" });
    }
    let expense = client.expense();
    for path in [
        "/expense/entry/cache",
        "/expense/entry/save",
        "/expense/entry/delete",
        "/expense/invoice/status/update",
        "/m4/fpzs/getUserKey",
        "/m4/fpzs/getLinkKey",
        "/bxdInvoices",
    ] {
        answer(&server, path, success(Value::Null)).await;
        let body = json!({ "expenseStatus": ExpenseStatus::Booked });
        let answer = match path {
            "/expense/entry/cache" => expense.cache(&body).await,
            "/expense/entry/save" => expense.save(&body).await,
            "/expense/entry/delete" => expense.delete(&body).await,
            "/expense/invoice/status/update" => expense.set_status(&body).await,
            "/m4/fpzs/getUserKey" => expense.user_key(&body).await,
            "/m4/fpzs/getLinkKey" => expense.link_key(&body).await,
            _ => expense.invoices([("expenseId", "B 1")]).await,
        };
        assert!(answer.unwrap().items().is_empty());
        let sent = &requests(&server, path).await[0];
        if path == "/bxdInvoices" {
            assert_eq!((sent.method.as_str(), query(sent, "expenseId")), ("GET", "B 1".to_owned()));
        } else {
            assert_eq!(sent.body_json::<Value>().unwrap(), json!({ "expenseStatus": 65 }));
        }
    }
}

#[tokio::test]
async fn tokens_are_renewed_before_they_end() {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, CHECK, success(json!({}))).await;
    let (builder, clock) = builder(&server);
    let client = builder.build().unwrap();
    for (wait, fetched) in [(0, 1), (6899, 1), (2, 2)] {
        clock.advance(Duration::from_secs(wait));
        check(&client).await.unwrap();
        assert_eq!(requests(&server, LOGIN).await.len(), fetched, "after {wait}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    for refused in [refusal("1300", "token过期"), ResponseTemplate::new(401)] {
        let (server, client) = start().await;
        answer_once(&server, LOGIN, token_answer("old")).await;
        answer_once(&server, CREATE, refused.clone()).await;
        answer(&server, CREATE, success(json!({}))).await;
        client.invoices().create(&json!({})).await.unwrap();
        let sent = requests(&server, CREATE).await;
        assert_eq!(query(&sent[0], "access_token"), "old");
        assert_eq!(query(&sent[1], "access_token"), TOKEN);

        let (server, client) = start().await;
        answer(&server, CREATE, refused).await;
        let error = client.invoices().create(&json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Session);
        assert!(!error.may_have_taken_effect());
        assert_eq!(requests(&server, CREATE).await.len(), 2);
    }
}

#[tokio::test]
async fn a_refused_secret_is_not_tried_again() {
    let server = MockServer::start().await;
    answer(&server, LOGIN, refusal("1101", "client_id与client_secret不匹配")).await;
    let client = builder(&server).0.build().unwrap();
    for _ in 0..3 {
        let error = check(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_before_send(), "{error}");
        assert!(error.to_string().contains("swapped?"), "{error}");
        assert_eq!(error.api_error().unwrap().code(), "1101");
    }
    assert_eq!(requests(&server, LOGIN).await.len(), 1);
    client.reset_token().await;
    check(&client).await.unwrap_err();
    assert_eq!(requests(&server, LOGIN).await.len(), 2);
}

#[tokio::test]
async fn an_answer_is_judged_by_its_errcode() {
    for (template, kind, expected) in [
        (refusal("2001", "发票不存在"), ErrorKind::Api, "2001 发票不存在"),
        (refusal("1200", "授权id为空"), ErrorKind::Auth, "1200"),
        (ResponseTemplate::new(200).set_body_json(json!({ "errcode": 7 })), ErrorKind::Api, ": 7"),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "data": [] })),
            ErrorKind::Decode,
            "errcode",
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "errcode": null })),
            ErrorKind::Decode,
            "errcode",
        ),
        (
            ResponseTemplate::new(200).set_body_raw("<p>", "text/html"),
            ErrorKind::Decode,
            "3 bytes (text/html)",
        ),
        (ResponseTemplate::new(200), ErrorKind::Decode, "found 0 bytes"),
        (ResponseTemplate::new(302), ErrorKind::Decode, "302"),
        (ResponseTemplate::new(403), ErrorKind::Forbidden, "403"),
        (ResponseTemplate::new(404), ErrorKind::NotFound, "base_url"),
    ] {
        let (server, client) = start().await;
        answer(&server, CHECK, template).await;
        let error = check(&client).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().starts_with("POST /m3/bill/invoice/sys/check"), "{error}");
        assert_eq!(requests(&server, CHECK).await.len(), 1);
    }
}

#[tokio::test]
async fn reads_are_repeated_and_writes_are_not() {
    let (server, client) = start().await;
    answer(&server, CHECK, ResponseTemplate::new(502)).await;
    answer(&server, CREATE, ResponseTemplate::new(502)).await;
    let error = check(&client).await.unwrap_err();
    assert_eq!((error.attempts(), error.may_have_taken_effect()), (3, false));
    let error = client.invoices().create(&json!({})).await.unwrap_err();
    assert_eq!(requests(&server, CREATE).await.len(), 1);
    assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");

    let (server, client) = start().await;
    answer_once(&server, CREATE, ResponseTemplate::new(429)).await;
    answer(&server, CREATE, success(json!({}))).await;
    client.invoices().create(&json!({})).await.unwrap();
    assert_eq!(requests(&server, CREATE).await.len(), 2, "what was throttled was not done");
}

#[tokio::test]
async fn what_cannot_be_sent_is_not_sent() {
    let (server, _) = start().await;
    let config: Config = serde_json::from_value(json!({
        "client_id": ID, "client_secret": SECRET, "base_url": server.uri(), "max_picture_bytes": 10,
    }))
    .unwrap();
    let client = Client::from_config(&config).unwrap();
    for (file, expected) in [(&[0; 11][..], "11 bytes, more than the 10"), (&[], "empty")] {
        let error = client.imaging().check_pdf(file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let error = check(&client).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("encrypt_key"));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn other_paths_take_the_same_way() {
    let (server, client) = start().await;
    for path in ["/a", "/b", "/c"] {
        answer(&server, path, success(json!({ "x": 1 }))).await;
    }
    client.raw().get("/a").query("n", "ü").await.unwrap();
    assert_eq!(query(&requests(&server, "/a").await[0], "n"), "ü");
    client.raw().post("/b").sealed(&json!({ "x": 1 })).await.unwrap();
    let sealed = String::from_utf8(requests(&server, "/b").await[0].body.clone()).unwrap();
    assert_eq!(client.decrypt(&sealed).unwrap(), r#"{"x":1}"#);
    client.raw().post("/c").file(PICTURE).await.unwrap();
    assert_eq!(requests(&server, "/c").await[0].body, STANDARD.encode(PICTURE).as_bytes());
    assert_eq!(client.raw().post("c").await.unwrap_err().kind(), ErrorKind::Invalid);
}
