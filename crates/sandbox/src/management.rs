//! The management port: what people and tests do to the sandbox, apart from the platforms' URLs.

use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::faults::FaultJson;
use crate::{Calls, Clock, Error, Fault, Faults};

/// A refusal of the management port: `{"error":"…"}`.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Refused { .. } => StatusCode::BAD_REQUEST,
            Error::NotFound(_) => StatusCode::NOT_FOUND,
            Error::Listen { .. } | Error::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, message: error.to_string() }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(serde_json::json!({ "error": self.message }))).into_response()
    }
}

/// A JSON body; what is none is refused like everything else here.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T> FromRequest<S> for Body<T>
where
    Json<T>: FromRequest<S, Rejection = JsonRejection>,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(why) => Err(Refusal { status: why.status(), message: why.body_text() }),
        }
    }
}

/// The answer to a path that leads nowhere.
pub(crate) async fn no_such_route(request: Request) -> Refusal {
    let message = format!("there is no {} {}", request.method(), request.uri().path());
    Refusal { status: StatusCode::NOT_FOUND, message }
}

/// `GET /clock`, `POST /clock/advance {"seconds":1800}`.
pub(crate) fn clock(clock: Clock) -> Router {
    Router::new()
        .route("/clock", get(show_clock))
        .route("/clock/advance", post(advance_clock))
        .with_state(clock)
}

#[derive(Serialize)]
struct ClockState {
    now: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: u64,
}

async fn show_clock(State(clock): State<Clock>) -> Json<ClockState> {
    Json(ClockState { now: clock.now() })
}

async fn advance_clock(
    State(clock): State<Clock>,
    Body(advance): Body<Advance>,
) -> Json<ClockState> {
    clock.advance(Duration::from_secs(advance.seconds));
    show_clock(State(clock)).await
}

/// The routes every simulated server has: `GET|POST|DELETE /faults`, `GET|DELETE /calls`.
pub(crate) fn server(faults: Faults, calls: Calls) -> Router {
    let faults = Router::new()
        .route("/faults", get(list_faults).post(push_fault).delete(clear_faults))
        .with_state(faults);
    let calls =
        Router::new().route("/calls", get(list_calls).delete(clear_calls)).with_state(calls);
    faults.merge(calls)
}

async fn list_faults(State(faults): State<Faults>) -> Json<Vec<FaultJson>> {
    Json(faults.pending().into_iter().map(FaultJson::from).collect())
}

async fn push_fault(
    State(faults): State<Faults>,
    Body(fault): Body<FaultJson>,
) -> Result<StatusCode, Refusal> {
    faults.push(Fault::try_from(fault).map_err(Refusal::bad_request)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(faults): State<Faults>) -> StatusCode {
    faults.clear();
    StatusCode::NO_CONTENT
}

async fn list_calls(State(calls): State<Calls>) -> Json<Vec<crate::Call>> {
    Json(calls.all())
}

async fn clear_calls(State(calls): State<Calls>) -> StatusCode {
    calls.clear();
    StatusCode::NO_CONTENT
}
