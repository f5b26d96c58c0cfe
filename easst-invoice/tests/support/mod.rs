//! A service on a free port, and a client of it that never really waits.

#![allow(dead_code)] // not every test binary needs everything here

use std::time::Duration;

use easst_invoice::{Client, ClientBuilder, Picture};
use erplink_core::clock::ManualClock;
use serde_json::Value;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const APP: &str = "demoApp";
pub(crate) const SECRET: &str = "planted-app-secret";
pub(crate) const PATH: &str = "/openapi/rest/common/invoiceocr";
/// Long enough that a piece of it in a text is no accident.
pub(crate) const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nplanted picture, planted picture, planted";

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    (Client::builder(APP, SECRET).base_url(server.uri()).clock(clock.clone()), clock)
}

pub(crate) fn picture() -> Picture {
    Picture::new(PICTURE)
}

pub(crate) fn json(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(text.to_owned(), "application/json")
}

pub(crate) async fn answer(server: &MockServer, template: ResponseTemplate) {
    Mock::given(method("POST")).and(path(PATH)).respond_with(template).mount(server).await;
}

pub(crate) async fn answer_once(server: &MockServer, template: ResponseTemplate) {
    Mock::given(path(PATH))
        .respond_with(template)
        .up_to_n_times(1)
        .with_priority(1)
        .mount(server)
        .await;
}

pub(crate) async fn calls(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

/// The JSON body of the only request.
pub(crate) async fn body(server: &MockServer) -> Value {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    serde_json::from_slice(&requests[0].body).unwrap()
}

pub(crate) fn advance(clock: &ManualClock, seconds: u64) {
    clock.advance(Duration::from_secs(seconds));
}
