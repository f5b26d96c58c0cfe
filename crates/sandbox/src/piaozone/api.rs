//! The platform's HTTP interface, `api.piaozone.com`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method, Response, StatusCode, Uri, header};

use super::business::{self, Call};
use super::options::ExpiredToken;
use super::token;
use super::world::{Platform, Refusal, World};
use crate::servicelayer::json::{Json, Object};

const LARGEST_BODY: usize = 64 * 1024 * 1024;
const TOKEN: &str = "/base/oauth/token";

/// What a call answers.
pub(super) enum Reply {
    /// The envelope with these members besides.
    Done(Object),
    /// `errcode` and `description`.
    Refused(Refusal),
    /// The sandbox does not simulate it.
    Unsupported(String),
    /// Another status, without a body.
    Status(StatusCode),
}

impl From<Result<Json, Refusal>> for Reply {
    fn from(outcome: Result<Json, Refusal>) -> Self {
        match outcome {
            Ok(data) => Self::Done(object! { "data": data }),
            Err(refusal) => Self::Refused(refusal),
        }
    }
}

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response<Body> {
    let (reply, delay) = platform.act(|world, now| {
        let reply = run(world, now, &method, &uri, &body);
        let is_done = matches!(reply, Reply::Done(_)) && uri.path() != TOKEN;
        let delay = is_done.then(|| world.delays.pop_front()).flatten();
        (reply, delay.unwrap_or(Duration::ZERO))
    });
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let (status, body) = match reply {
        Reply::Done(members) => {
            let envelope = object! { "errcode": "0000", "description": "操作成功" };
            let body =
                members.iter().fold(envelope, |all, (name, value)| all.with(name, value.clone()));
            (StatusCode::OK, body.to_string())
        }
        Reply::Refused(Refusal { code, description }) => {
            let body = object! { "errcode": code, "description": description };
            (StatusCode::OK, body.to_string())
        }
        Reply::Unsupported(what) => {
            let body = object! { "errcode": "501", "description": what };
            (StatusCode::NOT_IMPLEMENTED, body.to_string())
        }
        Reply::Status(status) => (status, String::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn run(world: &mut World, now: DateTime<Utc>, method: &Method, uri: &Uri, body: &[u8]) -> Reply {
    let path = uri.path();
    if path == TOKEN {
        return if method == Method::POST {
            token::issue(world, now, body)
        } else {
            Reply::Status(StatusCode::METHOD_NOT_ALLOWED)
        };
    }
    let Some(endpoint) = business::find(path) else {
        return Reply::Unsupported(format!("the sandbox does not simulate {method} {path}"));
    };
    if *method != endpoint.method {
        return Reply::Status(StatusCode::METHOD_NOT_ALLOWED);
    }
    let query = uri.query().unwrap_or_default();
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    if let Err(reply) = admit(world, now, &query) {
        return reply;
    }
    if let Some(refusal) = world.refusals.pop_front() {
        return Reply::Refused(refusal);
    }
    (endpoint.run)(world, &Call { query: &query, body }).into()
}

/// Token and `reqid`.
fn admit(
    world: &mut World,
    now: DateTime<Utc>,
    query: &BTreeMap<String, String>,
) -> Result<(), Reply> {
    let text = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
    match world.tokens.get(text("access_token")) {
        Some(until) if now < *until => {}
        _ => {
            return Err(match world.quirks.expired_token {
                ExpiredToken::Code => {
                    Reply::Refused(Refusal::new("1300", "access_token无效或已过期"))
                }
                ExpiredToken::Http401 => Reply::Status(StatusCode::UNAUTHORIZED),
            });
        }
    }
    let reqid = text("reqid");
    if reqid.is_empty() {
        return Err(Reply::Refused(Refusal::new("1400", "reqid不能为空")));
    }
    if !world.reqids.insert(reqid.to_owned()) && world.quirks.refuse_repeated_reqid {
        return Err(Reply::Refused(Refusal::new("1401", "reqid重复")));
    }
    Ok(())
}
