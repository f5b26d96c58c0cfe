//! Calls per second, and calls at the same time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// A token bucket: `capacity` at once, then one more every `refill`.
#[derive(Clone)]
pub struct Bucket {
    clock: Arc<dyn Clock>,
    capacity: u32,
    refill: Duration,
    /// When the bucket would be full again: a single instant says how much is left.
    full_at: Arc<Mutex<Instant>>,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("capacity", &self.capacity)
            .field("refill", &self.refill)
            .finish_non_exhaustive()
    }
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, capacity: u32, refill: Duration) -> Self {
        let full_at = Arc::new(Mutex::new(clock.now()));
        Self { clock, capacity: capacity.max(1), refill, full_at }
    }

    /// Takes one if there is one now.
    #[must_use]
    pub fn try_take(&self) -> bool {
        let mut full_at = self.lock();
        let now = self.clock.now();
        let next = (*full_at).max(now) + self.refill;
        let free = next <= now + self.refill * self.capacity;
        if free {
            *full_at = next;
        }
        free
    }

    /// Takes one, waiting in line until there is one.
    pub async fn take(&self) {
        let wait = {
            let mut full_at = self.lock();
            let now = self.clock.now();
            *full_at = (*full_at).max(now) + self.refill;
            full_at.saturating_duration_since(now + self.refill * self.capacity)
        };
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// Lets nobody through for `pause`, because the platform asked for it.
    pub fn pause(&self, pause: Duration) {
        let mut full_at = self.lock();
        let until = self.clock.now() + pause + self.refill * self.capacity.saturating_sub(1);
        *full_at = (*full_at).max(until);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One [`Bucket`] for each name, such as each endpoint of a platform that limits them apart.
#[derive(Clone)]
pub struct RateLimiter {
    clock: Arc<dyn Clock>,
    capacity: u32,
    refill: Duration,
    buckets: Arc<Mutex<HashMap<&'static str, Bucket>>>,
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("capacity", &self.capacity)
            .field("refill", &self.refill)
            .finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// At most `per_second` calls a second for each name.
    #[must_use]
    pub fn per_second(clock: Arc<dyn Clock>, per_second: u32) -> Self {
        let per_second = per_second.max(1);
        Self {
            clock,
            capacity: per_second,
            refill: Duration::from_secs(1) / per_second,
            buckets: Arc::default(),
        }
    }

    /// The bucket of `name`.
    #[must_use]
    pub fn of(&self, name: &'static str) -> Bucket {
        self.buckets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(name)
            .or_insert_with(|| Bucket::new(self.clock.clone(), self.capacity, self.refill))
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn lets_the_burst_through_and_then_one_at_a_time() {
        let clock = ManualClock::default();
        let limiter = RateLimiter::per_second(Arc::new(clock.clone()), 4);
        for _ in 0..4 {
            limiter.of("a").take().await;
        }
        assert!(clock.slept().is_empty());
        limiter.of("a").take().await;
        assert_eq!(clock.slept(), [Duration::from_millis(250)]);
        limiter.of("b").take().await;
        assert_eq!(clock.slept().len(), 1, "each name has its own bucket");
    }

    #[test]
    fn a_pause_stops_everybody() {
        let clock = ManualClock::default();
        let bucket = Bucket::new(Arc::new(clock.clone()), 2, Duration::from_millis(100));
        bucket.pause(Duration::from_secs(1));
        assert!(!bucket.try_take());
        clock.advance(Duration::from_millis(999));
        assert!(!bucket.try_take());
        clock.advance(Duration::from_millis(1));
        assert!(bucket.try_take());
    }
}
