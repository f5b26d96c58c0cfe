//! One request and its judged answer, without token or repetition.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::transport::{Request, Response, Timeout, Transport, send_logged};
use erplink_core::{Effect, ErrorKind};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;

use crate::error::{Error, Judge, Result};

/// Query parameters that may appear in logs.
const PRINTABLE: &[&str] = &["department_id", "id", "type"];

/// The window of the first "too many calls".
const MINUTE: Duration = Duration::from_secs(60);
/// The window of one that follows right after, and of a ban for wrong secrets.
const HOUR: Duration = Duration::from_secs(3600);

/// What goes out.
pub(crate) struct Outgoing<'a> {
    /// `METHOD /path`, or what stands for all raw calls: the platform counts calls by it.
    pub(crate) api: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) judge: Judge<'a>,
}

/// An answer of success.
pub(crate) struct Reply {
    pub(crate) response: Response,
    /// Its body; `null` for a file.
    pub(crate) value: Value,
}

/// The transport, and the blocks it is under.
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
    blocks: Mutex<HashMap<&'static str, Block>>,
}

/// An API that got too many calls.
struct Block {
    until: Instant,
    /// Longer than a minute: calls fail at once instead of waiting.
    is_long: bool,
}

impl Wire {
    pub(crate) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, blocks: Mutex::default() }
    }

    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Reply> {
        let (api, judge) = (outgoing.api, outgoing.judge);
        self.check_block(api)?;
        let request = request(outgoing)?;
        let response = send_logged(&*self.transport, request, PRINTABLE).await?;
        match judge.judge(&response) {
            Ok(value) => {
                self.blocks().remove(api);
                Ok(Reply { response, value })
            }
            Err(refusal) if refusal.is_quota => {
                let wait = self.block(api, judge.is_login);
                Err(refusal.error.with_retry_after(Some(wait)))
            }
            Err(refusal) => Err(refusal.error),
        }
    }

    /// A minute at first, an hour when the block returns right after a minute's.
    fn block(&self, api: &'static str, is_login: bool) -> Duration {
        let now = self.clock.now();
        let mut blocks = self.blocks();
        let mut is_long = is_login;
        if let Some(block) = blocks.get(api) {
            if now < block.until {
                // Others were on their way when the first one was refused.
                return block.until - now;
            }
            is_long |= now < block.until + MINUTE;
        }
        let wait = if is_long { HOUR } else { MINUTE };
        blocks.insert(api, Block { until: now + wait, is_long });
        wait
    }

    fn check_block(&self, api: &str) -> Result<()> {
        let now = self.clock.now();
        match self.blocks().get(api) {
            Some(block) if block.is_long && block.until > now => Err(Error::new(
                ErrorKind::RateLimited,
                "not sent: WeCom blocks this API for an hour (too many calls)",
            )
            .with_effect(Effect::NotSent)
            .transient()
            .with_retry_after(Some(block.until - now))),
            _ => Ok(()),
        }
    }

    fn blocks(&self) -> MutexGuard<'_, HashMap<&'static str, Block>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn request(outgoing: Outgoing<'_>) -> Result<Request> {
    let mut request = Request::new(outgoing.body.unwrap_or_default());
    *request.method_mut() = outgoing.method;
    *request.uri_mut() =
        outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
    *request.headers_mut() = outgoing.headers;
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("*/*"));
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
