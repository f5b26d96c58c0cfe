//! One document: map, push, mark, with every step in the ledger before the next begins.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use tracing::{debug, info, warn};

use super::{FlowState, Inner, Report, later};
use crate::document::{Document, FlowId};
use crate::error::{ErrorKind, Result};
use crate::failure::{Class, Failure};
use crate::job::{Job, Lease, Reason, ReasonCode, State, Step, Wakes};
use crate::ports::{Delivered, Found, Marked, Outgoing, Pushed, Target};
use crate::rules::Progress;

/// Why a push cannot create the document twice. There is no push without one.
#[derive(Clone, Copy, Debug)]
enum Safe {
    /// Nothing was sent in this generation, or the target said that it did nothing.
    Fresh,
    /// The target was asked and does not have it.
    LookedUp,
    /// Twice is the same as once.
    Repeatable,
}

/// Works on one leased job and reports what became of it.
pub(super) async fn work(inner: &Inner, state: &FlowState, job: Job) -> Report {
    let key = job.key.clone();
    let Some(lease) = job.lease().cloned() else {
        return Report::default();
    };
    let mut worker = Worker { inner, state, job, lease, finished: false };
    let ended = match AssertUnwindSafe(worker.run()).catch_unwind().await {
        Ok(ended) => ended,
        Err(_) => worker.panicked().await,
    };
    inner.settled.send_modify(|tick| *tick = tick.wrapping_add(1));
    let mut report = Report::default();
    match ended {
        Ok(()) => match worker.job.state {
            _ if worker.finished => {
                info!(%key, target_id = ?worker.job.target_id, "done");
                report.done = 1;
            }
            State::Retry { at, reason } => {
                warn!(%key, %at, "failed, tried again: {reason}");
                report.failed.push((key, reason));
            }
            State::Parked { reason, .. } => {
                warn!(%key, "parked: {reason}");
                report.parked.push((key, reason));
            }
            State::Pending | State::Leased(_) | State::Done => debug!(%key, "given back"),
        },
        Err(error) if error.kind() == ErrorKind::LostLease => {
            warn!("{error}");
            report.problems.push(error.to_string());
        }
        Err(error) => {
            warn!(%key, "{error}; the document is tried again when its lease has ended");
            report.problems.push(format!("{key}: {error}"));
        }
    }
    report
}

struct Worker<'a> {
    inner: &'a Inner,
    state: &'a FlowState,
    job: Job,
    lease: Lease,
    /// This generation is done, whether another follows or not.
    finished: bool,
}

impl Worker<'_> {
    async fn run(&mut self) -> Result<()> {
        if self.inner.is_stopping() || self.state.paused_until(self.now()).is_some() {
            return self.record(Progress::Release).await;
        }
        let document = match self.map() {
            Ok(document) => document,
            Err(failure) => {
                let reason = Reason::new(ReasonCode::Map, failure);
                return self.park(reason, Wakes::OnChange, false).await;
            }
        };
        let repeatable = self.target().is_repeatable();
        match self.job.step {
            Step::Sent => self.mark(document).await,
            _ if repeatable => self.push(document, Safe::Repeatable).await,
            Step::Fresh if self.state.flow.settings.look_before_create => {
                self.look_up(document).await
            }
            Step::Fresh => self.push(document, Safe::Fresh).await,
            Step::Sending { since } => {
                let settled = later(since, self.state.flow.settings.settle);
                if self.now() >= settled {
                    return self.look_up(document).await;
                }
                let message = "the answer was lost; the target is asked once it had time to settle";
                let reason = Reason::new(ReasonCode::Target, message);
                self.record(Progress::Retry { at: settled, reason, counts: false, not_done: false })
                    .await
            }
        }
    }

    fn map(&self) -> Result<Outgoing, Failure> {
        let job = &self.job;
        let document = Document {
            id: job.key.document.clone(),
            version: job.version.clone(),
            content: job.content.clone(),
            order: job.order.clone(),
            about: job.about.clone(),
        };
        // What is at the target already needs no map, only a mark.
        let content = match job.step {
            Step::Sent => {
                self.state.flow.preview(&document).unwrap_or_else(|_| job.content.clone())
            }
            _ => self.state.flow.preview(&document)?,
        };
        Ok(Outgoing {
            key: job.key.clone(),
            generation: job.generation,
            version: document.version,
            content,
            source: document.content,
            previous_id: job.previous_id.clone(),
            about: document.about,
        })
    }

    async fn push(&mut self, document: Outgoing, safe: Safe) -> Result<()> {
        debug!(key = %self.job.key, ?safe, "push");
        let (inner, state) = (self.inner, self.state);
        let permit = inner.gates.enter(&self.job.key.flow.company, self.target().system()).await;
        // From here on a crash leaves "sending" in the ledger: look before you repeat.
        self.record(Progress::Sending { until: self.lease_end() }).await?;
        let call = state.flow.target.push(&document);
        let outcome = inner.bounded(state.flow.settings.timeout, call).await;
        drop(permit);
        match outcome {
            Ok(pushed) => self.arrived(document, pushed).await,
            Err(failure) => {
                let not_done = !failure.may_have_taken_effect();
                self.failed(ReasonCode::Target, failure, not_done).await
            }
        }
    }

    async fn look_up(&mut self, document: Outgoing) -> Result<()> {
        let (inner, state) = (self.inner, self.state);
        let permit = inner.gates.enter(&self.job.key.flow.company, self.target().system()).await;
        let call = state.flow.target.find(&document);
        let outcome = inner.bounded(state.flow.settings.timeout, call).await;
        drop(permit);
        match outcome {
            Ok(Found::Yes(found)) => self.arrived(document, found).await,
            Ok(Found::No) => self.push(document, Safe::LookedUp).await,
            Ok(Found::CannotTell(why)) => {
                let reason = Reason::new(
                    ReasonCode::Unknown,
                    format!("it may or may not be at the target: {why}"),
                );
                self.park(reason, Wakes::ByPerson, false).await
            }
            Err(failure) => self.failed(ReasonCode::Target, failure, false).await,
        }
    }

    async fn arrived(&mut self, document: Outgoing, pushed: Pushed) -> Result<()> {
        let Some(target_id) = pushed.id else {
            return self.done(None, None, pushed.note).await;
        };
        if self.state.flow.marker.is_none() {
            return self
                .done(Some((target_id, pushed.result)), self.awaiting(), String::new())
                .await;
        }
        let until = self.lease_end();
        self.record(Progress::Sent { target_id, result: pushed.result, until }).await?;
        self.mark(document).await
    }

    async fn mark(&mut self, document: Outgoing) -> Result<()> {
        let (inner, state) = (self.inner, self.state);
        let outcome = match (&state.flow.marker, &self.job.target_id) {
            (Some(marker), Some(target_id)) => {
                let result = self.job.result.clone();
                let delivered = Delivered { document, target_id: target_id.clone(), result };
                let _permit = inner.gates.enter(&self.job.key.flow.company, marker.system()).await;
                inner.bounded(state.flow.settings.timeout, marker.mark(&delivered)).await
            }
            _ => Ok(Marked::Yes),
        };
        match outcome {
            Ok(Marked::Changed) if !state.flow.repeat.is_of_a_source() => {
                let message = "the document was changed while it was sent, and is not marked";
                self.park(Reason::new(ReasonCode::Changed, message), Wakes::ByPerson, false).await
            }
            Ok(_) => self.done(None, self.awaiting(), String::new()).await,
            Err(failure) => self.failed(ReasonCode::Mark, failure, false).await,
        }
    }

    async fn done(
        &mut self,
        sent: Option<(String, Option<erplink_core::RawJson>)>,
        awaiting: Option<DateTime<Utc>>,
        note: String,
    ) -> Result<()> {
        self.record(Progress::Done { sent, awaiting, note }).await?;
        self.finished = true;
        self.state.is_up();
        if let (Some(outbound), Some(about)) = (&self.state.flow.answers, &self.job.about) {
            let outbound = FlowId::new(self.job.key.flow.company.as_str(), outbound.as_str());
            // If this is lost, the platform is asked once more, and the answer is absorbed.
            self.inner.store.answered(&outbound, about).await?;
        }
        Ok(())
    }

    /// Decides between "later" and "parked".
    async fn failed(&mut self, code: ReasonCode, failure: Failure, not_done: bool) -> Result<()> {
        let settings = &self.state.flow.settings;
        let (now, class) = (self.now(), failure.class());
        let code = match (class, code) {
            (Class::Park, ReasonCode::Target) => ReasonCode::Person,
            (Class::Outage, _) => ReasonCode::Outage,
            (Class::Unknown, ReasonCode::Target) => ReasonCode::Unknown,
            (Class::Refused, ReasonCode::Target) if failure.is_maybe_outage() => ReasonCode::Outage,
            (_, code) => code,
        };
        let reason = Reason::new(code, failure.message());
        let is_outage =
            class == Class::Outage || (failure.is_maybe_outage() && self.state.seems_down_again());
        let counts = !is_outage || settings.max_attempts == 1;
        let attempts = self.job.attempts.saturating_add(u32::from(counts));
        let wait = match is_outage {
            true => self.state.went_down(now, failure.wait()),
            false => self.state.backoff(attempts),
        };
        let wait = if class == Class::Unknown { wait.max(settings.settle) } else { wait };
        if class == Class::Park || (counts && attempts >= settings.max_attempts) {
            return self.park(reason, Wakes::OnChange, not_done).await;
        }
        let at = later(now, wait.max(failure.wait().unwrap_or(Duration::ZERO)));
        self.record(Progress::Retry { at, reason, counts, not_done }).await
    }

    async fn panicked(&mut self) -> Result<()> {
        let failure = Failure::unknown("the map panicked; the output says where");
        self.failed(ReasonCode::Panic, failure, false).await
    }

    async fn park(&mut self, reason: Reason, wakes: Wakes, not_done: bool) -> Result<()> {
        self.record(Progress::Park { reason, wakes, not_done }).await
    }

    async fn record(&mut self, progress: Progress) -> Result<()> {
        let (store, now) = (&self.inner.store, self.now());
        self.job = store.record(&self.job.key, &self.lease, progress, now).await?;
        Ok(())
    }

    fn awaiting(&self) -> Option<DateTime<Utc>> {
        let awaits = self.state.flow.awaits.as_ref()?;
        Some(later(self.now(), awaits.every))
    }

    fn lease_end(&self) -> DateTime<Utc> {
        later(self.now(), self.state.lease())
    }

    fn target(&self) -> &dyn Target {
        &*self.state.flow.target
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }
}
