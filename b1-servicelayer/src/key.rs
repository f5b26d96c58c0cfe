//! Keys of entities, as they stand in a path.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

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

impl Key {
    /// The number, if it is a single one.
    pub(crate) fn number(&self) -> Option<i64> {
        match self.0 {
            Form::Single(KeyValue::Number(number)) => Some(number),
            Form::Single(KeyValue::Text(_)) | Form::Named(_) => None,
        }
    }
}

/// A key as it was found in an address.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed(Vec<(Option<String>, KeyValue)>);

impl Parsed {
    /// Reads the key at the end of a `Location`: `…/Items('i002')`, `…/Orders(22)`.
    pub(crate) fn in_location(location: &str) -> Option<Self> {
        let decoded = percent_decode_str(location.trim()).decode_utf8().ok()?;
        let inner = decoded.strip_suffix(')')?;
        let start = key_start(inner)?;
        let mut rest = inner.get(start..)?;
        let mut parts = Vec::new();
        loop {
            let (part, left) = Self::part(rest)?;
            parts.push(part);
            match left.strip_prefix(',') {
                Some(left) => rest = left,
                None if left.is_empty() => return Some(Self(parts)),
                None => return None,
            }
        }
    }

    /// `CardCode='C1'` or `'C1'` or `22`, and what follows.
    fn part(text: &str) -> Option<((Option<String>, KeyValue), &str)> {
        let quote = text.find('\'').unwrap_or(text.len());
        let comma = text.find(',').unwrap_or(text.len());
        let (name, text) = match text.find('=') {
            Some(at) if at < quote.min(comma) => {
                (Some(text.get(..at)?.to_owned()), text.get(at + 1..)?)
            }
            _ => (None, text),
        };
        let Some(quoted) = text.strip_prefix('\'') else {
            let end = text.find(',').unwrap_or(text.len());
            let number = text.get(..end)?.trim().parse().ok()?;
            return Some(((name, KeyValue::Number(number)), text.get(end..)?));
        };
        let mut value = String::new();
        let mut characters = quoted.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' if characters.next_if(|(_, next)| *next == '\'').is_some() => value.push('\''),
                '\'' => return Some(((name, KeyValue::Text(value)), quoted.get(at + 1..)?)),
                other => value.push(other),
            }
        }
        None
    }

    /// The key with the static names of its type, in their order; `None` when it has others.
    pub(crate) fn into_key(self, names: &'static [&'static str]) -> Option<Key> {
        let mut parts = self.0;
        if parts.len() != names.len() {
            return None;
        }
        if let [_] = names {
            return parts.pop().map(|(_, value)| Key(Form::Single(value)));
        }
        let named = names.iter().map(|name| {
            let at = parts.iter().position(|(given, _)| given.as_deref() == Some(*name))?;
            Some((*name, parts.swap_remove(at).1))
        });
        named.collect::<Option<_>>().map(|named| Key(Form::Named(named)))
    }
}

/// The set that a `Location` leads to: `Items` in `…/Items('i002')`.
pub(crate) fn set_in_location(location: &str) -> Option<&str> {
    let (path, _) = location.split_once(['(', '%'])?;
    path.rsplit('/').next().filter(|name| !name.is_empty())
}

/// Where the key begins: behind the last parenthesis outside quotes, for codes may hold some.
fn key_start(text: &str) -> Option<usize> {
    let mut in_text = false;
    let mut start = None;
    for (at, character) in text.char_indices() {
        match character {
            '\'' => in_text = !in_text,
            '(' if !in_text => start = Some(at + 1),
            _ => {}
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(location: &str, names: &'static [&'static str]) -> Option<Key> {
        Parsed::in_location(location)?.into_key(names)
    }

    #[test]
    fn reads_locations() {
        assert_eq!(
            parse("https://h:50000/b1s/v1/Items('i002')", &["ItemCode"]),
            Some("i002".into())
        );
        assert_eq!(parse("/b1s/v1/Orders(22)", &["DocEntry"]), Some(22.into()));
        assert_eq!(parse("Orders(DocEntry=22)", &["DocEntry"]), Some(22.into()));
        let prices: &[&str] = &["ItemCode", "CardCode"];
        let price = Key::named([("ItemCode", "I".into()), ("CardCode", "C".into())]);
        assert_eq!(parse("/SpecialPrices(CardCode='C',ItemCode='I')", prices), Some(price));
        for bad in ["/P('C')", "/P(CardCode='C',CardCode='D')", "/P('C','I')", "/P(A='C',B='I')"] {
            assert_eq!(parse(bad, prices), None, "{bad}");
        }
        for (location, set) in [
            ("https://h:50000/b1s/v1/Items('a/b(c')", Some("Items")),
            ("Drafts(16)", Some("Drafts")),
            ("Drafts%2816%29", Some("Drafts")),
            ("/b1s/v1/Orders", None),
            ("", None),
        ] {
            assert_eq!(set_in_location(location), set);
        }
        for bad in ["", "/b1s/v1/Orders", "Orders()", "Orders(x)", "Orders('a)", "A('b',C='d')"] {
            assert_eq!(parse(bad, &["C"]), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_its_location(code in "\\PC{0,12}") {
            let location = format!("https://h/6160/b1s/v1/Items{}", Key::from(code.as_str()));
            prop_assert_eq!(parse(&location, &["ItemCode"]), Some(Key::from(code)));
        }

        #[test]
        fn several_properties_come_back(a in "['(),=/a%]{0,6}", b in any::<i64>()) {
            let key = Key::named([("A", a.into()), ("B", b.into())]);
            prop_assert_eq!(parse(&format!("/X{key}"), &["A", "B"]), Some(key));
        }
    }
}
