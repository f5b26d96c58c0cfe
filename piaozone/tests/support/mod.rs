//! A platform on a free port, and a client of it that never really waits.

#![allow(dead_code)] // not every test binary needs everything here

use erplink_core::clock::ManualClock;
use piaozone::{Client, ClientBuilder};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const ID: &str = "demo_id";
pub(crate) const SECRET: &str = "planted-client-secret";
pub(crate) const KEY: &str = "planted-key-0123";
pub(crate) const TOKEN: &str = "planted-access-token";
pub(crate) const LOGIN: &str = "/base/oauth/token";
pub(crate) const CHECK: &str = "/m3/bill/invoice/sys/check";
/// Long enough that a piece of it in a text is no accident.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nplanted picture, planted picture, planted";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(ID, SECRET).encrypt_key(KEY).base_url(server.uri());
    (builder.clock(clock.clone()), clock)
}

pub(crate) fn success(data: Value) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({ "errcode": "0000", "description": "操作成功", "data": data }))
}

pub(crate) fn refusal(code: &str, description: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "errcode": code, "description": description }))
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(
        json!({ "errcode": "0000", "description": "操作成功", "access_token": token }),
    )
}

pub(crate) async fn give_token(server: &MockServer) {
    let login = Mock::given(method("POST")).and(path(LOGIN));
    login.respond_with(token_answer(TOKEN)).with_priority(9).mount(server).await;
}

/// A server that hands out one token, and a client of it.
pub(crate) async fn start() -> (MockServer, Client) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let client = builder(&server).0.build().unwrap();
    (server, client)
}

pub(crate) async fn answer(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(at)).respond_with(template).mount(server).await;
}

pub(crate) async fn answer_once(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(at))
        .respond_with(template)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

/// The requests of one path, in order.
pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<wiremock::Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() == at).collect()
}

/// A parameter of the query.
pub(crate) fn query(request: &wiremock::Request, name: &str) -> String {
    let found = request.url.query_pairs().find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}
