//! How a request reaches the other side. HTTP by default, anything by injection.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use tracing::debug;
use url::Url;

use crate::error::ErrorKind;
use crate::sanitize;

mod addresses;
mod http_client;
mod upgrade;

pub use http_client::{HttpTransport, HttpTransportBuilder, Pkcs12, Proxy, TransportConfig};
pub use upgrade::{Connection, Upgrade};

/// A request with its body in memory.
pub type Request = http::Request<Bytes>;
/// A response with its body in memory.
pub type Response = http::Response<Bytes>;

/// Sends one request and brings back its answer. Object safe, so that any client takes any.
///
/// Implement it to run a client without a network: in-process servers, recorders, faults.
/// A status of 4xx or 5xx is an answer, not an error.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request. The URI is absolute.
    ///
    /// # Errors
    /// When there was no answer; [`TransportError::is_before_send`] tells whether the request can
    /// have arrived.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;

    /// Sends a request that asks the server to switch to another protocol, such as WebSocket.
    ///
    /// Its headers `Connection` and `Upgrade` are the caller's. A transport that does not implement
    /// this refuses.
    ///
    /// # Errors
    /// When there was no answer. A server that answers anything but 101 is
    /// [`Upgrade::Refused`].
    async fn upgrade(&self, request: Request) -> Result<Upgrade, TransportError> {
        let _ = request;
        Err(TransportError::before_send(
            ErrorKind::Config,
            "this transport cannot switch protocols: it does not implement `Transport::upgrade`",
        ))
    }

    /// Whether requests to `base` can work at all, such as `https` without a TLS feature.
    ///
    /// # Errors
    /// A [`ErrorKind::Config`] that says what to change.
    fn check(&self, base: &Url) -> Result<(), TransportError> {
        let _ = base;
        Ok(())
    }
}

/// One transport shared by several clients.
#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (**self).send(request).await
    }

    async fn upgrade(&self, request: Request) -> Result<Upgrade, TransportError> {
        (**self).upgrade(request).await
    }

    fn check(&self, base: &Url) -> Result<(), TransportError> {
        (**self).check(base)
    }
}

/// How long this one request may take; put it into the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout(pub Duration);

/// No answer.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: ErrorKind,
    before_send: bool,
    message: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl TransportError {
    /// A request that never left.
    pub fn before_send(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, before_send: true, message: message.into(), source: None }
    }

    /// A request whose answer never came.
    pub fn after_send(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, before_send: false, message: message.into(), source: None }
    }

    /// Adds the cause. It must not print secrets: strip addresses first.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// [`ErrorKind::Config`], [`ErrorKind::Connect`], [`ErrorKind::Timeout`] or [`ErrorKind::Io`].
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the request certainly did not arrive.
    #[must_use]
    pub fn is_before_send(&self) -> bool {
        self.before_send
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// Sends a request and logs it: method, address with `printable` query values only, status, time.
///
/// # Errors
/// Those of the transport.
pub fn send_logged<'a>(
    transport: &'a dyn Transport,
    request: Request,
    printable: &'a [&'a str],
) -> BoxFuture<'a, Result<Response, TransportError>> {
    // Not an `async fn`: without a listener the transport's own future is all there is.
    if tracing::enabled!(tracing::Level::DEBUG) {
        Box::pin(log_exchange(transport, request, printable))
    } else {
        transport.send(request)
    }
}

async fn log_exchange(
    transport: &dyn Transport,
    request: Request,
    printable: &[&str],
) -> Result<Response, TransportError> {
    let method = request.method().clone();
    let address = Url::parse(&request.uri().to_string())
        .map_or_else(|_| "(no address)".to_owned(), |url| sanitize::url(&url, printable));
    let started = Instant::now();
    let result = transport.send(request).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &result {
        Ok(response) => {
            debug!(%method, %address, status = response.status().as_u16(), ms, "answered");
        }
        Err(error) => debug!(%method, %address, ms, sent = !error.before_send, "{error}"),
    }
    result
}
