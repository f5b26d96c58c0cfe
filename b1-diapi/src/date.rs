//! Dates of a column, in every form the service may print them: `2023-10-20`, `20231020`,
//! `2023-10-20T00:00:00`, `2023-10-20 00:00:00.000000000`.
//!
//! ```
//! #[derive(serde::Deserialize)]
//! struct Order {
//!     #[serde(rename = "DocDate", with = "b1_diapi::date")]
//!     date: chrono::NaiveDate,
//!     #[serde(default, rename = "DueDate", with = "b1_diapi::date::option")]
//!     due: Option<chrono::NaiveDate>,
//! }
//! let order: Order = serde_json::from_str(r#"{"DocDate":"20231020","DueDate":""}"#)?;
//! assert_eq!(order.date.to_string(), "2023-10-20");
//! assert_eq!(order.due, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes `2023-10-20`.
///
/// # Errors
/// When the serializer refuses.
pub fn serialize<S: Serializer>(date: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&date.format("%Y-%m-%d"))
}

/// Reads a date; a time of day behind it is dropped.
///
/// # Errors
/// When the value is no date.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = Cow::<'_, str>::deserialize(deserializer)?;
    erplink_core::date::date(text.trim()).map_err(D::Error::custom)
}

/// The same for a value that may be `null` or absent; an empty text counts as `null`.
pub mod option {
    use super::{Cow, Deserialize, Deserializer, NaiveDate, Serializer};
    use serde::de::Error as _;

    /// Writes `2023-10-20`, or `null`.
    ///
    /// # Errors
    /// When the serializer refuses.
    #[allow(clippy::ref_option)] // serde's `with` dictates the signature
    pub fn serialize<S: Serializer>(
        date: &Option<NaiveDate>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => super::serialize(date, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a date; `null` and `""` are `None`.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<NaiveDate>, D::Error> {
        let text = Option::<Cow<'_, str>>::deserialize(deserializer)?;
        match text.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(text) => erplink_core::date::date(text).map(Some).map_err(D::Error::custom),
        }
    }
}
