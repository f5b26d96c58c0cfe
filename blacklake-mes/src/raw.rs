//! Every endpoint this crate does not type, through the same token, retries and errors.

use std::fmt;
use std::future::IntoFuture;

use bytes::Bytes;
use erplink_core::{Call, Idempotency, RawJson, json};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, Exchange};
use crate::error::{Error, Reply, Result};

/// Calls by path. From [`Client::raw`].
#[derive(Clone, Debug)]
pub struct Raw {
    client: Client,
}

impl Client {
    /// Calls by path, for endpoints this crate does not type.
    ///
    /// ```no_run
    /// # async fn run(client: blacklake_mes::Client) -> blacklake_mes::Result<()> {
    /// let boms: serde_json::Value = client
    ///     .raw()
    ///     .read("/med/open/v1/bom/_list")
    ///     .json(&serde_json::json!({ "page": 1, "size": 20 }))
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
    /// A call that reads: repeated when its answer is lost. The path stands after the route prefix.
    pub fn read(&self, path: impl Into<String>) -> RawCall {
        self.call(path.into(), true, Idempotency::Safe)
    }

    /// A call that writes and must not be repeated. The path stands after the route prefix.
    pub fn write(&self, path: impl Into<String>) -> RawCall {
        self.call(path.into(), true, Idempotency::NotIdempotent)
    }

    /// A call that writes, whose path has no route prefix.
    pub fn write_at(&self, whole_path: impl Into<String>) -> RawCall {
        self.call(whole_path.into(), false, Idempotency::NotIdempotent)
    }

    fn call(&self, path: String, is_routed: bool, idempotency: Idempotency) -> RawCall {
        let body = Ok(Bytes::from_static(b"{}"));
        RawCall { client: self.client.clone(), path, is_routed, idempotency, body }
    }
}

/// One call by path; await it.
#[must_use = "requests do nothing unless they are awaited"]
pub struct RawCall {
    client: Client,
    path: String,
    is_routed: bool,
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
        self.body = crate::client::json(body);
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
            if !self.path.starts_with('/') {
                let problem = format!("`{}` is not a path: it has to begin with /", self.path);
                return Err(Error::invalid(problem));
            }
            let path = if self.is_routed { self.client.routed(&self.path) } else { self.path };
            let exchange = Exchange { call, path, body: self.body? };
            let reply = self.client.run(&exchange).await?;
            Ok(Answer { reply, call: exchange.call })
        })
    }
}

/// The answer to a raw call: `data` of a success.
#[derive(Clone, Debug)]
pub struct Answer {
    reply: Reply,
    /// For errors in reading it.
    call: Call,
}

impl Answer {
    /// `data` as it came, `null` without one.
    #[must_use]
    pub fn data(&self) -> &RawJson {
        &self.reply.data
    }

    /// Members that the MES left out because the account may not see them.
    #[must_use]
    pub fn no_access(&self) -> &[String] {
        &self.reply.no_access
    }

    /// `data` decoded by serde.
    ///
    /// # Errors
    /// When it is not of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self.reply.data.as_str().as_bytes()).map_err(|error| {
            let Call { operation, idempotency } = self.call.clone();
            Error::decode(error).in_call(operation, idempotency, 1)
        })
    }
}
