//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::limit::RateLimiter;
use erplink_core::retry::Call;
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, Token, TokenStore,
    Transport, sanitize,
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use crate::approvals::TemplateMemory;
use crate::auth::{Auth, Refusals, TokenSource, token_cell};
use crate::config::Config;
use crate::contacts::UnknownMembers;
use crate::error::{Error, Judge, Result};
use crate::wire::{Outgoing, Reply, Wire, address};

/// How long one throttled call holds back the other callers of its API: the shortest window of
/// the platform. Longer blocks fail at once instead of queueing.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A WeCom app (企业微信应用). Cheap to clone; clones share token, connections and limits.
///
/// ```
/// let client = wecom::Client::builder("ww6f3c1d9a02b7e845", "app secret").build()?;
/// # Ok::<(), wecom::Error>(())
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
    limiter: RateLimiter,
    base: Url,
    templates: TemplateMemory,
    unknown_members: UnknownMembers,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("corp_id", &self.inner.auth.corp_id)
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .finish_non_exhaustive()
    }
}

/// One call of the platform: what is constant about it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `METHOD /path`: also its name in errors and its bucket in the rate limiter.
    pub(crate) name: &'static str,
    pub(crate) idempotency: Idempotency,
    pub(crate) answers_file: bool,
}

impl Endpoint {
    pub(crate) const fn new(name: &'static str, idempotency: Idempotency) -> Self {
        Self { name, idempotency, answers_file: false }
    }

    pub(crate) const fn answering_a_file(mut self) -> Self {
        self.answers_file = true;
        self
    }
}

/// What one call sends.
#[derive(Clone, Default)]
pub(crate) struct Input {
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    /// Whom or what the call is about, for the error: `userid zhangsan`.
    pub(crate) subject: Option<String>,
}

/// Values are left out: raw calls carry whatever the caller wants, passwords included.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.query.iter().map(|(name, _)| name.as_str()).collect();
        let bytes = self.body.as_ref().map(Bytes::len);
        f.debug_struct("Input").field("query", &names).field("body_bytes", &bytes).finish()
    }
}

impl Input {
    pub(crate) fn json<T: Serialize + ?Sized>(body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::invalid("the body has no JSON form").with_source(error))?;
        Ok(Self::default().with_body(HeaderValue::from_static("application/json"), body))
    }

    pub(crate) fn query<const N: usize>(pairs: [(&str, String); N]) -> Self {
        let query = pairs.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Self { query, ..Self::default() }
    }

    pub(crate) fn with_body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.headers.insert(header::CONTENT_TYPE, content_type);
        self.body = Some(body.into());
        self
    }

    pub(crate) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    /// What the platform counts the call under.
    pub(crate) api: &'static str,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) input: Input,
    pub(crate) expects_file: bool,
}

impl Client {
    /// Starts a client of the app with this secret (Secret) in the corp with this id (企业ID).
    pub fn builder(corp_id: impl Into<String>, secret: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder::new(Config::new(corp_id, secret))
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

    /// Id of the corp (企业ID): the receive id of its callbacks.
    #[must_use]
    pub fn corp_id(&self) -> &str {
        &self.inner.auth.corp_id
    }

    /// Forgets the token, and that the secret was refused.
    ///
    /// A refused secret is answered from memory for ten minutes; call this after it was put right
    /// on the platform's side.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.wire.clock
    }

    pub(crate) fn templates(&self) -> &TemplateMemory {
        &self.inner.templates
    }

    pub(crate) fn unknown_members(&self) -> &UnknownMembers {
        &self.inner.unknown_members
    }

    /// Makes a call and answers its whole answer.
    pub(crate) async fn call(&self, endpoint: &'static Endpoint, input: Input) -> Result<Reply> {
        let (method, path) = endpoint.name.split_once(' ').unwrap_or(("GET", endpoint.name));
        let exchange = Exchange {
            call: Call::new(endpoint.name, endpoint.idempotency),
            api: endpoint.name,
            method: if method == "POST" { Method::POST } else { Method::GET },
            path: path.to_owned(),
            input,
            expects_file: endpoint.answers_file,
        };
        self.run(&exchange).await
    }

    /// Makes a call and reads its answer; a failure to read it names the call.
    pub(crate) async fn read<T>(
        &self,
        endpoint: &'static Endpoint,
        input: Input,
        read: impl FnOnce(&Value) -> Result<T>,
    ) -> Result<T> {
        let reply = self.call(endpoint, input).await?;
        read(&reply.value).map_err(|error| error.in_call(endpoint.name, endpoint.idempotency, 1))
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Reply> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected token is renewed and the request made once more within it.
    async fn attempt(&self, exchange: &Exchange) -> Result<Reply> {
        let Inner { auth, wire, limiter, .. } = &*self.inner;
        let bucket = limiter.of(exchange.api);
        bucket.take().await;
        let token = auth.token(wire).await?;
        let mut result = self.send(exchange, &token).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            auth.reject(&token)?;
            let token = auth.token(wire).await?;
            result = self.send(exchange, &token).await;
        }
        if let Err(error) = &result
            && error.kind() == ErrorKind::RateLimited
            && error.api_error().is_some()
            && let Some(wait) = error.retry_after().filter(|wait| *wait <= LONGEST_PAUSE)
        {
            bucket.pause(wait);
        }
        result
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<Reply> {
        let token = token.value().expose();
        let input = &exchange.input;
        let mut url = address(&self.inner.base, &exchange.path)?;
        url.query_pairs_mut().extend_pairs(&input.query).append_pair("access_token", token);
        let outgoing = Outgoing {
            api: exchange.api,
            method: exchange.method.clone(),
            url,
            headers: input.headers.clone(),
            body: input.body.clone(),
            timeout: self.timeout,
            judge: Judge {
                expects_file: exchange.expects_file,
                is_login: false,
                subject: input.subject.as_deref(),
                secret: token,
            },
        };
        self.inner.wire.exchange(outgoing).await
    }
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
}

/// Where tokens come from and are kept.
#[derive(Clone, Default)]
struct Tokens {
    store: Option<Arc<dyn TokenStore>>,
    source: Option<Arc<dyn TokenSource>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("store", &self.store.is_some())
            .field("source", &self.source.is_some())
            .finish()
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
            tokens: Tokens::default(),
        }
    }

    /// Base address of the API. Default `https://qyapi.weixin.qq.com`.
    pub fn api_base(mut self, base: impl Into<String>) -> Self {
        self.config.api_base = base.into();
        self
    }

    /// How long before its expiry a token is renewed. Default 5 minutes.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.config.token_margin = margin.as_secs();
        self
    }

    /// For how long a refused secret is answered from memory. Default 10 minutes.
    pub fn refusal_memory(mut self, memory: Duration) -> Self {
        self.config.refusal_memory = memory.as_secs();
        self
    }

    /// Where several processes of the app keep their token. WeCom does not say whether fetching a
    /// token ends the one before, so processes that share an app had better share its token.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.tokens.store = Some(store);
        self
    }

    /// Takes tokens from a central service instead of fetching them with the secret.
    pub fn token_source(mut self, source: Arc<dyn TokenSource>) -> Self {
        self.tokens.source = Some(source);
        self
    }

    /// Calls a minute for each API. Default 600, the limit of the approval APIs.
    pub fn calls_per_minute(mut self, calls: u32) -> Self {
        self.config.calls_per_minute = calls;
        self
    }

    /// For how long a template is remembered for checking forms. Default 10 minutes.
    pub fn template_memory(mut self, memory: Duration) -> Self {
        self.config.template_memory = memory.as_secs();
        self
    }

    /// Anything that carries requests: an in-process server, a recorder, faults.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Settings of the HTTP transport: timeouts, proxy, certificates.
    pub fn http(mut self, http: erplink_core::TransportConfig) -> Self {
        self.config.http = http;
        self
    }

    /// How often and how patiently failed calls are repeated. Default: three repeats after 1, 2
    /// and 4 seconds, 2 minutes in all.
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
        if config.corp_id.trim().is_empty() {
            return Err(Error::config("corp_id (企业ID) is empty"));
        }
        if config.secret.is_empty() && self.tokens.source.is_none() {
            return Err(Error::config("secret (Secret of the app) is empty"));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base: Url = config.api_base.parse().map_err(|_| {
            let example = crate::config::API_BASE;
            Error::config(format!("api_base: expected an address such as {example}"))
        })?;
        transport.check(&base)?;
        let margin = Duration::from_secs(config.token_margin);
        // Tokens of different apps of one corp are unrelated, and a key must not show the secret.
        let store = self.tokens.store.map(|store| {
            (store, format!("wecom:{}:{}", config.corp_id, fingerprint(&config.secret)))
        });
        let inner = Inner {
            auth: Auth {
                cell: token_cell(self.clock.clone(), margin, store),
                corp_id: config.corp_id,
                secret: config.secret,
                base: base.clone(),
                source: self.tokens.source,
                refusals: Refusals::new(Duration::from_secs(config.refusal_memory)),
                rejected: std::sync::Mutex::new(None),
            },
            retry: Retry::with_clock("wecom", self.retry, self.clock.clone()),
            limiter: RateLimiter::per_minute(self.clock.clone(), config.calls_per_minute),
            wire: Wire::new(transport, self.clock),
            base,
            templates: TemplateMemory::new(Duration::from_secs(config.template_memory)),
            unknown_members: UnknownMembers::default(),
        };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}

/// Tells the secrets of two apps apart without giving them away.
fn fingerprint(secret: &Secret) -> String {
    let digest = Sha256::digest(secret.expose().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// −1 asks for at most three repeats; a block of an hour is reported, not sat out.
fn default_retry() -> RetryPolicy {
    RetryPolicy::default()
        .max_attempts(4)
        .backoff(Duration::from_secs(1), Duration::from_secs(30))
        .deadline(Duration::from_secs(120))
}
