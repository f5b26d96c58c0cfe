//! The process under test: the flows of a configuration on a ledger file, with time that the
//! parent sets. It ends with its parent.

use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use erplink::config::Config;
use erplink::receive;
use erplink_core::clock::{Clock, Sleep, SystemClock};
use erplink_examples::Failure;
use erplink_sync::audit::{AuditEntry, AuditFilter};
use erplink_sync::rules::{Admission, Intervention, Progress};
use erplink_sync::store::{Batch, Claim, JobFilter};
use erplink_sync::{FlowId, Job, Key, Lease, Result, SqliteStore, Store, Summary};

use crate::control::LEDGER;
use crate::plan::{Side, Step};

/// The first argument of a child; then the configuration and where to stand still.
pub(crate) const FLAG: &str = "--child";

/// Says something to the parent.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    let told = writeln!(out, "{line}").and_then(|()| out.flush());
    if told.is_err() {
        std::process::exit(1);
    }
}

pub(crate) fn main(args: &[String]) -> ExitCode {
    let hold = match args {
        [_, _] => None,
        [_, _, side, nth, name] => Some((
            Step { name: name.clone(), nth: nth.parse().unwrap_or_default() },
            if side == "before" { Side::Before } else { Side::After },
        )),
        _ => return ExitCode::from(2),
    };
    // One thread: what stands still stands still altogether.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.unwrap().block_on(Box::pin(run(&args[1], hold))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(file: &str, hold: Option<(Step, Side)>) -> std::result::Result<(), Failure> {
    let (orders, mut rounds) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(std::io::Result::ok) {
            drop(orders.send(line));
        }
        std::process::exit(0);
    });
    let config = Config::read(file.as_ref())?;
    let store = Watched::new(SqliteStore::open(&config.ledger).await?, hold);
    let clock = SetClock::default();
    let (builder, receivers) = config.compose()?.runner(store);
    let runner = builder.clock(Arc::new(clock.clone())).build()?;
    let opened = receive::open(receivers, &runner)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    tell(&format!("ready http://{}", listener.local_addr()?));
    for connection in opened.connections {
        tokio::spawn(connection);
    }
    tokio::spawn(async move { axum::serve(listener, opened.routes).await });
    while let Some(order) = rounds.recv().await {
        clock.set(Duration::from_millis(order.parse()?));
        let report = runner.run_once().await.to_string();
        tell(&format!("done {}", report.replace('\n', " |")));
    }
    Ok(())
}

/// Real time, and what the parent adds to it.
#[derive(Clone, Debug, Default)]
struct SetClock(Arc<Mutex<Duration>>);

impl SetClock {
    fn set(&self, ahead: Duration) {
        *self.0.lock().unwrap() = ahead;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        SystemClock.now() + *self.0.lock().unwrap()
    }

    fn utc(&self) -> DateTime<Utc> {
        SystemClock.utc() + *self.0.lock().unwrap()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

/// A store that tells of every write, and stands still at one of them.
#[derive(Debug)]
struct Watched {
    store: SqliteStore,
    hold: Option<(Step, Side)>,
    counts: Mutex<std::collections::HashMap<String, u32>>,
}

impl Watched {
    fn new(store: SqliteStore, hold: Option<(Step, Side)>) -> Self {
        Self { store, hold, counts: Mutex::default() }
    }

    async fn write<T>(&self, name: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        let name = format!("{LEDGER} {name}");
        tell(&format!("step {name}"));
        let step = {
            let mut counts = self.counts.lock().unwrap();
            let nth = counts.entry(name.clone()).or_default();
            *nth += 1;
            Step { name, nth: *nth }
        };
        self.stand_still(&step, Side::Before);
        let outcome = work.await;
        self.stand_still(&step, Side::After);
        outcome
    }

    fn stand_still(&self, step: &Step, side: Side) {
        if self.hold.as_ref().is_some_and(|hold| hold.0 == *step && hold.1 == side) {
            tell("held");
            loop {
                std::thread::park();
            }
        }
    }
}

#[async_trait]
impl Store for Watched {
    async fn enqueue(&self, batch: Batch, now: DateTime<Utc>) -> Result<Vec<Admission>> {
        self.write("enqueue", self.store.enqueue(batch, now)).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Job>> {
        // Most claims find nothing; those are no steps.
        let jobs = self.store.claim(claim).await?;
        if jobs.is_empty() {
            return Ok(jobs);
        }
        self.write("claim", async { Ok(jobs) }).await
    }

    async fn record(
        &self,
        key: &Key,
        lease: &Lease,
        progress: Progress,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        let name = match &progress {
            Progress::Sending { .. } => "sending",
            Progress::Sent { .. } => "sent",
            Progress::Done { .. } => "done",
            Progress::Retry { .. } => "retry",
            Progress::Park { .. } => "park",
            Progress::Release => "release",
        };
        self.write(name, self.store.record(key, lease, progress, now)).await
    }

    async fn intervene(
        &self,
        key: &Key,
        intervention: Intervention,
        by: &str,
        now: DateTime<Utc>,
    ) -> Result<Job> {
        self.write("intervene", self.store.intervene(key, intervention, by, now)).await
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
        self.write("hold", self.store.hold(name, owner, now, until)).await
    }

    async fn release(&self, name: &str, owner: &str) -> Result<()> {
        self.write("release-hold", self.store.release(name, owner)).await
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
        self.write("awaiting", self.store.set_awaiting(key, next)).await
    }

    async fn answered(&self, flow: &FlowId, target_id: &str) -> Result<usize> {
        self.write("answered", self.store.answered(flow, target_id)).await
    }

    async fn audit(&self, filter: AuditFilter) -> Result<Vec<AuditEntry>> {
        self.store.audit(filter).await
    }
}
