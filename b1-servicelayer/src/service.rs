//! Global actions: `POST /{Service}_{Method}`.

use std::fmt;
use std::future::IntoFuture;

use erplink_core::Idempotency;
use futures_util::future::BoxFuture;
use http::Method;
use serde::Serialize;

use crate::call::{self, Request};
use crate::{Answer, Client, Error, Result};

impl Client {
    /// `POST /{name}`: a global action such as `SBOBobService_GetCurrencyRate`.
    ///
    /// The members of `body` are the parameters, named as in the metadata; `&()` sends none.
    ///
    /// ```no_run
    /// # async fn run(b1: b1_servicelayer::Client) -> b1_servicelayer::Result<()> {
    /// use b1_servicelayer::Decimal;
    ///
    /// let parameters = serde_json::json!({ "Currency": "USD", "Date": "20240101" });
    /// let rate: Decimal =
    ///     b1.service("SBOBobService_GetCurrencyRate", &parameters).read_only().await?.scalar()?;
    /// # Ok(()) }
    /// ```
    pub fn service<T: Serialize + ?Sized>(&self, name: &str, body: &T) -> ServiceCall {
        let json = serde_json::to_string(body)
            .map(|json| if json == "null" { String::new() } else { json })
            .map_err(|error| Error::invalid(format!("{name}: {error}")));
        ServiceCall {
            client: self.clone(),
            target: call::path(name, None, &[]),
            json,
            idempotency: Idempotency::NotIdempotent,
        }
    }
}

/// A global action; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct ServiceCall {
    client: Client,
    target: String,
    json: Result<String>,
    idempotency: Idempotency,
}

/// Without the parameters: they may hold secrets.
impl fmt::Debug for ServiceCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceCall({})", self.target)
    }
}

impl ServiceCall {
    /// The action only reads: it may be repeated when its answer is lost.
    pub fn read_only(mut self) -> Self {
        self.idempotency = Idempotency::Safe;
        self
    }
}

impl IntoFuture for ServiceCall {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut request = Request::new(Method::POST, self.target, self.idempotency);
            let json = self.json?;
            if !json.is_empty() {
                request = request.json(json);
            }
            self.client.send(request).await
        })
    }
}
