//! A request as it came from the wire.

use std::collections::BTreeMap;

use http::{HeaderMap, Method, Uri};

use super::refusal::Refusal;
use crate::servicelayer::json::{Json, Object};

pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    body: Vec<u8>,
}

impl Incoming {
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: &[u8]) -> Self {
        let query = uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Incoming { method, path: uri.path().to_owned(), query, headers, body: body.to_vec() }
    }

    /// A parameter of the query; empty if it is missing.
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Result<Json, Refusal> {
        if !self.header("content-type").starts_with("application/json") {
            return Err(Refusal::data("Content-Type 应为 application/json"));
        }
        let text = std::str::from_utf8(&self.body).map_err(|_| Refusal::data("请求体不是UTF-8"))?;
        Json::parse(text).map_err(|why| Refusal::data(format!("请求体不是JSON: {why}")))
    }

    pub(super) fn object(&self) -> Result<Object, Refusal> {
        match self.json()? {
            Json::Object(object) => Ok(object),
            other => Err(Refusal::data(format!("请求体应为对象, 实际为 {}", other.shape()))),
        }
    }
}

/// Refuses members that carry something and have another name.
pub(super) fn only(object: &Object, known: &[&str]) -> Result<(), Refusal> {
    let is_known = |name: &str| known.contains(&name);
    match object.iter().find(|(name, value)| !is_known(name) && !value.is_null()) {
        Some((name, _)) => Err(Refusal::unsupported(&format!("the member `{name}`"))),
        None => Ok(()),
    }
}

/// A text, or a number as it is written.
pub(super) fn text_of(object: &Object, name: &str) -> Option<String> {
    match object.get(name)? {
        Json::Text(text) | Json::Number(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        _ => None,
    }
}
