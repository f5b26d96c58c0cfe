use async_trait::async_trait;
use b1_diapi::{Client, RawJson, Row, Sql};
use erplink_sync::Failure;

use crate::sql::{SqlQuery, SqlRows};

/// Rows of queries that the DI API service runs as they are: any table, any function of the
/// database, and nothing to store beforehand.
#[derive(Clone, Debug)]
pub struct FreeQueries(Client);

impl FreeQueries {
    /// Runs queries in this company.
    #[must_use]
    pub fn new(diapi: Client) -> Self {
        Self(diapi)
    }
}

#[async_trait]
impl SqlRows for FreeQueries {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn rows(&self, query: &SqlQuery) -> Result<Vec<RawJson>, Failure> {
        let rows = self.0.exec_sql(Sql::verbatim(&query.text)).await?;
        Ok(rows.iter().map(Row::json).collect())
    }
}
