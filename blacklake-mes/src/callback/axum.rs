//! A ready receiver for `axum`.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use tracing::{info, warn};

use super::{Callback, CallbackError, Event, Received, Reply};

/// Why a handler could not take an event. Logged; the MES is asked to push again.
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Takes events. Every `async fn(Received) -> Result<(), HandlerError>` is one.
///
/// **Be quick**: how long the MES waits is not documented. Store the event, return, work later.
#[async_trait]
pub trait EventHandler: Send + Sync + 'static {
    /// Stores an event.
    ///
    /// # Errors
    /// Anything: the push is answered with HTTP 500.
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

/// A router with one route that takes pushes (`POST`).
///
/// It answers checks of the address by itself and acknowledges events of unknown types; the handler
/// gets all others. Bad pushes are answered with 400 or 413 and no details.
///
/// # Panics
/// As [`Router::route`] does, when `path` is not a route of `axum`: it has to begin with `/`.
///
/// ```
/// use blacklake_mes::callback::{Callback, Received, router};
///
/// # fn run(callback: Callback) {
/// let (inbox, _worker) = tokio::sync::mpsc::unbounded_channel();
/// let app: axum::Router = router("/mes/callback", callback, move |received: Received| {
///     let stored = inbox.send(received);
///     async move { Ok(stored?) }
/// });
/// # }
/// ```
pub fn router(path: &str, callback: Callback, handler: impl EventHandler) -> Router {
    let receiver = Receiver { callback, handler: Box::new(handler) };
    Router::new().route(path, post(receive)).with_state(Arc::new(receiver))
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> Response {
    let limit = receiver.callback.limit;
    let Ok(body) = axum::body::to_bytes(request.into_body(), limit).await else {
        // More than the limit, or a connection that broke: then nobody reads the answer.
        let error = CallbackError::TooLarge { found: limit.saturating_add(1), limit };
        return answer(error.reply());
    };
    let received = match receiver.callback.receive(&body) {
        Ok(received) => received,
        Err(error) => {
            warn!("a push to the MES callback was refused: {error}");
            return answer(error.reply());
        }
    };
    let reply = received.reply.clone();
    match &received.event {
        Event::Check(_) => info!("the MES checked the address of the callback"),
        Event::Other => {
            info!(event_type = received.header.event_type, "an event of an unknown type");
        }
        _ => {
            if let Err(error) = receiver.handler.handle(received).await {
                warn!("an event was not taken: {error}");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                return answer(Reply::refused(status, "the event was not taken"));
            }
        }
    }
    answer(reply)
}

fn answer(reply: Reply) -> Response {
    (reply.status, [(header::CONTENT_TYPE, Reply::CONTENT_TYPE)], reply.body).into_response()
}
