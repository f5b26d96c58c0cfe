//! Stands in front of a simulated system: counts its calls, holds them, lets them fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use erplink_core::transport::{HttpTransport, Transport};
use erplink_examples::systems::Address;
use erplink_sandbox::server::Server;
use erplink_sandbox::{Clock, Fault, FaultKind, Faults};
use http::{StatusCode, header};
use tokio::net::TcpSocket;

use crate::control::Control;
use crate::plan::{Down, Lost, Side, Step};

/// A server between the process under test and one server of the sandbox. Its address stays.
pub(crate) struct Gate {
    server: &'static str,
    port: u16,
    clock: Clock,
    shared: Arc<Shared>,
    state: Mutex<Open>,
}

enum Open {
    Listening(Server),
    /// Nobody listens, and nobody else gets the port.
    Closed(#[allow(dead_code, reason = "held, not read")] TcpSocket),
    Changing,
}

/// What calls need on their way.
struct Shared {
    server: &'static str,
    upstream: String,
    transport: HttpTransport,
    control: Mutex<Arc<Control>>,
    expire: Box<dyn Fn() + Send + Sync>,
}

impl Gate {
    /// In front of the server at `address`; `expire` ends its sessions.
    pub(crate) async fn start(
        address: &Address,
        clock: Clock,
        control: Arc<Control>,
        expire: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            server: address.server,
            upstream: address.now.clone(),
            transport: HttpTransport::builder().build().unwrap(),
            control: Mutex::new(control),
            expire: Box::new(expire),
        });
        let server = listen(0, &clock, &shared).await;
        let port = server.address().port();
        let state = Mutex::new(Open::Listening(server));
        Self { server: address.server, port, clock, shared, state }
    }

    /// The system and its server.
    pub(crate) fn server(&self) -> &'static str {
        self.server
    }

    /// Where the process under test finds it.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Another life begins.
    pub(crate) fn watch(&self, control: Arc<Control>) {
        *self.shared.control.lock().unwrap() = control;
        self.with_faults(Faults::clear);
    }

    /// A call of this gate is to fail.
    pub(crate) fn lose(&self, step: &Step, lost: Lost) {
        let mut words = step.name.rsplitn(3, ' ');
        let (path, method) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let status = |status| FaultKind::Status { status, retry_after: None, body: None };
        let kind = match lost {
            Lost::ResetBefore => FaultKind::ResetBefore,
            Lost::ResetAfter => FaultKind::ResetAfter,
            Lost::Truncated => FaultKind::TruncateBody,
            Lost::Unavailable => status(StatusCode::SERVICE_UNAVAILABLE),
            Lost::BadGatewayPage => FaultKind::Html(StatusCode::BAD_GATEWAY),
            Lost::Throttled => FaultKind::Status {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(1),
                body: None,
            },
        };
        let method = http::Method::from_bytes(method.as_bytes()).ok();
        let fault = Fault::new(method, path, kind).skip(step.nth.saturating_sub(1));
        self.with_faults(|faults| faults.push(fault));
    }

    /// The system is down.
    pub(crate) async fn down(&self, how: Down) {
        let kind = match how {
            Down::Refused => return self.close().await,
            Down::Reset => FaultKind::ResetBefore,
            Down::Unavailable => FaultKind::Status {
                status: StatusCode::SERVICE_UNAVAILABLE,
                retry_after: None,
                body: None,
            },
        };
        self.with_faults(|faults| faults.push(Fault::new(None, "", kind).times(u32::MAX)));
    }

    async fn close(&self) {
        *self.state.lock().unwrap() = Open::Changing; // the server ends with its task, a moment later
        let address = std::net::SocketAddr::from(([127, 0, 0, 1], self.port));
        // Somebody else's server at this port would answer in the name of this one.
        let socket = loop {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            if socket.bind(address).is_ok() {
                break socket;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        *self.state.lock().unwrap() = Open::Closed(socket);
    }

    /// The system is there again.
    pub(crate) async fn up(&self) {
        let closed = {
            let mut state = self.state.lock().unwrap();
            let closed = !matches!(*state, Open::Listening(_));
            if closed {
                *state = Open::Changing;
            }
            closed
        };
        if closed {
            let server = listen(self.port, &self.clock, &self.shared).await;
            *self.state.lock().unwrap() = Open::Listening(server);
        }
        self.with_faults(Faults::clear);
    }

    fn with_faults(&self, change: impl FnOnce(&Faults)) {
        if let Open::Listening(server) = &*self.state.lock().unwrap() {
            change(server.faults());
        }
    }
}

async fn listen(port: u16, clock: &Clock, shared: &Arc<Shared>) -> Server {
    let mut patience = 200;
    loop {
        let router = Router::new().fallback(pass).with_state(shared.clone());
        match Server::start(port, clock.clone(), |_| router).await {
            Ok(server) => return server,
            // The task of the server before has not ended yet.
            Err(_) if patience > 0 => {
                patience -= 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

async fn pass(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let control = shared.control.lock().unwrap().clone();
    let name = format!("{} {} {}", shared.server, request.method(), request.uri().path());
    let step = control.step(&name);
    control.hold(&step, Side::Before).await;
    if control.expires(&step) {
        (shared.expire)();
    }
    let response = shared.forward(request).await;
    control.hold(&step, Side::After).await;
    response
}

impl Shared {
    async fn forward(&self, request: Request) -> Response {
        let (mut head, body) = request.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = format!("{}{path}", self.upstream).parse().unwrap();
        for name in [header::HOST, header::CONTENT_LENGTH, header::CONNECTION] {
            head.headers.remove(name);
        }
        let answered = self.transport.send(http::Request::from_parts(head, body)).await;
        let mut response = answered.unwrap_or_else(|error| {
            let mut broken = http::Response::new(Bytes::from(error.to_string()));
            *broken.status_mut() = StatusCode::BAD_GATEWAY;
            broken
        });
        for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION] {
            response.headers_mut().remove(name);
        }
        response.map(Body::from)
    }
}
