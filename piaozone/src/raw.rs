//! Every endpoint this crate does not type, through the same token, retries and errors.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use erplink_core::{Call, Idempotency, RawJson, json};
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Exchange};
use crate::error::{Error, Result};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type: those of the imaging system (影像),
    /// which are not public, or those of your own deployment.
    ///
    /// ```no_run
    /// # async fn run(client: piaozone::Client) -> piaozone::Result<()> {
    /// let answer = client
    ///     .raw()
    ///     .post("/m4/fpzs/something")
    ///     .sealed(&serde_json::json!({ "invoiceNo": "12345678" }))
    ///     .await?;
    /// println!("{}", answer.data());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw { client: self.clone() }
    }
}

impl Raw {
    /// A call that reads: repeated when its answer is lost.
    pub fn get(&self, path: impl Into<String>) -> RawCall {
        self.call(Method::GET, path.into(), Idempotency::Safe)
    }

    /// A call that is not repeated after its answer was lost, unless
    /// [`RawCall::idempotency`] says so.
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        self.call(Method::POST, path.into(), Idempotency::NotIdempotent)
    }

    fn call(&self, method: Method, path: String, idempotency: Idempotency) -> RawCall {
        let exchange = Ok(Exchange::new(method, path, idempotency));
        RawCall { client: self.client.clone(), exchange }
    }
}

/// One call by path; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    exchange: Result<Exchange>,
}

/// Values are left out: raw calls carry whatever the caller wants.
impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = self.exchange.as_ref().map(|exchange| &exchange.call);
        f.debug_struct("RawCall").field("call", &call).finish_non_exhaustive()
    }
}

impl RawCall {
    /// Adds a parameter to the query.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Ok(exchange) = &mut self.exchange {
            exchange.query.push((name.into(), value.into()));
        }
        self
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.exchange = self.exchange.and_then(|exchange| exchange.json(body));
        self
    }

    /// Sends this as JSON, encrypted under the `encrypt_key`.
    pub fn sealed<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.exchange = self.exchange.and_then(|exchange| self.client.sealed(exchange, body));
        self
    }

    /// Sends a file, in Base64.
    pub fn file(mut self, file: &[u8]) -> Self {
        self.exchange = self.exchange.and_then(|exchange| self.client.with_file(exchange, file));
        self
    }

    /// Says whether the call may be repeated after its answer was lost.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        if let Ok(exchange) = &mut self.exchange {
            exchange.call.idempotency = idempotency;
        }
        self
    }
}

impl IntoFuture for RawCall {
    type Output = Result<Answer>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.client.ask(self.exchange?).await })
    }
}

impl Client {
    pub(crate) async fn ask(&self, exchange: Exchange) -> Result<Answer> {
        let raw = self.run(&exchange).await?;
        let members: BTreeMap<String, RawJson> = raw.get().unwrap_or_default();
        let data = members.get("data").cloned().unwrap_or_else(RawJson::null);
        Ok(Answer { raw, data, call: exchange.call })
    }
}

/// The answer to a call that succeeded.
///
/// What stands in `data` is documented for few calls, so it is kept as it came, digit for digit.
#[derive(Clone)]
pub struct Answer {
    raw: RawJson,
    data: RawJson,
    /// For errors in reading it.
    call: Call,
}

/// Its content is left out: it is what stands on invoices.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("operation", &self.call.operation).finish_non_exhaustive()
    }
}

impl Answer {
    /// `data` as it came, `null` without one.
    #[must_use]
    pub fn data(&self) -> &RawJson {
        &self.data
    }

    /// The members of `data`, one an invoice, where it is a list; else `data` itself, and nothing
    /// where there is none. Some of them may have failed: look at each.
    #[must_use]
    pub fn items(&self) -> Vec<RawJson> {
        match self.data.get() {
            Ok(items) => items,
            Err(_) if self.data.is_null() => Vec::new(),
            Err(_) => vec![self.data.clone()],
        }
    }

    /// The whole answer as it came.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// `data` decoded by serde.
    ///
    /// # Errors
    /// When it is not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self.data.as_str().as_bytes()).map_err(|error| {
            let Call { operation, idempotency } = self.call.clone();
            Error::decode(error).in_call(operation, idempotency, 1)
        })
    }
}
