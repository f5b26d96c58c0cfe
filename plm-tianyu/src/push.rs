//! The body of a push, in the shapes it comes in.

use erplink_core::{Members, RawJson, json};

use crate::{Kind, PushError};

/// The rows of a push, not yet read as items or bills.
///
/// What the PLM sends depends on the template its administrator wrote: one object (单条推送), an
/// array (一次推送), or an object around an array (`{"data":[…]}`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Push {
    /// The rows in their order, as they were sent.
    pub rows: Vec<RawJson>,
    /// Whether the body was made for several rows; the answer then has a result for each.
    pub is_batch: bool,
}

impl Push {
    /// Reads a body. `rows_at` is a JSON Pointer to the rows, for templates with several arrays.
    ///
    /// Without it, an object without the key field and with exactly one array of objects is taken
    /// for a wrapper of that array; the lines of a bill are never taken for rows. The empty pointer is
    /// the body itself, for templates whose names are not those of the ERP.
    ///
    /// # Errors
    /// When the body is not JSON, holds no row, or has nothing at `rows_at`.
    pub fn read(kind: &Kind, rows_at: Option<&str>, body: &[u8]) -> Result<Self, PushError> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        if body.starts_with(b"<") {
            return Err(PushError::Body(
                "it is XML: choose a JSON template in the target interface of the PLM".to_owned(),
            ));
        }
        if std::str::from_utf8(body).is_err() {
            return Err(PushError::Body("it is not UTF-8".to_owned()));
        }
        let whole: RawJson = json::decode(body)
            .map_err(|error| PushError::Body(format!("it is not JSON: {}", error.message())))?;
        let push = match rows_at {
            Some(pointer) => at(&whole, pointer)
                .and_then(|found| Self::array(&found).or_else(|| Self::object(found)))
                .ok_or_else(|| PushError::NoRowsAt { pointer: pointer.to_owned() })?,
            None => Self::unwrap(kind, whole)?,
        };
        if push.rows.is_empty() { Err(PushError::Empty) } else { Ok(push) }
    }

    fn unwrap(kind: &Kind, whole: RawJson) -> Result<Self, PushError> {
        if let Some(rows) = Self::array(&whole) {
            return Ok(rows);
        }
        let members: Members = match whole.as_str().starts_with('{') {
            true => json::decode(whole.as_str().as_bytes())
                .map_err(|error| PushError::Body(error.to_string()))?,
            false => {
                return Err(PushError::Body(
                    "it is JSON, but neither an object nor an array".to_owned(),
                ));
            }
        };
        if members.get(kind.key_field()).is_none() {
            let mut arrays = members
                .iter()
                .filter(|(name, _)| Some(*name) != kind.line_collection())
                .filter_map(|(_, value)| value.get::<Vec<Members>>().ok().map(|_| value));
            if let (Some(only), None) = (arrays.next(), arrays.next())
                && let Some(rows) = Self::array(only)
            {
                return Ok(rows);
            }
        }
        Ok(Self { rows: vec![whole], is_batch: false })
    }

    fn array(raw: &RawJson) -> Option<Self> {
        let rows = raw.as_str().starts_with('[').then(|| raw.get().ok()).flatten()?;
        Some(Self { rows, is_batch: true })
    }

    fn object(raw: RawJson) -> Option<Self> {
        raw.as_str().starts_with('{').then(|| Self { rows: vec![raw], is_batch: false })
    }
}

/// The value at a JSON Pointer.
fn at(raw: &RawJson, pointer: &str) -> Option<RawJson> {
    let mut found = raw.clone();
    if pointer.is_empty() {
        return Some(found);
    }
    for step in pointer.strip_prefix('/')?.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        found = match found.as_str().as_bytes().first() {
            Some(b'[') => found.get::<Vec<RawJson>>().ok()?.into_iter().nth(step.parse().ok()?)?,
            Some(b'{') => found.get::<Members>().ok()?.remove(&step)?,
            _ => return None,
        };
    }
    Some(found)
}
