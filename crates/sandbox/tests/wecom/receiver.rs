//! A callback receiver that answers rightly or wrongly, as told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use erplink_core::Secret;
use erplink_core::callback::{Envelope, EnvelopeError};
use erplink_sandbox::server::Server;
use erplink_sandbox::wecom::Callback;
use erplink_sandbox::{Clock, Fault};

pub(crate) const TOKEN: &str = "QDG6eK";
pub(crate) const AES_KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";

#[derive(Clone, Copy)]
pub(crate) enum Reply {
    Right,
    Status(StatusCode),
    /// The echo text in quotes; events are answered rightly.
    QuotedEcho,
}

type Opened = Result<String, EnvelopeError>;
type Parameters = BTreeMap<String, String>;

#[derive(Clone)]
struct Desk {
    envelope: Envelope,
    owner: String,
    reply: Arc<Mutex<Reply>>,
    received: Arc<Mutex<Vec<(Parameters, String, Opened)>>>,
}

pub(crate) struct Receiver {
    server: Server,
    desk: Desk,
}

impl Receiver {
    /// Expects messages sealed for `owner`.
    pub(crate) async fn start(clock: &Clock, owner: &str) -> Self {
        let desk = Desk {
            envelope: Envelope::new(TOKEN, &Secret::from(AES_KEY)).unwrap(),
            owner: owner.to_owned(),
            reply: Arc::new(Mutex::new(Reply::Right)),
            received: Arc::default(),
        };
        let router = Router::new().route("/callback", get(verify).post(take));
        let router = router.with_state(desk.clone());
        let server = Server::start(0, clock.clone(), |_| router).await.unwrap();
        Receiver { server, desk }
    }

    pub(crate) fn callback(&self) -> Callback {
        Callback::new(format!("{}/callback?site=1", self.server.url()), TOKEN, AES_KEY)
    }

    pub(crate) fn reply(&self, reply: Reply) {
        *self.desk.reply.lock().unwrap() = reply;
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.server.faults().push(fault);
    }

    /// Queries of the events received.
    pub(crate) fn queries(&self) -> Vec<Parameters> {
        self.desk.received.lock().unwrap().iter().map(|one| one.0.clone()).collect()
    }

    /// Envelopes of the events received.
    pub(crate) fn envelopes(&self) -> Vec<String> {
        self.desk.received.lock().unwrap().iter().map(|one| one.1.clone()).collect()
    }

    /// The events received, opened, in their order.
    pub(crate) fn received(&self) -> Vec<Opened> {
        self.desk.received.lock().unwrap().iter().map(|one| one.2.clone()).collect()
    }

    /// `StatuChangeEvent/SpStatus` of every event that could be opened.
    pub(crate) fn events(&self) -> Vec<String> {
        let events = self.received().into_iter().flatten();
        let name = |xml: String| {
            // The first SpStatus is the form's.
            format!("{}/{}", element(&xml, "StatuChangeEvent"), element(&xml, "SpStatus"))
        };
        events.map(name).collect()
    }
}

/// The text of the first element with this name.
pub(crate) fn element(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    let (text, _) = rest.split_once(&format!("</{name}>")).unwrap();
    let cdata = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
    cdata.unwrap_or(text).to_owned()
}

async fn verify(
    State(desk): State<Desk>,
    Query(query): Query<Parameters>,
) -> Result<String, StatusCode> {
    // A raw plus arrives as a space.
    let echo = query["echostr"].replace(' ', "+");
    let opened = desk.envelope.open(
        &query["msg_signature"],
        &query["timestamp"],
        &query["nonce"],
        &echo,
        &[&desk.owner],
    );
    let text = opened.map_err(|_| StatusCode::FORBIDDEN)?.into_message();
    let reply = *desk.reply.lock().unwrap();
    match reply {
        Reply::Right => Ok(text),
        Reply::QuotedEcho => Ok(format!("\"{text}\"")),
        Reply::Status(status) => Err(status),
    }
}

async fn take(
    State(desk): State<Desk>,
    Query(query): Query<Parameters>,
    body: String,
) -> StatusCode {
    let opened = desk
        .envelope
        .open(
            &query["msg_signature"],
            &query["timestamp"],
            &query["nonce"],
            &element(&body, "Encrypt"),
            &[&desk.owner],
        )
        .map(erplink_core::callback::Opened::into_message);
    let is_good = opened.is_ok();
    desk.received.lock().unwrap().push((query, body, opened));
    let reply = *desk.reply.lock().unwrap();
    match reply {
        _ if !is_good => StatusCode::FORBIDDEN,
        Reply::Status(status) => status,
        Reply::Right | Reply::QuotedEcho => StatusCode::OK,
    }
}
