//! Whether an answer is a success, decided by its body.

use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, RawJson};
use http::{StatusCode, header};

use crate::error::{ApiError, Error};
use crate::pointer;

const MESSAGES: [&str; 5] = ["/errorMsg", "/message", "/msg", "/error", "/data/errorMsg"];
const CODES: [&str; 4] = ["/code", "/errorCode", "/status_code", "/error_code"];
/// No message for people is longer.
const LONGEST_MESSAGE: usize = 300;
/// A run of Base64 that is no word any more: the picture, or a signature.
const LONGEST_WORD: usize = 30;

/// Answers the body of a success; turns everything else into the error it is.
pub(crate) fn judge(response: &Response, credential_words: &[String]) -> Result<RawJson, Error> {
    let status = response.status();
    let text = std::str::from_utf8(response.body()).unwrap_or_default();
    let answer = RawJson::parse(text.trim()).ok();
    let verdict = |answer: &RawJson| pointer::at(answer, "/isSuccess")?.get::<bool>().ok();
    match answer.and_then(|answer| Some((verdict(&answer)?, answer))) {
        Some((true, answer)) if status.is_success() => Ok(answer),
        Some((false, answer)) => Err(refused(status, &answer, credential_words)),
        _ => Err(unreadable(response)),
    }
}

fn refused(status: StatusCode, answer: &RawJson, credential_words: &[String]) -> Error {
    let first = |places: &[&str]| {
        let text = places.iter().find_map(|place| pointer::text(&pointer::at(answer, place)?));
        text.filter(|text| !text.is_empty())
    };
    let message = without_blobs(&first(&MESSAGES).unwrap_or_default());
    let lower = message.to_lowercase();
    let is_about_credentials =
        credential_words.iter().any(|word| lower.contains(&word.to_lowercase()));
    let api = ApiError { code: first(&CODES), message };
    let error = match status {
        StatusCode::TOO_MANY_REQUESTS => throttled(),
        StatusCode::UNAUTHORIZED => credentials(),
        StatusCode::FORBIDDEN => forbidden(),
        _ if is_about_credentials => credentials(),
        _ => Error::new(ErrorKind::Api, "千里聆 did not recognise the picture"),
    };
    error.with_status(status).with_api(api)
}

/// Pages of a proxy, truncated bodies, nothing at all. The body is not shown: it may repeat the
/// picture.
fn unreadable(response: &Response) -> Error {
    let status = response.status();
    let error = match status {
        StatusCode::TOO_MANY_REQUESTS => throttled().with_retry_after(retry_after(response)),
        StatusCode::UNAUTHORIZED => credentials(),
        StatusCode::FORBIDDEN => forbidden(),
        StatusCode::NOT_FOUND => {
            Error::new(ErrorKind::NotFound, "there is no such path: check `base_url` and `path`")
        }
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::new(ErrorKind::Api, "the picture is too large for the service")
        }
        status if status.is_server_error() => Error::new(ErrorKind::Server, "千里聆 is in trouble")
            .with_effect(Effect::Unknown)
            .transient()
            .with_retry_after(retry_after(response)),
        status => {
            let kind = response.headers().get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("no content type");
            let message = format!(
                "expected JSON with `isSuccess`, found {} bytes ({})",
                response.body().len(),
                without_blobs(kind),
            );
            let effect =
                if status.is_client_error() { Effect::NotExecuted } else { Effect::Unknown };
            Error::new(ErrorKind::Decode, message).with_effect(effect)
        }
    };
    error.with_status(status)
}

fn credentials() -> Error {
    Error::new(ErrorKind::Auth, "千里聆 refused app id, secret or signature")
}

fn forbidden() -> Error {
    Error::new(ErrorKind::Forbidden, "the app may not use this interface")
}

fn throttled() -> Error {
    Error::new(ErrorKind::RateLimited, "千里聆 throttles this call").transient()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The text without what may be a piece of the picture, or the signature, and not too long.
fn without_blobs(text: &str) -> String {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    let mut shown = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !is_base64(c)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        shown.push_str(if run.len() > LONGEST_WORD { "…" } else { run });
        let next = after.find(is_base64).unwrap_or(after.len());
        let (between, after) = after.split_at(next);
        shown.push_str(between);
        rest = after;
    }
    match shown.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_picture_are_cut_out() {
        let blob = "iVBORw0KGgo".repeat(20);
        assert_eq!(without_blobs(&format!("坏图片 {blob} (code 7)")), "坏图片 … (code 7)");
        assert_eq!(without_blobs("图片不清晰 invoice_not_found"), "图片不清晰 invoice_not_found");
        assert!(without_blobs(&"字".repeat(500)).chars().count() <= LONGEST_MESSAGE + 1);
        assert_eq!(without_blobs(""), "");
    }
}
