//! The loops: poll, work, ask, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};

use super::reconcile::Asked;
use super::{FlowState, Inner, Report, Runner, later, poll, reconcile, work};
use crate::error::Result;
use crate::store::Claim;

/// How long a worker sleeps at most: another process may have put something into the store.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How long to leave a store alone that failed.
const STORE_PAUSE: Duration = Duration::from_secs(5);

impl Runner {
    /// Polls every flow once, works until nothing is due, and asks for overdue decisions.
    ///
    /// For schedulers and tests. Safe beside a [`Runner::run_until`] on the same store.
    pub async fn run_once(&self) -> Report {
        self.0.stopping.send_replace(false);
        let mut report = Report::default();
        for state in self.0.flows.values() {
            report.merge(poll::poll(&self.0, state).await);
        }
        report.merge(self.work_until_idle().await);
        for state in self.0.flows.values() {
            report.merge(reconcile::reconcile(&self.0, state, Asked::Overdue).await);
        }
        report.merge(self.work_until_idle().await);
        info!("{report}");
        report
    }

    /// Asks the platforms about every document whose decision has not come, overdue or not, and
    /// carries the decisions out.
    ///
    /// Safe beside a [`Runner::run_until`] on the same store.
    pub async fn reconcile(&self) -> Report {
        self.0.stopping.send_replace(false);
        let mut report = Report::default();
        for state in self.0.flows.values() {
            report.merge(reconcile::reconcile(&self.0, state, Asked::All).await);
        }
        report.merge(self.work_until_idle().await);
        report
    }

    async fn work_until_idle(&self) -> Report {
        let mut all = JoinSet::new();
        for state in self.0.flows.values() {
            let (inner, state) = (self.0.clone(), state.clone());
            all.spawn(async move { work_loop(&inner, &state, Until::Idle).await });
        }
        let mut report = Report::default();
        while let Some(worked) = all.join_next().await {
            report.merge(worked.unwrap_or_else(|error| problem(error.to_string())));
        }
        report
    }

    /// Runs until `stop` is ready, then finishes what is in flight and returns.
    ///
    /// ```no_run
    /// # async fn run(runner: erplink_sync::Runner, signal: impl Future<Output = ()>) {
    /// runner.run_until(signal).await; // such as ctrl-c
    /// # }
    /// ```
    ///
    /// Dropping the future instead is a crash: safe, but what was in flight waits for the end of
    /// its lease.
    pub async fn run_until(&self, stop: impl Future<Output = ()>) {
        self.0.stopping.send_replace(false);
        let mut loops = JoinSet::new();
        for state in self.0.flows.values() {
            let (inner, state) = (self.0.clone(), state.clone());
            loops.spawn(flow_loops(inner, state));
        }
        stop.await;
        info!("stopping: documents in flight are finished first");
        self.0.stopping.send_replace(true);
        tokio::select! {
            biased;
            () = async { while loops.join_next().await.is_some() {} } => {}
            () = self.0.clock.sleep(self.0.grace) => {
                warn!("stopped with documents in flight; they go on when their leases have ended");
            }
        }
        loops.shutdown().await;
        for state in self.0.flows.values().filter(|state| state.flow.source.is_some()) {
            let released = self.0.store.release(&poll::lease_name(state), &self.0.owner).await;
            if let Err(error) = released {
                warn!(flow = %state.flow.id, "the poller's lease ends by itself: {error}");
            }
        }
    }
}

fn problem(text: String) -> Report {
    Report { problems: vec![text], ..Report::default() }
}

async fn flow_loops(inner: Arc<Inner>, state: Arc<FlowState>) {
    let polls = async {
        while state.flow.source.is_some() && !inner.is_stopping() {
            let report = poll::poll(&inner, &state).await;
            // Most runs find nothing new; what went wrong was told already.
            match report.queued {
                0 => debug!(flow = %state.flow.id, "{report}"),
                _ => info!(flow = %state.flow.id, "{report}"),
            }
            rest(&inner, state.flow.settings.every).await;
        }
    };
    let works = async {
        work_loop(&inner, &state, Until::Stopped).await;
    };
    let asks = async {
        // All at first: pushes may have come while nobody was here to take them.
        let mut asked = Asked::All;
        while let Some(awaits) = state.flow.awaits.as_ref().filter(|_| !inner.is_stopping()) {
            let report = reconcile::reconcile(&inner, &state, asked).await;
            asked = Asked::Overdue;
            if !report.is_empty() {
                info!(flow = %state.flow.id, "asked for decisions: {report}");
            }
            rest(&inner, awaits.every).await;
        }
    };
    tokio::join!(polls, works, asks);
}

/// Sleeps, but not through a stop.
async fn rest(inner: &Inner, pause: Duration) {
    let mut stopping = inner.stopping.subscribe();
    tokio::select! {
        _ = stopping.wait_for(|stopping| *stopping) => {}
        () = inner.clock.sleep(pause) => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    Idle,
    Stopped,
}

/// Leases due documents and works on them, as many at a time as the flow allows.
pub(super) async fn work_loop(inner: &Arc<Inner>, state: &Arc<FlowState>, until: Until) -> Report {
    let mut in_flight = JoinSet::new();
    let mut report = Report::default();
    let mut stopping = inner.stopping.subscribe();
    while !inner.is_stopping() {
        let free = state.flow.settings.concurrency.saturating_sub(in_flight.len());
        let next = match lease_due(inner, state, free).await {
            Ok(jobs) if !jobs.is_empty() => {
                for job in jobs {
                    let (inner, state) = (inner.clone(), state.clone());
                    in_flight.spawn(async move { work::work(&inner, &state, job).await });
                }
                continue;
            }
            // All places are taken: the next one that ends wakes us.
            Ok(_) if free == 0 => Ok(LONGEST_SLEEP),
            Ok(_) => next_look(inner, state).await,
            Err(error) => Err(error),
        };
        let wait = match next {
            Ok(wait) => wait,
            Err(error) => {
                warn!(flow = %state.flow.id, "{error}");
                if until == Until::Idle {
                    report.problems.push(format!("{}: {error}", state.flow.id));
                    break;
                }
                STORE_PAUSE
            }
        };
        if until == Until::Idle && in_flight.is_empty() {
            break;
        }
        tokio::select! {
            Some(worked) = in_flight.join_next() => {
                collect(&mut report, worked, until);
                // Those that ended at the same time share the next look into the store.
                while let Some(worked) = in_flight.try_join_next() {
                    collect(&mut report, worked, until);
                }
            }
            () = state.wake.notified() => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = inner.clock.sleep(wait), if until == Until::Stopped => {}
        }
    }
    while let Some(worked) = in_flight.join_next().await {
        collect(&mut report, worked, until);
    }
    report
}

/// A service that runs for years must not collect what it logged already.
fn collect(report: &mut Report, worked: Result<Report, tokio::task::JoinError>, until: Until) {
    if until == Until::Idle {
        report.merge(worked.unwrap_or_else(|error| problem(error.to_string())));
    }
}

async fn lease_due(inner: &Inner, state: &FlowState, free: usize) -> Result<Vec<crate::Job>> {
    let now = inner.now();
    if free == 0 || state.paused_until(now).is_some() {
        return Ok(Vec::new());
    }
    inner
        .store
        .claim(Claim {
            flow: state.flow.id.clone(),
            owner: inner.owner.clone(),
            limit: free,
            now,
            until: later(now, state.lease()),
        })
        .await
}

/// How long until there may be something to do.
async fn next_look(inner: &Inner, state: &FlowState) -> Result<Duration> {
    let now = inner.now();
    let due: Option<DateTime<Utc>> = inner.store.next_due(&state.flow.id).await?;
    let start = due.max(state.paused_until(now)).filter(|_| due.is_some());
    let wait = start.map_or(LONGEST_SLEEP, |at| (at - now).to_std().unwrap_or(Duration::ZERO));
    Ok(wait.clamp(Duration::from_millis(1), LONGEST_SLEEP))
}
