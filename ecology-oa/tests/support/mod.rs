//! An OA server on a free port, and a client of it that never really waits.
#![allow(dead_code)] // not every test binary uses all of it

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecology_oa::{Client, ClientBuilder, CubeConfig};
use erplink_core::clock::ManualClock;
use rsa::{BigUint, Pkcs1v15Encrypt, RsaPrivateKey};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Generated for the tests, used nowhere else.
pub(crate) const SPK: &str = include_str!("../fixtures/spk-1024.txt");
const P: &str = "db824b33e717bc1c4edf5e90a5e3d09d3910daf2483ba2ef2258d58d157094c97dccebd402f5d5033cde803cf96f18c33897fdf3bdc7a58f78cfab55c1b25571";
const Q: &str = "fb245cb4c7bba0ec7314243486a1efbc8e65989fa26c491368453943b5bcdc994eeee6bc495d72c05b9a702a5351b1a0e09b4540a69a302b342d46a1eed9e361";

pub(crate) const APPID: &str = "EEAA5436-0000-4E6B-9B1C-000000000003";
pub(crate) const SECRET: &str = "planted-0000-4e3a-89d3-000000000001";
pub(crate) const TOKEN: &str = "planted-token-0000-4c5e-000000000002";
pub(crate) const USER: &str = "15273";
pub(crate) const TOKEN_PATH: &str = "/api/ec/dev/auth/applytoken";

pub(crate) fn private_key() -> RsaPrivateKey {
    let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16).unwrap();
    RsaPrivateKey::from_p_q(number(P), number(Q), BigUint::from(65537_u32)).unwrap()
}

/// What the server reads in an encrypted header.
pub(crate) fn decrypted(request: &Request, name: &str) -> String {
    let text = request.headers.get(name).unwrap().to_str().unwrap();
    let bytes = STANDARD.decode(text).unwrap();
    String::from_utf8(private_key().decrypt(Pkcs1v15Encrypt, &bytes).unwrap()).unwrap()
}

pub(crate) fn builder(server: &MockServer) -> (ClientBuilder, ManualClock) {
    let clock = ManualClock::default();
    let builder = Client::builder(server.uri(), APPID)
        .credentials(SECRET, SPK)
        .user(USER)
        .cube(CubeConfig::new("test", "planted-cube-password", "1"))
        .clock(clock.clone());
    (builder, clock)
}

pub(crate) fn token_answer(token: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({
        "msg": "获取成功!", "code": 0, "msgShowType": "none", "status": true, "token": token,
    }))
}

/// A server that hands out one token, and a client of it.
pub(crate) async fn start() -> (MockServer, Client, ManualClock) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(TOKEN_PATH))
        .respond_with(token_answer(TOKEN))
        .mount(&server)
        .await;
    let (builder, clock) = builder(&server);
    (server, builder.build().unwrap(), clock)
}

/// Answers calls that carry token and application.
pub(crate) async fn answer(server: &MockServer, at: &str, body: Value) {
    Mock::given(path(at))
        .and(header("token", TOKEN))
        .and(header("appid", APPID))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(server)
        .await;
}

/// The path of a workflow call.
pub(crate) fn pa(name: &str) -> String {
    format!("/api/workflow/paService/{name}")
}

pub(crate) async fn requests(server: &MockServer, at: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| request.url.path() == at).collect()
}

/// The members of a form.
pub(crate) fn form(request: &Request) -> Vec<(String, String)> {
    assert_eq!(
        request.headers.get("content-type").unwrap(),
        "application/x-www-form-urlencoded; charset=utf-8"
    );
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Every text an error can show.
pub(crate) fn texts(error: &ecology_oa::Error) -> String {
    let mut texts = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        texts.push_str(&format!("{cause} {cause:?}"));
        source = cause.source();
    }
    texts
}
