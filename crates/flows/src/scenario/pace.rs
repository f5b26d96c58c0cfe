use std::time::Duration;

use erplink_sync::Flow;
use serde::Deserialize;

use crate::config::shape::{Key, Shape, default};

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
    /// Minutes after which the platform is asked for a decision that has not come.
    pub reconcile_minutes: u64,
}

/// For flows that read a source page by page.
pub(crate) const POLL: &[Key] = &[
    CYCLE,
    default("page_size", Shape::Integer(1, 100), "20", "Documents a page."),
    MAX_DOCS,
    SETTLE,
];

pub(super) const CYCLE: Key = default(
    "cycle_minutes",
    Shape::Integer(1, 1440),
    "1",
    "Minutes between two looks at the source.",
);

pub(super) const MAX_DOCS: Key = default(
    "max_docs_per_run",
    Shape::Integer(1, 100_000),
    "200",
    "A look ends after so many documents with something to do.",
);

pub(super) const SETTLE: Key = default(
    "settle_seconds",
    Shape::Integer(0, 3600),
    "30",
    "After so many seconds a lost create must be visible in the target.",
);

/// For all flows.
pub(crate) const WORK: &[Key] = &[
    default(
        "max_attempts",
        Shape::Integer(1, 100),
        "5",
        "A document that failed so often is parked.",
    ),
    default("concurrency", Shape::Integer(1, 64), "4", "Documents worked on at the same time."),
    default(
        "retry_seconds",
        Shape::Integer(1, 3600),
        "60",
        "The wait after the first failure; it doubles up to an hour.",
    ),
];

/// For flows that wait for a decision.
pub(crate) const RECONCILE: &[Key] = &[default(
    "reconcile_minutes",
    Shape::Integer(1, 10_080),
    "30",
    "Minutes after which the platform is asked for a decision that has not come.",
)];

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
    /// The flow with these numbers.
    #[must_use]
    pub fn apply(&self, flow: Flow) -> Flow {
        let retry = Duration::from_secs(self.retry_seconds);
        flow.every(minutes(self.cycle_minutes))
            .max_per_run(self.max_docs_per_run)
            .max_attempts(self.max_attempts)
            .concurrency(self.concurrency)
            .backoff(retry, retry.max(Duration::from_secs(3600)))
            .settle(Duration::from_secs(self.settle_seconds))
    }

    /// How often the platform is asked for a decision that has not come.
    #[must_use]
    pub fn reconcile(&self) -> Duration {
        minutes(self.reconcile_minutes)
    }
}

pub(super) fn minutes(number: u64) -> Duration {
    Duration::from_secs(number.saturating_mul(60))
}
