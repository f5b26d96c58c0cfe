//! A platform on a free port, and a client of it that never really waits.

use erplink_core::clock::ManualClock;
use kingdee_jdy::vouchers::{Entry, Voucher};
use kingdee_jdy::{Client, ClientBuilder, Decimal, Login, Platform};
use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const SECRET: &str = "planted-client-secret";
pub(crate) const PASSWORD: &str = "planted-password";
pub(crate) const TOKEN: &str = "planted-access-token";
#[allow(dead_code)]
pub(crate) const APP_SECRET: &str = "planted-app-secret";
#[allow(dead_code)] // not every test program needs everything here
pub(crate) const TOKEN_PATH: &str = "/auth/user/access_token";
#[allow(dead_code)]
pub(crate) const SAVE: &str = "/jdyaccouting/voucher";
#[allow(dead_code)]
pub(crate) const LIST: &str = "/jdyaccouting/voucherlist";

#[allow(dead_code)]
pub(crate) fn user() -> Login {
    Login::User { username: "13800000000".into(), password: PASSWORD.into() }
}

#[allow(dead_code)]
pub(crate) fn app() -> Platform {
    Platform { outer_instance_id: "492475033566973952".into(), ..Platform::default() }
}

pub(crate) fn builder(server: &MockServer, login: Login) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder("200421", SECRET, login)
        .company_set("7480001", "7480002")
        .api_base(server.uri())
        .clock(clock.clone());
    (builder, clock)
}

pub(crate) fn json_answer(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    json_answer(json!({
        "errcode": 0, "description": "success",
        "data": { "access_token": token, "expires_in": 7200, "uid": "99" },
    }))
}

pub(crate) async fn give_token(server: &MockServer) {
    Mock::given(method("GET"))
        .and(path("/auth/user/access_token"))
        .and(query_param("username", "13800000000"))
        .and(query_param("password", PASSWORD))
        .and(query_param("client_id", "200421"))
        .and(query_param("client_secret", SECRET))
        .respond_with(token_answer(TOKEN))
        .mount(server)
        .await;
}

/// A server that hands out one token, and a client of it.
#[allow(dead_code)]
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    give_token(&server).await;
    let (builder, clock) = builder(&server, user());
    (server, builder.build().unwrap(), clock)
}

/// Answers a call that carries the token in its query.
#[allow(dead_code)]
pub(crate) async fn answer(server: &MockServer, verb: &str, at: &str, answer: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(query_param("access_token", TOKEN))
        .respond_with(json_answer(answer))
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

/// The requests of one path, in order: query and body.
#[allow(dead_code)]
pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<(String, String)> {
    let all = server.received_requests().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    all.iter()
        .filter(|request| request.url.path() == at)
        .map(|one| (one.url.query().unwrap_or_default().to_owned(), text(&one.body)))
        .collect()
}

#[allow(dead_code)]
pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A balanced voucher.
#[allow(dead_code)]
pub(crate) fn voucher(link_id: &str) -> Voucher {
    Voucher::new(link_id, "记", "2026-03-31".parse().unwrap())
        .entry(Entry::debit("1122", decimal("11300.00")).customer("C001").text("销售开票"))
        .entry(Entry::credit("5001", decimal("11300.00")))
}
