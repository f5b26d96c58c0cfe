//! What the application reads as the answer.

use erplink_core::RawJson;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

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

/// How answers are written. They differ between versions of the application.
///
/// In the templates the text `{msg}` stands for the message, alone or inside a text, and a member
/// whose value is `{data}` for the rows or the document: on failure that is an empty array for
/// queries and lists, and `null` for a document.
///
/// ```
/// use barcode_app::AnswerFormat;
///
/// let format: AnswerFormat = serde_json::from_str(
///     r#"{"success": {"code": 200, "rows": "{data}"}, "failure": {"code": 500, "error": "{msg}"}}"#,
/// )?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerFormat {
    /// On success. Default `{"code":"200","message":"{msg}","data":"{data}"}`.
    pub success: Value,
    /// On failure. Default `{"code":"500","message":"{msg}","data":"{data}"}`.
    pub failure: Value,
}

impl Default for AnswerFormat {
    fn default() -> Self {
        Self {
            success: json!({ "code": "200", "message": MESSAGE, "data": DATA }),
            failure: json!({ "code": "500", "message": MESSAGE, "data": DATA }),
        }
    }
}

/// What an endpoint has to say.
pub(crate) struct Answer {
    pub(crate) is_success: bool,
    pub(crate) message: String,
    pub(crate) data: RawJson,
}

impl Answer {
    pub(crate) fn ok(data: RawJson) -> Self {
        Self { is_success: true, message: "OK".to_owned(), data }
    }

    /// A failure of an endpoint that answers rows.
    pub(crate) fn no_rows(error: &impl ToString) -> Self {
        Self { is_success: false, message: error.to_string(), data: RawJson::array([]) }
    }

    /// A failure of an endpoint that answers one thing.
    pub(crate) fn nothing(error: &impl ToString) -> Self {
        Self { is_success: false, message: error.to_string(), data: RawJson::null() }
    }
}

impl AnswerFormat {
    pub(crate) fn reply(&self, status: StatusCode, answer: &Answer) -> Reply {
        let template = if answer.is_success { &self.success } else { &self.failure };
        Reply { status, body: fill(template, answer).to_string() }
    }
}

/// Fills a template. The data goes in as text, with every digit.
fn fill(template: &Value, answer: &Answer) -> RawJson {
    match template {
        Value::String(text) if text == DATA => answer.data.clone(),
        Value::String(text) => RawJson::text(&text.replace(MESSAGE, &answer.message)),
        Value::Array(elements) => RawJson::array(elements.iter().map(|each| fill(each, answer))),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), fill(value, answer)))
            .collect::<erplink_core::Members>()
            .to_json(),
        other => RawJson::of(other).unwrap_or_else(|_| RawJson::null()),
    }
}
