//! The name of a save, and the marks that its documents get from it.

use std::fmt;

use crate::{ErpError, Mark};

/// The name of one save. What is saved again under the same name is the same save: its documents
/// carry the same marks, and what stands already is not posted again.
///
/// In [`Settings::mark_field`](crate::Settings::mark_field) it is followed by up to three letters, so
/// keep it below 30.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SaveName(String);

impl SaveName {
    /// A name of your own, such as the key of a ledger.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A name that nobody has used: 96 random bits.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub fn random() -> Result<Self, ErpError> {
        let mut bytes = [0_u8; 12];
        getrandom::fill(&mut bytes)
            .map_err(|_| ErpError::new("the operating system gave no random numbers"))?;
        Ok(Self::of_bytes(&bytes))
    }

    /// The first 96 bits in hexadecimal digits.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().take(12).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SaveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which document of a save a mark is for.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// The document that was asked for.
    Document,
    /// The issue of its components. Another one may follow when the first was taken back.
    Issue(u8),
    /// The return of that issue.
    Return(u8),
}

/// The marks of the documents of one save, where the company has a field for them.
pub(crate) struct Marks<'a> {
    field: Option<&'a str>,
    name: SaveName,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(field: Option<&'a str>, name: SaveName) -> Self {
        Self { field, name }
    }

    pub(crate) fn of(&self, role: Role) -> Option<Mark> {
        let field = self.field?.to_owned();
        let name = &self.name;
        let value = match role {
            Role::Document => format!("{name}-d"),
            Role::Issue(round) => format!("{name}-i{round}"),
            Role::Return(round) => format!("{name}-r{round}"),
        };
        Some(Mark { field, value })
    }
}
