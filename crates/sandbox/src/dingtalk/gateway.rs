//! What every request passes before it reaches the business: both generations' gateways.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::options::BanPage;
use super::world::{Ban, World};

/// How long the IP limiter bans.
const BAN: TimeDelta = TimeDelta::minutes(5);

/// A request as it came from the wire.
pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Incoming {
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Incoming {
            method,
            path: uri.path().to_owned(),
            query: query.into_owned().collect(),
            headers,
            body,
        }
    }

    /// A typing error of the caller, or a call nobody told the sandbox about: the log helps to tell.
    pub(super) fn log_unknown(&self) {
        let Incoming { method, path, .. } = self;
        tracing::warn!(%method, path, "DingTalk has no such call, as far as the sandbox knows");
    }

    fn is_of_type(&self, expected: &str) -> bool {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
        kind.trim().eq_ignore_ascii_case(expected)
    }

    /// The body as a JSON object that calls itself JSON.
    pub(super) fn json(&self) -> Option<Value> {
        if !self.is_of_type("application/json") {
            return None;
        }
        serde_json::from_slice::<Value>(&self.body).ok().filter(Value::is_object)
    }

    /// The body as a JSON object, or a form as an object of texts.
    pub(super) fn json_or_form(&self) -> Option<Value> {
        if self.is_of_type("application/x-www-form-urlencoded") {
            let fields = url::form_urlencoded::parse(&self.body);
            let fields = fields.map(|(name, value)| (name.into_owned(), json!(value)));
            return Some(Value::Object(fields.collect()));
        }
        if self.body.is_empty() {
            return Some(json!({}));
        }
        self.json()
    }
}

/// A JSON answer with the header support asks for.
pub(super) fn json_answer(status: u16, body: &Value, request_id: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-acs-request-id", id.clone());
        headers.insert("x-acs-trace-id", id);
    }
    response
}

/// The loud answer to what the platform has and the sandbox has not.
pub(super) fn unsupported(incoming: &Incoming, request_id: &str) -> Response<Body> {
    let what = format!("{} {}", incoming.method, incoming.path);
    tracing::error!(what, "the sandbox does not simulate this DingTalk call");
    let message = format!("the sandbox does not simulate {what}");
    let body = json!({"code": "sandbox.unsupported", "message": message, "requestid": request_id});
    json_answer(501, &body, request_id)
}

impl World {
    /// The IP limiter's answer while it bans; neither of the two error envelopes.
    pub(super) fn banned(&mut self, now: DateTime<Utc>) -> Option<Response<Body>> {
        let Ban { page, .. } = self.ban.filter(|ban| ban.until > now)?;
        Some(match page {
            BanPage::Json => {
                let id = self.ids.uuid();
                let body = json!({
                    "status": 1111, "wait": 5, "source": "x5", "punish": "deny", "uuid": id,
                });
                json_answer(200, &body, &id)
            }
            BanPage::Html => {
                let page = "<html><head><title>访问被拒绝</title></head><body>deny</body></html>";
                let mut response = Response::new(Body::from(page));
                let html = HeaderValue::from_static("text/html; charset=utf-8");
                response.headers_mut().insert(header::CONTENT_TYPE, html);
                response
            }
        })
    }

    pub(super) fn ban_until_later(&mut self, page: BanPage, now: DateTime<Utc>) {
        self.ban = Some(Ban { until: now + BAN, page });
    }
}
