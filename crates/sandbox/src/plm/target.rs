//! The target interface (目标接口): where a family is pushed, and how the answer is read.

use std::time::Duration;

use serde_json::{Value, json};

/// How several objects go into one request. The PLM's documentation does not say; receivers have to
/// take all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchShape {
    /// `[{…},{…}]`; a single object goes alone.
    Array,
    /// `[{…}]` for a single object as well.
    AlwaysArray,
    /// `{"<name>":[{…},{…}]}`.
    Wrapped(String),
}

/// Settings of a target interface, with the defaults of the customers' guide.
#[derive(Debug, Clone)]
pub struct TargetInterface {
    url: String,
    headers: Vec<(String, String)>,
    single_push: bool,
    shape: BatchShape,
    status_path: String,
    status_value: String,
    message_path: String,
    patience: Duration,
}

impl TargetInterface {
    /// Pushes to this address (服务器地址) in one request (默认-一次推送); success is `code` = `200`,
    /// the text is in `message`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            headers: Vec::new(),
            single_push: false,
            shape: BatchShape::Array,
            status_path: "code".to_owned(),
            status_value: "200".to_owned(),
            message_path: "message".to_owned(),
            patience: Duration::from_secs(30),
        }
    }

    /// 访问凭证: the header `X-ApiG-AppCode`.
    #[must_use]
    pub fn app_code(self, code: impl Into<String>) -> Self {
        self.header("X-ApiG-AppCode", code)
    }

    /// 新增Header项: one more header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// 是否单条推送: a request for each object.
    #[must_use]
    pub fn single_push(mut self) -> Self {
        self.single_push = true;
        self
    }

    /// How several objects go into one request.
    #[must_use]
    pub fn shape(mut self, shape: BatchShape) -> Self {
        self.shape = shape;
        self
    }

    /// 响应状态路径, 响应状态值, 响应消息路径: how the answer is read. Paths have dots.
    #[must_use]
    pub fn answer(
        mut self,
        status_path: impl Into<String>,
        status_value: impl Into<String>,
        message_path: impl Into<String>,
    ) -> Self {
        self.status_path = status_path.into();
        self.status_value = status_value.into();
        self.message_path = message_path.into();
        self
    }

    /// How long the PLM waits for an answer, in real time. Default 30 seconds.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    pub(super) fn bodies(&self, rows: &[Value]) -> Vec<String> {
        if self.single_push {
            return rows.iter().map(ToString::to_string).collect();
        }
        let body = match (&self.shape, rows) {
            (BatchShape::Array, [only]) => only.clone(),
            (BatchShape::Array | BatchShape::AlwaysArray, rows) => json!(rows),
            (BatchShape::Wrapped(name), rows) => json!({ name: rows }),
        };
        vec![body.to_string()]
    }

    pub(super) fn deadline(&self) -> Duration {
        self.patience
    }

    /// Reads the answer; the HTTP status plays no part. Whether the PLM compares numbers or texts
    /// is not known: both print the same.
    pub(super) fn judge(&self, answer: &str) -> (bool, String) {
        let Ok(answer) = serde_json::from_str::<Value>(answer) else {
            return (false, "the answer is not JSON".to_owned());
        };
        let text = |path: &str| {
            let found = path.split('.').try_fold(&answer, |below, step| below.get(step))?;
            match found {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        };
        let shown = text(&self.message_path).unwrap_or_default();
        match text(&self.status_path) {
            Some(status) => (status == self.status_value, shown),
            None => (false, format!("nothing stands at {}: {shown}", self.status_path)),
        }
    }
}
