//! Whole minutes of the ERP's clock, read once they are over.

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// Which minutes are over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Minutes {
    utc_offset: TimeDelta,
}

/// Minutes of one day, from the first to before the last: `UpdateDate` and `UpdateTime` are two
/// properties, and a condition over midnight would need both days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window {
    pub from: NaiveDateTime,
    pub to: NaiveDateTime,
}

impl Minutes {
    /// On a clock so many minutes ahead of UTC.
    pub(super) fn new(utc_offset: i32) -> Self {
        Self { utc_offset: TimeDelta::minutes(utc_offset.into()) }
    }

    /// The first window after `until`, a day's at most; the minute before the last one without it.
    /// `None`: nothing is over yet.
    pub(super) fn first(self, until: Option<NaiveDateTime>, now: DateTime<Utc>) -> Option<Window> {
        let minute = TimeDelta::minutes(1);
        let over = whole(now.naive_utc().checked_add_signed(self.utc_offset)?) - minute;
        let from = whole(until.unwrap_or(over - minute));
        let midnight = from.date().checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
        let to = over.min(midnight);
        (from < to).then_some(Window { from, to })
    }
}

fn whole(at: NaiveDateTime) -> NaiveDateTime {
    at.with_second(0).and_then(|at| at.with_nanosecond(0)).unwrap_or(at)
}

impl Window {
    /// In the server's syntax.
    pub(super) fn condition(&self) -> String {
        let Self { from, to } = self;
        let day = from.date();
        let mut condition = format!("UpdateDate eq '{day}'");
        if from.time() != NaiveTime::MIN {
            condition.push_str(&format!(" and UpdateTime ge '{}'", from.format("%H:%M")));
        }
        if to.date() == day {
            condition.push_str(&format!(" and UpdateTime lt '{}'", to.format("%H:%M")));
        }
        format!("({condition})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn windows_meet_and_none_crosses_midnight() {
        let minutes = Minutes::new(480);
        // 00:01:30 of the 21st in China.
        let now = at("2023-10-20T16:01:30").and_utc();
        let first = minutes.first(None, now).unwrap();
        assert_eq!(
            first.condition(),
            "(UpdateDate eq '2023-10-20' and UpdateTime ge '23:59')",
            "up to the end of the day"
        );
        assert_eq!(minutes.first(Some(first.to), now), None, "that minute is not over");
        let later = at("2023-10-20T16:03:59").and_utc();
        let next = minutes.first(Some(first.to), later).unwrap();
        assert_eq!(next.condition(), "(UpdateDate eq '2023-10-21' and UpdateTime lt '00:02')");
        // After a long stop: day by day.
        let mut until = at("2023-10-18T10:30:00");
        let mut conditions = Vec::new();
        while let Some(window) = minutes.first(Some(until), now) {
            assert_eq!(window.from, until);
            conditions.push(window.condition());
            until = window.to;
        }
        assert_eq!(
            conditions,
            [
                "(UpdateDate eq '2023-10-18' and UpdateTime ge '10:30')",
                "(UpdateDate eq '2023-10-19')",
                "(UpdateDate eq '2023-10-20')",
            ]
        );
    }
}
