//! Call limits: calls of one API a minute and an hour, wrong secrets, wrong lookups.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

/// Limits of the corp. A window that is used up blocks for as long as the window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls of each approval API a minute: 600.
    pub approval_per_minute: u32,
    /// Calls of each other API a minute: 10,000.
    pub per_minute: u32,
    /// Calls of each API an hour: 150,000.
    pub per_hour: u32,
    /// Wrong secrets an hour before `gettoken` is closed to the address: about 2,000.
    pub wrong_secrets_per_hour: u32,
    /// Lookups of unknown mobile numbers and mail addresses a day before those calls are closed.
    /// The platform allows a fifth of the head count; 200 fits a company of a thousand.
    pub wrong_lookups_per_day: u32,
    /// Most forms a `getapprovalinfo` window may hold before it is refused with 301112. `None`: any
    /// number; where the platform draws the line is not documented.
    pub forms_in_window: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            approval_per_minute: 600,
            per_minute: 10_000,
            per_hour: 150_000,
            wrong_secrets_per_hour: 2000,
            wrong_lookups_per_day: 200,
            forms_in_window: None,
        }
    }
}

/// A limit was met: 45009.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded;

const MINUTE: TimeDelta = TimeDelta::minutes(1);
const HOUR: TimeDelta = TimeDelta::hours(1);
const DAY: TimeDelta = TimeDelta::days(1);

/// Counts what happens in windows of fixed length.
#[derive(Debug)]
struct Window {
    length: TimeDelta,
    started: DateTime<Utc>,
    count: u32,
    blocked_until: DateTime<Utc>,
}

impl Window {
    fn new(length: TimeDelta) -> Self {
        let never = DateTime::UNIX_EPOCH;
        Window { length, started: never, count: 0, blocked_until: never }
    }

    fn is_blocked(&self, now: DateTime<Utc>) -> bool {
        now < self.blocked_until
    }

    /// Counts one more, unless there are as many as allowed: that blocks for the window's length.
    fn count(&mut self, most: u32, now: DateTime<Utc>) -> Result<(), Exceeded> {
        if self.is_blocked(now) {
            return Err(Exceeded);
        }
        if now - self.started >= self.length {
            self.started = now;
            self.count = 0;
        }
        if self.count >= most {
            self.blocked_until = now + self.length;
            return Err(Exceeded);
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }
}

/// Counts the calls of the corp.
#[derive(Debug)]
pub(super) struct Meter {
    apis: BTreeMap<&'static str, (Window, Window)>,
    wrong_secrets: Window,
    wrong_lookups: Window,
}

impl Default for Meter {
    fn default() -> Self {
        Meter {
            apis: BTreeMap::new(),
            wrong_secrets: Window::new(HOUR),
            wrong_lookups: Window::new(DAY),
        }
    }
}

impl Meter {
    /// Counts a call of `api`, or says that a limit forbids it. A refused call is not counted.
    pub(super) fn admit(
        &mut self,
        api: &'static str,
        most_per_minute: u32,
        limits: &Limits,
        now: DateTime<Utc>,
    ) -> Result<(), Exceeded> {
        let fresh = || (Window::new(MINUTE), Window::new(HOUR));
        let (minute, hour) = self.apis.entry(api).or_insert_with(fresh);
        if hour.is_blocked(now) {
            return Err(Exceeded);
        }
        minute.count(most_per_minute, now)?;
        hour.count(limits.per_hour, now)
    }

    /// Whether `gettoken` is still open.
    pub(super) fn admit_login(&self, now: DateTime<Utc>) -> Result<(), Exceeded> {
        if self.wrong_secrets.is_blocked(now) { Err(Exceeded) } else { Ok(()) }
    }

    pub(super) fn wrong_secret(&mut self, limits: &Limits, now: DateTime<Utc>) {
        // The one over the limit closes the door for those that follow.
        let _closes = self.wrong_secrets.count(limits.wrong_secrets_per_hour, now);
    }

    /// Whether members can still be looked up.
    pub(super) fn admit_lookup(&self, now: DateTime<Utc>) -> Result<(), Exceeded> {
        if self.wrong_lookups.is_blocked(now) { Err(Exceeded) } else { Ok(()) }
    }

    pub(super) fn wrong_lookup(&mut self, limits: &Limits, now: DateTime<Utc>) {
        let _closes = self.wrong_lookups.count(limits.wrong_lookups_per_day, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_751_335_200, 0).unwrap()
    }

    #[test]
    fn a_full_minute_blocks_one_api_for_a_minute() {
        let (mut meter, limits, now) = (Meter::default(), Limits::default(), start());
        assert_eq!(meter.admit("a", 2, &limits, now), Ok(()));
        assert_eq!(meter.admit("a", 2, &limits, now), Ok(()));
        let later = now + TimeDelta::seconds(50);
        assert_eq!(meter.admit("a", 2, &limits, later), Err(Exceeded));
        assert_eq!(meter.admit("b", 2, &limits, later), Ok(()));
        assert_eq!(meter.admit("a", 2, &limits, later + TimeDelta::seconds(59)), Err(Exceeded));
        assert_eq!(meter.admit("a", 2, &limits, later + MINUTE), Ok(()));
    }

    #[test]
    fn a_full_hour_blocks_for_an_hour() {
        let limits = Limits { per_hour: 3, ..Limits::default() };
        let (mut meter, now) = (Meter::default(), start());
        for minute in 0..3 {
            assert_eq!(meter.admit("a", 9, &limits, now + MINUTE * minute), Ok(()));
        }
        let full = now + MINUTE * 3;
        assert_eq!(meter.admit("a", 9, &limits, full), Err(Exceeded));
        assert_eq!(meter.admit("a", 9, &limits, full + TimeDelta::minutes(59)), Err(Exceeded));
        assert_eq!(meter.admit("a", 9, &limits, full + HOUR), Ok(()));
    }

    #[test]
    fn wrong_secrets_close_the_door() {
        let limits = Limits { wrong_secrets_per_hour: 1, ..Limits::default() };
        let (mut meter, now) = (Meter::default(), start());
        meter.wrong_secret(&limits, now);
        assert_eq!(meter.admit_login(now), Ok(()));
        meter.wrong_secret(&limits, now);
        assert_eq!(meter.admit_login(now), Err(Exceeded));
        assert_eq!(meter.admit_login(now + HOUR), Ok(()));
    }
}
