//! A request as it came from the wire, and its parameters.

use std::collections::BTreeMap;

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Uri, header};
use serde::Serialize;
use serde_json::Value;

/// One request, with everything a caller sent: so that a test can see that a secret never came in
/// clear text.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// When it came, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: String,
}

pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) target: String,
    query: Option<String>,
    headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) now: DateTime<Utc>,
}

impl Incoming {
    pub(super) fn new(
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        body: Bytes,
        now: DateTime<Utc>,
    ) -> Self {
        Incoming {
            method,
            path: uri.path().to_owned(),
            target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
            query: uri.query().map(str::to_owned),
            headers,
            body,
            now,
        }
    }

    /// A header that is present and not empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?;
        Some(value).filter(|value| !value.is_empty())
    }

    /// The value of a cookie.
    pub(super) fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all(header::COOKIE).iter();
        cookies.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';')).find_map(
            |pair| {
                let (found, value) = pair.split_once('=')?;
                (found.trim() == name).then(|| value.trim())
            },
        )
    }

    pub(super) fn content_type(&self) -> &str {
        self.header(header::CONTENT_TYPE.as_str()).unwrap_or_default()
    }

    fn is_json(&self) -> bool {
        let kind = self.content_type().split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("application/json")
    }

    /// Query and body as the servlet container reads them; a JSON body where `json` allows it.
    pub(super) fn parameters(&self, json: bool) -> Parameters {
        let mut values = BTreeMap::new();
        let mut read = |form: &[u8]| {
            let pairs = url::form_urlencoded::parse(form);
            values.extend(
                pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))),
            );
        };
        read(self.query.as_deref().unwrap_or_default().as_bytes());
        if self.is_json() {
            let body = serde_json::from_slice(&self.body).ok().filter(|_| json);
            if let Some(Value::Object(members)) = body {
                values.extend(members);
            }
        } else if !self.content_type().starts_with("multipart/") {
            read(&self.body);
        }
        Parameters { values }
    }

    pub(super) fn record(&self) -> Received {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Received {
            at: self.now,
            method: self.method.to_string(),
            target: self.target.clone(),
            headers: (self.headers.iter())
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect(),
            body: text(&self.body),
        }
    }
}

/// The parameters of a call: texts of a form, or members of a JSON body.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    values: BTreeMap<String, Value>,
}

/// A parameter that should hold JSON holds something else.
#[derive(Debug)]
pub(super) struct Unreadable;

impl Parameters {
    pub(super) fn new(values: BTreeMap<String, Value>) -> Self {
        Parameters { values }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    /// A text or a number, not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(scalar).filter(|text| !text.is_empty())
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// A structure: JSON text in a form, real JSON in a JSON body. Null when it is not there.
    pub(super) fn json(&self, name: &str) -> Result<Value, Unreadable> {
        match self.get(name) {
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Value::Null),
            Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| Unreadable),
            Some(value) => Ok(value.clone()),
            None => Ok(Value::Null),
        }
    }

    /// `otherParams` and `conditions`: texts and numbers by name.
    pub(super) fn map(&self, name: &str) -> Result<BTreeMap<String, String>, Unreadable> {
        match self.json(name)? {
            Value::Null => Ok(BTreeMap::new()),
            Value::Object(members) => Ok(members
                .into_iter()
                .filter_map(|(name, value)| Some((name.trim().to_owned(), scalar(&value)?)))
                .collect()),
            _ => Err(Unreadable),
        }
    }
}

/// A text, a number or a boolean as text: the server does not care which.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
