//! The written forms of dates and times that the Service Layer understands.

use chrono::{NaiveDate, NaiveTime};

/// `2014-04-23`, `20140423`, either with a time of day behind it, which does not count.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let (day, time) = match text.split_once('T') {
        Some((day, time)) => (day, time.trim_end_matches('Z')),
        None if text.len() == 14 => text.split_at_checked(8)?,
        None => (text, ""),
    };
    if !time.is_empty() {
        clock_time(time)?;
    }
    NaiveDate::parse_from_str(day, "%Y-%m-%d")
        .ok()
        .filter(|_| day.len() == 10)
        .or_else(|| NaiveDate::parse_from_str(day, "%Y%m%d").ok().filter(|_| day.len() == 8))
}

/// `18:38:00`, `18:38`, `183800`, `1838`, or the time of an ISO date and time.
pub(crate) fn time(text: &str) -> Option<NaiveTime> {
    match text.split_once('T') {
        Some((day, time)) => {
            date(day)?;
            clock_time(time.trim_end_matches('Z'))
        }
        None => clock_time(text),
    }
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    let text = text.split_once('.').map_or(text, |(seconds, _)| seconds);
    let format = match (text.len(), text.contains(':')) {
        (8, true) => "%H:%M:%S",
        (5, true) => "%H:%M",
        (6, false) => "%H%M%S",
        (4, false) => "%H%M",
        _ => return None,
    };
    NaiveTime::parse_from_str(text, format).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_date_is_the_same_day() {
        let day = NaiveDate::from_ymd_opt(2014, 4, 23);
        for text in [
            "2014-04-23",
            "20140423",
            "2014-04-23T12:21:21",
            "2014-04-23T00:00:00Z",
            "20140423000000",
        ] {
            assert_eq!(date(text), day, "{text}");
        }
        for text in ["", "2014-4-3", "2014-13-01", "x", "2014-04-23T99:00:00", "中中中中中"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn every_documented_time_is_the_same_minute() {
        let minute = NaiveTime::from_hms_opt(18, 38, 0);
        for text in ["18:38:00", "18:38", "183800", "1838", "2014-04-23T18:38:00"] {
            assert_eq!(time(text), minute, "{text}");
        }
        for text in ["", "25:00", "18-38", "1", "中中"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
