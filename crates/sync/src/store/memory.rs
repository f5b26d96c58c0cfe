use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Batch, Claim, JobFilter, Store, Summary, page_limit, unknown_document};
use crate::audit::{AuditEntry, AuditFilter};
use crate::document::{FlowId, Key};
use crate::error::Result;
use crate::job::{Job, Lease, State, StateKind, Step};
use crate::rules::{self, Admission, Change, Intervention, Progress};

/// A store that forgets: for tests and trials. Clones share the memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    /// By flow and sequence is the order of nearly every question; `keys` finds the rest.
    jobs: BTreeMap<(FlowId, i64), Job>,
    keys: HashMap<Key, i64>,
    sequence: i64,
    checkpoints: HashMap<FlowId, String>,
    holds: HashMap<String, (String, DateTime<Utc>)>,
    audit: Vec<AuditEntry>,
}

impl Tables {
    fn get(&self, key: &Key) -> Option<&Job> {
        self.jobs.get(&(key.flow.clone(), *self.keys.get(key)?))
    }

    fn known(&self, key: &Key) -> Result<Job> {
        self.get(key).cloned().ok_or_else(|| unknown_document(key))
    }

    fn put(&mut self, job: Job) {
        self.keys.insert(job.key.clone(), job.sequence);
        self.jobs.insert((job.key.flow.clone(), job.sequence), job);
    }

    fn write(&mut self, change: Change) -> Job {
        self.put(change.job.clone());
        self.audit.push(change.audit);
        change.job
    }

    fn of<'a>(&'a self, flow: &FlowId) -> impl Iterator<Item = &'a Job> + use<'a> {
        let range = (flow.clone(), i64::MIN)..=(flow.clone(), i64::MAX);
        self.jobs.range(range).map(|(_, job)| job)
    }

    /// Unfinished jobs of the flow that no earlier one of the same order key holds back.
    fn free(&self, flow: &FlowId) -> Vec<&Job> {
        let mut heads = HashSet::new();
        self.of(flow)
            .filter(|job| job.state != State::Done)
            .filter(|job| job.order.as_ref().is_none_or(|order| heads.insert(order)))
            .collect()
    }
}

impl MemoryStore {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn enqueue(&self, batch: Batch, now: DateTime<Utc>) -> Result<Vec<Admission>> {
        let mut tables = self.tables();
        let mut admissions = Vec::with_capacity(batch.arrivals.len());
        for arrival in &batch.arrivals {
            let key = arrival.flow.document(arrival.document.id.as_str());
            let next = tables.sequence.saturating_add(1);
            let (admission, change) = rules::admit(tables.get(&key).cloned(), arrival, next, now);
            if let Some(change) = change {
                tables.sequence = tables.sequence.max(change.job.sequence);
                tables.write(change);
            }
            admissions.push(admission);
        }
        if let Some((flow, checkpoint)) = batch.checkpoint {
            tables.checkpoints.insert(flow, checkpoint);
        }
        Ok(admissions)
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        let mut tables = self.tables();
        let mut due: Vec<_> = tables
            .free(&claim.flow)
            .into_iter()
            .filter_map(|job| Some((job.due_at()?, job)))
            .filter(|(due, _)| *due <= claim.now)
            .collect();
        due.sort_by_key(|(due, job)| (*due, job.sequence));
        let leased: Vec<Job> = due
            .into_iter()
            .take(claim.limit)
            .map(|(_, job)| rules::lease(job.clone(), &claim.owner, claim.until))
            .collect();
        for job in &leased {
            tables.put(job.clone());
        }
        Ok(leased)
    }

    async fn record(
        &self,
        key: &Key,
        lease: &Lease,
        progress: Progress,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        let mut tables = self.tables();
        let change = rules::advance(tables.known(key)?, lease, progress, now)?;
        Ok(tables.write(change))
    }

    async fn intervene(
        &self,
        key: &Key,
        intervention: Intervention,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        let mut tables = self.tables();
        let change = rules::intervene(tables.known(key)?, &intervention, by, now)?;
        Ok(tables.write(change))
    }

    async fn get(&self, key: &Key) -> Result<Option<Job>> {
        Ok(self.tables().get(key).cloned())
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>> {
        let tables = self.tables();
        let mut jobs: Vec<Job> = tables
            .jobs
            .values()
            .filter(|job| filter.flow.as_ref().is_none_or(|flow| job.key.flow == *flow))
            .filter(|job| filter.state.is_none_or(|state| job.state.kind() == state))
            .filter(|job| filter.after.is_none_or(|after| job.sequence > after))
            .cloned()
            .collect();
        jobs.sort_by_key(|job| job.sequence);
        jobs.truncate(page_limit(filter.limit));
        Ok(jobs)
    }

    async fn summary(&self, flow: &FlowId) -> Result<Summary> {
        let mut summary = Summary::default();
        for job in self.tables().of(flow) {
            let (kind, sent) = (job.state.kind(), job.step == Step::Sent);
            let waiting = matches!(kind, StateKind::Pending | StateKind::Leased);
            summary.read += 1;
            summary.sent += usize::from(sent);
            summary.skipped += usize::from(kind == StateKind::Done && !sent);
            summary.waiting += usize::from(waiting);
            summary.failed += usize::from(kind == StateKind::Retry);
            summary.parked += usize::from(kind == StateKind::Parked);
            if waiting || kind == StateKind::Retry {
                let oldest = summary.oldest.unwrap_or(job.arrived_at);
                summary.oldest = Some(oldest.min(job.arrived_at));
            }
        }
        Ok(summary)
    }

    async fn next_due(&self, flow: &FlowId) -> Result<Option<DateTime<Utc>>> {
        Ok(self.tables().free(flow).into_iter().filter_map(Job::due_at).min())
    }

    async fn checkpoint(&self, flow: &FlowId) -> Result<Option<String>> {
        Ok(self.tables().checkpoints.get(flow).cloned())
    }

    async fn hold(
        &self,
        name: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        let mut tables = self.tables();
        let free =
            tables.holds.get(name).is_none_or(|(held_by, ends)| held_by == owner || *ends <= now);
        if free {
            tables.holds.insert(name.to_owned(), (owner.to_owned(), until));
        }
        Ok(free)
    }

    async fn release(&self, name: &str, owner: &str) -> Result<()> {
        let mut tables = self.tables();
        if tables.holds.get(name).is_some_and(|(held_by, _)| held_by == owner) {
            tables.holds.remove(name);
        }
        Ok(())
    }

    async fn unanswered(
        &self,
        flow: &FlowId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Job>> {
        let tables = self.tables();
        let mut due: Vec<&Job> = tables
            .of(flow)
            .filter(|job| job.state == State::Done && job.awaiting.is_some_and(|at| at <= now))
            .collect();
        due.sort_by_key(|job| (job.awaiting, job.sequence));
        Ok(due.into_iter().take(page_limit(limit)).cloned().collect())
    }

    async fn set_awaiting(&self, key: &Key, next: Option<DateTime<Utc>>) -> Result<()> {
        let mut tables = self.tables();
        let mut job = tables.known(key)?;
        job.awaiting = next;
        tables.put(job);
        Ok(())
    }

    async fn answered(&self, flow: &FlowId, target_id: &str) -> Result<usize> {
        let mut tables = self.tables();
        let waiting: Vec<Job> = tables
            .of(flow)
            .filter(|job| job.awaiting.is_some() && job.target_id.as_deref() == Some(target_id))
            .cloned()
            .collect();
        for job in &waiting {
            tables.put(Job { awaiting: None, ..job.clone() });
        }
        Ok(waiting.len())
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
        let tables = self.tables();
        let wanted = |entry: &&AuditEntry| {
            filter.flow.as_ref().is_none_or(|flow| entry.key.flow == *flow)
                && filter.document.as_ref().is_none_or(|id| entry.key.document == *id)
                && filter.since.is_none_or(|since| entry.at >= since)
        };
        Ok(tables.audit.iter().filter(wanted).take(page_limit(filter.limit)).cloned().collect())
    }
}
