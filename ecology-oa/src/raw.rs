//! Every endpoint this crate does not type, through the same token, retries and errors.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, json};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::client::{Client, Exchange, Identity};
use crate::error::{Error, Expect, Result};
use crate::wire::{Body, FORM};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type.
    ///
    /// ```no_run
    /// # async fn run(client: ecology_oa::Client) -> ecology_oa::Result<()> {
    /// let answer: serde_json::Value = client
    ///     .raw()
    ///     .post("/api/ec/dev/message/sendCustomMessageSingle")
    ///     .form([("code", "1"), ("title", "订单")])
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
    /// A `GET`, taken as a read.
    pub fn get(&self, path: impl Into<String>) -> RawCall {
        self.call(Method::GET, path, Idempotency::Safe)
    }

    /// A `POST`, taken as a write that must not be repeated.
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        self.call(Method::POST, path, Idempotency::NotIdempotent)
    }

    fn call(&self, method: Method, path: impl Into<String>, idempotency: Idempotency) -> RawCall {
        RawCall {
            client: self.client.clone(),
            method,
            path: path.into(),
            query: Vec::new(),
            body: Ok(None),
            idempotency,
        }
    }
}

/// One call by path; await it.
///
/// Refusals of the token and of the account are errors as everywhere. Whether the answer says that
/// it worked is for the caller to read: the envelopes of untyped endpoints are not known.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Result<Option<Body>>,
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
    /// What errors, logs and `Debug` show: values of a query do not belong there.
    fn operation(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends this as a form.
    pub fn form<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.body =
            Ok(Some(Body { content_type: HeaderValue::from_static(FORM), bytes: form.into() }));
        self
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        self.body = serde_json::to_vec(body)
            .map(|bytes| {
                Some(Body {
                    content_type: HeaderValue::from_static("application/json; charset=utf-8"),
                    bytes: bytes.into(),
                })
            })
            .map_err(|error| Error::invalid("the body has no JSON form").with_source(error));
        self
    }

    /// Says whether the call may be repeated after its answer was lost.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }
}

impl IntoFuture for RawCall {
    type Output = Result<Answer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let exchange = Exchange {
                call: Call::new(self.operation(), self.idempotency),
                method: self.method,
                path: self.path,
                query: self.query,
                body: self.body?,
                expect: Expect::Anything,
                identity: Identity::User,
            };
            let body = self.client.run(&exchange).await?;
            Ok(Answer { body, call: exchange.call })
        })
    }
}

/// The answer to a raw call, envelope included.
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
