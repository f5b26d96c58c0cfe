//! What is wrong with a push, or with one of its rows.

use erplink_core::MemberError;
use erplink_core::app_code::Refused;

/// Why a push was refused as a whole. No row of it was worked off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The caller showed no valid AppCode.
    #[error(transparent)]
    Unauthorized(#[from] Refused),
    /// The body is larger than the limit.
    #[error("the body is larger than {limit} bytes: push fewer rows at once")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body is not JSON that could hold rows.
    #[error("the body is not readable: {0}")]
    Body(String),
    /// Nothing stands where the rows should be.
    #[error(
        "no rows stand at `{pointer}` in the body: expected an array of objects, or one object"
    )]
    NoRowsAt {
        /// The JSON Pointer of the configuration.
        pointer: String,
    },
    /// The push holds no row.
    #[error("the push holds no row")]
    Empty,
}

/// Why a row cannot be passed to the ERP. The other rows of the push do not suffer from it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowError {
    /// The row is no JSON object, or names a member twice.
    #[error("the row is not readable: {0}")]
    Row(String),
    /// A field that the ERP needs is missing or empty.
    #[error("`{field}` is missing or empty: check the field mapping (映射) of the PLM")]
    Missing {
        /// The field, such as `ProductTreeLines[0].ItemCode`.
        field: String,
    },
    /// A field holds something else than it should.
    #[error("{place}{error}")]
    Field {
        /// The line, such as `ProductTreeLines[0].`; empty for the row itself.
        place: String,
        /// What is wrong.
        error: MemberError,
    },
    /// The key of a user-defined object should be a number and is none.
    #[error("`{field}`: expected a whole number, found `{found}`")]
    KeyIsNoNumber {
        /// The field.
        field: String,
        /// What was found.
        found: String,
    },
    /// The field map of the site refused the row.
    #[error("the field map refused the row: {0}")]
    Map(String),
}

impl RowError {
    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self::Missing { field: field.into() }
    }
}

impl From<MemberError> for RowError {
    fn from(error: MemberError) -> Self {
        Self::Field { place: String::new(), error }
    }
}
