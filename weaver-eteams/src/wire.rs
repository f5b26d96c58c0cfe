//! One request and its judged answer, without token or repetition.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Timeout, Transport, send_logged};
use erplink_core::{Members, RawJson};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Serialize;
use url::Url;

use crate::envelope::{Codes, Judge};
use crate::error::{Error, Result};

/// Query parameters that may appear in logs.
const PRINTABLE: &[&str] = &["response_type", "depid", "status", "fetch_child", "isDelete"];

const CALL_SYS_CODE: HeaderName = HeaderName::from_static("callsyscode");

/// A body before it is written.
#[derive(Clone)]
pub(crate) enum Body {
    Form(Vec<(String, String)>),
    /// The text of a JSON value.
    Json(String),
}

impl Body {
    pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let text = serde_json::to_string(value)
            .map_err(|error| Error::invalid("the body has no JSON form").with_source(error))?;
        Ok(Self::Json(text))
    }

    /// Adds a member; false where the body is no form and no JSON object.
    pub(crate) fn add(&mut self, name: &str, value: &str) -> bool {
        match self {
            Self::Form(pairs) => pairs.push((name.to_owned(), value.to_owned())),
            Self::Json(text) => {
                let Ok(mut members) = Members::parse(text) else { return false };
                members.set(name, RawJson::text(value));
                *text = members.to_json().to_string();
            }
        }
        true
    }

    fn write(self) -> (&'static str, Bytes) {
        match self {
            Self::Form(pairs) => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                let text = form.extend_pairs(pairs).finish();
                ("application/x-www-form-urlencoded; charset=utf-8", text.into())
            }
            Self::Json(text) => ("application/json; charset=utf-8", text.into()),
        }
    }
}

/// What goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Body>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) judge: Judge<'a>,
}

/// The transport, and what is the same for all requests.
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) base: Url,
    pub(crate) codes: Codes,
    /// Headers of every request.
    pub(crate) headers: HeaderMap,
}

/// An answer of success: its members, envelope included, and its text.
pub(crate) struct Reply {
    pub(crate) members: Members,
    pub(crate) body: Bytes,
}

impl Wire {
    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Reply> {
        let Outgoing { method, url, body, timeout, judge } = outgoing;
        let written = body.map(Body::write);
        let mut request =
            Request::new(written.as_ref().map(|(_, bytes)| bytes.clone()).unwrap_or_default());
        *request.method_mut() = method;
        *request.uri_mut() =
            url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
        *request.headers_mut() = self.headers.clone();
        if let Some((content_type, _)) = written {
            let content_type = HeaderValue::from_static(content_type);
            request.headers_mut().insert(header::CONTENT_TYPE, content_type);
        }
        if let Some(timeout) = timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let response = send_logged(&*self.transport, request, PRINTABLE).await?;
        let members = judge.judge(&response)?;
        Ok(Reply { members, body: response.into_body() })
    }

    /// An address under the base, which may itself have a path.
    pub(crate) fn address(&self, path: &str) -> Result<Url> {
        // Without the slash it would go on with the host: the token would be sent to `{host}{path}`.
        Some(path)
            .filter(|path| path.starts_with('/'))
            .and_then(|path| {
                format!("{}{path}", self.base.as_str().trim_end_matches('/')).parse().ok()
            })
            .ok_or_else(|| {
                Error::invalid(format!("`{path}` is not a path: it has to begin with /"))
            })
    }
}

/// The headers of every request.
pub(crate) fn headers(call_sys_code: Option<&str>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
    if let Some(code) = call_sys_code {
        let code = HeaderValue::from_str(code)
            .map_err(|_| Error::config("call_sys_code: a header cannot hold it"))?;
        headers.insert(CALL_SYS_CODE, code);
    }
    Ok(headers)
}
