//! The client, its builder, and the way every call takes.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::retry::Call;
use erplink_core::transport::{Request, Timeout, send_logged};
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, RawJson, Retry, RetryPolicy, Secret, Token, TokenCell,
    TokenStore, Transport, TransportConfig, sanitize,
};
use http::{HeaderValue, Method, header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::auth::{Auth, Credentials};
use crate::config::{Config, EncType, PRODUCTION, TimestampUnit};
use crate::crypt::Cipher;
use crate::error::{Error, Result};
use crate::judge::Judge;
use crate::sign::hex;

/// Query parameters whose values may be printed.
const PRINTABLE: &[&str] = &["reqid", "type"];

/// An authorisation of Kingdee Piaozone (发票云). Cheap to clone; clones share token and
/// connections.
///
/// ```
/// let client = piaozone::Client::builder("demo_id", "client secret")
///     .encrypt_key("0123456789abcdef")
///     .build()?;
/// # Ok::<(), piaozone::Error>(())
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
    base: Url,
    cipher: Option<Cipher>,
    config: Config,
    ids: Ids,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.inner.config.client_id)
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .finish_non_exhaustive()
    }
}

/// One request and its judged answer, without token or repetition.
pub(crate) struct Wire {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// What goes out.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
    pub(crate) timeout: Option<Duration>,
    pub(crate) judge: Judge<'a>,
}

impl Wire {
    pub(crate) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<RawJson> {
        let mut request = Request::new(outgoing.body);
        *request.method_mut() = outgoing.method;
        *request.uri_mut() =
            outgoing.url.as_str().parse().map_err(|_| Error::invalid("the address is too long"))?;
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, outgoing.content_type);
        headers.insert(header::ACCEPT, JSON);
        if let Some(timeout) = outgoing.timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let response = send_logged(&*self.transport, request, PRINTABLE).await?;
        outgoing.judge.judge(&response)
    }
}

/// An address under a base that may itself have a path, such as that of a private deployment.
pub(crate) fn address(base: &Url, path: &str) -> Result<Url> {
    // Without the slash it would go on with the host: the token would be sent to `{host}{path}`.
    Some(path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok())
        .ok_or_else(|| Error::invalid(format!("`{path}` is not a path: it has to begin with /")))
}

/// Reads a base address.
pub(crate) fn base_url(text: &str) -> Option<Url> {
    let url: Url = text.trim().parse().ok()?;
    let is_http = matches!(url.scheme(), "http" | "https");
    (is_http && url.has_host() && url.query().is_none()).then_some(url)
}

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain");

/// One call as it is sent and repeated.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
}

impl Exchange {
    pub(crate) fn new(method: Method, path: impl Into<String>, idempotency: Idempotency) -> Self {
        let path = path.into();
        let name = format!("{method} {}", path.split('?').next().unwrap_or_default());
        Self {
            call: Call::new(name, idempotency),
            method,
            path,
            query: Vec::new(),
            content_type: JSON,
            body: Bytes::new(),
        }
    }

    pub(crate) fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::invalid("the body has no JSON form").with_source(error))?;
        self.body = body.into();
        Ok(self)
    }
}

/// Numbers requests (`reqid`): no two of any process are the same.
#[derive(Debug)]
struct Ids {
    seed: [u64; 2],
    next: AtomicU64,
}

impl Ids {
    fn new() -> Self {
        // Each state has random keys of its own.
        let seed = [RandomState::new().hash_one(1), RandomState::new().hash_one(2)];
        Self { seed, next: AtomicU64::new(0) }
    }

    fn draw(&self, clock: &dyn Clock) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let now = clock.utc().timestamp_micros();
        let text = format!("{:?} {number} {now} {}", self.seed, std::process::id());
        hex(Sha256::digest(text.as_bytes()).get(..16).unwrap_or_default())
    }
}

impl Client {
    /// Starts a client with the authorisation of a company.
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

    /// Forgets the token, and that the secret was refused.
    ///
    /// A refused secret is not tried again; call this after it was put right.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    /// Fetches a token, unless there is one: whether address, client id and secret are right.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] when client id and secret are refused.
    pub async fn log_in(&self) -> Result<()> {
        self.inner.auth.token(&self.inner.wire, &self.inner.base).await.map(drop)
    }

    /// Reads a text that the platform encrypted under the `encrypt_key`.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] without a key, [`ErrorKind::Decode`] when the text was not encrypted
    /// under it.
    pub fn decrypt(&self, text: &str) -> Result<String> {
        self.cipher()?.open(text).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the text was not encrypted under this `encrypt_key`")
        })
    }

    fn cipher(&self) -> Result<&Cipher> {
        self.inner
            .cipher
            .as_ref()
            .ok_or_else(|| Error::config("encrypt_key is missing: this call has an encrypted body"))
    }

    /// A call whose body is encrypted JSON.
    pub(crate) fn sealed<T: Serialize + ?Sized>(
        &self,
        exchange: Exchange,
        body: &T,
    ) -> Result<Exchange> {
        let mut exchange = exchange.json(body)?;
        exchange.body = self.cipher()?.seal(&exchange.body).into();
        exchange.content_type = HeaderValue::from_str(&self.inner.config.encrypted_content_type)
            .map_err(|_| Error::config("encrypted_content_type fits no header"))?;
        Ok(exchange)
    }

    /// A call whose body is a file in Base64.
    pub(crate) fn with_file(&self, mut exchange: Exchange, file: &[u8]) -> Result<Exchange> {
        let (size, limit) = (file.len(), self.inner.config.max_picture_bytes);
        let problem = if file.is_empty() {
            "the picture is empty".to_owned()
        } else if size > limit {
            format!(
                "the picture has {size} bytes, more than the {limit} of `max_picture_bytes`: make \
                 it smaller"
            )
        } else {
            exchange.body = STANDARD.encode(file).into();
            exchange.content_type = PLAIN;
            return Ok(exchange);
        };
        let Call { operation, idempotency } = exchange.call;
        Err(Error::invalid(problem).in_call(operation, idempotency, 0))
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<RawJson> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected token is renewed and the request made once more within it. That is
    /// safe for writes, too: who refuses a token has done nothing.
    async fn attempt(&self, exchange: &Exchange) -> Result<RawJson> {
        let Inner { auth, wire, base, .. } = &*self.inner;
        let token = auth.token(wire, base).await?;
        let result = self.send(exchange, &token).await;
        if !result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            return result;
        }
        auth.reject(&token)?;
        let token = auth.token(wire, base).await?;
        self.send(exchange, &token).await
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<RawJson> {
        let Inner { wire, base, config, ids, .. } = &*self.inner;
        let token = token.value().expose();
        let mut url = address(base, &exchange.path)?;
        url.query_pairs_mut()
            .append_pair("access_token", token)
            .append_pair("reqid", &ids.draw(&*wire.clock))
            .extend_pairs(&exchange.query);
        let outgoing = Outgoing {
            method: exchange.method.clone(),
            url,
            content_type: exchange.content_type.clone(),
            body: exchange.body.clone(),
            timeout: self.timeout,
            judge: Judge {
                is_login: false,
                secrets: vec![token, config.client_secret.expose()],
                token_codes: &config.token_codes,
            },
        };
        wire.exchange(outgoing).await
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
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
            store: Store::default(),
        }
    }

    /// Address of the API. Default [`PRODUCTION`].
    pub fn base_url(mut self, address: impl Into<String>) -> Self {
        self.config.base_url = address.into();
        self
    }

    /// Key of encrypted bodies (encrypt_key): 16 characters of ASCII.
    pub fn encrypt_key(mut self, key: impl Into<Secret>) -> Self {
        self.config.encrypt_key = Some(key.into());
        self
    }

    /// How the request for a token is signed. Default MD5.
    pub fn enc_type(mut self, enc_type: EncType) -> Self {
        self.config.enc_type = enc_type;
        self
    }

    /// Unit of its timestamp. Default milliseconds.
    pub fn timestamp_unit(mut self, unit: TimestampUnit) -> Self {
        self.config.timestamp_unit = unit;
        self
    }

    /// Where several processes keep their token. Whether a new token ends the one before it is not
    /// documented, so processes of one authorisation had better share it.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Store(Some(store));
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

    /// How often and how patiently failed calls are repeated. Default: two repeats.
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
            return Err(Error::config("client_id is empty"));
        }
        if config.client_secret.is_empty() {
            return Err(Error::config("client_secret is empty"));
        }
        let cipher = config.encrypt_key.as_ref().map(|key| {
            Cipher::new(key).ok_or_else(|| {
                let length = key.expose().chars().count();
                Error::config(format!(
                    "encrypt_key: expected 16 characters of ASCII, found {length} characters"
                ))
            })
        });
        let cipher = cipher.transpose()?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base = base_url(&config.base_url).ok_or_else(|| {
            Error::config(format!("base_url: expected an address such as {PRODUCTION}"))
        })?;
        transport.check(&base)?;
        let mut cell = TokenCell::new(self.clock.clone(), Duration::from_secs(config.token_margin));
        if let Some(store) = self.store.0 {
            // Of two authorisations the tokens are unrelated; a key must not show the secret.
            let secret = Sha256::digest(config.client_secret.expose().as_bytes());
            let secret = hex(secret.get(..8).unwrap_or_default());
            cell = cell.with_store(store, format!("piaozone:{base}:{}:{secret}", config.client_id));
        }
        let auth = Auth {
            credentials: Credentials {
                client_id: config.client_id.clone(),
                client_secret: config.client_secret.clone(),
                enc_type: config.enc_type,
                timestamp_unit: config.timestamp_unit,
            },
            token_life: Duration::from_secs(config.token_life),
            cell,
        };
        let retry = Retry::with_clock("piaozone", self.retry, self.clock.clone());
        let wire = Wire { transport, clock: self.clock };
        let inner = Inner { wire, auth, retry, base, cipher, config, ids: Ids::new() };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}
