//! Whether an answer is a success, decided by its body.

use std::sync::Arc;
use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, RawJson, sanitize};
use http::{StatusCode, header};

use super::{ApiError, Error};
use crate::lenient::{Lenient, model};

const SUCCESS: i64 = 200;
/// Sub-codes of a token that is over or unknown.
const TOKEN_REFUSED: &[&str] = &["ACCESS_TOKEN_EXPIRED", "SSO_TOKEN_FAIL"];
/// How a refusal for too many calls reads. Limits are not documented, so these are few: taking a
/// refusal of another kind for one would repeat a write.
const THROTTLED: &[&str] = &["请求过于频繁", "限流"];
/// The least wait after "too many calls".
const PAUSE: Duration = Duration::from_secs(1);

model! {
    /// The envelope of every answer.
    #[allow(unreachable_pub)]
    pub struct Envelope {
        /// 200 is success.
        pub code: Option<i64>,
        /// Name of the failure.
        pub sub_code: Option<String>,
        /// For people.
        pub message: String,
        /// 1: a person has to confirm.
        pub need_check: Option<i64>,
        /// What the account may not see.
        pub field_permission: Option<FieldPermission>,
        /// The answer.
        pub data: Option<RawJson>,
    }

    /// What the account may not see or change.
    #[allow(unreachable_pub)]
    pub struct FieldPermission {
        /// Members that were left out.
        pub no_access: Vec<String>,
    }
}

/// A success.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// `data`; `null` without one.
    pub(crate) data: RawJson,
    /// Members that were left out.
    pub(crate) no_access: Arc<[String]>,
}

/// How the answer to one call is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'a> {
    /// The call logs in: a refusal is final, and no part of the answer may be shown.
    pub(crate) is_login: bool,
    /// What went with the request and must not come back in a text.
    pub(crate) secret: &'a str,
}

impl Judge<'_> {
    /// Answers `data` of a success; turns everything else into the error it is.
    pub(crate) fn judge(&self, response: &Response) -> Result<Reply, Error> {
        let status = response.status();
        let text = std::str::from_utf8(response.body()).unwrap_or_default();
        // Anything that has no code is not the platform's.
        let envelope = Envelope::read(text.trim()).ok();
        let Some((code, envelope)) = envelope.and_then(|found| Some((found.code?, found))) else {
            return Err(self.unreadable(response));
        };
        let needs_confirmation = !matches!(envelope.need_check, None | Some(0));
        let data = envelope.data.unwrap_or_else(RawJson::null);
        if code == SUCCESS && status == StatusCode::OK && !needs_confirmation {
            let no_access = envelope.field_permission.unwrap_or_default().no_access.into();
            return Ok(Reply { data, no_access });
        }
        let api = ApiError {
            code,
            sub_code: envelope.sub_code.map(|text| self.without_secret(text)),
            message: self.without_secret(envelope.message),
            needs_confirmation: code == SUCCESS && needs_confirmation,
            data,
        };
        let error = match self.refusal(response, &api) {
            Some(error) => error,
            None if status == StatusCode::OK && api.needs_confirmation => {
                Error::new(ErrorKind::Api, "the MES wants a person to confirm")
            }
            None if code == SUCCESS => return Err(self.unreadable(response)),
            None => Error::new(ErrorKind::Api, "the MES refused the call"),
        };
        let error = match error.kind() {
            ErrorKind::Session | ErrorKind::Forbidden | ErrorKind::Api if self.is_login => {
                Error::new(ErrorKind::Auth, "the MES refused the login")
            }
            _ => error,
        };
        Err(error.with_status(status).with_api(api))
    }

    /// What the platform's words and the HTTP status say together.
    fn refusal(&self, response: &Response, api: &ApiError) -> Option<Error> {
        let status = response.status();
        if TOKEN_REFUSED.iter().any(|name| api.is(name)) || api.code == 401 {
            return Some(token_refused());
        }
        if api.is("URL_NO_PERMISSION") || api.code == 403 {
            return Some(forbidden());
        }
        if api.code == 429 || THROTTLED.iter().any(|text| api.message.contains(text)) {
            return Some(throttled(response));
        }
        by_status(response).or_else(|| {
            let is_fault = (500..600).contains(&api.code) && status.is_success();
            is_fault.then(fault)
        })
    }

    /// Pages of a proxy, truncated bodies, nothing at all, a redirection.
    fn unreadable(&self, response: &Response) -> Error {
        let status = response.status();
        let error = by_status(response).unwrap_or_else(|| {
            let message = match self.excerpt(response.body()) {
                text if text.is_empty() => "the answer is empty".to_owned(),
                text => format!("the answer is not one of the MES's: {text}"),
            };
            // Not followed: the token would go along.
            let message = match status.is_redirection() {
                true => format!("redirected, which is not followed: {message}"),
                false => message,
            };
            let effect = match status.is_client_error() {
                true => Effect::NotExecuted,
                false => Effect::Unknown,
            };
            Error::new(ErrorKind::Decode, message).with_effect(effect)
        });
        error.with_status(status)
    }

    fn excerpt(&self, body: &[u8]) -> String {
        if self.is_login && !body.is_empty() {
            return format!("({} bytes, not shown)", body.len());
        }
        // Cleaned before it is cut, so that half a token cannot stay at the edge.
        let body = self.without_secret(String::from_utf8_lossy(body).into_owned());
        sanitize::excerpt(body.as_bytes())
    }

    fn without_secret(&self, text: String) -> String {
        if self.secret.is_empty() || !text.contains(self.secret) {
            return text;
        }
        text.replace(self.secret, "***")
    }
}

/// What the HTTP status alone says.
fn by_status(response: &Response) -> Option<Error> {
    match response.status() {
        StatusCode::UNAUTHORIZED => Some(token_refused()),
        StatusCode::FORBIDDEN => Some(forbidden()),
        StatusCode::TOO_MANY_REQUESTS => Some(throttled(response)),
        status if status.is_server_error() => Some(fault().with_retry_after(retry_after(response))),
        _ => None,
    }
}

fn token_refused() -> Error {
    Error::new(ErrorKind::Session, "the MES refused the token")
}

fn forbidden() -> Error {
    Error::new(ErrorKind::Forbidden, "the MES does not allow this call")
}

fn throttled(response: &Response) -> Error {
    let wait = retry_after(response).unwrap_or(PAUSE).max(PAUSE);
    Error::new(ErrorKind::RateLimited, "the MES throttles this call")
        .transient()
        .with_retry_after(Some(wait))
}

fn fault() -> Error {
    Error::new(ErrorKind::Server, "the MES is in trouble").with_effect(Effect::Unknown).transient()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// An answer that was received and cannot be read: a write has probably happened.
pub(crate) fn unreadable_data(problem: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("the answer does not have the documented shape: {problem}"),
    )
    .with_effect(Effect::Unknown)
}

/// Reads `data`.
pub(crate) fn read_data<T: Lenient>(data: &RawJson) -> Result<T, Error> {
    T::read(data.as_str()).map_err(unreadable_data)
}
