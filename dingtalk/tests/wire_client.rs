//! Tokens, errors, repetition and secrets, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dingtalk::workflow::CreateInstance;
use dingtalk::{ApiError, Client, TokenMethod};
use erplink_core::{Effect, ErrorKind};
use serde_json::{Value, json};
use support::{SECRET, TOKEN, builder, legacy, requests, start, token_answer, v1};
use wiremock::matchers::{body_json, method, path, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const TOKEN_PATH: &str = "/v1.0/oauth2/accessToken";
const TODO: &str = "/v1.0/workflow/processes/todoTasks/numbers";
const CREATE: &str = "/v1.0/workflow/processInstances";

fn create() -> CreateInstance {
    CreateInstance::new("manager4974", "PROC-1").dept(7)
}

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<dingtalk::Error>();
    Client::builder("id", "secret").api_base("http://127.0.0.1:1").build().unwrap();
    for (builder, expected) in [
        (Client::builder("", "secret"), "client_id"),
        (Client::builder("id", ""), "client_secret"),
        (Client::builder("id", "secret").api_base("nowhere"), "api_base"),
        (Client::builder("id", "s").legacy_token_base("ftp://h"), "http"),
        (
            Client::builder("id", "s")
                .token_method(TokenMethod::Unified { corp_id: String::new() }),
            "corp_id",
        ),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn fetches_its_token_in_each_of_the_three_ways() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(TOKEN_PATH))
        .and(body_json(json!({ "appKey": "dingclient", "appSecret": SECRET })))
        .respond_with(token_answer(TOKEN))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1.0/oauth2/dingcorp/token"))
        .and(body_json(json!({
            "client_id": "dingclient", "client_secret": SECRET, "grant_type": "client_credentials",
        })))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "access_token": TOKEN, "expires_in": "7200" })),
        )
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/gettoken"))
        .and(query_param("appkey", "dingclient"))
        .and(query_param("appsecret", SECRET))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "errcode": 0, "errmsg": "ok", "access_token": TOKEN, "expires_in": 7200 }),
        ))
        .expect(1)
        .mount(&server)
        .await;
    v1(&server, "GET", TODO, 200, json!({ "result": 10 })).await;
    for token_method in
        [TokenMethod::V1, TokenMethod::Unified { corp_id: "dingcorp".into() }, TokenMethod::Legacy]
    {
        let (builder, _) = builder(&server);
        let client = builder.token_method(token_method).build().unwrap();
        assert_eq!(client.workflow().todo_count("u1").await.unwrap(), 10);
    }
}

#[tokio::test]
async fn a_refused_secret_is_tried_once_however_many_call() {
    for (answer, token_method) in [
        (
            ResponseTemplate::new(400).set_body_json(
                json!({ "code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret", "requestid": "R1" }),
            ),
            TokenMethod::V1,
        ),
        (
            ResponseTemplate::new(200)
                .set_body_json(json!({ "errcode": 40096, "errmsg": "不合法的appKey或appSecret" })),
            TokenMethod::Legacy,
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        let (builder, _) = builder(&server);
        let client = builder.token_method(token_method).calls_per_second(10_000).build().unwrap();
        let calls = (0..100).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.workflow().create(&create()).await })
        });
        for call in futures_util::future::join_all(calls).await {
            let error = call.unwrap().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(error.is_auth() && error.is_before_send() && !error.may_have_taken_effect());
            assert!(error.api_error().unwrap().advice().unwrap().contains("Client Secret"));
        }
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_unified_way_takes_500_for_wrong_credentials_after_one_more_attempt() {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(500).set_body_json(json!({ "code": "unknownError" })))
        .mount(&server)
        .await;
    let (builder, _) = builder(&server);
    let client =
        builder.token_method(TokenMethod::Unified { corp_id: "dingcorp".into() }).build().unwrap();
    let error = client.workflow().todo_count("u").await.unwrap_err();
    assert!(error.to_string().contains("wrong client id"), "{error}");
    assert!(!error.is_retryable() && error.is_before_send());
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

/// Hands out numbered tokens and refuses the first.
struct Platform {
    tokens: AtomicUsize,
}

impl Respond for &'static Platform {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path() == TOKEN_PATH {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            return token_answer(&format!("token-{number}"));
        }
        match request.headers.get("x-acs-dingtalk-access-token").map(|v| v.to_str().unwrap()) {
            Some("token-1") => ResponseTemplate::new(400).set_body_json(json!({
                "code": "InvalidAuthentication", "message": "不合法的access_token", "requestid": "R",
            })),
            _ => ResponseTemplate::new(200).set_body_json(json!({ "instanceId": "I1" })),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_fetch_one_token_and_one_more_when_it_is_refused() {
    let platform: &'static Platform = Box::leak(Box::new(Platform { tokens: AtomicUsize::new(0) }));
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(platform).mount(&server).await;
    let (builder, _) = builder(&server);
    let client = Arc::new(builder.calls_per_second(100_000).build().unwrap());
    let calls = (0..1000).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.workflow().create(&create()).await })
    });
    for call in futures_util::future::join_all(calls).await {
        assert_eq!(call.unwrap().unwrap(), "I1");
    }
    assert_eq!(platform.tokens.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_token_that_is_always_refused_is_renewed_once() {
    for (status, answer) in [
        (400, json!({ "code": "InvalidAuthentication", "message": "m" })),
        (400, json!({ "code": "invalidAccessToken", "message": "m" })),
    ] {
        let (server, client, _) = start().await;
        v1(&server, "GET", TODO, status, answer).await;
        let error = client.workflow().todo_count("u").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Session);
        assert!(error.is_auth());
        assert_eq!(requests(&server, TODO).await.len(), 2);
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2);
    }
    for code in [json!(40001), json!("40014"), json!(42001), json!(33001)] {
        let (server, client, _) = start().await;
        let at = "/topapi/v2/user/get";
        legacy(&server, "POST", at, json!({ "errcode": code, "errmsg": "m" })).await;
        let error = client.contacts().user("u").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Session, "{code}");
        assert_eq!(requests(&server, at).await.len(), 2);
    }
}

#[tokio::test]
async fn renews_ten_minutes_before_the_end() {
    let (server, client, clock) = start().await;
    v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
    for (advance, fetches) in [(0, 1), (6599, 1), (2, 2)] {
        clock.advance(Duration::from_secs(advance));
        client.workflow().todo_count("u").await.unwrap();
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), fetches);
    }
}

struct Case {
    status: u16,
    answer: Value,
    kind: ErrorKind,
    /// Attempts of a read, attempts of a create.
    attempts: (usize, usize),
    /// Whether the create may have happened.
    unknown: bool,
}

fn case(status: u16, answer: Value, kind: ErrorKind, attempts: (usize, usize)) -> Case {
    Case { status, answer, kind, attempts, unknown: false }
}

fn fault(status: u16, code: &str) -> Case {
    let answer = json!({ "code": code, "message": "m", "requestid": "R" });
    Case { status, answer, kind: ErrorKind::Server, attempts: (3, 1), unknown: true }
}

fn v1_error(code: &str) -> Value {
    json!({ "code": code, "message": "m", "requestid": "R" })
}

#[tokio::test]
async fn every_class_of_the_new_generation() {
    use ErrorKind::{Api, Conflict, Forbidden, NotFound, RateLimited, Unsupported};
    let cases = [
        case(400, v1_error("AuthenticationFailed.MissingParameter"), Api, (1, 1)),
        case(
            403,
            v1_error("Forbidden.AccessDenied.AccessTokenPermissionDenied"),
            Forbidden,
            (1, 1),
        ),
        case(403, v1_error("Forbidden.AccessDenied.IpNotInWhiteList"), Forbidden, (1, 1)),
        case(403, v1_error("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"), RateLimited, (3, 3)),
        case(403, v1_error("Forbidden.AccessDenied.QpsLimitForApi"), RateLimited, (3, 3)),
        case(400, v1_error("autoflowLikeTriggerRateLimited"), RateLimited, (3, 3)),
        case(403, v1_error("Forbidden.AccessDenied.ApiCountLimitForOrg"), RateLimited, (1, 1)),
        case(404, v1_error("InvalidAction.NotFound"), Unsupported, (1, 1)),
        case(400, v1_error("Missingbody"), Api, (1, 1)),
        case(400, v1_error("processInstanceNotExist"), NotFound, (1, 1)),
        case(400, v1_error("aflowProcessInstStatusException"), Conflict, (1, 1)),
        case(400, v1_error("somethingNew"), Api, (1, 1)),
        case(429, v1_error("somethingNew"), RateLimited, (3, 3)),
        case(200, json!({ "code": "somethingNew", "message": "m" }), Api, (1, 1)),
        case(200, json!({ "result": 1, "instanceId": "i", "success": "false" }), Api, (1, 1)),
        fault(500, "systemError"),
        fault(400, "internalError"),
        fault(400, "sysErrror"),
        fault(200, "sysErrror"),
        fault(500, "unknownError"),
        fault(503, "ServiceUnavailable"),
        fault(502, "somethingNew"),
    ];
    for Case { status, answer, kind, attempts, unknown } in cases {
        let (server, client, _) = start().await;
        v1(&server, "GET", TODO, status, answer.clone()).await;
        v1(&server, "POST", CREATE, status, answer.clone()).await;

        let error = client.workflow().todo_count("u").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{answer}: {error}");
        assert!(!error.may_have_taken_effect(), "a read has no effect");
        assert_eq!(requests(&server, TODO).await.len(), attempts.0, "{answer}");

        let error = client.workflow().create(&create()).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), unknown, "{answer}: {error}");
        assert_eq!(requests(&server, CREATE).await.len(), attempts.1, "{answer}");
    }
}

#[tokio::test]
async fn every_class_of_the_old_generation() {
    use ErrorKind::{AlreadyExists, Api, Forbidden, NotFound, RateLimited, Server, Unsupported};
    let at = "/topapi/v2/user/get";
    for (code, kind, attempts) in [
        (json!(-1), Server, 3),
        (json!(60011), Forbidden, 1),
        (json!(60020), Forbidden, 1),
        (json!(90018), RateLimited, 3),
        (json!(90002), RateLimited, 3),
        (json!(90006), RateLimited, 3),
        (json!(90020), RateLimited, 1),
        (json!(33012), NotFound, 1),
        (json!("60121"), NotFound, 1),
        (json!(40104), NotFound, 1),
        (json!(60003), NotFound, 1),
        (json!(50002), Forbidden, 1),
        (json!(400_002), Api, 1),
        (json!(820_001), Api, 1),
        (json!(71006), AlreadyExists, 1),
        (json!(41001), Api, 1),
        (json!(22), Unsupported, 1),
        (json!(404), Unsupported, 1),
    ] {
        let (server, client, _) = start().await;
        legacy(&server, "POST", at, json!({ "errcode": code, "errmsg": "m", "request_id": "R" }))
            .await;
        let error = client.contacts().user("u").await.unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert_eq!(requests(&server, at).await.len(), attempts, "{code}");
        assert_eq!(error.api_error().unwrap().request_id(), Some("R"));
    }
}

#[tokio::test]
async fn the_gateway_code_88_means_its_sub_code() {
    let at = "/topapi/v2/user/get";
    for answer in [
        json!({ "errcode": 88, "sub_code": "60121", "sub_msg": "找不到该用户", "errmsg": "x" }),
        json!({ "errcode": 88, "errmsg": "ding talk error[subcode=60121,submsg=找不到该用户]" }),
    ] {
        let (server, client, _) = start().await;
        legacy(&server, "POST", at, answer).await;
        let error = client.contacts().user("u").await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.api_error().unwrap().code(), "60121");
        assert!(error.to_string().contains("找不到该用户"), "{error}");
    }
}

#[tokio::test]
async fn names_the_missing_permission() {
    let (server, client, _) = start().await;
    let code = "Forbidden.AccessDenied.AccessTokenPermissionDenied";
    v1(
        &server,
        "POST",
        CREATE,
        403,
        json!({
            "code": code, "message": "m", "requestid": "R",
            "accessdenieddetail": { "requiredScopes": ["Workflow.Instance.Write"] },
        }),
    )
    .await;
    v1(&server, "GET", TODO, 403, v1_error(code)).await;
    let error = client.workflow().create(&create()).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().required_scopes(), ["Workflow.Instance.Write"]);
    assert!(error.to_string().contains("Workflow.Instance.Write"), "{error}");
    let error = client.workflow().todo_count("u").await.unwrap_err();
    assert!(error.to_string().contains("Workflow.Instance.Read"), "{error}");
}

#[tokio::test]
async fn not_done_is_told_from_other_refusals() {
    let (server, client, _) = start().await;
    let at = "/v1.0/workflow/processInstances/comments";
    v1(&server, "POST", at, 200, json!({ "result": false, "success": true })).await;
    let error = client.workflow().comment("i", "u", "t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert!(error.api_error().unwrap().is_not_done());
    assert_eq!(error.api_error().unwrap().code(), ApiError::NOT_DONE);
    assert!(!error.may_have_taken_effect());
}

#[tokio::test]
async fn a_locked_out_address_stops_everything_for_five_minutes() {
    for answer in [
        ResponseTemplate::new(200).set_body_json(
            json!({ "status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": "u" }),
        ),
        ResponseTemplate::new(403).set_body_string("<!doctype html><html>punish</html>"),
    ] {
        let (server, client, clock) = start().await;
        Mock::given(path(TODO)).respond_with(answer).up_to_n_times(1).mount(&server).await;
        v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
        let client = client.with_timeout(Duration::from_secs(5));
        let error = client.workflow().todo_count("u").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
        assert!(error.is_retryable());

        let error = client.contacts().user("u").await.unwrap_err();
        assert!(error.is_before_send(), "{error}");
        assert_eq!(requests(&server, "/topapi/v2/user/get").await.len(), 0);
        clock.advance(Duration::from_secs(301));
        assert_eq!(client.workflow().todo_count("u").await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_throttled_endpoint_waits_as_the_code_says() {
    for (code, seconds) in [
        ("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", 1),
        ("Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", 60),
    ] {
        let (server, client, clock) = start().await;
        Mock::given(path(TODO))
            .respond_with(ResponseTemplate::new(403).set_body_json(v1_error(code)))
            .up_to_n_times(1)
            .mount(&server)
            .await;
        v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
        client.workflow().todo_count("u").await.unwrap();
        let waited: Duration = clock.slept().iter().sum();
        assert!(waited >= Duration::from_secs(seconds), "{code}: {waited:?}");
        assert!(waited < Duration::from_secs(seconds + 2), "{code}: {waited:?}");
    }
}

#[tokio::test]
async fn one_throttled_call_holds_back_the_next_caller() {
    let (server, _, _) = start().await;
    let (builder, clock) = builder(&server);
    let client = builder.retry(erplink_core::RetryPolicy::never()).build().unwrap();
    let throttled = v1_error("Forbidden.AccessDenied.QpsLimitForAppkeyAndApi");
    Mock::given(path(TODO))
        .respond_with(ResponseTemplate::new(403).set_body_json(throttled))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
    let error = client.workflow().todo_count("u").await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert!(clock.slept().is_empty());
    client.workflow().todo_count("u").await.unwrap();
    assert_eq!(clock.slept(), [Duration::from_secs(1)]);
}

#[tokio::test]
async fn each_endpoint_has_its_own_rate() {
    let (server, client, clock) = start().await;
    v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
    legacy(&server, "POST", "/topapi/v2/user/get", json!({ "errcode": 0, "result": {} })).await;
    for _ in 0..20 {
        client.workflow().todo_count("u").await.unwrap();
    }
    assert!(clock.slept().is_empty());
    client.contacts().user("u").await.unwrap();
    assert!(clock.slept().is_empty(), "another endpoint, another bucket");
    client.workflow().todo_count("u").await.unwrap();
    assert_eq!(clock.slept(), [Duration::from_millis(50)]);
}

#[tokio::test]
async fn answers_that_are_not_the_platforms() {
    for (status, body, kind, unknown) in [
        (200, "", ErrorKind::Decode, true),
        (200, r#"{"instanceId":"#, ErrorKind::Decode, true),
        (200, "{}", ErrorKind::Decode, true),
        (502, "<html>Bad Gateway</html>", ErrorKind::Server, true),
        (504, "", ErrorKind::Server, true),
        (404, "<html>nginx</html>", ErrorKind::Decode, false),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(CREATE))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .expect(1)
            .mount(&server)
            .await;
        let error = client.workflow().create(&create()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{status} {body}: {error}");
        assert_eq!(error.may_have_taken_effect(), unknown, "{status} {body}: {error}");
    }
}

/// Accepts connections, reads the whole request, and closes without an answer.
async fn lost_answers() -> (String, Arc<AtomicUsize>) {
    use tokio::io::AsyncReadExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let seen = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 65_536];
            let mut text = String::new();
            while !text.ends_with('}') {
                let read = stream.read(&mut buffer).await.unwrap_or(0);
                if read == 0 {
                    break;
                }
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            if text.contains("originatorUserId") {
                seen.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    (address, count)
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_never_repeated() {
    let (server, _, _) = start().await;
    let (address, count) = lost_answers().await;
    let (builder, _) = builder(&server);
    // The token comes from the legacy host, so that only the create gets lost.
    Mock::given(path("/gettoken"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({ "errcode": 0, "access_token": TOKEN, "expires_in": 7200 })),
        )
        .mount(&server)
        .await;
    let client = builder.token_method(TokenMethod::Legacy).api_base(address).build().unwrap();
    let error = client.workflow().create(&create()).await.unwrap_err();
    assert_eq!(error.effect(), Effect::Unknown);
    assert!(error.may_have_taken_effect() && !error.is_retryable());
    assert!(error.to_string().contains("look before you repeat"), "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_create_that_cannot_connect_never_left() {
    let (server, _, _) = start().await;
    let (builder, clock) = builder(&server);
    let client = builder.api_base("http://127.0.0.1:1").build().unwrap();
    let error = client.workflow().create(&create()).await.unwrap_err();
    assert!(error.is_before_send() && error.is_retryable(), "{error}");
    assert_eq!((error.attempts(), clock.slept().len()), (3, 2));
}

#[tokio::test]
async fn raw_calls_go_the_same_way() {
    let (server, client, _) = start().await;
    v1(&server, "GET", "/v1.0/some/thing", 200, json!({ "a": 1 })).await;
    legacy(&server, "POST", "/topapi/some/thing", json!({ "errcode": 0, "result": 2 })).await;
    v1(&server, "POST", "/v1.0/some/thing", 400, v1_error("invalidParameter")).await;
    let raw = client.raw();
    let answer = raw.get("/v1.0/some/thing").query("q", "审 批").await.unwrap();
    let answer: Value = answer.json().unwrap();
    assert_eq!(answer, json!({ "a": 1 }));
    let (query, _) = &requests(&server, "/v1.0/some/thing").await[0];
    assert_eq!(query, "q=%E5%AE%A1+%E6%89%B9");
    let answer = raw.oapi("/topapi/some/thing").json(&json!({ "x": 1 })).await.unwrap();
    assert_eq!(answer.json::<Value>().unwrap()["result"], 2);
    let error = raw.post("/v1.0/some/thing").json(&json!({})).await.unwrap_err();
    assert_eq!(error.api_error().unwrap().code(), "invalidParameter");
    assert_eq!(error.operation(), Some("POST /v1.0/some/thing"));
}

#[tokio::test]
async fn a_raw_path_cannot_lead_the_token_to_another_host() {
    let (_server, client, _) = start().await;
    for path in ["v1.0/x", "@127.0.0.1:1/x", ".example.com/x", ":1/x", ""] {
        for call in [client.raw().get(path), client.raw().oapi(path)] {
            let error = call.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{path}: {error}");
            assert!(error.is_before_send(), "{path}: {error}");
        }
    }
    let raw = client.raw().get("/v1.0/x?key=planted").query("q", "planted").json("planted");
    assert!(!format!("{raw:?}").contains("planted"));
    let error = raw.await.unwrap_err();
    assert_eq!(error.operation(), Some("GET /v1.0/x"));
}

#[tokio::test]
async fn a_done_without_any_envelope_is_not_believed() {
    for answer in [json!({}), json!({ "hello": "proxy" })] {
        let (server, client, _) = start().await;
        v1(&server, "POST", "/v1.0/workflow/processInstances/terminate", 200, answer).await;
        let error = client.workflow().terminate("i").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test]
async fn no_hint_of_the_platform_stops_an_endpoint_for_long() {
    for hint in ["86400", "18446744073709551615"] {
        let (server, client, clock) = start().await;
        let throttled = v1_error("Forbidden.AccessDenied.QpsLimitForApi");
        Mock::given(path(TODO))
            .respond_with(
                ResponseTemplate::new(403)
                    .insert_header("retry-after", hint)
                    .set_body_json(throttled),
            )
            .up_to_n_times(1)
            .mount(&server)
            .await;
        v1(&server, "GET", TODO, 200, json!({ "result": 1 })).await;
        let error = client.workflow().todo_count("u").await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(hint.parse().unwrap())));
        client.workflow().todo_count("u").await.unwrap();
        assert_eq!(clock.slept(), [Duration::from_secs(60)]);
    }
}

#[tokio::test]
async fn a_broken_answer_that_holds_a_token_or_key_is_not_quoted() {
    let server = MockServer::start().await;
    let broken = format!(r#"{{"accessToken":"{TOKEN}","expireIn":72"#);
    Mock::given(path(TOKEN_PATH))
        .respond_with(ResponseTemplate::new(200).set_body_string(&broken))
        .mount(&server)
        .await;
    let (builder, _) = builder(&server);
    let error = builder.build().unwrap().contacts().user("u").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains(TOKEN), "{error}");
    assert!(error.to_string().contains("bytes, not shown"), "{error}");

    let (server, client, _) = start().await;
    Mock::given(path("/call_back/get_call_back"))
        .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"aes_key":"planted-key","#))
        .mount(&server)
        .await;
    let error = client.registered_callback().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
}

/// What is logged while the guard lives, from the most talkative level on.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_text_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let (server, client, _) = start().await;
    // Echoes the request's address, token included, in an error, a page and a broken body.
    let echo = format!("bad request: /topapi/x?access_token={TOKEN}");
    legacy(&server, "POST", "/topapi/v2/user/get", json!({ "errcode": 60121, "errmsg": echo }))
        .await;
    for (at, status) in [("/topapi/v2/department/get", 502), ("/topapi/user/listid", 200)] {
        Mock::given(path(at))
            .respond_with(ResponseTemplate::new(status).set_body_string(format!("<p>{echo}")))
            .mount(&server)
            .await;
    }
    let contacts = client.contacts();
    let mut texts = format!("{client:?} {contacts:?}");
    let mut keep = |error: dingtalk::Error| {
        texts.push_str(&format!("{error} {error:?}"));
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            texts.push_str(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    };
    keep(contacts.user("u").await.unwrap_err());
    keep(contacts.department(1).await.unwrap_err());
    keep(contacts.user_ids(1).await.unwrap_err());

    // Refused credentials that are echoed, and connections that fail with the secret in the address.
    let refusing = MockServer::start().await;
    Mock::given(path("/gettoken"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(
                json!({ "errcode": 40096, "errmsg": format!("bad secret {SECRET}") }),
            ),
        )
        .mount(&refusing)
        .await;
    let mut built = String::new();
    for base in [refusing.uri(), "http://127.0.0.1:1".to_owned()] {
        let (builder, _) = builder(&refusing);
        let builder = builder.token_method(TokenMethod::Legacy).oapi_base(base);
        let client = builder.clone().build().unwrap();
        keep(client.contacts().user("u").await.unwrap_err());
        built.push_str(&format!("{builder:?}"));
    }
    texts.push_str(&built);
    texts.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(texts.contains("access_token=***"), "the log shows that there was a token");
    assert!(!texts.contains(TOKEN), "{texts}");
    assert!(!texts.contains(SECRET), "{texts}");
}
