//! An HTTP server on the loopback interface that misbehaves on demand.
//!
//! The accept loop is our own: a fault has to close the TCP connection without an answer, which a
//! router cannot do.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::{Call, Calls, Clock, Error, FaultKind, Faults};

const PAUSE_AFTER_REFUSED_CONNECTION: Duration = Duration::from_millis(50);

/// A running server. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    faults: Faults,
    calls: Calls,
    accepting: AbortHandle,
}

impl Server {
    /// Listens on `127.0.0.1:port` (0: any free port) and serves the router that `router` builds
    /// for the address.
    ///
    /// # Errors
    ///
    /// [`Error::Listen`] when the port is taken.
    pub async fn start(
        port: u16,
        clock: Clock,
        router: impl FnOnce(SocketAddr) -> Router,
    ) -> Result<Self, Error> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let unusable = |source| Error::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        let faults = Faults::new();
        let calls = Calls::new();
        let service = Arc::new(Service {
            router: router(address),
            clock,
            faults: faults.clone(),
            calls: calls.clone(),
        });
        let accepting = tokio::spawn(accept(listener, service)).abort_handle();
        Ok(Self { address, faults, calls, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The misbehaviour waiting for requests.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The requests so far.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.calls
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The connections are children of the accepting task and end with it.
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, service: Arc<Service>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&service)));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Usually too many open files: a busy loop would not help.
                    tokio::time::sleep(PAUSE_AFTER_REFUSED_CONNECTION).await;
                }
            },
            // Collects finished connections, so that the set does not grow.
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, service: Arc<Service>) {
    // Small answers must not wait for the acknowledgement of earlier ones.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let answer = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Box::pin(service.answer(request)).await }
    });
    let connection = hyper::server::conn::http1::Builder::new();
    let serving = connection.serve_connection(TokioIo::new(stream), answer).with_upgrades();
    if let Err(error) = serving.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The connection closes without an answer.
#[derive(Debug, thiserror::Error)]
#[error("a fault closed the connection")]
struct Closed;

struct Service {
    router: Router,
    clock: Clock,
    faults: Faults,
    calls: Calls,
}

impl Service {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Closed> {
        let call = Call {
            at: self.clock.now(),
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            status: None,
        };
        self.calls.received(call.clone());
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let faults = self.faults.take(request.method(), target);
        let response = self.answer_with(request, faults).await?;
        self.calls.answered(&call, response.status());
        Ok(response)
    }

    async fn answer_with(
        &self,
        request: Request<Incoming>,
        faults: Vec<FaultKind>,
    ) -> Result<Response<Body>, Closed> {
        for fault in faults {
            match fault {
                FaultKind::Latency(latency) => tokio::time::sleep(latency).await,
                FaultKind::Status { status, retry_after, body } => {
                    return Ok(refusal(status, retry_after, body));
                }
                FaultKind::Html(status) => return Ok(gateway_page(status)),
                FaultKind::ResetBefore => return Err(Closed),
                FaultKind::NeverAnswer => std::future::pending().await,
                FaultKind::ResetAfter => {
                    let response = self.process(request).await;
                    // A body may be produced lazily: all of the work has to be done.
                    let _complete = response.into_body().collect().await;
                    return Err(Closed);
                }
                FaultKind::TruncateBody => return truncated(self.process(request).await).await,
            }
        }
        Ok(self.process(request).await)
    }

    async fn process(&self, request: Request<Incoming>) -> Response<Body> {
        let router = TowerToHyperService::new(self.router.clone());
        match hyper::service::Service::call(&router, request).await {
            Ok(response) => response,
            Err(error) => {
                let error: Infallible = error;
                match error {}
            }
        }
    }
}

fn refusal(status: StatusCode, retry_after: Option<u32>, body: Option<String>) -> Response<Body> {
    let has_body = body.is_some();
    let mut response = Response::new(Body::from(body.unwrap_or_default()));
    *response.status_mut() = status;
    if has_body {
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn gateway_page(status: StatusCode) -> Response<Body> {
    let page = format!("<html><head><title>{status}</title></head><body>{status}</body></html>");
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

/// Announces the whole length, sends half, closes.
async fn truncated(response: Response<Body>) -> Result<Response<Body>, Closed> {
    let (mut head, body) = response.into_parts();
    let whole: Bytes = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(_) => return Err(Closed),
    };
    if whole.is_empty() {
        return Err(Closed);
    }
    head.headers.insert(header::CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let abort = stream::once(async {
        // Gives the connection a turn to flush the half before the error ends it.
        tokio::task::yield_now().await;
        Err(Closed)
    });
    let body = Body::from_stream(stream::once(async move { Ok(half) }).chain(abort));
    Ok(Response::from_parts(head, body))
}
