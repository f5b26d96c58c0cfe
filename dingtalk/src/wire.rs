//! One request and its judged answer, without token or repetition.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Timeout, Transport, send_logged};
use erplink_core::{Effect, ErrorKind};
use http::{HeaderValue, Method, header};
use url::Url;

use crate::error::{Answer, Error, Result, Rules, judge};

/// Query parameters that may appear in logs.
const PRINTABLE: &[&str] = &["processInstanceId", "processCode", "maxResults", "nextToken"];

/// What goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    /// JSON, or nothing.
    pub(crate) body: Option<Bytes>,
    /// The access token for the header of the v1.0 API.
    pub(crate) header_token: Option<HeaderValue>,
    pub(crate) timeout: Option<Duration>,
    /// What must not appear in any text about the answer.
    pub(crate) secret: &'a str,
}

/// The transport, and the lock-out it may be under.
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    /// While the platform locks out this machine's address, nothing is sent.
    banned_until: Mutex<Option<Instant>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("transport", &self.transport).finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, banned_until: Mutex::new(None) }
    }

    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>, rules: &Rules) -> Result<Bytes> {
        self.check_ban()?;
        let secret = outgoing.secret;
        let request = request(outgoing)?;
        let response = send_logged(&*self.transport, request, PRINTABLE).await?;
        let answer = Answer {
            status: response.status(),
            headers: response.headers(),
            body: response.body(),
            secret,
            now: self.clock.utc(),
        };
        match judge(&answer, rules) {
            Ok(()) => Ok(response.into_body()),
            Err(refusal) => {
                if let Some(ban) = refusal.ban {
                    *self.banned() = Some(self.clock.now() + ban);
                }
                Err(refusal.error)
            }
        }
    }

    fn check_ban(&self) -> Result<()> {
        let now = self.clock.now();
        match *self.banned() {
            Some(until) if until > now => Err(Error::new(
                ErrorKind::RateLimited,
                "not sent: DingTalk locks out this server's address (too many calls)",
            )
            .with_effect(Effect::NotSent)
            .transient()
            .with_retry_after(Some(until - now))),
            _ => Ok(()),
        }
    }

    fn banned(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.banned_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn request(outgoing: Outgoing<'_>) -> Result<Request> {
    let mut request = Request::new(outgoing.body.clone().unwrap_or_default());
    *request.method_mut() = outgoing.method;
    *request.uri_mut() =
        outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    if outgoing.body.is_some() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(token) = outgoing.header_token {
        headers.insert("x-acs-dingtalk-access-token", token);
    }
    if let Some(timeout) = outgoing.timeout {
        request.extensions_mut().insert(Timeout(timeout));
    }
    Ok(request)
}

/// An address under a base that may itself have a path, such as behind a proxy.
pub(crate) fn address(base: &Url, path: &str) -> Result<Url> {
    // Without the slash it would go on with the host: the token would be sent to `{host}{path}`.
    Some(path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok())
        .ok_or_else(|| Error::invalid(format!("`{path}` is not a path: it has to begin with /")))
}
