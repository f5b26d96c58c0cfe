//! What goes back over the wire.

use axum::body::Body;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::time;

#[derive(Debug)]
pub(super) enum Answer {
    Json(Value),
    Html(StatusCode, &'static str),
    /// A redirect to the login page.
    ToLogin,
    File(Vec<u8>),
    /// The loud answer to what the server has and the sandbox has not.
    Unsupported(String),
}

pub(super) const LOGIN_PAGE: &str = "<!DOCTYPE html><html><head><title>登录 - 泛微协同办公平台</title>\
    </head><body><form id=\"loginForm\" action=\"/wui/index.html#/login\"></form></body></html>";
const ERROR_PAGE: &str = "<!DOCTYPE html><html><head><title>Error</title></head><body>\
    <h1>HTTP Status - Internal Server Error</h1></body></html>";
const NOT_FOUND_PAGE: &str = "<!DOCTYPE html><html><head><title>404</title></head><body>\
    <h1>HTTP Status 404 - Not Found</h1></body></html>";

impl Answer {
    pub(super) fn html(status: StatusCode) -> Self {
        let page = if status == StatusCode::NOT_FOUND { NOT_FOUND_PAGE } else { ERROR_PAGE };
        Answer::Html(status, page)
    }

    pub(super) fn not_found() -> Self {
        Self::html(StatusCode::NOT_FOUND)
    }

    pub(super) fn login_page() -> Self {
        Answer::Html(StatusCode::OK, LOGIN_PAGE)
    }

    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Answer::Unsupported(what.into())
    }

    /// `session` becomes the cookie that no client should send back.
    pub(super) fn into_response(self, session: Option<&str>, now: DateTime<Utc>) -> Response<Body> {
        let json = |value: Value| (Body::from(value.to_string()), "application/json;charset=UTF-8");
        let html = "text/html;charset=UTF-8";
        let (status, (body, kind)) = match self {
            Answer::Json(value) => (StatusCode::OK, json(value)),
            Answer::Html(status, page) => (status, (Body::from(page), html)),
            Answer::ToLogin => (StatusCode::FOUND, (Body::from(LOGIN_PAGE), html)),
            Answer::File(content) => {
                (StatusCode::OK, (Body::from(content), "application/octet-stream"))
            }
            Answer::Unsupported(what) => {
                tracing::error!(what, "the sandbox does not simulate this of Ecology");
                let message = format!("the sandbox does not simulate {what}");
                let body = json!({"code": "sandbox.unsupported", "msg": message, "status": false});
                (StatusCode::NOT_IMPLEMENTED, json(body))
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if status == StatusCode::FOUND {
            headers.insert(header::LOCATION, HeaderValue::from_static("/wui/index.html#/login"));
        }
        // Clients measure how far their clock is off: the header follows the simulated one.
        if let Ok(date) = HeaderValue::from_str(&time::http_date(now)) {
            headers.insert(header::DATE, date);
        }
        let cookie = session.map(|id| format!("JSESSIONID={id}; Path=/; HttpOnly"));
        if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            headers.insert(header::SET_COOKIE, cookie);
        }
        response
    }
}
