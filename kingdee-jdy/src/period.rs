//! Accounting periods (会计期间).

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

/// A month of the books, such as 202603 (`yearPeriod`, 会计期间).
///
/// ```
/// use kingdee_jdy::Period;
///
/// let march: Period = "202603".parse()?;
/// assert_eq!(march, Period::of("2026-03-31".parse()?));
/// assert_eq!(march.to_string(), "202603");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period(u32);

/// Not a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPeriod(String);

impl fmt::Display for NoPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected a period such as 202603 (year and month), found `{}`", self.0)
    }
}

impl std::error::Error for NoPeriod {}

impl Period {
    /// The period of a day.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self(u32::try_from(day.year()).unwrap_or_default() * 100 + day.month())
    }

    /// Year and month in one number, such as 202603.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Period {
    type Error = NoPeriod;

    fn try_from(number: u32) -> Result<Self, NoPeriod> {
        let is_period = (190_001..=999_912).contains(&number) && (1..=12).contains(&(number % 100));
        if is_period { Ok(Self(number)) } else { Err(NoPeriod(number.to_string())) }
    }
}

impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let no = || NoPeriod(text.chars().take(40).collect());
        text.parse::<u32>()
            .map_err(|_| no())
            .and_then(|number| Self::try_from(number).or(Err(no())))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_from_one_to_twelve() {
        for text in ["202600", "202613", "2026", "", "2026-03", "99999999999", "20263"] {
            let error = text.parse::<Period>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
        assert_eq!("202612".parse::<Period>().unwrap().number(), 202_612);
    }
}
