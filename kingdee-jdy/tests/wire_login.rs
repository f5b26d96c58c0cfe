//! Both generations of the login, as the platform sees and answers them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use erplink_core::clock::Clock as _;
use erplink_core::token::StoreError;
use erplink_core::{Effect, ErrorKind, StoredToken};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kingdee_jdy::{Client, Login, Period, Secret, SignHeaders, TokenStore};
use serde_json::{Value, json};
use sha2::Sha256;
use support::{
    APP_SECRET, LIST, SECRET, TOKEN, TOKEN_PATH, answer, answer_once, app, builder, give_token,
    json_answer, requests, start, token_answer, user,
};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const AUTHORIZE: &str = "/jdyconnector/app_management/push_app_authorize";
const APP_TOKEN: &str = "/jdyconnector/app_management/kingdee_auth_token";

async fn ask(client: &Client) -> kingdee_jdy::Result<()> {
    let march: Period = "202603".parse().unwrap();
    client.vouchers().list(march, march).items().try_collect().await.map(drop)
}

fn authorization(app_key: &str, account: &str, domain: &str) -> Value {
    json!({
        "appKey": app_key, "appSecret": APP_SECRET, "domain": domain, "serviceId": 7_480_001,
        "accountId": account, "outerInstanceId": "492475033566973952",
        "agreementCompanyName": "示例有限公司",
    })
}

async fn platform(authorizations: Value) -> MockServer {
    let server = MockServer::start().await;
    answer_signed(&server, "POST", AUTHORIZE, json!({ "data": authorizations })).await;
    let data = json!({ "app-token": "at", "access_token": TOKEN, "uid": "99" });
    answer_signed(&server, "GET", APP_TOKEN, json!({ "errcode": 0, "data": data })).await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [] })).await;
    server
}

async fn answer_signed(server: &MockServer, verb: &str, at: &str, answer: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(header("X-Api-ClientID", "200421"))
        .and(header("X-Api-Auth-Version", "2.0"))
        .respond_with(json_answer(answer))
        .mount(server)
        .await;
}

async fn sent(server: &MockServer, at: &str) -> Request {
    let all = server.received_requests().await.unwrap();
    all.into_iter().find(|request| request.url.path() == at).unwrap()
}

/// The signature as the guide describes it, apart from the client's own code.
fn signature(secret: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    let hex = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect::<String>();
    base64::engine::general_purpose::STANDARD.encode(hex)
}

#[tokio::test]
async fn one_login_serves_everybody_until_it_ends() {
    let (server, client, clock) = start().await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [] })).await;
    let asked = futures_util::future::join_all((0..50).map(|_| ask(&client))).await;
    assert!(asked.into_iter().all(|one| one.is_ok()));
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 1);
    let queries = requests(&server, LIST).await;
    assert_eq!(queries[0].0, format!("access_token={TOKEN}&sId=7480001&dbId=7480002"));
    // Ten minutes before the end it is renewed.
    clock.advance(Duration::from_secs(7200 - 599));
    ask(&client).await.unwrap();
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2);
}

/// What several processes share.
#[derive(Default)]
struct Shared(Mutex<HashMap<String, StoredToken>>);

#[async_trait::async_trait]
impl TokenStore for Shared {
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn compare_and_store(
        &self,
        key: &str,
        _: Option<&Secret>,
        token: &StoredToken,
    ) -> Result<bool, StoreError> {
        self.0.lock().unwrap().insert(key.to_owned(), token.clone());
        Ok(true)
    }
}

#[tokio::test]
async fn processes_of_one_login_share_a_session_and_others_do_not() {
    let server = MockServer::start().await;
    give_token(&server).await;
    answer(&server, "POST", LIST, json!({ "code": 0 })).await;
    let shared = Arc::new(Shared::default());
    let process = |login| builder(&server, login).0.token_store(shared.clone()).build().unwrap();
    ask(&process(user())).await.unwrap();
    ask(&process(user())).await.unwrap();
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 1);
    let other = Login::User { username: "13800000000".into(), password: "other".into() };
    ask(&process(other)).await.unwrap_err();
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2);
    let keys = format!("{:?}", shared.0.lock().unwrap().keys());
    assert!(keys.contains("jdy:200421:") && !keys.contains(support::PASSWORD), "{keys}");
}

#[tokio::test]
async fn an_organisation_logs_in_under_its_own_path() {
    let server = MockServer::start().await;
    Mock::given(path("/auth/org/access_token"))
        .and(query_param("tid", "T1"))
        .and(query_param("secret", "org secret"))
        .and(query_param("client_secret", SECRET))
        .respond_with(token_answer(TOKEN))
        .mount(&server)
        .await;
    answer(&server, "POST", LIST, json!({ "code": 0 })).await;
    let login = Login::Org { tid: "T1".into(), secret: "org secret".into() };
    ask(&builder(&server, login).0.build().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let (server, client, _) = start().await;
    let refused = json!({ "code": 4010, "msg": "invalid credential" });
    answer_once(&server, LIST, json_answer(refused.clone())).await;
    answer(&server, "POST", LIST, json!({ "code": 0, "items": [] })).await;
    ask(&client).await.unwrap();
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 2);

    let (server, client, _) = start().await;
    answer(&server, "POST", LIST, refused).await;
    let error = ask(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.api_error().unwrap().code()), (ErrorKind::Session, 4010));
    assert_eq!(requests(&server, LIST).await.len(), 2, "once and once again");
}

#[tokio::test]
async fn refused_credentials_are_asked_about_once_in_ten_minutes() {
    let server = MockServer::start().await;
    let refused = json!({ "errcode": 10_001, "description": "用户名或密码错误" });
    Mock::given(path(TOKEN_PATH)).respond_with(json_answer(refused)).mount(&server).await;
    let (builder, clock) = builder(&server, user());
    let client = builder.build().unwrap();
    for _ in 0..3 {
        let error = ask(&client).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
        assert!(error.to_string().contains("用户名或密码错误"), "{error}");
        assert_eq!(error.operation(), Some("GET /auth/user/access_token"));
    }
    assert_eq!(requests(&server, TOKEN_PATH).await.len(), 1);
    clock.advance(Duration::from_secs(600));
    server.reset().await;
    give_token(&server).await;
    answer(&server, "POST", LIST, json!({ "code": 0 })).await;
    ask(&client).await.unwrap();
}

#[tokio::test]
async fn the_open_platform_gets_signed_requests() {
    let server = platform(json!([authorization("AK", "7480002", "https://tf.jdy.com")])).await;
    let (builder, clock) = builder(&server, Login::Platform(app()));
    let client = builder.company_set("", "").build().unwrap();
    ask(&client).await.unwrap();
    for (at, lines) in [
        (AUTHORIZE, "outerInstanceId=492475033566973952".to_owned()),
        (APP_TOKEN, {
            // Base64 ends in `==` here: encoded twice it is `%253D%253D`.
            let sealed = signature(APP_SECRET, "AK").replace('=', "%253D");
            format!("app_key=AK&app_signature={sealed}")
        }),
    ] {
        let request = sent(&server, at).await;
        let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
        let (nonce, time) = (header("X-Api-Nonce"), header("X-Api-TimeStamp"));
        assert_eq!(time, clock.utc().timestamp_millis().to_string());
        assert!(nonce.bytes().all(|byte| byte.is_ascii_digit()), "{nonce}");
        assert_eq!(header("X-Api-SignHeaders"), "X-Api-TimeStamp,X-Api-Nonce");
        let (verb, place) = (&request.method, at.replace('/', "%2F"));
        let text =
            format!("{verb}\n{place}\n{lines}\nx-api-nonce:{nonce}\nx-api-timestamp:{time}\n");
        assert_eq!(header("X-Api-Signature"), signature(SECRET, &text), "{text}");
    }
    assert_eq!(sent(&server, AUTHORIZE).await.body, b"{}");
    let business = sent(&server, LIST).await;
    assert_eq!(business.headers.get("X-GW-Router-Addr").unwrap(), "https://tf.jdy.com");
    // `sId` and `dbId` are those of the authorization.
    let query = business.url.query().unwrap();
    assert_eq!(query, format!("access_token={TOKEN}&sId=7480001&dbId=7480002"));
}

#[tokio::test]
async fn the_named_order_of_signed_headers_is_a_setting() {
    let server = platform(json!([authorization("AK", "7480002", "https://tf.jdy.com")])).await;
    let mut app = app();
    app.sign_headers = SignHeaders::NonceFirst;
    app.uid = Some("99".into());
    ask(&builder(&server, Login::Platform(app)).0.build().unwrap()).await.unwrap();
    let request = sent(&server, APP_TOKEN).await;
    let named = request.headers.get("X-Api-SignHeaders").unwrap();
    assert_eq!(named, "X-Api-Nonce,X-Api-TimeStamp");
    assert!(request.url.query().unwrap().ends_with("&uid=99"), "{}", request.url);
    assert!(sent(&server, LIST).await.url.query().unwrap().ends_with("&uid=99"));
}

#[tokio::test]
async fn a_new_secret_of_the_app_is_asked_for_before_each_login() {
    let server = platform(json!([authorization("AK", "7480002", "https://tf.jdy.com")])).await;
    let (builder, clock) = builder(&server, Login::Platform(app()));
    let client = builder.build().unwrap();
    ask(&client).await.unwrap();
    clock.advance(Duration::from_secs(7200));
    ask(&client).await.unwrap();
    assert_eq!(requests(&server, AUTHORIZE).await.len(), 2);
}

#[tokio::test]
async fn the_right_one_of_several_authorizations_is_taken() {
    let both = json!([
        authorization("AK1", "7480002", "https://one.jdy.com"),
        authorization("AK2", "7480009", "https://two.jdy.com"),
    ]);
    let server = platform(both.clone()).await;
    let (builder, _) = builder(&server, Login::Platform(app()));
    ask(&builder.clone().build().unwrap()).await.unwrap();
    let business = sent(&server, LIST).await;
    assert_eq!(business.headers.get("X-GW-Router-Addr").unwrap(), "https://one.jdy.com");

    for (company_set, expected) in [
        (("", ""), "several fit"),
        (("7480001", "404"), "no authorization fits"),
        (("404", "7480002"), "no authorization fits"),
    ] {
        let client = builder.clone().company_set(company_set.0, company_set.1).build().unwrap();
        let error = ask(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.contains(expected) && text.contains("app_key AK2"), "{text}");
        assert!(text.contains("db_id 7480009, 示例有限公司"), "{text}");
        assert!(!text.contains(APP_SECRET), "{text}");
    }
}

#[tokio::test]
async fn logins_that_answer_something_else_name_it() {
    for (body, expected) in [
        (json!({ "errcode": 0 }), "expected an object in `data`"),
        (json!({ "errcode": 0, "data": [] }), "expected an object in `data`"),
        (json!({ "errcode": 0, "data": {} }), "expected a text in `access_token`"),
        (
            json!({ "errcode": 0, "data": { "access_token": [1] } }),
            "expected a text in `access_token`",
        ),
        (json!({ "hello": 1 }), "not shown"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN_PATH)).respond_with(json_answer(body)).mount(&server).await;
        let error = ask(&builder(&server, user()).0.build().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.is_before_send(), "the call itself never left");
    }
}

#[tokio::test]
async fn an_outage_of_the_login_passes() {
    let server = MockServer::start().await;
    answer_once(&server, TOKEN_PATH, ResponseTemplate::new(503)).await;
    give_token(&server).await;
    answer(&server, "POST", LIST, json!({ "code": 0 })).await;
    ask(&builder(&server, user()).0.build().unwrap()).await.unwrap();
}

#[test]
fn settings_that_cannot_work_are_named() {
    let login = |username: &str| Login::User { username: username.into(), password: "p".into() };
    for (builder, expected) in [
        (Client::builder("", "s", login("u")), "client_id is empty"),
        (Client::builder("c", "", login("u")), "client_secret is empty"),
        (Client::builder("c", "s", login("")), "login.user.username is empty"),
        (
            Client::builder("c", "s", Login::Platform(Default::default())),
            "outer_instance_id is empty",
        ),
        (Client::builder("c", "s", login("u")).api_base("jdy"), "api_base: expected"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_call_about_a_company_set_needs_one() {
    let (server, client, _) = start().await;
    let sets =
        json!({ "code": 0, "items": [{ "sId": 7_480_001, "dbId": "7480002", "name": "示例" }] });
    answer(&server, "GET", "/jdyaccouting/service", sets).await;
    let nowhere = client.with_company_set("", "");
    let error = ask(&nowhere).await.unwrap_err();
    assert!(error.is_before_send() && error.to_string().contains("s_id is empty"), "{error}");
    let sets = nowhere.company_sets().await.unwrap();
    assert_eq!(sets[0].s_id.as_deref(), Some("7480001"));
    assert_eq!(sets[0].db_id.as_deref(), Some("7480002"));
    assert_eq!(sets[0].members.text("name").unwrap().as_deref(), Some("示例"));
}

#[test]
fn clients_can_be_shared() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    fn movable<T: Send>(_: &T) {}
    let vouchers = Client::builder("c", "s", user()).build().unwrap().vouchers();
    let voucher = support::voucher("1");
    movable(&vouchers.save_one(&voucher));
}
