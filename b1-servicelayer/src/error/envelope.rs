//! `{"error":{"code":…,"message":…}}` in every form the versions and gateways give it.

use erplink_core::RawJson;
use http::StatusCode;
use serde::Deserialize;

use super::{ApiError, sanitize};

#[derive(Deserialize)]
struct Envelope {
    error: Inner,
}

#[derive(Deserialize)]
struct Inner {
    code: Option<RawJson>,
    message: Option<RawJson>,
}

/// `{"lang":"en-us","value":"…"}`
#[derive(Deserialize)]
struct Localised {
    value: String,
}

/// Never fails: what cannot be read becomes a message without a code.
pub(super) fn parse(status: StatusCode, body: &[u8]) -> ApiError {
    let body_excerpt = sanitize::excerpt(body);
    let (code, message) = match serde_json::from_slice::<Envelope>(body) {
        Ok(Envelope { error }) => (error.code.and_then(code), error.message.and_then(message)),
        Err(_) => (None, None),
    };
    let message = message.unwrap_or_else(|| match body_excerpt.as_str() {
        "" => status.canonical_reason().unwrap_or("no message").to_owned(),
        text => text.to_owned(),
    });
    ApiError {
        status: status.as_u16(),
        code: code.map(String::into_boxed_str),
        message: message.into(),
        body: body_excerpt.into(),
    }
}

fn code(raw: RawJson) -> Option<String> {
    if raw.is_null() {
        return None;
    }
    raw.get::<String>().ok().or_else(|| Some(raw.as_str().to_owned()))
}

fn message(raw: RawJson) -> Option<String> {
    raw.get::<String>().ok().or_else(|| raw.get::<Localised>().ok().map(|text| text.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> (Option<String>, Option<i64>, String) {
        let api = parse(StatusCode::BAD_REQUEST, body.as_bytes());
        (api.code().map(str::to_owned), api.number(), api.message().to_owned())
    }

    #[test]
    fn takes_every_form() {
        let some = |text: &str| Some(text.to_owned());
        for (body, code, number, message) in [
            (
                r#"{"error":{"code":301,"message":{"lang":"en-us","value":"Invalid session"}}}"#,
                some("301"),
                Some(301),
                "Invalid session",
            ),
            (
                r#"{"error":{"code":"-2039","message":"changed"}}"#,
                some("-2039"),
                Some(-2039),
                "changed",
            ),
            (r#"{"error":{"code":-10,"message":"m"}}"#, some("-10"), Some(-10), "m"),
            (
                r#"{"error":{"code":"301","innererror":{"context":null,"trace":null},"message":{"value":"登录失败"}}}"#,
                some("301"),
                Some(301),
                "登录失败",
            ),
            (r#"{"error":{"code":"E_X","message":"m"}}"#, some("E_X"), None, "m"),
            (r#"{"error":{"message":"m"}}"#, None, None, "m"),
            (r#"{"error":{"code":7}}"#, some("7"), Some(7), r#"{"error":{"code":7}}"#),
            (
                r#"{"error":{"code":null,"message":null}}"#,
                None,
                None,
                r#"{"error":{"code":null,"message":null}}"#,
            ),
            (r#"{"error":"text"}"#, None, None, r#"{"error":"text"}"#),
            ("<html>\n<b>Bad Gateway</b>", None, None, "<html> <b>Bad Gateway</b>"),
            ("", None, None, "Bad Request"),
        ] {
            assert_eq!(read(body), (code, number, message.to_owned()), "{body}");
        }
    }
}
