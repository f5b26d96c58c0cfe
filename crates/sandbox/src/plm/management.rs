//! The routes below `/plm` of the management port.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::{BatchShape, Family, Plm, Push, TargetInterface};
use crate::management::{Body, Refusal};

/// The routes below `/plm` of the management port.
///
/// `PUT /targets/{item|bom|routing}` sets up a target interface (目标接口) · `POST
/// /push/{item|bom|routing}` approves objects and waits for the answers · `GET /pushes`.
pub(crate) fn management(plm: Plm) -> Router {
    Router::new()
        .route("/targets/{family}", put(configure))
        .route("/push/{family}", post(push))
        .route("/pushes", get(pushes))
        .with_state(plm)
}

/// `{"url":"http://127.0.0.1:8080/SBODEMOCN/plm/plm-items","app_code":"…"}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    url: String,
    #[serde(default)]
    app_code: Option<String>,
    /// More headers, as pairs.
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    single_push: bool,
    #[serde(default)]
    shape: Shape,
    /// 响应状态路径, 响应状态值, 响应消息路径.
    #[serde(default)]
    answer: Option<[String; 3]>,
    #[serde(default)]
    patience_ms: Option<u64>,
}

/// `"array"`, `"always_array"`, `{"wrapped":"data"}`
#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    #[default]
    Array,
    AlwaysArray,
    Wrapped(String),
}

impl From<Target> for TargetInterface {
    fn from(target: Target) -> Self {
        let mut set_up = Self::new(target.url).shape(match target.shape {
            Shape::Array => BatchShape::Array,
            Shape::AlwaysArray => BatchShape::AlwaysArray,
            Shape::Wrapped(name) => BatchShape::Wrapped(name),
        });
        if let Some(code) = target.app_code {
            set_up = set_up.app_code(code);
        }
        for (name, value) in target.headers {
            set_up = set_up.header(name, value);
        }
        if target.single_push {
            set_up = set_up.single_push();
        }
        if let Some([status_path, status_value, message_path]) = target.answer {
            set_up = set_up.answer(status_path, status_value, message_path);
        }
        match target.patience_ms {
            Some(patience) => set_up.patience(Duration::from_millis(patience)),
            None => set_up,
        }
    }
}

/// `{"rows":[{"ItemCode":"test1234"}]}`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    rows: Vec<Value>,
}

fn family(name: &str) -> Result<Family, Refusal> {
    let value = Value::String(name.to_owned());
    serde_json::from_value(value)
        .map_err(|_| Refusal::bad_request(format!("`{name}`: expected item, bom or routing")))
}

async fn configure(
    State(plm): State<Plm>,
    Path(name): Path<String>,
    Body(target): Body<Target>,
) -> Result<StatusCode, Refusal> {
    plm.configure(family(&name)?, target.into());
    Ok(StatusCode::NO_CONTENT)
}

async fn push(
    State(plm): State<Plm>,
    Path(name): Path<String>,
    Body(Rows { rows }): Body<Rows>,
) -> Result<Json<Vec<Push>>, Refusal> {
    Ok(Json(plm.push(family(&name)?, &rows).await?))
}

async fn pushes(State(plm): State<Plm>) -> Json<Vec<Push>> {
    Json(plm.pushes())
}
