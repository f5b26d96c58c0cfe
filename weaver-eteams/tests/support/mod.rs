//! A platform on a free port, and a client of it that never really waits.

#![allow(dead_code)] // not every test binary needs everything here

use erplink_core::clock::ManualClock;
use serde_json::{Value, json};
use weaver_eteams::{Client, ClientBuilder};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const CORP: &str = "ww6f3c1d9a02b7e845";
pub(crate) const KEY: &str = "k-2f9c";
pub(crate) const SECRET: &str = "planted-app-secret";
pub(crate) const CODE: &str = "planted-code";
pub(crate) const TOKEN: &str = "planted-access-token";
pub(crate) const REFRESH: &str = "planted-refresh-token";
pub(crate) const AUTHORIZE: &str = "/oauth2/authorize";
pub(crate) const ACCESS_TOKEN: &str = "/oauth2/access_token";
pub(crate) const REFRESH_TOKEN: &str = "/oauth2/refresh_token";
pub(crate) const QUERY_ORG: &str = "/api/hrm/restful/queryOrg";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(CORP, KEY, SECRET).base_url(server.uri()).clock(clock.clone());
    (builder, clock)
}

pub(crate) fn json_answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn refusal(code: &str, text: &str) -> ResponseTemplate {
    json_answer(json!({ "message": { "errcode": code, "errmsg": text } }))
}

pub(crate) fn code_answer() -> ResponseTemplate {
    json_answer(json!({ "errcode": "0", "errmsg": "success", "code": CODE }))
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    json_answer(json!({
        "errcode": "0", "errmsg": "success",
        "accessToken": token, "refreshToken": REFRESH, "expires_in": 7200,
    }))
}

/// Answers a path, whatever is asked.
pub(crate) async fn always(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(at)).respond_with(template).with_priority(9).mount(server).await;
}

/// Answers a call once, before whatever else answers it.
pub(crate) async fn once(server: &MockServer, at: &str, template: ResponseTemplate) {
    Mock::given(path(at))
        .respond_with(template)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

pub(crate) async fn give_token(server: &MockServer) {
    always(server, AUTHORIZE, code_answer()).await;
    always(server, ACCESS_TOKEN, token_answer(TOKEN)).await;
}

/// A server that hands out one token, and a client of it.
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let (builder, clock) = builder(&server);
    (server, builder.build().unwrap(), clock)
}

/// Answers a call that carries the token in its query.
pub(crate) async fn answer(server: &MockServer, verb: &str, at: &str, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(query_param("access_token", TOKEN))
        .respond_with(json_answer(body))
        .mount(server)
        .await;
}

/// An answer of the newer calls with these rows.
pub(crate) fn page(current: u32, total: u32, rows: Value) -> Value {
    json!({
        "message": { "errcode": "0", "errmsg": "success" },
        "data": { "current": current, "total": total, "data": rows },
    })
}

/// A request as the server saw it.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) query: String,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// The requests of one path, in order.
pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<Seen> {
    let all = server.received_requests().await.unwrap();
    let of_path = all.iter().filter(|request| request.url.path() == at);
    of_path
        .map(|request| Seen {
            method: request.method.to_string(),
            query: request.url.query().unwrap_or_default().to_owned(),
            content_type: request
                .headers
                .get("content-type")
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: String::from_utf8(request.body.clone()).unwrap(),
        })
        .collect()
}
