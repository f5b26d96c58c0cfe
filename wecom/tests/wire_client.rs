//! Tokens, errors, repetition and secrets, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use erplink_core::{Effect, ErrorKind};
use serde_json::{Value, json};
use support::{
    CORP, SECRET, TOKEN, TOKEN_PATH, answer, answer_once, builder, give_token, requests, start,
    token_answer,
};
use wecom::approvals::{ControlValue, SubmitForm};
use wecom::{Client, Grant, HttpTransport, Secret, TokenSource, TransportConfig};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

const DETAIL: &str = "/cgi-bin/oa/getapprovaldetail";
const SUBMIT: &str = "/cgi-bin/oa/applyevent";

fn refusal(code: i64, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "errcode": code, "errmsg": text }))
}

fn detail() -> Value {
    json!({ "errcode": 0, "errmsg": "ok", "info": { "sp_no": "1", "sp_status": 1 } })
}

async fn submit(client: &Client) -> wecom::Result<String> {
    let form = SubmitForm::new("chenmeng", "T1").value("Text-1", ControlValue::text("1"));
    client.approvals().submit(&form.summary("单据 1")).unchecked().await
}

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<wecom::Error>();
    assert!(size_of::<wecom::Result<()>>() <= 16);
    Client::builder(CORP, SECRET).api_base("http://127.0.0.1:1").build().unwrap();
    for (builder, expected) in [
        (Client::builder("", SECRET), "corp_id"),
        (Client::builder(CORP, ""), "secret"),
        (Client::builder(CORP, SECRET).api_base("nowhere"), "api_base"),
        (Client::builder(CORP, SECRET).api_base("ftp://h"), "http"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn many_first_calls_fetch_one_token() {
    let (server, client, _) = start().await;
    answer(&server, "POST", DETAIL, detail()).await;
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.approvals().get("1").await })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    let fetched = requests(&server, TOKEN_PATH).await;
    assert_eq!(fetched.len(), 1);
    assert_eq!(fetched[0].0, format!("corpid={CORP}&corpsecret={SECRET}"));
}

#[tokio::test]
async fn renews_five_minutes_before_the_end() {
    let (server, client, clock) = start().await;
    answer(&server, "POST", DETAIL, detail()).await;
    for (wait, fetched) in [(0, 1), (6899, 1), (2, 2)] {
        clock.advance(Duration::from_secs(wait));
        client.approvals().get("1").await.unwrap();
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), fetched, "after {wait}");
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    for code in [40_001, 40_014, 42_001] {
        let server = MockServer::start().await;
        answer_once(&server, TOKEN_PATH, token_answer("old")).await;
        give_token(&server).await;
        Mock::given(path(SUBMIT))
            .and(query_param("access_token", "old"))
            .respond_with(refusal(code, "expired"))
            .mount(&server)
            .await;
        answer(&server, "POST", SUBMIT, json!({ "sp_no": "202507010001" })).await;
        let (builder, _) = builder(&server);
        assert_eq!(submit(&builder.build().unwrap()).await.unwrap(), "202507010001");
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2);
        assert_eq!(requests(&server, SUBMIT).await.len(), 2);
    }
}

#[tokio::test]
async fn tokens_that_are_always_refused_end_in_an_error() {
    let (server, client, _) = start().await;
    Mock::given(path(DETAIL)).respond_with(refusal(40_014, "invalid")).mount(&server).await;
    let error = client.approvals().get("1").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Session);
    assert!(!error.is_retryable());
    assert_eq!(requests(&server, DETAIL).await.len(), 2);
}

#[tokio::test]
async fn a_refused_secret_is_not_tried_again_for_ten_minutes() {
    for code in [40_001, 40_013, 40_091] {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN_PATH)).respond_with(refusal(code, "bad")).mount(&server).await;
        let (builder, clock) = builder(&server);
        let client = builder.build().unwrap();
        let try_many = async || {
            let calls = (0..30).map(|_| {
                let client = client.clone();
                tokio::spawn(async move { submit(&client).await })
            });
            for call in futures_util::future::join_all(calls).await {
                let error = call.unwrap().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Auth);
                assert_eq!(error.api_error().unwrap().code(), code);
                assert!(error.is_before_send() && !error.is_retryable());
            }
        };
        try_many().await;
        clock.advance(Duration::from_secs(590));
        try_many().await;
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), 1);
        clock.advance(Duration::from_secs(60));
        try_many().await;
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2, "one of all asks again");
        client.reset_token().await;
        submit(&client).await.unwrap_err();
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), 3);
    }
}

#[tokio::test]
async fn wrong_secrets_that_got_the_address_banned_wait_an_hour() {
    let server = MockServer::start().await;
    Mock::given(path(TOKEN_PATH)).respond_with(refusal(45_009, "banned")).mount(&server).await;
    let (builder, _) = builder(&server);
    let client = builder.build().unwrap();
    for _ in 0..3 {
        let error = submit(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    }
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 1);
}

#[tokio::test]
async fn an_outside_service_gives_tokens() {
    struct Central(Mutex<Vec<Option<String>>>);
    #[async_trait::async_trait]
    impl TokenSource for Central {
        async fn token(&self, rejected: Option<&Secret>) -> wecom::Result<Grant> {
            let mut asked = self.0.lock().unwrap();
            asked.push(rejected.map(|token| token.expose().to_owned()));
            let value = if asked.len() == 1 { "stale" } else { TOKEN };
            Ok(Grant { value: Secret::new(value), ttl: Duration::from_secs(600) })
        }
    }
    let server = MockServer::start().await;
    Mock::given(query_param("access_token", "stale"))
        .respond_with(refusal(42_001, "expired"))
        .mount(&server)
        .await;
    answer(&server, "POST", DETAIL, detail()).await;
    let central = Arc::new(Central(Mutex::new(Vec::new())));
    let client = Client::builder(CORP, "")
        .api_base(server.uri())
        .token_source(central.clone())
        .build()
        .unwrap();
    client.approvals().get("1").await.unwrap();
    assert_eq!(*central.0.lock().unwrap(), [None, Some("stale".to_owned())]);
    assert!(requests(&server, TOKEN_PATH).await.is_empty());
}

/// code, kind, whether a read is repeated, whether a submit is, whether a submit may have happened.
type Row = (i64, ErrorKind, bool, bool, bool);

fn rows() -> Vec<Row> {
    use ErrorKind::{
        Api, Auth, Conflict, Forbidden, NotFound, RateLimited, Server, Session, Unsupported,
    };
    let mut rows = vec![
        (-1, Server, true, false, true),
        (6000, Conflict, true, true, false),
        (40_033, Api, false, false, false),
        (41_001, Api, false, false, false),
        (44_001, Api, false, false, false),
        (45_001, Api, false, false, false),
        (45_029, Api, false, false, false),
        (45_033, RateLimited, true, true, false),
        (45_035, Conflict, true, true, false),
        (45_036, RateLimited, true, true, false),
        (48_005, Unsupported, false, false, false),
        (301_025, Api, false, false, false),
        (301_026, Server, true, true, false),
        (301_057, Server, true, false, true),
        (301_064, Server, true, false, true),
        (620_004, Server, true, false, true),
        (830_002, Api, false, false, false),
        // Nobody knows it: given up, code and text kept.
        (999_999, Api, false, false, false),
    ];
    let mut refused = |kind, codes: &[i64]| {
        rows.extend(codes.iter().map(|code| (*code, kind, false, false, false)));
    };
    refused(Session, &[40_001, 40_014, 42_001]);
    refused(NotFound, &[40_003, 60_111, 46_004, 301_021, 40_007, 60_003, 60_123]);
    refused(Auth, &[40_013, 41_002, 40_091, 41_004]);
    refused(Api, &[40_004, 40_005, 40_006, 40_008, 40_009, 40_035, 40_056, 40_057, 40_058, 40_063]);
    refused(Forbidden, &[48_001, 48_002, 48_004, 48_006, 48_009, 50_003, 301_007]);
    refused(Forbidden, &[50_002, 60_011, 60_021, 81_013, 60_020, 301_042, 301_002]);
    refused(Forbidden, &[301_055, 301_056, 301_062, 301_088]);
    refused(Api, &[301_063, 301_079, 301_086, 301_087, 301_112, 301_115]);
    rows
}

#[tokio::test]
async fn does_what_the_table_says_about_each_code() {
    let server = MockServer::start().await;
    let transport = Arc::new(HttpTransport::from_config(&TransportConfig::default()).unwrap());
    for (code, kind, read_repeated, submit_repeated, may_be_there) in rows() {
        server.reset().await;
        give_token(&server).await;
        let (builder, _) = builder(&server);
        let client = builder.transport(transport.clone()).build().unwrap();
        let text = format!("text of {code}");
        Mock::given(method("POST")).respond_with(refusal(code, &text)).mount(&server).await;
        let is_token = kind == ErrorKind::Session;
        for (at, repeated) in [(DETAIL, read_repeated), (SUBMIT, submit_repeated)] {
            let error = match at {
                SUBMIT => submit(&client).await.unwrap_err(),
                _ => client.approvals().get("1").await.map(|_| ()).unwrap_err(),
            };
            assert_eq!(error.kind(), kind, "{error}");
            let api = error.api_error().unwrap();
            assert_eq!((api.code(), api.message()), (code, text.as_str()));
            assert_eq!(api.advice().is_some(), code != 999_999, "{code}");
            let expected = if repeated { 4 } else { 1 + usize::from(is_token) };
            assert_eq!(requests(&server, at).await.len(), expected, "{code} at {at}");
            assert_eq!(error.may_have_taken_effect(), may_be_there && at == SUBMIT, "{code}");
            assert_eq!(error.is_retryable(), repeated, "{code} at {at}");
        }
    }
}

#[tokio::test]
async fn names_the_address_to_enter_and_the_hint() {
    let (server, client, _) = start().await;
    let text = "not allow to access from your ip, hint: [1576065934_28_e0fae07], from ip: \
                9.30.0.138, more info at https://open.work.weixin.qq.com/devtool/query?e=60020";
    Mock::given(path(DETAIL)).respond_with(refusal(60_020, text)).mount(&server).await;
    let error = client.approvals().get("1").await.unwrap_err();
    let api = error.api_error().unwrap();
    assert_eq!(api.from_ip(), Some("9.30.0.138"));
    assert_eq!(api.hint(), Some("1576065934_28_e0fae07"));
    assert!(error.to_string().contains("enter 9.30.0.138"), "{error}");
    assert!(error.to_string().contains("sp_no 1"), "{error}");
}

#[tokio::test]
async fn too_many_calls_wait_a_minute_and_then_an_hour() {
    let (server, client, clock) = start().await;
    Mock::given(path(DETAIL)).respond_with(refusal(45_009, "freq")).mount(&server).await;
    let error = client.approvals().get("1").await.unwrap_err();
    assert_eq!(clock.slept(), [Duration::from_secs(60)]);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(error.is_retryable());
    assert_eq!(requests(&server, DETAIL).await.len(), 2);
    let error = client.approvals().get("1").await.unwrap_err();
    assert!(error.is_before_send() && error.to_string().contains("for an hour"), "{error}");
    assert_eq!(requests(&server, DETAIL).await.len(), 2, "nothing was sent");
    // Other APIs are counted apart.
    answer(&server, "POST", SUBMIT, json!({ "errcode": 0, "sp_no": "7" })).await;
    assert_eq!(submit(&client).await.unwrap(), "7");
    clock.advance(Duration::from_secs(3600));
    server.reset().await;
    give_token(&server).await;
    answer(&server, "POST", DETAIL, detail()).await;
    client.approvals().get("1").await.unwrap();
}

#[tokio::test]
async fn keeps_the_rate_of_each_api() {
    let (server, client, clock) = start().await;
    answer(&server, "POST", DETAIL, detail()).await;
    for _ in 0..30 {
        client.approvals().get("1").await.unwrap();
    }
    let slept: Duration = clock.slept().iter().sum();
    assert!(slept >= Duration::from_secs(2) && slept < Duration::from_secs(3), "{slept:?}");
}

#[tokio::test]
async fn half_read_requests_are_never_repeated() {
    let (server, client, _) = start().await;
    let text = "system busy. Warning: wrong json format. , hint: [1]";
    Mock::given(path(DETAIL)).respond_with(refusal(-1, text)).mount(&server).await;
    let error = client.approvals().get("1").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 1));
}

#[tokio::test]
async fn answers_that_are_none_of_the_platform() {
    let page = "<html>502 Bad Gateway</html>";
    let text = |status: u16, body: &str| ResponseTemplate::new(status).set_body_string(body);
    for (template, kind, effect, attempts) in [
        (text(502, page), ErrorKind::Server, Effect::Unknown, 1),
        (text(200, page), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, ""), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, "[]"), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":0,"sp_no":"1"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":"none"}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":0}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(200, r#"{"errcode":0,"sp_no":{}}"#), ErrorKind::Decode, Effect::Unknown, 1),
        (text(404, page), ErrorKind::Decode, Effect::NotExecuted, 1),
        (text(429, ""), ErrorKind::RateLimited, Effect::NotExecuted, 4),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(SUBMIT)).respond_with(template).mount(&server).await;
        let error = submit(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.effect(), error.attempts()), (kind, effect, attempts));
        assert_eq!(error.may_have_taken_effect(), effect == Effect::Unknown, "{error}");
        assert_eq!(error.operation(), Some("POST /cgi-bin/oa/applyevent"));
    }
}

#[tokio::test]
async fn a_lost_answer_is_repeated_for_reads_only() {
    let (server, client, _) = start().await;
    answer_once(&server, DETAIL, ResponseTemplate::new(504)).await;
    answer(&server, "POST", DETAIL, detail()).await;
    client.approvals().get("1").await.unwrap();
    answer_once(&server, SUBMIT, ResponseTemplate::new(504)).await;
    let error = submit(&client).await.unwrap_err();
    assert!(error.may_have_taken_effect() && !error.is_retryable());
    assert_eq!(requests(&server, SUBMIT).await.len(), 1);
}

#[tokio::test]
async fn nobody_at_the_address_is_repeated_and_was_not_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let client = Client::builder(CORP, SECRET)
        .api_base(address)
        .clock(erplink_core::clock::ManualClock::default())
        .build()
        .unwrap();
    let error = submit(&client).await.unwrap_err();
    assert!(error.is_before_send() && error.is_retryable() && !error.may_have_taken_effect());
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 4));
}

#[tokio::test]
async fn what_is_not_typed_goes_the_same_way() {
    let (server, client, _) = start().await;
    answer(&server, "GET", "/cgi-bin/agent/get", json!({ "errcode": 0, "name": "审批" })).await;
    let raw = client.raw().get("/cgi-bin/agent/get").query("agentid", "1000002").await.unwrap();
    assert_eq!(raw.json::<Value>().unwrap()["name"], "审批");
    let sent = requests(&server, "/cgi-bin/agent/get").await;
    assert_eq!(sent[0].0, format!("agentid=1000002&access_token={TOKEN}"));
    Mock::given(path("/cgi-bin/x")).respond_with(refusal(48_002, "no")).mount(&server).await;
    let error = client.raw().post("/cgi-bin/x").json(&json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    let error = client.raw().get("x.example.com/").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn lists_addresses_for_firewalls() {
    let (server, client, _) = start().await;
    let body = json!({ "ip_list": ["101.226.103.*", "101.226.62.77"] });
    answer(&server, "GET", "/cgi-bin/getcallbackip", body.clone()).await;
    answer(&server, "GET", "/cgi-bin/get_api_domain_ip", body).await;
    let expected = ["101.226.103.*", "101.226.62.77"];
    assert_eq!(client.callback_addresses().await.unwrap(), expected);
    assert_eq!(client.api_addresses().await.unwrap(), expected);
}
