//! The routes below `/dingtalk/stream` of the management port.

use axum::extract::State;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::DingTalk;
use super::{FrameFault, SocketFault, StreamSubscription};
use crate::management::{Body, Refusal};

/// `GET /` · `PUT|DELETE /subscription` · `POST /{break|disconnect|ping|frame-faults|text|callback}`.
pub(in crate::dingtalk) fn management(dingtalk: DingTalk) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/subscription", put(subscribe).delete(unsubscribe))
        .route("/break", post(break_all))
        .route("/disconnect", post(disconnect))
        .route("/ping", post(ping))
        .route("/frame-faults", post(arrange_frame_fault))
        .route("/text", post(send_text))
        .route("/callback", post(push_callback))
        .with_state(dingtalk)
}

/// `{"reason":"connection is expired"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disconnect {
    reason: String,
}

/// `{"topic":"/v1.0/im/bot/messages/get","data":{…}}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Callback {
    topic: String,
    data: Value,
}

async fn show(State(dingtalk): State<DingTalk>) -> Json<Value> {
    Json(json!({
        "connections": dingtalk.stream_connections(),
        "connections_opened": dingtalk.stream_connections_opened(),
        "pushes": dingtalk.stream_pushes(),
        "received": dingtalk.stream_received(),
    }))
}

async fn subscribe(
    State(dingtalk): State<DingTalk>,
    Body(subscription): Body<StreamSubscription>,
) -> StatusCode {
    dingtalk.subscribe_stream(subscription);
    StatusCode::NO_CONTENT
}

async fn unsubscribe(State(dingtalk): State<DingTalk>) -> StatusCode {
    dingtalk.unsubscribe_stream();
    StatusCode::NO_CONTENT
}

async fn break_all(State(dingtalk): State<DingTalk>, Body(fault): Body<SocketFault>) -> StatusCode {
    dingtalk.break_stream(fault);
    StatusCode::NO_CONTENT
}

async fn disconnect(
    State(dingtalk): State<DingTalk>,
    Body(Disconnect { reason }): Body<Disconnect>,
) -> StatusCode {
    dingtalk.disconnect_stream(&reason);
    StatusCode::NO_CONTENT
}

async fn ping(State(dingtalk): State<DingTalk>) -> StatusCode {
    dingtalk.ping_stream();
    StatusCode::NO_CONTENT
}

async fn arrange_frame_fault(
    State(dingtalk): State<DingTalk>,
    Body(fault): Body<FrameFault>,
) -> StatusCode {
    dingtalk.arrange_frame_fault(fault);
    StatusCode::NO_CONTENT
}

async fn send_text(State(dingtalk): State<DingTalk>, Body(text): Body<String>) -> StatusCode {
    dingtalk.send_stream_text(&text);
    StatusCode::NO_CONTENT
}

async fn push_callback(
    State(dingtalk): State<DingTalk>,
    Body(callback): Body<Callback>,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let id = dingtalk.push_stream_callback(&callback.topic, &callback.data)?;
    Ok((StatusCode::CREATED, Json(json!({"messageId": id}))))
}
