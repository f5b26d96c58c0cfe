//! `$filter`, typed.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use erplink_core::RawJson;

use crate::edm::{Scalar, Write};
use crate::{Decimal, Error, Field, Result, Version};

/// A condition on the entities `E`: `$filter`.
///
/// Conditions come from [`Field`]s, so that a value of the wrong type does not compile, and are
/// joined with [`and`](Self::and), [`or`](Self::or) and [`not`](Self::not). Text is quoted and
/// escaped, operands are parenthesised where it matters.
///
/// ```
/// use b1_servicelayer::{Field, Filter, unsynced};
///
/// struct Draft;
/// const OBJECT: Field<Draft, String> = Field::new("DocObjectCode");
///
/// let filter = OBJECT.eq("1470000113").and(unsynced("U_ISSYN"));
/// assert_eq!(
///     filter.to_string(),
///     "DocObjectCode eq '1470000113' and (U_ISSYN eq 'N' or U_ISSYN eq null)",
/// );
/// ```
///
/// Each of these is one word away from a condition that compiles, and does not:
///
/// ```
/// # use b1_servicelayer::entities::{Document, Item};
/// Document::DOC_ENTRY.eq(16);
/// Item::ITEM_CODE.eq("A1").and(Item::ITEM_NAME.contains("A"));
/// Document::COMMENTS.is_null();
/// ```
///
/// A value of another type:
///
/// ```compile_fail
/// # use b1_servicelayer::entities::{Document, Item};
/// Document::DOC_ENTRY.eq("16");
/// ```
///
/// ```compile_fail
/// # use b1_servicelayer::entities::{Document, Item};
/// Item::ITEM_CODE.eq(1).and(Item::ITEM_NAME.contains("A"));
/// ```
///
/// A text function on a number:
///
/// ```compile_fail
/// # use b1_servicelayer::entities::{Document, Item};
/// Document::DOC_ENTRY.contains("16");
/// ```
///
/// A property of another entity:
///
/// ```compile_fail
/// # use b1_servicelayer::entities::{Document, Item};
/// Item::ITEM_CODE.eq("A1").and(Document::COMMENTS.contains("A"));
/// ```
///
/// A collection, which the server does not filter by:
///
/// ```compile_fail
/// # use b1_servicelayer::entities::{Document, Item};
/// Document::DOCUMENT_LINES.is_null();
/// ```
#[must_use]
pub struct Filter<E> {
    text: String,
    outermost: Outermost,
    /// What is wrong with it; reported when the request is built.
    problem: Option<String>,
    types: PhantomData<fn() -> E>,
}

/// The operator that binds loosest, for parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outermost {
    Single,
    And,
    Or,
    /// Text of the caller's: always parenthesised.
    Raw,
}

impl<E> Filter<E> {
    /// A condition in the server's own syntax, not escaped or checked in any way.
    ///
    /// Never put text from outside into it.
    pub fn raw(text: impl Into<String>) -> Self {
        Self::of(text.into(), Outermost::Raw, None)
    }

    /// Both conditions hold.
    pub fn and(self, other: Self) -> Self {
        self.join("and", Outermost::And, other)
    }

    /// At least one of the conditions holds.
    pub fn or(self, other: Self) -> Self {
        self.join("or", Outermost::Or, other)
    }

    /// The condition does not hold. Like the server's SQL, this does not match where the compared
    /// property is null.
    #[allow(clippy::should_implement_trait)] // reads like `and` and `or`
    pub fn not(self) -> Self {
        Self::of(format!("not ({})", self.text), Outermost::Single, self.problem)
    }

    /// The text for the query, not yet percent-encoded.
    pub(crate) fn checked(&self) -> Result<&str> {
        match &self.problem {
            None => Ok(&self.text),
            Some(problem) => Err(Error::invalid(format!("filter: {problem}"))),
        }
    }

    fn of(text: String, outermost: Outermost, problem: Option<String>) -> Self {
        Self { text, outermost, problem, types: PhantomData }
    }

    fn join(self, word: &str, operator: Outermost, other: Self) -> Self {
        let text = format!("{} {word} {}", self.operand(operator), other.operand(operator));
        Self::of(text, operator, self.problem.or(other.problem))
    }

    fn operand(&self, operator: Outermost) -> String {
        if self.outermost == Outermost::Single || self.outermost == operator {
            self.text.clone()
        } else {
            format!("({})", self.text)
        }
    }
}

impl<E> Clone for Filter<E> {
    fn clone(&self) -> Self {
        Self::of(self.text.clone(), self.outermost, self.problem.clone())
    }
}

impl<E> fmt::Debug for Filter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({})", self.text)
    }
}

/// The condition as the server reads it, before percent-encoding.
impl<E> fmt::Display for Filter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Not yet synchronised by a flag field: `(F eq 'N' or F eq null)`.
///
/// Documents from before the field existed have null in it, which `ne 'Y'` would not match.
pub fn unsynced<E>(flag: impl Into<Cow<'static, str>>) -> Filter<E> {
    let flag = Field::<E, String>::udf(flag);
    flag.eq("N").or(flag.is_null())
}

/// A value that a property of type `T` can be compared with: a `T`, or what becomes one without
/// loss.
#[diagnostic::on_unimplemented(
    message = "a property of type `{T}` cannot be compared with `{Self}`",
    label = "expected a value that becomes a `{T}`",
    note = "text compares with text, numbers with numbers, enums with their variants, dates with `NaiveDate`, times with `NaiveTime`"
)]
pub trait Comparand<T> {
    /// The value.
    fn into_value(self) -> T;
}

impl<T: Scalar> Comparand<T> for T {
    fn into_value(self) -> T {
        self
    }
}

macro_rules! comparands {
    ($($from:ty => $to:ty),+ $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl Comparand<$to> for $from {
            fn into_value(self) -> $to {
                self.into()
            }
        }
    )+};
}

comparands! {
    &str => String,
    &String => String,
    Cow<'_, str> => String,
    i32 => i64,
    i32 => Decimal,
    i64 => Decimal,
}

/// How a value is written in a filter. Values that have none (arrays, objects) are a problem.
fn literal<T: Scalar>(value: &T) -> std::result::Result<String, String> {
    let json = RawJson::of(&Write(value, Version::V1)).map_err(|error| error.to_string())?;
    let text = json.as_str();
    match text.as_bytes().first() {
        Some(b'"') => {
            let inner: String = json.get().map_err(|error| error.to_string())?;
            Ok(quoted(&inner))
        }
        Some(b'-' | b'0'..=b'9') => Ok(text.to_owned()),
        _ if json.is_null() => Ok(text.to_owned()),
        _ => Err(format!("{text} cannot be compared: expected text, a number or a date")),
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl<E, T: Scalar> Field<E, T> {
    /// `F eq value`. Text compares case-sensitively unless the query says otherwise.
    pub fn eq(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("eq", &value.into_value())
    }

    /// `F ne value`. Does not match where the property is null.
    pub fn ne(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("ne", &value.into_value())
    }

    /// `F gt value`: greater, later.
    pub fn gt(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("gt", &value.into_value())
    }

    /// `F ge value`: greater or equal.
    pub fn ge(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("ge", &value.into_value())
    }

    /// `F lt value`: less, earlier.
    pub fn lt(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("lt", &value.into_value())
    }

    /// `F le value`: less or equal.
    pub fn le(&self, value: impl Comparand<T>) -> Filter<E> {
        self.compare("le", &value.into_value())
    }

    /// `F eq a or F eq b …`: one of the values. An empty list is refused when the request is
    /// built, because the server has no condition that matches nothing.
    pub fn one_of<V: Comparand<T>>(&self, values: impl IntoIterator<Item = V>) -> Filter<E> {
        values.into_iter().map(|value| self.eq(value)).reduce(Filter::or).unwrap_or_else(|| {
            let problem = format!("{}: one_of needs at least one value", self.name());
            Filter::of(String::new(), Outermost::Single, Some(problem))
        })
    }

    /// `F eq null`: never set, or cleared.
    pub fn is_null(&self) -> Filter<E> {
        self.with("eq", "null".to_owned())
    }

    /// `F ne null`.
    pub fn is_not_null(&self) -> Filter<E> {
        self.with("ne", "null".to_owned())
    }

    fn compare(&self, operator: &str, value: &T) -> Filter<E> {
        match literal(value) {
            Ok(literal) => self.with(operator, literal),
            Err(problem) => {
                let problem = format!("{}: {problem}", self.name());
                Filter::of(String::new(), Outermost::Single, Some(problem))
            }
        }
    }

    fn with(&self, operator: &str, literal: String) -> Filter<E> {
        let text = format!("{} {operator} {literal}", self.name());
        Filter::of(text, Outermost::Single, self.problem())
    }
}

impl<E> Field<E, String> {
    /// `contains(F,'text')`.
    pub fn contains(&self, text: impl AsRef<str>) -> Filter<E> {
        self.function("contains", text.as_ref())
    }

    /// `startswith(F,'text')`.
    pub fn starts_with(&self, text: impl AsRef<str>) -> Filter<E> {
        self.function("startswith", text.as_ref())
    }

    /// `endswith(F,'text')`.
    pub fn ends_with(&self, text: impl AsRef<str>) -> Filter<E> {
        self.function("endswith", text.as_ref())
    }

    fn function(&self, name: &str, text: &str) -> Filter<E> {
        let call = format!("{name}({},{})", self.name(), quoted(text));
        Filter::of(call, Outermost::Single, self.problem())
    }
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveTime};

    use super::*;

    struct Thing;
    const CODE: Field<Thing, String> = Field::new("Code");
    const NUMBER: Field<Thing, i32> = Field::new("Number");
    const BIG: Field<Thing, i64> = Field::new("Big");
    const TOTAL: Field<Thing, Decimal> = Field::new("Total");
    const DAY: Field<Thing, NaiveDate> = Field::new("Day");
    const TIME: Field<Thing, NaiveTime> = Field::new("Time");
    const RAW: Field<Thing, RawJson> = Field::new("Raw");

    crate::open_enum! {
        enum Flag { Yes = "tYES" | "Y", No = "tNO" }
    }
    crate::edm_via_serde!(Flag);
    const FLAG: Field<Thing, Flag> = Field::new("Flag");

    #[test]
    fn each_type_has_its_literal() {
        let day = NaiveDate::from_ymd_opt(2014, 4, 23).unwrap();
        let time = NaiveTime::from_hms_opt(18, 38, 0).unwrap();
        for (filter, expected) in [
            (CODE.eq("O'Neil"), "Code eq 'O''Neil'"),
            (CODE.ne("\"\\物料"), "Code ne '\"\\物料'"),
            (NUMBER.gt(-3), "Number gt -3"),
            (BIG.ge(1_470_000_113_000_i64), "Big ge 1470000113000"),
            (TOTAL.lt(Decimal::new(125_000, 2)), "Total lt 1250.00"),
            (TOTAL.le(3), "Total le 3"),
            (DAY.eq(day), "Day eq '2014-04-23'"),
            (TIME.ge(time), "Time ge '18:38:00'"),
            (FLAG.eq(Flag::Yes), "Flag eq 'tYES'"),
            (FLAG.eq(Flag::from("tMAYBE")), "Flag eq 'tMAYBE'"),
            (CODE.is_null(), "Code eq null"),
            (CODE.is_not_null(), "Code ne null"),
            (CODE.contains("a'b"), "contains(Code,'a''b')"),
            (CODE.starts_with("C"), "startswith(Code,'C')"),
            (CODE.ends_with("C"), "endswith(Code,'C')"),
            (NUMBER.one_of([1, 2]), "Number eq 1 or Number eq 2"),
            (Filter::raw("Code eq 'x'"), "Code eq 'x'"),
        ] {
            assert_eq!(filter.checked().unwrap(), expected);
        }
    }

    #[test]
    fn parentheses_keep_the_meaning() {
        let (a, b, c) = (|| NUMBER.eq(1), || NUMBER.eq(2), || NUMBER.eq(3));
        for (filter, expected) in [
            (a().and(b()).and(c()), "Number eq 1 and Number eq 2 and Number eq 3"),
            (a().and(b()).or(c()), "(Number eq 1 and Number eq 2) or Number eq 3"),
            (a().and(b().or(c())), "Number eq 1 and (Number eq 2 or Number eq 3)"),
            (a().or(b()).not(), "not (Number eq 1 or Number eq 2)"),
            (a().not().and(b()), "not (Number eq 1) and Number eq 2"),
            (a().and(Filter::raw("x or y")), "Number eq 1 and (x or y)"),
            (Filter::raw("x or y").and(Filter::raw("z")), "(x or y) and (z)"),
        ] {
            assert_eq!(filter.to_string(), expected);
        }
    }

    #[test]
    fn what_cannot_be_sent_is_refused_when_it_is_used() {
        let problem = |filter: Filter<Thing>| filter.checked().unwrap_err().to_string();
        assert!(problem(NUMBER.one_of(Vec::<i32>::new())).contains("Number: one_of"));
        let array = RawJson::parse("[1]").unwrap();
        assert!(problem(RAW.eq(array)).contains("Raw: [1] cannot be compared"));
        for name in ["ISSYN", "U_", "U_A eq 'x' or U_A", "U_A)", "", "U_A'B"] {
            let bad = Field::<Thing, String>::udf(name).eq("x");
            assert!(problem(NUMBER.eq(1).and(bad)).contains("user-defined field"), "{name}");
        }
        assert!(problem(Field::<Thing, i32>::new("A B").eq(1)).contains("not a property"));
    }
}
