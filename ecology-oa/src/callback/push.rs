//! The body of a push.

use std::collections::HashMap;

use erplink_core::{RawJson, json};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::CallbackError;
use crate::lenient::text_of_json;

/// The body of a push, whatever the administrator put into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    value: Value,
    raw: RawJson,
}

impl Push {
    /// Reads a JSON object or a form. What a form's member holds as JSON text becomes JSON.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, CallbackError> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is_form = content_type.starts_with("application/x-www-form-urlencoded");
        // Some OA actions send JSON and call it a form.
        if is_form && !body.starts_with(b"{") {
            return Self::form(body);
        }
        let text = std::str::from_utf8(body)
            .map_err(|_| CallbackError::Body("it is not UTF-8".to_owned()))?;
        let (value, raw) = json::decode_and_keep::<Value>(text.to_owned())
            .map_err(|error| CallbackError::Body(format!("it is not JSON: {error}")))?;
        if !value.is_object() {
            return Err(CallbackError::Body("it is JSON, but not an object".to_owned()));
        }
        Ok(Self { value, raw })
    }

    fn form(body: &[u8]) -> Result<Self, CallbackError> {
        let mut object = Map::new();
        for (name, text) in form_urlencoded::parse(body) {
            let nested = text.trim_start().starts_with(['{', '[']);
            let parsed = nested.then(|| serde_json::from_str(&text).ok()).flatten();
            let value = parsed.unwrap_or_else(|| Value::String(text.into_owned()));
            if object.insert(name.clone().into_owned(), value).is_some() {
                return Err(CallbackError::Body(format!("the form holds `{name}` twice")));
            }
        }
        if object.is_empty() {
            return Err(CallbackError::Body("it is empty".to_owned()));
        }
        let value = Value::Object(object);
        let raw = RawJson::of(&value)
            .map_err(|_| CallbackError::Body("the form has no JSON form".to_owned()))?;
        Ok(Self { value, raw })
    }

    /// The body. A form is an object of its members.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The body as it came, with every digit; for a form, what it is as JSON.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// The text or number at a JSON Pointer such as `/mainData/docentry`, with every digit; empty
    /// ones are `None`.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<String> {
        let found = at(&self.raw, pointer)?;
        match found.as_str().as_bytes().first() {
            Some(b'{' | b'[') => None,
            _ => text_of_json(found.as_str()).ok()?,
        }
    }

    /// The body decoded by serde.
    ///
    /// # Errors
    /// When it does not have this shape; the text names the field.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallbackError> {
        json::decode(self.raw.as_str().as_bytes())
            .map_err(|error| CallbackError::Body(error.to_string()))
    }
}

/// The value at a JSON Pointer, as its own text.
fn at(raw: &RawJson, pointer: &str) -> Option<RawJson> {
    let mut found = raw.clone();
    for step in pointer.strip_prefix('/')?.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        found = if found.as_str().starts_with('[') {
            let elements: Vec<RawJson> = found.get().ok()?;
            elements.into_iter().nth(step.parse().ok()?)?
        } else {
            let mut members: HashMap<String, RawJson> = found.get().ok()?;
            members.remove(&step)?
        };
    }
    Some(found)
}
