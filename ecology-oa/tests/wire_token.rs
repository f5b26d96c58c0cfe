//! Token, user, errors, repetition and secrets, as the server sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ecology_oa::workflow::{CreateRequest, Field};
use ecology_oa::{Client, Diagnosis, Effect, ErrorKind, Regist};
use serde_json::{Value, json};
use support::{
    APPID, SECRET, SPK, TOKEN, TOKEN_PATH, USER, answer, builder, decrypted, pa, requests, start,
    texts, token_answer,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const REGIST: &str = "/api/ec/dev/auth/regist";

fn create() -> CreateRequest {
    CreateRequest::new(781, "采购申请-1042").field(Field::text("docentry", "1042"))
}

fn status_answer() -> Value {
    json!({ "code": "SUCCESS", "data": { "requestId": "7" }, "errMsg": {} })
}

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<ecology_oa::Error>();
    let good = || Client::builder("http://127.0.0.1:1", "id").credentials("secret", SPK);
    good().build().unwrap();
    for (builder, expected) in [
        (Client::builder("nowhere", "id").credentials("s", SPK), "base_url"),
        (Client::builder("ftp://h", "id").credentials("s", SPK), "http"),
        (Client::builder("http://h", " ").credentials("s", SPK), "appid"),
        (Client::builder("http://h", "a\nb").credentials("s", SPK), "appid"),
        (Client::builder("http://h", "id").credentials("", SPK), "secret"),
        (Client::builder("http://h", "id").credentials("s", "MIGf"), "spk"),
        (Client::builder("http://h", "id").credentials("x".repeat(118), SPK), "117"),
        (good().user("zhangsan"), "zhangsan"),
        (good().token_life(Duration::ZERO), "token_seconds"),
        (good().max_in_flight(0), "max_in_flight"),
        (good().token_path("applytoken"), "token_path"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
}

#[tokio::test]
async fn applies_for_a_token_and_calls_on_behalf_of_a_user() {
    let (server, client, _) = start().await;
    answer(&server, &pa("getRequestStatus"), status_answer()).await;
    client.workflow().status(7).await.unwrap();
    client.as_user("2978").workflow().status(7).await.unwrap();
    client.workflow().status(7).await.unwrap();

    let applied = requests(&server, TOKEN_PATH).await;
    assert_eq!(applied.len(), 1, "one token for all users");
    assert_eq!(applied[0].method, "POST");
    assert!(applied[0].body.is_empty());
    assert_eq!(applied[0].headers.get("appid").unwrap(), APPID);
    assert!(applied[0].headers.get("time").is_none(), "sent when configured only");
    assert_eq!(
        applied[0].headers.get("content-type").unwrap(),
        "application/x-www-form-urlencoded; charset=utf-8"
    );
    assert_eq!(decrypted(&applied[0], "secret"), SECRET);

    let calls = requests(&server, &pa("getRequestStatus")).await;
    let users: Vec<String> = calls.iter().map(|call| decrypted(call, "userid")).collect();
    assert_eq!(users, [USER, "2978", USER]);
    let cipher = |at: usize| calls[at].headers.get("userid").unwrap();
    assert_eq!(cipher(0), cipher(2), "encrypted once for each user");
    for call in &calls {
        let userid = call.headers.get("userid").unwrap().to_str().unwrap();
        assert_eq!(userid.len(), 172, "one line of Base64");
        assert!(call.headers.get("skipsession").is_none());
    }
}

#[tokio::test]
async fn renews_the_token_a_minute_before_the_end_of_the_life_it_asked_for() {
    for (life, time, early) in
        [(None, None, 60), (Some(3600), Some("3600"), 60), (Some(100), Some("100"), 10)]
    {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN_PATH)).respond_with(token_answer(TOKEN)).mount(&server).await;
        answer(&server, &pa("getRequestStatus"), status_answer()).await;
        let (mut builder, clock) = builder(&server);
        if let Some(life) = life {
            builder = builder.token_life(Duration::from_secs(life));
        }
        let client = builder.build().unwrap();
        let life = life.unwrap_or(1800);
        for (advance, fetches) in [(0, 1), (life - early - 1, 1), (2, 2)] {
            clock.advance(Duration::from_secs(advance));
            client.workflow().status(7).await.unwrap();
            assert_eq!(requests(&server, TOKEN_PATH).await.len(), fetches);
        }
        let applied = requests(&server, TOKEN_PATH).await;
        assert_eq!(applied[0].headers.get("time").map(|v| v.to_str().unwrap()), time);
    }
}

#[tokio::test]
async fn never_sends_a_cookie_back() {
    let (server, client, _) = start().await;
    Mock::given(path(pa("getRequestStatus")))
        .respond_with(
            ResponseTemplate::new(200)
                .insert_header("set-cookie", "JSESSIONID=abc; Path=/; HttpOnly")
                .set_body_json(status_answer()),
        )
        .mount(&server)
        .await;
    for _ in 0..3 {
        client.workflow().status(7).await.unwrap();
    }
    for request in server.received_requests().await.unwrap() {
        assert!(request.headers.get("cookie").is_none());
    }
}

#[tokio::test]
async fn a_call_without_a_user_sends_nothing() {
    let server = MockServer::start().await;
    let client = Client::builder(server.uri(), APPID).credentials(SECRET, SPK).build().unwrap();
    let error = client.workflow().status(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("user"), "{error}");
    let error = client.as_user("zhangsan").workflow().status(7).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("find_user"), "{error}");
    assert!(error.is_before_send());
    assert!(server.received_requests().await.unwrap().is_empty());
}

fn html(status: u16, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(format!("<html>{text}</html>"), "text/html")
}

fn refusal(msg: &str) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({ "msgShowType": "none", "code": -1, "msg": msg, "status": false }))
}

#[tokio::test]
async fn every_refusal_of_a_token_and_how_often_it_is_asked_for() {
    use Diagnosis::{BadSecret, FilterBlocked, SecretDecrypt, ServerPatch, UnknownAppId};
    use ErrorKind::{Api, Auth, Decode, Forbidden, Server};
    for (answer, kind, diagnosis, attempts) in [
        (refusal("secret解密失败,请检查加密内容."), Auth, Some(SecretDecrypt), 1),
        (refusal("解密失败！"), Auth, Some(SecretDecrypt), 1),
        (refusal("认证信息错误!"), Auth, Some(BadSecret), 1),
        (refusal("没有在找到正确的APPID!"), Auth, Some(UnknownAppId), 1),
        (refusal("登录信息超时"), Forbidden, Some(FilterBlocked), 1),
        (refusal("something new"), Api, None, 1),
        (html(200, "<title>login</title>"), Forbidden, Some(FilterBlocked), 1),
        (html(302, ""), Forbidden, Some(FilterBlocked), 1),
        (html(500, "java.lang.NoSuchMethodError"), Server, Some(ServerPatch), 3),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "status": true, "code": 0 })),
            Decode,
            None,
            1,
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "status": "true", "code": "1" })),
            Api,
            None,
            1,
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN_PATH)).respond_with(answer).mount(&server).await;
        let client = builder(&server).0.build().unwrap();
        let error = client.workflow().create(&create()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.api_error().and_then(|api| api.diagnosis()), diagnosis, "{error}");
        assert!(error.is_before_send() && !error.may_have_taken_effect(), "{error}");
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), attempts, "{error}");
        assert!(requests(&server, REGIST).await.is_empty(), "never by itself");
        if diagnosis.is_some() {
            assert!(error.api_error().unwrap().advice().is_some());
        }
        client.workflow().create(&create()).await.unwrap_err();
        // Refused credentials are remembered, a blocked or broken server is asked again.
        let again = if kind == Auth { 0 } else { attempts };
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), attempts + again, "{error}");
    }
}

/// Hands out numbered tokens and refuses the first.
struct Platform {
    tokens: AtomicUsize,
    refusal: Value,
}

impl Respond for &'static Platform {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        if request.url.path() == TOKEN_PATH {
            let number = self.tokens.fetch_add(1, Ordering::SeqCst) + 1;
            return token_answer(&format!("token-{number}"));
        }
        match request.headers.get("token").map(|value| value.to_str().unwrap()) {
            Some("token-1") => ResponseTemplate::new(200).set_body_json(&self.refusal),
            _ => ResponseTemplate::new(200)
                .set_body_json(json!({ "code": "SUCCESS", "data": { "requestid": 5 } })),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_fetch_one_token_and_one_more_when_it_is_refused() {
    for refusal in [
        json!({ "msg": "token不存在或者超时：token-1", "code": -1, "msgShowType": "none", "status": false }),
        json!({ "msg": "登录信息超时", "errorCode": "002", "status": false }),
    ] {
        let platform: &'static Platform =
            Box::leak(Box::new(Platform { tokens: AtomicUsize::new(0), refusal }));
        let server = MockServer::start().await;
        Mock::given(wiremock::matchers::any()).respond_with(platform).mount(&server).await;
        let client = Arc::new(builder(&server).0.build().unwrap());
        let calls = (0..100).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.workflow().create(&create()).await })
        });
        for call in futures_util::future::join_all(calls).await {
            assert_eq!(call.unwrap().unwrap(), 5);
        }
        assert_eq!(platform.tokens.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn every_refusal_of_a_call_by_the_filter() {
    use Diagnosis::{AccountAbnormal, NoSession, TokenRefused, UserDecrypt};
    use ErrorKind::{Auth, Session};
    for (status, body, kind, diagnosis, calls) in [
        (
            200,
            json!({ "msg": format!("token不存在或者超时：{TOKEN}"), "code": -1, "status": false }),
            Session,
            TokenRefused,
            2,
        ),
        (
            401,
            json!({ "msg": format!("token不存在或者超时：{TOKEN}"), "code": "-1", "status": "false" }),
            Session,
            TokenRefused,
            2,
        ),
        (
            200,
            json!({ "msg": "登录信息超时", "errorCode": "002", "status": false }),
            Session,
            NoSession,
            2,
        ),
        (
            200,
            json!({ "msg": "该账号存在异常,单点登录失败", "code": -1, "status": false }),
            Auth,
            AccountAbnormal,
            1,
        ),
        (200, json!({ "msg": "解密失败", "code": -1, "status": false }), Auth, UserDecrypt, 1),
    ] {
        let (server, client, _) = start().await;
        Mock::given(path(pa("doCreateRequest")))
            .respond_with(ResponseTemplate::new(status).set_body_json(&body))
            .mount(&server)
            .await;
        let error = client.workflow().create(&create()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.is_auth());
        let api = error.api_error().unwrap();
        assert_eq!(api.diagnosis(), Some(diagnosis));
        assert!(error.to_string().contains(api.advice().unwrap()));
        assert!(!error.may_have_taken_effect(), "refused before anything ran");
        assert_eq!(requests(&server, &pa("doCreateRequest")).await.len(), calls, "{error}");
        assert_eq!(requests(&server, TOKEN_PATH).await.len(), calls);
        assert!(!texts(&error).contains(TOKEN), "{error}");
    }
}

struct Case {
    answer: ResponseTemplate,
    kind: ErrorKind,
    code: &'static str,
    /// Attempts of a read; a create is made once, whatever comes.
    reads: usize,
    /// Whether the create may have happened.
    unknown: bool,
}

fn e2(code: Value, rest: Value) -> ResponseTemplate {
    let mut body = json!({ "code": code });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    ResponseTemplate::new(200).set_body_json(body)
}

#[tokio::test]
async fn every_class_of_a_failed_workflow_call() {
    use ErrorKind::{Api, Auth, Decode, Forbidden, RateLimited, Server, Unsupported};
    let case = |answer, kind, code, reads, unknown| Case { answer, kind, code, reads, unknown };
    let param = json!({ "errMsg": { "error_param_foo": "bar" } });
    let cases = [
        case(e2(json!("PARAM_ERROR"), param.clone()), Api, "PARAM_ERROR", 1, false),
        case(e2(json!(2), param.clone()), Api, "PARAM_ERROR", 1, false),
        case(e2(json!("2"), param.clone()), Api, "PARAM_ERROR", 1, false),
        case(
            e2(json!({ "name": "PARAM_ERROR", "statusCode": 2 }), param.clone()),
            Api,
            "PARAM_ERROR",
            1,
            false,
        ),
        case(e2(json!({ "statusCode": 3 }), json!({})), Forbidden, "NO_PERMISSION", 1, false),
        case(
            e2(json!("NO_PERMISSION"), json!({ "errMsg": { "msg": "没有创建权限" } })),
            Forbidden,
            "NO_PERMISSION",
            1,
            false,
        ),
        case(
            e2(json!("USER_EXCEPTION"), json!({ "errMsg": "用户无效" })),
            Auth,
            "USER_EXCEPTION",
            1,
            false,
        ),
        case(
            e2(
                json!("FAIL"),
                json!({ "reqFailMsg": { "msgType": "JUDGE_MUST_INPUT", "msgInfo": "必填" } }),
            ),
            Api,
            "FAIL",
            1,
            false,
        ),
        case(e2(json!("SOMETHING_NEW"), json!({})), Api, "SOMETHING_NEW", 1, false),
        case(e2(json!("SYSTEM_INNER_ERROR"), json!({})), Server, "SYSTEM_INNER_ERROR", 3, true),
        case(html(500, "error"), Server, "", 3, true),
        case(html(502, "bad gateway"), Server, "", 3, true),
        case(html(404, "not found"), Unsupported, "", 1, false),
        case(html(413, "too large"), Api, "", 1, false),
        case(ResponseTemplate::new(429), RateLimited, "", 3, false),
        case(html(200, "<form action='/wui/index.html#/main/login'>"), Forbidden, "", 1, false),
        case(html(302, ""), Forbidden, "", 1, false),
        case(html(200, "welcome"), Decode, "", 3, true),
        case(ResponseTemplate::new(200), Decode, "", 3, true),
        case(ResponseTemplate::new(200).set_body_string("{\"code\":\"SUCC"), Decode, "", 3, true),
        case(ResponseTemplate::new(200).set_body_json(json!({ "hello": 1 })), Decode, "", 1, true),
    ];
    for Case { answer, kind, code, reads, unknown } in cases {
        let (server, client, _) = start().await;
        for name in ["doCreateRequest", "getRequestStatus"] {
            Mock::given(path(pa(name))).respond_with(answer.clone()).mount(&server).await;
        }
        let error = client.workflow().status(7).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.api_error().map_or("", |api| api.code()), code, "{error}");
        assert!(!error.may_have_taken_effect(), "a read has no effect");
        let read = requests(&server, &pa("getRequestStatus")).await.len();
        if kind == RateLimited {
            assert_eq!(read, 3);
            continue;
        }
        assert_eq!(read, reads, "{error}");

        let error = client.workflow().create(&create()).await.unwrap_err();
        assert_eq!(error.may_have_taken_effect(), unknown, "{error}");
        assert_eq!(requests(&server, &pa("doCreateRequest")).await.len(), 1, "{error}");
    }
}

#[tokio::test]
async fn an_error_names_the_field_and_the_reason() {
    let (server, client, _) = start().await;
    answer(
        &server,
        &pa("doCreateRequest"),
        json!({
            "code": "FAIL",
            "errMsg": { "field_fj": "no upload directory", "n": 3 },
            "reqFailMsg": { "msgType": "SAVE_DETAIL_TABLE_FAIL", "msgInfo": { "row": 2 } },
        }),
    )
    .await;
    let error = client.workflow().create(&create()).await.unwrap_err();
    let text = error.to_string();
    for part in ["field_fj: no upload directory", "n: 3", "SAVE_DETAIL_TABLE_FAIL: {\"row\":2}"] {
        assert!(text.contains(part), "{text}");
    }
    let api = error.api_error().unwrap();
    assert_eq!(api.details()["n"], 3);
    assert_eq!(api.request_failure().unwrap().kind, "SAVE_DETAIL_TABLE_FAIL");

    let (server, client, _) = start().await;
    let misleading = json!({ "code": "PARAM_ERROR", "data": {}, "errMsg": { "workflowId": 0 } });
    answer(&server, &pa("doCreateRequest"), misleading).await;
    let error = client.workflow().create(&create()).await.unwrap_err();
    let diagnosis = error.api_error().unwrap().diagnosis();
    assert_eq!(diagnosis, Some(Diagnosis::MisleadingParameters));
    assert!(error.to_string().contains("check the workflow id"), "{error}");
}

#[tokio::test]
async fn registers_on_demand_and_tells_secret_and_key() {
    for names in [&["secrit"][..], &["secret"], &["secret", "secrit"]] {
        let server = MockServer::start().await;
        let mut body = json!({
            "msgShowType": "none", "code": "0", "errcode": "0", "msg": "ok", "status": "true",
            "spk": SPK.trim(),
        });
        for name in names {
            body[*name] = json!(SECRET);
        }
        Mock::given(method("POST"))
            .and(path(REGIST))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
        let registered =
            Regist::new(server.uri(), APPID).send_and_maybe_rotate_keys().await.unwrap();
        assert_eq!(registered.secret.expose(), SECRET);
        assert_eq!(registered.spk, SPK.trim());
        assert!(!format!("{registered:?}").contains(SECRET));
        let sent = requests(&server, REGIST).await;
        assert_eq!(sent.len(), 1);
        assert!(sent[0].body.is_empty());
        assert_eq!(sent[0].headers.get("appid").unwrap(), APPID);
        assert_eq!(sent[0].headers.get("cpk").unwrap(), "123");
    }
}

#[tokio::test]
async fn a_registration_that_fails_is_never_repeated() {
    let spk = SPK.trim();
    for (answer, kind, effect) in [
        (refusal("注册失败,没有在找到正确的APPID!"), ErrorKind::Auth, Effect::NotExecuted),
        (html(500, ""), ErrorKind::Server, Effect::Unknown),
        (
            ResponseTemplate::new(200).set_body_json(
                json!({ "status": true, "code": 0, "secret": SECRET, "secrit": "other", "spk": spk }),
            ),
            ErrorKind::Decode,
            Effect::Unknown,
        ),
        (
            ResponseTemplate::new(200)
                .set_body_json(json!({ "status": true, "code": 0, "spk": spk })),
            ErrorKind::Decode,
            Effect::Unknown,
        ),
        (
            ResponseTemplate::new(200).set_body_json(
                json!({ "status": true, "code": 0, "secret": SECRET, "spk": "MIGf" }),
            ),
            ErrorKind::Decode,
            Effect::Unknown,
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(REGIST)).respond_with(answer).mount(&server).await;
        let error =
            Regist::new(server.uri(), APPID).send_and_maybe_rotate_keys().await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, effect), "{error}");
        assert_eq!(requests(&server, REGIST).await.len(), 1);
        assert!(!texts(&error).contains(SECRET), "{error}");
    }
}
