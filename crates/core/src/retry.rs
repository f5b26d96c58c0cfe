//! Which failures are repeated, how often, and after which wait.
//!
//! | failure | `Safe`, `Idempotent`, `Keyed` | `NotIdempotent` |
//! |---|---|---|
//! | never sent (no connection) | repeated | repeated |
//! | refused unprocessed (429, throttle codes) | repeated | repeated |
//! | answer lost (timeout, broken connection, 5xx) | repeated | **not** repeated, reported |
//! | refused by the platform | not repeated | not repeated |
//!
//! A rejected session or token is no retry: it is renewed once and the call made once more
//! (see [`token`](crate::token)).

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tracing::{Instrument, debug, warn};

use crate::clock::{Clock, SystemClock};
use crate::error::{ApiDetail, Effect, Error, ErrorKind};

/// Whether a call may be made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// Reads only.
    Safe,
    /// Writes, and a second time changes nothing: an update with plain values, a delete.
    Idempotent,
    /// Writes under a key of the caller's that the server checks: a second time is refused.
    Keyed,
    /// Writes, and a second time does it twice: a create, an appended line, an action.
    NotIdempotent,
}

impl Idempotency {
    /// Whether the call may be repeated after its answer was lost.
    #[must_use]
    pub const fn is_repeatable(self) -> bool {
        !matches!(self, Self::NotIdempotent)
    }
}

/// How waits are spread so that many clients do not come back at the same moment.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Jitter {
    /// Any wait between zero and the full backoff.
    #[default]
    Full,
    /// Exactly the backoff.
    None,
    /// [`Jitter::Full`] from a known start, for reproducible tests.
    Seeded(u64),
}

/// How often and how patiently failed calls are repeated.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    cap: Duration,
    deadline: Duration,
    jitter: Jitter,
}

impl Default for RetryPolicy {
    /// Three attempts, 200 ms doubling up to 5 s, full jitter, 5 minutes in total.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(5),
            deadline: Duration::from_secs(300),
            jitter: Jitter::Full,
        }
    }
}

impl RetryPolicy {
    /// One attempt only.
    #[must_use]
    pub fn never() -> Self {
        Self::default().max_attempts(1)
    }

    /// Attempts in all, the first included; at least one.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The first backoff and its upper limit; it doubles in between.
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        (self.base, self.cap) = (base, cap);
        self
    }

    /// No attempt starts later than this after the first.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How waits are spread.
    #[must_use]
    pub fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// The wait after `attempt` (1 is the first), before jitter.
    fn ceiling(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// A shared allowance for retries, so that an outage does not multiply the load.
///
/// Every retry takes from it and every success gives back; when it is empty, calls fail with
/// their first error.
#[derive(Debug)]
struct Quota(AtomicI64);

impl Quota {
    const CAPACITY: i64 = 500;
    const TRANSIENT: i64 = 14;
    const THROTTLED: i64 = 5;

    fn take(&self, cost: i64) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left >= cost).then_some(left - cost)
            })
            .is_ok()
    }

    fn give(&self, amount: i64) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            (left < Self::CAPACITY).then(|| (left + amount).min(Self::CAPACITY))
        });
    }
}

/// One logical call: what it is named in errors and logs, and whether it may be repeated.
#[derive(Clone, Debug)]
pub struct Call {
    /// Such as `PATCH Drafts(16)`. Must not hold secrets.
    pub operation: Cow<'static, str>,
    /// Whether it may be made twice.
    pub idempotency: Idempotency,
}

impl Call {
    /// Names a call.
    pub fn new(operation: impl Into<Cow<'static, str>>, idempotency: Idempotency) -> Self {
        Self { operation: operation.into(), idempotency }
    }
}

/// Runs calls under a [`RetryPolicy`]. Clones share the retry quota.
#[derive(Clone)]
pub struct Retry {
    system: &'static str,
    policy: RetryPolicy,
    clock: Arc<dyn Clock>,
    quota: Arc<Quota>,
    random: Arc<Random>,
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("system", &self.system).field("policy", &self.policy).finish()
    }
}

impl Retry {
    /// `system` names the platform in logs.
    #[must_use]
    pub fn new(system: &'static str, policy: RetryPolicy) -> Self {
        Self::with_clock(system, policy, Arc::new(SystemClock))
    }

    /// [`Retry::new`] with a clock of the caller's.
    #[must_use]
    pub fn with_clock(system: &'static str, policy: RetryPolicy, clock: Arc<dyn Clock>) -> Self {
        let seed = match policy.jitter {
            Jitter::Seeded(seed) => seed,
            Jitter::Full | Jitter::None => RandomState::new().hash_one(system),
        };
        Self {
            system,
            policy,
            clock,
            quota: Arc::new(Quota(AtomicI64::new(Quota::CAPACITY))),
            random: Arc::new(Random(AtomicU64::new(seed))),
        }
    }

    /// Makes the call, again where the table of this module allows it.
    ///
    /// `attempt` makes one attempt; its argument counts from 1.
    ///
    /// # Errors
    /// The last attempt's error, with the name of the call.
    pub async fn run<'a, T, A: ApiDetail>(
        &self,
        call: &Call,
        attempt: impl Fn(u32) -> BoxFuture<'a, Result<T, Error<A>>>,
    ) -> Result<T, Error<A>> {
        let span = tracing::debug_span!(
            "call",
            system = self.system,
            operation = %call.operation,
            idempotency = ?call.idempotency,
        );
        let attempts = self.attempts(call, attempt);
        if span.is_disabled() { attempts.await } else { attempts.instrument(span).await }
    }

    async fn attempts<'a, T, A: ApiDetail>(
        &self,
        call: &Call,
        attempt: impl Fn(u32) -> BoxFuture<'a, Result<T, Error<A>>>,
    ) -> Result<T, Error<A>> {
        let started = self.clock.now();
        let mut paid = 1;
        let mut count = 1;
        let mut doubt = false;
        loop {
            let error = match attempt(count).await {
                Ok(value) => {
                    self.quota.give(paid);
                    debug!(attempts = count, "done");
                    return Ok(value);
                }
                Err(error) => error.in_call(call.operation.clone(), call.idempotency, count),
            };
            // What this attempt says of itself does not undo an earlier one whose answer was lost.
            doubt |= error.effect() == Effect::Unknown;
            let error = if doubt { error.with_effect(Effect::Unknown) } else { error };
            let wait = self.wait(&error, count);
            // Not added to the clock: a server may ask for more than a clock holds.
            let spent = self.clock.now().saturating_duration_since(started);
            let over = spent.saturating_add(wait) > self.policy.deadline;
            if !error.is_retryable() || count >= self.policy.max_attempts || over {
                debug!(attempts = count, kind = ?error.kind(), "failed");
                return Err(error);
            }
            paid = match error.kind() {
                ErrorKind::RateLimited => Quota::THROTTLED,
                _ => Quota::TRANSIENT,
            };
            if !self.quota.take(paid) {
                warn!(attempts = count, "not repeated: the retry quota is used up");
                return Err(error);
            }
            warn!(
                attempt = count,
                kind = ?error.kind(),
                sent = error.effect() != Effect::NotSent,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "repeating after a failure: {error}",
            );
            self.clock.sleep(wait).await;
            count += 1;
        }
    }

    /// The server's hint wins over our own backoff.
    fn wait<A>(&self, error: &Error<A>, attempt: u32) -> Duration {
        let ceiling = self.policy.ceiling(attempt);
        let own = match self.policy.jitter {
            Jitter::None => ceiling,
            Jitter::Full | Jitter::Seeded(_) => ceiling.mul_f64(self.random.fraction()),
        };
        error.retry_after().map_or(own, |hint| hint.max(own))
    }
}

/// A splitmix64 sequence: jitter needs spread, not secrecy.
#[derive(Debug)]
struct Random(AtomicU64);

impl Random {
    fn fraction(&self) -> f64 {
        let mut z = self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        f64::from(u32::try_from(z >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}
