//! Answers and their headers.

use axum::body::Body;
use axum::response::Response;
use chrono::{DateTime, Utc};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::servicelayer::company::Dialect;
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::refusal::Refusal;

#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    body: String,
}

const VERSION_V1: HeaderName = HeaderName::from_static("dataserviceversion");
const VERSION_V2: HeaderName = HeaderName::from_static("odata-version");

impl Reply {
    fn new(status: StatusCode, dialect: Dialect) -> Self {
        let version = match dialect {
            Dialect::V1 => (VERSION_V1, "3.0".to_owned()),
            Dialect::V2 => (VERSION_V2, "4.0".to_owned()),
        };
        Self { status, headers: vec![version], body: String::new() }
    }

    pub(super) fn json(status: StatusCode, dialect: Dialect, body: impl Into<Json>) -> Self {
        let kind = match dialect {
            Dialect::V1 => "application/json;odata=minimalmetadata;charset=utf-8",
            Dialect::V2 => "application/json;odata.metadata=minimal;charset=utf-8",
        };
        let mut reply = Self::new(status, dialect);
        reply.header(header::CONTENT_TYPE, kind);
        reply.body = body.into().to_string();
        reply
    }

    pub(super) fn text(dialect: Dialect, kind: &str, body: impl Into<String>) -> Self {
        let mut reply = Self::new(StatusCode::OK, dialect);
        reply.header(header::CONTENT_TYPE, kind);
        reply.body = body.into();
        reply
    }

    pub(super) fn no_content(dialect: Dialect) -> Self {
        Self::new(StatusCode::NO_CONTENT, dialect)
    }

    /// A page of the web server in front, which knows nothing of JSON.
    pub(super) fn page(status: StatusCode) -> Self {
        let body =
            format!("<html><head><title>{status}</title></head><body>{status}</body></html>");
        let headers = vec![(header::CONTENT_TYPE, "text/html; charset=iso-8859-1".to_owned())];
        Self { status, headers, body }
    }

    pub(super) fn refusal(refusal: &Refusal, dialect: Dialect) -> Self {
        let mut error = Object::default();
        match dialect {
            Dialect::V1 => error.set("code", refusal.code),
            Dialect::V2 => error.set("code", refusal.code.to_string()),
        }
        if refusal.inner_error {
            let inner = Object::default().with("context", Json::Null).with("trace", Json::Null);
            error.set("innererror", inner);
        }
        let text = refusal.message.as_str();
        match dialect {
            Dialect::V1 => {
                let message = Object::default().with("lang", "en-us").with("value", text);
                error.set("message", message);
            }
            Dialect::V2 => error.set("message", text),
        }
        Self::json(refusal.status, dialect, Object::default().with("error", error))
    }

    pub(super) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn location(&self) -> Option<&str> {
        self.headers
            .iter()
            .find(|(name, _)| *name == header::LOCATION)
            .map(|(_, value)| value.as_str())
    }

    /// The answer as text, for a part of a batch; `first`: header lines before the others.
    pub(super) fn on_the_wire(&self, first: &str) -> String {
        let mut text = format!("HTTP/1.1 {}\r\n{first}", self.status);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body));
        text
    }

    pub(super) fn header(&mut self, name: HeaderName, value: impl Into<String>) {
        self.headers.push((name, value.into()));
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            match HeaderValue::from_str(&value) {
                Ok(value) => {
                    response.headers_mut().append(name, value);
                }
                Err(error) => tracing::warn!(%name, %error, "a header could not be sent"),
            }
        }
        response
    }
}

/// The health probe of the web server: `/ping/`, `/ping/load-balancer`, `/ping/node/1`.
pub(super) fn ping(node: &str, now: DateTime<Utc>) -> Reply {
    let sender = match node.trim_matches('/').split_once('/') {
        None if node.trim_matches('/') == "node" => "node1".to_owned(),
        Some(("node", "1")) => "node1".to_owned(),
        Some(("node", number)) => {
            let message = format!("node {number} does not exist");
            return pong(StatusCode::SERVICE_UNAVAILABLE, &message, "load balancer", now);
        }
        _ => "load balancer".to_owned(),
    };
    pong(StatusCode::OK, "pong", &sender, now)
}

fn pong(status: StatusCode, message: &str, sender: &str, now: DateTime<Utc>) -> Reply {
    let seconds = now.timestamp();
    let millis = now.timestamp_subsec_millis();
    let body = Object::default()
        .with("message", message)
        .with("sender", sender)
        .with("timestamp", format!("{seconds}.{millis:03}"));
    let headers = vec![(header::CONTENT_TYPE, "application/json".to_owned())];
    Reply { status, headers, body: body.to_string() }
}
