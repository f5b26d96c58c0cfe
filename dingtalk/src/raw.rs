//! Every endpoint this crate does not type, through the same token, retries and errors.

use erplink_core::{Idempotency, json};
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Exchange, Host, Input};
use crate::error::{Error, Expect, Result, Rules};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type.
    ///
    /// ```no_run
    /// # async fn run(client: dingtalk::Client) -> dingtalk::Result<()> {
    /// let answer: serde_json::Value = client
    ///     .raw()
    ///     .get("/v1.0/workflow/processes/conditions/components")
    ///     .query("processCode", "PROC-1")
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raw(&self) -> Raw {
        Raw { client: self.clone() }
    }
}

impl Raw {
    /// A `GET` of the v1.0 API, taken as a read.
    pub fn get(&self, path: impl Into<String>) -> RawCall {
        self.call(Host::Api, Method::GET, path, Idempotency::Safe)
    }

    /// A `POST` of the v1.0 API, taken as a write that must not be repeated.
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        self.call(Host::Api, Method::POST, path, Idempotency::NotIdempotent)
    }

    /// Any method of the v1.0 API, taken as a write that must not be repeated.
    pub fn api(&self, method: Method, path: impl Into<String>) -> RawCall {
        self.call(Host::Api, method, path, Idempotency::NotIdempotent)
    }

    /// A `POST` of the legacy API (`/topapi/…`), taken as a write that must not be repeated.
    pub fn oapi(&self, path: impl Into<String>) -> RawCall {
        self.call(Host::Oapi, Method::POST, path, Idempotency::NotIdempotent)
    }

    fn call(
        &self,
        host: Host,
        method: Method,
        path: impl Into<String>,
        idempotency: Idempotency,
    ) -> RawCall {
        let input = Ok(Input::default());
        RawCall { client: self.client.clone(), host, method, path: path.into(), idempotency, input }
    }
}

/// One call by path. All raw calls share one bucket of the rate limiter.
#[derive(Debug)]
#[must_use = "nothing is sent before `send`"]
pub struct RawCall {
    client: Client,
    host: Host,
    method: Method,
    path: String,
    idempotency: Idempotency,
    input: Result<Input>,
}

impl RawCall {
    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Ok(input) = &mut self.input {
            input.query.push((name.into(), value.into()));
        }
        self
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.input = self
            .input
            .and_then(|input| Ok(Input { query: input.query, body: Input::json(body)?.body }));
        self
    }

    /// Says whether the call may be repeated after its answer was lost.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Makes the call and decodes the whole answer, envelope included.
    ///
    /// # Errors
    /// As every call; see [`Error`].
    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        let operation = format!("{} {}", self.method, self.path);
        let exchange = Exchange {
            call: erplink_core::Call::new(operation.clone(), self.idempotency),
            bucket: "raw",
            host: self.host,
            method: self.method,
            path: self.path,
            input: self.input?,
            rules: Rules { expect: Expect::Anything, result_is_data: true, scope: None },
        };
        let body = self.client.run(&exchange).await?;
        json::decode(&body)
            .map_err(|error| Error::decode(error).in_call(operation, self.idempotency, 1))
    }
}
