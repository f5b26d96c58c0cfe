//! Whether an answer is a success, decided by its body.

use std::collections::BTreeMap;
use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, RawJson};
use http::{StatusCode, header};

use crate::error::{ApiError, Error};

const SUCCESS: &str = "0000";
/// No description for people is longer.
const LONGEST_DESCRIPTION: usize = 300;
/// A run of Base64 that is no word any more: a picture, a token, a signature.
const LONGEST_WORD: usize = 30;

/// How the answer to one call is judged.
pub(crate) struct Judge<'a> {
    /// The call fetches a token: a refusal is final.
    pub(crate) is_login: bool,
    /// What went with the request and must not come back in a text.
    pub(crate) secrets: Vec<&'a str>,
    /// Codes of a token that is over.
    pub(crate) token_codes: &'a [String],
}

impl Judge<'_> {
    /// Answers the whole body of a success; turns everything else into the error it is.
    pub(crate) fn judge(&self, response: &Response) -> Result<RawJson, Error> {
        let status = response.status();
        let text = std::str::from_utf8(response.body()).unwrap_or_default();
        let answer = RawJson::parse(text.trim()).ok();
        let members: Option<BTreeMap<String, RawJson>> = answer.as_ref().and_then(|a| a.get().ok());
        let code = members.as_ref().and_then(|members| plain(members.get("errcode")?));
        match (answer, code) {
            (Some(answer), Some(code)) if code == SUCCESS && status.is_success() => Ok(answer),
            (Some(_), Some(code)) if code != SUCCESS => {
                let description = ["description", "errmsg", "message"].iter().find_map(|name| {
                    plain(members.as_ref()?.get(*name)?).filter(|text| !text.is_empty())
                });
                let description = self.cleaned(&description.unwrap_or_default());
                Err(self.refused(response, ApiError { code: self.cleaned(&code), description }))
            }
            _ => Err(self.unreadable(response)),
        }
    }

    fn refused(&self, response: &Response, api: ApiError) -> Error {
        let is_credentials =
            [ApiError::CREDENTIALS_DO_NOT_MATCH, ApiError::NO_AUTHORISATION].contains(&api.code());
        let error = match by_status(response) {
            Some(error) if response.status() != StatusCode::UNAUTHORIZED => error,
            _ if self.is_login || is_credentials => credentials(),
            Some(error) => error,
            None if self.token_codes.contains(&api.code) => session(),
            None => Error::new(ErrorKind::Api, "发票云 refused the call"),
        };
        error.with_status(response.status()).with_api(api)
    }

    /// Pages of a proxy, truncated bodies, nothing at all. The body is not shown: it may repeat a
    /// token or a picture.
    fn unreadable(&self, response: &Response) -> Error {
        let status = response.status();
        let error = by_status(response).unwrap_or_else(|| match status {
            StatusCode::NOT_FOUND => {
                Error::new(ErrorKind::NotFound, "there is no such path: check `base_url`")
            }
            status => {
                let kind = response.headers().get(header::CONTENT_TYPE);
                let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("no content type");
                let message = format!(
                    "expected JSON with `errcode`, found {} bytes ({})",
                    response.body().len(),
                    self.cleaned(kind),
                );
                let effect =
                    if status.is_client_error() { Effect::NotExecuted } else { Effect::Unknown };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        });
        let error = match error.kind() {
            ErrorKind::Session if self.is_login => credentials(),
            _ => error,
        };
        error.with_status(status)
    }

    /// The text without secrets and what may be a piece of a picture, and not too long.
    fn cleaned(&self, text: &str) -> String {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        let text = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"));
        let shown = without_blobs(&text);
        match shown.char_indices().nth(LONGEST_DESCRIPTION) {
            Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
            None => shown,
        }
    }
}

/// What the HTTP status alone says.
fn by_status(response: &Response) -> Option<Error> {
    match response.status() {
        StatusCode::UNAUTHORIZED => Some(session()),
        StatusCode::FORBIDDEN => {
            Some(Error::new(ErrorKind::Forbidden, "发票云 does not allow this call"))
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let error = Error::new(ErrorKind::RateLimited, "发票云 throttles this call");
            Some(error.transient().with_retry_after(retry_after(response)))
        }
        status if status.is_server_error() => Some(
            Error::new(ErrorKind::Server, "发票云 is in trouble")
                .with_effect(Effect::Unknown)
                .transient()
                .with_retry_after(retry_after(response)),
        ),
        _ => None,
    }
}

fn session() -> Error {
    Error::new(ErrorKind::Session, "发票云 refused the token")
}

fn credentials() -> Error {
    Error::new(ErrorKind::Auth, "发票云 refused client id and secret")
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// What a text says, or the digits of a number.
pub(crate) fn plain(value: &RawJson) -> Option<String> {
    match value.as_str().trim_start().as_bytes().first()? {
        b'"' => value.get().ok(),
        b'-' | b'0'..=b'9' => Some(value.as_str().trim().to_owned()),
        _ => None,
    }
}

fn without_blobs(text: &str) -> String {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    let mut shown = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (run, after) = rest.split_at(rest.find(|c| !is_base64(c)).unwrap_or(rest.len()));
        shown.push_str(if run.len() > LONGEST_WORD { "…" } else { run });
        let (between, after) = after.split_at(after.find(is_base64).unwrap_or(after.len()));
        shown.push_str(between);
        rest = after;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_pieces_of_pictures_are_cut_out() {
        let judge = Judge { is_login: true, secrets: vec!["s3cret", ""], token_codes: &[] };
        let blob = "iVBORw0KGgo".repeat(20);
        assert_eq!(judge.cleaned(&format!("s3cret {blob} 7")), "*** … 7");
        assert!(judge.cleaned(&"字".repeat(500)).chars().count() <= LONGEST_DESCRIPTION + 1);
    }
}
