//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::limit::Bucket;
use erplink_core::retry::Call;
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, Token, TokenCell,
    TokenStore, Transport, TransportConfig, sanitize,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{Auth, Login};
use crate::config::{APP_LOGIN, Config, FACTORY_LOGIN, ROUTE_PREFIX, TokenPlacement};
use crate::error::{Error, Judge, Reply, Result, read_data, unreadable_data};
use crate::kept::{Kept, keep};
use crate::lenient::Lenient;
use crate::wire::{Outgoing, Wire, address};

/// A client of the Blacklake MES (黑湖智造). Cheap to clone; clones share token, connections, limits.
///
/// ```
/// use blacklake_mes::{Client, HUAWEI};
///
/// let client = Client::builder(HUAWEI, "app key", "app secret").factory_number("Z20").build()?;
/// # Ok::<(), blacklake_mes::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Option<Duration>,
}

struct Inner {
    wire: Wire,
    auth: Auth,
    retry: Retry,
    limiter: Bucket,
    in_flight: Semaphore,
    base: Url,
    route_prefix: String,
    work_order_edit_path: String,
    placement: Vec<Placement>,
    treat_any_error_as_missing: bool,
}

/// [`TokenPlacement`], checked.
enum Placement {
    Query(String),
    Header(HeaderName),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("app_key", &self.inner.auth.app_key)
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .finish_non_exhaustive()
    }
}

/// One call of the platform: what is constant about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    /// `POST /path`, without the route prefix: also its name in errors.
    pub(crate) name: &'static str,
    pub(crate) idempotency: Idempotency,
}

impl Endpoint {
    pub(crate) const fn read(name: &'static str) -> Self {
        Self { name, idempotency: Idempotency::Safe }
    }

    /// A write that may be sent again after its answer was lost.
    pub(crate) const fn repeatable(name: &'static str) -> Self {
        Self { name, idempotency: Idempotency::Idempotent }
    }

    pub(crate) const fn write(name: &'static str) -> Self {
        Self { name, idempotency: Idempotency::NotIdempotent }
    }

    fn path(&self) -> &'static str {
        self.name.split_once(' ').map_or(self.name, |(_, path)| path)
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    /// The whole path, prefix included.
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

impl Client {
    /// Starts a client of the deployment at this address, such as [`HUAWEI`](crate::HUAWEI), for
    /// the app or interface account with this key and secret.
    pub fn builder(
        base_url: impl Into<String>,
        app_key: impl Into<String>,
        app_secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder::new(Config::new(base_url, app_key, app_secret))
    }

    /// Builds from data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that cannot work.
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// The same client with another limit on the time of each attempt. Large lists of reports may
    /// take a minute.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { inner: self.inner.clone(), timeout: Some(timeout) }
    }

    /// Forgets the token, and that the secret was refused.
    ///
    /// A refused secret is not tried again; call this after it was put right.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    pub(crate) fn treats_any_error_as_missing(&self) -> bool {
        self.inner.treat_any_error_as_missing
    }

    pub(crate) fn work_order_edit_path(&self) -> &str {
        &self.inner.work_order_edit_path
    }

    /// The whole path of a call that takes the usual way.
    pub(crate) fn routed(&self, path: &str) -> String {
        format!("{}{path}", self.inner.route_prefix)
    }

    /// Makes a call and answers its success.
    pub(crate) async fn call<B>(&self, endpoint: &Endpoint, body: &B) -> Result<Reply>
    where
        B: Serialize + Sync + ?Sized,
    {
        self.call_at(self.routed(endpoint.path()), endpoint, body).await
    }

    /// The same for a path of its own.
    pub(crate) async fn call_at<B>(
        &self,
        path: String,
        endpoint: &Endpoint,
        body: &B,
    ) -> Result<Reply>
    where
        B: Serialize + Sync + ?Sized,
    {
        let call = Call::new(endpoint.name, endpoint.idempotency);
        self.run(&Exchange { call, path, body: json(body)? }).await
    }

    /// Makes a call and reads `data`; a failure to read it names the call.
    pub(crate) async fn fetch<T, B>(&self, endpoint: &Endpoint, body: &B) -> Result<T>
    where
        T: Lenient,
        B: Serialize + Sync + ?Sized,
    {
        let reply = self.call(endpoint, body).await?;
        read_data(&reply.data).map_err(|error| named(error, endpoint))
    }

    /// The same, and keeps the text.
    pub(crate) async fn fetch_kept<T, B>(&self, endpoint: &Endpoint, body: &B) -> Result<Kept<T>>
    where
        T: Lenient,
        B: Serialize + Sync + ?Sized,
    {
        let reply = self.call(endpoint, body).await?;
        if reply.data.is_null() {
            let error = Error::new(ErrorKind::NotFound, "the MES answered nothing: no such thing");
            return Err(named(error, endpoint));
        }
        keep(reply.data, reply.no_access)
            .map_err(|problem| named(unreadable_data(problem), endpoint))
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Reply> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected token is renewed and the request made once more within it. That is
    /// safe for writes, too: who refuses a token has done nothing.
    async fn attempt(&self, exchange: &Exchange) -> Result<Reply> {
        let Inner { auth, wire, limiter, in_flight, .. } = &*self.inner;
        limiter.take().await;
        // It is never closed; without a permit the call would go all the same.
        let _permit = in_flight.acquire().await.ok();
        let token = auth.token(wire).await?;
        let mut result = self.send(exchange, &token).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            auth.reject(&token)?;
            let token = auth.token(wire).await?;
            result = self.send(exchange, &token).await;
        }
        if let Err(error) = &result
            && error.kind() == ErrorKind::RateLimited
            && let Some(wait) = error.retry_after()
        {
            limiter.pause(wait);
        }
        result
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<Reply> {
        let token = token.value().expose();
        let mut url = address(&self.inner.base, &exchange.path)?;
        let mut headers = HeaderMap::new();
        for placement in &self.inner.placement {
            match placement {
                Placement::Query(name) => {
                    url.query_pairs_mut().append_pair(name, token);
                }
                Placement::Header(name) => {
                    let mut value = HeaderValue::from_str(token).map_err(|_| {
                        Error::new(ErrorKind::Decode, "the token of the login fits no header")
                    })?;
                    value.set_sensitive(true);
                    headers.insert(name.clone(), value);
                }
            }
        }
        let outgoing = Outgoing {
            url,
            headers,
            body: exchange.body.clone(),
            timeout: self.timeout,
            judge: Judge { is_login: false, secret: token },
        };
        self.inner.wire.exchange(outgoing).await
    }
}

pub(crate) fn json<B: Serialize + ?Sized>(body: &B) -> Result<Bytes> {
    let body = serde_json::to_vec(body)
        .map_err(|error| Error::invalid("the body has no JSON form").with_source(error))?;
    Ok(body.into())
}

pub(crate) fn named(error: Error, endpoint: &Endpoint) -> Error {
    error.in_call(endpoint.name, endpoint.idempotency, 1)
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    store: Store,
}

#[derive(Clone, Default)]
struct Store(Option<Arc<dyn TokenStore>>);

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.is_some().fmt(f)
    }
}

impl ClientBuilder {
    /// Starts from data.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            transport: None,
            retry: default_retry(),
            clock: Arc::new(SystemClock),
            store: Store::default(),
        }
    }

    /// Number of the factory (工厂号): log in as an interface account (接口账号). Without it the key
    /// and secret are those of an app (自建应用).
    pub fn factory_number(mut self, number: impl Into<String>) -> Self {
        self.config.factory_number = Some(number.into());
        self
    }

    /// Where the token travels, in place of the query's `access_token`.
    pub fn token_placement(mut self, places: impl IntoIterator<Item = TokenPlacement>) -> Self {
        self.config.token_placement = places.into_iter().collect();
        self
    }

    /// How long before its expiry a token is renewed. Default 3 minutes.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.config.token_margin = margin.as_secs();
        self
    }

    /// Where several processes keep their token. Whether a new login ends the token before it is
    /// not documented, so processes of one app had better share it.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Store(Some(store));
        self
    }

    /// Calls a second, all together, and how many may follow each other at once after a pause.
    /// Default 5 and 10.
    pub fn rate(mut self, calls_per_second: u32, burst: u32) -> Self {
        (self.config.calls_per_second, self.config.burst) = (calls_per_second, burst);
        self
    }

    /// Calls that wait for their answer at the same time. Default 4.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.config.max_in_flight = calls;
        self
    }

    /// Anything that carries requests: an in-process server, a recorder, faults.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Settings of the HTTP transport: timeouts, proxy, certificates.
    pub fn http(mut self, http: TransportConfig) -> Self {
        self.config.http = http;
        self
    }

    /// How often and how patiently failed calls are repeated. Default: three repeats after 2, 4
    /// and 8 seconds, 2 minutes in all.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Where the client takes the time from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Builds the client. No I/O, no task, no runtime needed.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] that names the setting that cannot work.
    pub fn build(self) -> Result<Client> {
        let config = self.config;
        check(&config)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base = base_url(&config.base_url)?;
        transport.check(&base)?;
        let (login, path) = match config.factory_number {
            Some(number) => (Login::Factory(number), FACTORY_LOGIN),
            None => (Login::App, APP_LOGIN),
        };
        let path = config.login_path.as_deref().unwrap_or(path);
        let mut cell = TokenCell::new(self.clock.clone(), Duration::from_secs(config.token_margin));
        if let Some(store) = self.store.0 {
            // Of two hosts or accounts the tokens are unrelated; a key must not show the secret.
            let secret = fingerprint(&config.app_secret);
            cell = cell.with_store(store, format!("blacklake:{base}:{}:{secret}", config.app_key));
        }
        let auth = Auth {
            login,
            address: address(&base, path)
                .map_err(|_| Error::config("login_path: it has to begin with /"))?,
            operation: format!("POST {path}"),
            app_key: config.app_key,
            app_secret: config.app_secret,
            cell,
        };
        let refill = Duration::from_secs(1) / config.calls_per_second;
        let inner = Inner {
            auth,
            retry: Retry::with_clock("blacklake", self.retry, self.clock.clone()),
            limiter: Bucket::new(self.clock.clone(), config.burst, refill),
            in_flight: Semaphore::new(config.max_in_flight.min(Semaphore::MAX_PERMITS)),
            wire: Wire { transport, clock: self.clock },
            base,
            route_prefix: config.route_prefix.trim_end_matches('/').to_owned(),
            work_order_edit_path: config.work_order_edit_path,
            placement: placement(config.token_placement)?,
            treat_any_error_as_missing: config.treat_any_error_as_missing,
        };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}

fn check(config: &Config) -> Result<()> {
    let problem = if config.app_key.trim().is_empty() {
        "app_key is empty"
    } else if config.app_secret.is_empty() {
        "app_secret is empty"
    } else if config.factory_number.as_ref().is_some_and(|number| number.trim().is_empty()) {
        "factory_number (工厂号) is empty: leave it out to log in as an app"
    } else if config.calls_per_second == 0 || config.max_in_flight == 0 {
        "calls_per_second and max_in_flight have to be 1 or more"
    } else if config.token_placement.is_empty() {
        "token_placement is empty: the MES would refuse every call"
    } else if !config.route_prefix.is_empty() && !config.route_prefix.starts_with('/') {
        "route_prefix has to begin with /"
    } else if !config.work_order_edit_path.starts_with('/') {
        "work_order_edit_path has to begin with /"
    } else {
        return Ok(());
    };
    Err(Error::config(problem))
}

/// The portal prints the address with the route prefix, and people copy it as it is.
fn base_url(text: &str) -> Result<Url> {
    let text = text.trim().trim_end_matches('/');
    let text = text.strip_suffix(ROUTE_PREFIX).unwrap_or(text);
    let url: Option<Url> = text.parse().ok();
    url.filter(|url| url.has_host() && url.query().is_none()).ok_or_else(|| {
        let example = crate::config::HUAWEI;
        Error::config(format!("base_url: expected an address such as {example}"))
    })
}

fn placement(places: Vec<TokenPlacement>) -> Result<Vec<Placement>> {
    let places = places.into_iter().map(|place| match place {
        TokenPlacement::Query(name) if name.is_empty() => {
            Err(Error::config("token_placement: a query parameter without a name"))
        }
        TokenPlacement::Query(name) => Ok(Placement::Query(name)),
        TokenPlacement::Header(name) => {
            HeaderName::from_bytes(name.as_bytes()).map(Placement::Header).map_err(|_| {
                Error::config(format!("token_placement: `{name}` is no name of a header"))
            })
        }
    });
    places.collect()
}

/// Tells the secrets of two apps apart without giving them away.
fn fingerprint(secret: &Secret) -> String {
    let digest = Sha256::digest(secret.expose().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn default_retry() -> RetryPolicy {
    RetryPolicy::default()
        .max_attempts(4)
        .backoff(Duration::from_secs(2), Duration::from_secs(30))
        .deadline(Duration::from_secs(120))
}
