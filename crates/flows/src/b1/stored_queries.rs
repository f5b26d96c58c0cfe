use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use b1_servicelayer::{Client, RawJson};
use erplink_sync::Failure;

use crate::sql::{SqlQuery, SqlRows};

/// Rows a page.
const PAGE: u32 = 200;

/// Rows of stored queries (`SQLQueries`) of the Service Layer. A query is written when it is new or
/// says something else; that takes a superuser, running it does not.
#[derive(Debug)]
pub struct StoredQueries {
    b1: Client,
    stored: Mutex<HashSet<SqlQuery>>,
}

impl StoredQueries {
    /// Stores and runs queries in this company.
    #[must_use]
    pub fn new(b1: Client) -> Self {
        Self { b1, stored: Mutex::default() }
    }

    fn stored(&self) -> std::sync::MutexGuard<'_, HashSet<SqlQuery>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, query: &SqlQuery) -> Result<Vec<RawJson>, b1_servicelayer::Error> {
        let queries = self.b1.sql_queries();
        if !self.stored().contains(query) {
            queries.ensure(&query.name, &query.text).await?;
            self.stored().insert(query.clone());
        }
        let mut rows = queries.key(query.name.as_str()).list().page_size(PAGE).rows();
        let mut read = Vec::new();
        while let Some(row) = rows.next().await {
            read.push(row?);
        }
        Ok(read)
    }
}

#[async_trait]
impl SqlRows for StoredQueries {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn rows(&self, query: &SqlQuery) -> Result<Vec<RawJson>, Failure> {
        self.read(query).await.map_err(|error| {
            // Somebody may have changed or deleted it: look again the next time.
            self.stored().remove(query);
            error.into()
        })
    }
}
