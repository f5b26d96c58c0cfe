//! Routings.

use erplink_core::Members;

use crate::payload::take_text;
use crate::{Key, KeyType, RowError, UserObject};

/// A routing (工艺路线): a record of a user-defined object, whose fields are the site's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// The key.
    pub key: Key,
    /// All fields but the key, as they were sent.
    pub rest: Members,
}

impl Routing {
    /// Reads a row.
    ///
    /// # Errors
    /// When the key or the demanded lines are missing, or the key has the wrong type.
    pub fn read(object: &UserObject, mut row: Members) -> Result<Self, RowError> {
        let field = &object.key_field;
        let key = take_text(&mut row, field)?.ok_or_else(|| RowError::missing(field))?;
        let key = match object.key_type {
            KeyType::Text => Key::Text(key),
            KeyType::Number => Key::Number(key.trim().parse().map_err(|_| {
                let found = key.chars().take(40).collect();
                RowError::KeyIsNoNumber { field: field.clone(), found }
            })?),
        };
        if let Some(lines) = &object.line_collection
            && row.objects(lines)?.is_empty()
        {
            return Err(RowError::missing(lines));
        }
        Ok(Self { key, rest: row })
    }
}
