//! Whether an answer is a success, decided by its body.

use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, sanitize};
use http::{StatusCode, header};
use serde_json::Value;

use super::codes::{Class, rule};
use super::{ApiError, Error};
use crate::tree::Tree;

/// The platform says so when it could read only a part of the request.
const WRONG_JSON: &str = "wrong json format";

/// How the answer to one call is judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'a> {
    /// A success is a file and no JSON.
    pub(crate) expects_file: bool,
    /// The call logs in: a success holds a token, and a refused secret is final.
    pub(crate) is_login: bool,
    /// Whom or what the call was about, for the error: `userid zhangsan`.
    pub(crate) subject: Option<&'a str>,
    /// What went with the request and must not come back in a text.
    pub(crate) secret: &'a str,
}

/// A failure, and whether the API has to be left alone.
pub(crate) struct Refusal {
    pub(crate) error: Error,
    /// Too many calls: how long to wait depends on what was said before.
    pub(crate) is_quota: bool,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, is_quota: false }
    }
}

impl Judge<'_> {
    /// Answers the decoded body of a success (`null` for a file); turns everything else into the
    /// error it is.
    pub(crate) fn judge(&self, response: &Response) -> Result<Value, Refusal> {
        let status = response.status();
        let object = match serde_json::from_slice(response.body()) {
            Ok(Value::Object(members)) => Some(Value::Object(members)),
            _ => None,
        };
        if self.expects_file && status.is_success() && is_file(response, object.as_ref()) {
            return Ok(Value::Null);
        }
        let Some(object) = object else { return Err(self.unreadable(response).into()) };
        let code = Tree::new(&object).get("errcode");
        match code.int() {
            Some(code) if code != 0 => Err(self.refused(status, code, &object)),
            // Some successes carry no code at all; a code that is no number is no success.
            None if !code.is_absent() => Err(self.unreadable(response).into()),
            _ if status.is_success() => Ok(object),
            _ => Err(self.unreadable(response).into()),
        }
    }

    fn refused(&self, status: StatusCode, code: i64, object: &Value) -> Refusal {
        let text = Tree::new(object).get("errmsg").text().unwrap_or_default();
        let api = api_error(code, &self.without_secret(text));
        let class = match rule(code).map(|rule| rule.class) {
            // Repeating a wrong secret gets the server's address banned.
            Some(Class::Token) if self.is_login => Class::Refused(ErrorKind::Auth),
            _ if api.message.contains(WRONG_JSON) => Class::Refused(ErrorKind::Api),
            Some(class) => class,
            None => Class::Refused(ErrorKind::Api),
        };
        let about = self.subject.map(|subject| format!(" ({subject})")).unwrap_or_default();
        let error = match class {
            Class::Token => Error::new(ErrorKind::Session, "WeCom refused the token"),
            Class::Wait(seconds) => Error::new(ErrorKind::RateLimited, "WeCom throttles this call")
                .transient()
                .with_retry_after(seconds.map(Duration::from_secs)),
            Class::Quota => {
                Error::new(ErrorKind::RateLimited, "WeCom got too many calls").transient()
            }
            Class::Passing(kind) => {
                Error::new(kind, format!("WeCom could not do it{about}")).transient()
            }
            Class::Fault => fault(),
            Class::Refused(kind) => Error::new(kind, format!("WeCom refused the call{about}")),
        };
        Refusal { error: error.with_status(status).with_api(api), is_quota: class == Class::Quota }
    }

    /// Pages of a proxy, truncated bodies, nothing at all.
    fn unreadable(&self, response: &Response) -> Error {
        let status = response.status();
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "WeCom throttles this call")
                    .transient()
                    .with_retry_after(retry_after(response))
            }
            status if status.is_server_error() => fault().with_retry_after(retry_after(response)),
            status => {
                let message = match self.excerpt(response.body()) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not one of WeCom's: {text}"),
                };
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
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

/// Errors of the download come with the same status as files.
fn is_file(response: &Response, object: Option<&Value>) -> bool {
    response.headers().contains_key(header::CONTENT_DISPOSITION)
        || object.is_none_or(|object| Tree::new(object).get("errcode").int().is_none())
}

fn fault() -> Error {
    Error::new(ErrorKind::Server, "WeCom is in trouble").with_effect(Effect::Unknown).transient()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Takes the diagnostic part out of `text, hint: [id], from ip: 1.2.3.4, more info at …`.
fn api_error(code: i64, errmsg: &str) -> ApiError {
    let between = |name: &str, end: &[char]| {
        let (_, rest) = errmsg.split_once(name)?;
        let found = rest.trim_start().split(end).next()?.trim();
        (!found.is_empty()).then(|| found.to_owned())
    };
    let start = ["hint:", "from ip:", "more info at"]
        .iter()
        .filter_map(|name| errmsg.find(name))
        .min()
        .unwrap_or(errmsg.len());
    ApiError {
        code,
        message: errmsg[..start].trim_end_matches([' ', ',']).to_owned(),
        hint: between("hint: [", &[']']),
        from_ip: between("from ip:", &[',', ' ']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_diagnostic_part_apart() {
        let error = api_error(
            42_001,
            "access_token expired, hint: [1576065934_28_e0fae07], from ip: 9.30.0.138, more info \
             at https://open.work.weixin.qq.com/devtool/query?e=42001",
        );
        assert_eq!(error.message(), "access_token expired");
        assert_eq!(error.hint(), Some("1576065934_28_e0fae07"));
        assert_eq!(error.from_ip(), Some("9.30.0.138"));
        assert_eq!(api_error(1, "ok").message(), "ok");
        let odd = api_error(1, "审批, hint: [, from ip: ");
        assert_eq!((odd.message(), odd.from_ip()), ("审批", None));
    }
}
