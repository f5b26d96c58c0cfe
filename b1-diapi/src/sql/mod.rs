//! SQL text of SAP HANA with values in it, and what may be sent of it.
//!
//! The service binds no parameters: values travel as literals within the text. [`Sql`] writes them,
//! so that no value can change the statement; [`Guard`] lets only reading statements through.

mod bind;
mod guard;
#[cfg(test)]
mod properties;
mod token;
mod value;

pub use bind::Sql;
pub use guard::{Access, Guard};
pub use value::SqlValue;

/// Why SQL was not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The text cannot be read without doubt: a quote that does not end, a comment in a comment.
    #[error("the SQL cannot be read: {0}")]
    Unreadable(String),
    /// A parameter of the text has no value.
    #[error("the SQL names the parameter :{0}, which is not bound: add `.bind(\"{0}\", …)`")]
    NotBound(String),
    /// A value was bound that the text does not name.
    #[error("`{0}` is bound, and the SQL has no :{0} outside of texts, quoted names and comments")]
    NotNamed(String),
    /// Two values were bound under one name.
    #[error("`{0}` is bound twice")]
    BoundTwice(String),
    /// A value that has no literal.
    #[error("`{name}` cannot be bound: {reason}")]
    NoLiteral {
        /// The parameter.
        name: String,
        /// What is wrong with its value.
        reason: &'static str,
    },
    /// More than one statement.
    #[error("only one statement is sent at a time: there is another after the `;`")]
    SeveralStatements,
    /// A statement that may change something, refused by the [`Guard`].
    #[error("refused by the read-only guard: {0}")]
    NotReadOnly(String),
}
