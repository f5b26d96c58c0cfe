//! Answers that keep what this crate does not type.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use erplink_core::RawJson;
use serde::{Serialize, Serializer};

use crate::lenient::Lenient;

/// What the MES answered, typed, with the text it came as.
///
/// Reads like the `T` inside. Whatever the type does not name (members of a newer version, of the
/// tenant's own) stands in [`raw`](Self::raw), digit for digit; serialising writes that text.
#[derive(Clone, PartialEq)]
pub struct Kept<T> {
    value: T,
    raw: RawJson,
    no_access: Arc<[String]>,
}

/// Reads a value and keeps its text.
pub(crate) fn keep<T: Lenient>(raw: RawJson, no_access: Arc<[String]>) -> Result<Kept<T>, String> {
    Ok(Kept { value: T::read(raw.as_str())?, raw, no_access })
}

impl<T> Kept<T> {
    /// The JSON text as it came.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// Members that the MES left out because the account may not see them (`noAccess`): absent
    /// does not mean empty there.
    #[must_use]
    pub fn no_access(&self) -> &[String] {
        &self.no_access
    }

    /// The typed value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<T> Serialize for Kept<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}
