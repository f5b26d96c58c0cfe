//! What every request passes before it reaches a call: path, body, token.

use axum::body::Bytes;
use http::{HeaderMap, Method, Uri, header};
use serde_json::{Map, Value};

use super::demo;
use super::quirks::Quirks;
use super::refusal::Refusal;

/// The path of a private E10.
pub(super) const E10: &str = "/papi/openapi";
/// The path of older private installations.
pub(super) const OPENSERVER: &str = "/openserver";

/// A request as it came from the wire.
pub(super) struct Incoming {
    pub(super) method: Method,
    /// The path below the installation's own.
    pub(super) path: String,
    pub(super) is_e10: bool,
    lacks_call_sys_code: bool,
    pub(super) query: Vec<(String, String)>,
    kind: String,
    body: Bytes,
}

impl Incoming {
    pub(super) fn new(method: Method, uri: &Uri, headers: &HeaderMap, body: Bytes) -> Self {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (path, is_e10, is_old) = match uri.path() {
            path if is_below(path, E10) => (path.get(E10.len()..), true, false),
            path if is_below(path, OPENSERVER) => (path.get(OPENSERVER.len()..), false, true),
            path => (Some(path), false, false),
        };
        let query = uri.query().unwrap_or_default();
        let kind = header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        Incoming {
            method,
            path: path.unwrap_or_default().to_owned(),
            is_e10,
            lacks_call_sys_code: is_old && header("callsyscode") != Some(demo::CALL_SYS_CODE),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            kind: kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
            body,
        }
    }

    pub(super) fn check_installation(&self) -> Result<(), Refusal> {
        match self.lacks_call_sys_code {
            true => Err(Refusal::new("90002", "callSysCode无效")),
            false => Ok(()),
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.kind == "application/json"
    }

    /// The fields of a form or the members of a JSON object.
    pub(super) fn body(&self) -> Result<Map<String, Value>, Refusal> {
        match self.kind.as_str() {
            "application/json" => match serde_json::from_slice(&self.body) {
                Ok(Value::Object(members)) => Ok(members),
                Ok(_) => Err(Refusal::parameter("请求体应为JSON对象")),
                Err(why) => Err(Refusal::parameter(format!("请求体不是JSON: {why}"))),
            },
            "application/x-www-form-urlencoded" => {
                let fields = url::form_urlencoded::parse(&self.body);
                Ok(fields.map(|(name, value)| (name.into_owned(), value.into())).collect())
            }
            "" if self.body.is_empty() => Ok(Map::new()),
            other => Err(Refusal::parameter(format!("不支持的Content-Type: {other}"))),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The token, which a body is relieved of.
    pub(super) fn token(&self, body: &mut Map<String, Value>, quirks: &Quirks) -> Option<String> {
        let in_body = match quirks.token_in_query_only {
            true => None,
            false => body.remove("access_token"),
        };
        let in_query = self.parameter("access_token").map(str::to_owned);
        in_query.or_else(|| in_body?.as_str().map(str::to_owned)).filter(|token| !token.is_empty())
    }
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'))
}
