//! One request and its judged answer, without token or repetition.

use std::sync::Arc;

use bytes::Bytes;
use erplink_core::Secret;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Transport, send_logged};
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

use crate::error::{Error, Judge, Judged, Result};

/// Query parameters that may appear in logs.
const PRINTABLE: &[&str] = &["action", "classId", "currency", "dbId", "isReverse", "key", "sId"];

/// What goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) judge: Judge<'a>,
}

/// A judged answer and its bytes.
pub(crate) struct Reply {
    pub(crate) bytes: Bytes,
    pub(crate) judged: Judged,
    /// The token that went with the request, and must not come back in a text of the answer.
    pub(crate) token: Secret,
}

pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Wire {
    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Reply> {
        let judge = outgoing.judge;
        let response = send_logged(&*self.transport, request(outgoing)?, PRINTABLE).await?;
        let judged = judge.judge(&response)?;
        let token = Secret::new(judge.secrets.first().copied().unwrap_or_default());
        Ok(Reply { bytes: response.into_body(), judged, token })
    }
}

fn request(outgoing: Outgoing<'_>) -> Result<Request> {
    let has_body = outgoing.body.is_some();
    let mut request = Request::new(outgoing.body.unwrap_or_default());
    *request.method_mut() = outgoing.method;
    *request.uri_mut() =
        outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
    *request.headers_mut() = outgoing.headers;
    let json = HeaderValue::from_static("application/json");
    if has_body {
        request.headers_mut().insert(header::CONTENT_TYPE, json.clone());
    }
    request.headers_mut().insert(header::ACCEPT, json);
    Ok(request)
}

/// An address under a base that may itself have a path, such as behind a proxy.
pub(crate) fn address(base: &Url, path: &str) -> Result<Url> {
    // Without the slash it would go on with the host: the token would be sent to `{host}{path}`.
    Some(path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok())
        .ok_or_else(|| Error::invalid(format!("`{path}` is not a path: it has to begin with /")))
}
