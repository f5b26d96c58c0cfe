//! A ready receiver for `axum`.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use tracing::warn;

use super::{Callback, Received, TrustedDomainFile};

/// Why a handler could not take an event. Logged; the platform is asked to push again.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Takes events. Every `async fn(Received) -> Result<(), HandlerError>` is one.
///
/// **Be quick**: WeCom waits five seconds, connection included. Store the event, return, work later.
#[async_trait]
pub trait EventHandler: Send + Sync + 'static {
    /// Stores an event.
    ///
    /// # Errors
    /// Anything: the push is answered with HTTP 500 and the platform repeats it.
    async fn handle(&self, received: Received) -> Result<(), HandlerError>;
}

#[async_trait]
impl<F, Fut> EventHandler for F
where
    F: Fn(Received) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    async fn handle(&self, received: Received) -> Result<(), HandlerError> {
        self(received).await
    }
}

struct Receiver {
    callback: Callback,
    handler: Box<dyn EventHandler>,
}

/// A router with one route that answers checks of the address (`GET`) and takes pushes (`POST`).
///
/// Bad pushes are answered with 400 or 413 and no details. For several apps with addresses of their
/// own, merge several routers.
///
/// # Panics
/// As [`Router::route`] does, when `path` is not a route of `axum`: it has to begin with `/`.
///
/// ```
/// use wecom::callback::{Callback, Received, TrustedDomainFile, router, trusted_domain};
///
/// # fn run(callback: Callback, file: TrustedDomainFile) {
/// let (inbox, _worker) = tokio::sync::mpsc::unbounded_channel();
/// let app: axum::Router = router("/wecom/callback", callback, move |received: Received| {
///     let stored = inbox.send(received);
///     async move { Ok(stored?) }
/// })
/// .merge(trusted_domain(file));
/// # }
/// ```
pub fn router(path: &str, callback: Callback, handler: impl EventHandler) -> Router {
    let receiver = Receiver { callback, handler: Box::new(handler) };
    Router::new().route(path, get(check).post(receive)).with_state(Arc::new(receiver))
}

/// A router that serves the file of a trusted domain at the root, for `GET` and `HEAD`.
pub fn trusted_domain(file: TrustedDomainFile) -> Router {
    let path = file.path().to_owned();
    let serve = async |State(file): State<Arc<TrustedDomainFile>>| {
        let content_type = [(header::CONTENT_TYPE, TrustedDomainFile::CONTENT_TYPE)];
        (content_type, file.content().to_vec()).into_response()
    };
    Router::new().route(&path, get(serve)).with_state(Arc::new(file))
}

async fn check(State(receiver): State<Arc<Receiver>>, RawQuery(query): RawQuery) -> Response {
    match receiver.callback.check(&query.unwrap_or_default()) {
        Ok(echo) => ([(header::CONTENT_TYPE, "text/plain")], echo).into_response(),
        Err(error) => {
            warn!("a check of the WeCom callback was refused: {error}");
            error.status().into_response()
        }
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    RawQuery(query): RawQuery,
    request: Request<Body>,
) -> Response {
    let limit = receiver.callback.limit;
    let Ok(body) = axum::body::to_bytes(request.into_body(), limit).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let received = match receiver.callback.receive(&query.unwrap_or_default(), &body) {
        Ok(received) => received,
        Err(error) => {
            warn!("a push to the WeCom callback was refused: {error}");
            return error.status().into_response();
        }
    };
    if let Err(error) = receiver.handler.handle(received).await {
        warn!("an event was not taken, WeCom will push it again: {error}");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    StatusCode::OK.into_response()
}
