//! A callback receiver that answers rightly or wrongly, as told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use erplink_core::Secret;
use erplink_core::callback::{Envelope, EnvelopeError};
use erplink_sandbox::server::Server;
use erplink_sandbox::{Clock, Fault};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "tok123";
pub(crate) const AES_KEY: &str = "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus";

#[derive(Clone, Copy)]
pub(crate) enum Reply {
    Right,
    /// `success` in plain text.
    Plain,
    Status(StatusCode),
    /// Another text than `success`, well sealed.
    OtherText,
    WrongSignature,
}

type Opened = Result<Value, EnvelopeError>;

struct Received {
    query: BTreeMap<String, String>,
    opened: Opened,
}

#[derive(Clone)]
struct Desk {
    envelope: Envelope,
    owner: String,
    reply: Arc<Mutex<Reply>>,
    received: Arc<Mutex<Vec<Received>>>,
}

pub(crate) struct Receiver {
    server: Server,
    desk: Desk,
}

impl Receiver {
    /// Expects events sealed for `owner`.
    pub(crate) async fn start(clock: &Clock, owner: &str) -> Self {
        let desk = Desk {
            envelope: Envelope::new(TOKEN, &Secret::from(AES_KEY)).unwrap(),
            owner: owner.to_owned(),
            reply: Arc::new(Mutex::new(Reply::Right)),
            received: Arc::default(),
        };
        let router = Router::new().route("/callback", post(take)).with_state(desk.clone());
        let server = Server::start(0, clock.clone(), |_| router).await.unwrap();
        Receiver { server, desk }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/callback?site=1", self.server.url())
    }

    pub(crate) fn reply(&self, reply: Reply) {
        *self.desk.reply.lock().unwrap() = reply;
    }

    pub(crate) fn never_answer(&self) {
        self.server.faults().push(Fault::never_answer(None, ""));
    }

    /// The queries of everything received.
    pub(crate) fn queries(&self) -> Vec<BTreeMap<String, String>> {
        self.desk.received.lock().unwrap().iter().map(|one| one.query.clone()).collect()
    }

    /// Everything received, opened, in its order; the URL check included.
    pub(crate) fn received(&self) -> Vec<Opened> {
        self.desk.received.lock().unwrap().iter().map(|one| one.opened.clone()).collect()
    }

    /// `subject/type/result` of every event that could be opened.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.received().into_iter().flatten();
        events.filter(|event| event["EventType"] != "check_url").map(|event| name(&event)).collect()
    }
}

fn name(event: &Value) -> String {
    let subject = event["EventType"].as_str().unwrap();
    let subject = subject.strip_prefix("bpms_").and_then(|name| name.strip_suffix("_change"));
    let mut name = format!("{}/{}", subject.unwrap(), event["type"].as_str().unwrap());
    if let Some(result) = event["result"].as_str() {
        name = format!("{name}/{result}");
    }
    name
}

async fn take(
    State(desk): State<Desk>,
    Query(query): Query<BTreeMap<String, String>>,
    body: String,
) -> Response<Body> {
    let body: Value = serde_json::from_str(&body).unwrap();
    let signature = query.get("msg_signature").or(query.get("signature")).unwrap();
    let (time, nonce) = (&query["timestamp"], &query["nonce"]);
    let encrypt = body["encrypt"].as_str().unwrap();
    let opened = desk
        .envelope
        .open(signature, time, nonce, encrypt, &[&desk.owner])
        .map(|opened| serde_json::from_str(opened.message()).unwrap());
    let is_good = opened.is_ok();
    let reply = *desk.reply.lock().unwrap();
    desk.received.lock().unwrap().push(Received { query: query.clone(), opened });
    if !is_good {
        return status(StatusCode::FORBIDDEN);
    }
    let text = if matches!(reply, Reply::OtherText) { "ok" } else { "success" };
    let sealed = desk.envelope.seal(text, &desk.owner, time, nonce).unwrap();
    let signature = match reply {
        Reply::WrongSignature => sealed.signature.chars().rev().collect(),
        _ => sealed.signature,
    };
    let right = json!({
        "msg_signature": signature, "timeStamp": time, "nonce": nonce, "encrypt": sealed.encrypt,
    });
    match reply {
        Reply::Right | Reply::OtherText | Reply::WrongSignature => {
            Response::new(Body::from(right.to_string()))
        }
        Reply::Plain => Response::new(Body::from("success")),
        Reply::Status(code) => status(code),
    }
}

fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code;
    // Followed, this would lead to a right answer.
    response.headers_mut().insert("location", "/callback".parse().unwrap());
    response
}
