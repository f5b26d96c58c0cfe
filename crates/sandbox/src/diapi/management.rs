//! The routes below `/diapi` of the management port.

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{DiApi, Quirks};
use crate::management::{self as shared, Body, Refusal};

/// `GET /state` · `GET /statements` · `POST /answers` · `POST /expire-sessions` · `PUT /quirks` ·
/// `GET|POST|DELETE /faults` · `GET|DELETE /calls`.
pub fn management(diapi: DiApi) -> Router {
    let server = shared::server(diapi.faults().clone(), diapi.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/statements", get(statements))
        .route("/answers", post(answer))
        .route("/expire-sessions", post(expire_sessions))
        .route("/quirks", put(set_quirks))
        .with_state(diapi)
        .merge(server)
}

async fn state(State(diapi): State<DiApi>) -> Json<Value> {
    Json(json!({
        "connection": diapi.connection(),
        "login_count": diapi.login_count(),
        "open_sessions": diapi.service.memory.look(|state, _| state.sessions.len()),
        "calls": diapi.calls().total(),
    }))
}

async fn statements(State(diapi): State<DiApi>) -> Json<Vec<String>> {
    Json(diapi.statements())
}

/// `{"contains":"CALL PICK_BATCHES","rows":[{"BatchNum":"B1","Quantity":5}]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    contains: String,
    rows: Value,
}

async fn answer(
    State(diapi): State<DiApi>,
    Body(answer): Body<Answer>,
) -> Result<StatusCode, Refusal> {
    diapi.answer(&answer.contains, &answer.rows)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_sessions(State(diapi): State<DiApi>) -> StatusCode {
    diapi.expire_sessions();
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(diapi): State<DiApi>, Body(quirks): Body<Quirks>) -> StatusCode {
    diapi.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
