//! What OA reads as the answer.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What stands for the message in a template.
const MESSAGE: &str = "{msg}";
/// What stands for the data in a template.
const DATA: &str = "{data}";

/// An answer: HTTP status and JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The JSON text.
    pub body: String,
}

impl Reply {
    /// The content type of [`body`](Self::body).
    pub const CONTENT_TYPE: &'static str = "application/json; charset=utf-8";
}

/// It worked: what a handler answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    message: Option<String>,
    data: Option<Value>,
}

impl Done {
    /// With the message `ok`.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a message for the person.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// With data for the OA's form, such as the number of the document that was made.
    #[must_use]
    pub fn data(mut self, data: impl Into<Value>) -> Self {
        self.data = Some(data.into());
        self
    }
}

/// How answers are written, as agreed with the OA administrator.
///
/// In the templates the text `{msg}` stands for the message, alone or inside a text, and a member
/// whose value is `{data}` for the data; without data that member is left out.
///
/// ```
/// use ecology_oa::callback::ReplyFormat;
///
/// let format: ReplyFormat = serde_json::from_str(
///     r#"{"success": {"flag": "Y", "result": "{data}"}, "failure": {"flag": "N", "text": "{msg}"}}"#,
/// )?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct ReplyFormat {
    success: Value,
    failure: Value,
    #[serde(deserialize_with = "status")]
    failure_status: StatusCode,
}

fn status<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
    let number = u16::deserialize(deserializer)?;
    StatusCode::from_u16(number).map_err(|_| {
        serde::de::Error::custom(format_args!(
            "expected an HTTP status such as 500, found {number}"
        ))
    })
}

impl Default for ReplyFormat {
    /// `{"success":true,"code":"0","msg":"ok","data":…}` and
    /// `{"success":false,"code":"-1","msg":"…"}`, both with HTTP 200.
    fn default() -> Self {
        Self {
            success: json!({ "success": true, "code": "0", "msg": MESSAGE, "data": DATA }),
            failure: json!({ "success": false, "code": "-1", "msg": MESSAGE }),
            failure_status: StatusCode::OK,
        }
    }
}

impl ReplyFormat {
    /// These templates.
    pub fn new(success: impl Into<Value>, failure: impl Into<Value>) -> Self {
        Self { success: success.into(), failure: failure.into(), ..Self::default() }
    }

    /// The HTTP status of failures, for OA actions that look at nothing else. Default 200.
    pub fn failure_status(mut self, status: StatusCode) -> Self {
        self.failure_status = status;
        self
    }

    pub(super) fn success(&self, done: &Done) -> Reply {
        let message = done.message.as_deref().unwrap_or("ok");
        let body = fill(&self.success, message, done.data.as_ref()).unwrap_or_default();
        Reply { status: StatusCode::OK, body: body.to_string() }
    }

    pub(super) fn failure(&self, message: &str) -> Reply {
        let body = fill(&self.failure, message, None).unwrap_or_default();
        Reply { status: self.failure_status, body: body.to_string() }
    }
}

/// Fills a template; `None` for data that is not there.
fn fill(template: &Value, message: &str, data: Option<&Value>) -> Option<Value> {
    Some(match template {
        Value::String(text) if text == DATA => return data.cloned(),
        Value::String(text) => Value::String(text.replace(MESSAGE, message)),
        Value::Array(elements) => {
            elements.iter().filter_map(|element| fill(element, message, data)).collect()
        }
        Value::Object(members) => {
            let filled: Map<String, Value> = members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), fill(value, message, data)?)))
                .collect();
            Value::Object(filled)
        }
        other => other.clone(),
    })
}
