//! Calls per second, and calls at the same time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// A pause the platform asks for is never taken for longer than this: a clock can be added to it.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// A token bucket: `capacity` at once, then one more every `refill`.
#[derive(Clone)]
pub struct Bucket {
    clock: Arc<dyn Clock>,
    capacity: u32,
    refill: Duration,
    line: Arc<Mutex<Line>>,
}

struct Line {
    /// When the bucket would be full again: a single instant says how much is left.
    full_at: Instant,
    paused_until: Instant,
    /// Counts pauses: places taken before one are void, who holds one lines up again.
    pauses: u64,
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
        let now = clock.now();
        let line = Arc::new(Mutex::new(Line { full_at: now, paused_until: now, pauses: 0 }));
        Self { clock, capacity: capacity.max(1), refill, line }
    }

    /// Takes one if there is one now.
    #[must_use]
    pub fn try_take(&self) -> bool {
        let mut line = self.line();
        let now = self.clock.now();
        let next = line.full_at.max(now) + self.refill;
        let free = next <= now + self.refill * self.capacity;
        if free {
            line.full_at = next;
        }
        free
    }

    /// Takes one, waiting in line until there is one. Who stops waiting gives the place back.
    pub async fn take(&self) {
        loop {
            let (wait, pauses) = self.line_up();
            if wait.is_zero() {
                return;
            }
            let place = Place { bucket: self, pauses };
            self.clock.sleep(wait).await;
            std::mem::forget(place);
            if self.line().pauses == pauses {
                return;
            }
        }
    }

    /// Lets nobody through for `pause` (a day at most), because the platform asked for it: neither
    /// who comes later nor who waits in line already.
    pub fn pause(&self, pause: Duration) {
        let mut line = self.line();
        let until = self.clock.now() + pause.min(LONGEST_PAUSE);
        line.paused_until = line.paused_until.max(until);
        // Afterwards one at once, and then one more every `refill`.
        line.full_at = line.paused_until + self.refill * self.capacity.saturating_sub(1);
        line.pauses += 1;
    }

    /// Takes the next place; answers how long it has to wait, and the pauses before it.
    fn line_up(&self) -> (Duration, u64) {
        let mut line = self.line();
        let now = self.clock.now();
        line.full_at = line.full_at.max(now) + self.refill;
        let wait = line.full_at.saturating_duration_since(now + self.refill * self.capacity);
        (wait, line.pauses)
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in line; dropped with its caller, it goes to somebody else.
struct Place<'a> {
    bucket: &'a Bucket,
    pauses: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut line = self.bucket.line();
        if line.pauses == self.pauses {
            line.full_at = line.full_at.checked_sub(self.bucket.refill).unwrap_or(line.full_at);
        }
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

    /// At most `per_minute` calls in any minute for each name: a second's worth at once, the rest
    /// evenly.
    #[must_use]
    pub fn per_minute(clock: Arc<dyn Clock>, per_minute: u32) -> Self {
        let burst = (per_minute / 60).max(1);
        let rest = per_minute.saturating_sub(burst).max(1);
        let refill = Duration::from_secs(60) / rest;
        Self { clock, capacity: burst, refill, buckets: Arc::default() }
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
    async fn lets_no_minute_hold_more_than_its_calls() {
        for per_minute in [1_u32, 60, 600] {
            let clock = ManualClock::default();
            let limiter = RateLimiter::per_minute(Arc::new(clock.clone()), per_minute);
            let start = clock.now();
            for _ in 0..per_minute {
                limiter.of("a").take().await;
            }
            assert!(clock.now() - start < Duration::from_secs(61), "{per_minute}");
            limiter.of("a").take().await;
            assert!(clock.now() - start >= Duration::from_secs(60), "{per_minute}");
        }
    }

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

    #[tokio::test(start_paused = true)]
    async fn a_pause_voids_the_places_before_it() {
        let clock = Arc::new(crate::clock::SystemClock);
        let bucket = Bucket::new(clock.clone(), 1, Duration::from_millis(100));
        bucket.take().await;
        let start = clock.now();
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let (bucket, clock) = (bucket.clone(), clock.clone());
                tokio::spawn(async move {
                    bucket.take().await;
                    clock.now()
                })
            })
            .collect();
        tokio::task::yield_now().await;
        bucket.pause(Duration::from_secs(5));
        bucket.pause(Duration::from_secs(1));
        for (place, waiter) in (0..).zip(waiters) {
            let passed = waiter.await.unwrap() - start;
            let expected = Duration::from_secs(5) + Duration::from_millis(100) * place;
            assert!(passed >= expected, "{place}: {passed:?}");
            assert!(passed < expected + Duration::from_millis(10), "{place}: {passed:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_gives_the_place_back() {
        let clock = Arc::new(crate::clock::SystemClock);
        let bucket = Bucket::new(clock.clone(), 1, Duration::from_secs(1));
        bucket.take().await;
        for _ in 0..100 {
            let waiting = tokio::time::timeout(Duration::ZERO, bucket.take()).await;
            assert!(waiting.is_err());
        }
        let start = clock.now();
        bucket.take().await;
        assert!(clock.now() - start <= Duration::from_secs(1));
    }

    #[test]
    fn no_pause_is_too_long_to_add() {
        let clock = ManualClock::default();
        let bucket = Bucket::new(Arc::new(clock.clone()), 2, Duration::from_millis(100));
        bucket.pause(Duration::MAX);
        clock.advance(LONGEST_PAUSE);
        assert!(bucket.try_take());
    }
}
