//! A business request after the gateway let it through.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// The query, the JSON body (null for GET) and the time of a request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Value,
    pub(super) now: DateTime<Utc>,
}

impl Request {
    /// A query parameter that is present and not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A member of the body that is present and not null.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A member of the body that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.member(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A member of the body that is a whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.member(name).and_then(Value::as_i64)
    }
}

/// The texts of a JSON array; `None` when it is something else.
pub(super) fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
