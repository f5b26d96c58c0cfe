//! The simulated time all systems of a sandbox share.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// Real sleeps are cut into pieces of this length, so that no distance overflows a timer.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// Where the clock stops: dates keep four digits, and terms that start here fit the calendar.
const END: DateTime<Utc> = match DateTime::from_timestamp(253_370_764_800, 0) {
    Some(end) => end,
    None => DateTime::UNIX_EPOCH,
};

/// Real UTC time plus an offset that tests move forward. Clones share the offset.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: Arc<watch::Sender<TimeDelta>>,
}

impl Clock {
    /// A clock that shows real time until somebody advances it.
    #[must_use]
    pub fn new() -> Self {
        Self { offset: Arc::new(watch::Sender::new(TimeDelta::zero())) }
    }

    /// The simulated time, UTC.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let offset = *self.offset.borrow();
        Utc::now().checked_add_signed(offset).map_or(END, |now| now.min(END))
    }

    /// Moves the simulated time forward and wakes everybody who waits for a time now reached.
    ///
    /// The clock stops at the beginning of the year 9999.
    pub fn advance(&self, by: Duration) {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        self.offset.send_modify(|offset| {
            *offset = offset.checked_add(&by).unwrap_or(TimeDelta::MAX);
        });
    }

    /// Waits until the simulated time is `at`: because real time passed, or because of
    /// [`Clock::advance`].
    pub async fn sleep_until(&self, at: DateTime<Utc>) {
        let mut offset = self.offset.subscribe();
        loop {
            let Ok(left) = at.signed_duration_since(self.now()).to_std() else { return };
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(LONGEST_SLEEP)) => {}
                // The sender lives in `self`, so a change is the only way this ends.
                _ = offset.changed() => {}
            }
        }
    }

    /// Waits for a span of simulated time.
    pub async fn sleep(&self, span: Duration) {
        let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
        let at = self.now().checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.sleep_until(at).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_every_clone() {
        let clock = Clock::new();
        let clone = clock.clone();
        let before = clone.now();
        clock.advance(Duration::from_secs(3600));
        assert!(clone.now() - before >= TimeDelta::hours(1));
    }

    #[test]
    fn advancing_too_far_does_not_panic() {
        let clock = Clock::new();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now().to_rfc3339(), "9999-01-01T00:00:00+00:00");
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_clock_is_advanced() {
        let clock = Clock::new();
        let sleeper = clock.clone();
        let task = tokio::spawn(async move { sleeper.sleep(Duration::from_secs(86_400)).await });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(86_401));
        task.await.unwrap();
    }
}
