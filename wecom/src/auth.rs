//! The access token: fetched by the first call, shared, renewed five minutes before it expires.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use erplink_core::clock::Clock;
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell, TokenStore};
use http::{HeaderMap, Method};
use url::Url;

use crate::error::{ApiError, Error, Judge, Result};
use crate::tree::Tree;
use crate::wire::{Outgoing, Wire, address};

const GET_TOKEN: &str = "GET /cgi-bin/gettoken";
/// Documented life of a token, for answers that do not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

/// A central token service (中控服务器), for sites where one process fetches the token of an app
/// for all others.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// The token to use, and for how long.
    ///
    /// `rejected` is the token the platform refused just now, if that is why this is called: the
    /// service has to fetch another, unless it did so meanwhile.
    ///
    /// # Errors
    /// Anything of [`Error`]'s constructors; [`ErrorKind::Auth`] is not asked for again until some
    /// minutes have passed.
    async fn token(&self, rejected: Option<&Secret>) -> Result<Grant>;
}

pub(crate) struct Auth {
    pub(crate) corp_id: String,
    pub(crate) secret: Secret,
    pub(crate) base: Url,
    pub(crate) cell: TokenCell<ApiError>,
    pub(crate) source: Option<Arc<dyn TokenSource>>,
    pub(crate) refusals: Refusals,
    pub(crate) rejected: Mutex<Option<Secret>>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("corp_id", &self.corp_id).finish_non_exhaustive()
    }
}

/// The cell of one app, shared with other processes if there is a store.
pub(crate) fn token_cell(
    clock: Arc<dyn Clock>,
    margin: Duration,
    store: Option<(Arc<dyn TokenStore>, String)>,
) -> TokenCell<ApiError> {
    let cell = TokenCell::new(clock, margin);
    match store {
        Some((store, key)) => cell.with_store(store, key),
        None => cell,
    }
}

/// When the secret was refused last. It may become right again: an app that was disabled is
/// enabled, so after a while one caller asks anew.
pub(crate) struct Refusals {
    memory: Duration,
    last: Mutex<Option<Instant>>,
}

impl Refusals {
    pub(crate) fn new(memory: Duration) -> Self {
        Self { memory, last: Mutex::new(None) }
    }

    fn note(&self, now: Instant) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// Whether it is time to ask again. True for one of all callers that ask at the same time.
    fn claim_another_try(&self, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_some_and(|last| now.saturating_duration_since(last) >= self.memory);
        if due {
            *last = Some(now);
        }
        due
    }
}

impl Auth {
    /// The token for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        let mut result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth)
            && self.refusals.claim_another_try(wire.clock.now())
        {
            self.cell.reset().await;
            result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        }
        result.map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// Drops a token that the platform refused.
    pub(crate) fn reject(&self, token: &Token) -> Result<()> {
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.value().clone());
        self.cell.invalidate(token.generation())
    }

    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        let result = match &self.source {
            Some(source) => {
                let rejected = self.rejected.lock().unwrap_or_else(PoisonError::into_inner).take();
                source.token(rejected.as_ref()).await
            }
            None => self.get_token(wire).await,
        };
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth) {
            self.refusals.note(wire.clock.now());
        }
        result.map_err(|error| error.in_call(GET_TOKEN, Idempotency::Safe, 1))
    }

    async fn get_token(&self, wire: &Wire) -> Result<Grant> {
        let secret = self.secret.expose();
        let mut url = address(&self.base, "/cgi-bin/gettoken")?;
        url.query_pairs_mut()
            .append_pair("corpid", &self.corp_id)
            .append_pair("corpsecret", secret);
        let outgoing = Outgoing {
            api: GET_TOKEN,
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: None,
            timeout: None,
            judge: Judge { expects_file: false, is_login: true, subject: None, secret },
        };
        let answer = wire.exchange(outgoing).await?.value;
        let answer = Tree::new(&answer);
        let value = answer
            .get("access_token")
            .text()
            .ok_or_else(|| Error::new(ErrorKind::Decode, "the answer holds no access token"))?;
        let ttl = answer
            .get("expires_in")
            .int()
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map_or(DEFAULT_LIFE, Duration::from_secs);
        Ok(Grant { value: Secret::new(value), ttl })
    }
}
