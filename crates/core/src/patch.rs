//! Partial updates with three states: leave, set, set to null.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a partial update does with one field.
///
/// `Option` cannot say it: `None` might mean "leave it" or "clear it". Skip [`Patch::Keep`] when
/// serialising:
///
/// ```
/// use erplink_core::Patch;
///
/// #[derive(Default, serde::Serialize)]
/// struct Update {
///     #[serde(skip_serializing_if = "Patch::is_keep")]
///     comments: Patch<String>,
///     #[serde(skip_serializing_if = "Patch::is_keep")]
///     project: Patch<String>,
///     #[serde(skip_serializing_if = "Patch::is_keep")]
///     reference: Patch<String>,
/// }
/// let update = Update { comments: Patch::set("checked"), project: Patch::Null, ..Default::default() };
/// assert_eq!(serde_json::to_string(&update).unwrap(), r#"{"comments":"checked","project":null}"#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The field is not sent and stays as it is.
    #[default]
    Keep,
    /// The field is sent as `null`: the server clears it.
    Null,
    /// The field is sent with this value.
    Set(T),
}

impl<T> Patch<T> {
    /// Sets the field.
    pub fn set(value: impl Into<T>) -> Self {
        Self::Set(value.into())
    }

    /// Whether the field is left alone.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Whether the field is cleared.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The new value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Null => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

/// `null` and [`Patch::Keep`] both serialise as `null`; skip the latter with [`Patch::is_keep`].
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Keep | Self::Null => serializer.serialize_none(),
        }
    }
}

/// `null` reads as [`Patch::Null`]; add `#[serde(default)]` so that an absent field is `Keep`.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Set))
    }
}
