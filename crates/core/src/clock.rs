//! Time that a test can hold.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// A sleep in progress.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where a client takes the time from. Inject [`ManualClock`] in tests.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Monotonic time, for expiry and deadlines.
    fn now(&self) -> Instant;

    /// Calendar time, for what is shared with other processes.
    fn utc(&self) -> DateTime<Utc>;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// One clock shared by several clients.
impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn utc(&self) -> DateTime<Utc> {
        (**self).utc()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        (**self).sleep(duration)
    }
}

/// The machine's clock, with the timer of tokio.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // tokio's clock, so that a test with paused time holds ours as well.
        tokio::time::Instant::now().into_std()
    }

    fn utc(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock that stands still until it is told to move; sleeping moves it at once.
///
/// ```
/// use erplink_core::clock::{Clock, ManualClock};
/// use std::time::Duration;
///
/// let clock = ManualClock::default();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now() - before, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    start: Instant,
    start_utc: DateTime<Utc>,
    state: Arc<Mutex<Elapsed>>,
}

#[derive(Debug, Default)]
struct Elapsed {
    elapsed: Duration,
    slept: Vec<Duration>,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            start_utc: DateTime::<Utc>::UNIX_EPOCH,
            state: Arc::default(),
        }
    }
}

impl ManualClock {
    /// Moves the clock.
    pub fn advance(&self, duration: Duration) {
        self.with(|state| state.elapsed += duration);
    }

    /// Every sleep so far, in order.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.with(|state| state.slept.clone())
    }

    fn with<T>(&self, f: impl FnOnce(&mut Elapsed) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start + self.with(|state| state.elapsed)
    }

    fn utc(&self) -> DateTime<Utc> {
        self.start_utc + self.with(|state| state.elapsed)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Box::pin(async move {
            clock.with(|state| {
                state.elapsed += duration;
                state.slept.push(duration);
            });
        })
    }
}
