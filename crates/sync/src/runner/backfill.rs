//! Documents of the past, without disturbing the present.

use std::fmt;
use std::time::Duration;

use super::service::{Until, work_loop};
use super::{Runner, poll};
use crate::document::{Document, FlowId, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::job::StateKind;
use crate::ports::{PageRequest, Source};
use crate::rules::Arrival;
use crate::store::Batch;

/// How long to wait for another process that has one of our documents.
const LOOK: Duration = Duration::from_secs(1);

/// How far a backfill is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// Documents of the past that were looked at.
    pub read: usize,
    /// Those that the ledger knew.
    pub known: usize,
    /// Those that are finished now.
    pub done: usize,
    /// Those that failed and are tried again by the flow.
    pub failed: usize,
    /// Those that were parked.
    pub parked: usize,
}

impl fmt::Display for Backfilled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, known, done, failed, parked } = self;
        write!(f, "read {read}, known {known}, done {done}, failed {failed}, parked {parked}")
    }
}

impl Runner {
    /// Sends the documents of `past` through a flow that polls: documents of a range of days, for
    /// example, that its own source leaves out.
    ///
    /// A few at a time, as many as the flow works on at once: what the flow itself finds meanwhile
    /// waits for those at most. They have the flow's entries in the ledger, so that nothing is
    /// sent twice; a backfill that was interrupted is simply started again. Safe beside a
    /// [`Runner::run_until`] on the same store.
    ///
    /// # Errors
    /// When the flow is not known or does not poll, the past cannot be read, or the store failed.
    pub async fn backfill(
        &self,
        flow: &FlowId,
        past: &dyn Source,
        mut told: impl FnMut(Backfilled),
    ) -> Result<Backfilled> {
        let inner = &self.0;
        let state = inner.state(flow)?;
        if state.flow.source.is_none() {
            return Err(Error::config(format!(
                "flow {flow}: it receives; only flows that poll have a past"
            )));
        }
        inner.stopping.send_replace(false);
        let mut so_far = Backfilled::default();
        let mut request = PageRequest { now: inner.now(), ..PageRequest::default() };
        loop {
            let page = poll::read_page(inner, state, past, request.clone()).await;
            let page = page.map_err(|failure| {
                Error::new(
                    ErrorKind::Config,
                    format!("flow {flow}: the past cannot be read: {failure}"),
                )
            })?;
            for few in page.documents.chunks(state.flow.settings.concurrency) {
                self.send_few(flow, few, &mut so_far).await?;
                told(so_far);
            }
            if page.next.is_none() || page.next == request.cursor {
                return Ok(so_far);
            }
            request.cursor = page.next;
        }
    }

    async fn send_few(
        &self,
        flow: &FlowId,
        few: &[Document],
        so_far: &mut Backfilled,
    ) -> Result<()> {
        let inner = &self.0;
        let state = inner.state(flow)?;
        let repeat = state.flow.repeat;
        let arrival = |document: &Document| Arrival {
            flow: flow.clone(),
            document: document.clone(),
            repeat,
        };
        let arrivals = few.iter().map(arrival).collect();
        let admissions =
            inner.store.enqueue(Batch { arrivals, checkpoint: None }, inner.now()).await?;
        so_far.read += few.len();
        drop(work_loop(inner, state, Until::Idle).await);
        for (document, admission) in few.iter().zip(admissions) {
            if !admission.is_work() {
                so_far.known += 1;
                continue;
            }
            match self.settled(&flow.document(document.id.as_str())).await? {
                StateKind::Done => so_far.done += 1,
                StateKind::Parked => so_far.parked += 1,
                _ => so_far.failed += 1,
            }
        }
        Ok(())
    }

    /// Waits for a document that another process may have.
    async fn settled(&self, key: &Key) -> Result<StateKind> {
        loop {
            let job = self.0.store.get(key).await?;
            let kind = job.map_or(StateKind::Done, |job| job.state.kind());
            let paused = self.0.state(&key.flow)?.paused_until(self.0.now()).is_some();
            if !matches!(kind, StateKind::Pending | StateKind::Leased) || paused {
                return Ok(kind);
            }
            self.0.clock.sleep(LOOK).await;
        }
    }
}
