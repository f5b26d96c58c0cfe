//! The default transport: HTTP/1.1 over `reqwest`, hidden behind [`Transport`].

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::{BoxFuture, Either, select};
use serde::Deserialize;
use tokio::time::Instant;
use url::Url;

use super::addresses::Addresses;
use super::{Connection, Request, Response, Timeout, Transport, TransportError, Upgrade};
use crate::Secret;
use crate::error::ErrorKind;

/// Where requests go through. `Debug` leaves out the user and password of an address.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proxy {
    /// `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` decide.
    #[default]
    Environment,
    /// No proxy, whatever the environment says.
    None,
    /// This proxy for everything, such as `http://proxy.example.com:3128`.
    Address(String),
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::None => f.write_str("None"),
            Self::Address(address) => {
                let shown = address.rsplit('@').next().unwrap_or_default();
                f.debug_tuple("Address").field(&shown).finish()
            }
        }
    }
}

/// A PKCS#12 file (`.p12`, `.pfx`): a client certificate and its private key under a password.
#[derive(Clone)]
pub struct Pkcs12 {
    #[cfg_attr(not(feature = "native-tls"), allow(dead_code))]
    der: Vec<u8>,
    #[cfg_attr(not(feature = "native-tls"), allow(dead_code))]
    password: Secret,
}

impl Pkcs12 {
    /// The content of the file, and its password.
    pub fn new(der: impl Into<Vec<u8>>, password: impl Into<Secret>) -> Self {
        Self { der: der.into(), password: password.into() }
    }
}

impl fmt::Debug for Pkcs12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs12")
    }
}

/// Settings of [`HttpTransport`] as data. Times are in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TransportConfig {
    /// Seconds until a connection must stand. Default 10.
    pub connect_timeout: f64,
    /// Seconds without a byte until an answer is given up. Default 60.
    pub read_timeout: f64,
    /// Seconds for one attempt as a whole. Default 100.
    pub total_timeout: f64,
    /// Seconds an idle connection is kept. Default 4: servers commonly close after 5.
    pub pool_idle_timeout: f64,
    /// Largest answer in bytes. Default 64 MiB.
    pub max_response_bytes: usize,
    /// Where requests go through.
    pub proxy: Proxy,
    /// PEM text of certificates to trust besides the system's.
    pub root_certificates: Option<String>,
    /// PEM text of a client certificate and its private key.
    pub client_identity: Option<Secret>,
    /// A client certificate and its private key as PKCS#12, which needs the feature `native-tls`.
    /// A file's bytes are no data of a configuration: read it and set it here.
    #[serde(skip)]
    pub client_pkcs12: Option<Pkcs12>,
    /// Trusts **every** certificate: anybody between you and the server can read and change all
    /// of it, passwords included. Give [`root_certificates`](Self::root_certificates) instead.
    pub danger_accept_any_certificate: bool,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: 10.0,
            read_timeout: 60.0,
            total_timeout: 100.0,
            pool_idle_timeout: 4.0,
            max_response_bytes: 64 << 20,
            proxy: Proxy::Environment,
            root_certificates: None,
            client_identity: None,
            client_pkcs12: None,
            danger_accept_any_certificate: false,
        }
    }
}

/// Builds an [`HttpTransport`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct HttpTransportBuilder {
    config: TransportConfig,
}

impl HttpTransportBuilder {
    /// Until a connection must stand. Default 10 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.config.connect_timeout = timeout.as_secs_f64();
        self
    }

    /// Without a byte until an answer is given up. Default 60 s.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.config.read_timeout = timeout.as_secs_f64();
        self
    }

    /// For one attempt as a whole. Default 100 s.
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.config.total_timeout = timeout.as_secs_f64();
        self
    }

    /// How long an idle connection is kept. Default 4 s.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.config.pool_idle_timeout = timeout.as_secs_f64();
        self
    }

    /// Where requests go through. Default: as the environment says.
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.config.proxy = proxy;
        self
    }

    /// Trusts the certificates of this PEM text besides the system's.
    pub fn root_certificates(mut self, pem: impl Into<String>) -> Self {
        self.config.root_certificates = Some(pem.into());
        self
    }

    /// Shows this client certificate: PEM text with certificate and private key.
    pub fn client_identity(mut self, pem: impl Into<Secret>) -> Self {
        self.config.client_identity = Some(pem.into());
        self
    }

    /// Shows the client certificate of a PKCS#12 file. See [`TransportConfig::client_pkcs12`].
    pub fn client_pkcs12(mut self, file: Pkcs12) -> Self {
        self.config.client_pkcs12 = Some(file);
        self
    }

    /// Trusts **every** certificate. See
    /// [`TransportConfig::danger_accept_any_certificate`].
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.config.danger_accept_any_certificate = true;
        self
    }

    /// Builds the transport. No network, no task.
    ///
    /// # Errors
    /// A [`ErrorKind::Config`] for certificates, proxies or times that cannot be used.
    pub fn build(self) -> Result<HttpTransport, TransportError> {
        HttpTransport::from_config(&self.config)
    }
}

/// HTTP/1.1 with pooled connections, all timeouts set and redirects off. Cheap to clone.
#[derive(Clone)]
pub struct HttpTransport {
    client: reqwest::Client,
    addresses: Addresses,
    patience: Patience,
    max_response_bytes: usize,
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpTransport")
    }
}

/// A longer wait means nothing, and no clock has to hold it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// How long to wait for an answer. One timer for both limits: it is set once per request and
/// looks, when it fires, whether there was progress meanwhile.
#[derive(Clone, Copy)]
struct Patience {
    read: Duration,
    total: Duration,
}

impl Patience {
    /// With the request's own limit, if it has one.
    fn of(self, request: &Request) -> Self {
        let own = request.extensions().get::<Timeout>().map(|timeout| timeout.0.min(LONGEST));
        Self { total: own.unwrap_or(self.total), ..self }
    }

    /// Waits for `work` until one of the limits is over.
    async fn limit<T>(
        self,
        progress: &Progress,
        work: Pin<&mut impl Future<Output = Result<T, TransportError>>>,
    ) -> Result<T, TransportError> {
        let silence = pin!(self.end(progress));
        match select(work, silence).await {
            Either::Left((answered, _)) => answered,
            Either::Right((error, _)) => Err(error),
        }
    }

    /// Resolves when one of the limits is over.
    async fn end(self, progress: &Progress) -> TransportError {
        loop {
            let silent_until = progress.last() + self.read;
            let until = silent_until.min(progress.started + self.total);
            if Instant::now() >= until {
                return TransportError::after_send(ErrorKind::Timeout, "no answer in time");
            }
            tokio::time::sleep_until(until).await;
        }
    }
}

/// When a request was sent, and when something of its answer came last.
struct Progress {
    started: Instant,
    last_ms: AtomicU64,
}

impl Progress {
    fn start() -> Self {
        Self { started: Instant::now(), last_ms: AtomicU64::new(0) }
    }

    fn made(&self) {
        let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(elapsed, Ordering::Relaxed);
    }

    fn last(&self) -> Instant {
        self.started + Duration::from_millis(self.last_ms.load(Ordering::Relaxed))
    }
}

fn config_error(message: impl Into<String>) -> TransportError {
    TransportError::before_send(ErrorKind::Config, message)
}

impl HttpTransport {
    /// Starts with the defaults.
    pub fn builder() -> HttpTransportBuilder {
        HttpTransportBuilder::default()
    }

    /// Builds from data.
    ///
    /// # Errors
    /// A [`ErrorKind::Config`] for certificates, proxies or times that cannot be used.
    pub fn from_config(config: &TransportConfig) -> Result<Self, TransportError> {
        provider_present()?;
        let seconds = |name: &str, value: f64| {
            Duration::try_from_secs_f64(value)
                .ok()
                .filter(|duration| !duration.is_zero() && *duration <= LONGEST)
                .ok_or_else(|| {
                    config_error(format!(
                        "{name}: expected seconds above 0 and below a year, found {value}"
                    ))
                })
        };
        let patience = Patience {
            read: seconds("read_timeout", config.read_timeout)?,
            total: seconds("total_timeout", config.total_timeout)?,
        };
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(seconds("connect_timeout", config.connect_timeout)?)
            .pool_idle_timeout(seconds("pool_idle_timeout", config.pool_idle_timeout)?)
            .user_agent(concat!("erplink/", env!("CARGO_PKG_VERSION")));
        builder = match &config.proxy {
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Address(address) => {
                builder.proxy(reqwest::Proxy::all(address).map_err(|_| {
                    config_error("proxy: expected an address such as http://host:3128")
                })?)
            }
        };
        builder = tls(builder, config)?;
        let client = builder.build().map_err(|e| {
            config_error("the HTTP client cannot be built").with_source(e.without_url())
        })?;
        Ok(Self {
            client,
            addresses: Addresses::default(),
            patience,
            max_response_bytes: config.max_response_bytes,
        })
    }
}

/// Whether some TLS backend was compiled in.
const HAS_TLS: bool =
    cfg!(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider"));

/// `reqwest` panics without a provider; find out before it does.
#[cfg(all(feature = "rustls-no-provider", not(feature = "rustls"), not(feature = "native-tls")))]
fn provider_present() -> Result<(), TransportError> {
    if rustls::crypto::CryptoProvider::get_default().is_some() {
        return Ok(());
    }
    Err(config_error(
        "feature `rustls-no-provider`: install a rustls CryptoProvider as process default first",
    ))
}

#[cfg(not(all(
    feature = "rustls-no-provider",
    not(feature = "rustls"),
    not(feature = "native-tls")
)))]
#[allow(clippy::unnecessary_wraps)] // the other configuration can fail
fn provider_present() -> Result<(), TransportError> {
    Ok(())
}

#[cfg(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider"))]
fn tls(
    mut builder: reqwest::ClientBuilder,
    config: &TransportConfig,
) -> Result<reqwest::ClientBuilder, TransportError> {
    if let Some(pem) = &config.root_certificates {
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_bytes())
            .ok()
            .filter(|found| !found.is_empty())
            .ok_or_else(|| config_error("root_certificates: expected PEM text of certificates"))?;
        for certificate in certificates {
            builder = builder.tls_certs_merge([certificate]);
        }
    }
    if let Some(pem) = &config.client_identity {
        builder = builder.identity(identity(pem)?);
    }
    if let Some(file) = &config.client_pkcs12 {
        builder = with_pkcs12(builder, file)?;
    }
    Ok(builder.tls_danger_accept_invalid_certs(config.danger_accept_any_certificate))
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
fn identity(pem: &Secret) -> Result<reqwest::Identity, TransportError> {
    reqwest::Identity::from_pem(pem.expose().as_bytes()).map_err(|_| {
        config_error("client_identity: expected PEM text of a certificate and its private key")
    })
}

#[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "rustls-no-provider"))))]
fn identity(pem: &Secret) -> Result<reqwest::Identity, TransportError> {
    let pem = pem.expose().as_bytes();
    reqwest::Identity::from_pkcs8_pem(pem, pem).map_err(|_| {
        config_error("client_identity: expected PEM text of a certificate and its PKCS#8 key")
    })
}

/// Only native TLS opens PKCS#12, so it carries the connections, also where rustls is there.
#[cfg(feature = "native-tls")]
fn with_pkcs12(
    builder: reqwest::ClientBuilder,
    file: &Pkcs12,
) -> Result<reqwest::ClientBuilder, TransportError> {
    let identity = reqwest::Identity::from_pkcs12_der(&file.der, file.password.expose());
    let identity = identity.map_err(|error| {
        let why = root_cause(&error.without_url());
        config_error(format!("client_pkcs12: it does not open with this password: {why}"))
    })?;
    Ok(builder.tls_backend_native().identity(identity))
}

#[cfg(all(any(feature = "rustls", feature = "rustls-no-provider"), not(feature = "native-tls")))]
fn with_pkcs12(
    _: reqwest::ClientBuilder,
    _: &Pkcs12,
) -> Result<reqwest::ClientBuilder, TransportError> {
    Err(config_error(
        "client_pkcs12: PKCS#12 needs the feature `native-tls`; with rustls give PEM text of \
         certificate and key: `openssl pkcs12 -in FILE.p12 -nodes -out client.pem`",
    ))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider")))]
fn tls(
    builder: reqwest::ClientBuilder,
    config: &TransportConfig,
) -> Result<reqwest::ClientBuilder, TransportError> {
    if config.root_certificates.is_some()
        || config.client_identity.is_some()
        || config.client_pkcs12.is_some()
        || config.danger_accept_any_certificate
    {
        return Err(config_error("certificates need the feature `rustls` or `native-tls`"));
    }
    Ok(builder)
}

impl Transport for HttpTransport {
    // As `#[async_trait]` would write it, but the request is handed over before the future is
    // made: one that carries the request through its states is three times as large, and too
    // large for the fast path of common allocators.
    fn send<'life, 'async_trait>(
        &'life self,
        request: Request,
    ) -> BoxFuture<'async_trait, Result<Response, TransportError>>
    where
        'life: 'async_trait,
        Self: 'async_trait,
    {
        let patience = self.patience.of(&request);
        let answer = self.start(request);
        Box::pin(async move {
            let progress = Progress::start();
            patience.limit(&progress, pin!(self.exchange(answer?, &progress))).await
        })
    }

    fn upgrade<'life, 'async_trait>(
        &'life self,
        request: Request,
    ) -> BoxFuture<'async_trait, Result<Upgrade, TransportError>>
    where
        'life: 'async_trait,
        Self: 'async_trait,
    {
        let patience = self.patience.of(&request);
        let answer = self.start(request);
        Box::pin(async move {
            let progress = Progress::start();
            patience.limit(&progress, pin!(self.switch(answer?, &progress))).await
        })
    }

    fn check(&self, base: &Url) -> Result<(), TransportError> {
        match base.scheme() {
            "http" => Ok(()),
            "https" if HAS_TLS => Ok(()),
            "https" => Err(config_error(
                "an https address needs the feature `rustls`, `native-tls` or `rustls-no-provider`",
            )),
            other => {
                Err(config_error(format!("expected an http or https address, found {other}:")))
            }
        }
    }
}

impl HttpTransport {
    fn start(
        &self,
        request: Request,
    ) -> Result<impl Future<Output = reqwest::Result<reqwest::Response>> + use<>, TransportError>
    {
        let (parts, body) = request.into_parts();
        let url = self
            .addresses
            .url(&parts.uri)
            .map_err(|error| config_error(format!("the address cannot be used: {error}")))?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body.into());
        Ok(self.client.execute(request))
    }

    async fn exchange(
        &self,
        answer: impl Future<Output = reqwest::Result<reqwest::Response>>,
        progress: &Progress,
    ) -> Result<Response, TransportError> {
        let answer = answer.await.map_err(transport_error)?;
        self.whole(answer, progress).await
    }

    async fn switch(
        &self,
        answer: impl Future<Output = reqwest::Result<reqwest::Response>>,
        progress: &Progress,
    ) -> Result<Upgrade, TransportError> {
        let mut answer = answer.await.map_err(transport_error)?;
        if answer.status() != http::StatusCode::SWITCHING_PROTOCOLS {
            return self.whole(answer, progress).await.map(Upgrade::Refused);
        }
        let headers = std::mem::take(answer.headers_mut());
        let upgraded = answer.upgrade().await.map_err(transport_error)?;
        Ok(Upgrade::Switched(headers, Connection::new(upgraded)))
    }

    async fn whole(
        &self,
        mut answer: reqwest::Response,
        progress: &Progress,
    ) -> Result<Response, TransportError> {
        let body = self.body(&mut answer, progress).await?;
        let mut response = http::Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    /// Reads to the very end, also when all bytes are there: only then is the connection free
    /// for the next request.
    async fn body(
        &self,
        answer: &mut reqwest::Response,
        progress: &Progress,
    ) -> Result<Bytes, TransportError> {
        progress.made();
        let Some(first) = answer.chunk().await.map_err(transport_error)? else {
            return Ok(Bytes::new());
        };
        self.check_size(first.len())?;
        let Some(second) = answer.chunk().await.map_err(transport_error)? else {
            // The common case, without a copy.
            return Ok(first);
        };
        let mut body = BytesMut::from(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            progress.made();
            self.check_size(body.len() + chunk.len())?;
            body.extend_from_slice(&chunk);
            next = answer.chunk().await.map_err(transport_error)?;
        }
        Ok(body.freeze())
    }

    fn check_size(&self, bytes: usize) -> Result<(), TransportError> {
        if bytes <= self.max_response_bytes {
            return Ok(());
        }
        Err(TransportError::after_send(
            ErrorKind::Io,
            format!("the answer is larger than {} bytes", self.max_response_bytes),
        ))
    }
}

fn transport_error(error: reqwest::Error) -> TransportError {
    // The address may carry a token: it must not reach any text.
    let error = error.without_url();
    let new = if error.is_builder() {
        config_error("the request cannot be built")
    } else if error.is_connect() {
        let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Connect };
        TransportError::before_send(kind, format!("no connection: {}", root_cause(&error)))
    } else if error.is_timeout() {
        TransportError::after_send(ErrorKind::Timeout, "no answer in time")
    } else {
        TransportError::after_send(
            ErrorKind::Io,
            format!("the connection broke: {}", root_cause(&error)),
        )
    };
    new.with_source(error)
}

/// The innermost cause: the one that names the port, the certificate, the reset.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
