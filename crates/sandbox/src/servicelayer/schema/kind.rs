//! What values a property takes.

use std::sync::Arc;

use crate::servicelayer::json::Json;
use crate::servicelayer::literal;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Text,
    Int,
    Decimal,
    Date,
    Time,
    Enum(Arc<Enumeration>),
    /// A structure nobody described in detail.
    Structure,
    /// Rows of this type; an empty name: rows nobody described.
    Collection(String),
}

/// Members with their value in the database, where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enumeration {
    pub(crate) name: String,
    pub(crate) members: Vec<(String, Option<String>)>,
}

impl Enumeration {
    /// The member named so, or with this value in the database.
    pub(crate) fn member(&self, text: &str) -> Option<&str> {
        self.members
            .iter()
            .find(|(name, _)| name == text)
            .or_else(|| self.members.iter().find(|(_, value)| value.as_deref() == Some(text)))
            .map(|(name, _)| name.as_str())
    }

    /// The member's value in the database; its name where there is none.
    pub(crate) fn value<'a>(&'a self, member: &'a str) -> &'a str {
        self.members
            .iter()
            .find(|(name, _)| name == member)
            .and_then(|(_, value)| value.as_deref())
            .unwrap_or(member)
    }
}

impl Kind {
    /// Whether values can be compared, in filters and for the order.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::Structure | Self::Collection(_))
    }

    /// The form in which a value is stored: numbers as numbers, dates `YYYY-MM-DD`, times
    /// `HH:MM:SS`, enumerations by member name. The error says what was expected.
    pub(crate) fn scalar(&self, value: Json) -> Result<Json, String> {
        if value.is_null() {
            return Ok(value);
        }
        let expected = |what: &str| Err(format!("expected {what}, found {}", value.shape()));
        match self {
            Self::Text => match value {
                Json::Text(_) => Ok(value),
                _ => expected("a text"),
            },
            Self::Int => match number(&value).and_then(|text| text.parse::<i32>().ok()) {
                Some(number) => Ok(number.into()),
                None => expected("a whole number of 32 bits"),
            },
            Self::Decimal => match number(&value) {
                Some(text) => Ok(Json::Number(text.to_owned())),
                None => expected("a number"),
            },
            Self::Date => match value.as_text().and_then(literal::date) {
                Some(date) => Ok(date.format("%Y-%m-%d").to_string().into()),
                None => expected("a date such as \"2014-04-23\""),
            },
            Self::Time => match value.as_text().and_then(literal::time) {
                Some(time) => Ok(time.format("%H:%M:%S").to_string().into()),
                None => expected("a time such as \"18:38:00\""),
            },
            Self::Enum(members) => {
                let text = match &value {
                    Json::Text(text) | Json::Number(text) => text.as_str(),
                    _ => "",
                };
                match members.member(text) {
                    Some(member) => Ok(member.into()),
                    None => expected(&format!("a member of {}", members.name)),
                }
            }
            Self::Structure | Self::Collection(_) => expected("no scalar"),
        }
    }
}

/// The digits of a number, which may come as text: SAP's own samples send `"BaseEntry":"12861"`.
fn number(value: &Json) -> Option<&str> {
    match value {
        Json::Number(text) => Some(text),
        Json::Text(text) => {
            let text = text.trim();
            matches!(Json::parse(text), Ok(Json::Number(_))).then_some(text)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yes_no() -> Kind {
        let member = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let members = vec![member("tNO", "N"), member("tYES", "Y")];
        Kind::Enum(Arc::new(Enumeration { name: "BoYesNoEnum".to_owned(), members }))
    }

    #[test]
    fn values_take_their_stored_form() {
        for (kind, given, stored) in [
            (Kind::Int, r#""12861""#, "12861"),
            (Kind::Decimal, "55.10", "55.10"),
            (Kind::Decimal, r#""0.3""#, "0.3"),
            (Kind::Date, r#""20170604""#, r#""2017-06-04""#),
            (Kind::Time, r#""1838""#, r#""18:38:00""#),
            (yes_no(), r#""Y""#, r#""tYES""#),
            (yes_no(), r#""tNO""#, r#""tNO""#),
            (yes_no(), "null", "null"),
        ] {
            let value = kind.scalar(Json::parse(given).unwrap()).unwrap();
            assert_eq!(value.to_string(), stored);
        }
    }

    #[test]
    fn wrong_values_are_described() {
        let error = yes_no().scalar(Json::Bool(true)).unwrap_err();
        assert_eq!(error, "expected a member of BoYesNoEnum, found true");
        assert!(Kind::Int.scalar(Json::Number("1.5".to_owned())).is_err());
        assert!(Kind::Int.scalar(Json::Number("2147483648".to_owned())).is_err());
        assert!(Kind::Date.scalar("soon".into()).is_err());
    }
}
