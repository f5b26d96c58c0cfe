//! The routes below `/b1` of the management port.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DraftAndRequest, Options, ServiceLayer};
use crate::management::{self as shared, Body, Refusal};

/// Faults, calls, sessions, entities, and what people do in the client.
pub fn management(b1: ServiceLayer) -> Router {
    let faults_and_calls = shared::server(b1.faults().clone(), b1.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/options", get(options).patch(change_options))
        .route("/expire-sessions", post(expire_sessions))
        .route("/fail-over", post(fail_over))
        .route("/restart", post(restart))
        .route("/entities/{set}", get(list).post(create))
        .route("/entities/{set}/{key}", get(entity).patch(edit))
        .route("/sql", post(sql))
        .route("/drafts/submit", post(submit_draft))
        .route("/approval-requests/{code}/approve", post(approve))
        .route("/approval-requests/{code}/refuse", post(refuse))
        .with_state(b1)
        .merge(faults_and_calls)
}

#[derive(Serialize)]
struct ServerState {
    connection: Value,
    login_count: usize,
    open_sessions: usize,
    calls: u64,
}

async fn state(State(b1): State<ServiceLayer>) -> Json<ServerState> {
    Json(ServerState {
        connection: b1.connection(),
        login_count: b1.login_count(),
        open_sessions: b1.session_ids().len(),
        calls: b1.calls().total(),
    })
}

async fn options(State(b1): State<ServiceLayer>) -> Json<Options> {
    Json(b1.options())
}

async fn change_options(
    State(b1): State<ServiceLayer>,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Json<Options>, Refusal> {
    let changed = b1.options().changed(changes);
    let changed = changed.map_err(|error| Refusal::bad_request(error.to_string()))?;
    b1.configure(|options| *options = changed);
    Ok(options(State(b1)).await)
}

async fn expire_sessions(State(b1): State<ServiceLayer>) -> StatusCode {
    b1.expire_sessions();
    StatusCode::NO_CONTENT
}

async fn fail_over(State(b1): State<ServiceLayer>) -> StatusCode {
    b1.fail_over();
    StatusCode::NO_CONTENT
}

async fn restart(State(b1): State<ServiceLayer>) -> Result<StatusCode, Refusal> {
    b1.restart()?;
    Ok(StatusCode::NO_CONTENT)
}

async fn list(
    State(b1): State<ServiceLayer>,
    Path(set): Path<String>,
) -> Result<Json<Vec<Value>>, Refusal> {
    Ok(Json(b1.list(&set)?))
}

async fn create(
    State(b1): State<ServiceLayer>,
    Path(set): Path<String>,
    Body(entity): Body<Value>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    Ok((StatusCode::CREATED, Json(b1.create(&set, &entity)?)))
}

async fn entity(
    State(b1): State<ServiceLayer>,
    Path((set, key)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(b1.get(&set, &key)?))
}

async fn edit(
    State(b1): State<ServiceLayer>,
    Path((set, key)): Path<(String, String)>,
    Body(changes): Body<Value>,
) -> Result<StatusCode, Refusal> {
    b1.edit(&set, &key, &changes)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sql {
    select: String,
}

async fn sql(
    State(b1): State<ServiceLayer>,
    Body(sql): Body<Sql>,
) -> Result<Json<Vec<Value>>, Refusal> {
    Ok(Json(b1.sql(&sql.select)?))
}

async fn submit_draft(
    State(b1): State<ServiceLayer>,
    Body(document): Body<Value>,
) -> Result<(StatusCode, Json<DraftAndRequest>), Refusal> {
    Ok((StatusCode::CREATED, Json(b1.submit_draft(&document)?)))
}

/// Who decides, and what they write.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    /// `Users.UserCode`.
    user: String,
    #[serde(default)]
    remarks: String,
}

async fn approve(
    State(b1): State<ServiceLayer>,
    Path(code): Path<i64>,
    Body(decision): Body<Decision>,
) -> Result<StatusCode, Refusal> {
    b1.decide(code, &decision.user, "ardApproved", &decision.remarks)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refuse(
    State(b1): State<ServiceLayer>,
    Path(code): Path<i64>,
    Body(decision): Body<Decision>,
) -> Result<StatusCode, Refusal> {
    b1.decide(code, &decision.user, "ardNotApproved", &decision.remarks)?;
    Ok(StatusCode::NO_CONTENT)
}
