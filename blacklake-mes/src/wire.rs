//! One request and its judged answer, without token or repetition.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Timeout, Transport, send_logged};
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

use crate::error::{Error, Judge, Reply, Result};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// What goes out. Every call of the platform is a `POST` of JSON.
pub(crate) struct Outgoing<'a> {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) timeout: Option<Duration>,
    pub(crate) judge: Judge<'a>,
}

pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Wire {
    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Reply> {
        let judge = outgoing.judge;
        let mut request = Request::new(outgoing.body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() =
            outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
        *request.headers_mut() = outgoing.headers;
        request.headers_mut().insert(header::CONTENT_TYPE, JSON);
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(timeout) = outgoing.timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let response = send_logged(&*self.transport, request, &[]).await?;
        judge.judge(&response)
    }
}

/// An address under a base that may itself have a path, such as behind a proxy.
pub(crate) fn address(base: &Url, path: &str) -> Result<Url> {
    // Without the slash it would go on with the host: the token would be sent to `{host}{path}`.
    Some(path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok())
        .ok_or_else(|| Error::invalid(format!("`{path}` is not a path: it has to begin with /")))
}
