//! Quotas: calls a second and a day, and the largest page.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// Quotas of the app (配额管理). The platform publishes no numbers; these are generous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls a second, on the simulated clock: 200.
    pub per_second: u32,
    /// Calls a day of UTC: 1,000,000.
    pub per_day: u32,
    /// A call over the quota gets HTTP 429 with `Retry-After`, not HTTP 200 with code 429.
    pub http_429: bool,
    /// Largest `size` of a page: 1000.
    pub page_size: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { per_second: 200, per_day: 1_000_000, http_429: false, page_size: 1000 }
    }
}

/// A quota is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded;

/// Counts the calls of the app.
#[derive(Debug)]
pub(super) struct Meter {
    second: DateTime<Utc>,
    in_second: u32,
    day: i64,
    in_day: u32,
}

impl Default for Meter {
    fn default() -> Self {
        Meter { second: DateTime::UNIX_EPOCH, in_second: 0, day: 0, in_day: 0 }
    }
}

impl Meter {
    /// Counts a call, or says that a quota forbids it. A refused call is not counted.
    pub(super) fn admit(&mut self, limits: &Limits, now: DateTime<Utc>) -> Result<(), Exceeded> {
        if now - self.second >= TimeDelta::seconds(1) {
            (self.second, self.in_second) = (now, 0);
        }
        let today = now.timestamp().div_euclid(86_400);
        if today != self.day {
            (self.day, self.in_day) = (today, 0);
        }
        if self.in_second >= limits.per_second || self.in_day >= limits.per_day {
            return Err(Exceeded);
        }
        self.in_second = self.in_second.saturating_add(1);
        self.in_day = self.in_day.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_days_are_counted() {
        let limits = Limits { per_second: 2, per_day: 3, ..Limits::default() };
        let (mut meter, now) = (Meter::default(), DateTime::UNIX_EPOCH + TimeDelta::days(9));
        assert_eq!(meter.admit(&limits, now), Ok(()));
        assert_eq!(meter.admit(&limits, now), Ok(()));
        assert_eq!(meter.admit(&limits, now), Err(Exceeded));
        let later = now + TimeDelta::seconds(1);
        assert_eq!(meter.admit(&limits, later), Ok(()));
        assert_eq!(meter.admit(&limits, later), Err(Exceeded), "the day is used up");
        assert_eq!(meter.admit(&limits, later + TimeDelta::days(1)), Ok(()));
    }
}
