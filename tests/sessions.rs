//! One login for everybody: sessions of the Service Layer and tokens of DingTalk under a thousand
//! callers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::time::Duration;

use b1_servicelayer::{Client, ErrorKind, Version};
use dingtalk::TokenMethod;
use erplink_tests::Stage;
use futures_util::future::join_all;
use http::Method;

const CALLERS: usize = 1000;

fn logins(stage: &Stage) -> usize {
    stage.erp().calls().count(Method::POST, "/Login")
}

/// Everybody reads an item at the same moment; how many were answered, and the failures.
async fn everybody_reads(b1: &Client) -> (usize, Vec<b1_servicelayer::Error>) {
    let calls = (0..CALLERS).map(|_| {
        let b1 = b1.clone();
        tokio::spawn(async move { b1.items().key("RM-001").get().await })
    });
    let answers = join_all(calls).await.into_iter().map(Result::unwrap);
    let (good, bad): (Vec<_>, Vec<_>) = answers.partition(Result::is_ok);
    (good.len(), bad.into_iter().map(Result::unwrap_err).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_first_calls_log_in_once_and_once_more_when_all_sessions_end() {
    let stage = Stage::start().await;
    let b1 = stage.b1_builder().max_in_flight(64).build().unwrap();
    assert_eq!(everybody_reads(&b1).await.0, CALLERS);
    assert_eq!(logins(&stage), 1);
    assert_eq!(stage.erp().calls().count(Method::GET, "/Items"), CALLERS);

    stage.erp().expire_sessions();
    stage.erp().calls().clear();
    assert_eq!(everybody_reads(&b1).await.0, CALLERS);
    assert_eq!(logins(&stage), 1, "one more for all that were rejected");
    let reads = stage.erp().calls().all();
    let answered = reads.iter().filter(|call| call.status == Some(200)).count();
    assert_eq!(answered, CALLERS + 1, "every call once, and the login");
    let rejected = reads.iter().filter(|call| call.status == Some(401)).count();
    assert!((1..=64).contains(&rejected), "{rejected} calls were rejected");
    assert_eq!(stage.erp().login_count(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_in_the_middle_costs_one_login() {
    let stage = Stage::start().await;
    let b1 = stage.b1_builder().max_in_flight(16).build().unwrap();
    b1.login().await.unwrap();
    let readers = b1.clone();
    let reading = tokio::spawn(async move { everybody_reads(&readers).await });
    while stage.erp().calls().count(Method::GET, "/Items") < CALLERS / 4 {
        tokio::task::yield_now().await;
    }
    stage.erp().expire_sessions();
    assert_eq!(reading.await.unwrap().0, CALLERS);
    assert_eq!(logins(&stage), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_tried_once_by_a_thousand_callers() {
    let stage = Stage::start().await;
    let b1 = stage.b1_builder_as(stage.erp().user(), "wrong").build().unwrap();
    let (good, refused) = everybody_reads(&b1).await;
    assert_eq!((good, refused.len()), (0, CALLERS));
    for error in &refused {
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert!(error.is_auth() && !error.is_retryable() && !error.may_have_taken_effect());
        assert_eq!(error.http_status(), Some(401));
    }
    assert_eq!(stage.erp().calls().all().len(), 1, "one login and nothing else");

    // Later calls, writes too: the refusal from memory.
    assert!(b1.items().key("RM-001").get().await.unwrap_err().is_auth());
    assert!(b1.orders().key(1).close().await.unwrap_err().is_auth());
    stage.let_sessions_expire();
    assert!(b1.items().key("RM-001").get().await.unwrap_err().is_auth());
    assert_eq!(stage.erp().calls().all().len(), 1);

    // Only somebody who says so tries again.
    assert!(b1.login().await.unwrap_err().is_auth());
    assert_eq!(logins(&stage), 2);
    stage.erp().edit("Users", "1", &serde_json::json!({"UserPassword": "wrong"})).unwrap();
    b1.login().await.unwrap();
    assert_eq!(logins(&stage), 3);
    b1.items().key("RM-001").get().await.unwrap();
    assert_eq!(logins(&stage), 3);
}

#[tokio::test]
async fn a_locked_user_is_not_tried_again() {
    let stage = Stage::start().await;
    let b1 = stage.b1_builder_as("S-ERP\\LOCKED", "Gone-1234").build().unwrap();
    for _ in 0..3 {
        let error = b1.items().count().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert_eq!(error.api_error().unwrap().number(), Some(100_000_055));
    }
    assert_eq!(stage.erp().calls().all().len(), 1);
}

#[tokio::test]
async fn a_lost_login_is_not_remembered_as_a_refusal() {
    let stage = Stage::start().await;
    let policy = b1_servicelayer::RetryPolicy::never();
    let b1 = stage.b1_builder().retry(policy).build().unwrap();
    for fault in [
        erplink_sandbox::Fault::reset_before(Method::POST, "/Login"),
        erplink_sandbox::Fault::html(Method::POST, "/Login", http::StatusCode::BAD_GATEWAY),
        erplink_sandbox::Fault::truncate_body(Method::POST, "/Login"),
    ] {
        stage.erp().faults().push(fault.clone());
        let error = b1.orders().key(1).close().await.unwrap_err();
        assert!(!error.is_auth(), "{fault:?}: {error}");
        assert!(!error.may_have_taken_effect(), "the call itself was not sent: {error:?}");
    }
    b1.items().key("RM-001").get().await.unwrap();
}

#[tokio::test]
async fn the_session_follows_the_balancer_to_another_node() {
    for version in [Version::V1, Version::V2] {
        let stage = Stage::start().await;
        let b1 = stage.b1_builder().version(version).build().unwrap();
        b1.items().key("RM-001").get().await.unwrap();
        stage.erp().fail_over();
        let moved = b1.raw().get("Items('RM-001')").await.unwrap();
        let cookie = moved.headers().get("set-cookie").unwrap().to_str().unwrap();
        assert!(cookie.contains("ROUTEID=.node2"), "{cookie}");
        // The server sends the cookie to whoever does not have it: now the client has.
        let settled = b1.raw().get("Items('RM-001')").await.unwrap();
        assert!(settled.headers().get("set-cookie").is_none(), "the old node is still asked for");
        assert_eq!(logins(&stage), 1, "the session lives on");
    }
}

#[tokio::test]
async fn an_idle_session_is_renewed_before_it_is_rejected() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    b1.items().key("RM-001").get().await.unwrap();
    // Used every twenty minutes it lives for hours: only idleness ends it.
    for _ in 0..9 {
        stage.clock.advance(Duration::from_secs(20 * 60));
        b1.items().key("RM-001").get().await.unwrap();
    }
    assert_eq!(logins(&stage), 1);
    stage.let_sessions_expire();
    b1.items().key("RM-001").get().await.unwrap();
    assert_eq!(logins(&stage), 2);
    assert!(stage.erp().calls().all().iter().all(|call| call.status == Some(200)), "no 401 paid");
    // A server with shorter sessions is believed.
    stage.erp().configure(|options| options.session_timeout_minutes = 5);
    stage.erp().expire_sessions();
    b1.items().key("RM-001").get().await.unwrap();
    stage.erp().calls().clear();
    stage.clock.advance(Duration::from_secs(6 * 60));
    b1.items().key("RM-001").get().await.unwrap();
    let statuses: Vec<_> = stage.erp().calls().all().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(200), Some(200)], "login and read");
}

#[tokio::test]
async fn a_session_that_is_always_rejected_ends_with_an_error() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    let rejected = || {
        let kind = erplink_sandbox::FaultKind::Status {
            status: http::StatusCode::UNAUTHORIZED,
            retry_after: None,
            body: Some(r#"{"error":{"code":301,"message":"Invalid session"}}"#.to_owned()),
        };
        erplink_sandbox::Fault::new(Method::GET, "/Items", kind).times(100)
    };
    stage.erp().faults().push(rejected());
    let error = b1.items().key("RM-001").get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Session);
    assert!(!error.is_retryable());
    assert_eq!(stage.erp().calls().count(Method::GET, "/Items"), 2, "once, and once more");
    assert_eq!(logins(&stage), 2);
}

#[tokio::test]
async fn who_logs_out_logs_in_again_with_the_next_call() {
    let stage = Stage::start().await;
    let b1 = stage.b1();
    b1.items().key("RM-001").get().await.unwrap();
    assert_eq!(stage.erp().session_ids().len(), 1);
    b1.logout().await.unwrap();
    assert!(stage.erp().session_ids().is_empty());
    b1.items().key("RM-001").get().await.unwrap();
    assert_eq!(logins(&stage), 2);
}

// DingTalk

async fn everybody_asks(client: &dingtalk::Client) -> (usize, Vec<dingtalk::Error>) {
    let calls = (0..CALLERS).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.workflow().todo_count("manager4974").await })
    });
    let answers = join_all(calls).await.into_iter().map(Result::unwrap);
    let (good, bad): (Vec<_>, Vec<_>) = answers.partition(Result::is_ok);
    (good.len(), bad.into_iter().map(Result::unwrap_err).collect())
}

fn methods(stage: &Stage) -> [(TokenMethod, &'static str); 3] {
    let corp_id = stage.office().corp_id();
    [
        (TokenMethod::V1, "/oauth2/accessToken"),
        (TokenMethod::Unified { corp_id }, "/token"),
        (TokenMethod::Legacy, "/gettoken"),
    ]
}

/// Requests for a token on either port.
fn fetches(stage: &Stage, path: &str) -> usize {
    stage.office().calls_api().count(None, path) + stage.office().calls_oapi().count(None, path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_first_calls_fetch_one_token_and_one_more_when_it_is_forgotten() {
    let stage = Stage::start().await;
    let client = stage.dingtalk();
    let (good, bad) = everybody_asks(&client).await;
    assert_eq!(good, CALLERS, "{:?}", bad.first());
    assert_eq!(stage.office().fetch_count(), 1);

    stage.office().invalidate_token();
    stage.office().calls_api().clear();
    let (good, bad) = everybody_asks(&client).await;
    assert_eq!(good, CALLERS, "{:?}", bad.first());
    assert_eq!(stage.office().fetch_count(), 2);
    let calls = stage.office().calls_api().all();
    let answered = calls.iter().filter(|call| call.status == Some(200)).count();
    assert_eq!(answered, CALLERS + 1, "every call once, and the token");
}

#[tokio::test]
async fn every_way_to_a_token_is_used_once() {
    let stage = Stage::start().await;
    for (method, path) in methods(&stage) {
        let client = stage.dingtalk_builder().token_method(method.clone()).build().unwrap();
        let before = stage.office().fetch_count();
        let calls = (0..50).map(|_| async {
            client.workflow().todo_count("manager4974").await.unwrap();
            client.contacts().originator_by_mobile("13800000001").await.unwrap();
        });
        join_all(calls).await;
        assert_eq!(stage.office().fetch_count() - before, 1, "{method:?}");
        assert_eq!(fetches(&stage, path), 1, "{method:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_tried_once_by_a_thousand_callers() {
    let stage = Stage::start().await;
    let client = stage.dingtalk_builder_with("not-the-secret").build().unwrap();
    let (good, refused) = everybody_asks(&client).await;
    assert_eq!((good, refused.len()), (0, CALLERS));
    for error in &refused {
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert!(!error.is_retryable() && error.is_before_send());
    }
    assert_eq!(stage.office().calls_api().all().len(), 1, "one fetch and nothing else");
    assert!(client.workflow().todo_count("manager4974").await.unwrap_err().is_auth());
    assert_eq!(stage.office().calls_api().all().len(), 1);
    client.reset_token().await;
    assert!(client.workflow().todo_count("manager4974").await.unwrap_err().is_auth());
    assert_eq!(stage.office().calls_api().all().len(), 2);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let stage = Stage::start().await;
    for (method, _) in methods(&stage) {
        let client = stage.dingtalk_builder().token_method(method.clone()).build().unwrap();
        let before = stage.office().fetch_count();
        let ask = || async { client.workflow().todo_count("manager4974").await.unwrap() };
        ask().await;
        stage.clock.advance(Duration::from_secs(7200 - 600 - 30));
        ask().await;
        assert_eq!(stage.office().fetch_count() - before, 1, "{method:?}: not early");
        stage.clock.advance(Duration::from_secs(60));
        stage.office().calls_api().clear();
        ask().await;
        assert_eq!(stage.office().fetch_count() - before, 2, "{method:?}");
        let rejected = stage.office().calls_api().all();
        assert!(rejected.iter().all(|call| call.status == Some(200)), "{method:?}: none rejected");
        stage.clock.advance(Duration::from_secs(8000));
        ask().await;
        assert_eq!(stage.office().fetch_count() - before, 3, "{method:?}: long expired");
    }
}
