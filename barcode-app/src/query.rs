//! Queries with limits.

use std::sync::Arc;
use std::time::Duration;

use erplink_core::Members;
use serde::Deserialize;

use crate::sql::{SqlRefused, read_only};
use crate::{ErpError, Sql};

/// What queries may do, and how much of it. They hold for the SQL of the backflush as well.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueryRules {
    /// Whether only SQL that reads is run; see [`read_only`](crate::read_only). Default yes.
    pub read_only: bool,
    /// Procedures that may be called, such as the one that finds batches. Default none.
    pub procedures: Vec<String>,
    /// The most rows that are answered; more are an error, never cut. Default 10 000.
    pub max_rows: usize,
    /// How long a query may take. Default 30.
    pub timeout_seconds: u64,
}

impl Default for QueryRules {
    fn default() -> Self {
        Self { read_only: true, procedures: Vec::new(), max_rows: 10_000, timeout_seconds: 30 }
    }
}

/// Why a query has no rows to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// This company has no connection for it.
    #[error("{what} is not enabled for this company: it has no connection for SQL")]
    NotEnabled {
        /// What was wanted.
        what: &'static str,
    },
    /// The text was not run.
    #[error(transparent)]
    Refused(#[from] SqlRefused),
    /// The database refused.
    #[error("{0}")]
    Erp(#[from] ErpError),
    /// More rows than allowed.
    #[error("the query has more than {limit} rows: narrow it down")]
    TooManyRows {
        /// The limit.
        limit: usize,
    },
    /// It took too long.
    #[error("the query took longer than {seconds} seconds")]
    Timeout {
        /// The limit.
        seconds: u64,
    },
}

/// A connection for SQL, with its rules.
#[derive(Clone)]
pub(crate) struct Queries {
    pub(crate) sql: Arc<dyn Sql>,
    pub(crate) rules: QueryRules,
}

impl Queries {
    pub(crate) async fn run(&self, text: &str) -> Result<Vec<Members>, QueryError> {
        let rules = &self.rules;
        let text = if rules.read_only { read_only(text, &rules.procedures)? } else { text };
        let (limit, seconds) = (rules.max_rows, rules.timeout_seconds);
        let rows = tokio::time::timeout(Duration::from_secs(seconds), self.sql.query(text, limit))
            .await
            .map_err(|_| QueryError::Timeout { seconds })??;
        if rows.len() > limit {
            return Err(QueryError::TooManyRows { limit });
        }
        Ok(rows)
    }
}
