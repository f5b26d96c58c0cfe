//! A ready receiver for `axum`.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header;
use tracing::{info, warn};

use super::{Callback, CallbackError, Done, Push, Reply};

/// Why a push could not be worked off. **The approver reads its text.**
pub type HandlerError = Box<dyn std::error::Error + Send + Sync>;

/// Works off pushes. Every `async fn(Push) -> Result<Done, HandlerError>` is one.
///
/// The answer is awaited and returned to OA, within the approver's click: be quick.
#[async_trait]
pub trait PushHandler: Send + Sync + 'static {
    /// Works off a push.
    ///
    /// # Errors
    /// Anything: its text is the message of the failure answer, and the request stays at its node.
    async fn handle(&self, push: Push) -> Result<Done, HandlerError>;
}

#[async_trait]
impl<F, Fut> PushHandler for F
where
    F: Fn(Push) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Done, HandlerError>> + Send + 'static,
{
    async fn handle(&self, push: Push) -> Result<Done, HandlerError> {
        self(push).await
    }
}

struct Receiver {
    callback: Callback,
    handler: Box<dyn PushHandler>,
}

/// A router with one route that receives the pushes at `path`. The AppCode is checked before the
/// body is read.
///
/// # Panics
/// As [`Router::route`] does, when `path` is not a route of `axum`: it has to begin with `/`.
///
/// ```
/// use ecology_oa::callback::{Callback, Decision, Done, Push, ResultMap, router};
///
/// # async fn approve(_: &str) -> Result<(), std::io::Error> { Ok(()) }
/// # fn run(callback: Callback) {
/// let results = ResultMap::new().approved(["1"]).rejected(["2"]);
/// let app: axum::Router = router("/oa/results", callback, move |push: Push| {
///     let result = results.read(&push);
///     async move {
///         let result = result?;
///         if result.decision == Decision::Approved {
///             approve(&result.request_id).await?;
///         }
///         Ok(Done::new())
///     }
/// });
/// # }
/// ```
pub fn router(path: &str, callback: Callback, handler: impl PushHandler) -> Router {
    let receiver = Receiver { callback, handler: Box::new(handler) };
    Router::new().route(path, post(receive)).with_state(Arc::new(receiver))
}

async fn receive(State(receiver): State<Arc<Receiver>>, request: Request<Body>) -> Response {
    let Receiver { callback, handler } = &*receiver;
    let refused = |error: CallbackError| {
        warn!("a push of the OA was refused: {error}");
        answer(callback.refused(&error))
    };
    let (parts, body) = request.into_parts();
    if let Err(error) = callback.codes.check(&parts.headers) {
        return refused(error.into());
    }
    let limit = callback.limit;
    let body = match axum::body::to_bytes(body, limit).await {
        Ok(body) => body,
        Err(_) => return refused(CallbackError::TooLarge { limit }),
    };
    let push = match callback.receive(&parts.headers, &body) {
        Ok(push) => push,
        Err(error) => return refused(error),
    };
    match handler.handle(push).await {
        Ok(done) => answer(callback.done(&done)),
        Err(error) => {
            info!("a push of the OA failed, its approver is told: {error}");
            answer(callback.failed(&error.to_string()))
        }
    }
}

fn answer(reply: Reply) -> Response {
    (reply.status, [(header::CONTENT_TYPE, Reply::CONTENT_TYPE)], reply.body).into_response()
}
