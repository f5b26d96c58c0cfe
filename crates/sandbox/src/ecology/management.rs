//! The routes below `/ecology` of the management port: the people's actions as JSON.

use axum::extract::{FromRequestParts, Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use super::people::headline;
use super::{Callback, Ecology, GateFault, Push, PushFault, Quirks, Received};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/ecology` of the management port.
///
/// `GET /state` · `GET|POST /requests` · `GET|DELETE /requests/{id}` ·
/// `POST /requests/{id}/{approve|refuse|return|withdraw|hand-over|comment|approve-to-the-end}` ·
/// `POST|DELETE /callbacks` · `GET /pushes` · `POST /push-faults` · `POST /gate-faults` ·
/// `POST /answers` · `POST /tokens/invalidate` · `PUT /quirks` · `GET /received` ·
/// `GET /cube/{table}` · and the faults and calls of the port.
pub fn management(ecology: Ecology) -> Router {
    let server = shared::server(ecology.faults().clone(), ecology.calls().clone());
    Router::new()
        .route("/state", get(state))
        .route("/requests", get(list).post(start))
        .route("/requests/{id}", get(show).delete(delete))
        .route("/requests/{id}/approve", post(approve))
        .route("/requests/{id}/refuse", post(refuse))
        .route("/requests/{id}/return", post(return_to))
        .route("/requests/{id}/withdraw", post(withdraw))
        .route("/requests/{id}/hand-over", post(hand_over))
        .route("/requests/{id}/comment", post(comment))
        .route("/requests/{id}/approve-to-the-end", post(approve_to_the_end))
        .route("/callbacks", post(add_callback).delete(remove_callbacks))
        .route("/pushes", get(pushes))
        .route("/push-faults", post(arrange_push_fault))
        .route("/gate-faults", post(arrange_gate_fault))
        .route("/answers", post(answer_next))
        .route("/tokens/invalidate", post(invalidate_tokens))
        .route("/quirks", put(set_quirks))
        .route("/received", get(received))
        .route("/cube/{table}", get(cube_rows))
        .with_state(ecology)
        .merge(server)
}

type Done = Result<StatusCode, Refusal>;

/// The id in the path; what is none is refused like everything else here.
struct RequestId(i64);

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = text.map_err(|why| Refusal::bad_request(why.body_text()))?;
        let id = text.parse().map(RequestId);
        id.map_err(|_| Refusal::bad_request(format!("{text:?} is not a request id (a number)")))
    }
}

/// `{"user":"15001","remark":"同意"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    user: String,
    #[serde(default)]
    remark: String,
}

/// `{"user":"15001","remark":"数量不对","node":3974}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Return {
    user: String,
    #[serde(default)]
    remark: String,
    node: i64,
}

/// `{"user":"15273"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct By {
    user: String,
}

/// `{"from":"15001","to":"15002"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandOver {
    from: String,
    to: String,
}

/// `{"workflow":"供应商准入","user":"15273","values":{"cardcode":"V100"}}`; the workflow by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    workflow: String,
    user: String,
    #[serde(default)]
    values: Value,
}

/// `{"fault":"login_timeout","times":2}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    fault: GateFault,
    #[serde(default = "once")]
    times: u16,
}

fn once() -> u16 {
    1
}

/// `{"path":"/api/workflow/paService/doCreateRequest","body":{"code":"SYSTEM_INNER_ERROR"}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arranged {
    path: String,
    body: Value,
}

async fn state(State(ecology): State<Ecology>) -> Json<Value> {
    let mut state = ecology.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("requests".to_owned(), json!(ecology.requests()));
        members.insert("token_count".to_owned(), json!(ecology.token_count()));
        members.insert("callbacks".to_owned(), json!(ecology.callback_urls()));
    }
    Json(state)
}

async fn list(State(ecology): State<Ecology>) -> Json<Vec<Value>> {
    Json(ecology.requests().into_iter().map(|id| headline(&ecology, id)).collect())
}

async fn show(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(ecology.request(id)?))
}

async fn start(
    State(ecology): State<Ecology>,
    Body(start): Body<Start>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let workflow = ecology.workflow_id(&start.workflow)?;
    let id = ecology.start_by_hand(workflow, &start.user, &start.values)?;
    Ok((StatusCode::CREATED, Json(json!({"requestid": id}))))
}

async fn approve(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(verdict): Body<Verdict>,
) -> Done {
    Box::pin(ecology.approve(id, &verdict.user, &verdict.remark)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refuse(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(verdict): Body<Verdict>,
) -> Done {
    Box::pin(ecology.refuse(id, &verdict.user, &verdict.remark)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn return_to(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(back): Body<Return>,
) -> Done {
    Box::pin(ecology.return_to(id, &back.user, &back.remark, back.node)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn withdraw(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(by): Body<By>,
) -> Done {
    ecology.withdraw(id, &by.user)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn hand_over(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(hand_over): Body<HandOver>,
) -> Done {
    ecology.hand_over(id, &hand_over.from, &hand_over.to)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn comment(
    State(ecology): State<Ecology>,
    RequestId(id): RequestId,
    Body(comment): Body<Verdict>,
) -> Done {
    ecology.comment(id, &comment.user, &comment.remark)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn approve_to_the_end(State(ecology): State<Ecology>, RequestId(id): RequestId) -> Done {
    Box::pin(ecology.approve_to_the_end(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(State(ecology): State<Ecology>, RequestId(id): RequestId) -> Done {
    ecology.delete(id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_callback(State(ecology): State<Ecology>, Body(callback): Body<Callback>) -> Done {
    ecology.add_callback(callback)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_callbacks(State(ecology): State<Ecology>) -> StatusCode {
    ecology.remove_callbacks();
    StatusCode::NO_CONTENT
}

async fn pushes(State(ecology): State<Ecology>) -> Json<Vec<Push>> {
    Json(ecology.pushes())
}

async fn arrange_push_fault(
    State(ecology): State<Ecology>,
    Body(fault): Body<PushFault>,
) -> StatusCode {
    ecology.arrange_push_fault(fault);
    StatusCode::NO_CONTENT
}

async fn arrange_gate_fault(State(ecology): State<Ecology>, Body(gate): Body<Gate>) -> StatusCode {
    for _ in 0..gate.times {
        ecology.arrange_gate_fault(gate.fault);
    }
    StatusCode::NO_CONTENT
}

async fn answer_next(State(ecology): State<Ecology>, Body(arranged): Body<Arranged>) -> StatusCode {
    ecology.answer_next(&arranged.path, arranged.body);
    StatusCode::NO_CONTENT
}

async fn invalidate_tokens(State(ecology): State<Ecology>) -> StatusCode {
    ecology.invalidate_tokens();
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(ecology): State<Ecology>, Body(quirks): Body<Quirks>) -> StatusCode {
    ecology.set_quirks(quirks);
    StatusCode::NO_CONTENT
}

async fn received(State(ecology): State<Ecology>) -> Json<Vec<Received>> {
    Json(ecology.received())
}

async fn cube_rows(
    State(ecology): State<Ecology>,
    Path(table): Path<String>,
) -> Result<Json<Vec<Value>>, Refusal> {
    Ok(Json(ecology.cube_rows(&table)?))
}
