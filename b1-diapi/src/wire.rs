//! One exchange with the service, without any session.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::Secret;
use erplink_core::transport::{Request, Response, Timeout, Transport, send_logged};
use http::{HeaderValue, Method, Uri, header};
use url::Url;

use crate::error::{Error, Result};

pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    /// Such as `https://host/diapi/6160/b1dis/v1/`.
    pub(crate) base: Url,
}

impl Wire {
    /// Posts JSON to a path below the base; the answer may be anything.
    pub(crate) async fn post(
        &self,
        path: &str,
        body: Bytes,
        cookies: Option<&Secret>,
        timeout: Option<Duration>,
    ) -> Result<Response> {
        let uri = format!("{}{path}", self.base);
        let mut request = Request::new(body);
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::try_from(uri)
            .map_err(|_| Error::invalid("the path holds characters that no address can have"))?;
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(cookies) = cookies {
            let mut value = HeaderValue::from_str(cookies.expose())
                .map_err(|_| Error::config("the session holds characters that no cookie has"))?;
            value.set_sensitive(true);
            headers.insert(header::COOKIE, value);
        }
        if let Some(timeout) = timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        Ok(send_logged(&*self.transport, request, &[]).await?)
    }
}

/// The base for what people write: with or without a trailing slash, `/b1dis` or `/b1dis/v1`.
pub(crate) fn base(root: &str) -> Result<Url> {
    let example = "expected an address such as https://host/diapi/6160";
    let url = Url::parse(root.trim())
        .map_err(|error| Error::config(format!("root: {example}, {error}")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config("root: give user and password with `credentials`"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.has_host() {
        return Err(Error::config(format!("root: {example}")));
    }
    let whole = url.as_str().trim_end_matches('/');
    let root = whole.strip_suffix("/b1dis/v1").or_else(|| whole.strip_suffix("/b1dis"));
    let base = format!("{}/b1dis/v1/", root.unwrap_or(whole));
    Url::parse(&base).map_err(|error| Error::config(format!("root: {example}, {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_base_in_what_people_write() {
        for (root, expected) in [
            ("https://h/diapi/6160", "https://h/diapi/6160/b1dis/v1/"),
            (" https://h/diapi/6160/ ", "https://h/diapi/6160/b1dis/v1/"),
            ("https://h:1/diapi/6160/b1dis", "https://h:1/diapi/6160/b1dis/v1/"),
            ("https://h/diapi/6160/b1dis/v1/", "https://h/diapi/6160/b1dis/v1/"),
            ("http://127.0.0.1:50060", "http://127.0.0.1:50060/b1dis/v1/"),
        ] {
            assert_eq!(base(root).unwrap().as_str(), expected);
        }
        for root in ["", "host/diapi", "https://u:p@h", "https://h?x=1", "data:x"] {
            let error = base(root).unwrap_err().to_string();
            assert!(error.starts_with("root: "), "{error}");
        }
    }
}
