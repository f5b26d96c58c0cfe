//! A platform on a free port, and a client of it that never really waits.

use dingtalk::{Client, ClientBuilder};
use erplink_core::clock::ManualClock;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const SECRET: &str = "planted-app-secret";
pub(crate) const TOKEN: &str = "planted-access-token";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder("dingclient", SECRET)
        .api_base(server.uri())
        .oapi_base(server.uri())
        .clock(clock.clone());
    (builder, clock)
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "accessToken": token, "expireIn": 7200 }))
}

/// A server that hands out one token, and a client of it.
#[allow(dead_code)] // not every test binary starts one
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1.0/oauth2/accessToken"))
        .respond_with(token_answer(TOKEN))
        .mount(&server)
        .await;
    let (builder, clock) = builder(&server);
    let client = builder.agent_id(41_605_932).build().unwrap();
    (server, client, clock)
}

/// Answers a v1.0 call that carries the token in its header.
#[allow(dead_code)]
pub(crate) async fn v1(server: &MockServer, verb: &str, at: &str, status: u16, answer: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(header("x-acs-dingtalk-access-token", TOKEN))
        .respond_with(ResponseTemplate::new(status).set_body_json(answer))
        .mount(server)
        .await;
}

/// Answers a legacy call that carries the token in its query.
#[allow(dead_code)]
pub(crate) async fn legacy(server: &MockServer, verb: &str, at: &str, answer: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(query_param("access_token", TOKEN))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(server)
        .await;
}

/// The requests of one path, in order: query and JSON body (null without one).
#[allow(dead_code)]
pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<(String, Value)> {
    let all = server.received_requests().await.unwrap();
    all.iter()
        .filter(|request| request.url.path() == at)
        .map(|request| {
            let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
            (request.url.query().unwrap_or_default().to_owned(), body)
        })
        .collect()
}
