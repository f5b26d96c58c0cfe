//! Requests as the service sees them, and every kind of answer.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use easst_invoice::signer::{SignInput, Signer};
use easst_invoice::{Client, Config, Encoding, ErrorKind, Picture, RetryPolicy};
use erplink_core::clock::{Clock as _, ManualClock};
use md5::{Digest as _, Md5};
use serde_json::json;
use support::{
    APP, PATH, PICTURE, SECRET, advance, answer, answer_once, body, builder, calls,
    json as answers, picture,
};
use wiremock::{MockServer, ResponseTemplate};

const READ: &str = r#"{"isSuccess":true,"result":[{"amount":1130.10}],"commodity_info":[{"q":2}]}"#;

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<easst_invoice::Error>();
    assert!(size_of::<easst_invoice::Result<()>>() <= 16);
    let set = |change: fn(&mut Config)| {
        let mut config = Config::new(APP, SECRET);
        change(&mut config);
        Client::from_config(&config)
    };
    assert!(set(|_| ()).is_ok());
    for (built, expected) in [
        (set(|config| config.app_id = " ".to_owned()), "app_id"),
        (set(|config| config.app_id = "应用".to_owned()), "app_id"),
        (set(|config| config.app_secret = "".into()), "app_secret"),
        (set(|config| config.base_url = "nowhere".to_owned()), "base_url"),
        (set(|config| config.base_url = "ftp://h".to_owned()), "http"),
        (set(|config| config.path = "ocr".to_owned()), "path"),
        (set(|config| config.image_field = String::new()), "image_field"),
        (set(|config| config.headers.sign = "a b".to_owned()), "headers.sign"),
        (set(|config| config.signature.parts.clear()), "signature.parts"),
    ] {
        let error = built.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_picture_goes_out_signed_and_as_base64() {
    let server = MockServer::start().await;
    answer(&server, answers(READ)).await;
    let (builder, clock) = builder(&server);
    let read = builder.build().unwrap().recognize(&picture()).await.unwrap();
    assert_eq!(read.decimal("/result/0/amount").unwrap().unwrap().to_string(), "1130.10");
    assert_eq!(read.commodity_info().len(), 1);

    assert_eq!(body(&server).await, json!({ "image_data": STANDARD.encode(PICTURE) }));
    let request = &server.received_requests().await.unwrap()[0];
    let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
    let timestamp = clock.utc().timestamp_millis().to_string();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!((header("appid"), header("timestamp")), (APP.to_owned(), timestamp.clone()));
    assert_eq!(header("sign"), md5(&format!("{APP}{timestamp}{SECRET}")));
}

#[tokio::test]
async fn a_form_is_sent_where_the_site_wants_one() {
    let server = MockServer::start().await;
    answer(&server, answers(READ)).await;
    let client = builder(&server).0.encoding(Encoding::Form).build().unwrap();
    client.recognize(&picture()).await.unwrap();
    let request = &server.received_requests().await.unwrap()[0];
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let pairs: Vec<_> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    assert_eq!(pairs, [("image_data".to_owned(), STANDARD.encode(PICTURE))]);
}

#[tokio::test]
async fn every_name_and_the_signature_are_settings() {
    let server = MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/proxy/v2/ocr"))
        .respond_with(answers(READ))
        .mount(&server)
        .await;
    let config = json!({
        "app_id": APP, "app_secret": SECRET, "base_url": format!("{}/proxy", server.uri()),
        "path": "/v2/ocr", "image_field": "file", "timestamp_unit": "seconds",
        "headers": { "app_id": "X-App", "timestamp": "X-Time", "sign": "X-Sign" },
        "signature": { "parts": ["app_secret", "timestamp"], "separator": "-", "upper_case": true },
    });
    let config: Config = serde_json::from_value(config).unwrap();
    let clock = ManualClock::default();
    let client = easst_invoice::ClientBuilder::new(config).clock(clock.clone()).build().unwrap();
    client.recognize(&picture()).await.unwrap();
    assert!(body(&server).await["file"].is_string());
    let request = &server.received_requests().await.unwrap()[0];
    let timestamp = clock.utc().timestamp().to_string();
    assert_eq!(request.headers["x-app"], APP);
    assert_eq!(request.headers["x-time"], timestamp.as_str());
    let sign = md5(&format!("{SECRET}-{timestamp}")).to_uppercase();
    assert_eq!(request.headers["x-sign"], sign.as_str());
}

#[derive(Debug)]
struct Constant;

impl Signer for Constant {
    fn sign(&self, input: SignInput<'_>) -> String {
        format!("signed-{}", input.timestamp)
    }
}

#[tokio::test]
async fn a_signer_of_ones_own_signs_every_attempt_anew() {
    let server = MockServer::start().await;
    answer_once(&server, ResponseTemplate::new(503)).await;
    answer(&server, answers(READ)).await;
    let (builder, _) = builder(&server);
    builder.signer(Constant).build().unwrap().recognize(&picture()).await.unwrap();
    for request in server.received_requests().await.unwrap() {
        let timestamp = request.headers["timestamp"].to_str().unwrap().to_owned();
        assert_eq!(request.headers["sign"].to_str().unwrap(), format!("signed-{timestamp}"));
    }
    assert_eq!(calls(&server).await, 2);
}

#[tokio::test]
async fn what_cannot_be_recognised_is_not_sent() {
    let server = MockServer::start().await;
    answer(&server, answers(READ)).await;
    let client = builder(&server).0.max_picture_bytes(10).build().unwrap();
    for (bytes, expected) in [(&b""[..], "empty"), (&[0; 11], "11 bytes, more than the 10")] {
        let error = client.recognize(&Picture::new(bytes)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.is_before_send() && error.to_string().contains(expected), "{error}");
    }
    client.recognize(&Picture::new(&[0; 10][..])).await.unwrap();
    assert_eq!(calls(&server).await, 1);
}

#[tokio::test]
async fn refusals_say_what_they_are_about_and_are_not_repeated() {
    for (template, kind, expected) in [
        (answers(r#"{"isSuccess":false,"errorMsg":"图片不清晰"}"#), ErrorKind::Api, "图片不清晰"),
        (answers(r#"{"isSuccess":false,"code":5301,"msg":"x"}"#), ErrorKind::Api, "5301 x"),
        (answers(r#"{"isSuccess":false}"#), ErrorKind::Api, "does not say why"),
        (answers(r#"{"isSuccess":false,"errorMsg":"签名错误"}"#), ErrorKind::Auth, "签名错误"),
        (answers(r#"{"isSuccess":false,"message":"APPID 不存在"}"#), ErrorKind::Auth, "APPID"),
        (answers(r#"{"isSuccess":"true","result":[]}"#), ErrorKind::Decode, "isSuccess"),
        (answers(r#"{"result":[]}"#), ErrorKind::Decode, "isSuccess"),
        (answers("[1]"), ErrorKind::Decode, "found 3 bytes (application/json)"),
        (answers(""), ErrorKind::Decode, "found 0 bytes"),
        (
            ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
            ErrorKind::Decode,
            "text/html",
        ),
        (ResponseTemplate::new(302), ErrorKind::Decode, "302"),
        (ResponseTemplate::new(401), ErrorKind::Auth, "401"),
        (ResponseTemplate::new(403), ErrorKind::Forbidden, "403"),
        (ResponseTemplate::new(404), ErrorKind::NotFound, "base_url"),
        (ResponseTemplate::new(413), ErrorKind::Api, "too large"),
    ] {
        let server = MockServer::start().await;
        answer(&server, template).await;
        let error = builder(&server).0.build().unwrap().recognize(&picture()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains(PATH), "{error}");
        assert!(!error.may_have_taken_effect(), "{error}");
        assert_eq!(calls(&server).await, 1, "{error}");
    }
}

#[tokio::test]
async fn a_success_with_a_failing_status_is_none() {
    let server = MockServer::start().await;
    answer(&server, answers(READ).set_body_raw(READ, "application/json")).await;
    let failing = MockServer::start().await;
    answer(&failing, ResponseTemplate::new(500).set_body_raw(READ, "application/json")).await;
    assert!(builder(&server).0.build().unwrap().recognize(&picture()).await.is_ok());
    let error = builder(&failing).0.build().unwrap().recognize(&picture()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
}

#[tokio::test]
async fn trouble_is_repeated_twice_at_most() {
    let server = MockServer::start().await;
    answer(&server, ResponseTemplate::new(502)).await;
    let error = builder(&server).0.build().unwrap().recognize(&picture()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 3));
    assert!(error.is_retryable() && !error.may_have_taken_effect());
    assert_eq!(calls(&server).await, 3);
}

#[tokio::test]
async fn who_pays_for_each_recognition_can_forbid_to_repeat_it() {
    let server = MockServer::start().await;
    answer_once(&server, ResponseTemplate::new(429).insert_header("retry-after", "7")).await;
    answer(&server, ResponseTemplate::new(502)).await;
    let (builder, clock) = builder(&server);
    let error = builder.repeat(false).build().unwrap().recognize(&picture()).await.unwrap_err();
    assert_eq!(calls(&server).await, 2, "what was throttled was not billed");
    assert!(clock.slept()[0].as_secs() >= 7);
    assert!(error.may_have_taken_effect() && !error.is_retryable(), "{error}");
}

#[tokio::test]
async fn the_check_takes_a_refused_picture_for_good_credentials() {
    for (text, expected) in [
        (r#"{"isSuccess":false,"errorMsg":"image_data不能为空"}"#, None),
        (READ, None),
        (r#"{"isSuccess":false,"errorMsg":"签名错误"}"#, Some(ErrorKind::Auth)),
        ("<html>", Some(ErrorKind::Decode)),
    ] {
        let server = MockServer::start().await;
        answer(&server, answers(text)).await;
        let outcome = builder(&server).0.build().unwrap().check().await;
        assert_eq!(outcome.err().map(|error| error.kind()), expected, "{text}");
        assert_eq!(body(&server).await, json!({ "image_data": "" }));
    }
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_a_failure_before_sending() {
    let server = MockServer::start().await;
    let (builder, clock) = builder(&server);
    let client = builder.retry(RetryPolicy::never()).build().unwrap();
    drop(server);
    advance(&clock, 1);
    let gone = Client::builder(APP, SECRET).base_url("http://127.0.0.1:1");
    let gone = gone.retry(RetryPolicy::never()).build().unwrap();
    drop(client);
    let error = gone.recognize(&picture()).await.unwrap_err();
    assert!(error.is_before_send() && error.kind() == ErrorKind::Connect, "{error}");
}

#[tokio::test]
async fn other_endpoints_take_the_same_way() {
    let server = MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/openapi/rest/common/ocr"))
        .respond_with(answers(r#"{"isSuccess":true,"text":"x"}"#))
        .mount(&server)
        .await;
    let client = builder(&server).0.build().unwrap();
    let raw = client.raw().post("/openapi/rest/common/ocr").json(&json!({ "image_data": "AA==" }));
    let answer: serde_json::Value = raw.await.unwrap().json().unwrap();
    assert_eq!(answer["text"], "x");
    assert!(server.received_requests().await.unwrap()[0].headers.contains_key("sign"));
    let error = client.raw().post("ocr").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}
