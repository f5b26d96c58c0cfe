//! Receivers: callers that wait, and flows that want the same events.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

use std::time::Duration;

use async_trait::async_trait;
use axum::extract::Path;
use axum::routing::post;
use axum::{Json, Router};
use erplink::receive::{self, Entrance, Receiver};
use erplink::scenario::Composition;
use erplink_core::RawJson;
use erplink_sync::ports::{Outgoing, Pushed, Target};
use erplink_sync::{Document, Failure, Flow, FlowId, MemoryStore, Outcome};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const COMPANY: &str = "SBODEMOCN";

/// Books what it gets, but for what is marked as bad.
struct Book;

#[async_trait]
impl Target for Book {
    fn system(&self) -> &str {
        "b1"
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        match document.content.as_str() {
            "\"bad\"" => Err(Failure::refused("-1116 未结清")),
            _ => Ok(Pushed::new(format!("B-{}", document.key.document))),
        }
    }
}

/// A caller that is told what became of its document.
fn desk(flow: &str) -> Receiver {
    let open = |path: &str, doors: receive::Doors| {
        let inlet = doors.only()?;
        let answer = move |Path(id): Path<String>, body: String| {
            let inlet = inlet.clone();
            async move {
                let document = Document::new(id, RawJson::parse(body).unwrap());
                let receipt = inlet.accept(document).await.unwrap();
                Json(match receipt.outcome(Duration::from_secs(20)).await.unwrap() {
                    Outcome::Done { target_id, .. } => json!({"ok": true, "id": target_id}),
                    Outcome::Failed(reason) => json!({"ok": false, "why": reason.message}),
                    Outcome::Working(_) => json!({"ok": false, "why": "not finished yet"}),
                })
            }
        };
        Ok(Entrance::Routes(Router::new().route(&format!("{path}/{{id}}"), post(answer))))
    };
    Receiver::new(format!("/{COMPANY}/desk"), open).door("", FlowId::new(COMPANY, flow))
}

fn composition(flows: &[&str]) -> Composition {
    let flow = |name: &&str| Flow::new(COMPANY, *name).receive().push(Book).answers_a_person();
    Composition {
        flows: flows.iter().map(flow).collect(),
        receivers: flows.iter().map(|name| desk(name)).collect(),
        ..Composition::default()
    }
}

async fn send(address: std::net::SocketAddr, id: &str, body: &str) -> Value {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /{COMPANY}/desk/{id} HTTP/1.1\r\nhost: desk\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap()
}

#[tokio::test]
async fn a_caller_that_waits_is_told_what_became_of_it() {
    let (builder, receivers) = composition(&["book"]).runner(MemoryStore::default());
    let runner = builder.build().unwrap();
    let opened = receive::open(receivers, &runner).unwrap();
    assert_eq!(opened.paths, ["/SBODEMOCN/desk"]);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });
    let callers = async {
        let good = json!({"ok": true, "id": "B-1"});
        assert_eq!(send(address, "1", "\"good\"").await, good);
        assert_eq!(send(address, "1", "\"good\"").await, good, "once, however often it is sent");
        let refused = json!({"ok": false, "why": "-1116 未结清"});
        assert_eq!(send(address, "2", "\"bad\"").await, refused);
        // The person presses the button again; it is tried again, and refused again.
        assert_eq!(send(address, "2", "\"bad\"").await, refused);
    };
    runner.run_until(callers).await;
    let summary = runner.store().summary(&FlowId::new(COMPANY, "book")).await.unwrap();
    assert_eq!((summary.read, summary.sent, summary.parked), (2, 1, 1));
}

#[tokio::test]
async fn two_flows_do_not_share_their_events() {
    let (builder, receivers) = composition(&["book", "other"]).runner(MemoryStore::default());
    let problem = receive::open(receivers, &builder.build().unwrap()).unwrap_err();
    assert!(problem.contains("a second flow, SBODEMOCN/other"), "{problem}");
}
