//! The entrance for events: store, answer, work; or work, then answer.

use std::sync::Arc;
use std::time::Duration;

use erplink_core::RawJson;

use super::{FlowState, Runner};
use crate::document::{Document, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Reason, State};
use crate::rules::{Admission, Arrival};
use crate::store::Batch;

/// How often a waiting caller looks into the ledger for what another replica did.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the events of one flow. Cheap to clone into every request.
///
/// An event that was accepted is durable: answer the platform then. Its id is the platform's key
/// for it, so that every replay meets the entry of the first delivery.
#[derive(Clone)]
pub struct Inlet {
    runner: Runner,
    state: Arc<FlowState>,
}

impl std::fmt::Debug for Inlet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inlet").field("flow", &self.state.flow.id).finish()
    }
}

impl Inlet {
    pub(super) fn new(runner: Runner, state: Arc<FlowState>) -> Self {
        Self { runner, state }
    }

    /// Stores an event. One short write, whatever the target is doing.
    ///
    /// # Errors
    /// When the event has no id or the store failed: do **not** tell the platform that all is
    /// well, it will deliver the event again.
    pub async fn accept(&self, event: Document) -> Result<Receipt> {
        let mut receipts = self.accept_all(vec![event]).await?;
        receipts.pop().ok_or_else(|| {
            Error::new(ErrorKind::Store, "the store did not say what became of the event")
        })
    }

    /// Stores all events of one delivery, or none.
    ///
    /// # Errors
    /// As [`Inlet::accept`].
    pub async fn accept_all(&self, events: Vec<Document>) -> Result<Vec<Receipt>> {
        let flow = &self.state.flow;
        if events.iter().any(|event| event.id.is_empty()) {
            return Err(Error::config(format!(
                "flow {}: an event without an id; give it the platform's key of the event",
                flow.id,
            )));
        }
        let keys: Vec<_> = events.iter().map(|event| flow.id.document(event.id.as_str())).collect();
        let arrivals = events
            .into_iter()
            .map(|document| Arrival { flow: flow.id.clone(), document, repeat: flow.repeat })
            .collect();
        let batch = Batch { arrivals, checkpoint: None };
        let inner = &self.runner.0;
        let admissions = inner.store.enqueue(batch, inner.now()).await?;
        self.state.wake.notify_one();
        let receipt = |(key, admission)| Receipt { key, admission, runner: self.runner.clone() };
        Ok(keys.into_iter().zip(admissions).map(receipt).collect())
    }
}

/// An event that is safe in the store.
#[derive(Clone, Debug)]
pub struct Receipt {
    key: Key,
    admission: Admission,
    runner: Runner,
}

impl Receipt {
    /// The event in the ledger.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Whether it is new, or what is known about it.
    #[must_use]
    pub fn admission(&self) -> Admission {
        self.admission
    }

    /// Waits until the event is worked on, at most so long. A replay gets the outcome of the
    /// first delivery.
    ///
    /// # Errors
    /// When the store failed.
    pub async fn outcome(&self, within: Duration) -> Result<Outcome> {
        let inner = &self.runner.0;
        let mut settled = inner.settled.subscribe();
        let deadline = inner.clock.now() + within;
        loop {
            settled.mark_unchanged();
            let reason = match inner.store.get(&self.key).await? {
                None => return Err(crate::store::unknown_document(&self.key)),
                Some(job) => match job.state {
                    State::Done => {
                        return Ok(Outcome::Done { target_id: job.target_id, result: job.result });
                    }
                    State::Parked { reason, .. } => return Ok(Outcome::Failed(reason)),
                    state => state.reason().cloned(),
                },
            };
            let left = deadline.saturating_duration_since(inner.clock.now());
            if left.is_zero() {
                return Ok(Outcome::Working(reason));
            }
            tokio::select! {
                _ = settled.changed() => {}
                () = inner.clock.sleep(left.min(LOOK)) => {}
            }
        }
    }
}

/// What a waiting caller is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done {
        /// What the target calls what was made; `None` if there was nothing to do.
        target_id: Option<String>,
        /// What the target answered.
        result: Option<RawJson>,
    },
    /// It failed and needs a person.
    Failed(Reason),
    /// It is not finished yet; it goes on without the caller. With why it failed so far.
    Working(Option<Reason>),
}
