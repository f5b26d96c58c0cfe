//! A business request after the gateway let it through.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// The members of an answer beside `errcode` and `errmsg`.
pub(super) type Members = Map<String, Value>;

/// Query, JSON body (null for GET), the calling app and the time of a request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) agent: i64,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Value,
    pub(super) now: DateTime<Utc>,
}

impl Request {
    /// A query parameter that must be there.
    pub(super) fn parameter(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.query.get(name).map(String::as_str).filter(|text| !text.is_empty());
        found.ok_or_else(|| Refusal::parameter(format_args!("missing {name}")))
    }

    /// A department id in the query.
    pub(super) fn department(&self, name: &str) -> Result<i64, Refusal> {
        let text = self.parameter(name)?;
        let wrong = || Refusal::parameter(format_args!("{name} is not an integer"));
        text.parse().map_err(|_| wrong())
    }

    /// A member of the body that is present and not null.
    pub(super) fn member(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// A member of the body that is text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.member(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A member of the body that is a whole number.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.member(name).and_then(Value::as_i64)
    }
}

/// The members of a JSON object literal.
pub(super) fn members(value: Value) -> Members {
    match value {
        Value::Object(members) => members,
        _ => Members::new(),
    }
}
