//! The system that nodes call: it answers as told and keeps what it got.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use erplink_sandbox::server::Server;
use erplink_sandbox::{Clock, Fault};

pub(crate) const APP_CODE: &str = "demo-app-code-1";

pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Clone)]
struct Desk {
    reply: Arc<Mutex<(StatusCode, String)>>,
    got: Arc<Mutex<Vec<Got>>>,
}

pub(crate) struct Receiver {
    server: Server,
    desk: Desk,
}

impl Receiver {
    pub(crate) async fn start(clock: &Clock) -> Self {
        let reply = (StatusCode::OK, r#"{"success":true,"code":"0","msg":"ok"}"#.to_owned());
        let desk = Desk { reply: Arc::new(Mutex::new(reply)), got: Arc::default() };
        let router = Router::new().route("/oa/result", post(take)).with_state(desk.clone());
        let server = Server::start(0, clock.clone(), |_| router).await.unwrap();
        Receiver { server, desk }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/oa/result", self.server.url())
    }

    pub(crate) fn reply(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.desk.reply.lock().unwrap() = (status, body.to_owned());
    }

    pub(crate) fn close_next(&self) {
        self.server.faults().push(Fault::reset_after(None, ""));
    }

    pub(crate) fn never_answer(&self) {
        self.server.faults().push(Fault::never_answer(None, ""));
    }

    pub(crate) fn take_all(&self) -> Vec<Got> {
        std::mem::take(&mut *self.desk.got.lock().unwrap())
    }

    /// The only call since the last look.
    pub(crate) fn take(&self) -> Got {
        let mut all = self.take_all();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }
}

async fn take(State(desk): State<Desk>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    desk.got.lock().unwrap().push(Got { headers, body });
    desk.reply.lock().unwrap().clone()
}
