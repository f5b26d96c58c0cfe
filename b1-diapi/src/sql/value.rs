//! Values as literals of SAP HANA.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime};
use erplink_core::Decimal;

/// A value for a parameter of [`Sql`](super::Sql).
///
/// Made from texts, whole numbers, [`Decimal`]s, dates and times, from an `Option` of them
/// (`NULL`), and from lists of them, for `IN (:codes)`. Binary fractions (`f64`) are not taken:
/// they are not exact.
///
/// ```
/// use b1_diapi::{Sql, SqlValue};
///
/// let sql = Sql::new(r#"SELECT :column FROM OITM WHERE "ItemCode" IN (:codes)"#)
///     .bind("column", SqlValue::identifier("OnHand"))
///     .bind("codes", ["A001", "O'Neil"]);
/// assert_eq!(sql.text()?, r#"SELECT "OnHand" FROM OITM WHERE "ItemCode" IN ('A001', 'O''Neil')"#);
/// # Ok::<(), b1_diapi::SqlError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SqlValue(pub(super) Literal);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Literal {
    Null,
    Text(String),
    Number(Decimal),
    Date(NaiveDate),
    Time(NaiveTime),
    DateTime(NaiveDateTime),
    Identifier(String),
    List(Vec<SqlValue>),
}

/// The kind of value without the value: it may be anything that a person entered.
impl std::fmt::Debug for SqlValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.0 {
            Literal::Null => "NULL",
            Literal::Text(_) => "text",
            Literal::Number(_) => "number",
            Literal::Date(_) => "date",
            Literal::Time(_) => "time",
            Literal::DateTime(_) => "date and time",
            Literal::Identifier(_) => "identifier",
            Literal::List(_) => "list",
        })
    }
}

impl SqlValue {
    /// `NULL`. No comparison with it is ever true: ask `IS NULL` instead.
    #[must_use]
    pub const fn null() -> Self {
        Self(Literal::Null)
    }

    /// The name of a column or table, in double quotes: `"ItemCode"`. Its case counts.
    pub fn identifier(name: impl Into<String>) -> Self {
        Self(Literal::Identifier(name.into()))
    }

    /// Appends the literal.
    pub(super) fn write(&self, sql: &mut String) -> Result<(), &'static str> {
        match &self.0 {
            Literal::Null => sql.push_str("NULL"),
            Literal::Text(text) => quote(sql, text, '\'')?,
            // Never with an exponent.
            Literal::Number(number) => sql.push_str(&number.to_string()),
            Literal::Date(date) => quote(sql, &day(*date)?, '\'')?,
            // The type TIME has no fractions of a second.
            Literal::Time(time) => quote(sql, &time.format("%H:%M:%S").to_string(), '\'')?,
            Literal::DateTime(at) => {
                let mut text = day(at.date())?;
                let _ = write!(text, "{}", at.format(" %H:%M:%S%.f"));
                quote(sql, &text, '\'')?;
            }
            Literal::Identifier(name) if name.is_empty() => return Err("a name is empty"),
            Literal::Identifier(name) => quote(sql, name, '"')?,
            Literal::List(values) => {
                if values.is_empty() {
                    return Err("the list is empty, and IN () is no SQL");
                }
                for (index, value) in values.iter().enumerate() {
                    if matches!(value.0, Literal::List(_)) {
                        return Err("a list within a list");
                    }
                    if index > 0 {
                        sql.push_str(", ");
                    }
                    value.write(sql)?;
                }
            }
        }
        Ok(())
    }
}

/// The database knows no escape but the doubled quote.
fn quote(sql: &mut String, text: &str, quote: char) -> Result<(), &'static str> {
    if text.contains('\0') {
        return Err("it has a NUL character in it");
    }
    sql.push(quote);
    for c in text.chars() {
        if c == quote {
            sql.push(quote);
        }
        sql.push(c);
    }
    sql.push(quote);
    Ok(())
}

fn day(date: NaiveDate) -> Result<String, &'static str> {
    match date.year() {
        1..=9999 => Ok(date.format("%Y-%m-%d").to_string()),
        _ => Err("the year is not between 1 and 9999"),
    }
}

macro_rules! value_from {
    ($($source:ty => |$value:ident| $literal:expr;)*) => {$(
        impl From<$source> for SqlValue {
            fn from($value: $source) -> Self {
                Self($literal)
            }
        }
    )*};
}

value_from! {
    &str => |text| Literal::Text(text.to_owned());
    String => |text| Literal::Text(text);
    &String => |text| Literal::Text(text.clone());
    i32 => |number| Literal::Number(number.into());
    i64 => |number| Literal::Number(number.into());
    u32 => |number| Literal::Number(number.into());
    u64 => |number| Literal::Number(number.into());
    Decimal => |number| Literal::Number(number);
    NaiveDate => |date| Literal::Date(date);
    NaiveTime => |time| Literal::Time(time);
    NaiveDateTime => |at| Literal::DateTime(at);
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::null(), Into::into)
    }
}

impl<T: Into<SqlValue>> From<Vec<T>> for SqlValue {
    fn from(values: Vec<T>) -> Self {
        Self(Literal::List(values.into_iter().map(Into::into).collect()))
    }
}

impl<T: Into<SqlValue>, const N: usize> From<[T; N]> for SqlValue {
    fn from(values: [T; N]) -> Self {
        Self(Literal::List(values.into_iter().map(Into::into).collect()))
    }
}

impl<T: Clone + Into<SqlValue>> From<&[T]> for SqlValue {
    fn from(values: &[T]) -> Self {
        Self(Literal::List(values.iter().cloned().map(Into::into).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(value: impl Into<SqlValue>) -> Result<String, &'static str> {
        let mut sql = String::new();
        value.into().write(&mut sql).map(|()| sql)
    }

    #[test]
    fn every_type_has_its_literal() {
        let date = NaiveDate::from_ymd_opt(2023, 10, 20).unwrap();
        let at = date.and_hms_milli_opt(6, 37, 35, 773).unwrap();
        for (found, expected) in [
            (literal("O'Neil \\ '' 螺栓"), "'O''Neil \\ '''' 螺栓'"),
            (literal(""), "''"),
            (literal(-7), "-7"),
            (literal(u64::MAX), "18446744073709551615"),
            (literal("12.50".parse::<Decimal>().unwrap()), "12.50"),
            (literal(Decimal::new(1, 10)), "0.0000000001"),
            (literal(date), "'2023-10-20'"),
            (literal(at), "'2023-10-20 06:37:35.773'"),
            (literal(at.time()), "'06:37:35'"),
            (literal(None::<i64>), "NULL"),
            (literal(SqlValue::identifier("a\"b")), "\"a\"\"b\""),
            (literal(vec![1, 2]), "1, 2"),
        ] {
            assert_eq!(found.as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_has_no_literal_is_refused() {
        let late = NaiveDate::from_ymd_opt(12_345, 1, 1).unwrap();
        assert!(literal("a\0b").unwrap_err().contains("NUL"));
        assert!(literal(SqlValue::identifier("a\0b")).unwrap_err().contains("NUL"));
        assert!(literal(SqlValue::identifier("")).unwrap_err().contains("empty"));
        assert!(literal(Vec::<i32>::new()).unwrap_err().contains("empty"));
        assert!(literal(vec![vec![1]]).unwrap_err().contains("list"));
        assert!(literal(late).unwrap_err().contains("year"));
    }
}
