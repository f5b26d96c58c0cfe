//! A platform on a free port, and a client of it that never really waits.

use std::sync::LazyLock;

use erplink_core::clock::ManualClock;
use serde_json::{Value, json};
use wecom::{Client, ClientBuilder};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const CORP: &str = "ww6f3c1d9a02b7e845";
pub(crate) const SECRET: &str = "planted-app-secret";
pub(crate) const TOKEN: &str = "planted-access-token";
#[allow(dead_code)] // not every test binary needs everything here
pub(crate) const TOKEN_PATH: &str = "/cgi-bin/gettoken";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(CORP, SECRET).api_base(server.uri()).clock(clock.clone());
    (builder, clock)
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(
        json!({ "errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200 }),
    )
}

pub(crate) async fn give_token(server: &MockServer) {
    Mock::given(method("GET"))
        .and(path("/cgi-bin/gettoken"))
        .and(query_param("corpid", CORP))
        .and(query_param("corpsecret", SECRET))
        .respond_with(token_answer(TOKEN))
        .mount(server)
        .await;
}

/// A server that hands out one token, and a client of it.
#[allow(dead_code)]
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let (builder, clock) = builder(&server);
    (server, builder.build().unwrap(), clock)
}

/// Answers a call that carries the token in its query.
#[allow(dead_code)]
pub(crate) async fn answer(server: &MockServer, verb: &str, at: &str, answer: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(query_param("access_token", TOKEN))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
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

#[allow(dead_code)]
pub(crate) fn vectors() -> &'static Value {
    static VECTORS: LazyLock<Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../fixtures/vectors.json")).unwrap());
    &VECTORS
}

/// The vector with this id in a list of vectors.
#[allow(dead_code)]
pub(crate) fn vector(list: &str, id: &str) -> Value {
    let found = vectors()[list].as_array().unwrap().iter().find(|vector| vector["id"] == id);
    found.unwrap_or_else(|| panic!("{id} in {list}")).clone()
}
