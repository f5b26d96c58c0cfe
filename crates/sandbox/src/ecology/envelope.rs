//! The envelopes of the server: E1 of the token service and the filter, E2 of the workflow service.

use serde_json::{Map, Value, json};

use super::quirks::{CodeStyle, ListStyle, Quirks};

/// `code` of the workflow service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Success,
    ParamError,
    NoPermission,
    Fail,
}

impl Code {
    pub(super) fn name(self) -> &'static str {
        match self {
            Code::Success => "SUCCESS",
            Code::ParamError => "PARAM_ERROR",
            Code::NoPermission => "NO_PERMISSION",
            Code::Fail => "FAIL",
        }
    }

    fn number(self) -> i64 {
        match self {
            Code::Success => 1,
            Code::ParamError => 2,
            Code::NoPermission => 3,
            Code::Fail => 6,
        }
    }

    fn spell(self, style: CodeStyle) -> Value {
        match style {
            CodeStyle::Text => json!(self.name()),
            CodeStyle::Object => json!({"name": self.name(), "statusCode": self.number()}),
            CodeStyle::Number => json!(self.number()),
        }
    }
}

/// How the workflow service says no.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: Code,
    /// `errMsg`: which parameter, and why.
    err_msg: Map<String, Value>,
    /// `reqFailMsg`.
    fail: Option<Value>,
}

impl Refusal {
    fn new(code: Code, key: &str, why: impl Into<Value>) -> Self {
        let err_msg = Map::from_iter([(key.to_owned(), why.into())]);
        Refusal { code, err_msg, fail: None }
    }

    pub(super) fn parameter(key: &str, why: impl Into<Value>) -> Self {
        Self::new(Code::ParamError, key, why)
    }

    /// What the server says about JSON it cannot read, whatever the real fault is.
    pub(super) fn unreadable() -> Self {
        Self::parameter("workflowId", 0)
    }

    pub(super) fn permission(key: &str, why: &str) -> Self {
        Self::new(Code::NoPermission, key, why)
    }

    /// The flow failed: `reqFailMsg` says why.
    pub(super) fn fail(kind: &str, info: impl Into<Value>) -> Self {
        let fail = json!({"msgType": kind, "msgInfo": info.into(), "otherParams": {}});
        Refusal { code: Code::Fail, err_msg: Map::new(), fail: Some(fail) }
    }

    pub(super) fn body(&self, style: CodeStyle) -> Value {
        let mut body = json!({"code": self.code.spell(style), "errMsg": self.err_msg});
        if let (Some(fail), Some(members)) = (&self.fail, body.as_object_mut()) {
            members.insert("reqFailMsg".to_owned(), fail.clone());
        }
        body
    }

    /// One line for a person: what the page would show.
    pub(super) fn text(&self) -> String {
        let shown: Vec<_> = self.err_msg.iter().map(|(key, why)| format!("{key}: {why}")).collect();
        let info = self.fail.as_ref().and_then(|fail| fail.get("msgInfo"));
        match info {
            Some(Value::String(text)) => text.clone(),
            Some(info) => info.to_string(),
            None => shown.join(", "),
        }
    }
}

/// What a call of the workflow service gives.
#[derive(Debug)]
pub(super) enum Reply {
    /// No `data`.
    Done,
    Data(Value),
    /// `data` in an answer whose documented sample has no `code`.
    Status(Value),
    /// A bare array or number.
    Bare(Value),
}

impl Reply {
    pub(super) fn body(self, quirks: &Quirks) -> Value {
        let code = Code::Success.spell(quirks.code_style);
        match self {
            Reply::Done => json!({"code": code, "errMsg": {}}),
            Reply::Status(data) if quirks.status_without_code => {
                json!({"data": data, "errMsg": {}})
            }
            Reply::Data(data) | Reply::Status(data) => {
                json!({"code": code, "data": data, "errMsg": {}})
            }
            Reply::Bare(rows) => match quirks.list_style {
                ListStyle::Bare => rows,
                ListStyle::CodeData => json!({"code": code, "data": rows}),
                ListStyle::StatusDatas => json!({"status": "1", "datas": rows}),
            },
        }
    }
}

/// A refusal of the token service or the filter (E1).
pub(super) fn not_ok(message: &str, quirks: &Quirks) -> Value {
    let code = if quirks.text_codes { json!("-1") } else { json!(-1) };
    json!({"msgShowType": "none", "code": code, "msg": message, "status": false})
}

/// A success of the token service (E1), to be completed.
pub(super) fn ok(message: &str, quirks: &Quirks) -> Map<String, Value> {
    let code = if quirks.text_codes { json!("0") } else { json!(0) };
    let (none, message) = (json!("none"), json!(message));
    let members =
        [("msgShowType", none), ("code", code), ("msg", message), ("status", json!(true))];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// No session could be built: token missing, header stripped, address not let through.
pub(super) fn login_timeout() -> Value {
    json!({"msg": "登录信息超时", "errorCode": "002", "status": false})
}
