use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use b1_servicelayer::{Client, RawJson};
use barcode_app::{ErpError, Sql};
use erplink_core::Members;
use tracing::warn;

use super::documents::told;

/// Rows a page.
const PAGE: u32 = 200;

/// SQL that comes from the application, by stored queries (`SQLQueries`) of the Service Layer: each
/// text is stored, run and deleted again. That takes a superuser, and what stored queries may say is
/// limited: one `SELECT` over listed tables, no procedures.
#[derive(Clone, Debug)]
pub struct TemporaryQueries {
    b1: Client,
}

impl TemporaryQueries {
    /// In the company of this client.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        Self { b1 }
    }

    async fn run(self, sql: String, limit: usize) -> Result<Vec<Members>, ErpError> {
        let code = new_code();
        let queries = self.b1.sql_queries();
        let stored = queries.ensure(&code, &sql).await;
        let read = match &stored {
            Ok(_) => self.read(&code, limit).await,
            Err(error) => Err(error.clone()),
        };
        // Also when the answer was lost: it may be there.
        let may_stand = stored.as_ref().map_or_else(|no| no.may_have_taken_effect(), |_| true);
        if may_stand
            && let Err(error) = queries.key(code.as_str()).delete().await
            && !error.is_not_found()
        {
            warn!("the stored query {code} was left behind: {error}");
        }
        let rows = read.map_err(|error| told(&error))?;
        rows.iter().map(members).collect()
    }

    async fn read(&self, code: &str, limit: usize) -> b1_servicelayer::Result<Vec<RawJson>> {
        let mut rows = self.b1.sql_queries().key(code).list().page_size(PAGE).rows();
        let mut read = Vec::new();
        while read.len() <= limit
            && let Some(row) = rows.next().await
        {
            read.push(row?);
        }
        Ok(read)
    }
}

#[async_trait]
impl Sql for TemporaryQueries {
    async fn query(&self, sql: &str, limit: usize) -> Result<Vec<Members>, ErpError> {
        // On its own: a caller that waits no longer must not leave the stored query behind.
        let run = tokio::spawn(self.clone().run(sql.to_owned(), limit));
        run.await.unwrap_or_else(|stopped| Err(ErpError::new(stopped.to_string())))
    }
}

/// SQL that comes from the application, by the DI API service: any `SELECT`, and the procedures that
/// its own settings allow.
#[derive(Clone, Debug)]
pub struct FreeSql(b1_diapi::Client);

impl FreeSql {
    /// In the company of this client.
    #[must_use]
    pub fn new(diapi: b1_diapi::Client) -> Self {
        Self(diapi)
    }
}

#[async_trait]
impl Sql for FreeSql {
    async fn query(&self, sql: &str, _: usize) -> Result<Vec<Members>, ErpError> {
        let rows = self.0.exec_sql(b1_diapi::Sql::verbatim(sql)).await;
        let rows = rows.map_err(|error| match error.api_error() {
            Some(api) => ErpError::new(api.message()),
            None => ErpError::new(error.to_string()),
        })?;
        rows.iter().map(|row| members(&row.json())).collect()
    }
}

fn members(row: &RawJson) -> Result<Members, ErpError> {
    row.get().map_err(|_| ErpError::new("a row is no JSON object"))
}

/// A code that no other query has, in letters that a person recognises.
fn new_code() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 1000;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("erp{:x}{number:03}", now.as_micros())
}

/// Runs a query that finds nothing.
pub(crate) async fn check_query(b1: &Client) -> Result<(), String> {
    let look = "SELECT T0.\"ItemCode\" FROM OITM T0 WHERE T0.\"ItemCode\" = 'erplink-check'";
    let rows = TemporaryQueries::new(b1.clone()).query(look, 1).await;
    rows.map(drop).map_err(|error| {
        format!("check that the user of `b1` is a superuser and may store queries: {error}")
    })
}
