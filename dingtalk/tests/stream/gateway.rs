//! A gateway inside the test: the client's transport leads to it, and time is paused.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use dingtalk::Transport;
use erplink_core::TransportError;
use erplink_core::transport::{Connection, Request, Response, Upgrade};
use futures_util::{SinkExt as _, StreamExt as _};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

/// How long (of the paused time) a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1000);

pub(crate) const TICKET: &str = "planted/ticket+1";

/// The transport, and what went through it.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    sockets: mpsc::UnboundedSender<Socket>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Bodies of the calls that open connections.
    pub(crate) opens: Vec<Value>,
    /// Addresses and headers of the handshakes.
    pub(crate) handshakes: Vec<Request>,
    /// What the next calls are answered instead.
    pub(crate) refusals: VecDeque<(u16, Value)>,
    /// What the next handshakes are answered instead.
    pub(crate) handshake_refusals: VecDeque<u16>,
}

/// The server's end of a connection.
#[derive(Debug)]
pub(crate) struct Socket(pub(crate) WebSocketStream<DuplexStream>);

impl Gateway {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Socket>) {
        let (sockets, incoming) = mpsc::unbounded_channel();
        (Self { sockets, seen: Arc::default() }, incoming)
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Gateway {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri(), "https://api.test/v1.0/gateway/connections/open");
        assert_eq!(request.headers()["accept"], "application/json");
        assert_eq!(request.headers()["content-type"], "application/json");
        let refusal = self.seen(|seen| {
            seen.opens.push(serde_json::from_slice(request.body()).unwrap());
            seen.refusals.pop_front()
        });
        let opened = json!({"endpoint": "wss://gateway.test:443/connect", "ticket": TICKET});
        let (status, body) = refusal.unwrap_or((200, opened));
        let body = body.to_string().into();
        Ok(http::Response::builder().status(status).body(body).unwrap())
    }

    async fn upgrade(&self, request: Request) -> Result<Upgrade, TransportError> {
        let refusal = self.seen(|seen| seen.handshake_refusals.pop_front());
        let accept = derive_accept_key(request.headers()["sec-websocket-key"].as_bytes());
        self.seen(|seen| seen.handshakes.push(request));
        if let Some(status) = refusal {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            return Ok(Upgrade::Refused(response));
        }
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let socket = WebSocketStream::from_raw_socket(ours, Role::Server, None).await;
        self.sockets.send(Socket(socket)).unwrap();
        let headers = [(http::header::SEC_WEBSOCKET_ACCEPT, accept.parse().unwrap())];
        Ok(Upgrade::Switched(headers.into_iter().collect(), Connection::new(theirs)))
    }
}

impl Socket {
    pub(crate) async fn send(&mut self, frame: &Value) {
        self.text(&frame.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    /// The next answer of the client.
    pub(crate) async fn answer(&mut self) -> Value {
        match self.message().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected an answer, found {other:?}"),
        }
    }

    /// What comes next, but for pings and pongs. Not for ever: time is paused, so it jumps.
    async fn message(&mut self) -> Message {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("nothing came").unwrap().unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                other => return other,
            }
        }
    }

    /// Sends a frame and returns what is answered to it.
    pub(crate) async fn ask(&mut self, frame: &Value) -> Value {
        self.send(frame).await;
        let answer = self.answer().await;
        assert_eq!(answer["headers"]["messageId"], frame["headers"]["messageId"]);
        assert_eq!(answer["headers"]["contentType"], "application/json");
        answer
    }

    /// The code of the close frame with which the client ends the connection.
    pub(crate) async fn close_code(&mut self) -> u16 {
        match self.message().await {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("expected a close frame, found {other:?}"),
        }
    }
}

/// An event frame; `id` tells events apart, `message` pushes.
pub(crate) fn event(id: &str, message: &str) -> Value {
    let data = json!({
        "type": "finish", "result": "agree", "processInstanceId": format!("instance-{id}"),
        "processCode": "PROC-1", "finishTime": 1_495_592_305_000_i64,
    });
    json!({
        "specVersion": "1.0", "type": "EVENT",
        "headers": {
            "topic": "*", "messageId": message, "contentType": "application/json",
            "time": "1693221579964", "eventType": "bpms_instance_change", "eventId": id,
            "eventCorpId": "ding9f50", "eventBornTime": "1683533823336",
        },
        "data": data.to_string(),
    })
}

pub(crate) fn system(topic: &str, data: &Value) -> Value {
    json!({
        "type": "SYSTEM", "headers": {"topic": topic, "messageId": "s1"}, "data": data.to_string(),
    })
}

/// What an answer says about an event.
pub(crate) fn status(answer: &Value) -> String {
    let data: Value = serde_json::from_str(answer["data"].as_str().unwrap()).unwrap();
    data["status"].as_str().unwrap_or_default().to_owned()
}
