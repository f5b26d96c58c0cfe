//! How the platform says no, in both generations.

use serde_json::{Value, json};

/// A refusal of the new generation: `{"code","message","requestid"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: String,
    pub(super) message: String,
    /// The permission (scope) that is missing, in permission errors only.
    pub(super) required_scope: Option<&'static str>,
}

impl Refusal {
    /// A business error: HTTP 400.
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self::with_status(400, code, message)
    }

    pub(super) fn with_status(status: u16, code: &str, message: impl Into<String>) -> Self {
        Refusal { status, code: code.to_owned(), message: message.into(), required_scope: None }
    }

    pub(super) fn missing_scope(scope: &'static str) -> Self {
        Refusal {
            required_scope: Some(scope),
            ..Self::with_status(
                403,
                "Forbidden.AccessDenied.AccessTokenPermissionDenied",
                format!("没有调用该接口的权限，接口权限申请参考：{scope}"),
            )
        }
    }

    pub(super) fn body(&self, request_id: &str) -> Value {
        let mut body = json!({"code": self.code, "message": self.message, "requestid": request_id});
        if let (Some(scope), Some(members)) = (self.required_scope, body.as_object_mut()) {
            members.insert("accessdenieddetail".to_owned(), json!({"requiredScopes": [scope]}));
        }
        body
    }
}

/// A refusal of the legacy generation: HTTP 200 with `errcode` ≠ 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LegacyRefusal {
    code: i64,
    message: String,
    /// The gateway of `topapi` wraps its own codes: `errcode` 88 and the code as text in `sub_code`.
    wrapped: bool,
}

impl LegacyRefusal {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        LegacyRefusal { code, message: message.into(), wrapped: false }
    }

    pub(super) fn wrapped_if(mut self, wrapped: bool) -> Self {
        self.wrapped = wrapped;
        self
    }

    pub(super) fn body(&self, request_id: &str) -> Value {
        let LegacyRefusal { code, message, wrapped } = self;
        if *wrapped {
            json!({
                "errcode": 88,
                "sub_code": code.to_string(),
                "sub_msg": message,
                "errmsg": format!("ding talk error[subcode={code},submsg={message}]"),
                "request_id": request_id,
            })
        } else {
            json!({"errcode": code, "errmsg": message, "request_id": request_id})
        }
    }
}
