//! Logins, sessions and the connection check, as the service sees them.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::time::Duration;

use b1_diapi::{Client, Effect, ErrorKind, Guard, Setting};
use support::{
    COOKIE, EXEC, LOGIN, PASSWORD, USER, accept_login, answer, answer_once, body, builder, json,
    logged_in, refusal, requests, rows, start,
};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SELECT: &str = "SELECT 1 FROM DUMMY";

#[test]
fn builds_without_a_runtime_and_is_shared_freely() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<Client>();
    assert!(size_of::<b1_diapi::Result<()>>() <= 16);
    let good = || Client::builder("http://127.0.0.1:1/diapi/6160").company_db("C");
    good().credentials("u", "p").build().unwrap();
    for (builder, expected) in [
        (good(), "user is empty"),
        (good().credentials("u", ""), "password is empty"),
        (Client::builder("http://h").credentials("u", "p"), "company_db is empty"),
        (Client::builder("nowhere").company_db("C").credentials("u", "p"), "root: "),
        (Client::builder("ftp://h").company_db("C").credentials("u", "p"), "http"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn many_first_calls_log_in_once() {
    let (server, client, _) = start().await;
    answer(&server, rows("[]")).await;
    let calls = (0..50).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.exec_sql(SELECT).await })
    });
    for call in futures_util::future::join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(requests(&server, LOGIN).await.len(), 1);
}

#[tokio::test]
async fn the_session_is_renewed_before_it_ends() {
    let (server, client, clock) = start().await;
    answer(&server, rows("[]")).await;
    // 30 minutes, less a minute.
    for (wait, logins) in [(0, 1), (1739, 1), (2, 2)] {
        clock.advance(Duration::from_secs(wait));
        client.exec_sql(SELECT).await.unwrap();
        assert_eq!(requests(&server, LOGIN).await.len(), logins, "after {wait}");
    }
}

#[tokio::test]
async fn a_session_that_is_refused_is_renewed_once() {
    for template in [
        ResponseTemplate::new(401),
        ResponseTemplate::new(403).set_body_string("<html>"),
        refusal("RIS.401", "x"),
        refusal("RIS.9", "会话已过期，请重新登录"),
    ] {
        let server = MockServer::start().await;
        answer_once(&server, LOGIN, logged_in("old")).await;
        accept_login(&server, COOKIE).await;
        Mock::given(path(EXEC))
            .and(header("cookie", "JSESSIONID=old; route=n1"))
            .respond_with(template)
            .mount(&server)
            .await;
        answer(&server, rows("[]")).await;
        let (builder, _) = builder(&server);
        let builder = builder.session_code("RIS.401").session_message("会话已过期");
        builder.build().unwrap().exec_sql(SELECT).await.unwrap();
        assert_eq!(requests(&server, LOGIN).await.len(), 2);
        assert_eq!(requests(&server, EXEC).await.len(), 2);
    }
}

#[tokio::test]
async fn a_procedure_is_not_called_again_in_a_new_session() {
    let (server, client, _) = start().await;
    answer_once(&server, EXEC, ResponseTemplate::new(401)).await;
    answer(&server, rows("[]")).await;
    let call = || client.exec_sql("CALL P()").guard(Guard::read_only().allow_procedure("P"));
    assert_eq!(call().await.unwrap_err().kind(), ErrorKind::Session);
    assert_eq!(requests(&server, EXEC).await.len(), 1);
    call().await.unwrap();
    assert_eq!(requests(&server, LOGIN).await.len(), 2, "the session was dropped");
}

#[tokio::test]
async fn sessions_that_are_always_refused_end_in_an_error() {
    for (status, kind) in [(401, ErrorKind::Session), (403, ErrorKind::Forbidden)] {
        let (server, client, _) = start().await;
        answer(&server, ResponseTemplate::new(status)).await;
        let error = client.exec_sql(SELECT).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(requests(&server, EXEC).await.len(), 2);
        assert_eq!(requests(&server, LOGIN).await.len(), 2);
    }
}

#[tokio::test]
async fn cookies_that_answers_change_go_back_changed() {
    let (server, client, _) = start().await;
    let moved = rows("[]").append_header("set-cookie", "route=n2; Path=/");
    answer_once(&server, EXEC, moved).await;
    answer(&server, rows("[]")).await;
    Mock::given(path(EXEC))
        .and(header("cookie", format!("JSESSIONID={COOKIE}; route=n2")))
        .respond_with(rows(r#"[{"A":1}]"#))
        .mount(&server)
        .await;
    assert!(client.exec_sql(SELECT).await.unwrap().is_empty());
    assert_eq!(client.exec_sql(SELECT).await.unwrap().len(), 1);
}

#[tokio::test]
async fn refused_credentials_are_tried_again_after_ten_minutes_or_when_told() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN)).respond_with(refusal("RIS.1", "密码错误")).mount(&server).await;
    let (builder, clock) = builder(&server);
    let client = builder.build().unwrap();
    for (wait, logins) in [(0, 1), (0, 1), (599, 1), (1, 2), (0, 2)] {
        clock.advance(Duration::from_secs(wait));
        let error = client.exec_sql(SELECT).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Auth, Effect::NotSent));
        assert_eq!(requests(&server, LOGIN).await.len(), logins);
    }
    client.login().await.unwrap_err();
    assert_eq!(requests(&server, LOGIN).await.len(), 3);
    assert!(requests(&server, EXEC).await.is_empty());
}

#[tokio::test]
async fn a_login_without_a_cookie_is_no_login() {
    let server = MockServer::start().await;
    let answer = json(r#"{"code":"RIS.10000000","message":"OK","data":{}}"#);
    Mock::given(path(LOGIN)).respond_with(answer).mount(&server).await;
    let (builder, _) = builder(&server);
    let error = builder.build().unwrap().exec_sql(SELECT).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("without a cookie"), "{error}");
}

#[tokio::test]
async fn the_complaint_about_an_empty_statement_proves_the_connection() {
    let (server, client, _) = start().await;
    answer(&server, refusal("RIS.20000000", "Sql不能为空")).await;
    client.check().await.unwrap();
    let sent = requests(&server, EXEC).await;
    assert_eq!(body(&sent[0]), serde_json::json!({ "Sql": "" }));
}

#[tokio::test]
async fn a_failed_check_names_the_settings() {
    use Setting::{CompanyDb, Password, Root, User};
    let all = [CompanyDb, User, Password];
    for (at, template, suspects, told) in [
        (LOGIN, refusal("RIS.1", "公司不存在"), &all[..1], "check `company_db`: "),
        (LOGIN, refusal("RIS.1", "用户不存在"), &all[1..2], "check `user`: "),
        (LOGIN, refusal("RIS.1", "密码错误"), &all[2..], "check `password`: "),
        (LOGIN, refusal("RIS.1", "-107"), &all[..], "check `company_db`, `user`, `password`: "),
        (LOGIN, ResponseTemplate::new(404), &[Root][..], "check `root`: "),
        (LOGIN, ResponseTemplate::new(302), &[Root][..], "check `root`: "),
        (EXEC, ResponseTemplate::new(401), &[][..], "all cookies"),
        (EXEC, refusal("RIS.1", "许可证不足"), &[][..], "许可证不足"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path(at)).respond_with(template).with_priority(1).mount(&server).await;
        accept_login(&server, COOKIE).await;
        let (builder, _) = builder(&server);
        let problem = builder.build().unwrap().check().await.unwrap_err();
        assert_eq!(problem.suspects(), suspects, "{problem}");
        assert!(problem.to_string().contains(told), "{problem}");
        assert!(!problem.to_string().contains("S-ERP\\NAME"), "{problem}");
    }
}

#[tokio::test]
async fn a_failed_check_knows_how_users_are_written_and_which_port_is_closed() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN)).respond_with(refusal("RIS.1", "")).mount(&server).await;
    let client = |root: String, user: &str| {
        let builder = Client::builder(root).company_db("C").credentials(user, PASSWORD);
        builder.retry(b1_diapi::RetryPolicy::never()).build().unwrap()
    };
    let root = format!("{}/diapi/6160", server.uri());
    let problem = client(root, "CSFZ0431021").check().await.unwrap_err();
    assert!(problem.to_string().contains("S-ERP\\NAME"), "{problem}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let problem = client(format!("http://{closed}"), USER).check().await.unwrap_err();
    assert_eq!(problem.suspects(), [Setting::Root]);
}
