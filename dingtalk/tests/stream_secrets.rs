//! What Stream mode logs. Alone in its process: the subscriber is for all threads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "stream/gateway.rs"]
#[allow(dead_code)]
mod gateway;

use std::sync::{Arc, Mutex};

use dingtalk::Client;
use gateway::{Gateway, TICKET, event, status};
use serde_json::json;

const SECRET: &str = "planted-app-secret";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_line_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let (gateway, mut sockets) = Gateway::new();
    gateway.seen(|seen| {
        let echo = format!("{SECRET} {TICKET}");
        seen.refusals.push_back((500, json!({"code": "unknownError", "message": SECRET})));
        seen.refusals.push_back((200, json!({"endpoint": echo, "ticket": TICKET})));
        seen.refusals.push_back((200, json!({"endpoint": 1, "ticket": TICKET})));
        seen.handshake_refusals.push_back(401);
    });
    let client = Client::builder("dingclient", SECRET)
        .api_base("https://api.test")
        .transport(gateway.clone())
        .build()
        .unwrap();
    let listener = client.stream().on_event(|_| async { Ok(()) });
    let mut shown = format!("{listener:?}");
    tokio::spawn(listener.run(std::future::pending()));
    let mut socket = sockets.recv().await.unwrap();
    assert_eq!(status(&socket.ask(&event("e1", "m1")).await), "SUCCESS");
    shown.push_str(&String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(shown.contains("gateway.test/connect?ticket=***"), "{shown}");
    assert!(!shown.contains("planted"), "{shown}");
}
