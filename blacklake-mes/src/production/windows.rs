//! Intervals in windows of an hour at most: the platform refuses longer ones.

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::{Error, Result};

const LONGEST_MS: i64 = 3_600_000;

/// A part of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

/// The interval in windows, earliest first.
///
/// Whether the ends of a window belong to it is not documented, so a window begins a millisecond
/// before the last one ends: what stands on the edge comes once at least.
pub(crate) fn windows(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<impl Iterator<Item = Window> + Send + 'static> {
    if to < from {
        return Err(Error::invalid(format!("the interval ends ({to}) before it begins ({from})")));
    }
    let longest = TimeDelta::milliseconds(LONGEST_MS);
    let overlap = TimeDelta::milliseconds(1);
    let mut next = Some(from);
    Ok(std::iter::from_fn(move || {
        let start = next?;
        let end = start.checked_add_signed(longest).unwrap_or(to).min(to);
        next = (end < to).then(|| end - overlap);
        Some(Window { start, end })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap()
    }

    proptest! {
        #[test]
        fn every_moment_is_inside_a_window(from in 0_i64..10_000_000, length in 0_i64..40_000_000) {
            let windows: Vec<Window> = windows(at(from), at(from + length)).unwrap().collect();
            prop_assert_eq!(windows[0].start, at(from));
            prop_assert_eq!(windows[windows.len() - 1].end, at(from + length));
            for window in &windows {
                let ms = (window.end - window.start).num_milliseconds();
                prop_assert!((0..=LONGEST_MS).contains(&ms), "{} ms", ms);
            }
            for pair in windows.windows(2) {
                prop_assert!(pair[1].start < pair[0].end);
            }
        }
    }

    #[test]
    fn an_interval_that_ends_before_it_begins_is_refused() {
        assert!(windows(at(1), at(0)).is_err());
    }
}
