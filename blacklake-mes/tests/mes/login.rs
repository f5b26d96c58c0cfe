//! Both logins, the life of tokens, and where they travel.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use blacklake_mes::{Client, Config, ErrorKind, TokenPlacement};
use erplink_core::clock::Clock as _;
use serde_json::{Value, json};
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer};

use crate::support::{
    APP_LOGIN, FACTORY_LOGIN, KEY, ROUTE, SECRET, TOKEN, answer, answer_once, builder, refusal,
    start, success,
};

const ANY: &str = "/any";

async fn call(client: &Client) -> blacklake_mes::Result<()> {
    client.raw().read(ANY).await.map(drop)
}

async fn logins(server: &MockServer, at: &str) -> usize {
    let all = server.received_requests().await.unwrap();
    all.iter().filter(|request| request.url.path() == at).count()
}

#[tokio::test]
async fn an_interface_account_logs_in_and_its_jwt_says_until_when() {
    let server = MockServer::start().await;
    let (builder, clock) = builder(&server);
    let exp = clock.utc().timestamp() + 600;
    let claims = json!({ "terminal": 5, "exp": exp, "userId": 1, "orgId": 2 }).to_string();
    let token = format!("eyJhbGciOiJIUzUxMiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    Mock::given(method("POST"))
        .and(path(FACTORY_LOGIN))
        .and(header("content-type", "application/json; charset=utf-8"))
        .and(body_json(json!({ "appKey": KEY, "appSecret": SECRET, "factoryNumber": "Z20" })))
        .respond_with(success(json!({ "token": token, "terminal": 5, "username": "erp" })))
        .mount(&server)
        .await;
    Mock::given(path(format!("{ROUTE}{ANY}")))
        .and(query_param("access_token", &token))
        .respond_with(success(Value::Null))
        .mount(&server)
        .await;
    let client = builder.factory_number("Z20").build().unwrap();
    call(&client).await.unwrap();
    clock.advance(Duration::from_secs(419));
    call(&client).await.unwrap();
    assert_eq!(logins(&server, FACTORY_LOGIN).await, 1);
    clock.advance(Duration::from_secs(2)); // 180 s before the end
    call(&client).await.unwrap();
    assert_eq!(logins(&server, FACTORY_LOGIN).await, 2);
}

#[tokio::test]
async fn an_app_logs_in_with_three_spellings_of_the_life() {
    for (name, life) in [("expire", 1000), ("expiresIn", 1000), ("expires_in", 1000), ("x", 3600)] {
        let server = MockServer::start().await;
        Mock::given(path(APP_LOGIN))
            .and(body_json(json!({ "appKey": KEY, "appSecret": SECRET })))
            .respond_with(success(json!({ "appAccessToken": TOKEN, name: life })))
            .mount(&server)
            .await;
        answer(&server, ANY, success(Value::Null)).await;
        let (builder, clock) = builder(&server);
        let client = builder.build().unwrap();
        call(&client).await.unwrap();
        clock.advance(Duration::from_secs(life - 181));
        call(&client).await.unwrap();
        assert_eq!(logins(&server, APP_LOGIN).await, 1, "{name}");
        clock.advance(Duration::from_secs(2));
        call(&client).await.unwrap();
        assert_eq!(logins(&server, APP_LOGIN).await, 2, "{name}");
    }
}

#[tokio::test]
async fn the_token_travels_where_it_is_told_to() {
    let (server, _) = start().await;
    let (builder, _) = builder(&server);
    let places = [
        TokenPlacement::Header("X-AUTH".to_owned()),
        TokenPlacement::Header("access_token".to_owned()),
        TokenPlacement::Query("token".to_owned()),
    ];
    let client = builder.token_placement(places).build().unwrap();
    Mock::given(header("x-auth", TOKEN))
        .and(header("access_token", TOKEN))
        .and(query_param("token", TOKEN))
        .respond_with(success(Value::Null))
        .mount(&server)
        .await;
    call(&client).await.unwrap();
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_also_for_writes() {
    for refused in [
        refusal(400_150, "USER-DOMAIN/SSO_TOKEN_FAIL", "登录状态失效"),
        refusal(401, "", "unauthorized"),
        refusal(500, "OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED", ""),
        wiremock::ResponseTemplate::new(401),
    ] {
        let (server, client) = start().await;
        answer_once(&server, ANY, refused.clone()).await;
        answer(&server, ANY, success(Value::Null)).await;
        client.raw().write(ANY).await.unwrap();
        assert_eq!(logins(&server, APP_LOGIN).await, 2);

        let (server, client) = start().await;
        answer(&server, ANY, refused).await;
        let error = client.raw().write(ANY).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Session, "{error}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(crate::support::count(&server, ANY).await, 2, "given up after one renewal");
    }
}

#[tokio::test]
async fn a_refused_login_is_final_until_it_is_reset() {
    let server = MockServer::start().await;
    Mock::given(path(APP_LOGIN))
        .respond_with(refusal(1001, "OPENAPI-DOMAIN/APP_ERROR", "appSecret错误"))
        .mount(&server)
        .await;
    let client = builder(&server).0.build().unwrap();
    for _ in 0..3 {
        let error = call(&client).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.is_before_send() && error.to_string().contains("appSecret错误"), "{error}");
        assert_eq!(error.api_error().unwrap().sub_code(), Some("OPENAPI-DOMAIN/APP_ERROR"));
    }
    assert_eq!(logins(&server, APP_LOGIN).await, 1);
    client.reset_token().await;
    call(&client).await.unwrap_err();
    assert_eq!(logins(&server, APP_LOGIN).await, 2);
}

#[tokio::test]
async fn a_hundred_callers_log_in_once() {
    let (server, client) = start().await;
    answer(&server, ANY, success(Value::Null)).await;
    let calls = (0..100).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { call(&client).await })
    });
    for task in calls.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(logins(&server, APP_LOGIN).await, 1);
}

#[tokio::test]
async fn the_base_is_taken_as_people_copy_it() {
    let (server, _) = start().await;
    answer(&server, ANY, success(Value::Null)).await;
    for tail in ["", "/", "/api/openapi/domain/web/v1/route", "/api/openapi/domain/web/v1/route/"] {
        let client = Client::builder(format!("{}{tail}", server.uri()), KEY, SECRET);
        call(&client.build().unwrap()).await.unwrap();
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let config = |change: fn(&mut Config)| {
        let mut config = Config::new("https://mes.example.com", "key", "secret");
        change(&mut config);
        let error = Client::from_config(&config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    };
    assert!(config(|c| c.base_url = "v3-hw".into()).contains("base_url"));
    assert!(config(|c| c.app_key = " ".into()).contains("app_key"));
    assert!(config(|c| c.app_secret = "".into()).contains("app_secret"));
    assert!(config(|c| c.factory_number = Some(String::new())).contains("factory_number"));
    assert!(config(|c| c.calls_per_second = 0).contains("calls_per_second"));
    assert!(config(|c| c.max_in_flight = 0).contains("max_in_flight"));
    assert!(config(|c| c.token_placement.clear()).contains("token_placement"));
    assert!(config(|c| c.route_prefix = "x".into()).contains("route_prefix"));
    assert!(config(|c| c.login_path = Some("x".into())).contains("login_path"));
    assert!(config(|c| c.work_order_edit_path = "x".into()).contains("work_order_edit_path"));
    let odd = TokenPlacement::Header("a b".into());
    let text = {
        let mut config = Config::new("https://mes.example.com", "key", "secret");
        config.token_placement = vec![odd];
        Client::from_config(&config).unwrap_err().to_string()
    };
    assert!(text.contains("`a b`"), "{text}");
}

#[test]
fn a_file_of_settings_is_read() {
    let config: Config = serde_json::from_value(json!({
        "base_url": "https://v3-ali.blacklake.cn", "app_key": "k", "app_secret": "s",
        "token_placement": [{ "header": "X-AUTH" }, { "query": "access_token" }],
    }))
    .unwrap();
    assert_eq!(config.token_placement.len(), 2);
    Client::from_config(&config).unwrap();
    let misspelt =
        json!({ "base_url": "https://x.cn", "app_key": "k", "app_secret": "s", "appkey": 1 });
    assert!(serde_json::from_value::<Config>(misspelt).is_err());
}
