//! Calls that a simulated system makes to an address of somebody else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

/// A reply longer than this is none.
const LONGEST_REPLY: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Caller(Client<HttpConnector, Full<Bytes>>);

/// What the address replied. A redirect is a status like any other: it is not followed.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum NoReply {
    #[error("not an address: {0}")]
    NoAddress(http::Error),
    #[error("not reached: {0}")]
    Unreachable(hyper_util::client::legacy::Error),
    #[error("the reply broke off: {0}")]
    BrokenOff(Box<dyn std::error::Error + Send + Sync>),
    #[error("no reply in {} ms", .0.as_millis())]
    Late(Duration),
}

impl Caller {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    pub(crate) async fn send(
        &self,
        request: http::Result<Request<Full<Bytes>>>,
        patience: Duration,
    ) -> Result<Reply, NoReply> {
        let request = request.map_err(NoReply::NoAddress)?;
        let exchange = async {
            let response = self.0.request(request).await.map_err(NoReply::Unreachable)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), LONGEST_REPLY).collect().await;
            let body = body.map_err(NoReply::BrokenOff)?.to_bytes();
            Ok(Reply { status, body })
        };
        tokio::time::timeout(patience, exchange).await.map_err(|_| NoReply::Late(patience))?
    }

    /// Posts JSON; answers the HTTP status and the body, or why there is none.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: String,
        patience: Duration,
    ) -> Result<(u16, String), String> {
        let mut request = Request::post(url).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_str(value).ok());
            let (name, value) = header.ok_or_else(|| format!("not a header: {name}"))?;
            request = request.header(name, value);
        }
        let reply = self.send(request.body(Full::from(body)), patience).await;
        let Reply { status, body } = reply.map_err(|why| why.to_string())?;
        Ok((status.as_u16(), String::from_utf8_lossy(&body).into_owned()))
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
