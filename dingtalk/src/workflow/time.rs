//! Times in every spelling the platform uses.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Utc};
use serde::{Deserialize, Deserializer};

use crate::lenient::Scalar;

/// A time as the platform wrote it, and what it means.
///
/// The documented form has minute precision and no seconds (`2022-08-31T11:52Z`); seconds, offsets,
/// epoch milliseconds and Beijing time without a zone occur too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    text: String,
    at: Option<DateTime<FixedOffset>>,
}

impl Time {
    /// Reads a text; text that is not a time keeps no meaning.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let at = parse(text.trim());
        Self { text, at }
    }

    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The moment, with the offset of the text; `None` for a text that is not a known form.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<FixedOffset>> {
        self.at
    }

    /// The moment in UTC.
    #[must_use]
    pub fn utc(&self) -> Option<DateTime<Utc>> {
        self.at.map(|at| at.with_timezone(&Utc))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn parse(text: &str) -> Option<DateTime<FixedOffset>> {
    if let Ok(millis) = text.parse::<i64>() {
        return DateTime::from_timestamp_millis(millis).map(|at| at.fixed_offset());
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    for format in ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%.f%z"] {
        // chrono's %z does not take the letter Z.
        let numeric = text.strip_suffix('Z').map(|rest| format!("{rest}+0000"));
        if let Ok(at) = DateTime::parse_from_str(numeric.as_deref().unwrap_or(text), format) {
            return Some(at);
        }
    }
    let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    FixedOffset::east_opt(8 * 3600)?.from_local_datetime(&local).single()
}

/// Reads a time that may be missing.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    Ok(Scalar::deserialize(deserializer)?.into_text().map(Time::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_and_keeps_the_text() {
        for (text, expected) in [
            ("2022-08-31T11:52Z", "2022-08-31T11:52:00+00:00"),
            ("2022-08-31T11:52:07Z", "2022-08-31T11:52:07+00:00"),
            ("2022-08-31T19:52+08:00", "2022-08-31T19:52:00+08:00"),
            ("2022-08-31T19:52:07+08:00", "2022-08-31T19:52:07+08:00"),
            ("2022-08-31T19:52:07+0800", "2022-08-31T19:52:07+08:00"),
            ("1661946727000", "2022-08-31T11:52:07+00:00"),
            ("2020-12-21 15:30:26", "2020-12-21T15:30:26+08:00"),
            ("2020-12-21 15:30", "2020-12-21T15:30:00+08:00"),
        ] {
            let time = Time::new(text);
            assert_eq!(time.at().unwrap().to_rfc3339(), expected, "{text}");
            assert_eq!(time.as_str(), text);
        }
        let odd = Time::new("soon");
        assert_eq!((odd.at(), odd.as_str()), (None, "soon"));
    }
}
