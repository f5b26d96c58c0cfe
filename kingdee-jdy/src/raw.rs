//! Every endpoint this crate does not type, through the same session, retries and errors.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, json};
use futures_util::future::BoxFuture;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::{Client, Exchange};
use crate::error::{Error, Expect, Result};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type.
    ///
    /// ```no_run
    /// # async fn run(client: kingdee_jdy::Client) -> kingdee_jdy::Result<()> {
    /// let ledger: serde_json::Value = client
    ///     .raw()
    ///     .get("/jdyaccouting/report/genledger")
    ///     .query("fromPeriod", "202601")
    ///     .query("toPeriod", "202612")
    ///     .await?
    ///     .json()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw { client: self.clone() }
    }
}

impl Raw {
    /// A `GET`, taken as a query.
    pub fn get(&self, path: &str) -> RawCall {
        self.call(Exchange::read(path))
    }

    /// A `POST`, taken as a write that must not be repeated.
    pub fn post(&self, path: &str) -> RawCall {
        self.call(Exchange::new(Method::POST, path, Idempotency::NotIdempotent, Expect::Write))
    }

    fn call(&self, exchange: Exchange) -> RawCall {
        RawCall { client: self.client.clone(), exchange: Ok(exchange) }
    }
}

/// One call by path; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    exchange: Result<Exchange>,
}

/// Values are left out: they are whatever the caller wants, passwords included.
impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.exchange.as_ref().map(|exchange| &exchange.call.operation);
        f.debug_struct("RawCall").field("operation", &operation).finish_non_exhaustive()
    }
}

impl RawCall {
    fn edit(mut self, edit: impl FnOnce(Exchange) -> Result<Exchange>) -> Self {
        self.exchange = self.exchange.and_then(edit);
        self
    }

    /// Adds a query parameter. Token, `sId` and `dbId` are added by the client.
    pub fn query(self, name: &str, value: impl Into<String>) -> Self {
        self.edit(|exchange| Ok(exchange.query(name, value)))
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.edit(|exchange| exchange.json(body))
    }

    /// Takes a `POST` as a query: it may be repeated, and finding nothing is a success.
    pub fn is_query(self) -> Self {
        self.edit(|mut exchange| {
            exchange.call.idempotency = Idempotency::Safe;
            exchange.expect = Expect::Query;
            Ok(exchange)
        })
    }
}

impl IntoFuture for RawCall {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let exchange = self.exchange?;
            let body = self.client.run(&exchange).await?.bytes;
            Ok(Answer { body, call: exchange.call })
        })
    }
}

/// The answer to a raw call: one of success, envelope included.
#[derive(Clone, Debug)]
pub struct Answer {
    body: Bytes,
    /// For errors in reading it.
    call: Call,
}

impl Answer {
    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The body decoded by serde.
    ///
    /// # Errors
    /// When it is not JSON of this shape.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        json::decode(&self.body).map_err(|error| {
            let Call { operation, idempotency } = self.call.clone();
            Error::decode(error).in_call(operation, idempotency, 1)
        })
    }
}
