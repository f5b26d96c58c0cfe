//! This system's errors: the envelope, the codes, and what each of them means for the caller.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use erplink_core::sanitize;
use erplink_core::{ApiDetail, Effect, ErrorKind};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::UserFieldError;

pub mod codes;
mod envelope;

/// A failed call. `kind()` and the predicates say what to do; [`ApiError`] keeps SAP's own words.
pub type Error = erplink_core::Error<ApiError>;

/// The result of a call.
pub type Result<T> = std::result::Result<T, Error>;

/// What the Service Layer (or the gateway before it) said about a failed request.
///
/// The language of the message follows the login: decide by [`number`](Self::number) and
/// [`sub_code`](Self::sub_code), never by text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: u16,
    code: Option<Box<str>>,
    message: Box<str>,
    body: Box<str>,
}

impl ApiDetail for ApiError {}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The code as the server wrote it; `None` when the answer had no readable error in it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The code as a number, to compare with the constants of [`codes`].
    #[must_use]
    pub fn number(&self) -> Option<i64> {
        self.code()?.trim().parse().ok()
    }

    /// The message, in the language of the login. For pages that are no JSON: their beginning.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The business sub-code: the number before ` - ` in messages such as
    /// `1320000140 - Business partner code 'c1' already assigned …`.
    #[must_use]
    pub fn sub_code(&self) -> Option<i64> {
        let (number, _) = self.message.split_once(" - ")?;
        number.trim().parse().ok()
    }

    /// The beginning of the answer, on one line, for logs.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    fn is(&self, number: i64) -> bool {
        self.number() == Some(number)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.code() {
            write!(f, "{code} ")?;
        }
        f.write_str(&self.message)
    }
}

impl From<UserFieldError> for Error {
    fn from(error: UserFieldError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// What was asked, as far as it changes what an error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The login itself: every 401 is about the credentials.
    Login,
    /// A new entity: under approval some builds answer -2028 although a draft was saved.
    Create,
    /// Anything else.
    Other,
}

/// Makes the error of an answer that is none of success.
pub(crate) fn from_response(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    asked: Asked,
    now: DateTime<Utc>,
    secrets: &[&str],
) -> Error {
    let api = envelope::parse(status, body, secrets);
    let error = classify(status, &api, asked);
    error.with_status(status).with_retry_after(retry_after(headers, now)).with_api(api)
}

/// Whether the body of a success is an error all the same.
pub(crate) fn is_error_body(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Outer {
        #[serde(rename = "error")]
        _error: IgnoredAny,
    }
    let trimmed = body.trim_ascii_start();
    let first_member = trimmed.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    first_member.is_some_and(|rest| rest.starts_with(b"\"error\""))
        && serde_json::from_slice::<Outer>(body).is_ok()
}

fn classify(status: StatusCode, api: &ApiError, asked: Asked) -> Error {
    if status.is_server_error() && !(asked == Asked::Login && api.is(codes::SWITCH_COMPANY)) {
        return Error::new(ErrorKind::Server, "the server is in trouble")
            .with_effect(Effect::Unknown)
            .transient();
    }
    let number = api.number().unwrap_or_default();
    match (status.as_u16(), number) {
        (401, codes::LOGIN_FAILED | codes::USER_LOCKED) => refused(),
        (401, _) if asked == Asked::Login => refused(),
        (401, codes::SESSION_INVALID) => session(),
        (401, _) if api.code.is_none() => session(),
        (401 | 403, _) | (_, codes::NOT_PERMITTED) => {
            Error::new(ErrorKind::Forbidden, "not permitted")
        }
        (429, _) => Error::new(ErrorKind::RateLimited, "too many calls").transient(),
        (_, codes::NO_MATCHING_RECORD) if asked == Asked::Create => Error::new(
            ErrorKind::Api,
            "refused, or saved as a draft that awaits approval: look into the drafts",
        )
        .with_effect(Effect::Unknown),
        (404, _) | (_, codes::NO_MATCHING_RECORD) => Error::new(ErrorKind::NotFound, "not found"),
        (409 | 412, _) | (_, codes::CHANGED_MEANWHILE) => {
            Error::new(ErrorKind::Conflict, "changed by somebody else in the meantime")
        }
        (_, codes::ALREADY_EXISTS) => exists(),
        (_, codes::BUSINESS_RULE) if api.sub_code() == Some(codes::SUB_PARTNER_EXISTS) => exists(),
        (408, _) => Error::new(ErrorKind::Timeout, "the server gave up waiting")
            .with_effect(Effect::Unknown)
            .transient(),
        (405, _) => Error::new(ErrorKind::Unsupported, "the server does not offer this"),
        (200..=299, _) => Error::new(ErrorKind::Api, "refused in a successful answer"),
        (300..=399, _) => Error::new(
            ErrorKind::Server,
            "a redirect instead of an answer: is the root address right?",
        ),
        _ => Error::new(ErrorKind::Api, "refused"),
    }
}

fn refused() -> Error {
    Error::new(ErrorKind::Auth, "the login was refused: check company, user and password")
}

fn session() -> Error {
    Error::new(ErrorKind::Session, "the session is not valid")
}

fn exists() -> Error {
    Error::new(ErrorKind::AlreadyExists, "it exists already")
}

/// `Retry-After` in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTime::parse_from_rfc2822(text).ok()?;
    (at.with_timezone(&Utc) - now).to_std().ok()
}

/// An answer that arrived and does not say what it must.
pub(crate) fn unreadable(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Decode, message).with_effect(Effect::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(status: u16, body: &str, asked: Asked) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        from_response(status, &HeaderMap::new(), body.as_bytes(), asked, Utc::now(), &[])
    }

    #[test]
    fn each_code_has_its_kind_and_effect() {
        use Effect::{NotExecuted, Unknown};
        let coded = |code: i64| format!(r#"{{"error":{{"code":{code},"message":"m"}}}}"#);
        for (status, body, asked, kind, effect) in [
            (401, coded(301), Asked::Other, ErrorKind::Session, NotExecuted),
            (401, String::new(), Asked::Other, ErrorKind::Session, NotExecuted),
            (401, "<html>".into(), Asked::Other, ErrorKind::Session, NotExecuted),
            (401, String::new(), Asked::Login, ErrorKind::Auth, NotExecuted),
            (401, coded(301), Asked::Login, ErrorKind::Auth, NotExecuted),
            (401, coded(100_000_027), Asked::Other, ErrorKind::Auth, NotExecuted),
            (401, coded(100_000_055), Asked::Login, ErrorKind::Auth, NotExecuted),
            (401, coded(-1), Asked::Other, ErrorKind::Forbidden, NotExecuted),
            (500, coded(305), Asked::Login, ErrorKind::Api, NotExecuted),
            (403, coded(-6006), Asked::Other, ErrorKind::Forbidden, NotExecuted),
            (400, coded(-6006), Asked::Other, ErrorKind::Forbidden, NotExecuted),
            (404, coded(-2028), Asked::Other, ErrorKind::NotFound, NotExecuted),
            (400, coded(-2028), Asked::Other, ErrorKind::NotFound, NotExecuted),
            (404, coded(-2028), Asked::Create, ErrorKind::Api, Unknown),
            (400, coded(-2028), Asked::Create, ErrorKind::Api, Unknown),
            (404, "<html>".into(), Asked::Create, ErrorKind::NotFound, NotExecuted),
            (400, coded(-2035), Asked::Create, ErrorKind::AlreadyExists, NotExecuted),
            (400, coded(-10), Asked::Create, ErrorKind::Api, NotExecuted),
            (412, coded(-2039), Asked::Other, ErrorKind::Conflict, NotExecuted),
            (400, coded(-2039), Asked::Other, ErrorKind::Conflict, NotExecuted),
            (400, coded(-1116), Asked::Create, ErrorKind::Api, NotExecuted),
            (400, coded(206), Asked::Other, ErrorKind::Api, NotExecuted),
            (400, coded(-5006), Asked::Other, ErrorKind::Api, NotExecuted),
            (405, String::new(), Asked::Other, ErrorKind::Unsupported, NotExecuted),
            (408, String::new(), Asked::Other, ErrorKind::Timeout, Unknown),
            (413, "<html>".into(), Asked::Other, ErrorKind::Api, NotExecuted),
            (429, String::new(), Asked::Create, ErrorKind::RateLimited, NotExecuted),
            (302, String::new(), Asked::Other, ErrorKind::Server, NotExecuted),
            (500, coded(-1), Asked::Create, ErrorKind::Server, Unknown),
            (502, "<html>".into(), Asked::Create, ErrorKind::Server, Unknown),
            (503, "<html>".into(), Asked::Other, ErrorKind::Server, Unknown),
            (504, String::new(), Asked::Other, ErrorKind::Server, Unknown),
        ] {
            let error = error_of(status, &body, asked);
            assert_eq!((error.kind(), error.effect()), (kind, effect), "{status} {body} {asked:?}");
            assert_eq!(error.http_status(), Some(status));
        }
    }

    #[test]
    fn a_duplicate_partner_is_told_by_its_sub_code() {
        let error = error_of(
            400,
            r#"{"error":{"code":-10,"message":{"lang":"en-us","value":"1320000140 - Business partner code 'c1' already assigned"}}}"#,
            Asked::Create,
        );
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(error.api_error().unwrap().sub_code(), Some(1_320_000_140));
    }

    #[test]
    fn reads_both_forms_of_retry_after() {
        let now = DateTime::parse_from_rfc3339("2026-01-01T00:00:00Z").unwrap().to_utc();
        for (text, expected) in [
            ("7", Some(Duration::from_secs(7))),
            ("Thu, 01 Jan 2026 00:01:00 GMT", Some(Duration::from_secs(60))),
            ("Thu, 01 Jan 2020 00:01:00 GMT", None),
            ("soon", None),
        ] {
            let headers = [(header::RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            assert_eq!(retry_after(&headers, now), expected, "{text}");
        }
    }

    #[test]
    fn an_error_in_a_success_is_seen() {
        assert!(is_error_body(br#" { "error" : {"code":1}}"#));
        assert!(!is_error_body(br#"{"odata.metadata":"x","error":1}"#));
        assert!(!is_error_body(br#"{"errors":1}"#));
        assert!(!is_error_body(b"\"error\""));
    }

    #[test]
    fn echoed_secrets_are_masked() {
        let error = from_response(
            StatusCode::BAD_REQUEST,
            &HeaderMap::new(),
            br#"{"error":{"code":1,"message":"bad password hunter2"}}"#,
            Asked::Login,
            Utc::now(),
            &["hunter2"],
        );
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}
