//! What the service says when it refuses.
//!
//! Every answer is JSON with `code` and `message`; [`ApiError::SUCCESS`] is the only code of
//! success, and no other codes are known. Decide by [`Error::kind`](erplink_core::Error::kind) and
//! the predicates; code and message stay visible for people.

use std::fmt;

use erplink_core::transport::Response;
use erplink_core::{ApiDetail, Effect, ErrorKind, RawJson, sanitize};
use http::{StatusCode, header};
use serde::Deserialize;

use crate::sql::SqlError;

/// A failed call. [`ApiError`] holds the service's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// `code` and `message` of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: String,
    message: String,
}

impl ApiError {
    /// The code of every success.
    pub const SUCCESS: &str = "RIS.10000000";
    /// What the service says to an empty statement, whose session is good.
    pub const EMPTY_SQL: &str = "Sql不能为空";

    /// The code, such as `RIS.10000000`. The set is open.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The message, often Chinese. For people: its wording changes.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

impl ApiDetail for ApiError {}

impl From<SqlError> for Error {
    fn from(error: SqlError) -> Self {
        Self::invalid(error.to_string()).with_source(error)
    }
}

/// What was asked, as far as it changes what an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A refusal is about company, user or password.
    Login,
    /// A refusal leaves nothing behind.
    Read,
    /// What a refusal leaves behind is not known.
    Write,
}

/// What tells that a session has ended, besides the HTTP statuses 401 and 403.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionEnd {
    pub(crate) codes: Vec<String>,
    pub(crate) messages: Vec<String>,
}

impl SessionEnd {
    fn is(&self, api: &ApiError) -> bool {
        self.codes.contains(&api.code)
            || self.messages.iter().any(|part| api.message.contains(part.as_str()))
    }
}

#[derive(Deserialize)]
struct Envelope {
    code: RawJson,
    #[serde(default)]
    message: Option<RawJson>,
    #[serde(default)]
    data: Option<RawJson>,
}

/// How the answer to one call is judged.
pub(crate) struct Judge<'a> {
    pub(crate) asked: Asked,
    pub(crate) session_end: &'a SessionEnd,
    /// What went with the request and must not come back in a text.
    pub(crate) secrets: &'a [&'a str],
}

impl Judge<'_> {
    /// The `data` of a success (`null` where there are none); everything else is an error.
    pub(crate) fn data(&self, response: &Response) -> Result<RawJson> {
        let status = response.status();
        let Ok(envelope) = serde_json::from_slice::<Envelope>(response.body()) else {
            return Err(self.unreadable(response));
        };
        let api = ApiError {
            code: self.masked(&text(&envelope.code)),
            message: self.masked(&envelope.message.as_ref().map(text).unwrap_or_default()),
        };
        if status.is_success() && api.code == ApiError::SUCCESS {
            return Ok(envelope.data.unwrap_or_else(RawJson::null));
        }
        Err(self.refused(status, &api).with_status(status).with_api(api))
    }

    fn refused(&self, status: StatusCode, api: &ApiError) -> Error {
        match status.as_u16() {
            429 => return throttled(),
            500.. => return trouble(),
            _ => {}
        }
        match self.asked {
            Asked::Login => {
                Error::new(ErrorKind::Auth, "the login was refused: check company, user, password")
            }
            Asked::Read | Asked::Write if is_unauthorized(status) || self.session_end.is(api) => {
                session()
            }
            Asked::Read => Error::new(ErrorKind::Api, "the service refused"),
            Asked::Write => {
                Error::new(ErrorKind::Api, "the service refused").with_effect(Effect::Unknown)
            }
        }
    }

    /// Pages of a gateway, truncated bodies, nothing at all.
    fn unreadable(&self, response: &Response) -> Error {
        let status = response.status();
        let error = match status.as_u16() {
            401 | 403 if self.asked == Asked::Login => {
                Error::new(ErrorKind::Auth, "the gateway refused the login")
            }
            401 | 403 => session(),
            429 => throttled(),
            500.. => trouble(),
            300..=399 => Error::new(
                ErrorKind::Decode,
                "a redirect instead of an answer: is the root address right?",
            ),
            _ => {
                let message = match self.excerpt(response.body()) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not one of the DI API service: {text}"),
                };
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|wait| {
            let seconds = wait.to_str().ok()?.trim().parse().ok()?;
            Some(std::time::Duration::from_secs(seconds))
        });
        error.with_status(status).with_retry_after(wait)
    }

    fn excerpt(&self, body: &[u8]) -> String {
        // Masked before it is cut, so that half a secret cannot stay at the edge.
        sanitize::excerpt(self.masked(&String::from_utf8_lossy(body)).as_bytes())
    }

    /// Very short secrets would mask half the text and are no secrets.
    fn masked(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| secret.len() >= 4) {
            text = text.replace(secret, "***");
            // As it stands within JSON.
            if let Ok(quoted) = serde_json::to_string(secret) {
                text = text.replace(quoted.trim_matches('"'), "***");
            }
        }
        text
    }
}

fn is_unauthorized(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

fn session() -> Error {
    Error::new(ErrorKind::Session, "the session is not valid")
}

fn throttled() -> Error {
    Error::new(ErrorKind::RateLimited, "too many calls").transient()
}

fn trouble() -> Error {
    Error::new(ErrorKind::Server, "the service is in trouble")
        .with_effect(Effect::Unknown)
        .transient()
}

/// Texts as they are, anything else as JSON.
fn text(value: &RawJson) -> String {
    value.get().unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(asked: Asked, status: u16, body: &str) -> Result<RawJson> {
        let end =
            SessionEnd { codes: vec!["RIS.401".into()], messages: vec!["会话已过期".into()] };
        let secrets = ["pass\"word", "cookie-value"];
        let mut response = Response::new(body.to_owned().into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Judge { asked, session_end: &end, secrets: &secrets }.data(&response)
    }

    #[test]
    fn success_is_status_and_code_together() {
        let good = r#"{"code":"RIS.10000000","message":"OK","data":{"value":[{"A":1.10}]}}"#;
        assert_eq!(judged(Asked::Read, 200, good).unwrap().as_str(), r#"{"value":[{"A":1.10}]}"#);
        assert!(judged(Asked::Read, 200, r#"{"code":"RIS.10000000"}"#).unwrap().is_null());
        assert_eq!(judged(Asked::Read, 400, good).unwrap_err().kind(), ErrorKind::Api);
    }

    #[test]
    fn each_answer_has_its_kind_and_effect() {
        use Asked::{Login, Read, Write};
        use Effect::{NotExecuted, Unknown};
        let coded = r#"{"code":"RIS.1","message":"无效"}"#;
        let by_code = r#"{"code":"RIS.401","message":""}"#;
        let by_message = r#"{"code":7,"message":"用户会话已过期。"}"#;
        for (asked, status, body, kind, effect) in [
            (Read, 200, coded, ErrorKind::Api, NotExecuted),
            (Write, 200, coded, ErrorKind::Api, Unknown),
            (Login, 200, coded, ErrorKind::Auth, NotExecuted),
            (Read, 200, by_code, ErrorKind::Session, NotExecuted),
            (Read, 200, by_message, ErrorKind::Session, NotExecuted),
            (Login, 200, by_code, ErrorKind::Auth, NotExecuted),
            (Write, 401, coded, ErrorKind::Session, NotExecuted),
            (Read, 403, "<html>", ErrorKind::Session, NotExecuted),
            (Login, 401, "", ErrorKind::Auth, NotExecuted),
            (Read, 429, "", ErrorKind::RateLimited, NotExecuted),
            (Write, 500, coded, ErrorKind::Server, Unknown),
            (Login, 502, "<html>", ErrorKind::Server, Unknown),
            (Read, 302, "", ErrorKind::Decode, NotExecuted),
            (Read, 404, "<html>", ErrorKind::Decode, NotExecuted),
            (Read, 200, "", ErrorKind::Decode, Unknown),
            (Read, 200, "[]", ErrorKind::Decode, Unknown),
            (Write, 200, r#"{"message":"OK"}"#, ErrorKind::Decode, Unknown),
        ] {
            let error = judged(asked, status, body).unwrap_err();
            assert_eq!((error.kind(), error.effect()), (kind, effect), "{asked:?} {status} {body}");
            assert_eq!(error.http_status(), Some(status));
        }
    }

    #[test]
    fn the_services_own_words_stay_and_secrets_do_not() {
        let body = r#"{"code":"RIS.9","message":"pass\"word 错误, cookie-value"}"#;
        let error = judged(Asked::Login, 200, body).unwrap_err();
        let api = error.api_error().unwrap();
        assert_eq!((api.code(), api.message()), ("RIS.9", "*** 错误, ***"));
        let page = judged(Asked::Login, 200, r#"<p>pass\"word cookie-value"#).unwrap_err();
        assert!(page.to_string().contains("<p>*** ***"), "{page}");
    }
}
