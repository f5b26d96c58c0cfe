//! `exec-sql`: a statement and its rows.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::{Call, Effect, ErrorKind, Idempotency, RawJson, json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::client::{Client, Exchange};
use crate::error::{Error, Result};
use crate::sql::Access;
use crate::{Guard, Rows, Sql};

pub(crate) const EXEC_SQL: &str = "POST exec-sql";

impl Client {
    /// `POST /b1dis/v1/exec-sql`: runs a statement (执行SQL).
    ///
    /// Await it for [`Rows`], or [`ExecSql::rows`] for rows of your own type.
    ///
    /// ```no_run
    /// # async fn run(diapi: b1_diapi::Client) -> b1_diapi::Result<()> {
    /// use b1_diapi::{Decimal, Sql};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Stock {
    ///     #[serde(rename = "ItemCode")]
    ///     item: String,
    ///     #[serde(rename = "OnHand", with = "b1_diapi::decimal")]
    ///     on_hand: Decimal,
    /// }
    /// let sql = Sql::new(r#"SELECT "ItemCode", "OnHand" FROM OITW WHERE "WhsCode" = :warehouse"#)
    ///     .bind("warehouse", "01");
    /// for stock in diapi.exec_sql(sql).rows::<Stock>().await? {
    ///     println!("{} {}", stock.item, stock.on_hand);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Of kind `Invalid` before anything is sent when a parameter is not bound or the [`Guard`]
    /// refuses the statement; of kind `Api` when the service does, with its own message.
    pub fn exec_sql(&self, sql: impl Into<Sql>) -> ExecSql {
        ExecSql { client: self.clone(), sql: sql.into(), guard: None, timeout: None }
    }
}

/// A statement to run; await it.
#[must_use = "statements do nothing unless they are awaited"]
#[derive(Clone)]
pub struct ExecSql {
    client: Client,
    sql: Sql,
    guard: Option<Guard>,
    timeout: Option<Duration>,
}

impl fmt::Debug for ExecSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecSql").field("sql", &self.sql).finish_non_exhaustive()
    }
}

impl ExecSql {
    /// Which statements may be sent, for this one.
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// How long one attempt may take. Default: the transport's, 100 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The rows in your own type. Columns are matched without regard to case; see [`Rows`].
    ///
    /// # Errors
    /// As awaiting it, and of kind `Decode` when a row does not fit, with row and column.
    pub async fn rows<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        let (idempotency, rows) = self.run().await?;
        rows.typed().map_err(|error| {
            Error::new(ErrorKind::Decode, "the rows do not fit")
                .with_source(error)
                .with_effect(Effect::Unknown)
                .in_call(EXEC_SQL, idempotency, 1)
        })
    }

    async fn run(self) -> Result<(Idempotency, Rows)> {
        let text = self.sql.text()?;
        let guard = self.guard.as_ref().unwrap_or(self.client.guard());
        let idempotency = match guard.check(&text)? {
            Access::Reads => Idempotency::Safe,
            Access::Writes => Idempotency::NotIdempotent,
        };
        let exchange = exchange(&text, idempotency, self.timeout)?;
        let data = self.client.run(&exchange).await?;
        let rows = rows(&data).map_err(|error| error.in_call(EXEC_SQL, idempotency, 1))?;
        Ok((idempotency, rows))
    }
}

impl IntoFuture for ExecSql {
    type Output = Result<Rows>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.run().await?.1) })
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "Sql")]
    sql: &'a str,
}

pub(crate) fn exchange(
    sql: &str,
    idempotency: Idempotency,
    timeout: Option<Duration>,
) -> Result<Exchange> {
    let body = serde_json::to_vec(&Body { sql })
        .map_err(|_| Error::invalid("the statement has no JSON form"))?;
    Ok(Exchange {
        call: Call::new(EXEC_SQL, idempotency),
        path: "exec-sql".to_owned(),
        body: Bytes::from(body),
        timeout,
    })
}

/// Statements without rows may be answered without data; data without `value` are something else.
fn rows(data: &RawJson) -> Result<Rows> {
    #[derive(Deserialize)]
    struct Data {
        value: RawJson,
    }
    if data.is_null() {
        return Ok(Rows::default());
    }
    let Data { value } = json::decode(data.as_str().as_bytes()).map_err(Error::decode)?;
    if value.is_null() {
        return Ok(Rows::default());
    }
    json::decode(value.as_str().as_bytes()).map_err(Error::decode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_where_they_are_documented() {
        let read = |text: &str| rows(&RawJson::parse(text).unwrap()).ok().map(|rows| rows.len());
        assert_eq!(read("null"), Some(0));
        assert_eq!(read(r#"{"value":[]}"#), Some(0));
        assert_eq!(read(r#"{"value":null}"#), Some(0));
        assert_eq!(read(r#"{"value":[{"A":1},{"A":2}]}"#), Some(2));
        for other in [r#"{"rows":[]}"#, "[]", "7", r#"{"value":7}"#, r#"{"value":[7]}"#] {
            assert!(read(other).is_none(), "{other}");
        }
    }
}
