use std::fmt;

use erplink_core::RawJson;
use serde::de::DeserializeOwned;
use serde::ser::{Serialize, SerializeMap};

use crate::Version;
use crate::edm::{EdmValue, Read, Write};

/// The user-defined fields (UDF, 用户自定义字段) of an entity or a line: everything named `U_…`.
///
/// Values are kept as the server sent them, digit for digit, and are written back with the
/// entity. [`get`](Self::get) gives them a type.
///
/// ```
/// use b1_servicelayer::UserFields;
///
/// let mut fields = UserFields::default();
/// fields.set("U_ISSYN", &"Y".to_owned())?;
/// assert_eq!(fields.get::<String>("U_ISSYN")?, Some("Y".to_owned()));
/// assert_eq!(fields.get::<String>("U_Other")?, None);
/// # Ok::<(), b1_servicelayer::UserFieldError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserFields(Vec<(Box<str>, RawJson)>);

/// A user-defined field that cannot be read or written as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("user-defined field {name}: {message}")]
pub struct UserFieldError {
    name: String,
    message: String,
}

impl UserFieldError {
    fn new(name: &str, message: impl fmt::Display) -> Self {
        Self { name: name.to_owned(), message: message.to_string() }
    }
}

/// Whether a property is a user-defined field.
pub(crate) fn is_user_field(name: &str) -> bool {
    name.starts_with("U_")
}

impl UserFields {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value of `name` (with its `U_`); `None` when it is absent or `null`.
    ///
    /// # Errors
    /// When the value is not a `T`.
    pub fn get<T: EdmValue>(&self, name: &str) -> Result<Option<T>, UserFieldError> {
        match self.raw(name).filter(|raw| !raw.is_null()) {
            None => Ok(None),
            Some(raw) => raw
                .get::<Read<T>>()
                .map(|read| Some(read.0))
                .map_err(|error| UserFieldError::new(name, error)),
        }
    }

    /// The value of `name` decoded by serde.
    ///
    /// # Errors
    /// When the value is not a `T`.
    pub fn get_as<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, UserFieldError> {
        self.raw(name)
            .map(|raw| raw.get().map_err(|error| UserFieldError::new(name, error)))
            .transpose()
    }

    /// The value of `name` as the server sent it.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&RawJson> {
        self.0.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// Sets `name`, which must begin with `U_`.
    ///
    /// # Errors
    /// When the name is not that of a user-defined field, or the value has no JSON form.
    pub fn set<T: EdmValue>(&mut self, name: &str, value: &T) -> Result<(), UserFieldError> {
        let raw = RawJson::of(&Write(value, Version::V1))
            .map_err(|error| UserFieldError::new(name, error))?;
        self.set_raw(name, raw)
    }

    /// Sets `name` to `null`.
    ///
    /// # Errors
    /// When the name is not that of a user-defined field.
    pub fn clear(&mut self, name: &str) -> Result<(), UserFieldError> {
        self.set_raw(name, RawJson::null())
    }

    /// Sets `name` to JSON text.
    ///
    /// # Errors
    /// When the name is not that of a user-defined field.
    pub fn set_raw(&mut self, name: &str, value: RawJson) -> Result<(), UserFieldError> {
        if !is_user_field(name) {
            return Err(UserFieldError::new(name, "the name must begin with `U_`"));
        }
        self.put(name.into(), value);
        Ok(())
    }

    /// Names and values in the order of the server.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawJson)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// How many fields there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a field that the server sent. Of two with the same name, the last counts.
    #[doc(hidden)]
    pub fn put(&mut self, name: Box<str>, value: RawJson) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Writes the fields as members of an object in progress.
    #[doc(hidden)]
    pub fn write_members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(&**name, value))
    }
}

impl fmt::Debug for UserFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for UserFields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
