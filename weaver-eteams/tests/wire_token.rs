//! Codes, tokens and refreshes, as the platform sees and sends them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use erplink_core::ErrorKind;
use serde_json::{Value, json};
use support::{
    ACCESS_TOKEN, AUTHORIZE, CODE, CORP, KEY, QUERY_ORG, REFRESH, REFRESH_TOKEN, SECRET, TOKEN,
    always, answer, builder, code_answer, give_token, json_answer, once, page, refusal, requests,
    start, token_answer,
};
use weaver_eteams::{Client, TokenPlace};
use wiremock::matchers::{path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

async fn ask(client: &Client) -> weaver_eteams::Result<usize> {
    Ok(client.organization().departments().page(1).await?.items.len())
}

async fn accept(server: &MockServer, token: &str) {
    Mock::given(path(QUERY_ORG))
        .and(query_param("access_token", token))
        .respond_with(json_answer(page(1, 1, json!([{ "id": "35" }]))))
        .mount(server)
        .await;
}

#[test]
fn builds_without_a_runtime_and_names_what_is_wrong() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    shared::<weaver_eteams::Error>();
    assert!(size_of::<weaver_eteams::Result<()>>() <= 16);
    let good = || Client::builder(CORP, KEY, SECRET).base_url("http://127.0.0.1:1");
    good().build().unwrap();
    for (builder, expected) in [
        (Client::builder("", KEY, SECRET), "corp_id"),
        (Client::builder(CORP, " ", SECRET), "app_key"),
        (Client::builder(CORP, KEY, ""), "app_secret"),
        (good().base_url("nowhere"), "base_url"),
        (good().base_url("ftp://h"), "http"),
        (good().concurrency(0), "concurrency"),
        (good().success_codes::<&str>([]), "success_codes"),
        (good().call_sys_code("a\nb"), "call_sys_code"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn the_public_cloud_gets_a_query_and_a_form() {
    let (server, client, _) = start().await;
    accept(&server, TOKEN).await;
    assert_eq!(ask(&client).await.unwrap(), 1);
    let [code] = &requests(&server, AUTHORIZE).await[..] else { panic!("one code") };
    assert_eq!(code.method, "GET");
    assert_eq!(code.query, format!("corpid={CORP}&response_type=code&state=erplink"));
    let [token] = &requests(&server, ACCESS_TOKEN).await[..] else { panic!("one token") };
    assert_eq!(token.method, "POST");
    assert_eq!(token.content_type, "application/x-www-form-urlencoded; charset=utf-8");
    let form =
        format!("app_key={KEY}&app_secret={SECRET}&grant_type=authorization_code&code={CODE}");
    assert_eq!(token.body, form);
}

#[tokio::test]
async fn a_private_e10_gets_json_under_its_path() {
    let server = MockServer::start().await;
    always(&server, "/papi/openapi/oauth2/authorize", code_answer()).await;
    always(&server, "/papi/openapi/oauth2/access_token", token_answer(TOKEN)).await;
    answer(&server, "POST", "/papi/openapi/api/hrm/restful/queryOrg", page(1, 0, json!([]))).await;
    let (builder, _) = builder(&server);
    let base = format!("{}/papi/openapi/", server.uri());
    let client = builder.base_url(base).call_sys_code("ERP-01").build().unwrap();
    assert_eq!(ask(&client).await.unwrap(), 0);
    let code = &requests(&server, "/papi/openapi/oauth2/authorize").await[0];
    assert_eq!((code.method.as_str(), code.query.as_str()), ("POST", ""));
    let sent: Value = serde_json::from_str(&code.body).unwrap();
    assert_eq!(sent, json!({ "corpid": CORP, "response_type": "code", "state": "erplink" }));
    let token = &requests(&server, "/papi/openapi/oauth2/access_token").await[0];
    let sent: Value = serde_json::from_str(&token.body).unwrap();
    let grant = "authorization_code";
    let expected =
        json!({ "app_key": KEY, "app_secret": SECRET, "grant_type": grant, "code": CODE });
    assert_eq!(sent, expected);
    for request in server.received_requests().await.unwrap() {
        assert_eq!(request.headers["callsyscode"], "ERP-01");
    }
}

#[tokio::test]
async fn every_spelling_of_the_token_is_read() {
    for answer in [
        json!({ "errcode": 0, "acessToken": TOKEN }),
        json!({ "errcode": "0", "access_token": TOKEN, "refresh_token": 7, "expires_in": "7200" }),
        json!({ "message": { "errcode": 0 }, "accessToken": TOKEN, "expires_in": null }),
    ] {
        let server = MockServer::start().await;
        always(&server, AUTHORIZE, json_answer(json!({ "errcode": 0, "code": 8041 }))).await;
        always(&server, ACCESS_TOKEN, json_answer(answer.clone())).await;
        accept(&server, TOKEN).await;
        let (builder, _) = builder(&server);
        assert_eq!(ask(&builder.build().unwrap()).await.unwrap(), 1, "{answer}");
        assert!(requests(&server, ACCESS_TOKEN).await[0].body.ends_with("code=8041"));
    }
}

#[tokio::test]
async fn many_first_calls_fetch_one_token() {
    let (server, client, _) = start().await;
    accept(&server, TOKEN).await;
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { ask(&client).await })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(requests(&server, AUTHORIZE).await.len(), 1);
    assert_eq!(requests(&server, ACCESS_TOKEN).await.len(), 1);
}

#[tokio::test]
async fn a_token_is_refreshed_two_minutes_before_its_end() {
    let (server, client, clock) = start().await;
    accept(&server, TOKEN).await;
    let refreshed = json!({ "errcode": "0", "accessToken": "second", "refreshToken": "r-2" });
    always(&server, REFRESH_TOKEN, json_answer(refreshed)).await;
    accept(&server, "second").await;
    for (wait, refreshes) in [(0, 0), (7079, 0), (2, 1), (60, 1), (7100, 2)] {
        clock.advance(Duration::from_secs(wait));
        ask(&client).await.unwrap();
        assert_eq!(requests(&server, REFRESH_TOKEN).await.len(), refreshes, "after {wait}");
    }
    assert_eq!(requests(&server, AUTHORIZE).await.len(), 1, "no second code");
    let sent = requests(&server, REFRESH_TOKEN).await;
    assert_eq!(sent[0].body, format!("grant_type=refresh_token&refresh_token={REFRESH}"));
    assert_eq!(sent[1].body, "grant_type=refresh_token&refresh_token=r-2", "the new one counts");
}

#[tokio::test]
async fn a_refresh_carries_the_app_where_that_is_configured() {
    let server = MockServer::start().await;
    give_token(&server).await;
    always(&server, REFRESH_TOKEN, token_answer(TOKEN)).await;
    accept(&server, TOKEN).await;
    let (builder, clock) = builder(&server);
    let client = builder.refresh_with_app().build().unwrap();
    ask(&client).await.unwrap();
    clock.advance(Duration::from_secs(7200));
    ask(&client).await.unwrap();
    let sent = requests(&server, REFRESH_TOKEN).await;
    assert!(sent[0].body.ends_with(&format!("&app_key={KEY}&app_secret={SECRET}")));
}

#[tokio::test]
async fn a_refresh_that_fails_falls_back_to_a_code_and_is_not_replayed() {
    for failure in [refusal("300002", "no"), ResponseTemplate::new(502), refusal("9", "?")] {
        let (server, client, clock) = start().await;
        accept(&server, TOKEN).await;
        always(&server, REFRESH_TOKEN, failure).await;
        ask(&client).await.unwrap();
        clock.advance(Duration::from_secs(7200));
        ask(&client).await.unwrap();
        assert_eq!(requests(&server, REFRESH_TOKEN).await.len(), 1);
        assert_eq!(requests(&server, AUTHORIZE).await.len(), 2);
    }
}

#[tokio::test]
async fn a_refresh_token_whose_answer_was_lost_is_not_used_again_although_no_code_came() {
    let (server, client, clock) = start().await;
    accept(&server, TOKEN).await;
    ask(&client).await.unwrap();
    clock.advance(Duration::from_secs(7200));
    always(&server, REFRESH_TOKEN, ResponseTemplate::new(504)).await;
    once(&server, AUTHORIZE, ResponseTemplate::new(502)).await;
    ask(&client).await.unwrap();
    assert_eq!(requests(&server, REFRESH_TOKEN).await.len(), 1);
    assert_eq!(requests(&server, AUTHORIZE).await.len(), 1 + 2);
}

#[tokio::test]
async fn a_code_whose_exchange_was_lost_is_never_used_again() {
    let server = MockServer::start().await;
    let code = |code: &str| json_answer(json!({ "errcode": "0", "code": code }));
    once(&server, AUTHORIZE, code("first")).await;
    always(&server, AUTHORIZE, code("second")).await;
    once(&server, ACCESS_TOKEN, ResponseTemplate::new(504)).await;
    always(&server, ACCESS_TOKEN, token_answer(TOKEN)).await;
    accept(&server, TOKEN).await;
    let (builder, _) = builder(&server);
    ask(&builder.build().unwrap()).await.unwrap();
    let sent = requests(&server, ACCESS_TOKEN).await;
    assert!(sent[0].body.ends_with("code=first") && sent[1].body.ends_with("code=second"));
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_by_its_refresh_token() {
    for code in ["200007", "200008", "300001", "300002"] {
        let server = MockServer::start().await;
        always(&server, AUTHORIZE, code_answer()).await;
        always(&server, ACCESS_TOKEN, token_answer("old")).await;
        always(&server, REFRESH_TOKEN, token_answer(TOKEN)).await;
        Mock::given(query_param("access_token", "old"))
            .respond_with(refusal(code, "expired"))
            .mount(&server)
            .await;
        accept(&server, TOKEN).await;
        let (builder, _) = builder(&server);
        ask(&builder.build().unwrap()).await.unwrap();
        assert_eq!(requests(&server, QUERY_ORG).await.len(), 2);
        assert_eq!(requests(&server, REFRESH_TOKEN).await.len(), 1);
    }
}

#[tokio::test]
async fn a_token_that_another_call_replaced_is_not_dropped() {
    let server = MockServer::start().await;
    always(&server, AUTHORIZE, code_answer()).await;
    always(&server, ACCESS_TOKEN, token_answer("old")).await;
    always(&server, REFRESH_TOKEN, token_answer(TOKEN)).await;
    Mock::given(query_param("access_token", "old"))
        .respond_with(refusal("300001", "expired"))
        .mount(&server)
        .await;
    accept(&server, TOKEN).await;
    let (builder, _) = builder(&server);
    let client = builder.build().unwrap();
    let calls = (0..30).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { ask(&client).await })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(requests(&server, REFRESH_TOKEN).await.len(), 1);
    assert_eq!(requests(&server, AUTHORIZE).await.len(), 1);
}

#[tokio::test]
async fn tokens_that_are_always_refused_end_in_an_error() {
    let (server, client, _) = start().await;
    always(&server, QUERY_ORG, refusal("300001", "invalid")).await;
    always(&server, REFRESH_TOKEN, token_answer("other")).await;
    let error = ask(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Session);
    assert!(!error.is_retryable());
    assert_eq!(requests(&server, QUERY_ORG).await.len(), 2);
}

#[tokio::test]
async fn a_refused_app_is_remembered_for_a_minute_and_the_setting_named() {
    for (at, setting) in [(AUTHORIZE, "corp_id"), (ACCESS_TOKEN, "app_key and app_secret")] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(refusal("900", "无效")).mount(&server).await;
        give_token(&server).await;
        let (builder, clock) = builder(&server);
        let client = builder.build().unwrap();
        for (wait, asked) in [(0, 1), (55, 1), (10, 2)] {
            clock.advance(Duration::from_secs(wait));
            for _ in 0..3 {
                let error = ask(&client).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Auth);
                assert!(error.is_before_send() && !error.is_retryable());
                assert!(error.to_string().contains(setting), "{error}");
                assert_eq!(error.api_error().unwrap().code().as_str(), "900");
            }
            assert_eq!(requests(&server, at).await.len(), asked, "after {wait}");
        }
        client.reset_token().await;
        ask(&client).await.unwrap_err();
        assert_eq!(requests(&server, at).await.len(), 3);
    }
}

#[tokio::test]
async fn the_token_travels_in_the_body_where_that_is_configured() {
    let server = MockServer::start().await;
    give_token(&server).await;
    always(&server, QUERY_ORG, json_answer(page(1, 0, json!([])))).await;
    always(&server, "/form", json_answer(json!({ "errcode": 0 }))).await;
    always(&server, "/department/v1/list", json_answer(json!({ "errcode": 0, "data": [] }))).await;
    let (builder, _) = builder(&server);
    let client = builder.token_place(TokenPlace::Body).build().unwrap();
    ask(&client).await.unwrap();
    client.raw().post("/form").form([("userid", "6012")]).await.unwrap();
    client.raw().post("/form").json(&[1, 2]).await.unwrap();
    client.organization().departments_v1().await.unwrap();
    let sent = requests(&server, QUERY_ORG).await;
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!((sent[0].query.as_str(), &body["access_token"]), ("", &json!(TOKEN)));
    let forms = requests(&server, "/form").await;
    assert_eq!(forms[0].body, format!("userid=6012&access_token={TOKEN}"));
    let in_query = format!("access_token={TOKEN}");
    assert_eq!(forms[1].query, in_query, "a list has no place for it");
    assert_eq!(requests(&server, "/department/v1/list").await[0].query, in_query);
}
