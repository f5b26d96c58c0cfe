//! A world with one source, one target and one flag, in which every call and every write can go
//! wrong in every way, and the process can die at every step.

#![allow(dead_code, unreachable_pub)] // each test file uses a part of it

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use erplink_core::RawJson;
use erplink_core::clock::{Clock, Sleep};
use erplink_sync::audit::{AuditEntry, AuditFilter};
use erplink_sync::ports::*;
use erplink_sync::rules::Progress;
use erplink_sync::store::{Batch, Claim, JobFilter};
use erplink_sync::*;
use tokio::sync::Notify;

pub const COMPANY: &str = "SBODEMOCN";
pub const FLOW: &str = "requests";

/// The clock of a test with paused time: it moves when everybody waits.
#[derive(Clone, Debug)]
pub struct VirtualClock(tokio::time::Instant);

impl VirtualClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(tokio::time::Instant::now()))
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn utc(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_704_067_200, 0).unwrap() + self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// What goes wrong at one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    DieBefore,
    DieAfter,
    /// An honest "no".
    Refuse,
    /// The answer is lost, and nothing happened.
    LoseBefore,
    /// The answer is lost, and it happened.
    LoseAfter,
    /// Never answers, and it happened.
    Hang,
    Outage,
    Panic,
}

pub const FAULTS: [Fault; 8] = [
    Fault::DieBefore,
    Fault::DieAfter,
    Fault::Refuse,
    Fault::LoseBefore,
    Fault::LoseAfter,
    Fault::Hang,
    Fault::Outage,
    Fault::Panic,
];

#[derive(Clone, Default)]
pub struct World {
    pub state: Arc<Mutex<Scene>>,
    death: Arc<Notify>,
}

#[derive(Default)]
pub struct Scene {
    pub documents: BTreeMap<String, String>,
    pub marked: BTreeSet<String>,
    /// What the target made: reference and id, in order. A second one of a reference is a defect.
    pub forms: Vec<(String, String)>,
    pub plan: HashMap<usize, Fault>,
    pub steps: usize,
    pub dead: bool,
    pub trace: Vec<String>,
    pub in_flight: usize,
    pub most_in_flight: usize,
}

impl World {
    pub fn with(documents: &[&str]) -> Self {
        let world = Self::default();
        for id in documents {
            world.lock().documents.insert((*id).to_owned(), format!("{{\"id\":\"{id}\"}}"));
        }
        world
    }

    pub fn planned(self, plan: impl IntoIterator<Item = (usize, Fault)>) -> Self {
        self.lock().plan = plan.into_iter().collect();
        self
    }

    pub fn lock(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn forms_of(&self, reference: &str) -> usize {
        self.lock().forms.iter().filter(|(name, _)| name == reference).count()
    }

    /// Counts a step and says what goes wrong at it.
    fn step(&self, what: &str) -> Option<Fault> {
        let mut state = self.lock();
        let number = state.steps;
        state.steps += 1;
        let fault = state.plan.get(&number).copied();
        state.trace.push(format!("{number} {what} {fault:?}"));
        fault
    }

    /// The process is no more: nothing after this line happens.
    async fn die(&self) -> ! {
        self.lock().dead = true;
        self.death.notify_one();
        std::future::pending().await
    }

    async fn call<T>(
        &self,
        what: &str,
        effect: impl FnOnce(&mut Scene) -> T,
    ) -> Result<T, Failure> {
        if self.lock().dead {
            self.die().await;
        }
        {
            let mut state = self.lock();
            state.in_flight += 1;
            state.most_in_flight = state.most_in_flight.max(state.in_flight);
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.lock().in_flight -= 1;
        match self.step(what) {
            None => Ok(effect(&mut self.lock())),
            Some(Fault::DieBefore) => self.die().await,
            Some(Fault::DieAfter) => {
                effect(&mut self.lock());
                self.die().await
            }
            Some(Fault::Refuse) => Err(Failure::refused("-1116 locked")),
            Some(Fault::LoseBefore) => Err(Failure::unknown("connection reset")),
            Some(Fault::LoseAfter) => {
                effect(&mut self.lock());
                Err(Failure::unknown("connection reset"))
            }
            Some(Fault::Hang) => {
                effect(&mut self.lock());
                std::future::pending().await
            }
            Some(Fault::Outage) => Err(Failure::outage("no route to host")),
            Some(Fault::Panic) => panic!("planned"),
        }
    }

    /// Lives until the process dies or has nothing more to do.
    pub async fn live<T>(&self, life: impl Future<Output = T>) -> Option<T> {
        self.lock().dead = false;
        tokio::select! {
            biased;
            () = self.death.notified() => None,
            ended = life => Some(ended),
        }
    }

    pub fn runner(
        &self,
        store: impl Store + 'static,
        clock: Arc<VirtualClock>,
        knob: Knobs,
    ) -> Runner {
        let flow = Flow::new(COMPANY, FLOW)
            .poll(Drafts(self.clone()))
            .push(Forms { world: self.clone(), knob })
            .mark(Flag(self.clone()))
            .concurrency(knob.concurrency);
        Runner::builder(Mortal { store: Arc::new(store), world: self.clone() })
            .clock(clock)
            .flow(flow)
            .build()
            .unwrap()
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Knobs {
    pub look_up: bool,
    pub repeatable: bool,
    pub concurrency: usize,
}

impl Default for Knobs {
    fn default() -> Self {
        Self { look_up: true, repeatable: false, concurrency: 4 }
    }
}

pub struct Drafts(pub World);

#[async_trait]
impl Source for Drafts {
    fn system(&self) -> &str {
        "b1"
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        self.0
            .call("page", |state| {
                let unmarked = state.documents.iter().filter(|(id, _)| !state.marked.contains(*id));
                let from = request.cursor.unwrap_or_default();
                let mut rest = unmarked.filter(|(id, _)| **id > from);
                let documents: Vec<_> = rest
                    .by_ref()
                    .take(3)
                    .map(|(id, text)| Document::new(id, RawJson::parse(text.as_str()).unwrap()))
                    .collect();
                let last = documents.last().map(|document| document.id.clone());
                let next = rest.next().and(last);
                SourcePage { documents, next, checkpoint: None }
            })
            .await
    }
}

pub struct Forms {
    pub world: World,
    pub knob: Knobs,
}

#[async_trait]
impl Target for Forms {
    fn system(&self) -> &str {
        "oa"
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let reference = document.reference();
        let upsert = self.knob.repeatable;
        let create = |state: &mut Scene| {
            let known = state.forms.iter().find(|(name, _)| *name == reference);
            if let Some((_, id)) = known.filter(|_| upsert) {
                return Pushed::new(id);
            }
            let id = format!("R-{}", state.forms.len() + 1);
            state.forms.push((reference.clone(), id.clone()));
            Pushed::new(id)
        };
        self.world.call("push", create).await
    }

    fn is_repeatable(&self) -> bool {
        self.knob.repeatable
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        if !self.knob.look_up {
            return Ok(Found::CannotTell("no look-up".into()));
        }
        let reference = document.reference();
        self.world
            .call("find", |state| {
                let form = state.forms.iter().find(|(name, _)| *name == reference);
                form.map_or(Found::No, |(_, id)| Found::Yes(Pushed::new(id)))
            })
            .await
    }
}

pub struct Flag(pub World);

#[async_trait]
impl Marker for Flag {
    fn system(&self) -> &str {
        "b1"
    }

    async fn mark(&self, delivered: &Delivered) -> Result<Marked, Failure> {
        let id = delivered.document.key.document.clone();
        self.0.call("mark", |state| state.marked.insert(id)).await.map(|_| Marked::Yes)
    }
}

/// A store whose process can die, and whose answers can be lost, at every write.
#[derive(Clone)]
pub struct Mortal {
    pub store: Arc<dyn Store>,
    pub world: World,
}

impl std::fmt::Debug for Mortal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.store.fmt(f)
    }
}

impl Mortal {
    async fn write<T>(
        &self,
        what: &str,
        write: impl Future<Output = erplink_sync::Result<T>>,
    ) -> erplink_sync::Result<T> {
        if self.world.lock().dead {
            self.world.die().await;
        }
        let full = || Err(Error::new(ErrorKind::Store, "disk full"));
        match self.world.step(what) {
            None => write.await,
            Some(Fault::DieBefore | Fault::Hang | Fault::Panic) => self.world.die().await,
            Some(Fault::DieAfter) => {
                write.await.ok();
                self.world.die().await
            }
            Some(Fault::Refuse | Fault::LoseBefore | Fault::Outage) => full(),
            Some(Fault::LoseAfter) => {
                write.await.ok();
                full()
            }
        }
    }
}

#[async_trait]
impl Store for Mortal {
    async fn enqueue(&self, batch: Batch, now: DateTime<Utc>) -> Result<Vec<Admission>> {
        self.write("enqueue", self.store.enqueue(batch, now)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        self.write("claim", self.store.claim(claim)).await
    }

    async fn record(
        &self,
        key: &Key,
        lease: &Lease,
        progress: Progress,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        self.write("record", self.store.record(key, lease, progress, now)).await
    }

    async fn intervene(
        &self,
        key: &Key,
        what: Intervention,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        self.store.intervene(key, what, by, now).await
    }

    async fn get(&self, key: &Key) -> Result<Option<Job>> {
        self.store.get(key).await
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>> {
        self.store.list(filter).await
    }

    async fn summary(&self, flow: &FlowId) -> Result<Summary> {
        self.store.summary(flow).await
    }

    async fn next_due(&self, flow: &FlowId) -> Result<Option<DateTime<Utc>>> {
        self.store.next_due(flow).await
    }

    async fn checkpoint(&self, flow: &FlowId) -> Result<Option<String>> {
        self.store.checkpoint(flow).await
    }

    async fn hold(
        &self,
        name: &str,
        owner: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool> {
        self.store.hold(name, owner, now, until).await
    }

    async fn release(&self, name: &str, owner: &str) -> Result<()> {
        self.store.release(name, owner).await
    }

    async fn unanswered(
        &self,
        flow: &FlowId,
        now: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Job>> {
        self.store.unanswered(flow, now, limit).await
    }

    async fn set_awaiting(&self, key: &Key, next: Option<DateTime<Utc>>) -> Result<()> {
        self.store.set_awaiting(key, next).await
    }

    async fn answered(&self, flow: &FlowId, target_id: &str) -> Result<usize> {
        self.store.answered(flow, target_id).await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
        self.store.audit(filter).await
    }
}
