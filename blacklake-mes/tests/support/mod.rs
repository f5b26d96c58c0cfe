//! A platform on a free port, and a client of it that never really waits.

#![allow(dead_code)] // not every test binary needs everything here

use blacklake_mes::{Client, ClientBuilder};
use erplink_core::clock::ManualClock;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const KEY: &str = "app-key";
pub(crate) const SECRET: &str = "planted$secret+/,=";
pub(crate) const TOKEN: &str = "planted-access-token";
pub(crate) const ROUTE: &str = "/api/openapi/domain/web/v1/route";
pub(crate) const FACTORY_LOGIN: &str = "/api/openapi/domain/web/v1/system/_refreshToken";
pub(crate) const APP_LOGIN: &str = "/api/openapi/domain/api/v1/access_token/_get_access_token";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(server.uri(), KEY, SECRET).clock(clock.clone());
    (builder, clock)
}

pub(crate) fn success(data: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "code": 200, "subCode": null, "message": "成功", "needCheck": null,
        "fieldPermission": null, "data": data,
    }))
}

pub(crate) fn refusal(code: i64, sub_code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "code": code, "subCode": sub_code, "message": message, "needCheck": null,
        "fieldPermission": null, "data": null,
    }))
}

pub(crate) async fn give_token(server: &MockServer) {
    let grant = json!({ "appAccessToken": TOKEN, "expire": 7200 });
    Mock::given(path(APP_LOGIN)).respond_with(success(grant)).with_priority(9).mount(server).await;
}

/// A server that hands out one token, and a client of it.
pub(crate) async fn start() -> (MockServer, Client) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let client = builder(&server).0.build().unwrap();
    (server, client)
}

/// Answers a routed path.
pub(crate) async fn answer(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(format!("{ROUTE}{at}"))).respond_with(template).mount(server).await;
}

/// Answers a routed path once, before whatever else answers it.
pub(crate) async fn answer_once(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(format!("{ROUTE}{at}")))
        .respond_with(template)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

/// The requests but for logins, in order: path without the route prefix, and body.
pub(crate) async fn requests(server: &MockServer) -> Vec<(String, String)> {
    let all = server.received_requests().await.unwrap();
    let calls = all.iter().filter(|request| {
        let path = request.url.path();
        path != APP_LOGIN && path != FACTORY_LOGIN
    });
    calls
        .map(|request| {
            let path = request.url.path();
            let path = path.strip_prefix(ROUTE).unwrap_or(path).to_owned();
            (path, String::from_utf8(request.body.clone()).unwrap())
        })
        .collect()
}

/// How often a routed path was called.
pub(crate) async fn count(server: &MockServer, at: &str) -> usize {
    requests(server).await.iter().filter(|(path, _)| path == at).count()
}
