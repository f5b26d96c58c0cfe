//! Every endpoint this crate does not type, through the same token, retries and errors.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, Members, json};
use futures_util::future::BoxFuture;
use http::Method;
use serde::{Deserialize, Serialize};

use crate::client::{Client, Exchange, Input};
use crate::error::{Error, Result};
use crate::wire::Body;

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type: workflow, CRM.
    ///
    /// ```no_run
    /// # async fn run(client: weaver_eteams::Client) -> weaver_eteams::Result<()> {
    /// let todo = client.raw().post("/workflow/v2/getTodoData").form([("userid", "6012")]).await?;
    /// println!("{:?}", todo.members().get("data"));
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
        let input = Ok(Input::default());
        RawCall { client: self.client.clone(), method, path: path.into(), idempotency, input }
    }
}

/// One call by path; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    method: Method,
    path: String,
    idempotency: Idempotency,
    input: Result<Input>,
}

impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall")
            .field("operation", &self.operation())
            .field("idempotency", &self.idempotency)
            .field("input", &self.input)
            .finish_non_exhaustive()
    }
}

impl RawCall {
    /// What errors, logs and `Debug` show: values of a query do not belong there.
    fn operation(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// Adds a query parameter, such as `userid`. The token is added by the client.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Ok(input) = &mut self.input {
            input.query.push((name.into(), value.into()));
        }
        self
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.body(Body::json(body))
    }

    /// Sends these fields as a form.
    pub fn form<N: Into<String>, V: Into<String>>(
        self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value.into()));
        self.body(Ok(Body::Form(fields.collect())))
    }

    fn body(mut self, body: Result<Body>) -> Self {
        self.input = self.input.and_then(|input| Ok(Input { body: Some(body?), ..input }));
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
            let call = Call::new(self.operation(), self.idempotency);
            let exchange =
                Exchange { call, method: self.method, path: self.path, input: self.input? };
            let reply = self.client.run(&exchange).await?;
            Ok(Answer { members: reply.members, body: reply.body, call: exchange.call })
        })
    }
}

/// The answer to a raw call: one of success, envelope included.
#[derive(Clone, Debug)]
pub struct Answer {
    members: Members,
    body: Bytes,
    /// For errors in reading it.
    call: Call,
}

impl Answer {
    /// Its members, each as the text that was sent.
    #[must_use]
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.body
    }

    /// The answer decoded by serde.
    ///
    /// # Errors
    /// When it is not JSON of this shape.
    pub fn json<T: for<'a> Deserialize<'a>>(&self) -> Result<T> {
        json::decode(self.members.to_json().as_str().as_bytes()).map_err(|error| {
            let Call { operation, idempotency } = self.call.clone();
            Error::decode(error).in_call(operation, idempotency, 1)
        })
    }
}
