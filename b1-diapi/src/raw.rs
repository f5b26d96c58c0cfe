//! Calls that this crate does not type, through the same session, retries and errors.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, RawJson};
use serde::Serialize;

use crate::client::{Client, Exchange};
use crate::error::{Error, Result};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for what this crate does not type. No [`Guard`](crate::Guard) looks at them.
    ///
    /// ```no_run
    /// # async fn run(diapi: b1_diapi::Client) -> b1_diapi::Result<()> {
    /// let body = serde_json::json!({ "Sql": "SELECT 1 FROM DUMMY" });
    /// let data = diapi.raw().post("exec-sql").json(&body).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw { client: self.clone() }
    }
}

impl Raw {
    /// A `POST` to a path below `/b1dis/v1/`, taken as a write that must not be repeated.
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        RawCall {
            client: self.client.clone(),
            path: path.into(),
            body: Ok(Bytes::new()),
            idempotency: Idempotency::NotIdempotent,
        }
    }
}

/// One call by path; await it for the `data` of its answer, `null` where there are none.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    path: String,
    body: Result<Bytes>,
    idempotency: Idempotency,
}

impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall")
            .field("operation", &self.operation())
            .field("idempotency", &self.idempotency)
            .finish_non_exhaustive()
    }
}

impl RawCall {
    /// Values of a query do not belong into errors and logs.
    fn operation(&self) -> String {
        format!("POST {}", self.path.split('?').next().unwrap_or_default())
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        let body = serde_json::to_vec(body).map(Bytes::from);
        self.body = body.map_err(|e| Error::invalid("the body has no JSON form").with_source(e));
        self
    }

    /// Says whether the call may be repeated after its answer was lost.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }
}

impl IntoFuture for RawCall {
    type Output = Result<RawJson>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let call = Call::new(self.operation(), self.idempotency);
            let path = self.path.trim_start_matches('/').to_owned();
            let exchange = Exchange { call, path, body: self.body?, timeout: None };
            self.client.run(&exchange).await
        })
    }
}
