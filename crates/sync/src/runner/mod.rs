//! Runs flows on a store. See [`Runner`].

mod backfill;
mod gate;
mod inlet;
mod poll;
mod reconcile;
mod report;
mod service;
mod work;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use erplink_core::RawJson;
use erplink_core::clock::{Clock, SystemClock};
use futures_util::FutureExt;
use tokio::sync::{Notify, watch};

pub use self::backfill::Backfilled;
use self::gate::Gates;
pub use self::gate::Limit;
pub use self::inlet::{Inlet, Outcome, Receipt};
pub use self::report::Report;
use crate::document::{Document, FlowId, Key};
use crate::error::{Error, ErrorKind, Result};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::job::Job;
use crate::rules::Intervention;
use crate::store::Store;

/// Works on the flows of any number of companies, with one store. Clones are the same runner.
///
/// [`Runner::run_until`] runs for good; [`Runner::run_once`] makes one round, for a scheduler or a
/// test. What the runner promises, and what it rests on, is said on the
/// [front page](crate#what-is-promised-and-what-it-rests-on).
#[derive(Clone, Debug)]
pub struct Runner(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    owner: String,
    grace: Duration,
    gates: Gates,
    flows: BTreeMap<FlowId, Arc<FlowState>>,
    /// Ticks whenever a document reached a state in which callers may have waited for it.
    settled: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

/// A flow and what the runner knows about it besides the ledger. Losing it loses nothing.
struct FlowState {
    flow: Flow,
    wake: Notify,
    outage: Mutex<Outage>,
}

/// A system that is down is asked by a few documents now and then, not by all of them.
#[derive(Debug, Default)]
struct Outage {
    failures: u32,
    until: Option<DateTime<Utc>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("store", &self.store)
            .field("owner", &self.owner)
            .field("flows", &self.flows.keys().map(ToString::to_string).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Says what a [`Runner`] runs and how.
#[derive(Debug)]
#[must_use = "`build` makes the runner"]
pub struct RunnerBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    owner: String,
    grace: Duration,
    limits: HashMap<String, Limit>,
    flows: Vec<Flow>,
}

impl RunnerBuilder {
    /// Adds a flow.
    pub fn flow(mut self, flow: Flow) -> Self {
        self.flows.push(flow);
        self
    }

    /// Limits the calls to a system, over all flows: `COMPANY/SYSTEM` those of one company,
    /// `SYSTEM` those of all companies without a limit of their own. The name is the one that the
    /// adapters of the system give. A system without a limit takes any number of calls.
    pub fn limit(mut self, system: impl Into<String>, limit: Limit) -> Self {
        self.limits.insert(system.into(), limit);
        self
    }

    /// Names the runner in leases and in the audit. Default `runner`. It stays the same over
    /// restarts, and replicas on one store differ.
    pub fn owner(mut self, name: impl Into<String>) -> Self {
        self.owner = name.into();
        self
    }

    /// How long a stop waits for the documents in flight. Default 30 seconds. Those that take
    /// longer are cut, which is as safe as a crash.
    pub fn grace(mut self, longest: Duration) -> Self {
        self.grace = longest;
        self
    }

    /// Takes the time from another clock. Its sleeps must really wait (in whatever time it
    /// keeps), because they also bound the calls.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the flows. Nothing is started.
    ///
    /// # Errors
    /// When a flow cannot work as it is configured; the message names flow and setting.
    pub fn build(self) -> Result<Runner> {
        let mut flows = BTreeMap::new();
        for flow in self.flows {
            flow.check()?;
            let id = flow.id.clone();
            let state =
                FlowState { flow, wake: Notify::new(), outage: Mutex::new(Outage::default()) };
            if flows.insert(id.clone(), Arc::new(state)).is_some() {
                return Err(Error::config(format!("flow {id}: there are two of this name")));
            }
        }
        for (id, state) in &flows {
            let awaited = state.flow.awaits.as_ref().map(|awaits| &awaits.inbound);
            for other in awaited.into_iter().chain(&state.flow.answers) {
                if !flows.contains_key(&FlowId::new(id.company.as_str(), other.as_str())) {
                    return Err(Error::config(format!(
                        "flow {id}: the company has no flow `{other}`; add it to the runner"
                    )));
                }
            }
        }
        Ok(Runner(Arc::new(Inner {
            gates: Gates::new(&self.limits, &self.clock),
            store: self.store,
            clock: self.clock,
            owner: self.owner,
            grace: self.grace,
            flows,
            settled: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        })))
    }
}

impl Runner {
    /// A runner that remembers in `store`.
    pub fn builder(store: impl Store + 'static) -> RunnerBuilder {
        RunnerBuilder {
            store: Arc::new(store),
            clock: Arc::new(SystemClock),
            owner: "runner".to_owned(),
            grace: Duration::from_secs(30),
            limits: HashMap::new(),
            flows: Vec::new(),
        }
    }

    /// The store, for lists of what is parked and for the audit.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    /// The entrance for the events of a flow that [receives](crate::NamedFlow::receive).
    ///
    /// # Errors
    /// When there is no such flow, or it polls.
    pub fn inlet(&self, company: &str, flow: &str) -> Result<Inlet> {
        let state = self.0.state(&FlowId::new(company, flow))?;
        if !state.flow.receives {
            return Err(Error::config(format!(
                "flow {}: it polls; only flows that receive have an inlet",
                state.flow.id,
            )));
        }
        Ok(Inlet::new(self.clone(), state.clone()))
    }

    /// Does what a person decided about a document, and gets it going.
    ///
    /// # Errors
    /// When the document is not known, or in a state in which this makes no sense.
    pub async fn intervene(&self, key: &Key, what: Intervention, by: &str) -> Result<Job> {
        let job = self.0.store.intervene(key, what, by, self.0.now()).await?;
        if let Some(state) = self.0.flows.get(&key.flow) {
            state.wake.notify_one();
        }
        Ok(job)
    }

    /// The names of the flows.
    pub fn flows(&self) -> impl Iterator<Item = &FlowId> {
        self.0.flows.keys()
    }

    /// Whether a flow receives events; `false` if it polls, or if there is none of this name.
    #[must_use]
    pub fn receives(&self, flow: &FlowId) -> bool {
        self.0.flows.get(flow).is_some_and(|state| state.flow.source.is_none())
    }

    /// What a poll would find and the target would get. Nothing is sent, nothing is kept.
    ///
    /// # Errors
    /// When the flow is not known, does not poll, or its source cannot be read.
    pub async fn dry_run(
        &self,
        flow: &FlowId,
    ) -> Result<Vec<(Document, Result<RawJson, Failure>)>> {
        poll::dry_run(&self.0, self.0.state(flow)?).await
    }
}

impl Inner {
    /// The time as stores keep it.
    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.utc();
        DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
    }

    fn state(&self, flow: &FlowId) -> Result<&Arc<FlowState>> {
        self.flows.get(flow).ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("the runner has no flow {flow}; it has {}", self.flow_names()),
            )
        })
    }

    fn flow_names(&self) -> String {
        let names: Vec<_> = self.flows.keys().map(ToString::to_string).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// A call to a system with an upper limit to its duration. An adapter that panics has not
    /// said what it did, like one that does not answer.
    async fn bounded<T>(
        &self,
        timeout: Duration,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            outcome = AssertUnwindSafe(call).catch_unwind() => outcome.unwrap_or_else(|_| {
                Err(Failure::unknown("an adapter panicked; the output says where"))
            }),
            () = self.clock.sleep(timeout) => {
                Err(Failure::unknown(format!("no answer within {timeout:?}")))
            }
        }
    }
}

impl FlowState {
    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when nothing is sent because the system was down.
    fn paused_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.outage().until.filter(|until| *until > now)
    }

    /// Notes that the system is down, and says how long to leave it alone.
    fn went_down(&self, now: DateTime<Utc>, hint: Option<Duration>) -> Duration {
        let mut outage = self.outage();
        // Calls that were under way at the same time are one outage, not many.
        if outage.until.is_none_or(|until| until <= now) {
            outage.failures = outage.failures.saturating_add(1);
        }
        let wait = self.backoff(outage.failures).max(hint.unwrap_or_default());
        outage.until = Some(outage.until.unwrap_or(now).max(later(now, wait)));
        wait
    }

    /// Notes a failure that may be an outage. Whether it is one: nothing succeeded since the last.
    fn seems_down_again(&self) -> bool {
        let mut outage = self.outage();
        let again = outage.failures > 0;
        outage.failures = outage.failures.max(1);
        again
    }

    fn is_up(&self) {
        *self.outage() = Outage::default();
    }

    /// The wait after so many failures in a row.
    fn backoff(&self, failures: u32) -> Duration {
        let (first, longest) = self.flow.settings.backoff;
        first.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(longest)
    }

    /// How long a step may keep a document: the longest call and time to write it down.
    fn lease(&self) -> Duration {
        self.flow.settings.timeout.saturating_add(Duration::from_secs(60))
    }
}

/// `now` plus `wait`, at the end of time if it is further away.
fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
