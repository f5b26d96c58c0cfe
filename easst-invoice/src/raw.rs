//! Every endpoint this crate does not type, through the same signature, retries and errors.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, RawJson, json};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Exchange, JSON};
use crate::error::{Error, Result};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type, such as the general recognition.
    ///
    /// ```no_run
    /// # async fn run(client: easst_invoice::Client) -> easst_invoice::Result<()> {
    /// let answer: serde_json::Value = client
    ///     .raw()
    ///     .post("/openapi/rest/common/ocr")
    ///     .json(&serde_json::json!({ "image_data": "iVBORw0KGgo" }))
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
    /// A signed `POST`. It is not repeated after its answer was lost, unless
    /// [`RawCall::idempotency`] says so.
    pub fn post(&self, path: impl Into<String>) -> RawCall {
        RawCall {
            client: self.client.clone(),
            path: path.into(),
            idempotency: Idempotency::NotIdempotent,
            body: Ok(Bytes::from_static(b"{}")),
        }
    }
}

/// One call by path; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    path: String,
    idempotency: Idempotency,
    body: Result<Bytes>,
}

/// Values are left out: raw calls carry whatever the caller wants.
impl fmt::Debug for RawCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCall")
            .field("operation", &self.operation())
            .field("idempotency", &self.idempotency)
            .finish_non_exhaustive()
    }
}

impl RawCall {
    fn operation(&self) -> String {
        format!("POST {}", self.path.split('?').next().unwrap_or_default())
    }

    /// Sends this as JSON; without it `{}` is sent.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        let body = serde_json::to_vec(body).map(Bytes::from);
        self.body =
            body.map_err(|error| Error::invalid("the body has no JSON form").with_source(error));
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
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let call = Call::new(self.operation(), self.idempotency);
            let exchange = Exchange { call, path: self.path, content_type: JSON, body: self.body? };
            let raw = self.client.run(&exchange).await?;
            Ok(Answer { raw, call: exchange.call })
        })
    }
}

/// The answer to a raw call that succeeded.
#[derive(Clone)]
pub struct Answer {
    raw: RawJson,
    /// For errors in reading it.
    call: Call,
}

/// Its content is left out: it may be long, and it is what stands on a paper.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("operation", &self.call.operation).finish_non_exhaustive()
    }
}

impl Answer {
    /// The whole answer as it came.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// The answer decoded by serde.
    ///
    /// # Errors
    /// When it is not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self.raw.as_str().as_bytes()).map_err(|error| {
            let Call { operation, idempotency } = self.call.clone();
            Error::decode(error).in_call(operation, idempotency, 1)
        })
    }
}
