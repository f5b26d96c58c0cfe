//! Keys of entities, as they stand in a path.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters.
pub(crate) const RESERVED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The key of one entity: a number, a text, or several named properties.
///
/// Text stays text, also when it looks like a number: `Key::from("123")` is `('123')`. Quotes are
/// doubled and everything outside letters, digits and `-._~` is percent-encoded.
///
/// ```
/// use b1_servicelayer::Key;
///
/// assert_eq!(Key::from(22).to_string(), "(22)");
/// assert_eq!(Key::from("AB'C/1").to_string(), "('AB%27%27C%2F1')");
/// let price = Key::named([("CardCode", "C1".into()), ("ItemCode", "I#1".into())]);
/// assert_eq!(price.to_string(), "(CardCode='C1',ItemCode='I%231')");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    Single(KeyValue),
    Named(Vec<(&'static str, KeyValue)>),
}

/// One value inside a [`Key`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// Written as it is; may be negative.
    Number(i64),
    /// Written in quotes.
    Text(String),
}

impl Key {
    /// A key of several properties, each with its wire name.
    pub fn named(parts: impl IntoIterator<Item = (&'static str, KeyValue)>) -> Self {
        Self(Form::Named(parts.into_iter().collect()))
    }
}

impl From<i32> for KeyValue {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for KeyValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for KeyValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for KeyValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<KeyValue>> From<T> for Key {
    fn from(value: T) -> Self {
        Self(Form::Single(value.into()))
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => {
                let doubled = text.replace('\'', "''");
                write!(f, "'{}'", utf8_percent_encode(&doubled, RESERVED))
            }
        }
    }
}

/// The key as it stands behind the set's name, parentheses included.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Single(value) => write!(f, "({value})"),
            Form::Named(parts) => {
                f.write_str("(")?;
                for (index, (name, value)) in parts.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{name}={value}")?;
                }
                f.write_str(")")
            }
        }
    }
}
