//! Login, cookies, renewal, logout.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a panic is how a test fails

mod support;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use b1_servicelayer::{
    Client, Cookies, Effect, Error, ErrorKind, LoginProvider, ProvidedSession, Result, Secret,
    Version,
};
use serde_json::json;
use support::{Erp, SESSION, error, header, json, login_answer, no_content};
use wiremock::ResponseTemplate;

const ITEM: &str = r#"{"ItemCode":"A1"}"#;

#[tokio::test]
async fn the_first_call_logs_in_and_sends_all_cookies() {
    let erp = Erp::start().await;
    erp.answer(json(200, ITEM)).await;
    erp.client.items().key("A1").get().await.unwrap();

    let requests = erp.received().await;
    assert_eq!(requests[0].url.path(), "/6160/b1s/v1/Login");
    assert_eq!(header(&requests[0], "content-type"), "application/json");
    assert_eq!(header(&requests[0], "cookie"), "");
    let body: serde_json::Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(
        body,
        json!({"CompanyDB":"SBODEMOCN","UserName":"S-ERP\\LLB","Password":support::PASSWORD,"Language":15})
    );
    assert_eq!(requests[1].url.path(), "/6160/b1s/v1/Items('A1')");
    assert_eq!(header(&requests[1], "cookie"), format!("B1SESSION={SESSION}; ROUTEID=.node1"));
    assert_eq!(erp.client.server_version().as_deref(), Some("1000190"));
}

#[tokio::test]
async fn v2_logs_in_on_v2_and_a_missing_cookie_comes_from_the_body() {
    let erp = Erp::without_login(|builder| builder.version(Version::V2)).await;
    erp.answer_login(json(200, &format!(r#"{{"@odata.context":"x","SessionId":"{SESSION}"}}"#)))
        .await
        .answer(json(200, ITEM))
        .await;
    erp.client.items().key("A1").get().await.unwrap();
    let requests = erp.received().await;
    assert_eq!(requests[0].url.path(), "/6160/b1s/v2/Login");
    assert_eq!(header(&requests[1], "cookie"), format!("B1SESSION={SESSION}"));
}

#[tokio::test]
async fn a_new_route_replaces_the_old_one() {
    let erp = Erp::start().await;
    erp.answer(json(200, ITEM).append_header("set-cookie", "ROUTEID=.node2; path=/b1s"))
        .await
        .answer(json(200, ITEM))
        .await;
    for _ in 0..2 {
        erp.client.items().key("A1").get().await.unwrap();
    }
    let calls = erp.calls().await;
    assert_eq!(header(&calls[1], "cookie"), format!("B1SESSION={SESSION}; ROUTEID=.node2"));
    assert_eq!(erp.logins().await, 1);
}

#[tokio::test]
async fn an_expired_session_is_renewed_once_for_every_method() {
    for rejection in [error(401, 301), ResponseTemplate::new(401), json(401, "<html>")] {
        let erp = Erp::start().await;
        erp.answer(rejection.clone()).await.answer(json(201, r#"{"DocEntry":1}"#)).await;
        let order = Default::default();
        assert_eq!(erp.client.orders().create(&order).await.unwrap().doc_entry, Some(1));
        assert_eq!((erp.logins().await, erp.calls().await.len()), (2, 2));
    }
}

#[tokio::test]
async fn a_second_rejection_is_returned() {
    let erp = Erp::start().await;
    for _ in 0..3 {
        erp.answer(error(401, 301)).await;
    }
    let failed = erp.client.items().key("A1").get().await.unwrap_err();
    assert_eq!((failed.kind(), failed.may_have_taken_effect()), (ErrorKind::Session, false));
    assert!(failed.is_auth() && !failed.is_retryable());
    assert_eq!((erp.logins().await, erp.calls().await.len()), (2, 2));
}

#[tokio::test]
async fn other_refusals_do_not_log_in_again() {
    let erp = Erp::start().await;
    erp.answer(error(401, -1)).await.answer(error(403, -6006)).await;
    for _ in 0..2 {
        let failed = erp.client.items().key("A1").get().await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Forbidden);
    }
    assert_eq!(erp.logins().await, 1);
}

#[tokio::test]
async fn an_idle_session_is_renewed_before_the_server_ends_it() {
    let erp = Erp::start().await;
    for _ in 0..4 {
        erp.answer(json(200, ITEM)).await;
    }
    let get = || erp.client.items().key("A1").get();
    get().await.unwrap();
    // Used every 20 minutes it never expires: the timeout counts idleness.
    for _ in 0..2 {
        erp.clock.advance(Duration::from_secs(20 * 60));
        get().await.unwrap();
    }
    assert_eq!(erp.logins().await, 1);
    erp.clock.advance(Duration::from_secs(29 * 60 + 1));
    get().await.unwrap();
    assert_eq!(erp.logins().await, 2);
}

#[tokio::test]
async fn refused_credentials_are_tried_once_until_login_is_called() {
    for (status, code) in [(401, 100_000_027), (401, 100_000_055), (401, 301)] {
        let erp = Erp::without_login(|builder| builder).await;
        erp.answer_login(error(status, code)).await;
        for _ in 0..3 {
            let failed = erp.client.items().key("A1").get().await.unwrap_err();
            assert_eq!(failed.kind(), ErrorKind::Auth);
            assert_eq!(failed.operation(), Some("POST Login"));
            assert!(!failed.may_have_taken_effect());
        }
        assert_eq!(erp.logins().await, 1);
        erp.answer_login(login_answer()).await;
        erp.client.login().await.unwrap();
        assert_eq!(erp.logins().await, 2);
    }
}

#[tokio::test]
async fn a_busy_company_is_fatal_but_not_remembered() {
    let erp = Erp::without_login(|builder| builder).await;
    erp.answer_login(error(500, 305)).await.answer_login(login_answer()).await;
    let failed = erp.client.login().await.unwrap_err();
    assert_eq!((failed.kind(), failed.is_retryable()), (ErrorKind::Api, false));
    assert_eq!(failed.api_error().unwrap().number(), Some(305));
    erp.client.login().await.unwrap();
}

#[tokio::test]
async fn a_server_in_trouble_at_login_does_not_cast_doubt_on_the_call() {
    let erp = Erp::without_login(|builder| builder).await;
    for _ in 0..3 {
        erp.answer_login(ResponseTemplate::new(503)).await;
    }
    let failed = erp.client.orders().create(&Default::default()).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Server);
    assert!(!failed.may_have_taken_effect(), "the creation was never sent");
    assert_eq!(failed.effect(), Effect::NotExecuted);
    assert_eq!(erp.logins().await, 3, "the login may be repeated");
    assert!(erp.calls().await.is_empty());
}

#[tokio::test]
async fn a_login_without_a_session_says_so() {
    let erp = Erp::without_login(|builder| builder).await;
    erp.answer_login(json(200, r#"{"SessionId":12345678901}"#)).await;
    let failed = erp.client.login().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Decode);
    assert!(!format!("{failed:?}").contains("12345678901"));
}

#[tokio::test]
async fn logout_ends_the_session_and_the_next_call_logs_in_again() {
    for answer in [no_content(), error(401, 301)] {
        let erp = Erp::start().await;
        erp.client.logout().await.unwrap();
        assert!(erp.received().await.is_empty(), "nothing to end");
        erp.answer(json(200, ITEM)).await.answer(answer).await.answer(json(200, ITEM)).await;
        erp.client.items().key("A1").get().await.unwrap();
        erp.client.logout().await.unwrap();
        let (line, _, request) = erp.last().await;
        assert_eq!(line, "POST Logout");
        assert_eq!(header(&request, "cookie"), format!("B1SESSION={SESSION}; ROUTEID=.node1"));
        erp.client.items().key("A1").get().await.unwrap();
        assert_eq!(erp.logins().await, 2);
    }
}

#[tokio::test]
async fn a_session_from_elsewhere_is_used_until_it_ends() {
    let context = "B1SESSION=abc;CompanyDB=SBODEMOCN;HttpOnly;,ROUTEID=.node3;path=/b1s";
    let erp = Erp::with(|builder| builder.session(Cookies::parse(context))).await;
    erp.answer(json(200, ITEM)).await.answer(error(401, 301)).await.answer(json(200, ITEM)).await;
    for _ in 0..2 {
        erp.client.items().key("A1").get().await.unwrap();
    }
    let calls = erp.calls().await;
    assert_eq!(header(&calls[0], "cookie"), "B1SESSION=abc; CompanyDB=SBODEMOCN; ROUTEID=.node3");
    assert_eq!(erp.logins().await, 1, "the session ended, the credentials took over");

    let alone = Client::builder(erp.server.uri()).session(Cookies::parse("abc")).build().unwrap();
    erp.answer(error(401, 301)).await;
    let failed = alone.items().key("A1").get().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Session);
    assert!(failed.to_string().contains("no credentials"), "{failed}");
}

#[derive(Debug)]
struct Provider;

#[async_trait]
impl LoginProvider for Provider {
    async fn login(&self) -> Result<ProvidedSession> {
        let mut cookies = Cookies::default();
        cookies.set("B1SESSION", "from-the-provider");
        Ok(ProvidedSession { cookies, timeout: Some(Duration::from_secs(600)) })
    }
}

#[derive(Debug)]
struct Refusing;

#[async_trait]
impl LoginProvider for Refusing {
    async fn login(&self) -> Result<ProvidedSession> {
        Err(Error::new(ErrorKind::Auth, "token refused"))
    }
}

#[tokio::test]
async fn a_provider_can_take_the_place_of_the_login() {
    let erp = Erp::without_login(|builder| builder.login_provider(Arc::new(Provider))).await;
    erp.answer(json(200, ITEM)).await;
    erp.client.items().key("A1").get().await.unwrap();
    assert_eq!(header(&erp.last().await.2, "cookie"), "B1SESSION=from-the-provider");

    let erp = Erp::without_login(|builder| builder.login_provider(Arc::new(Refusing))).await;
    let failed = erp.client.items().key("A1").get().await.unwrap_err();
    assert!(failed.is_auth() && failed.to_string().contains("token refused"), "{failed}");
}

#[test]
fn a_client_is_built_outside_of_a_runtime() {
    let client = Client::builder("https://erp.example.com/6160/b1s/v1/")
        .company_db("SBODEMOCN")
        .credentials("manager", Secret::new("x"))
        .build()
        .unwrap();
    assert!(format!("{client:?}").contains("https://erp.example.com/6160/b1s/v1/"));
}
