//! The embedded store: one file, every commit on the disk before it is answered.
//!
//! WAL with `synchronous = FULL`: a power cut loses nothing that was answered. Calls that arrive
//! while the disk is busy share the next commit, so that many documents in flight cost few
//! `fsync`s. All work is done on tokio's blocking threads.
//!
//! One process owns the file; a second one (a person's tool) may open it for a moment. Keep it on
//! a local disk: WAL does not work over network shares.

mod commit;
mod migrate;
mod row;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Params, params};

use self::commit::Database;
use self::row::{COLUMNS, failed, millis, time};
use super::{Batch, Claim, JobFilter, Store, Summary, page_limit, unknown_document};
use crate::audit::{AuditEntry, AuditFilter};
use crate::document::{FlowId, Key};
use crate::error::{Error, Result};
use crate::job::{Job, Lease, StateKind};
use crate::rules::{self, Admission, Intervention, Progress};

/// How long a call waits for another process that has the file locked.
const BUSY: Duration = Duration::from_secs(5);
/// Statements that stay prepared.
const STATEMENTS: usize = 64;

/// Nothing earlier of the same order key is unfinished.
const FREE: &str = "(j.order_key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs e \
    WHERE e.company = j.company AND e.flow = j.flow AND e.order_key = j.order_key \
    AND e.state <> 'done' AND e.sequence < j.sequence))";

/// A durable store in one file. Clones share the connection.
#[derive(Clone, Debug)]
pub struct SqliteStore(Database);

impl SqliteStore {
    /// Opens the file, creates it if it is missing, and upgrades it if it is older.
    ///
    /// # Errors
    /// When the file cannot be opened, is no ledger, or was written by a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let open = move || Self::open_now(path);
        tokio::task::spawn_blocking(open)
            .await
            .map_err(|error| Error::store("opening the ledger was interrupted", error))?
    }

    fn open_now(path: PathBuf) -> Result<Self> {
        let opened = |error| {
            Error::store(
                format!(
                    "cannot open the ledger `{}`; check the folder and its rights",
                    path.display()
                ),
                error,
            )
        };
        let mut connection = Connection::open(&path).map_err(opened)?;
        connection.busy_timeout(BUSY).map_err(opened)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "journal_mode", "WAL").map_err(opened)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(opened)?;
        migrate::migrate(&mut connection)?;
        Ok(Self(Database::new(path, connection)))
    }
}

/// The jobs that a query over [`COLUMNS`] returns.
fn jobs(connection: &Connection, sql: &str, params: impl Params) -> Result<Vec<Job>> {
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let mut rows = statement.query(params).map_err(failed)?;
    let mut jobs = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        jobs.push(row::job(row)?);
    }
    Ok(jobs)
}

fn find(connection: &Connection, key: &Key) -> Result<Option<Job>> {
    let sql = format!("SELECT {COLUMNS} FROM jobs WHERE company = ? AND flow = ? AND document = ?");
    Ok(jobs(connection, &sql, (&key.flow.company, &key.flow.flow, &key.document))?.pop())
}

fn known(connection: &Connection, key: &Key) -> Result<Job> {
    find(connection, key)?.ok_or_else(|| unknown_document(key))
}

fn next_sequence(connection: &Connection) -> Result<i64> {
    // AUTOINCREMENT's own counter: also a deleted row's number is never used again.
    connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'")
        .and_then(|mut statement| statement.query_row([], |row| row.get::<_, i64>(0)).optional())
        .map(|last| last.unwrap_or(0).saturating_add(1))
        .map_err(failed)
}

fn limit(wanted: usize) -> i64 {
    i64::try_from(wanted).unwrap_or(i64::MAX)
}

#[async_trait]
impl Store for SqliteStore {
    async fn enqueue(&self, batch: Batch, now: DateTime<Utc>) -> Result<Vec<Admission>> {
        self.0
            .call(move |connection| {
                let mut admissions = Vec::with_capacity(batch.arrivals.len());
                for arrival in &batch.arrivals {
                    let key = arrival.flow.document(arrival.document.id.as_str());
                    let next = next_sequence(connection)?;
                    let (admission, change) =
                        rules::admit(find(connection, &key)?, arrival, next, now);
                    if let Some(change) = change {
                        row::write(connection, change)?;
                    }
                    admissions.push(admission);
                }
                if let Some((flow, value)) = &batch.checkpoint {
                    connection
                        .execute(
                            "INSERT OR REPLACE INTO checkpoints (company, flow, value) \
                             VALUES (?, ?, ?)",
                            params![flow.company, flow.flow, value],
                        )
                        .map_err(failed)?;
                }
                Ok(admissions)
            })
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        self.0
            .call(move |connection| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM jobs j WHERE company = ? AND flow = ? AND due_at <= ? \
                     AND {FREE} ORDER BY due_at, sequence LIMIT ?"
                );
                let flow = &claim.flow;
                let params =
                    params![flow.company, flow.flow, millis(claim.now), limit(claim.limit)];
                let due = jobs(connection, &sql, params)?;
                let leased = due.into_iter().map(|job| {
                    let job = rules::lease(job, &claim.owner, claim.until);
                    row::put(connection, &job).map(|()| job)
                });
                leased.collect()
            })
            .await
    }

    async fn record(
        &self,
        key: &Key,
        lease: &Lease,
        progress: Progress,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        let (key, lease) = (key.clone(), lease.clone());
        self.0
            .call(move |connection| {
                let job = known(connection, &key)?;
                row::write(connection, rules::advance(job, &lease, progress, now)?)
            })
            .await
    }

    async fn intervene(
        &self,
        key: &Key,
        intervention: Intervention,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        let (key, by) = (key.clone(), by.to_owned());
        self.0
            .call(move |connection| {
                let job = known(connection, &key)?;
                row::write(connection, rules::intervene(job, &intervention, &by, now)?)
            })
            .await
    }

    async fn get(&self, key: &Key) -> Result<Option<Job>> {
        let key = key.clone();
        self.0.call(move |connection| find(connection, &key)).await
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>> {
        self.0
            .call(move |connection| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM jobs WHERE (?1 IS NULL OR company = ?1) \
                     AND (?2 IS NULL OR flow = ?2) AND (?3 IS NULL OR state = ?3) \
                     AND (?4 IS NULL OR sequence > ?4) ORDER BY sequence LIMIT ?5"
                );
                let (company, flow) = filter.flow.map(|id| (id.company, id.flow)).unzip();
                let state = filter.state.map(StateKind::as_str);
                let limit = limit(page_limit(filter.limit));
                jobs(connection, &sql, params![company, flow, state, filter.after, limit])
            })
            .await
    }

    async fn summary(&self, flow: &FlowId) -> Result<Summary> {
        let flow = flow.clone();
        self.0
            .call(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT COUNT(*), SUM(step = 'sent'), \
                         SUM(state = 'done' AND step <> 'sent'), \
                         SUM(state IN ('pending', 'leased')), SUM(state = 'retry'), \
                         SUM(state = 'parked'), \
                         MIN(CASE WHEN state IN ('pending', 'leased', 'retry') THEN arrived_at END) \
                         FROM jobs WHERE company = ? AND flow = ?",
                    )
                    .and_then(|mut statement| {
                        statement.query_row((&flow.company, &flow.flow), |row| {
                            let count = |column| {
                                row.get::<_, Option<i64>>(column).map(|count| {
                                    usize::try_from(count.unwrap_or(0)).unwrap_or_default()
                                })
                            };
                            let summary = Summary {
                                read: count(0)?,
                                sent: count(1)?,
                                skipped: count(2)?,
                                waiting: count(3)?,
                                failed: count(4)?,
                                parked: count(5)?,
                                oldest: None,
                            };
                            Ok((summary, row.get::<_, Option<i64>>(6)?))
                        })
                    })
                    .map_err(failed)
                    .and_then(|(summary, oldest)| {
                        Ok(Summary { oldest: oldest.map(time).transpose()?, ..summary })
                    })
            })
            .await
    }

    async fn next_due(&self, flow: &FlowId) -> Result<Option<DateTime<Utc>>> {
        let flow = flow.clone();
        self.0
            .call(move |connection| {
                let sql = format!(
                    "SELECT due_at FROM jobs j WHERE company = ? AND flow = ? \
                     AND due_at IS NOT NULL AND {FREE} ORDER BY due_at LIMIT 1"
                );
                let due: Option<i64> = connection
                    .prepare_cached(&sql)
                    .and_then(|mut statement| {
                        statement
                            .query_row((&flow.company, &flow.flow), |row| row.get(0))
                            .optional()
                    })
                    .map_err(failed)?;
                due.map(time).transpose()
            })
            .await
    }

    async fn checkpoint(&self, flow: &FlowId) -> Result<Option<String>> {
        let flow = flow.clone();
        self.0
            .call(move |connection| {
                connection
                    .query_row(
                        "SELECT value FROM checkpoints WHERE company = ? AND flow = ?",
                        (&flow.company, &flow.flow),
                        |row| row.get(0),
                    )
                    .optional()
                    .map_err(failed)
            })
            .await
    }

    async fn hold(
        &self,
        name: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        let (name, owner) = (name.to_owned(), owner.to_owned());
        self.0
            .call(move |connection| {
                connection
                    .execute(
                        "INSERT INTO holds (name, owner, held_until) VALUES (?1, ?2, ?3) \
                         ON CONFLICT (name) DO UPDATE SET owner = ?2, held_until = ?3 \
                         WHERE owner = ?2 OR held_until <= ?4",
                        params![name, owner, millis(until), millis(now)],
                    )
                    .map(|rows| rows == 1)
                    .map_err(failed)
            })
            .await
    }

    async fn release(&self, name: &str, owner: &str) -> Result<()> {
        let (name, owner) = (name.to_owned(), owner.to_owned());
        self.0
            .call(move |connection| {
                connection
                    .execute("DELETE FROM holds WHERE name = ? AND owner = ?", (name, owner))
                    .map(|_| ())
                    .map_err(failed)
            })
            .await
    }

    async fn unanswered(
        &self,
        flow: &FlowId,
        now: DateTime<Utc>,
        wanted: usize,
    ) -> Result<Vec<Job>> {
        let flow = flow.clone();
        self.0
            .call(move |connection| {
                let sql = format!(
                    "SELECT {COLUMNS} FROM jobs WHERE company = ? AND flow = ? \
                     AND state = 'done' AND awaiting <= ? ORDER BY awaiting, sequence LIMIT ?"
                );
                let limit = limit(page_limit(wanted));
                jobs(connection, &sql, params![flow.company, flow.flow, millis(now), limit])
            })
            .await
    }

    async fn set_awaiting(&self, key: &Key, next: Option<DateTime<Utc>>) -> Result<()> {
        let key = key.clone();
        self.0
            .call(move |connection| {
                let mut job = known(connection, &key)?;
                job.awaiting = next;
                row::put(connection, &job)
            })
            .await
    }

    async fn answered(&self, flow: &FlowId, target_id: &str) -> Result<usize> {
        let (flow, target_id) = (flow.clone(), target_id.to_owned());
        self.0
            .call(move |connection| {
                connection
                    .execute(
                        "UPDATE jobs SET awaiting = NULL WHERE company = ? AND flow = ? \
                         AND target_id = ? AND awaiting IS NOT NULL",
                        (&flow.company, &flow.flow, &target_id),
                    )
                    .map_err(failed)
            })
            .await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
        self.0
            .call(move |connection| {
                let (company, flow) = filter.flow.map(|id| (id.company, id.flow)).unzip();
                let mut statement = connection
                    .prepare_cached(
                        "SELECT * FROM audit WHERE (?1 IS NULL OR company = ?1) \
                         AND (?2 IS NULL OR flow = ?2) AND (?3 IS NULL OR document = ?3) \
                         AND (?4 IS NULL OR at >= ?4) ORDER BY id LIMIT ?5",
                    )
                    .map_err(failed)?;
                let since = filter.since.map(millis);
                let limit = limit(page_limit(filter.limit));
                let mut rows = statement
                    .query(params![company, flow, filter.document, since, limit])
                    .map_err(failed)?;
                let mut lines = Vec::new();
                while let Some(row) = rows.next().map_err(failed)? {
                    lines.push(row::audit(row)?);
                }
                Ok(lines)
            })
            .await
    }
}
