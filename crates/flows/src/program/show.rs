use chrono::{DateTime, Utc};
use erplink_sync::store::JobFilter;
use erplink_sync::{FlowId, Job, Runner, SqliteStore, StateKind, Step, Store};

use super::Failure;
use super::intervene::flow_id;
use crate::config::Config;

/// What one flow has in the ledger.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    read: usize,
    sent: usize,
    skipped: usize,
    failed: usize,
    parked: usize,
    oldest: Option<DateTime<Utc>>,
}

impl Counts {
    fn add(&mut self, job: &Job) {
        let kind = job.state.kind();
        let done = kind == StateKind::Done;
        self.read += 1;
        self.sent += usize::from(job.step == Step::Sent);
        self.skipped += usize::from(done && job.step != Step::Sent);
        self.failed += usize::from(kind == StateKind::Retry);
        self.parked += usize::from(kind == StateKind::Parked);
        if !done && kind != StateKind::Parked {
            self.oldest = Some(self.oldest.unwrap_or(job.arrived_at).min(job.arrived_at));
        }
    }
}

pub(super) async fn status(config: &Config) -> Result<(), Failure> {
    let store = SqliteStore::open(&config.ledger).await?;
    println!(
        "{:<40} {:>8} {:>8} {:>8} {:>8} {:>8}  oldest waiting",
        "flow", "read", "sent", "skipped", "failed", "parked"
    );
    for flow in config.compose()?.flows {
        let mut troubled = Vec::new();
        let counts = count(&store, flow.id(), &mut troubled).await?;
        let Counts { read, sent, skipped, failed, parked, oldest } = counts;
        let oldest = oldest.map_or("-".to_owned(), |at| at.to_rfc3339());
        let flow = flow.id().to_string();
        println!("{flow:<40} {read:>8} {sent:>8} {skipped:>8} {failed:>8} {parked:>8}  {oldest}");
        for line in troubled {
            println!("  {line}");
        }
    }
    Ok(())
}

async fn count(
    store: &SqliteStore,
    flow: &FlowId,
    troubled: &mut Vec<String>,
) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut after = None;
    loop {
        let filter = JobFilter { flow: Some(flow.clone()), after, ..JobFilter::default() };
        let jobs = store.list(filter).await?;
        let Some(last) = jobs.last() else { return Ok(counts) };
        after = Some(last.sequence);
        for job in &jobs {
            counts.add(job);
            if let Some(reason) = job.state.reason() {
                let (kind, document) = (job.state.kind(), &job.key.document);
                troubled.push(format!("{kind} {document}: {reason}"));
            }
        }
    }
}

pub(super) async fn dry_run(runner: &Runner, flow: &str) -> Result<(), Failure> {
    for (document, mapped) in runner.dry_run(&flow_id(flow)?).await? {
        match mapped {
            Ok(content) => println!("{}: {}", document.id, content.as_str()),
            Err(failure) => println!("{}: cannot be sent: {failure}", document.id),
        }
    }
    Ok(())
}
