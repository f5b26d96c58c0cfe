//! Whether an answer is a success, decided by its body.

use std::time::Duration;

use chrono::{DateTime, Timelike, Utc};
use erplink_core::{Effect, ErrorKind, sanitize};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::codes::{Class, Pause, rule};
use super::{ApiError, Error};
use crate::lenient::{self, Scalar};

/// How long the platform locks out an address that called too often.
const ADDRESS_BAN: Duration = Duration::from_secs(300);

/// What tells a success of an endpoint from a failure sent with HTTP 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// The member `result`.
    Result,
    /// The member `instanceId`.
    InstanceId,
    /// The legacy envelope.
    ErrCode,
    /// Not known: a raw call.
    Anything,
}

/// How one endpoint's answers are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) expect: Expect,
    /// `result: false` is a value and not a refusal.
    pub(crate) result_is_data: bool,
    /// The permission scope in the endpoint's documentation.
    pub(crate) scope: Option<&'static str>,
    /// A success holds a token or key: no error may quote an answer, not even a broken one.
    pub(crate) answers_secrets: bool,
}

impl Rules {
    /// For an endpoint that needs this permission scope.
    pub(crate) const fn of(expect: Expect, scope: &'static str) -> Self {
        Self { expect, result_is_data: false, scope: Some(scope), answers_secrets: false }
    }
}

/// An answer whose success is in question.
pub(crate) struct Answer<'a> {
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    /// What went with the request and must not come back in a text.
    pub(crate) secret: &'a str,
    pub(crate) now: DateTime<Utc>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Probe {
    errcode: Scalar,
    errmsg: Scalar,
    sub_code: Scalar,
    sub_msg: Scalar,
    request_id: Scalar,
    requestid: Scalar,
    code: Scalar,
    message: Scalar,
    accessdenieddetail: Option<AccessDenied>,
    success: Scalar,
    result: Scalar,
    #[serde(rename = "instanceId")]
    instance_id: Scalar,
    status: Scalar,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AccessDenied {
    #[serde(rename = "requiredScopes", deserialize_with = "lenient::texts")]
    required_scopes: Vec<String>,
}

/// A failure, and the lock-out that came with it.
pub(crate) struct Refusal {
    pub(crate) error: Error,
    /// How long nothing may be sent at all.
    pub(crate) ban: Option<Duration>,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, ban: None }
    }
}

/// Accepts a success; turns everything else into the error it is.
pub(crate) fn judge(answer: &Answer<'_>, rules: &Rules) -> Result<(), Refusal> {
    match serde_json::from_slice::<Probe>(answer.body) {
        Ok(probe) => answer.judge_object(probe, rules),
        Err(_) => Err(answer.unreadable(rules)),
    }
}

impl Answer<'_> {
    fn judge_object(&self, probe: Probe, rules: &Rules) -> Result<(), Refusal> {
        if probe.status == Scalar::Number("1111".into()) && probe.errcode.is_absent() {
            return Err(self.banned(rules));
        }
        let success = self.status.is_success();
        if !probe.errcode.is_absent() {
            let error = self.legacy_error(probe, rules);
            return if success && error.code == "0" {
                Ok(())
            } else {
                Err(self.refused(error).into())
            };
        }
        if !success || has_code_instead_of_content(&probe, rules.expect) {
            return Err(self.refused(self.error(probe, rules)).into());
        }
        if probe.success.is_false() || (probe.result.is_false() && !rules.result_is_data) {
            let mut error = self.error(probe, rules);
            if error.code.is_empty() {
                error.code = ApiError::NOT_DONE.to_owned();
            }
            return Err(self.refused(error).into());
        }
        let has_envelope = match rules.expect {
            Expect::Result => !(probe.result.is_absent() && probe.success.is_absent()),
            Expect::ErrCode => !probe.result.is_absent(),
            Expect::InstanceId | Expect::Anything => true,
        };
        if !has_envelope {
            return Err(self.unreadable(rules));
        }
        Ok(())
    }

    fn error(&self, probe: Probe, rules: &Rules) -> ApiError {
        ApiError {
            code: probe.code.into_text().unwrap_or_default(),
            message: self.clean(probe.message),
            request_id: probe.requestid.into_text().or_else(|| self.header_request_id()),
            required_scopes: probe.accessdenieddetail.unwrap_or_default().required_scopes,
            endpoint_scope: rules.scope,
        }
    }

    fn legacy_error(&self, probe: Probe, rules: &Rules) -> ApiError {
        let errcode = probe.errcode.into_text().unwrap_or_default();
        let errmsg = self.clean(probe.errmsg);
        let sub_code = probe.sub_code.into_text().or_else(|| sub_code_in(&errmsg));
        let sub_msg = self.clean(probe.sub_msg);
        ApiError {
            code: if errcode == "88" { sub_code.unwrap_or(errcode) } else { errcode },
            message: if sub_msg.is_empty() { errmsg } else { sub_msg },
            request_id: probe.request_id.into_text().or_else(|| self.header_request_id()),
            required_scopes: Vec::new(),
            endpoint_scope: rules.scope,
        }
    }

    fn refused(&self, api: ApiError) -> Error {
        let class = rule(&api.code).map(|rule| rule.class);
        let error = match class {
            Some(Class::Token) => Error::new(ErrorKind::Session, "DingTalk refused the token"),
            Some(Class::Wait(pause)) => {
                Error::new(ErrorKind::RateLimited, "DingTalk throttles this call")
                    .transient()
                    .with_retry_after(Some(self.retry_after().unwrap_or(self.pause(pause))))
            }
            Some(Class::Quota) => {
                Error::new(ErrorKind::RateLimited, "the DingTalk quota is used up")
            }
            Some(Class::Refused(kind)) => Error::new(kind, "DingTalk refused the call"),
            Some(Class::Fault) => self.fault(),
            None => self.by_status(),
        };
        error.with_status(self.status).with_api(api)
    }

    /// For codes that nobody knows.
    fn by_status(&self) -> Error {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "DingTalk throttles this call")
                    .transient()
                    .with_retry_after(self.retry_after())
            }
            status if status.is_server_error() => self.fault(),
            StatusCode::FORBIDDEN => Error::new(ErrorKind::Forbidden, "DingTalk forbids the call"),
            _ => Error::new(ErrorKind::Api, "DingTalk refused the call"),
        }
    }

    fn fault(&self) -> Error {
        Error::new(ErrorKind::Server, "DingTalk is in trouble")
            .with_effect(Effect::Unknown)
            .transient()
            .with_retry_after(self.retry_after())
    }

    /// Pages of a proxy or of the address limiter, truncated bodies, nothing at all.
    fn unreadable(&self, rules: &Rules) -> Refusal {
        let is_page = self.body.trim_ascii_start().starts_with(b"<");
        let error = match self.status {
            StatusCode::TOO_MANY_REQUESTS => self.by_status(),
            status if status.is_server_error() => self.fault(),
            status if is_page && (status.is_success() || status == StatusCode::FORBIDDEN) => {
                return self.banned(rules);
            }
            status => {
                let message = match self.excerpt(rules) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not one of DingTalk's: {text}"),
                };
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
        error.with_status(self.status).into()
    }

    fn banned(&self, rules: &Rules) -> Refusal {
        let error = Error::new(
            ErrorKind::RateLimited,
            format!(
                "DingTalk locks out this server's address for 5 minutes (too many calls): {}",
                self.excerpt(rules),
            ),
        )
        .transient()
        .with_retry_after(Some(ADDRESS_BAN))
        .with_status(self.status);
        Refusal { error, ban: Some(ADDRESS_BAN) }
    }

    fn pause(&self, pause: Pause) -> Duration {
        Duration::from_secs(match pause {
            Pause::Seconds(seconds) => seconds,
            Pause::NextMinute => u64::from(60 - self.now.second().min(59)),
        })
    }

    fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }

    fn header_request_id(&self) -> Option<String> {
        self.headers.get("x-acs-request-id")?.to_str().ok().map(ToOwned::to_owned)
    }

    fn clean(&self, text: Scalar) -> String {
        self.without_secret(text.into_text().unwrap_or_default())
    }

    fn excerpt(&self, rules: &Rules) -> String {
        if rules.answers_secrets && !self.body.is_empty() {
            return format!("({} bytes, not shown)", self.body.len());
        }
        // Cleaned before it is cut, so that half a token cannot stay at the edge.
        let body = self.without_secret(String::from_utf8_lossy(self.body).into_owned());
        sanitize::excerpt(body.as_bytes())
    }

    fn without_secret(&self, text: String) -> String {
        if self.secret.is_empty() || !text.contains(self.secret) {
            return text;
        }
        text.replace(self.secret, "***")
    }
}

/// Whether an answer with HTTP 200 carries an error code where the content should be.
fn has_code_instead_of_content(probe: &Probe, expect: Expect) -> bool {
    let Scalar::Text(code) = &probe.code else { return false };
    if code.is_empty() {
        return false;
    }
    match expect {
        Expect::InstanceId => probe.instance_id.is_absent(),
        Expect::Result | Expect::ErrCode => probe.result.is_absent(),
        Expect::Anything => probe.result.is_absent() && !probe.message.is_absent(),
    }
}

/// Reads `NNN` out of `ding talk error[subcode=NNN,submsg=…]`.
fn sub_code_in(errmsg: &str) -> Option<String> {
    let (_, rest) = errmsg.split_once("subcode=")?;
    let code = rest.split([',', ']', ' ']).next()?;
    (!code.is_empty()).then(|| code.to_owned())
}
