//! Whether an answer is a success, decided by its body.
//!
//! Two envelopes are about: flat (`{"errcode":"0","errmsg":"success",…}`) and nested
//! (`{"message":{"errcode":"0","errmsg":"success"},"data":{…}}`).

use std::time::Duration;

use erplink_core::transport::Response;
use erplink_core::{Effect, ErrorKind, Members, json, sanitize};
use http::{StatusCode, header};

use crate::error::{ApiError, Code, Error, Result};
use crate::loose;

/// The success of workflow calls, besides the usual ones.
const WORKFLOW_SUCCESS: &str = "200";

/// Which codes mean what.
#[derive(Clone, Debug)]
pub(crate) struct Codes {
    pub(crate) success: Vec<Code>,
    pub(crate) renew: Vec<Code>,
}

/// How the answer to one call is judged.
pub(crate) struct Judge<'a> {
    pub(crate) codes: &'a Codes,
    /// The path of the call.
    pub(crate) path: &'a str,
    /// What a refusal of this step of the login means, such as `check corp_id`; `None` for calls
    /// that bring a token.
    pub(crate) login: Option<&'static str>,
    /// What went with the request and must not come back in a text.
    pub(crate) secrets: Vec<&'a str>,
}

impl Judge<'_> {
    /// Answers the members of a success, envelope included; turns everything else into the error
    /// it is.
    pub(crate) fn judge(&self, response: &Response) -> Result<Members> {
        let status = response.status();
        let body = without_bom(response.body());
        let Ok(members) = json::decode::<Members>(body) else {
            return Err(self.unreadable(response, body));
        };
        let inner = loose::object(&members, "message");
        let envelope = inner.as_ref().filter(|inner| inner.get("errcode").is_some());
        let envelope = envelope.unwrap_or(&members);
        let Some(code) = loose::text(envelope, &["errcode"]) else {
            return Err(self.without_code(response, body));
        };
        let code = Code::from(code);
        if !self.is_success(&code) {
            let message = loose::text(envelope, &["errmsg"]).unwrap_or_default();
            let api = ApiError { code, message: self.without_secrets(message) };
            return Err(self.refused(api).with_status(status));
        }
        if status.is_success() {
            return Ok(members);
        }
        Err(self.unreadable(response, body))
    }

    fn is_success(&self, code: &Code) -> bool {
        let is_workflow = self.path.split('/').any(|part| part == "workflow");
        self.codes.success.contains(code) || is_workflow && code.as_str() == WORKFLOW_SUCCESS
    }

    fn refused(&self, api: ApiError) -> Error {
        match self.login {
            Some(check) => Error::new(ErrorKind::Auth, format!("eteams refused the app, {check}")),
            None if self.codes.renew.contains(&api.code) => {
                Error::new(ErrorKind::Session, "eteams refused the token")
            }
            None => Error::new(ErrorKind::Api, "eteams refused the call"),
        }
        .with_api(api)
    }

    /// JSON that is none of the platform's.
    fn without_code(&self, response: &Response, body: &[u8]) -> Error {
        if !response.status().is_success() {
            return self.unreadable(response, body);
        }
        let expected = "`errcode`, at the top or in `message`";
        loose::misshapen("errcode", expected, "nothing").with_status(response.status())
    }

    /// Pages of a gateway, truncated bodies, nothing at all.
    fn unreadable(&self, response: &Response, body: &[u8]) -> Error {
        let status = response.status();
        let error = match status {
            StatusCode::TOO_MANY_REQUESTS => {
                Error::new(ErrorKind::RateLimited, "eteams throttles this call").transient()
            }
            // A gateway in trouble answers 404 as well.
            status if status.is_server_error() || status == StatusCode::NOT_FOUND => {
                Error::new(ErrorKind::Server, "eteams or its gateway is in trouble")
                    .with_effect(Effect::Unknown)
                    .transient()
            }
            status => {
                let message = match self.excerpt(body) {
                    text if text.is_empty() => "the answer is empty".to_owned(),
                    text => format!("the answer is not one of eteams': {text}"),
                };
                let effect =
                    if status.is_success() { Effect::Unknown } else { Effect::NotExecuted };
                Error::new(ErrorKind::Decode, message).with_effect(effect)
            }
        };
        error.with_retry_after(retry_after(response)).with_status(status)
    }

    fn excerpt(&self, body: &[u8]) -> String {
        if self.login.is_some() && !body.is_empty() {
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

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}
