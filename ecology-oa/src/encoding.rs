//! Parameters, written as a form or as JSON.

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::config::Encoding;
use crate::wire::{Body, FORM};

/// The parameters of one call, in order.
#[derive(Clone, Default)]
pub(crate) struct Params(Vec<(&'static str, Param)>);

#[derive(Clone)]
enum Param {
    Text(String),
    Int(i64),
    /// JSON text in a form, JSON itself in JSON.
    Nested(Value),
}

impl Params {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, Param::Text(value.into())));
        self
    }

    pub(crate) fn int(mut self, name: &'static str, value: i64) -> Self {
        self.0.push((name, Param::Int(value)));
        self
    }

    pub(crate) fn nested(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, Param::Nested(value)));
        self
    }

    /// Adds a text if there is one.
    pub(crate) fn text_if(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds `otherParams`, unless nothing stands in it.
    pub(crate) fn other_params(self, options: Map<String, Value>) -> Self {
        if options.is_empty() { self } else { self.nested("otherParams", Value::Object(options)) }
    }

    pub(crate) fn body(&self, encoding: Encoding) -> Body {
        match encoding {
            Encoding::Form => self.form(),
            Encoding::Json => self.json(),
        }
    }

    pub(crate) fn form(&self) -> Body {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, param) in &self.0 {
            match param {
                Param::Text(text) => form.append_pair(name, text),
                Param::Int(number) => form.append_pair(name, &number.to_string()),
                Param::Nested(value) => form.append_pair(name, &value.to_string()),
            };
        }
        Body { content_type: HeaderValue::from_static(FORM), bytes: Bytes::from(form.finish()) }
    }

    fn json(&self) -> Body {
        let mut object = Map::new();
        for (name, param) in &self.0 {
            let value = match param {
                Param::Text(text) => Value::from(text.as_str()),
                Param::Int(number) => Value::from(*number),
                Param::Nested(value) => value.clone(),
            };
            object.insert((*name).to_owned(), value);
        }
        json_body(&Value::Object(object))
    }
}

pub(crate) fn json_body(value: &Value) -> Body {
    Body {
        content_type: HeaderValue::from_static("application/json; charset=utf-8"),
        bytes: Bytes::from(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_escapes_everything_that_could_be_taken_for_something_else() {
        let text = "a+b&c=d%e#f 审批";
        let params = Params::new().int("n", 781).text("t", text).nested("j", json!([text]));
        let body = params.form();
        let written = std::str::from_utf8(&body.bytes).unwrap();
        assert!(written.is_ascii());
        assert!(written.starts_with("n=781&t=a%2Bb%26c%3Dd%25e%23f+%E5%AE%A1%E6%89%B9&j=%5B%22"));
        let read: Vec<_> = form_urlencoded::parse(&body.bytes).into_owned().collect();
        assert_eq!(read[1], ("t".into(), text.into()));
        assert_eq!(read[2], ("j".into(), json!([text]).to_string()));
    }

    #[test]
    fn json_nests() {
        let body = Params::new().int("n", 1).nested("j", json!([1])).body(Encoding::Json);
        assert_eq!(&body.bytes[..], br#"{"j":[1],"n":1}"#);
    }
}
