//! What the ids and dates of every simulated system are made of.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

/// The time on a clock in Beijing, the zone of every date a person sees.
pub(crate) fn beijing(time: DateTime<Utc>) -> NaiveDateTime {
    const OFFSET: TimeDelta = TimeDelta::hours(8);
    time.naive_utc().checked_add_signed(OFFSET).unwrap_or(NaiveDateTime::MAX)
}

/// SplitMix64: neighbouring counters give words that share no digits.
pub(crate) fn scramble(counter: u64) -> u64 {
    let mut word = counter.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
