use std::time::{Duration, Instant};

use b1_servicelayer::Clock;
use chrono::{DateTime, Utc};

/// The clock of the sandbox as the clients see it: who waits moves the time of all.
#[derive(Clone, Debug)]
pub struct SharedClock {
    clock: erplink_sandbox::Clock,
    start: Instant,
    start_utc: DateTime<Utc>,
}

impl SharedClock {
    pub(crate) fn new(clock: erplink_sandbox::Clock) -> Self {
        Self { start: Instant::now(), start_utc: clock.now(), clock }
    }

    /// Moves the time of the sandbox and of its clients.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

impl Clock for SharedClock {
    fn now(&self) -> Instant {
        let elapsed = self.clock.now().signed_duration_since(self.start_utc);
        self.start + elapsed.to_std().unwrap_or_default()
    }

    fn utc(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        self.clock.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
