//! A ready receiver for `axum`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{StatusCode, header};
use tracing::{error, warn};

use crate::{PushError, Receiver, Reply, Rows};

struct Door<R: ?Sized> {
    receiver: Receiver,
    rows: Arc<R>,
}

/// A router with one route that receives the pushes at `path`. The AppCode is checked before the
/// body is read, and a push whose caller hangs up is worked off to its end.
///
/// # Panics
/// As [`Router::route`] does, when `path` is not a route of `axum`: it has to begin with `/`.
///
/// ```
/// use std::sync::Arc;
/// use plm_tianyu::{AppCodes, Erp, Kind, Receiver, router};
///
/// # fn run(erp: Arc<dyn Erp>) -> Result<(), plm_tianyu::AppCodeError> {
/// let codes = AppCodes::new(["code-for-the-plm"])?;
/// let app: axum::Router = router("/plm/items", Receiver::new(Kind::Item, codes.clone()), erp.clone())
///     .merge(router("/plm/boms", Receiver::new(Kind::Bom, codes), erp));
/// # Ok(())
/// # }
/// ```
pub fn router<R: Rows + ?Sized + 'static>(path: &str, receiver: Receiver, rows: Arc<R>) -> Router {
    Router::new().route(path, post(receive::<R>)).with_state(Arc::new(Door { receiver, rows }))
}

async fn receive<R: Rows + ?Sized + 'static>(
    State(door): State<Arc<Door<R>>>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let refused = |error: PushError| {
        warn!("a push of the PLM was refused: {error}");
        answer(door.receiver.refuse(&error))
    };
    if let Err(error) = door.receiver.check(&parts.headers) {
        return refused(error.into());
    }
    let limit = door.receiver.body_limit();
    let Ok(body) = axum::body::to_bytes(body, limit).await else {
        return refused(PushError::TooLarge { limit });
    };
    // On its own: a caller that hangs up would stop it between two rows.
    let work = {
        let door = door.clone();
        tokio::spawn(async move {
            door.receiver.handle(&parts.headers, &body, door.rows.as_ref()).await
        })
    };
    match work.await {
        Ok(reply) => answer(reply),
        Err(stopped) => {
            error!("a push of the PLM was not worked off: {stopped}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn answer(reply: Reply) -> Response {
    (reply.status, [(header::CONTENT_TYPE, Reply::CONTENT_TYPE)], reply.body).into_response()
}
