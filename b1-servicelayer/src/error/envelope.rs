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
///
/// `secrets` are masked, for the server may echo what it was sent.
pub(super) fn parse(status: StatusCode, body: &[u8], secrets: &[&str]) -> ApiError {
    // Masked before it is cut: half a secret at the end would be told otherwise.
    let body_excerpt = sanitize::excerpt(mask(&String::from_utf8_lossy(body), secrets).as_bytes());
    let (code, message) = match serde_json::from_slice::<Envelope>(body) {
        Ok(Envelope { error }) => (error.code.and_then(code), error.message.and_then(message)),
        Err(_) => (None, None),
    };
    let message =
        message.map(|text| mask(&text, secrets)).unwrap_or_else(|| match body_excerpt.as_str() {
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

/// Very short secrets would mask half the text and are no secrets.
fn mask(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        let mut written = (*secret).to_owned();
        // Plain, as it stands within JSON, and within JSON that is quoted in JSON.
        for _ in 0..3 {
            text = text.replace(&written, "***");
            let Ok(quoted) = serde_json::to_string(&written) else { break };
            written = quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned();
        }
    }
    text
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
        let api = parse(StatusCode::BAD_REQUEST, body.as_bytes(), &[]);
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

    #[test]
    fn secrets_are_masked_before_the_text_is_cut() {
        let filling = "x".repeat(190);
        for (body, secret) in [
            (format!("{filling} hunter2-and-more"), "hunter2-and-more"),
            (format!(r#"{{"error":{{"code":1,"message":"a\"b\\c{filling}"}}}}"#), r#"a"b\c"#),
        ] {
            let api = parse(StatusCode::BAD_REQUEST, body.as_bytes(), &[secret]);
            let shown = format!("{api:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("b\\"), "{shown}");
            assert!(shown.contains("***"), "{shown}");
        }
    }
}
