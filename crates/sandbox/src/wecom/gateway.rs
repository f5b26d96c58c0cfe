//! What every request passes before it reaches the business.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use serde_json::{Value, json};

use super::app::AppKind;
use super::limits::Exceeded;
use super::refusal::Refusal;
use super::request::Members;
use super::world::{Arranged, World};

pub(super) const TOKEN_PATH: &str = "/cgi-bin/gettoken";

/// Which secrets open a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// A self-built app that is listed as callable; where the corp is an old one, the approval app.
    Approval,
    /// Any app.
    Any,
    /// The contacts-sync secret alone.
    ContactsSync,
}

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

    /// The body as a JSON object. The platform looks at no content type.
    pub(super) fn json(&self, accept_unicode_escapes: bool) -> Result<Value, Refusal> {
        let malformed =
            || Refusal::new(40058, "Invalid Request Parameter, Warning: wrong json format. ");
        let body: Value = serde_json::from_slice(&self.body).map_err(|_| malformed())?;
        if !body.is_object() {
            return Err(malformed());
        }
        if !accept_unicode_escapes && has_unicode_escape(&self.body) {
            let message = "invalid utf-8 string: \\uxxxx escapes are not allowed";
            return Err(Refusal::new(40033, message));
        }
        Ok(body)
    }
}

/// Whether JSON text has a `\uXXXX`: a `u` behind a backslash that no other backslash escapes.
fn has_unicode_escape(text: &[u8]) -> bool {
    let mut escaped = false;
    for byte in text {
        if escaped && *byte == b'u' {
            return true;
        }
        escaped = *byte == b'\\' && !escaped;
    }
    false
}

/// An answer in the platform's envelope: HTTP 200 whatever it says.
pub(super) fn envelope(
    world: &mut World,
    outcome: Result<Members, Refusal>,
    now: DateTime<Utc>,
) -> Response<Body> {
    let body = match outcome {
        Ok(members) => {
            let mut body = Members::new();
            if !world.quirks.success_without_code {
                body.insert("errcode".to_owned(), json!(0));
                body.insert("errmsg".to_owned(), json!("ok"));
            }
            body.extend(members);
            Value::Object(body)
        }
        Err(refusal) => {
            let hint = world.ids.hint(now);
            let text = refusal.text(&hint, &world.client_ip);
            json!({"errcode": refusal.code, "errmsg": text})
        }
    };
    json_answer(StatusCode::OK, &body)
}

fn json_answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The loud answer to whatever the sandbox has not.
pub(super) fn unsupported(incoming: &Incoming) -> Response<Body> {
    let what = format!("{} {}", incoming.method, incoming.path);
    tracing::error!(what, "the sandbox does not simulate this WeCom call");
    let body = json!({"error": format!("the sandbox does not simulate {what}")});
    json_answer(StatusCode::NOT_IMPLEMENTED, &body)
}

impl World {
    /// `GET /cgi-bin/gettoken`: the access token of an app.
    pub(super) fn gettoken(
        &mut self,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Members, Refusal> {
        let parameter = |name: &str| incoming.query.get(name).filter(|text| !text.is_empty());
        let corp_id = parameter("corpid").ok_or_else(|| Refusal::new(41002, "corpid missing"))?;
        let secret =
            parameter("corpsecret").ok_or_else(|| Refusal::new(41004, "corpsecret missing"))?;
        self.meter.admit_login(now).map_err(too_often)?;
        let most = self.limits.per_minute;
        self.meter.admit(TOKEN_PATH, most, &self.limits, now).map_err(too_often)?;
        if *corp_id != self.corp_id {
            return Err(Refusal::new(40013, "invalid corpid"));
        }
        let app = self.apps.iter().find(|app| app.secret == *secret && app.enabled);
        let Some(agent) = app.map(|app| app.agent_id) else {
            self.meter.wrong_secret(&self.limits, now);
            return Err(Refusal::new(40001, "invalid credential"));
        };
        let policy = self.quirks.token_policy;
        let (token, life) = self.tokens.fetch(agent, policy, now, &mut self.ids);
        Ok(Members::from_iter([
            ("access_token".to_owned(), json!(token)),
            ("expires_in".to_owned(), json!(life)),
        ]))
    }

    /// Token, app, address, right and limits, in this order. Returns the calling app.
    pub(super) fn admit(
        &mut self,
        incoming: &Incoming,
        path: &'static str,
        right: Right,
        now: DateTime<Utc>,
    ) -> Result<i64, Refusal> {
        let token = incoming.query.get("access_token").map(String::as_str).unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::new(41001, "access_token missing"));
        }
        let agent = self.tokens.agent(token, now)?;
        let app = self.app(agent).ok_or_else(|| Refusal::new(40056, "invalid agentid"))?;
        if !app.enabled {
            return Err(Refusal::new(50003, "app disabled"));
        }
        if !app.trusted.allows(&self.client_ip, now) {
            return Err(Refusal::new(60020, "not allow to access from your ip"));
        }
        let not_granted = || Refusal::new(48002, "API forbidden, no right to call this api");
        match (right, app.kind) {
            (Right::Any, _)
            | (Right::ContactsSync, AppKind::ContactsSync)
            | (Right::Approval, AppKind::SelfBuilt) => {}
            (Right::Approval, AppKind::Approval) if self.quirks.legacy_corp => {}
            _ => return Err(not_granted()),
        }
        if right == Right::Approval && !app.callable {
            return Err(Refusal::new(301_055, "no approval auth"));
        }
        let most = match right {
            Right::Approval => self.limits.approval_per_minute,
            Right::Any | Right::ContactsSync => self.limits.per_minute,
        };
        self.meter.admit(path, most, &self.limits, now).map_err(too_often)?;
        Ok(agent)
    }

    /// The refusal a test arranged for the next call of this path, before or after its commit.
    pub(super) fn arranged_for(&mut self, path: &str, after_commit: bool) -> Result<(), Refusal> {
        let matches = |one: &Arranged| one.path == path && one.after_commit == after_commit;
        let index = self.arranged.iter().position(matches);
        let arranged = index.and_then(|index| self.arranged.remove(index));
        arranged.map_or(Ok(()), |arranged| Err(arranged.refusal))
    }
}

fn too_often(_: Exceeded) -> Refusal {
    Refusal::new(45009, "api freq out of limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_real_escape_is_one() {
        assert!(has_unicode_escape(br#"{"a":"\u4e2d"}"#));
        assert!(has_unicode_escape(br#"{"a":"\\\u4e2d"}"#));
        assert!(!has_unicode_escape(br#"{"a":"C:\\users"}"#));
        assert!(!has_unicode_escape("{\"a\":\"中u\\n\"}".as_bytes()));
    }
}
