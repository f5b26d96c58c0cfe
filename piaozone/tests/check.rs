//! The check of the settings against platforms that answer in every way.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use md5::{Digest as _, Md5};
use piaozone::check::{Check, Finding};
use piaozone::{Config, eas};
use serde_json::Value;
use support::{ID, LOGIN, SECRET, answer, give_token, refusal, requests, token_answer};
use wiremock::matchers::{method, path};
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

const EAS: &str = "/ormrpc/services/EASLogin";

fn config(server: &MockServer) -> Config {
    let mut config = Config::new(ID, SECRET);
    config.base_url = server.uri();
    config
}

async fn problem(check: Check, what: &str) -> Option<String> {
    let findings = check.run().await;
    let found: Option<&Finding> = findings.iter().find(|finding| finding.what == what);
    found.unwrap_or_else(|| panic!("no {what} in {findings:?}")).problem.clone()
}

#[tokio::test]
async fn right_settings_are_found_right() {
    let server = MockServer::start().await;
    give_token(&server).await;
    let findings = Check::new(config(&server)).run().await;
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.problem.is_none()), "{findings:?}");
    assert_eq!(findings[1].to_string(), "piaozone token: right");
    assert_eq!(requests(&server, LOGIN).await.len(), 1, "nothing more is asked than has to be");
}

/// The platform knows one pair and one way to sign.
#[derive(Clone)]
struct Signed(&'static str, &'static str, fn(&str, &str, &str) -> bool);

impl Match for Signed {
    fn matches(&self, request: &Request) -> bool {
        let body: Value = request.body_json().unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let Self(id, secret, also) = self;
        let timestamp = text("timestamp");
        let signed = format!("{id}{secret}{timestamp}");
        let md5: String = Md5::digest(&signed).iter().map(|byte| format!("{byte:02x}")).collect();
        text("client_id") == *id && also(&timestamp, &text("sign"), &md5)
    }
}

async fn platform(signed: Signed) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(LOGIN))
        .and(signed)
        .respond_with(token_answer("t"))
        .with_priority(1)
        .mount(&server)
        .await;
    answer(&server, LOGIN, refusal("1101", "client_id与client_secret不匹配")).await;
    server
}

fn same(_: &str, sign: &str, md5: &str) -> bool {
    sign == md5
}

#[tokio::test]
async fn the_usual_mistakes_are_told_apart() {
    let token = "piaozone token";
    let swapped = platform(Signed(SECRET, ID, same)).await;
    let found = problem(Check::new(config(&swapped)), token).await.unwrap();
    assert_eq!(found, "`client_id` and `client_secret` are swapped");

    let server = platform(Signed(ID, SECRET, same)).await;
    let mut blank = config(&server);
    blank.client_secret = format!("{SECRET} ").into();
    let found = problem(Check::new(blank.clone()), token).await.unwrap();
    assert_eq!(found, "`client_id` or `client_secret` has a blank at an end");
    let found = problem(Check::new(blank), "piaozone settings").await.unwrap();
    assert_eq!(found, "`client_secret` has a blank at its end");

    let short: fn(&str, &str, &str) -> bool =
        |timestamp, sign, md5| timestamp.len() < 11 && sign == md5;
    let seconds = platform(Signed(ID, SECRET, short)).await;
    let found = problem(Check::new(config(&seconds)), token).await.unwrap();
    assert_eq!(found, "`timestamp_unit` has to be seconds");

    let long: fn(&str, &str, &str) -> bool = |_, sign, _| sign.len() == 64;
    let sha = platform(Signed(ID, SECRET, long)).await;
    let found = problem(Check::new(config(&sha)), token).await.unwrap();
    assert_eq!(found, "`enc_type` has to be sha256");

    let other = platform(Signed("somebody else", SECRET, same)).await;
    let found = problem(Check::new(config(&other)), token).await.unwrap();
    assert!(found.starts_with("check `client_id` and `client_secret`"), "{found}");
    assert!(!found.contains(SECRET), "{found}");
}

#[tokio::test]
async fn a_wrong_host_is_named() {
    let token = "piaozone token";
    for template in [
        ResponseTemplate::new(404),
        ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
        ResponseTemplate::new(503),
    ] {
        let server = MockServer::start().await;
        answer(&server, LOGIN, template).await;
        let found = problem(Check::new(config(&server)), token).await.unwrap();
        assert!(found.starts_with("check `base_url` (the host)"), "{found}");
        assert_eq!(requests(&server, LOGIN).await.len(), 1);
    }
    let mut gone = Config::new(ID, SECRET);
    gone.base_url = "http://127.0.0.1:1".to_owned();
    let found = problem(Check::new(gone.clone()), token).await.unwrap();
    assert!(found.starts_with("check `base_url` (the host)"), "{found}");
    gone.base_url = "api.piaozone.com".to_owned();
    let found = problem(Check::new(gone), token).await.unwrap();
    assert!(found.starts_with("`base_url` is no address"), "{found}");
}

fn soap(body: &str) -> ResponseTemplate {
    let text = format!(
        "<?xml version=\"1.0\"?><soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/\
         envelope/\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    );
    ResponseTemplate::new(200).set_body_raw(text, "text/xml")
}

fn fault(words: &str) -> ResponseTemplate {
    let fault = format!("<soapenv:Fault><faultstring>{words}</faultstring></soapenv:Fault>");
    soap(&fault).insert_header("x", "y")
}

async fn eas(template: ResponseTemplate) -> (Option<String>, MockServer) {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, EAS, template).await;
    let services = format!("{}/ormrpc/services/", server.uri());
    let eas = eas::Config::new(services, "EAS01", "imaging", "planted-password");
    let found = problem(Check::new(config(&server)).eas(eas), "piaozone eas").await;
    (found, server)
}

#[tokio::test]
async fn an_eas_that_lets_us_in_is_right() {
    let session =
        "<loginResponse><loginReturn><sessionId>s-1</sessionId></loginReturn></loginResponse>";
    let (found, server) = Box::pin(eas(soap(session))).await;
    assert_eq!(found, None);
    let sent = &requests(&server, EAS).await[0];
    let body = String::from_utf8(sent.body.clone()).unwrap();
    assert!(body.contains("<dcName xsi:type=\"xsd:string\">EAS01</dcName>"), "{body}");
    assert_eq!(sent.headers["soapaction"], "\"\"");
    assert_eq!(sent.headers["content-type"], "text/xml; charset=utf-8");
}

#[tokio::test]
async fn an_eas_that_does_not_names_its_setting() {
    let null = "<loginResponse><loginReturn xsi:nil=\"true\"/></loginResponse>";
    for (template, expected) in [
        (fault("数据中心 EAS01 不存在"), "check `eas.data_center`: "),
        (fault("用户名或密码错误"), "check `eas.user` and `eas.password`: "),
        (soap(null), "check `eas.data_center`, `eas.user` and `eas.password` (EAS does not say"),
        (fault("java.lang.NullPointerException: planted-password"), "(EAS does not say"),
        (ResponseTemplate::new(404), "check `eas.services` (the path)"),
        (
            ResponseTemplate::new(200).set_body_raw("<html/>", "text/html"),
            "`eas.services` (the path)",
        ),
        (ResponseTemplate::new(503), "check `eas.services` (the host and port)"),
    ] {
        let (found, server) = Box::pin(eas(template)).await;
        let found = found.unwrap();
        assert!(found.contains(expected), "{expected}: {found}");
        assert!(!found.contains("planted-password"), "{found}");
        assert_eq!(requests(&server, EAS).await.len(), 1, "a wrong password locks accounts");
    }
}
