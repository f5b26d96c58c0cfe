//! Call limits: requests a second per app and API, and the organisation's monthly quota.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde::Deserialize;

/// Call limits of the organisation.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests a second per app and API; the platform's standard edition allows 20.
    pub per_second: u32,
    /// Workflow calls a month over the whole organisation; the standard edition has 5000.
    pub per_month: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { per_second: 20, per_month: 5000 }
    }
}

/// Which limit a call ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exceeded {
    PerSecond,
    PerMonth,
}

/// Counts the calls of one app.
#[derive(Debug, Default)]
pub(super) struct Meter {
    second: BTreeMap<&'static str, (i64, u32)>,
    month: ((i32, u32), u32),
}

impl Meter {
    /// Counts a call of `api`, or says which limit forbids it. A refused call is not counted.
    pub(super) fn admit(
        &mut self,
        limits: Limits,
        api: &'static str,
        has_quota: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Exceeded> {
        let this_month = (now.year(), now.month());
        let used_this_month = if self.month.0 == this_month { self.month.1 } else { 0 };
        if has_quota && used_this_month >= limits.per_month {
            return Err(Exceeded::PerMonth);
        }
        let second = self.second.entry(api).or_default();
        if second.0 != now.timestamp() {
            *second = (now.timestamp(), 0);
        }
        if second.1 >= limits.per_second {
            return Err(Exceeded::PerSecond);
        }
        second.1 = second.1.saturating_add(1);
        if has_quota {
            self.month = (this_month, used_this_month.saturating_add(1));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_limit_counts_each_api_and_opens_again() {
        let limits = Limits { per_second: 2, per_month: 100 };
        let mut meter = Meter::default();
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        assert_eq!(meter.admit(limits, "a", false, now), Ok(()));
        assert_eq!(meter.admit(limits, "a", false, now), Ok(()));
        assert_eq!(meter.admit(limits, "a", false, now), Err(Exceeded::PerSecond));
        assert_eq!(meter.admit(limits, "b", false, now), Ok(()));
        assert_eq!(meter.admit(limits, "a", false, now + chrono::TimeDelta::seconds(1)), Ok(()));
    }

    #[test]
    fn the_month_limit_counts_workflow_calls_only_and_ends_with_the_month() {
        let limits = Limits { per_second: 100, per_month: 1 };
        let mut meter = Meter::default();
        let november = DateTime::from_timestamp(1_732_069_860, 0).unwrap();
        assert_eq!(meter.admit(limits, "a", true, november), Ok(()));
        assert_eq!(meter.admit(limits, "b", true, november), Err(Exceeded::PerMonth));
        assert_eq!(meter.admit(limits, "contacts", false, november), Ok(()));
        assert_eq!(meter.admit(limits, "b", true, november + chrono::TimeDelta::days(20)), Ok(()));
    }
}
