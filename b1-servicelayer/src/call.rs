//! One call: session, attempt, error, repetition. Everything the crate sends goes through here.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use erplink_core::clock::Clock;
use erplink_core::transport::{self, Response, Timeout, Transport};
use erplink_core::{Call, Effect, ErrorKind, Idempotency};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, percent_decode_str, utf8_percent_encode};
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{self, Cookies};
use crate::error::{self, Asked, Error, Result};
use crate::json_object;
use crate::key::RESERVED;
use crate::{Answer, Client, Key};

/// Query options whose values may be logged; none of them carries a secret.
const PRINTABLE: &[&str] = &[
    "$apply",
    "$count",
    "$expand",
    "$filter",
    "$inlinecount",
    "$orderby",
    "$select",
    "$skip",
    "$skiptoken",
    "$top",
];

/// `$count` and `$value` are system segments, the rest are names.
const IN_SEGMENT: &AsciiSet = &RESERVED.remove(b'$');

/// A request below the service root, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: Method,
    /// Path and query below the root, percent-encoded.
    target: String,
    headers: HeaderMap,
    body: Bytes,
    idempotency: Idempotency,
    asked: Asked,
    timeout: Option<Duration>,
}

impl Request {
    pub(crate) fn new(method: Method, target: String, idempotency: Idempotency) -> Self {
        Self {
            method,
            target,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            idempotency,
            asked: Asked::Other,
            timeout: None,
        }
    }

    pub(crate) fn get(target: String) -> Self {
        Self::new(Method::GET, target, Idempotency::Safe)
    }

    pub(crate) fn json(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.headers
            .entry(header::CONTENT_TYPE)
            .or_insert(HeaderValue::from_static("application/json"));
        self
    }

    pub(crate) fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn header(mut self, name: http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// The request creates an entity, which changes what -2028 means.
    pub(crate) fn creating(mut self) -> Self {
        self.asked = Asked::Create;
        self
    }

    pub(crate) fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// `PATCH Drafts(16)`, readable and without the query.
    fn operation(&self) -> String {
        let path = self.target.split('?').next().unwrap_or_default();
        let mut operation = String::with_capacity(8 + path.len());
        operation.push_str(self.method.as_str());
        operation.push(' ');
        if path.contains('%') {
            operation.push_str(&percent_decode_str(path).decode_utf8_lossy());
        } else {
            operation.push_str(path);
        }
        operation
    }
}

/// The way to the server, without any session.
pub(crate) struct Wire {
    /// Such as `https://host/6160/b1s/v1/`.
    pub(crate) base: String,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timeout: Option<Duration>,
}

impl Wire {
    pub(crate) fn now_utc(&self) -> DateTime<Utc> {
        self.clock.utc()
    }

    /// `/ping/` at the root of the server, outside the gateway's prefix and `/b1s`.
    pub(crate) fn ping_address(&self) -> Result<String> {
        let base = Url::parse(&self.base)
            .map_err(|_| Error::config("root: expected an address such as https://host:50000"))?;
        base.join("/ping/")
            .map(String::from)
            .map_err(|error| Error::config(format!("root: {error}")))
    }

    /// Sends to a target below the root.
    pub(crate) fn send(
        &self,
        method: &Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<Response>> + Send {
        let mut address = String::with_capacity(self.base.len() + target.len());
        address.push_str(&self.base);
        address.push_str(target);
        self.send_to(method, address, headers, body, timeout)
    }

    pub(crate) fn send_to(
        &self,
        method: &Method,
        address: String,
        headers: HeaderMap,
        body: Bytes,
        timeout: Option<Duration>,
    ) -> impl Future<Output = Result<Response>> + Send {
        // Started here, so that the future holds the exchange alone and not the request as well.
        let exchange = self
            .request(method, address, headers, body, timeout)
            .map(|request| transport::send_logged(&*self.transport, request, PRINTABLE));
        async move { Ok(exchange?.await?) }
    }

    fn request(
        &self,
        method: &Method,
        address: String,
        headers: HeaderMap,
        body: Bytes,
        timeout: Option<Duration>,
    ) -> Result<transport::Request> {
        let uri = Uri::try_from(address)
            .map_err(|_| Error::invalid("the path holds characters that no address can have"))?;
        let mut request = http::Request::new(body);
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        if let Some(timeout) = timeout.or(self.timeout) {
            request.extensions_mut().insert(Timeout(timeout));
        }
        Ok(request)
    }
}

/// What the attempts of one call have in common.
#[derive(Default)]
struct Progress {
    /// The session was renewed and the request repeated: that happens once.
    renewed: AtomicBool,
    /// An earlier attempt may have been executed.
    lost: AtomicBool,
    attempts: AtomicU32,
}

impl Client {
    /// Sends the request with session, retries and errors; the answer is one of success.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer> {
        let call = Call::new(request.operation(), request.idempotency);
        let progress = Progress::default();
        let response = self
            .inner()
            .retry
            .run(&call, |count| {
                progress.attempts.store(count, Ordering::Relaxed);
                Box::pin(self.attempt(&request, &progress))
            })
            .await?;
        Ok(Answer::new(response, call, progress.attempts.into_inner()))
    }

    async fn attempt(&self, request: &Request, progress: &Progress) -> Result<Response> {
        let result = self.with_session(request, progress).await;
        let Err(error) = result else { return result };
        if progress.lost.load(Ordering::Relaxed) {
            return after_a_lost_answer(request, error);
        }
        if error.effect() == Effect::Unknown {
            progress.lost.store(true, Ordering::Relaxed);
        }
        Err(error)
    }

    async fn with_session(&self, request: &Request, progress: &Progress) -> Result<Response> {
        let inner = self.inner();
        loop {
            // First the turn, then the session: one that was taken before the wait may have ended
            // meanwhile, and every caller in the queue would pay for that with a rejected request.
            let _permit = permit(&inner.permits).await?;
            let token = inner.session.token(&inner.wire).await?;
            let mut headers = request.headers.clone();
            headers.insert(header::COOKIE, auth::cookie_header(&token)?);
            let body = request.body.clone();
            let response = inner
                .wire
                .send(&request.method, &request.target, headers, body, request.timeout)
                .await?;
            let status = response.status();
            if status != StatusCode::UNAUTHORIZED {
                inner.session.answered(&token, response.headers());
            }
            if status.is_success() && !error::is_error_body(response.body()) {
                return Ok(response);
            }
            let cookies = Cookies::from_header(token.value());
            let passwords = json_object::passwords(&request.body);
            let secrets: Vec<_> =
                cookies.values().chain(passwords.iter().map(String::as_str)).collect();
            let error = error::from_response(
                status,
                response.headers(),
                response.body(),
                request.asked,
                inner.wire.now_utc(),
                &secrets,
            );
            if error.kind() != ErrorKind::Session {
                return Err(if inner.trusts_unavailable && is_balancers(&error) {
                    error.with_effect(Effect::NotExecuted)
                } else {
                    error
                });
            }
            inner.session.reject(&token)?;
            if progress.renewed.swap(true, Ordering::Relaxed) {
                return Err(error);
            }
        }
    }
}

/// A 503 without the Service Layer's own error in it.
fn is_balancers(error: &Error) -> bool {
    error.http_status() == Some(StatusCode::SERVICE_UNAVAILABLE.as_u16())
        && error.api_error().is_none_or(|api| api.code().is_none())
}

async fn permit(permits: &Semaphore) -> Result<tokio::sync::SemaphorePermit<'_>> {
    permits.acquire().await.map_err(|_| Error::config("the client is closed"))
}

/// Whatever this attempt met, the earlier one whose answer was lost may have been executed; a
/// refusal can even be the echo of our own success.
fn after_a_lost_answer(request: &Request, error: Error) -> Result<Response> {
    if error.is_not_found() && request.method == Method::DELETE {
        let mut done = Response::new(Bytes::new());
        *done.status_mut() = StatusCode::NO_CONTENT;
        return Ok(done);
    }
    Err(error.with_effect(Effect::Unknown))
}

/// `Orders(22)/Close`
pub(crate) fn path(set: &str, key: Option<&Key>, tail: &[&str]) -> String {
    let mut path = String::with_capacity(64);
    path.extend(utf8_percent_encode(set, RESERVED));
    if let Some(key) = key {
        let _ = write!(path, "{key}");
    }
    for segment in tail {
        path.push('/');
        path.extend(utf8_percent_encode(segment, IN_SEGMENT));
    }
    path
}
