//! One token for everybody: fetched once, renewed before it expires, never renewed twice.
//!
//! A [`TokenCell`] holds a session or an access token. It has no background task:
//!
//! - the first caller fetches, callers that arrive meanwhile wait for that one fetch;
//! - a caller that is cancelled while it fetches leaves the next waiter to fetch;
//! - within the margin before expiry one caller renews while the others go on with the old token;
//!   when that renewal fails, the old token serves until it really expires;
//! - a rejected token is dropped by *generation*: of a thousand calls that saw the same rejection,
//!   one renews;
//! - refused credentials are tried once: the refusal is kept and answered without another login
//!   until [`TokenCell::reset`];
//! - several processes can share a token through a [`TokenStore`].

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tracing::{debug, warn};

use crate::Secret;
use crate::clock::Clock;
use crate::error::{ApiDetail, Effect, Error, ErrorKind};
use crate::limit::Bucket;

/// What a login answered.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The token or session.
    pub value: Secret,
    /// How long it lives from now on.
    pub ttl: Duration,
}

/// A token to use for one request.
#[derive(Clone, Debug)]
pub struct Token {
    value: Secret,
    generation: u64,
}

impl Token {
    /// The token itself.
    #[must_use]
    pub fn value(&self) -> &Secret {
        &self.value
    }

    /// Which fetch it came from; hand it to [`TokenCell::invalidate`] when it is rejected.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

/// A token as several processes share it.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The token or session.
    pub value: Secret,
    /// When it stops working, in calendar time.
    pub expires_at: DateTime<Utc>,
}

/// Any failure of a store. It is logged, and the process goes on with a token of its own.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// A place where several processes keep the token of one app, such as a row in a database.
///
/// Platforms that hand out one valid token per app (a new one ends the old one) need it as soon
/// as two processes share the app's credentials.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The current token of `key`, if there is one.
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError>;

    /// Stores `token` if the stored value is still `previous`, the one that [`load`](Self::load)
    /// answered (`None`: nothing stored, or expired).
    ///
    /// Answers whether it was stored. When another process was faster, its token is loaded and
    /// used instead.
    async fn compare_and_store(
        &self,
        key: &str,
        previous: Option<&Secret>,
        token: &StoredToken,
    ) -> Result<bool, StoreError>;
}

/// Holds one token. See the [module](self).
pub struct TokenCell<A> {
    clock: Arc<dyn Clock>,
    born: Instant,
    margin: Duration,
    slot: RwLock<Slot>,
    gate: Mutex<Gate<A>>,
    /// Counts finished fetches, so that a waiter knows whether one ended while it waited.
    fetches: AtomicU64,
    forced: Bucket,
    store: Option<(Arc<dyn TokenStore>, String)>,
}

/// No token is taken to live longer than ten years: a clock can be added to that.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Rejected values that are remembered. One is the rule; the store lags behind in an outage.
const REMEMBERED: usize = 4;

#[derive(Default)]
struct Slot {
    current: Option<Arc<Current>>,
    /// Values the platform rejected, oldest first: never taken back from the store. They stand
    /// here and not behind the gate, because a token can be rejected while another is fetched.
    rejected: Vec<Secret>,
}

struct Current {
    token: Token,
    /// Milliseconds after `born`.
    expires: AtomicU64,
    renew: AtomicU64,
}

/// What the one caller that fetches may look at.
struct Gate<A> {
    refused: Option<Error<A>>,
    last_failure: Option<(u64, Error<A>)>,
    generation: u64,
}

impl<A> fmt::Debug for TokenCell<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCell").field("margin", &self.margin).finish_non_exhaustive()
    }
}

impl<A: ApiDetail> TokenCell<A> {
    /// An empty cell whose token is renewed `margin` before it expires.
    ///
    /// Tokens that live shorter than twice the margin are renewed at half their life.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, margin: Duration) -> Self {
        Self {
            born: clock.now(),
            forced: Bucket::new(clock.clone(), 10, Duration::from_secs(6)),
            clock,
            margin,
            slot: RwLock::default(),
            gate: Mutex::new(Gate { refused: None, last_failure: None, generation: 0 }),
            fetches: AtomicU64::new(0),
            store: None,
        }
    }

    /// Shares the token with other processes under `key`.
    #[must_use]
    pub fn with_store(mut self, store: Arc<dyn TokenStore>, key: impl Into<String>) -> Self {
        self.store = Some((store, key.into()));
        self
    }

    /// The token, fetched by `fetch` if there is none that lives long enough.
    ///
    /// # Errors
    /// The error of the fetch. Credentials that were refused once are not tried again: the same
    /// error is answered until [`TokenCell::reset`].
    pub async fn get<F, Fut>(&self, fetch: F) -> Result<Token, Error<A>>
    where
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<Grant, Error<A>>> + Send,
    {
        let (fresh, usable) = self.look();
        if let Some(token) = fresh {
            return Ok(token);
        }
        let seen = self.fetches.load(Ordering::Acquire);
        let mut gate = match (self.gate.try_lock(), usable) {
            (Ok(gate), _) => gate,
            // Somebody renews early; the old token is still good.
            (Err(_), Some(token)) => return Ok(token),
            (Err(_), None) => self.gate.lock().await,
        };
        let (fresh, usable) = self.look();
        if let Some(token) = fresh {
            return Ok(token);
        }
        if let Some(refused) = &gate.refused {
            return usable.ok_or_else(|| refused.clone());
        }
        if let Some((at, error)) = &gate.last_failure
            && *at > seen
        {
            return Err(error.clone());
        }
        let stored = self.load_stored().await;
        if let Some(token) = self.adopt(&mut gate, stored.as_ref()) {
            return Ok(token);
        }
        let result = Box::pin(fetch()).await;
        let finished = self.fetches.fetch_add(1, Ordering::AcqRel) + 1;
        match result {
            Ok(grant) => {
                gate.last_failure = None;
                Ok(self.publish(&mut gate, grant, stored.as_ref()).await)
            }
            Err(error) => {
                if error.kind() == ErrorKind::Auth {
                    gate.refused = Some(error.clone());
                }
                // Looked up again: it may have been rejected or have expired meanwhile.
                let (fresh, usable) = self.look();
                if let Some(token) = fresh.or(usable) {
                    warn!("early renewal failed, the token serves until it expires: {error}");
                    self.postpone_renewal();
                    return Ok(token);
                }
                gate.last_failure = Some((finished, error.clone()));
                Err(error)
            }
        }
    }

    /// Drops the token of `generation` because the platform rejected it.
    ///
    /// Does nothing when it was renewed meanwhile. Answers an error when tokens are rejected as
    /// fast as they are fetched: then fetching more only burns the platform's quota.
    ///
    /// # Errors
    /// After ten rejected tokens in a row, until some seconds have passed.
    pub fn invalidate(&self, generation: u64) -> Result<(), Error<A>> {
        let mut slot = self.write();
        let Some(current) = slot.current.take_if(|c| c.token.generation == generation) else {
            return Ok(());
        };
        if !self.forced.try_take() {
            slot.current = Some(current);
            return Err(Error::new(
                ErrorKind::Session,
                "new tokens are rejected as fast as they are fetched; not fetching another yet",
            )
            .with_effect(Effect::NotExecuted));
        }
        debug!(generation, "token rejected");
        if slot.rejected.len() == REMEMBERED {
            slot.rejected.remove(0);
        }
        slot.rejected.push(current.token.value.clone());
        Ok(())
    }

    /// Starts the life of `generation` anew, for sessions that end after idleness.
    pub fn touch(&self, generation: u64, ttl: Duration) {
        if let Some(current) = self.peek(generation) {
            let (renew, expires) = self.times(ttl);
            current.expires.fetch_max(expires, Ordering::Relaxed);
            current.renew.fetch_max(renew, Ordering::Relaxed);
        }
    }

    /// Replaces the value of `generation` and keeps its life, for sessions that change in place.
    pub fn replace(&self, generation: u64, value: Secret) {
        let mut slot = self.write();
        if let Some(current) = slot.current.as_mut().filter(|c| c.token.generation == generation) {
            *current = Arc::new(Current {
                token: Token { value, generation },
                expires: AtomicU64::new(current.expires.load(Ordering::Relaxed)),
                renew: AtomicU64::new(current.renew.load(Ordering::Relaxed)),
            });
        }
    }

    /// The token in the cell, whatever its age, without fetching one.
    #[must_use]
    pub fn current(&self) -> Option<Token> {
        self.read().map(|current| current.token.clone())
    }

    /// Puts a token in that was obtained elsewhere.
    pub async fn set(&self, grant: Grant) -> Token {
        let mut gate = self.gate.lock().await;
        gate.refused = None;
        let stored = self.load_stored().await;
        self.publish(&mut gate, grant, stored.as_ref()).await
    }

    /// Forgets the token and a refusal of the credentials.
    pub async fn reset(&self) {
        let mut gate = self.gate.lock().await;
        gate.refused = None;
        gate.last_failure = None;
        self.write().current = None;
    }

    /// The token if it need not be renewed yet, and the token if it is still good at all.
    fn look(&self) -> (Option<Token>, Option<Token>) {
        let Some(current) = self.read() else { return (None, None) };
        let now = self.millis(self.clock.now());
        let good = |until: &AtomicU64| {
            (now < until.load(Ordering::Relaxed)).then(|| current.token.clone())
        };
        match good(&current.renew) {
            Some(token) => (Some(token), None),
            None => (None, good(&current.expires)),
        }
    }

    /// Installs a token and stores it in place of `previous`, which the store held before.
    async fn publish(
        &self,
        gate: &mut Gate<A>,
        grant: Grant,
        previous: Option<&StoredToken>,
    ) -> Token {
        if let Some((store, key)) = &self.store {
            let stored = StoredToken {
                value: grant.value.clone(),
                expires_at: self.clock.utc()
                    + chrono::Duration::from_std(grant.ttl.min(LONGEST_LIFE)).unwrap_or_default(),
            };
            let previous = previous.map(|previous| &previous.value);
            match store.compare_and_store(key, previous, &stored).await {
                Ok(true) => {}
                Ok(false) => {
                    let faster = self.load_stored().await;
                    if let Some(token) = self.adopt(gate, faster.as_ref()) {
                        return token;
                    }
                }
                Err(error) => warn!("the token store does not answer: {error}"),
            }
        }
        self.install(gate, grant)
    }

    async fn load_stored(&self) -> Option<StoredToken> {
        let (store, key) = self.store.as_ref()?;
        store.load(key).await.unwrap_or_else(|error| {
            warn!("the token store does not answer: {error}");
            None
        })
    }

    /// Takes the token of another process, if it lives long enough and was not rejected.
    fn adopt(&self, gate: &mut Gate<A>, stored: Option<&StoredToken>) -> Option<Token> {
        let StoredToken { value, expires_at } = stored?;
        let ttl = (*expires_at - self.clock.utc()).to_std().ok()?;
        let known = self.current().is_some_and(|token| token.value == *value);
        if ttl <= self.margin || known || self.slot().rejected.contains(value) {
            return None;
        }
        debug!("using the token that another process stored");
        Some(self.install(gate, Grant { value: value.clone(), ttl }))
    }

    fn install(&self, gate: &mut Gate<A>, grant: Grant) -> Token {
        gate.generation += 1;
        let token = Token { value: grant.value, generation: gate.generation };
        let (renew, expires) = self.times(grant.ttl);
        self.write().current = Some(Arc::new(Current {
            token: token.clone(),
            expires: AtomicU64::new(expires),
            renew: AtomicU64::new(renew),
        }));
        token
    }

    /// After a failed early renewal: leave the token alone for a while.
    fn postpone_renewal(&self) {
        if let Some(current) = self.read() {
            let later = self.millis(self.clock.now() + self.margin.min(LONGEST_LIFE) / 10);
            current.renew.store(later, Ordering::Relaxed);
        }
    }

    fn times(&self, ttl: Duration) -> (u64, u64) {
        let now = self.clock.now();
        let ttl = ttl.min(LONGEST_LIFE);
        let life = ttl.saturating_sub(self.margin).max(ttl / 2);
        (self.millis(now + life), self.millis(now + ttl))
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.born).as_millis()).unwrap_or(u64::MAX)
    }

    fn slot(&self) -> RwLockReadGuard<'_, Slot> {
        self.slot.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Slot> {
        self.slot.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> Option<Arc<Current>> {
        self.slot().current.clone()
    }

    fn peek(&self, generation: u64) -> Option<Arc<Current>> {
        self.read().filter(|current| current.token.generation == generation)
    }
}
