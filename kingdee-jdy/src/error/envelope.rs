//! Whether an answer is a success, decided by its body.

use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, Members, sanitize};
use http::{StatusCode, header};

use super::codes::{Class, rule};
use super::{ApiError, Error, Result};

/// What a call is for, which decides what its codes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// A login: a refusal is final.
    Login,
    /// A query: some codes mean success, and some that nothing was found.
    Query,
    /// A write.
    Write,
    /// A write with a result for each record, whatever the code of the whole.
    Batch,
}

/// How the answer to one call is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'a> {
    pub(crate) expect: Expect,
    /// Codes that mean "log in again".
    pub(crate) token_codes: &'a [i64],
    /// Where a batch has its results.
    pub(crate) results: &'a str,
    /// What went with the request and must not come back in a text; the token first.
    pub(crate) secrets: &'a [&'a str],
}

/// An answer that is none of failure.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) body: Members,
    /// 0, a further code of success, or one of "nothing found".
    pub(crate) code: i64,
}

impl Judge<'_> {
    /// Answers the members of a success; turns everything else into the error it is.
    pub(crate) fn judge(&self, response: &Response) -> Result<Judged> {
        let (status, bytes) = (response.status(), response.body());
        let body = std::str::from_utf8(bytes).ok().and_then(|text| Members::parse(text).ok());
        let Some(body) = body else { return Err(self.unreadable(response)) };
        let code = ["code", "errcode"].into_iter().find(|name| body.get(name).is_some());
        let code = match code {
            Some(name) => body.text(name).ok().flatten().and_then(|text| text.parse().ok()),
            // Logins of the open platform are shown without a code.
            None if self.expect == Expect::Login && body.get("data").is_some() => Some(0),
            None => None,
        };
        let Some(code) = code else { return Err(self.unreadable(response)) };
        let has_results = || body.objects(self.results).is_ok_and(|list| !list.is_empty());
        match (self.expect, code, rule(code).map(|rule| rule.class)) {
            _ if !status.is_success() => {}
            (_, 0, _) | (Expect::Query, 200 | 250, _) | (Expect::Query, _, Some(Class::Empty)) => {
                return Ok(Judged { body, code });
            }
            (Expect::Query, ApiError::UNEXPECTED, _) => return Ok(Judged { body, code }),
            (Expect::Batch, _, _) if has_results() => return Ok(Judged { body, code }),
            _ => {}
        }
        if code == 0 || (code == 200 && !status.is_success()) {
            return Err(self.unreadable(response));
        }
        Err(self.refused(status, self.words(code, &body)))
    }

    /// The platform's own words about one record of a batch, or about the whole.
    pub(crate) fn words(&self, code: i64, body: &Members) -> ApiError {
        let text = |name| body.text(name).ok().flatten();
        let message = text("msg").or_else(|| text("description")).or_else(|| text("message"));
        ApiError { code, message: self.without_secrets(message.unwrap_or_default()) }
    }

    fn refused(&self, status: StatusCode, api: ApiError) -> Error {
        let class = rule(api.code).map(|rule| rule.class);
        let error = match class {
            _ if status == StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "JDY throttles this call").transient()
            }
            _ if status.is_server_error() => fault(),
            _ if self.expect == Expect::Login => {
                Error::new(ErrorKind::Auth, "JDY refused the login")
            }
            _ if self.token_codes.contains(&api.code) => {
                Error::new(ErrorKind::Session, "JDY refused the token")
            }
            Some(Class::Fault) => fault(),
            Some(Class::Refused(kind)) => Error::new(kind, "JDY refused the call"),
            Some(Class::Empty) | None => Error::new(ErrorKind::Api, "JDY refused the call"),
        };
        // It was asked and said no, whatever the kind's usual reason is.
        let error = match error.effect() {
            Effect::NotSent => error.with_effect(Effect::NotExecuted),
            _ => error,
        };
        error.with_status(status).with_api(api)
    }

    /// Pages of a proxy, truncated bodies, nothing at all.
    fn unreadable(&self, response: &Response) -> Error {
        let status = response.status();
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "JDY throttles this call")
                    .transient()
                    .with_retry_after(retry_after(response))
            }
            StatusCode::UNAUTHORIZED if self.expect != Expect::Login => {
                Error::new(ErrorKind::Session, "JDY refused the token")
            }
            status if status.is_server_error() => fault().with_retry_after(retry_after(response)),
            StatusCode::NOT_FOUND => Error::new(
                ErrorKind::NotFound,
                "nothing answers at this path: check `api_base` and `paths`",
            ),
            status => {
                let message = match self.excerpt(response.body()) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not one of JDY's: {text}"),
                };
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
        error.with_status(status)
    }

    fn excerpt(&self, body: &[u8]) -> String {
        if self.expect == Expect::Login && !body.is_empty() {
            return format!("({} bytes, not shown)", body.len());
        }
        // Cleaned before it is cut, so that half a token cannot stay at the edge.
        let body = self.without_secrets(String::from_utf8_lossy(body).into_owned());
        sanitize::excerpt(body.as_bytes())
    }

    fn without_secrets(&self, text: String) -> String {
        let secrets = self.secrets.iter().filter(|secret| !secret.is_empty());
        secrets.fold(text, |text, secret| text.replace(secret, "***"))
    }
}

fn fault() -> Error {
    Error::new(ErrorKind::Server, "JDY is in trouble").with_effect(Effect::Unknown).transient()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
