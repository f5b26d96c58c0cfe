//! A ready receiver for `axum`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::{StatusCode, header};
use tracing::{error, warn};

use crate::{Barcode, Endpoint, Reply};

/// A router for all companies: `/barcode/{company}/methods`, `query`, `save`, `companies` and
/// `print-query`. The first and the fourth answer `GET` as well.
///
/// The AppCode is checked before the body is read, and what was begun is done to its end when the
/// caller hangs up: no issue stays without its receipt for that.
///
/// ```
/// use std::sync::Arc;
/// use barcode_app::{AppCodes, Barcode, Company, Documents, router};
///
/// # fn run(documents: Arc<dyn Documents>) -> Result<(), barcode_app::AppCodeError> {
/// let barcode = Barcode::new(AppCodes::new(["code-for-the-scanners"])?)
///     .company("demo", Company::new("SBODEMOCN", documents));
/// let app: axum::Router = router(barcode);
/// # Ok(())
/// # }
/// ```
pub fn router(barcode: Barcode) -> Router {
    let barcode = Arc::new(barcode);
    Endpoint::ALL
        .into_iter()
        .fold(Router::new(), |routes, endpoint| {
            let handler = move |State(barcode): State<Arc<Barcode>>,
                                Path(company): Path<String>,
                                request: Request<Body>| {
                receive(barcode, company, endpoint, request)
            };
            let path = format!("/barcode/{{company}}/{}", endpoint.path());
            routes.route(&path, methods(endpoint, handler))
        })
        .with_state(barcode)
}

/// A router for one company whose five addresses begin with `path`, such as `/SBODEMOCN/barcode`;
/// `company` is its id in [`Barcode::company`]. Otherwise as [`router`].
///
/// # Panics
/// As [`Router::route`] does, when `path` does not begin with `/`.
pub fn company_router(path: &str, company: &str, barcode: Barcode) -> Router {
    let barcode = Arc::new(barcode);
    Endpoint::ALL
        .into_iter()
        .fold(Router::new(), |routes, endpoint| {
            let company = company.to_owned();
            let handler = move |State(barcode): State<Arc<Barcode>>, request: Request<Body>| {
                receive(barcode, company, endpoint, request)
            };
            routes.route(&format!("{path}/{}", endpoint.path()), methods(endpoint, handler))
        })
        .with_state(barcode)
}

/// What has no input can be asked with `GET` as well.
fn methods<H, T>(endpoint: Endpoint, handler: H) -> MethodRouter<Arc<Barcode>>
where
    H: Handler<T, Arc<Barcode>>,
    T: 'static,
{
    match endpoint {
        Endpoint::Methods | Endpoint::Companies => get(handler.clone()).post(handler),
        _ => post(handler),
    }
}

async fn receive(
    barcode: Arc<Barcode>,
    company: String,
    endpoint: Endpoint,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    if let Err(refused) = barcode.check(&parts.headers) {
        warn!("a call of the barcode application was refused: {refused}");
        return answer(barcode.refuse(&refused));
    }
    let Ok(body) = axum::body::to_bytes(body, barcode.body_limit()).await else {
        return answer(barcode.too_large(endpoint));
    };
    let work =
        tokio::spawn(
            async move { barcode.handle(&company, endpoint, &parts.headers, &body).await },
        );
    match work.await {
        Ok(reply) => answer(reply),
        Err(stopped) => {
            error!("a call of the barcode application was not answered: {stopped}");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn answer(reply: Reply) -> Response {
    (reply.status, [(header::CONTENT_TYPE, Reply::CONTENT_TYPE)], reply.body).into_response()
}
