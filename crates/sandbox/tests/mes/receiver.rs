//! A callback receiver that answers rightly or wrongly, as told.

use std::sync::{Arc, Mutex};

use aes::Aes256;
use aes::cipher::{Block, BlockCipherDecrypt as _, KeyInit as _};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_sandbox::Clock;
use erplink_sandbox::server::Server;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const KEY: &str = "demo-callback-key";

#[derive(Clone, Copy)]
pub(crate) enum Reply {
    /// `check` events are answered with their data, others with nothing of interest.
    Right,
    /// The text of `check` alone.
    BareText,
    Wrong,
    Status(StatusCode),
}

#[derive(Clone)]
struct Desk {
    reply: Arc<Mutex<Reply>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

pub(crate) struct Receiver {
    server: Server,
    desk: Desk,
}

impl Receiver {
    pub(crate) async fn start(clock: &Clock) -> Self {
        let desk = Desk { reply: Arc::new(Mutex::new(Reply::Right)), bodies: Arc::default() };
        let router = Router::new().route("/events", post(take)).with_state(desk.clone());
        let server = Server::start(0, clock.clone(), |_| router).await.unwrap();
        Receiver { server, desk }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/events", self.server.url())
    }

    pub(crate) fn reply(&self, reply: Reply) {
        *self.desk.reply.lock().unwrap() = reply;
    }

    /// The bodies received, `check` included.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.desk.bodies.lock().unwrap().clone()
    }

    /// The events that could be opened, without `check`.
    pub(crate) fn events(&self) -> Vec<Value> {
        let events = self.bodies().into_iter().filter_map(|body| open(&body));
        events.filter(|event| event["header"]["eventType"] != "check").collect()
    }
}

/// The event of a body, when it is sealed under the key.
pub(crate) fn open(body: &str) -> Option<Value> {
    let body: Value = serde_json::from_str(body).ok()?;
    let mut data = STANDARD.decode(body["encrypt"].as_str()?).ok()?;
    if data.is_empty() || data.len() % 16 != 0 {
        return None;
    }
    let cipher = Aes256::new(&Sha256::digest(KEY.as_bytes()));
    for chunk in data.chunks_exact_mut(16) {
        cipher.decrypt_block(<&mut Block<Aes256>>::try_from(chunk).unwrap());
    }
    let pad = usize::from(*data.last()?);
    if !(1..=16).contains(&pad) || !data.ends_with(&vec![u8::try_from(pad).ok()?; pad]) {
        return None;
    }
    data.truncate(data.len() - pad);
    serde_json::from_slice(&data).ok()
}

async fn take(State(desk): State<Desk>, body: String) -> (StatusCode, String) {
    let event = open(&body);
    desk.bodies.lock().unwrap().push(body);
    let reply = *desk.reply.lock().unwrap();
    let data = event.map_or(Value::Null, |event| event["data"].clone());
    match reply {
        Reply::Right => (StatusCode::OK, json!({"data": data}).to_string()),
        Reply::BareText => (StatusCode::OK, data.as_str().unwrap_or_default().to_owned()),
        Reply::Wrong => (StatusCode::OK, json!({"code": 200}).to_string()),
        Reply::Status(status) => (status, String::new()),
    }
}
