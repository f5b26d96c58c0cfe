//! A service on a free port, and a client of it that never really waits.

use b1_diapi::{Client, ClientBuilder};
use erplink_core::clock::ManualClock;
use serde_json::Value;
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

pub(crate) const USER: &str = "S-ERP\\CSFZ0431021";
pub(crate) const PASSWORD: &str = "planted-password";
pub(crate) const COOKIE: &str = "planted-cookie";
pub(crate) const LOGIN: &str = "/diapi/6160/b1dis/v1/login";
pub(crate) const EXEC: &str = "/diapi/6160/b1dis/v1/exec-sql";
/// What the guide prints.
const LOGGED_IN: &str = r#"{"code":"RIS.10000000","message":"OK","data":{"SessionTimeout":"30m"},"timestamp":"2023-10-23T06:37:35.773+00:00"}"#;

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(format!("{}/diapi/6160", server.uri()))
        .company_db("CSFZ ")
        .credentials(USER, PASSWORD)
        .clock(clock.clone());
    (builder, clock)
}

pub(crate) fn json(text: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.into(), "application/json")
}

#[allow(dead_code)] // not every test binary needs everything here
pub(crate) fn rows(rows: &str) -> ResponseTemplate {
    json(format!(r#"{{"code":"RIS.10000000","message":"OK","data":{{"value":{rows}}}}}"#))
}

pub(crate) fn refusal(code: &str, message: &str) -> ResponseTemplate {
    json(serde_json::json!({ "code": code, "message": message, "data": null }).to_string())
}

pub(crate) fn logged_in(session: &str) -> ResponseTemplate {
    json(LOGGED_IN)
        .append_header("set-cookie", format!("JSESSIONID={session}; Path=/b1dis; HttpOnly"))
        .append_header("set-cookie", "route=n1; Path=/")
}

/// Accepts the credentials, exactly as they have to be sent.
pub(crate) async fn accept_login(server: &MockServer, session: &str) {
    let body = serde_json::json!({ "CompanyDB": "CSFZ", "UserName": USER, "Password": PASSWORD });
    Mock::given(method("POST"))
        .and(path(LOGIN))
        .and(header("content-type", "application/json"))
        .and(body_json(body))
        .respond_with(logged_in(session))
        .mount(server)
        .await;
}

#[allow(dead_code)]
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    accept_login(&server, COOKIE).await;
    let (builder, clock) = builder(&server);
    (server, builder.build().unwrap(), clock)
}

/// Answers statements of the session `planted-cookie`.
#[allow(dead_code)]
pub(crate) async fn answer(server: &MockServer, template: ResponseTemplate) {
    Mock::given(method("POST"))
        .and(path(EXEC))
        .and(header("cookie", format!("JSESSIONID={COOKIE}; route=n1")))
        .respond_with(template)
        .mount(server)
        .await;
}

/// Answers a call once, before whatever else answers it.
#[allow(dead_code)]
pub(crate) async fn answer_once(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(at))
        .respond_with(template)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

/// The requests of one path, in order.
#[allow(dead_code)]
pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() == at).collect()
}

#[allow(dead_code)]
pub(crate) fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}
