//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::json::DecodeError;
use erplink_core::retry::Call;
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, TokenCell, TokenStore,
    Transport, TransportConfig, json, sanitize,
};
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{Auth, ServerKey, appid_header, margin, token_url};
use crate::config::{Config, CubeConfig, Encoding, HrmAuth};
use crate::cube::Signer;
use crate::error::{Error, Expect, Result};
use crate::wire::{Body, Outgoing, Wire, address};

/// An application on an OA server. Cheap to clone; clones share token, connections and limits.
///
/// ```
/// # let spk = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXV+2MTMd2767yXDqw0d47T10btu0sH4839j3X424OD1eKHggAYrpJ6ptEcE15xPJCuOht3aMREkNiUfwXbFkjzw5cC4cMU3OBNmUi9jBV6KKDTPJmq3TEyW8utsiXo3FT5+i80GYWJVXM/Ue7leHHR6JwA5s1cGNuw5PqAR6S0QIDAQAB";
/// let client = ecology_oa::Client::builder("http://oa.example.com:8080", "appid")
///     .credentials("secret", spk)
///     .user("15273")
///     .build()?;
/// # Ok::<(), ecology_oa::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
    user: Option<Arc<str>>,
    encoding: Encoding,
    timeout: Option<Duration>,
}

pub(crate) struct Inner {
    pub(crate) wire: Wire,
    auth: Auth,
    retry: Retry,
    in_flight: Semaphore,
    base: Url,
    pub(crate) attachment_prefix: String,
    pub(crate) cube: Option<Signer>,
    pub(crate) hrm_auth: HrmAuth,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .field("appid", &self.inner.auth.appid)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// One call of the platform: what is constant about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    /// `METHOD /path`: also its name in errors.
    pub(crate) name: &'static str,
    pub(crate) idempotency: Idempotency,
    pub(crate) expect: Expect,
}

impl Endpoint {
    pub(crate) const fn new(name: &'static str, idempotency: Idempotency, expect: Expect) -> Self {
        Self { name, idempotency, expect }
    }

    /// A call of the workflow service that changes something.
    pub(crate) const fn action(name: &'static str) -> Self {
        Self::new(name, Idempotency::NotIdempotent, Expect::Workflow)
    }

    /// A call of the workflow service that reads one thing.
    pub(crate) const fn query(name: &'static str) -> Self {
        Self::new(name, Idempotency::Safe, Expect::Workflow)
    }

    /// A call of the workflow service that reads a list or a number.
    pub(crate) const fn list(name: &'static str) -> Self {
        Self::new(name, Idempotency::Safe, Expect::Bare)
    }

    /// This endpoint, called in a way of its own.
    pub(crate) fn exchange(self) -> Exchange {
        let (method, path) = self.name.split_once(' ').unwrap_or(("GET", self.name));
        Exchange {
            call: Call::new(self.name, self.idempotency),
            method: if method == "POST" { Method::POST } else { Method::GET },
            path: path.to_owned(),
            query: Vec::new(),
            body: None,
            expect: self.expect,
            identity: Identity::User,
        }
    }
}

/// How a call shows who makes it.
#[derive(Clone)]
pub(crate) enum Identity {
    /// The headers `token`, `appid` and `userid`.
    User,
    /// These headers only.
    Headers(HeaderMap),
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Body>,
    pub(crate) expect: Expect,
    pub(crate) identity: Identity,
}

impl Exchange {
    pub(crate) fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    pub(crate) fn decode_error(&self, error: DecodeError) -> Error {
        let Call { operation, idempotency } = self.call.clone();
        Error::decode(error).in_call(operation, idempotency, 1)
    }
}

impl Client {
    /// Starts a client of the application `appid` on the OA server at this address.
    pub fn builder(base_url: impl Into<String>, appid: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(Config::new(base_url, appid, "", ""))
    }

    /// Builds from data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that cannot work.
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// The same client on behalf of another OA user: the **numeric** id (`hrmresource.id`), such as
    /// `15273`. Login names and work codes are not taken; [`Hrm::find_user`](crate::hrm::Hrm::find_user)
    /// maps them.
    ///
    /// Every permission check of the platform runs as this user.
    #[must_use]
    pub fn as_user(&self, id: impl Into<String>) -> Self {
        Self { user: Some(id.into().into()), ..self.clone() }
    }

    /// The same client with another limit on the time of each attempt.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// The same client that writes its calls in another way.
    #[must_use]
    pub fn with_encoding(&self, encoding: Encoding) -> Self {
        Self { encoding, ..self.clone() }
    }

    /// The OA user on whose behalf this client calls, if there is one.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Forgets the token, and that the credentials were refused.
    ///
    /// Refused credentials are tried once and then answered from memory; call this after they were
    /// put right on the platform's side.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.wire.clock
    }

    /// Makes a call and decodes its whole answer.
    pub(crate) async fn call<T: DeserializeOwned>(&self, exchange: &Exchange) -> Result<T> {
        let body = self.run(exchange).await?;
        json::decode(&body).map_err(|error| exchange.decode_error(error))
    }

    /// Makes a call and decodes the member `data` of its answer.
    pub(crate) async fn call_data<T: DeserializeOwned>(&self, exchange: &Exchange) -> Result<T> {
        #[derive(serde::Deserialize)]
        struct Wrapped<T> {
            data: T,
        }
        Ok(self.call::<Wrapped<T>>(exchange).await?.data)
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Bytes> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a refused token is renewed and the request made once more within it. The
    /// filter refuses tokens before anything is executed, so that holds for a create as well.
    async fn attempt(&self, exchange: &Exchange) -> Result<Bytes> {
        let Inner { auth, wire, in_flight, .. } = &*self.inner;
        // Never closed: an error cannot come.
        let _permit = in_flight.acquire().await.ok();
        let headers = match &exchange.identity {
            Identity::Headers(headers) => return self.send(exchange, headers.clone(), "").await,
            Identity::User => |token| auth.headers(token, self.checked_user()?),
        };
        // First, so that a missing user is reported without a call.
        self.checked_user()?;
        let token = auth.token(wire).await?;
        let result = self.send(exchange, headers(&token)?, token.value().expose()).await;
        match result {
            Err(error) if error.kind() == ErrorKind::Session => {
                auth.cell.invalidate(token.generation())?;
                let token = auth.token(wire).await?;
                self.send(exchange, headers(&token)?, token.value().expose()).await
            }
            result => result,
        }
    }

    fn checked_user(&self) -> Result<&str> {
        let user = self.user.as_deref().ok_or_else(|| {
            Error::config(
                "user: no OA user is configured; every call is made on behalf of one, give its \
                 numeric id (hrmresource.id)",
            )
        })?;
        check_user("user", user)?;
        Ok(user)
    }

    async fn send(&self, exchange: &Exchange, headers: HeaderMap, token: &str) -> Result<Bytes> {
        let mut url = address(&self.inner.base, &exchange.path)?;
        for (name, value) in &exchange.query {
            url.query_pairs_mut().append_pair(name, value);
        }
        let outgoing = Outgoing {
            method: exchange.method.clone(),
            url,
            headers,
            body: exchange.body.clone(),
            timeout: self.timeout,
            secrets: &[token],
        };
        self.inner.wire.exchange(outgoing, exchange.expect).await
    }
}

/// A login name sent as a user id is answered with a puzzling text: it is refused here.
pub(crate) fn check_user(name: &str, id: &str) -> Result<()> {
    if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let shown: String = id.chars().take(40).collect();
    Err(Error::invalid(format!(
        "{name}: expected a numeric OA user id (hrmresource.id), found `{shown}`; map login names \
         and work codes with hrm().find_user"
    )))
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
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
            token_store: None,
        }
    }

    /// The secret and the public key that [`Regist`](crate::Regist) answered. Required.
    ///
    /// `spk` is taken as one line of Base64, as PEM, quoted or with line breaks, in X.509 or
    /// PKCS#1 form, of any size from 512 bits.
    pub fn credentials(mut self, secret: impl Into<Secret>, spk: impl Into<String>) -> Self {
        self.config.secret = secret.into();
        self.config.spk = spk.into();
        self
    }

    /// The OA user on whose behalf calls are made; see [`Client::as_user`].
    pub fn user(mut self, id: impl Into<String>) -> Self {
        self.config.user = Some(id.into());
        self
    }

    /// Life of a token, sent as `time`. Default: not sent, which means 1800 s.
    pub fn token_life(mut self, life: Duration) -> Self {
        self.config.token_seconds = Some(life.as_secs());
        self
    }

    /// Path of the token call. Default `/api/ec/dev/auth/applytoken`.
    pub fn token_path(mut self, path: impl Into<String>) -> Self {
        self.config.token_path = path.into();
        self
    }

    /// Where several processes keep their token. Default: each process its own; the platform hands
    /// out as many as it is asked for.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(StoreHandle(store));
        self
    }

    /// How calls of the workflow and HR services are written. Default [`Encoding::Form`].
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.config.encoding = encoding;
        self
    }

    /// What stands before the Base64 of an attachment. Default `base64:`.
    pub fn attachment_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.config.attachment_prefix = prefix.into();
        self
    }

    /// Calls in flight at the same time. Default 8.
    pub fn max_in_flight(mut self, calls: usize) -> Self {
        self.config.max_in_flight = calls;
        self
    }

    /// The authorisation of the modelling engine. Needed for [`Client::cube`].
    pub fn cube(mut self, cube: CubeConfig) -> Self {
        self.config.cube = Some(cube);
        self
    }

    /// How calls of the HR service show who they are. Default [`HrmAuth::Token`].
    pub fn hrm_auth(mut self, auth: HrmAuth) -> Self {
        self.config.hrm_auth = auth;
        self
    }

    /// Anything that carries requests: an in-process server, a recorder, faults.
    ///
    /// It must not keep cookies: a `JSESSIONID` sent back makes the server act as the user of that
    /// session.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Settings of the HTTP transport: timeouts, proxy, certificates.
    pub fn http(mut self, http: TransportConfig) -> Self {
        self.config.http = http;
        self
    }

    /// How often and how patiently failed calls are repeated. Default: three attempts.
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
        let base: Url = config.base_url.parse().map_err(|_| {
            Error::config("base_url: expected an address such as http://oa.example.com:8080")
        })?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        transport.check(&base)?;
        if config.secret.is_empty() {
            return Err(Error::config("secret is empty: it is what regist answered as `secrit`"));
        }
        if config.token_seconds == Some(0) {
            return Err(Error::config("token_seconds: a token has to live for some seconds"));
        }
        if config.max_in_flight == 0 {
            return Err(Error::config("max_in_flight: at least one call has to be possible"));
        }
        if let Some(user) = &config.user {
            check_user("user", user).map_err(|error| Error::config(error.to_string()))?;
        }
        let key = ServerKey::parse(&config.spk)?;
        // Refused now rather than by the first call.
        key.encrypt("secret", config.secret.expose())?;
        let cube = config.cube.map(Signer::new).transpose()?;
        let mut cell = TokenCell::new(self.clock.clone(), margin(config.token_seconds));
        if let Some(StoreHandle(store)) = self.token_store {
            let place = sanitize::url(&base, &[]);
            cell = cell.with_store(store, format!("ecology:{place}:{}", config.appid));
        }
        let inner = Inner {
            auth: Auth {
                appid: appid_header(&config.appid)?,
                secret: config.secret,
                key,
                token_url: token_url(&base, &config.token_path)?,
                token_seconds: config.token_seconds,
                cell,
            },
            retry: Retry::with_clock("ecology", self.retry, self.clock.clone()),
            in_flight: Semaphore::new(config.max_in_flight.min(Semaphore::MAX_PERMITS)),
            wire: Wire::new(transport, self.clock),
            base,
            attachment_prefix: config.attachment_prefix,
            cube,
            hrm_auth: config.hrm_auth,
        };
        Ok(Client {
            inner: Arc::new(inner),
            user: config.user.map(Into::into),
            encoding: config.encoding,
            timeout: None,
        })
    }
}
