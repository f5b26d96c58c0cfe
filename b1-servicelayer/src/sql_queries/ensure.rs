//! Keeping a stored query as it shall be.

use std::future::IntoFuture;

use futures_util::future::BoxFuture;

use super::text::same_query;
use crate::entities::SqlQuery;
use crate::upsert::may_be_duplicate;
use crate::{EntitySet, Error, Record, Result};

/// What [`EntitySet::ensure`] found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ensured {
    /// The query is new.
    Created,
    /// The query said something else and was changed.
    Updated,
    /// The query was as it shall be; nothing was written.
    Unchanged,
}

impl EntitySet<SqlQuery> {
    /// `POST /SQLQueries` or `PATCH /SQLQueries('code')`, if there is something to write.
    ///
    /// Call it at start-up, then [`list`](Record::list) the query as often as you like. The server
    /// puts the names of a text in quotes; that alone is no change. When somebody else creates the
    /// query in between, it is compared and updated.
    ///
    /// ```no_run
    /// # async fn run(b1: b1_servicelayer::Client) -> b1_servicelayer::Result<()> {
    /// b1.sql_queries()
    ///     .ensure("open-orders", "select DocEntry, DocTotal from ORDR where CardCode = :code")
    ///     .name("Open orders of a customer")
    ///     .await?;
    /// # Ok(()) }
    /// ```
    ///
    /// The server takes one `SELECT` over the tables of its allow-list, with every column named in
    /// the outer list and an alias for each that is computed.
    ///
    /// # Errors
    /// Of kind `Api` with [`SQL_INVALID`](crate::codes::SQL_INVALID) when the server does not take the
    /// text, with [`SQL_TABLE`](crate::codes::SQL_TABLE) or [`SQL_COLUMN`](crate::codes::SQL_COLUMN)
    /// when it must not be read; of kind `Forbidden` when the user is no superuser: only those write
    /// queries.
    pub fn ensure(&self, code: impl Into<String>, text: impl Into<String>) -> EnsureSqlQuery {
        EnsureSqlQuery { set: self.clone(), code: code.into(), text: text.into(), name: None }
    }
}

/// A stored query as it shall be; await it. From [`EntitySet::ensure`].
#[derive(Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct EnsureSqlQuery {
    set: EntitySet<SqlQuery>,
    code: String,
    text: String,
    name: Option<String>,
}

impl EnsureSqlQuery {
    /// The name that people see. Default: the code for a new query, and for one that is there the
    /// name it has.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    async fn run(self) -> Result<Ensured> {
        for (member, value) in [("code", &self.code), ("text", &self.text)] {
            if value.trim().is_empty() {
                return Err(Error::invalid(format!("SQL query: its {member} is empty")));
            }
        }
        let record = self.set.key(self.code.as_str());
        if let Some(stored) = read(&record).await? {
            return self.change(record, &stored).await;
        }
        let query = SqlQuery {
            sql_code: Some(self.code.clone()),
            sql_name: Some(self.name.clone().unwrap_or_else(|| self.code.clone())),
            sql_text: Some(self.text.clone()),
            ..SqlQuery::default()
        };
        let error = match self.set.create(&query).return_no_content().await {
            Ok(_) => return Ok(Ensured::Created),
            Err(error) => error,
        };
        // The code guards against doubles: what is there now is ours or somebody else's.
        let lost = error.may_have_taken_effect();
        if !lost && !may_be_duplicate(&error) {
            return Err(error);
        }
        match read(&record).await? {
            Some(stored) if lost && self.is(&stored) => Ok(Ensured::Created),
            Some(stored) => self.change(record, &stored).await,
            None => Err(error),
        }
    }

    async fn change(self, record: Record<SqlQuery>, stored: &SqlQuery) -> Result<Ensured> {
        if self.is(stored) {
            return Ok(Ensured::Unchanged);
        }
        let changes =
            SqlQuery { sql_name: self.name, sql_text: Some(self.text), ..SqlQuery::default() };
        record.update(changes).await.map(|()| Ensured::Updated)
    }

    fn is(&self, stored: &SqlQuery) -> bool {
        let text = stored.sql_text.as_deref().unwrap_or_default();
        let renamed = self.name.is_some() && self.name != stored.sql_name;
        same_query(&self.text, text) && !renamed
    }
}

async fn read(record: &Record<SqlQuery>) -> Result<Option<SqlQuery>> {
    let fields = (SqlQuery::SQL_CODE, SqlQuery::SQL_NAME, SqlQuery::SQL_TEXT);
    record.clone().select(fields).find().await
}

impl IntoFuture for EnsureSqlQuery {
    type Output = Result<Ensured>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
