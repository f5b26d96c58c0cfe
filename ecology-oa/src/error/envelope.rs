//! Whether an answer is a success, decided by its body.

use std::time::Duration;

use erplink_core::{Effect, ErrorKind, sanitize};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};

use super::{ApiError, Diagnosis, Error, RequestFailure, WorkflowCode};
use crate::auth::server_date;
use crate::cube::answer::Decoded;
use crate::lenient::{into_flag, into_text};

/// What a success of an endpoint looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// `{status: true, code: 0, …}` of the token service.
    Token,
    /// `{code: SUCCESS, data}` of a workflow call.
    Workflow,
    /// An array or a number, bare or wrapped.
    Bare,
    /// `{status: "1", …}` of the modelling engine, wrapped as JSON text or not.
    Cube,
    /// `{status: "1", data}` of the login service.
    Login,
    /// `{code: "1", data}` of the HR service.
    Hrm,
    /// `{data: {fileid}}` of the document service.
    Upload,
    /// Not known: a raw call.
    Anything,
}

/// An answer whose success is in question.
pub(crate) struct Answer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// What went with the request and must not come back in a text.
    pub(crate) secrets: &'a [&'a str],
}

/// Accepts a success; turns everything else into the error it is.
pub(crate) fn judge(answer: &Answer<'_>, expect: Expect) -> Result<(), Error> {
    match serde_json::from_slice::<Value>(answer.body) {
        Ok(value) => answer.judge_json(&value, expect),
        Err(_) => Err(answer.not_json(expect)),
    }
    .map_err(|error| error.with_status(answer.status))
}

impl Answer<'_> {
    fn judge_json(&self, value: &Value, expect: Expect) -> Result<(), Error> {
        if let Value::Object(object) = value {
            if is_filter_refusal(object) {
                return Err(self.filter_refusal(object, expect));
            }
            if matches!(expect, Expect::Workflow | Expect::Bare)
                && let Some(code) = object.get("code").and_then(WorkflowCode::read)
                && code != WorkflowCode::Success
            {
                return Err(self.workflow_refusal(object, &code));
            }
        }
        if !self.status.is_success() {
            return Err(self.by_status(value));
        }
        match expect {
            Expect::Token => self.judge_token(value),
            Expect::Workflow => self.judge_workflow(value),
            Expect::Bare => self.judge_bare(value),
            Expect::Cube => self.judge_cube(value),
            Expect::Login => self.judge_flag(value, "status"),
            Expect::Hrm => self.judge_flag(value, "code"),
            Expect::Upload => self.judge_upload(value),
            Expect::Anything => Ok(()),
        }
    }

    fn judge_token(&self, value: &Value) -> Result<(), Error> {
        let code = value.get("code").and_then(into_text);
        let is_done = value.get("status").and_then(into_flag) == Some(true)
            && matches!(code.as_deref(), None | Some("0"));
        if is_done {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Api, "the OA did not grant it").with_api(self.plain(value)))
    }

    /// A documented answer has no `code`: then `data` says that it worked.
    fn judge_workflow(&self, value: &Value) -> Result<(), Error> {
        let has_code = value.get("code").is_some_and(|code| !code.is_null());
        if has_code || value.get("data").is_some_and(|data| data.is_object() || data.is_array()) {
            return Ok(());
        }
        Err(self.unreadable())
    }

    fn judge_bare(&self, value: &Value) -> Result<(), Error> {
        match value {
            Value::Array(_) | Value::Number(_) => Ok(()),
            Value::String(text) if text.trim().parse::<i64>().is_ok() => Ok(()),
            Value::Object(object) => {
                let is_done = object.contains_key("code")
                    || object.get("status").and_then(into_flag) == Some(true);
                if is_done {
                    return Ok(());
                }
                Err(Error::new(ErrorKind::Api, "the OA refused the call")
                    .with_api(self.plain(value)))
            }
            _ => Err(self.unreadable()),
        }
    }

    fn judge_cube(&self, value: &Value) -> Result<(), Error> {
        let Some(decoded) = Decoded::of(value) else { return Err(self.unreadable()) };
        // Rows with an outcome of their own say more than the status of the whole.
        if decoded.status != Some(false) || !decoded.rows.is_empty() {
            return Ok(());
        }
        let message = self.clean(decoded.message.unwrap_or_default());
        let (kind, diagnosis) = if message.contains("系统标识或密码不正确") {
            (ErrorKind::Auth, Some(Diagnosis::CubeCredentials))
        } else if message.contains("超过10分钟") || message.contains("数据请求超时") {
            (ErrorKind::Api, Some(Diagnosis::ClockSkew))
        } else if message.contains("json解析异常") {
            (ErrorKind::Api, Some(Diagnosis::CubeJson))
        } else {
            (ErrorKind::Api, None)
        };
        let api = ApiError {
            code: "0".to_owned(),
            message,
            diagnosis,
            server_date: server_date(self.headers),
            ..ApiError::default()
        };
        Err(Error::new(kind, "the modelling engine refused the call").with_api(api))
    }

    /// `status` or `code` is 1 on success.
    fn judge_flag(&self, value: &Value, member: &str) -> Result<(), Error> {
        match value.get(member).and_then(into_text) {
            Some(code) if code == "1" => Ok(()),
            Some(_) => {
                Err(Error::new(ErrorKind::Api, "the OA refused the call")
                    .with_api(self.plain(value)))
            }
            None => Err(self.unreadable()),
        }
    }

    fn judge_upload(&self, value: &Value) -> Result<(), Error> {
        let id = value.get("data").and_then(|data| data.get("fileid"));
        if id.and_then(into_text).is_some() {
            return Ok(());
        }
        let api = self.plain(value);
        if api.message.is_empty() {
            return Err(self.unreadable());
        }
        Err(Error::new(ErrorKind::Api, "the OA did not take the document").with_api(api))
    }

    /// `{status: false, code: -1, msg}`, which a filter answers on any address.
    fn filter_refusal(&self, object: &Map<String, Value>, expect: Expect) -> Error {
        let mut api = self.plain(&Value::Object(object.clone()));
        let message = api.message.as_str();
        let is_timeout = api.code == "002" || message.contains("登录信息超时");
        let of_token_service = expect == Expect::Token;
        let (kind, diagnosis) = if message.contains("token不存在") {
            (ErrorKind::Session, Diagnosis::TokenRefused)
        } else if is_timeout && of_token_service {
            (ErrorKind::Forbidden, Diagnosis::FilterBlocked)
        } else if is_timeout {
            (ErrorKind::Session, Diagnosis::NoSession)
        } else if message.contains("账号存在异常") {
            (ErrorKind::Auth, Diagnosis::AccountAbnormal)
        } else if message.contains("解密失败") && of_token_service {
            (ErrorKind::Auth, Diagnosis::SecretDecrypt)
        } else if message.contains("解密失败") {
            (ErrorKind::Auth, Diagnosis::UserDecrypt)
        } else if message.starts_with("认证信息错误") {
            (ErrorKind::Auth, Diagnosis::BadSecret)
        } else if message.to_ascii_lowercase().contains("appid") {
            (ErrorKind::Auth, Diagnosis::UnknownAppId)
        } else {
            return Error::new(ErrorKind::Api, "the OA refused the call").with_api(api);
        };
        api.diagnosis = Some(diagnosis);
        let text = match kind {
            ErrorKind::Session => "the OA refused the token",
            ErrorKind::Forbidden => "the OA does not let the call through",
            _ => "the OA refused the credentials",
        };
        Error::new(kind, text).with_api(api)
    }

    fn workflow_refusal(&self, object: &Map<String, Value>, code: &WorkflowCode) -> Error {
        let object = self.clean_members(object);
        let (message, details) = match object.get("errMsg") {
            Some(Value::Object(details)) => (String::new(), details.clone()),
            Some(other) => (into_text(other).unwrap_or_default(), Map::new()),
            None => (object.get("msg").and_then(into_text).unwrap_or_default(), Map::new()),
        };
        let is_misleading = *code == WorkflowCode::ParamError
            && details.len() == 1
            && details.get("workflowId").and_then(into_text).as_deref() == Some("0");
        let api = ApiError {
            code: code.as_str().to_owned(),
            message,
            details,
            failure: object.get("reqFailMsg").and_then(request_failure),
            diagnosis: is_misleading.then_some(Diagnosis::MisleadingParameters),
            server_date: None,
        };
        let error = Error::new(code.kind(), "the OA refused the call").with_api(api);
        match code {
            WorkflowCode::SystemInnerError => error.with_effect(Effect::Unknown).transient(),
            _ => error,
        }
    }

    /// Any answer with a text somewhere.
    fn plain(&self, value: &Value) -> ApiError {
        let first = |names: &[&str]| {
            names.iter().find_map(|name| value.get(*name).and_then(into_text)).unwrap_or_default()
        };
        ApiError {
            code: self.clean(first(&["errorCode", "code", "errcode", "status"])),
            message: self.clean(first(&["msg", "errmsg", "errMsg", "message", "info"])),
            ..ApiError::default()
        }
    }

    fn by_status(&self, value: &Value) -> Error {
        self.of_status().with_api(self.plain(value))
    }

    fn of_status(&self) -> Error {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "the OA throttles this call")
                    .transient()
                    .with_retry_after(self.retry_after())
            }
            status if status.is_server_error() => {
                Error::new(ErrorKind::Server, "the OA is in trouble")
                    .with_effect(Effect::Unknown)
                    .transient()
                    .with_retry_after(self.retry_after())
            }
            StatusCode::UNAUTHORIZED => Error::new(ErrorKind::Auth, "the OA refused the call"),
            StatusCode::FORBIDDEN => Error::new(ErrorKind::Forbidden, "the OA forbids the call"),
            StatusCode::NOT_FOUND => {
                Error::new(ErrorKind::Unsupported, "the OA has no such endpoint")
            }
            _ => Error::new(ErrorKind::Api, "the OA refused the call"),
        }
    }

    /// Pages of the login filter or of a proxy, truncated bodies, nothing at all.
    fn not_json(&self, expect: Expect) -> Error {
        let is_page = self.body.trim_ascii_start().starts_with(b"<");
        let is_login = self.status.is_redirection()
            || (is_page && self.status.is_success() && looks_like_login(self.body));
        let page = |diagnosis| ApiError {
            message: self.excerpt(expect),
            diagnosis: Some(diagnosis),
            ..ApiError::default()
        };
        // The token service has no pages of its own: whatever page it is, it is the filter's.
        if is_login || (is_page && self.status.is_success() && expect == Expect::Token) {
            // Not the credentials: a server that restarts sends such pages too, and refused
            // credentials would be remembered.
            return Error::new(
                ErrorKind::Forbidden,
                "the OA sent its login page instead of an answer",
            )
            .with_api(page(Diagnosis::FilterBlocked));
        }
        match self.status {
            status if status.is_server_error() => {
                self.of_status().with_api(page(Diagnosis::ServerPatch))
            }
            StatusCode::NOT_FOUND => self.of_status().with_api(page(Diagnosis::NotInstalled)),
            StatusCode::PAYLOAD_TOO_LARGE => self.of_status().with_api(page(Diagnosis::TooLarge)),
            status if status.is_success() && is_page => {
                Error::new(ErrorKind::Decode, "the OA sent a page instead of an answer")
                    .with_api(page(Diagnosis::NotInstalled))
                    .with_effect(Effect::Unknown)
                    .transient()
            }
            status if status.is_success() => {
                let message = match self.excerpt(expect) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not JSON: {text}"),
                };
                Error::new(ErrorKind::Decode, message).with_effect(Effect::Unknown).transient()
            }
            _ => self.of_status(),
        }
    }

    /// JSON of another shape than the documented ones.
    fn unreadable(&self) -> Error {
        let text = self.clean(String::from_utf8_lossy(self.body).into_owned());
        let text = sanitize::excerpt(text.as_bytes());
        Error::new(ErrorKind::Decode, format!("the answer is not one of the OA's: {text}"))
            .with_effect(Effect::Unknown)
    }

    fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }

    fn excerpt(&self, expect: Expect) -> String {
        // Half an answer of the token service may hold half a token.
        if expect == Expect::Token && !self.body.trim_ascii_start().starts_with(b"<") {
            return match self.body.len() {
                0 => String::new(),
                bytes => format!("({bytes} bytes, not shown)"),
            };
        }
        // Cleaned before it is cut, so that half a token cannot stay at the edge.
        let body = self.clean(String::from_utf8_lossy(self.body).into_owned());
        sanitize::excerpt(body.as_bytes())
    }

    fn clean_members(&self, object: &Map<String, Value>) -> Map<String, Value> {
        object
            .iter()
            .map(|(name, value)| (self.clean(name.clone()), self.clean_value(value)))
            .collect()
    }

    fn clean_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.clean(text.clone())),
            Value::Array(elements) => {
                elements.iter().map(|element| self.clean_value(element)).collect()
            }
            Value::Object(object) => Value::Object(self.clean_members(object)),
            other => other.clone(),
        }
    }

    fn clean(&self, text: String) -> String {
        self.secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .fold(text, |text, secret| text.replace(secret, "***"))
    }
}

/// `status` is false. Workflow states are texts such as `出口1` and stand deeper.
fn is_filter_refusal(object: &Map<String, Value>) -> bool {
    let status = object.get("status");
    let is_false = match status {
        Some(Value::Bool(status)) => !status,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("false"),
        _ => false,
    };
    is_false || object.get("errorCode").and_then(into_text).as_deref() == Some("002")
}

fn request_failure(value: &Value) -> Option<RequestFailure> {
    if value.is_null() || value.as_object().is_some_and(Map::is_empty) {
        return None;
    }
    let member = |name: &str| value.get(name).and_then(into_text).unwrap_or_default();
    match value {
        Value::Object(_) => {
            Some(RequestFailure { kind: member("msgType"), message: member("msgInfo") })
        }
        other => Some(RequestFailure { kind: String::new(), message: into_text(other)? }),
    }
}

/// The login page names itself.
fn looks_like_login(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body.get(..4096).unwrap_or(body)).to_lowercase();
    text.contains("login") || text.contains("登录")
}
