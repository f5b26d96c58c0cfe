//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::clock::{Clock, SystemClock};
use erplink_core::limit::Bucket;
use erplink_core::retry::Call;
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Members, Retry, RetryPolicy, Secret, Token, TokenStore,
    Transport, TransportConfig, sanitize,
};
use http::Method;
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::Auth;
use crate::config::{API_BASE, Authorize, Config, TokenBody, TokenPlace};
use crate::envelope::{Codes, Judge};
use crate::error::{Code, Error, Result};
use crate::wire::{self, Body, Outgoing, Reply, Wire};

/// An application of one tenant (企业应用). Cheap to clone; clones share token, connections and
/// limits.
///
/// ```
/// let client = weaver_eteams::Client::builder("ww6f3c1d9a02b7e845", "app key", "app secret").build()?;
/// # Ok::<(), weaver_eteams::Error>(())
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
    token_place: TokenPlace,
    concurrency: Semaphore,
    rate: Option<Bucket>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("auth", &self.inner.auth)
            .field("base", &sanitize::url(&self.inner.wire.base, &[]))
            .finish_non_exhaustive()
    }
}

/// What one call sends.
#[derive(Clone, Default)]
pub(crate) struct Input {
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
}

/// Values are left out: raw calls carry whatever the caller wants, passwords included.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Input").field("query", &names).field("body", &self.body.is_some()).finish()
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) input: Input,
}

impl Client {
    /// Starts a client of the application with this key and secret in the tenant with this id
    /// (企业标识, corpid).
    pub fn builder(
        corp_id: impl Into<String>,
        app_key: impl Into<String>,
        app_secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder::new(Config::new(corp_id, app_key, app_secret))
    }

    /// Builds from data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that cannot work.
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// The same client with another limit on the time of each attempt.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { inner: self.inner.clone(), timeout: Some(timeout) }
    }

    /// Id of the tenant (企业标识).
    #[must_use]
    pub fn corp_id(&self) -> &str {
        &self.inner.auth.corp_id
    }

    /// Forgets the token, and that the app was refused.
    ///
    /// A refused app is answered from memory for a minute; call this after it was put right.
    pub async fn reset_token(&self) {
        self.inner.auth.reset().await;
    }

    /// Makes a call and reads its answer; a failure to read it names the call.
    pub(crate) async fn read<T>(
        &self,
        name: &'static str,
        input: Input,
        read: impl FnOnce(&Members) -> Result<T>,
    ) -> Result<T> {
        let (method, path) = name.split_once(' ').unwrap_or(("GET", name));
        let method = if method == "POST" { Method::POST } else { Method::GET };
        let call = Call::new(name, Idempotency::Safe);
        let exchange = Exchange { call, method, path: path.to_owned(), input };
        let reply = self.run(&exchange).await?;
        read(&reply.members).map_err(|error| error.in_call(name, Idempotency::Safe, 1))
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Reply> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a refused token is renewed and the request made once more within it.
    async fn attempt(&self, exchange: &Exchange) -> Result<Reply> {
        let Inner { auth, wire, .. } = &*self.inner;
        // The semaphore is never closed.
        let _place = self.inner.concurrency.acquire().await.ok();
        if let Some(rate) = &self.inner.rate {
            rate.take().await;
        }
        let token = auth.token(wire).await?;
        let first = self.send(exchange, &token).await;
        if first.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            auth.cell.invalidate(token.generation())?;
            let token = auth.token(wire).await?;
            return self.send(exchange, &token).await;
        }
        first
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<Reply> {
        let Inner { wire, token_place, .. } = &*self.inner;
        let token = token.value().expose();
        let Input { query, mut body } = exchange.input.clone();
        let mut url = wire.address(&exchange.path)?;
        let in_body = *token_place == TokenPlace::Body
            && body.as_mut().is_some_and(|body| body.add("access_token", token));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        if !in_body {
            url.query_pairs_mut().append_pair("access_token", token);
        }
        let path = exchange.path.split('?').next().unwrap_or_default();
        let judge = Judge { codes: &wire.codes, path, login: None, secrets: vec![token] };
        let method = exchange.method.clone();
        wire.exchange(Outgoing { method, url, body, timeout: self.timeout, judge }).await
    }
}

/// Builds a [`Client`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn TokenStore>>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Starts from data.
    pub fn new(config: Config) -> Self {
        let (retry, clock) = (RetryPolicy::default(), Arc::new(SystemClock));
        Self { config, transport: None, retry, clock, store: None }
    }

    /// Base address. Default [`API_BASE`], the public cloud; a private E10 has
    /// `https://<domain>/papi/openapi`, where codes are asked for and exchanged in JSON.
    pub fn base_url(mut self, base: impl Into<String>) -> Self {
        self.config.base_url = base.into();
        self
    }

    /// Value of the header `callSysCode`, which older private installations (`/openserver`) want.
    pub fn call_sys_code(mut self, code: impl Into<String>) -> Self {
        self.config.call_sys_code = Some(code.into());
        self
    }

    /// How a code is asked for, where the base address says it wrongly.
    pub fn authorize(mut self, authorize: Authorize) -> Self {
        self.config.authorize = Some(authorize);
        self
    }

    /// How the calls for a token are written, where the base address says it wrongly.
    pub fn token_body(mut self, body: TokenBody) -> Self {
        self.config.token_body = Some(body);
        self
    }

    /// Where calls carry their token. Default: in the query.
    pub fn token_place(mut self, place: TokenPlace) -> Self {
        self.config.token_place = place;
        self
    }

    /// Sends `app_key` and `app_secret` with a refresh as well.
    pub fn refresh_with_app(mut self) -> Self {
        self.config.refresh_with_app = true;
        self
    }

    /// How long before its expiry a token is renewed. Default 2 minutes, half its life at most.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.config.token_margin = margin.as_secs();
        self
    }

    /// For how long a refused app is answered from memory. Default 1 minute.
    pub fn refusal_memory(mut self, memory: Duration) -> Self {
        self.config.refusal_memory = memory.as_secs();
        self
    }

    /// Codes on which the token is renewed. See [`Config::renew_codes`].
    pub fn renew_codes<C: Into<Code>>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.config.renew_codes = codes.into_iter().map(Into::into).collect();
        self
    }

    /// Codes of success. See [`Config::success_codes`].
    pub fn success_codes<C: Into<Code>>(mut self, codes: impl IntoIterator<Item = C>) -> Self {
        self.config.success_codes = codes.into_iter().map(Into::into).collect();
        self
    }

    /// Calls at the same time. Default 8.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.config.concurrency = calls;
        self
    }

    /// Calls a second. Default no limit.
    pub fn calls_per_second(mut self, calls: u32) -> Self {
        self.config.calls_per_second = Some(calls);
        self
    }

    /// Where several processes keep the access token of the application.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
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

    /// How often and how patiently failed calls are repeated.
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
        let settings = [
            ("corp_id (企业标识)", config.corp_id.trim()),
            ("app_key", config.app_key.trim()),
            ("app_secret", config.app_secret.expose().trim()),
        ];
        if let Some((name, _)) = settings.iter().find(|(_, value)| value.is_empty()) {
            return Err(Error::config(format!("{name} is empty")));
        }
        if config.concurrency == 0 {
            return Err(Error::config("concurrency: expected at least 1, found 0"));
        }
        if config.success_codes.is_empty() {
            return Err(Error::config("success_codes is empty: no call could succeed"));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base: Url = config.base_url.parse().map_err(|_| {
            Error::config(format!("base_url: expected an address such as {API_BASE}"))
        })?;
        transport.check(&base)?;
        let inner = Inner {
            auth: Auth::new(&config, self.clock.clone(), self.store),
            retry: Retry::with_clock("eteams", self.retry, self.clock.clone()),
            token_place: config.token_place,
            concurrency: Semaphore::new(config.concurrency.min(Semaphore::MAX_PERMITS)),
            rate: config.calls_per_second.map(|calls| {
                let calls = calls.max(1);
                Bucket::new(self.clock.clone(), calls, Duration::from_secs(1) / calls)
            }),
            wire: Wire {
                transport,
                clock: self.clock,
                base,
                headers: wire::headers(config.call_sys_code.as_deref())?,
                codes: Codes { success: config.success_codes, renew: config.renew_codes },
            },
        };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}
