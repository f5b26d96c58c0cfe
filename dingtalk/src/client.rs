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
    Transport, json, sanitize,
};
use http::{HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::{Auth, token_cell};
use crate::config::{Config, TokenMethod};
use crate::error::{Error, Expect, Result, Rules};
use crate::wire::{Outgoing, Wire, address};

/// How long one throttled call holds back the other callers of its endpoint: the longest wait the
/// platform documents. A longer hint is told to the caller, the others find out for themselves.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A DingTalk app (企业内部应用). Cheap to clone; clones share token, connections and limits.
///
/// ```
/// let client = dingtalk::Client::builder("dingabcdefgh12345678", "client secret")
///     .agent_id(41605932)
///     .build()?;
/// # Ok::<(), dingtalk::Error>(())
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
    api: Url,
    oapi: Url,
    agent_id: Option<i64>,
    corp_id: Option<String>,
    root_department: i64,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.inner.auth.client_id)
            .field("api", &sanitize::url(&self.inner.api, &[]))
            .field("oapi", &sanitize::url(&self.inner.oapi, &[]))
            .finish_non_exhaustive()
    }
}

/// Which of the two APIs an endpoint belongs to, and so where its token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    /// v1.0: token in a header.
    Api,
    /// Legacy: token in the query.
    Oapi,
}

/// One call of the platform: what is constant about it.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `METHOD /path`: also its name in errors and its bucket in the rate limiter.
    pub(crate) name: &'static str,
    pub(crate) host: Host,
    pub(crate) idempotency: Idempotency,
    pub(crate) rules: Rules,
}

impl Endpoint {
    /// An endpoint of the v1.0 API.
    pub(crate) const fn api(
        name: &'static str,
        idempotency: Idempotency,
        scope: &'static str,
    ) -> Self {
        Self { name, host: Host::Api, idempotency, rules: Rules::of(Expect::Result, scope) }
    }

    /// An endpoint of the legacy API.
    pub(crate) const fn oapi(
        name: &'static str,
        idempotency: Idempotency,
        scope: &'static str,
    ) -> Self {
        Self { name, host: Host::Oapi, idempotency, rules: Rules::of(Expect::ErrCode, scope) }
    }

    pub(crate) const fn answering_with(mut self, expect: Expect) -> Self {
        self.rules.expect = expect;
        self
    }

    pub(crate) const fn result_is_data(mut self) -> Self {
        self.rules.result_is_data = true;
        self
    }

    pub(crate) const fn answering_secrets(mut self) -> Self {
        self.rules.answers_secrets = true;
        self
    }
}

/// What one call sends.
#[derive(Default)]
pub(crate) struct Input {
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Bytes>,
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
        Ok(Self { query: Vec::new(), body: Some(body.into()) })
    }

    pub(crate) fn query<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { query, body: None }
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    /// Names the bucket of the rate limiter.
    pub(crate) bucket: &'static str,
    pub(crate) host: Host,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) input: Input,
    pub(crate) rules: Rules,
}

impl Client {
    /// Starts a client of the app with this Client ID (AppKey) and Client Secret (AppSecret).
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
    ) -> ClientBuilder {
        ClientBuilder::new(Config::new(client_id, client_secret))
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

    /// Client ID (AppKey) of the app: the owner key of callbacks set up in the console.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.inner.auth.client_id
    }

    /// AgentId of the app, if it was configured.
    #[must_use]
    pub fn agent_id(&self) -> Option<i64> {
        self.inner.agent_id
    }

    /// Id of the organisation (corpId), if it was configured.
    #[must_use]
    pub fn corp_id(&self) -> Option<&str> {
        self.inner.corp_id.as_deref()
    }

    /// Forgets the token, and that the credentials were refused.
    ///
    /// Refused credentials are tried once and then answered from memory; call this after the
    /// secret was put right on the platform's side.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    /// What Stream mode needs of the client: it shares no token, but transport, address and secret.
    #[cfg(feature = "stream")]
    pub(crate) fn parts(&self) -> Parts<'_> {
        let Inner { wire, auth, api, .. } = &*self.inner;
        Parts { wire, auth, api, timeout: self.timeout }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.wire.clock
    }

    /// The department id as the workflow API wants it: contacts call the root `1`.
    pub(crate) fn workflow_department(&self, id: i64) -> i64 {
        if matches!(id, 1 | -1) { self.inner.root_department } else { id }
    }

    /// Makes a call and decodes its whole answer.
    pub(crate) async fn call<T: DeserializeOwned>(
        &self,
        endpoint: &'static Endpoint,
        input: Input,
    ) -> Result<T> {
        let (method, path) = endpoint.name.split_once(' ').unwrap_or(("GET", endpoint.name));
        let exchange = Exchange {
            call: Call::new(endpoint.name, endpoint.idempotency),
            bucket: endpoint.name,
            host: endpoint.host,
            method: if method == "POST" { Method::POST } else { Method::GET },
            path: path.to_owned(),
            input,
            rules: endpoint.rules,
        };
        let body = self.run(&exchange).await?;
        json::decode(&body)
            .map_err(|error| Error::decode(error).in_call(endpoint.name, endpoint.idempotency, 1))
    }

    /// Makes a call and decodes the member `result` of its answer.
    pub(crate) async fn call_result<T: DeserializeOwned>(
        &self,
        endpoint: &'static Endpoint,
        input: Input,
    ) -> Result<T> {
        #[derive(serde::Deserialize)]
        struct Wrapped<T> {
            result: T,
        }
        Ok(self.call::<Wrapped<T>>(endpoint, input).await?.result)
    }

    /// Makes a call whose answer says nothing but that it was done.
    pub(crate) async fn call_done(&self, endpoint: &'static Endpoint, input: Input) -> Result<()> {
        self.call::<serde::de::IgnoredAny>(endpoint, input).await.map(|_| ())
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Bytes> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected token is renewed and the request made once more within it.
    async fn attempt(&self, exchange: &Exchange) -> Result<Bytes> {
        let Inner { auth, wire, limiter, .. } = &*self.inner;
        let bucket = limiter.of(exchange.bucket);
        bucket.take().await;
        let token = auth.token(wire).await?;
        let mut result = self.send(exchange, &token).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            auth.cell.invalidate(token.generation())?;
            let token = auth.token(wire).await?;
            result = self.send(exchange, &token).await;
        }
        // Without a code it is the lock-out of the address, which fails fast instead of queueing.
        if let Err(error) = &result
            && error.kind() == ErrorKind::RateLimited
            && error.api_error().is_some()
            && let Some(wait) = error.retry_after()
        {
            bucket.pause(wait.min(LONGEST_PAUSE));
        }
        result
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<Bytes> {
        let token = token.value().expose();
        let base = match exchange.host {
            Host::Api => &self.inner.api,
            Host::Oapi => &self.inner.oapi,
        };
        let mut url = address(base, &exchange.path)?;
        for (name, value) in &exchange.input.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let mut header_token = None;
        match exchange.host {
            Host::Oapi => {
                url.query_pairs_mut().append_pair("access_token", token);
            }
            Host::Api => {
                let mut value = HeaderValue::from_str(token).map_err(|_| {
                    Error::new(ErrorKind::Decode, "the access token is not printable ASCII")
                })?;
                value.set_sensitive(true);
                header_token = Some(value);
            }
        }
        let outgoing = Outgoing {
            method: exchange.method.clone(),
            url,
            body: exchange.input.body.clone(),
            header_token,
            timeout: self.timeout,
            secret: token,
        };
        self.inner.wire.exchange(outgoing, &exchange.rules).await
    }
}

/// See [`Client::parts`].
#[cfg(feature = "stream")]
pub(crate) struct Parts<'a> {
    pub(crate) wire: &'a Wire,
    pub(crate) auth: &'a Auth,
    pub(crate) api: &'a Url,
    pub(crate) timeout: Option<Duration>,
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    token_store: Option<StoreHandle>,
}

#[derive(Clone)]
struct StoreHandle(Arc<dyn TokenStore>);

impl fmt::Debug for StoreHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenStore")
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
            token_store: None,
        }
    }

    /// Base address of the v1.0 API. Default `https://api.dingtalk.com`.
    pub fn api_base(mut self, base: impl Into<String>) -> Self {
        self.config.api_base = base.into();
        self
    }

    /// Base address of the legacy API. Default `https://oapi.dingtalk.com`.
    pub fn oapi_base(mut self, base: impl Into<String>) -> Self {
        self.config.oapi_base = base.into();
        self
    }

    /// Base address of `/gettoken` for [`TokenMethod::Legacy`]. Default: that of the legacy API.
    ///
    /// Installations that copied `https://api.dingtalk.com/gettoken` keep working with it.
    pub fn legacy_token_base(mut self, base: impl Into<String>) -> Self {
        self.config.legacy_token_base = Some(base.into());
        self
    }

    /// AgentId of the app: sent with calls that take one.
    pub fn agent_id(mut self, agent_id: i64) -> Self {
        self.config.agent_id = Some(agent_id);
        self
    }

    /// Id of the organisation (corpId).
    pub fn corp_id(mut self, corp_id: impl Into<String>) -> Self {
        self.config.corp_id = Some(corp_id.into());
        self
    }

    /// How the access token is fetched. Default [`TokenMethod::V1`].
    pub fn token_method(mut self, method: TokenMethod) -> Self {
        self.config.token_method = method;
        self
    }

    /// How long before its expiry a token is renewed. Default 10 minutes.
    pub fn token_margin(mut self, margin: Duration) -> Self {
        self.config.token_margin = margin.as_secs();
        self
    }

    /// Where several processes of the app keep their token. Default: each process its own, which
    /// works as well, because DingTalk answers the same token while it is valid.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(StoreHandle(store));
        self
    }

    /// Calls a second for each endpoint. Default 20, the limit of the standard edition.
    pub fn calls_per_second(mut self, calls: u32) -> Self {
        self.config.calls_per_second = calls;
        self
    }

    /// How the workflow API is told the root department. Default `-1`, as documented.
    pub fn root_department(mut self, id: i64) -> Self {
        self.config.root_department = id;
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

    /// How often and how patiently failed calls are repeated. Default: three attempts, 1 s
    /// doubling, 2 minutes in all.
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
        if config.client_id.trim().is_empty() {
            return Err(Error::config("client_id (AppKey) is empty"));
        }
        if config.client_secret.is_empty() {
            return Err(Error::config("client_secret (AppSecret) is empty"));
        }
        if let TokenMethod::Unified { corp_id } = &config.token_method
            && corp_id.trim().is_empty()
        {
            return Err(Error::config("token_method: corp_id is empty"));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base = |name: &str, text: &str| -> Result<Url> {
            let url: Url = text.parse().map_err(|_| {
                Error::config(format!(
                    "{name}: expected an address such as {}",
                    crate::config::API_BASE
                ))
            })?;
            transport.check(&url)?;
            Ok(url)
        };
        let api = base("api_base", &config.api_base)?;
        let oapi = base("oapi_base", &config.oapi_base)?;
        let legacy_base = match &config.legacy_token_base {
            Some(text) => base("legacy_token_base", text)?,
            None => oapi.clone(),
        };
        let margin = Duration::from_secs(config.token_margin);
        let store = self.token_store.map(|handle| handle.0);
        let cell = token_cell(self.clock.clone(), margin, store, &config.client_id);
        let inner = Inner {
            auth: Auth {
                client_id: config.client_id,
                client_secret: config.client_secret,
                method: config.token_method,
                api: api.clone(),
                legacy_base,
                cell,
            },
            retry: Retry::with_clock("dingtalk", self.retry, self.clock.clone()),
            limiter: RateLimiter::per_second(self.clock.clone(), config.calls_per_second),
            wire: Wire::new(transport, self.clock),
            api,
            oapi,
            agent_id: config.agent_id,
            corp_id: config.corp_id,
            root_department: config.root_department,
        };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}

/// Throttled calls wait 1, 2, 4 seconds; a lock-out of five minutes is reported, not sat out.
fn default_retry() -> RetryPolicy {
    RetryPolicy::default()
        .backoff(Duration::from_secs(1), Duration::from_secs(30))
        .deadline(Duration::from_secs(120))
}
