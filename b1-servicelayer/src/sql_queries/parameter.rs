//! The values for the `:name`s of a stored query.

use chrono::NaiveDate;
use erplink_core::Decimal;

use crate::query::name_problem;
use crate::{Error, Result};

/// The value of a parameter of a stored SQL query: text, a number or a date.
///
/// Text is quoted and its quotes are doubled, so that it stays text whatever it holds. Numbers keep
/// their digits. Dates are sent as `'20231020'`, the form in which rows bring them back.
///
/// ```
/// use b1_servicelayer::SqlValue;
///
/// assert_eq!(SqlValue::from("O'Neil").as_str(), "'O''Neil'");
/// assert_eq!(SqlValue::from(16).as_str(), "16");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SqlValue(String);

impl SqlValue {
    /// The literal as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SqlValue {
    fn from(text: &str) -> Self {
        Self(format!("'{}'", text.replace('\'', "''")))
    }
}

impl From<String> for SqlValue {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<i32> for SqlValue {
    fn from(number: i32) -> Self {
        Self(number.to_string())
    }
}

impl From<i64> for SqlValue {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<Decimal> for SqlValue {
    fn from(number: Decimal) -> Self {
        Self(number.to_string())
    }
}

impl From<NaiveDate> for SqlValue {
    fn from(date: NaiveDate) -> Self {
        Self(format!("'{}'", date.format("%Y%m%d")))
    }
}

/// Names with their values, each name once.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(Vec<(String, SqlValue)>);

impl Parameters {
    pub(super) fn set(&mut self, name: String, value: SqlValue) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// The parameters, once they are known to be fit for sending.
    pub(super) fn checked(&self) -> Result<&[(String, SqlValue)]> {
        for (name, value) in &self.0 {
            if let Some(problem) = name_problem(name, false) {
                return Err(Error::invalid(format!("parameter: {problem}")));
            }
            if value.0.contains('\0') {
                let problem = format!("parameter {name}: text with a NUL character cannot be sent");
                return Err(Error::invalid(problem));
            }
        }
        Ok(&self.0)
    }

    /// `docTotal=10.1&code='A001'`
    pub(super) fn list(&self) -> Result<String> {
        let pairs = self.checked()?.iter().map(|(name, value)| format!("{name}={}", value.0));
        Ok(pairs.collect::<Vec<_>>().join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_literals() {
        let date = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap();
        let mut parameters = Parameters::default();
        for (name, value) in [
            ("a", SqlValue::from("x")),
            ("b", (-5).into()),
            ("c", Decimal::new(1010, 2).into()),
            ("d", date.into()),
            ("e", 1_470_000_113_000_i64.into()),
            ("a", String::from("A&B'C;--").into()),
        ] {
            parameters.set(name.to_owned(), value);
        }
        assert_eq!(
            parameters.list().unwrap(),
            "a='A&B''C;--'&b=-5&c=10.10&d='20231020'&e=1470000113000"
        );
    }

    #[test]
    fn what_cannot_be_a_parameter_is_named() {
        for (name, value, part) in [
            ("a=1&b", "x", "`a=1&b` is not a property"),
            ("", "x", "expected letters"),
            ("a", "x\0y", "parameter a"),
        ] {
            let mut parameters = Parameters::default();
            parameters.set(name.to_owned(), value.into());
            let error = parameters.list().unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
