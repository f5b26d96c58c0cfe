//! Calls that a simulated system makes to an address of somebody else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

/// A reply longer than this is none.
const LONGEST_REPLY: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Caller(Client<HttpConnector, Full<Bytes>>);

impl Caller {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    /// Posts JSON; answers the HTTP status and the body, or why there is none.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
        patience: Duration,
    ) -> Result<(u16, String), String> {
        let mut request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .map_err(|error| format!("not an address: {error}"))?;
        for (name, value) in headers {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            let (name, value) = header.ok_or_else(|| format!("not a header: {name}"))?;
            request.headers_mut().append(name, value);
        }
        let exchange = async {
            // A redirect is a status like any other: it is not followed.
            let response = self.0.request(request).await;
            let response = response.map_err(|error| format!("not reached: {error}"))?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), LONGEST_REPLY).collect().await;
            let body = body.map_err(|error| format!("the reply broke off: {error}"))?;
            Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
        };
        let in_time = tokio::time::timeout(patience, exchange).await;
        in_time.map_err(|_| format!("no reply in {} ms", patience.as_millis()))?
    }
}

/// Calls that are on their way while nobody waits for each of them. Clones count the same ones.
#[derive(Debug, Clone)]
pub(crate) struct OnTheirWay(Arc<watch::Sender<usize>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct OnItsWay(OnTheirWay);

impl OnTheirWay {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn begin(&self) -> OnItsWay {
        self.0.send_modify(|count| *count += 1);
        OnItsWay(self.clone())
    }

    /// Waits until none is on its way.
    pub(crate) async fn none(&self) {
        // The sender lives as long as `self`.
        drop(self.0.subscribe().wait_for(|count| *count == 0).await);
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
