//! Where the engine remembers: the ledger, the inbox, checkpoints, leases and the audit.
//!
//! One table of [`Job`]s is ledger and inbox at once. A polled document is keyed by its key in
//! the source, a received event by the platform's key of the event; from there on both take the
//! same way: leased, sent, marked, done. So a received event that creates a document has the
//! same protection as a polled one.
//!
//! Every method is one transaction. A method that returned `Ok` is durable; one that failed did
//! nothing, or did it all (the answer was lost), never a part. The transitions are the plain
//! functions of [`rules`](crate::rules): a store loads, calls, writes.
//!
//! # Stores
//!
//! - [`MemoryStore`]: for tests and trials; nothing survives the process.
//! - [`SqliteStore`](sqlite::SqliteStore): the default. WAL with `synchronous = FULL`, numbered
//!   migrations, group commit.
//!
//! # PostgreSQL, several replicas
//!
//! The trait and the schema leave room for it, so that it can follow without a change here:
//!
//! - **Row leases**: [`Store::claim`] is `SELECT … WHERE due_at <= $now ORDER BY due_at, sequence
//!   LIMIT $n FOR UPDATE SKIP LOCKED`, then an `UPDATE` that writes owner, token and `due_at`.
//!   `due_at` is the one column that says when a row may be taken, whatever its state, so that
//!   one partial index serves all replicas and a dead replica's rows come back by themselves.
//! - **Order keys**: the `NOT EXISTS` on an earlier unfinished row of the same order key must see
//!   rows that others have locked; a plain (not skipping) sub-query does.
//! - **Fencing**: every write names owner and token of the lease. A replica that slept through
//!   its lease is refused, not obeyed.
//! - **A poller leader**: [`Store::hold`] is an `INSERT … ON CONFLICT DO UPDATE … WHERE
//!   held_until <= $now OR owner = $owner`. Two leaders by accident do no harm, because
//!   [`Store::enqueue`] absorbs what is known; the leader only saves calls.
//! - **Time** comes as an argument from the caller's clock. Replicas need clocks that agree to
//!   a fraction of the lease.
//! - **Waking up**: workers ask [`Store::next_due`]; `LISTEN/NOTIFY` may shorten the wait.

mod memory;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub mod sqlite;

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use memory::MemoryStore;

use crate::audit::{AuditEntry, AuditFilter};
use crate::document::{FlowId, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Job, Lease, StateKind};
use crate::rules::{Admission, Arrival, Intervention, Progress};

/// Documents that enter the ledger together, and how far the source has been read with them.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The documents, in order.
    pub arrivals: Vec<Arrival>,
    /// The new checkpoint, written in the same transaction: nothing is passed over.
    pub checkpoint: Option<(FlowId, String)>,
}

/// Who wants to work on what.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The flow.
    pub flow: FlowId,
    /// The worker.
    pub owner: String,
    /// At most so many.
    pub limit: usize,
    /// The time.
    pub now: DateTime<Utc>,
    /// Until when they are the worker's.
    pub until: DateTime<Utc>,
}

/// Which jobs to list, in the order of arrival.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only this flow.
    pub flow: Option<FlowId>,
    /// Only in this state.
    pub state: Option<StateKind>,
    /// Only behind this sequence: the next page.
    pub after: Option<i64>,
    /// At most so many; 0 means 1000.
    pub limit: usize,
}

/// How a flow is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents that ever arrived.
    pub read: usize,
    /// Those that the target has.
    pub sent: usize,
    /// Those that are finished without: there was nothing to do, or a person discarded them.
    pub skipped: usize,
    /// Those that wait for a worker, or that one has.
    pub waiting: usize,
    /// Those that failed and are tried again.
    pub failed: usize,
    /// Those that need a change or a person.
    pub parked: usize,
    /// Since when the oldest of those that wait or failed is there.
    pub oldest: Option<DateTime<Utc>>,
}

/// A durable memory. See the [module](self) for what is promised.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Takes documents in; [`rules::admit`](crate::rules::admit) decides about each.
    ///
    /// The admissions are in the order of the arrivals. A document that occurs twice in one
    /// batch is known the second time.
    async fn enqueue(&self, batch: Batch, now: DateTime<Utc>) -> Result<Vec<Admission>>;

    /// Leases due jobs, those that are due longest first.
    ///
    /// Of the jobs of a flow with the same order key only the one that came first is taken, and
    /// not while an earlier one is unfinished, parked ones included.
    async fn claim(&self, claim: Claim) -> Result<Vec<Job>>;

    /// Writes what a worker did, by [`rules::advance`](crate::rules::advance).
    async fn record(
        &self,
        key: &Key,
        lease: &Lease,
        progress: Progress,
        now: DateTime<Utc>,
    ) -> Result<Job>;

    /// Writes what a person decided, by [`rules::intervene`](crate::rules::intervene).
    async fn intervene(
        &self,
        key: &Key,
        intervention: Intervention,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Job>;

    /// The entry of one document.
    async fn get(&self, key: &Key) -> Result<Option<Job>>;

    /// Entries, page by page.
    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>>;

    /// How many documents of the flow are in which state.
    async fn summary(&self, flow: &FlowId) -> Result<Summary>;

    /// When the next job of the flow is due; may be in the past.
    ///
    /// Jobs that wait for an earlier one of the same order key do not count.
    async fn next_due(&self, flow: &FlowId) -> Result<Option<DateTime<Utc>>>;

    /// How far the source of the flow has been read.
    async fn checkpoint(&self, flow: &FlowId) -> Result<Option<String>>;

    /// Takes or renews a named lease, such as that of the poller; `false` if another has it.
    async fn hold(
        &self,
        name: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool>;

    /// Gives a named lease back. Nothing happens if another has it.
    async fn release(&self, name: &str, owner: &str) -> Result<()>;

    /// Finished jobs whose decision should have come before `now`.
    async fn unanswered(&self, flow: &FlowId, now: DateTime<Utc>, limit: usize)
    -> Result<Vec<Job>>;

    /// Says when to ask again for the decision on a finished job; `None`: it is not awaited.
    async fn set_awaiting(&self, key: &Key, next: Option<DateTime<Utc>>) -> Result<()>;

    /// The decision on what the target calls `target_id` came. Returns how many jobs waited.
    async fn answered(&self, flow: &FlowId, target_id: &str) -> Result<usize>;

    /// The audit, oldest first.
    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>>;
}

pub(crate) fn unknown_document(key: &Key) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("the ledger does not know {key}; check company, flow and document"),
    )
}

/// A limit of 0 is what `Default` gives: a page, not nothing.
pub(crate) fn page_limit(limit: usize) -> usize {
    if limit == 0 { 1000 } else { limit }
}
