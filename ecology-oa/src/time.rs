//! Dates and times of the platform: China time, without a zone.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Offset, Utc};

/// The clock of a server in China, or as configured.
pub(crate) fn local(at: DateTime<Utc>, offset: FixedOffset) -> NaiveDateTime {
    at.with_timezone(&offset).naive_local()
}

/// China time (UTC+8, no summer time).
pub(crate) fn china() -> FixedOffset {
    offset(480).unwrap_or_else(|| Utc.fix())
}

/// Minutes between UTC and a clock; `None` beyond a day.
pub(crate) fn offset(minutes: i32) -> Option<FixedOffset> {
    FixedOffset::east_opt(minutes.checked_mul(60)?)
}

/// `yyyy-MM-dd`, as forms and conditions want a date.
pub(crate) fn date(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}
