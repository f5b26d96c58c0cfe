use std::time::Duration;

use erplink_sync::Flow;
use serde::Deserialize;

/// The numbers that all scenarios share.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Pace {
    /// Minutes between two looks at the source.
    pub cycle_minutes: u64,
    /// Documents a page.
    pub page_size: u32,
    /// A look ends after the page with which so many documents have something to do.
    pub max_docs_per_run: usize,
    /// A document that failed so often is parked.
    pub max_attempts: u32,
    /// Documents worked on at the same time.
    pub concurrency: usize,
    /// The wait after the first failure; it doubles up to an hour.
    pub retry_seconds: u64,
    /// After so many seconds a lost create must be visible in the target.
    pub settle_seconds: u64,
    /// Minutes after which DingTalk is asked for a decision that has not come.
    pub reconcile_minutes: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            cycle_minutes: 1,
            page_size: 20,
            max_docs_per_run: 200,
            max_attempts: 5,
            concurrency: 4,
            retry_seconds: 60,
            settle_seconds: 30,
            reconcile_minutes: 30,
        }
    }
}

impl Pace {
    pub(super) fn apply(&self, flow: Flow) -> Flow {
        let retry = Duration::from_secs(self.retry_seconds);
        flow.every(minutes(self.cycle_minutes))
            .max_per_run(self.max_docs_per_run)
            .max_attempts(self.max_attempts)
            .concurrency(self.concurrency)
            .backoff(retry, retry.max(Duration::from_secs(3600)))
            .settle(Duration::from_secs(self.settle_seconds))
    }

    pub(super) fn reconcile(&self) -> Duration {
        minutes(self.reconcile_minutes)
    }
}

fn minutes(number: u64) -> Duration {
    Duration::from_secs(number.saturating_mul(60))
}
