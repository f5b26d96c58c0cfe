//! A ready receiver for `axum`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use tracing::warn;

use super::{Callback, Event, EventHandler, Reply};

struct Receiver {
    callback: Callback,
    handler: Box<dyn EventHandler>,
}

/// A router with one route that receives the pushes at `path`.
///
/// Bad pushes are answered with 400, 403 or 413 and no details.
///
/// # Panics
/// As [`Router::route`] does, when `path` is not a route of `axum`: it has to begin with `/`.
///
/// ```
/// use dingtalk::callback::{Callback, Event, router};
///
/// # fn run(callback: Callback) {
/// let (inbox, _worker) = tokio::sync::mpsc::unbounded_channel();
/// let app: axum::Router = router("/dingtalk/callback", callback, move |event: Event| {
///     let stored = inbox.send(event);
///     async move { Ok(stored?) }
/// });
/// # }
/// ```
pub fn router(path: &str, callback: Callback, handler: impl EventHandler) -> Router {
    let receiver = Receiver { callback, handler: Box::new(handler) };
    Router::new().route(path, post(receive)).with_state(Arc::new(receiver))
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
            warn!("a push to the DingTalk callback was refused: {error}");
            return error.status().into_response();
        }
    };
    if received.event != Event::CheckUrl
        && let Err(error) = receiver.handler.handle(received.event).await
    {
        warn!("an event was not taken, DingTalk will push it again: {error}");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let content_type = [(header::CONTENT_TYPE, Reply::CONTENT_TYPE)];
    (content_type, received.reply.into_body()).into_response()
}
