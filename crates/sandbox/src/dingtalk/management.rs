//! The routes below `/dingtalk` of the management port: the people's actions as JSON.

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BanPage, Callback, DingTalk, Limits, Push, PushFault, Quirks, stream};
use crate::management::{self as shared, Body, Refusal};

/// The routes below `/dingtalk` of the management port.
///
/// `GET /state` · `GET|POST /instances` · `GET|DELETE /instances/{id}` ·
/// `POST /instances/{id}/{approve|refuse|approve-to-the-end|withdraw|redirect|comment}` ·
/// `PUT|DELETE /callback` · `GET /pushes` · `POST /push-faults` · `POST /token/invalidate` ·
/// `POST /ip-ban` · `PUT /limits` · `PUT /quirks` · and
/// below `/api` and `/oapi` the faults and calls of each port, below `/stream` Stream mode.
pub fn management(dingtalk: DingTalk) -> Router {
    let api = shared::server(dingtalk.faults_api().clone(), dingtalk.calls_api().clone());
    let oapi = shared::server(dingtalk.faults_oapi().clone(), dingtalk.calls_oapi().clone());
    let stream = stream::management(dingtalk.clone());
    Router::new()
        .route("/state", get(state))
        .route("/instances", get(list).post(start))
        .route("/instances/{id}", get(show).delete(delete))
        .route("/instances/{id}/approve", post(approve))
        .route("/instances/{id}/refuse", post(refuse))
        .route("/instances/{id}/approve-to-the-end", post(approve_to_the_end))
        .route("/instances/{id}/withdraw", post(withdraw))
        .route("/instances/{id}/redirect", post(redirect))
        .route("/instances/{id}/comment", post(comment))
        .route("/callback", put(configure_callback).delete(remove_callback))
        .route("/pushes", get(pushes))
        .route("/push-faults", post(arrange_push_fault))
        .route("/token/invalidate", post(invalidate_token))
        .route("/ip-ban", post(ban_ip))
        .route("/limits", put(set_limits))
        .route("/quirks", put(set_quirks))
        .with_state(dingtalk)
        .nest("/api", api)
        .nest("/oapi", oapi)
        .nest("/stream", stream)
}

type Done = Result<StatusCode, Refusal>;

/// `{"user":"0147…","remark":"同意"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    user: String,
    #[serde(default)]
    remark: String,
}

/// `{"from":"0147…","to":"0805…"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HandOver {
    from: String,
    to: String,
}

/// `{"user":"0147…","text":"请尽快"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Comment {
    user: String,
    text: String,
}

/// `{"template":"采购申请","user":"manager4974","values":{"来源单号":"1024"}}`; the template by
/// name or by processCode.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    template: String,
    user: String,
    #[serde(default)]
    values: Value,
}

async fn state(State(dingtalk): State<DingTalk>) -> Json<Value> {
    let mut state = dingtalk.connection();
    if let Some(members) = state.as_object_mut() {
        members.insert("instances".to_owned(), json!(dingtalk.instances()));
        members.insert("callback_url".to_owned(), json!(dingtalk.callback_url()));
        members.insert("token_fetches".to_owned(), json!(dingtalk.fetch_count()));
    }
    Json(state)
}

async fn list(State(dingtalk): State<DingTalk>) -> Json<Vec<String>> {
    Json(dingtalk.instances())
}

async fn show(
    State(dingtalk): State<DingTalk>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(dingtalk.instance(&id)?))
}

async fn start(
    State(dingtalk): State<DingTalk>,
    Body(start): Body<Start>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let code = dingtalk.process_code(&start.template).unwrap_or(start.template);
    let id = dingtalk.start_by_hand(&code, &start.user, &start.values)?;
    Ok((StatusCode::CREATED, Json(json!({"instance": id}))))
}

async fn approve(
    State(dingtalk): State<DingTalk>,
    Path(id): Path<String>,
    Body(verdict): Body<Verdict>,
) -> Done {
    dingtalk.approve(&id, &verdict.user, &verdict.remark)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn refuse(
    State(dingtalk): State<DingTalk>,
    Path(id): Path<String>,
    Body(verdict): Body<Verdict>,
) -> Done {
    dingtalk.refuse(&id, &verdict.user, &verdict.remark)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn approve_to_the_end(State(dingtalk): State<DingTalk>, Path(id): Path<String>) -> Done {
    dingtalk.approve_to_the_end(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn withdraw(State(dingtalk): State<DingTalk>, Path(id): Path<String>) -> Done {
    dingtalk.withdraw(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn redirect(
    State(dingtalk): State<DingTalk>,
    Path(id): Path<String>,
    Body(hand_over): Body<HandOver>,
) -> Done {
    dingtalk.redirect(&id, &hand_over.from, &hand_over.to)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn comment(
    State(dingtalk): State<DingTalk>,
    Path(id): Path<String>,
    Body(comment): Body<Comment>,
) -> Done {
    dingtalk.comment(&id, &comment.user, &comment.text)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn delete(State(dingtalk): State<DingTalk>, Path(id): Path<String>) -> Done {
    dingtalk.delete(&id)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn configure_callback(
    State(dingtalk): State<DingTalk>,
    Body(callback): Body<Callback>,
) -> Done {
    Box::pin(dingtalk.configure_callback(callback)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_callback(State(dingtalk): State<DingTalk>) -> StatusCode {
    dingtalk.remove_callback();
    StatusCode::NO_CONTENT
}

async fn pushes(State(dingtalk): State<DingTalk>) -> Json<Vec<Push>> {
    Json(dingtalk.pushes())
}

async fn arrange_push_fault(
    State(dingtalk): State<DingTalk>,
    Body(fault): Body<PushFault>,
) -> StatusCode {
    dingtalk.arrange_push_fault(fault);
    StatusCode::NO_CONTENT
}

async fn invalidate_token(State(dingtalk): State<DingTalk>) -> StatusCode {
    dingtalk.invalidate_token();
    StatusCode::NO_CONTENT
}

async fn ban_ip(State(dingtalk): State<DingTalk>, Body(page): Body<BanPage>) -> StatusCode {
    dingtalk.ban_ip(page);
    StatusCode::NO_CONTENT
}

async fn set_limits(State(dingtalk): State<DingTalk>, Body(limits): Body<Limits>) -> StatusCode {
    dingtalk.set_limits(limits);
    StatusCode::NO_CONTENT
}

async fn set_quirks(State(dingtalk): State<DingTalk>, Body(quirks): Body<Quirks>) -> StatusCode {
    dingtalk.set_quirks(quirks);
    StatusCode::NO_CONTENT
}
