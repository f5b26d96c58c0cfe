//! One request and its judged answer, without token or repetition.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Timeout, Transport, send_logged};
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

use crate::error::{Answer, Error, Expect, Result, judge};

/// The content type of the vendor's samples.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Query parameters that may appear in logs.
const PRINTABLE: &[&str] = &["requestId", "requestid", "workflowId"];

/// What goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// `None` is sent as an empty body.
    pub(crate) body: Option<Body>,
    pub(crate) timeout: Option<Duration>,
    /// What must not appear in any text about the answer.
    pub(crate) secrets: &'a [&'a str],
}

/// A body and what it is.
#[derive(Clone)]
pub(crate) struct Body {
    pub(crate) content_type: HeaderValue,
    pub(crate) bytes: Bytes,
}

/// Values are left out: forms carry whatever the document holds.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of {:?}", self.bytes.len(), self.content_type)
    }
}

/// The transport and the clock. There is no cookie store: a `JSESSIONID` sent back would make the
/// server act as the user of that session, whatever `userid` says (串号).
pub(crate) struct Wire {
    transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Wire {
    pub(crate) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock }
    }

    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>, expect: Expect) -> Result<Bytes> {
        let secrets = outgoing.secrets;
        let response = send_logged(&*self.transport, request(outgoing)?, PRINTABLE).await?;
        let answer = Answer {
            status: response.status(),
            headers: response.headers(),
            body: response.body(),
            secrets,
        };
        judge(&answer, expect)?;
        Ok(response.into_body())
    }
}

fn request(outgoing: Outgoing<'_>) -> Result<Request> {
    let mut headers = outgoing.headers;
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let bytes = match outgoing.body {
        Some(body) => {
            headers.insert(header::CONTENT_TYPE, body.content_type);
            body.bytes
        }
        None => Bytes::new(),
    };
    let mut request = Request::new(bytes);
    *request.method_mut() = outgoing.method;
    *request.uri_mut() =
        outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
    *request.headers_mut() = headers;
    if let Some(timeout) = outgoing.timeout {
        request.extensions_mut().insert(Timeout(timeout));
    }
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
