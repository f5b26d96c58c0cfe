//! Is the server there?

use bytes::Bytes;
use erplink_core::{Call, Idempotency, RawJson, json};
use http::{HeaderMap, Method};
use serde::Deserialize;

use crate::error::{self, Asked};
use crate::{Client, Error, Result};

/// The answer to [`Client::ping`].
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Ping {
    /// `pong`.
    pub message: String,
    /// Which part answered, such as `load balancer` or `node1`.
    pub sender: Option<String>,
    /// Unix seconds with a fraction, as the server wrote them.
    pub timestamp: Option<RawJson>,
}

impl Client {
    /// `GET /ping/` at the server's root: a health probe without login.
    ///
    /// It is answered by the load balancer; gateways may not forward it.
    ///
    /// # Errors
    /// Of kind `Server` when the node is down.
    pub async fn ping(&self) -> Result<Ping> {
        let inner = self.inner();
        let call = Call::new("GET /ping/", Idempotency::Safe);
        inner.retry.run(&call, |_| Box::pin(self.ping_once())).await
    }

    async fn ping_once(&self) -> Result<Ping> {
        let wire = &self.inner().wire;
        let (headers, body) = (HeaderMap::new(), Bytes::new());
        let response =
            wire.send_to(&Method::GET, wire.ping_address()?, headers, body, None).await?;
        let (status, body) = (response.status(), response.body());
        if !status.is_success() {
            let (headers, now) = (response.headers(), wire.now_utc());
            return Err(error::from_response(status, headers, body, Asked::Other, now, &[]));
        }
        json::decode(body).map_err(Error::decode)
    }
}
