use erplink_core::{Call, Effect, ErrorKind, Members, RawJson, json};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Error, Result};

/// An answer that meets its success condition.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    text: String,
    value: Value,
    /// For errors in reading it.
    call: Call,
}

/// The answer is left out: it may hold a token.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Answer {
    pub(super) fn new(status: StatusCode, text: String, value: Value, call: Call) -> Self {
        Self { status, text, value, call }
    }

    /// The HTTP status, which does not decide over success.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The answer as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The answer as JSON; `null` where it is none. For exact numbers take
    /// [`text`](Self::text) or [`json`](Self::json).
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// A value of the answer by JSON Pointer, as text for the next call; a number with its own
    /// digits.
    ///
    /// # Errors
    /// When there is no text, number or boolean.
    pub fn text(&self, pointer: &str) -> Result<String> {
        let found = RawJson::parse(self.text.clone()).ok().and_then(|whole| at(&whole, pointer));
        let shape = found.as_ref().map_or("nothing", crate::loose::shape);
        match (found, shape) {
            (Some(value), "a text" | "an empty text") => value.get().ok(),
            (Some(value), "a number" | "a boolean") => Some(value.to_string()),
            _ => None,
        }
        .ok_or_else(|| {
            let message = format!("the answer has at `{pointer}` no text or number, but {shape}");
            self.unreadable(Error::new(ErrorKind::Decode, message))
        })
    }

    /// The answer decoded by serde.
    ///
    /// # Errors
    /// When it is not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        json::decode(self.text.as_bytes()).map_err(|error| self.unreadable(Error::decode(error)))
    }

    fn unreadable(&self, error: Error) -> Error {
        let Call { operation, idempotency } = self.call.clone();
        error.with_effect(Effect::Unknown).in_call(operation, idempotency, 1)
    }
}

/// What a JSON Pointer leads to.
fn at(whole: &RawJson, pointer: &str) -> Option<RawJson> {
    if pointer.is_empty() {
        return Some(whole.clone());
    }
    pointer.strip_prefix('/')?.split('/').try_fold(whole.clone(), |value, step| {
        let step = step.replace("~1", "/").replace("~0", "~");
        if let Ok(members) = value.get::<Members>() {
            return members.get(&step).cloned();
        }
        value.get::<Vec<RawJson>>().ok()?.get(step.parse::<usize>().ok()?).cloned()
    })
}

#[cfg(test)]
mod tests {
    use erplink_core::Idempotency;

    use super::*;

    #[test]
    fn values_for_the_next_call_keep_their_digits() {
        let text = r#"{"a":[{"id":12345678901234567890123,"t":"x/y","b":false}],"e":"","n":null,"x/y":1.10}"#;
        let call = Call::new("GET /a", Idempotency::Safe);
        let value = serde_json::from_str(text).unwrap();
        let answer = Answer::new(StatusCode::OK, text.to_owned(), value, call);
        for (pointer, expected) in [
            ("/a/0/id", "12345678901234567890123"),
            ("/a/0/t", "x/y"),
            ("/a/0/b", "false"),
            ("/e", ""),
            ("/x~1y", "1.10"),
        ] {
            assert_eq!(answer.text(pointer).unwrap(), expected, "{pointer}");
        }
        for pointer in ["/a", "/n", "/a/1", "/z", "a", ""] {
            let error = answer.text(pointer).unwrap_err().to_string();
            assert!(error.contains(&format!("`{pointer}`")), "{error}");
        }
    }
}
