//! What the PLM reads as the answer.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{PushError, Report};

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

/// How answers are written: the mirror of the target interface (目标接口) in the PLM.
///
/// The paths are those of 响应状态路径 and 响应消息路径, with dots between the steps.
///
/// ```
/// use plm_tianyu::AnswerFormat;
///
/// // {"result":{"status":"S","text":"created"}}
/// let format: AnswerFormat = serde_json::from_str(
///     r#"{"status_path": "result.status", "success_value": "S", "failure_value": "E",
///         "message_path": "result.text"}"#,
/// )?;
/// format.check().unwrap();
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerFormat {
    /// 响应状态路径. Default `code`.
    pub status_path: String,
    /// 响应状态值: what stands there on success. Default the number 200.
    pub success_value: Value,
    /// What stands there on failure. Default: the number 400, 413 or 500.
    pub failure_value: Option<Value>,
    /// 响应消息路径. Default `message`.
    pub message_path: String,
    /// Where the results of a batch stand; empty for nowhere. Default `results`. The PLM ignores it.
    pub results_path: String,
    /// The HTTP status of pushes that are malformed. Default 200: the PLM judges by the code, and
    /// gateways replace the bodies of other answers.
    pub malformed_status: u16,
}

impl Default for AnswerFormat {
    /// `{"code":200,"message":"created"}`.
    fn default() -> Self {
        Self {
            status_path: "code".to_owned(),
            success_value: json!(200),
            failure_value: None,
            message_path: "message".to_owned(),
            results_path: "results".to_owned(),
            malformed_status: 200,
        }
    }
}

impl AnswerFormat {
    /// Checks the paths and the status.
    ///
    /// # Errors
    /// With the text of what is wrong.
    pub fn check(&self) -> Result<(), String> {
        if StatusCode::from_u16(self.malformed_status).is_err() {
            return Err(format!(
                "`malformed_status`: expected an HTTP status such as 200 or 400, found {}",
                self.malformed_status
            ));
        }
        let mut paths = vec![
            ("status_path", self.status_path.as_str()),
            ("message_path", self.message_path.as_str()),
        ];
        if !self.results_path.is_empty() {
            paths.push(("results_path", &self.results_path));
        }
        for (name, path) in &paths {
            if path.split('.').any(str::is_empty) {
                return Err(format!(
                    "`{name}`: expected names with dots between them, found `{path}`"
                ));
            }
        }
        for (at, (name, path)) in paths.iter().enumerate() {
            let clashes = |other: &str| format!("{other}.").starts_with(&format!("{path}."));
            for (other, other_path) in
                paths.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, path)| path)
            {
                if clashes(other_path) {
                    return Err(format!("`{other}` lies at or below `{name}`: {other_path}"));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn report(&self, report: &Report) -> Reply {
        let results = report.is_batch.then(|| {
            let row = |row: &crate::RowResult| {
                json!({
                    "key": row.key.as_ref().map(ToString::to_string),
                    "action": row.action.as_str(),
                    "code": row.code,
                    "message": row.message,
                })
            };
            report.rows.iter().map(row).collect::<Value>()
        });
        Reply {
            status: StatusCode::OK,
            body: self.write(report.code(), &report.message(), results),
        }
    }

    pub(crate) fn refusal(&self, error: &PushError) -> Reply {
        let (status, code) = match error {
            PushError::Unauthorized(refused) => {
                return Reply { status: refused.status(), body: refused.body() };
            }
            PushError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, 413),
            _ => (StatusCode::from_u16(self.malformed_status).unwrap_or(StatusCode::OK), 400),
        };
        Reply { status, body: self.write(code, &error.to_string(), None) }
    }

    fn write(&self, code: u16, message: &str, results: Option<Value>) -> String {
        let status = match (code, &self.failure_value) {
            (200, _) => self.success_value.clone(),
            (_, Some(value)) => value.clone(),
            (code, None) => json!(code),
        };
        let mut answer = Map::new();
        put(&mut answer, &self.status_path, status);
        put(&mut answer, &self.message_path, json!(message));
        if let Some(results) = results.filter(|_| !self.results_path.is_empty()) {
            put(&mut answer, &self.results_path, results);
        }
        Value::Object(answer).to_string()
    }
}

/// Puts a value at a path with dots, making the objects on the way.
fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_owned(), value)),
        Some((step, rest)) => {
            let below = object.entry(step).or_insert_with(|| json!({}));
            if let Value::Object(below) = below {
                put(below, rest, value);
            }
        }
    }
}
