//! Limits of the systems: calls at the same time, calls per second.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::clock::Clock;
use erplink_core::limit::Bucket;
use tokio::sync::{Semaphore, SemaphorePermit};

/// What a system can take, over all flows of a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    concurrent: usize,
    per_second: Option<u32>,
}

impl Limit {
    /// At most so many calls at the same time; at least one.
    #[must_use]
    pub fn concurrent(calls: usize) -> Self {
        Self { concurrent: calls.clamp(1, Semaphore::MAX_PERMITS), per_second: None }
    }

    /// At most so many calls a second as well.
    #[must_use]
    pub fn per_second(mut self, calls: u32) -> Self {
        self.per_second = Some(calls.max(1));
        self
    }
}

#[derive(Debug, Default)]
pub(super) struct Gates(HashMap<String, Gate>);

#[derive(Debug)]
struct Gate {
    places: Semaphore,
    rate: Option<Bucket>,
}

impl Gates {
    pub(super) fn new(limits: &HashMap<String, Limit>, clock: &Arc<dyn Clock>) -> Self {
        let gate = |limit: &Limit| Gate {
            places: Semaphore::new(limit.concurrent),
            rate: limit.per_second.map(|calls| {
                Bucket::new(clock.clone(), calls, Duration::from_secs(1) / calls.max(1))
            }),
        };
        Self(limits.iter().map(|(system, limit)| (system.clone(), gate(limit))).collect())
    }

    /// Waits until the system of a company can take a call; the place is given back with the
    /// permit. A system without a limit takes any number.
    pub(super) async fn enter(&self, company: &str, system: &str) -> Option<SemaphorePermit<'_>> {
        let own = self.0.get(&format!("{company}/{system}"));
        let gate = own.or_else(|| self.0.get(system))?;
        // The semaphore is never closed, so there is always a permit in the end.
        let permit = gate.places.acquire().await.ok();
        if let Some(rate) = &gate.rate {
            rate.take().await;
        }
        permit
    }
}
