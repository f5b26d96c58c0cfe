//! Exact decimals on the wire: `12.50` stays `12.50`, whatever its length.
//!
//! Amounts and quantities are [`Decimal`]s in every client. They are read from the digits of the
//! JSON text, never through `f64`, and written as JSON numbers with the same digits. Servers that
//! print numbers as text (`"12.50"`) are understood as well.
//!
//! ```
//! use erplink_core::decimal::Decimal;
//!
//! #[derive(serde::Deserialize, serde::Serialize)]
//! struct Line {
//!     #[serde(with = "erplink_core::decimal")]
//!     quantity: Decimal,
//!     #[serde(default, with = "erplink_core::decimal::option")]
//!     price: Option<Decimal>,
//! }
//! let text = r#"{"quantity":0.1000000000000000055,"price":null}"#;
//! let line: Line = serde_json::from_str(text).unwrap();
//! assert_eq!(serde_json::to_string(&line).unwrap(), text);
//! ```

use serde::ser::{Error as _, Serializer};
use serde::{Deserializer, Serialize};
use serde_json::value::RawValue;

pub use rust_decimal::Decimal;

use crate::json::with_text;

/// Text that is not a decimal number, or one with more digits than 96 bits hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a decimal number of at most 28 digits, found {found}")]
pub struct DecimalError {
    found: String,
}

/// Reads a decimal from JSON number text or from a JSON string that holds one.
///
/// # Errors
/// When the text is something else, or has more digits than a [`Decimal`] keeps exactly.
pub fn from_json_text(text: &str) -> Result<Decimal, DecimalError> {
    let number = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text).trim();
    let parsed = if number.bytes().any(|b| matches!(b, b'e' | b'E')) {
        Decimal::from_scientific(number)
    } else {
        Decimal::from_str_exact(number)
    };
    parsed.map_err(|_| DecimalError { found: shape(text) })
}

/// What a refused value looked like, without printing a long or secret one.
fn shape(text: &str) -> String {
    match text.as_bytes().first() {
        Some(b'"') if text.len() > 34 => format!("a text of {} bytes", text.len() - 2),
        Some(b'{') => "an object".into(),
        Some(b'[') => "an array".into(),
        _ => text.chars().take(40).collect(),
    }
}

/// Writes the decimal as a JSON number with its own digits.
///
/// # Errors
/// When the serializer refuses.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(value.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

/// Reads a decimal exactly. See [`from_json_text`].
///
/// # Errors
/// When the value is not a decimal number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    with_text(deserializer, from_json_text)
}

/// The same for a value that may be `null` or absent; an empty text counts as `null`.
pub mod option {
    use super::{Decimal, Deserializer, Serializer, from_json_text, with_text};

    /// Writes the decimal as a JSON number, or `null`.
    ///
    /// # Errors
    /// When the serializer refuses.
    #[allow(clippy::ref_option)] // serde's `with` dictates the signature
    pub fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a decimal exactly; `null` and `""` are `None`.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        with_text(deserializer, |text| match text {
            "null" | "\"\"" => Ok(None),
            text => from_json_text(text).map(Some),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_text_and_exponents() {
        for (text, expected) in [
            ("55.0", "55.0"),
            ("-3", "-3"),
            ("\"12.5\"", "12.5"),
            ("1E+2", "100"),
            ("1.5e-3", "0.0015"),
            ("1234567890123456789.123456", "1234567890123456789.123456"),
        ] {
            assert_eq!(from_json_text(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_keep() {
        for text in ["null", "true", "{}", "\"\"", "\"a\"", "0.12345678901234567890123456789012345"]
        {
            assert!(from_json_text(text).is_err(), "{text}");
        }
        let error = from_json_text("[1]").unwrap_err();
        assert!(error.to_string().contains("an array"), "{error}");
    }
}
