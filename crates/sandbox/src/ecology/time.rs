//! China time (UTC+8), the zone of everything the server writes and reads.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

const OFFSET: TimeDelta = TimeDelta::hours(8);

/// The time on a clock in China.
pub(super) fn china(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc().checked_add_signed(OFFSET).unwrap_or(NaiveDateTime::MAX)
}

/// The moment at which a clock in China shows this.
pub(super) fn from_china(at: NaiveDateTime) -> DateTime<Utc> {
    at.checked_sub_signed(OFFSET).unwrap_or(NaiveDateTime::MIN).and_utc()
}

/// `2024-11-20`.
pub(super) fn date(at: DateTime<Utc>) -> String {
    china(at).format("%Y-%m-%d").to_string()
}

/// `14:51:13`.
pub(super) fn time(at: DateTime<Utc>) -> String {
    china(at).format("%H:%M:%S").to_string()
}

/// `2024-11-20 14:51:13`.
pub(super) fn date_time(at: DateTime<Utc>) -> String {
    china(at).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// `Wed, 20 Nov 2024 06:51:13 GMT`, for the header `Date`.
pub(super) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether a day lies in the period a date selector (`createdateselect` …) names: 0 all, 1 today,
/// 2 this week, 3 month, 4 quarter, 5 year, 6 from/to, 7 last month, 8 last year.
pub(super) fn in_period(
    selector: &str,
    (from, to): (&str, &str),
    day: NaiveDate,
    today: NaiveDate,
) -> bool {
    let quarter = |day: NaiveDate| (day.year(), day.month0() / 3);
    match selector {
        "1" => day == today,
        "2" => day.iso_week() == today.iso_week(),
        "3" => (day.year(), day.month()) == (today.year(), today.month()),
        "4" => quarter(day) == quarter(today),
        "5" => day.year() == today.year(),
        "6" => {
            let limit = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
            limit(from).is_none_or(|from| day >= from) && limit(to).is_none_or(|to| day <= to)
        }
        "7" => {
            let first = today.with_day(1).unwrap_or(today);
            let last = first.checked_sub_days(Days::new(1)).unwrap_or(first);
            (day.year(), day.month()) == (last.year(), last.month())
        }
        "8" => day.year() == today.year().saturating_sub(1),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn china_is_eight_hours_ahead() {
        let at = DateTime::from_timestamp(1_732_060_273, 0).unwrap();
        assert_eq!(date_time(at), "2024-11-20 07:51:13");
        assert_eq!(from_china(china(at)), at);
        assert_eq!(http_date(at), "Tue, 19 Nov 2024 23:51:13 GMT");
    }

    #[test]
    fn selectors_name_periods() {
        let day = |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap();
        let today = day("2024-01-03");
        let within = |selector, date| in_period(selector, ("2023-12-01", ""), day(date), today);
        assert!(within("1", "2024-01-03") && !within("1", "2024-01-02"));
        assert!(within("2", "2024-01-01") && !within("2", "2023-12-31"));
        assert!(within("4", "2024-03-31") && !within("4", "2023-12-31"));
        assert!(within("6", "2023-12-01") && !within("6", "2023-11-30"));
        assert!(within("7", "2023-12-31") && !within("7", "2024-01-01"));
        assert!(within("8", "2023-05-05") && !within("8", "2022-05-05"));
        assert!(within("0", "1999-05-05") && within("", "1999-05-05"));
    }
}
