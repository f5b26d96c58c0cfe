//! The connector's settings, as a server sees them and as its users are told.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

use std::time::Duration;

use erplink_core::clock::ManualClock;
use erplink_core::{Effect, ErrorKind, Idempotency};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use weaver_eteams::RetryPolicy;
use weaver_eteams::connector::{
    Certificate, Charset, Connector, ConnectorBuilder, ConnectorConfig, Failure, Messages,
    SuccessRule,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

async fn server(at: &str, template: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path(at)).respond_with(template).mount(&server).await;
    server
}

fn connector(server: &MockServer) -> ConnectorBuilder {
    Connector::builder("test", server.uri()).clock(ManualClock::default())
}

async fn seen(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

fn content_type(request: &Request) -> &str {
    request.headers["content-type"].to_str().unwrap()
}

fn recognised() -> SuccessRule {
    SuccessRule::response("/isSuccess").equals(true)
}

/// 采购 in GBK and 採購 in Big5, from the tables of both.
const GBK: &[u8] = b"\xb2\xc9\xb9\xba";
const BIG5: &[u8] = b"\xb1\xc4\xc1\xca";

#[tokio::test]
async fn bodies_are_written_in_the_charset_of_the_connection() {
    let template = ResponseTemplate::new(200).set_body_string(r#"{"isSuccess":"true"}"#);
    let server = server("/openapi/rest/a", template).await;
    for (charset, text, bytes) in [
        (Charset::Gbk, "采购", GBK),
        (Charset::Gb2312, "采购", GBK),
        (Charset::Big5, "採購", BIG5),
        (Charset::Latin1, "é", b"\xe9"),
        (Charset::Utf8, "采", b"\xe9\x87\x87"),
    ] {
        let connector = connector(&server).charset(charset).build().unwrap();
        let call = || connector.post("openapi/rest/a", recognised());
        call().json(&json!({ "t": text })).await.unwrap();
        call().form([("t", format!("{text} +&"))]).form([("n", "1")]).await.unwrap();
        let requests = seen(&server).await;
        let [.., json, form] = &requests[..] else { panic!("two requests") };
        assert_eq!(json.body, [b"{\"t\":\"", bytes, b"\"}"].concat(), "{charset}");
        assert_eq!(content_type(json), format!("application/json; charset={charset}"));
        let quoted: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(String::from_utf8_lossy(&form.body), format!("t={quoted}+%2B%26&n=1"));
    }
    let connector = connector(&server).charset(Charset::Latin1).build().unwrap();
    let before = seen(&server).await.len();
    let error = connector.post("openapi/rest/a", recognised()).json(&"采").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("`采` does not exist in ISO-8859-1"), "{error}");
    assert_eq!(seen(&server).await.len(), before, "nothing was sent");
}

#[tokio::test]
async fn answers_are_read_in_their_own_charset_or_that_of_the_connection() {
    let body = [&b"{\"isSuccess\":true,\"t\":\""[..], GBK, b"\"}"].concat();
    let latin = [&b"{\"isSuccess\":true,\"t\":\""[..], b"\x80\xe9", b"\"}"].concat();
    for (named, charset, body, text) in [
        ("application/json", Charset::Gbk, &body, "采购"),
        ("application/json", Charset::Gb2312, &body, "采购"),
        ("application/json; charset=GBK", Charset::Utf8, &body, "采购"),
        ("text/html;charset=\"gb2312\"", Charset::Big5, &body, "采购"),
        // Not windows-1252, in which 0x80 is the euro.
        ("text/plain; charset=iso-8859-1", Charset::Utf8, &latin, "\u{80}é"),
    ] {
        let template = ResponseTemplate::new(200).set_body_raw(body.clone(), named);
        let server = server("/a", template).await;
        let connector = connector(&server).charset(charset).build().unwrap();
        let answer = connector.get("/a", recognised()).await.unwrap();
        assert_eq!(answer.text("/t").unwrap(), text, "{named}");
    }
    for (named, expected) in [
        ("application/json", "it is no text in UTF-8 (the charset of the connection)"),
        ("application/json; charset=UTF-8", "it is no text in UTF-8 (as it says)"),
        ("application/json; charset=EBCDIC", "`EBCDIC`, which is unknown"),
    ] {
        let template = ResponseTemplate::new(200).set_body_raw(body.clone(), named);
        let server = server("/a", template).await;
        let error = connector(&server).build().unwrap().post("/a", recognised()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Decode, Effect::Unknown));
        assert_eq!(error.api_error().unwrap().failure(), Failure::Exception);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn base_and_path_are_joined_by_one_slash() {
    let template = ResponseTemplate::new(200);
    let server = server("/base/openapi/rest/x", template).await;
    for (base, path) in [("/base", "openapi/rest/x"), ("/base/", "/openapi/rest/x")] {
        let base = server.uri() + base;
        // Without a protocol it is http.
        let base = base.strip_prefix("http://").unwrap();
        let connector = Connector::builder("test", base).build().unwrap();
        let ok = SuccessRule::http_status().equals(200);
        connector.get(path, ok).query("q", "采购 1").await.unwrap();
    }
    let query = seen(&server).await[1].url.query().map(str::to_owned);
    assert_eq!(query.as_deref(), Some("q=%E9%87%87%E8%B4%AD+1"));
}

#[tokio::test]
async fn basic_authentication_and_headers_go_along() {
    let server = server("/a", ResponseTemplate::new(204)).await;
    let config: ConnectorConfig = serde_json::from_value(json!({
        "name": "test", "base_url": server.uri(), "charset": "BIG 5",
        "auth": { "user": "Aladdin", "password": "open sesame" },
    }))
    .unwrap();
    let connector = Connector::from_config(&config).unwrap();
    let none = SuccessRule::http_status().equals("204");
    let call = connector.interface("PATCH".parse().unwrap(), "/a", none);
    call.header("appId", "7").header("X-Twice", "1").header("X-Twice", "2").await.unwrap();
    let requests = seen(&server).await;
    // The example of RFC 7617.
    let expected = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
    assert_eq!(requests[0].headers["authorization"], expected);
    assert_eq!(requests[0].headers["appid"], "7");
    assert_eq!(requests[0].headers.get_all("x-twice").iter().count(), 2);
    assert_eq!(requests[0].method.as_str(), "PATCH");
}

#[tokio::test]
async fn the_condition_decides_whatever_the_status_says() {
    let yes = ResponseTemplate::new(500).set_body_json(json!({ "isSuccess": true }));
    let server = server("/a", yes).await;
    let answer = connector(&server).build().unwrap().post("/a", recognised()).await.unwrap();
    assert_eq!(answer.status(), 500);

    let messages = || {
        let config = json!({ "condition_not_met": "识别失败({status}): {/msg}" });
        serde_json::from_value::<Messages>(config).unwrap()
    };
    for (status, kind, effect) in [
        (200, ErrorKind::Api, Effect::NotExecuted),
        (400, ErrorKind::Api, Effect::NotExecuted),
        (401, ErrorKind::Auth, Effect::NotExecuted),
        (500, ErrorKind::Api, Effect::Unknown),
    ] {
        let body = json!({ "isSuccess": "false", "msg": "余额不足" });
        server.reset().await;
        let template = ResponseTemplate::new(status).set_body_json(body.clone());
        Mock::given(method("POST")).respond_with(template).mount(&server).await;
        let call = connector(&server).build().unwrap().post("/a", recognised());
        let error = call.messages(messages()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect));
        let detail = error.api_error().unwrap();
        assert_eq!(detail.failure(), Failure::ConditionNotMet);
        assert_eq!(detail.body(), Some(&body));
        assert_eq!(detail.text(), Some(&*format!("识别失败({status}): 余额不足")));
        let text = error.to_string();
        assert!(text.contains("expected response /isSuccess = true, found \"false\""), "{text}");
        assert_eq!(seen(&server).await.len(), 1, "not repeated");
    }
}

#[tokio::test]
async fn no_answer_in_time_and_no_answer_at_all_are_told_apart() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let server = server("/a", slow).await;
    let connector = connector(&server)
        .connect_timeout(Duration::from_millis(10))
        .response_timeout(Duration::from_millis(20))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let call = connector.post("/a", recognised()).json(&json!({ "no": 7 }));
    let call = call.on_timeout("单据{request:/body/no}超时").on_exception("异常");
    let error = call.await.unwrap_err();
    let detail = error.api_error().unwrap();
    assert_eq!((detail.failure(), detail.text()), (Failure::Timeout, Some("单据7超时")));
    assert!(error.may_have_taken_effect(), "{error}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap().to_string();
    drop(closed);
    let connector =
        Connector::builder("test", address).clock(ManualClock::default()).build().unwrap();
    let call = connector.post("/a", recognised());
    let error = call.on_timeout("超时").on_exception("异常").await.unwrap_err();
    let detail = error.api_error().unwrap();
    assert_eq!((detail.failure(), detail.text()), (Failure::Exception, Some("异常")));
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3));
    assert!(error.is_before_send() && error.is_retryable());
}

#[tokio::test]
async fn a_broken_connection_is_an_exception_and_a_write_is_not_repeated() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let accepted = tokio::spawn(async move {
        let mut count = 0;
        while let Ok(Ok((mut stream, _))) =
            tokio::time::timeout(Duration::from_secs(2), listener.accept()).await
        {
            count += 1;
            let mut some = [0; 64];
            let _ = stream.read(&mut some).await;
        }
        count
    });
    let connector =
        Connector::builder("test", address).clock(ManualClock::default()).build().unwrap();
    let error = connector.post("/a", recognised()).json(&1).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().failure(), Failure::Exception);
    assert!(error.may_have_taken_effect(), "{error}");
    let call = connector.post("/a", recognised()).json(&1);
    let error = call.idempotency(Idempotency::Keyed).await.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert_eq!(accepted.await.unwrap(), 1 + 3);
}

#[tokio::test]
async fn pages_of_a_gateway_are_exceptions() {
    for (status, kind, attempts) in
        [(502, ErrorKind::Server, 3), (429, ErrorKind::RateLimited, 3), (200, ErrorKind::Decode, 1)]
    {
        let template = ResponseTemplate::new(status).set_body_string("<html>");
        let server = server("/a", template).await;
        let call = connector(&server).build().unwrap().get("/a", recognised());
        let error = call.on_exception("网关({status})").await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, attempts));
        let detail = error.api_error().unwrap();
        assert_eq!(detail.failure(), Failure::Exception);
        assert_eq!(detail.text(), Some(&*format!("网关({status})")));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_named_before_it_is() {
    let server = server("/a", ResponseTemplate::new(200)).await;
    let connector = connector(&server).build().unwrap();
    let rule = SuccessRule::response("isSuccess").exists();
    for (call, kind, expected) in [
        (connector.get("/a", rule), ErrorKind::Config, "`isSuccess` is no JSON pointer"),
        (connector.get("/a", recognised()).header("a b", ""), ErrorKind::Invalid, "`a b`"),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(seen(&server).await.is_empty());
}

#[test]
fn settings_that_cannot_work_are_named() {
    let good = || Connector::builder("test", "https://host");
    good().build().unwrap();
    let pkcs12 = b"\x30\x82\x01\x00\x02\x01\x03\x30".to_vec();
    for (builder, expected) in [
        (Connector::builder(" ", "host"), "name (连接名称)"),
        (Connector::builder("test", "http://"), "base_url"),
        (Connector::builder("test", "ftp://host"), "http"),
        (good().basic_auth("a:b", ""), "no colon"),
        (good().connect_timeout(Duration::ZERO), "connect_timeout"),
        (good().certificate(Certificate::new("nonsense", "")), "certificate (证书)"),
        (good().certificate(Certificate::new(pkcs12, "pw")), "client_pkcs12"),
        (good().certificate(Certificate::new(b"\xfe\xed\xfe\xed", "pw")), "keytool"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
    let missing: ConnectorConfig = serde_json::from_value(json!({
        "name": "test", "base_url": "host", "certificate": { "path": "/nowhere/a.p12" },
    }))
    .unwrap();
    let error = Connector::from_config(&missing).unwrap_err();
    assert!(error.to_string().contains("certificate.path: /nowhere/a.p12"), "{error}");
    let unknown: Result<ConnectorConfig, _> =
        serde_json::from_value(json!({ "name": "a", "base_url": "b", "certfile": "c" }));
    assert!(unknown.unwrap_err().to_string().contains("certfile"));
}

/// Two chained calls: what the first answers goes into the second.
#[tokio::test]
async fn a_value_of_one_answer_goes_into_the_next_call() {
    let server = MockServer::start().await;
    let code = json!({ "errcode": 0, "code": "c-7" });
    let at = |at: &'static str, body: Value| {
        let template = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(path(at)).respond_with(template)
    };
    at("/oauth2/authorize", code).mount(&server).await;
    at("/oauth2/access_token", json!({ "errcode": "0", "accessToken": "t-7" }))
        .mount(&server)
        .await;
    let connector = connector(&server).build().unwrap();
    let code = connector.get("/oauth2/authorize", SuccessRule::errcode()).await.unwrap();
    let call = connector.post("/oauth2/access_token", SuccessRule::errcode());
    let answer = call.form([("code", code.text("/code").unwrap())]).await.unwrap();
    assert_eq!(answer.text("/accessToken").unwrap(), "t-7");
    assert_eq!(seen(&server).await[1].body, b"code=c-7");
    let error = answer.text("/refreshToken").unwrap_err();
    assert!(error.to_string().contains("`/refreshToken`"), "{error}");
    assert!(error.to_string().starts_with("POST /oauth2/access_token"), "{error}");
}
