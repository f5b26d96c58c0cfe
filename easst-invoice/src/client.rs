//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::retry::Call;
use erplink_core::transport::{Request, Timeout, send_logged};
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, RawJson, Retry, RetryPolicy, Secret, Transport,
    TransportConfig, sanitize,
};
use http::{HeaderName, HeaderValue, Method, header};
use serde_json::json;
use url::Url;
use url::form_urlencoded;

use crate::config::{BASE_URL, Config, Encoding, TimestampUnit};
use crate::error::{Error, Result};
use crate::judge::judge;
use crate::picture::Picture;
use crate::recognition::Recognition;
use crate::signer::{SignInput, Signer};

/// An app of 千里聆 (easst). Cheap to clone; clones share connections.
///
/// ```
/// let client = easst_invoice::Client::builder("demoApp", "app secret").build()?;
/// # Ok::<(), easst_invoice::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    timeout: Option<Duration>,
}

struct Inner {
    config: Config,
    base: Url,
    headers: [HeaderName; 3],
    signer: Arc<dyn Signer>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    retry: Retry,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("app_id", &self.inner.config.app_id)
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .finish_non_exhaustive()
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) path: String,
    pub(crate) content_type: HeaderValue,
    pub(crate) body: Bytes,
}

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Client {
    /// Starts a client of the app with this id and secret.
    pub fn builder(app_id: impl Into<String>, app_secret: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder::new(Config::new(app_id, app_secret))
    }

    /// Builds from data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that cannot work.
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// The same client with another limit on the time of each attempt. Default 60 seconds.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self { inner: self.inner.clone(), timeout: Some(timeout) }
    }

    /// `POST /openapi/rest/common/invoiceocr`: reads the invoice on a picture (发票识别).
    ///
    /// It changes nothing at the service, but may be billed; see [`ClientBuilder::repeat`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for an empty or too large picture (nothing is sent),
    /// [`ErrorKind::Api`] when the service does not recognise it, [`ErrorKind::Auth`] for app id,
    /// secret or signature.
    pub async fn recognize(&self, picture: &Picture) -> Result<Recognition> {
        let config = &self.inner.config;
        let call = self.recognition();
        let named = |error: Error| error.in_call(call.operation.clone(), call.idempotency, 0);
        let (size, limit) = (picture.len(), config.max_picture_bytes);
        if picture.is_empty() {
            return Err(named(Error::invalid("the picture is empty")));
        }
        if size > limit {
            return Err(named(Error::invalid(format!(
                "the picture has {size} bytes, more than the {limit} of `max_picture_bytes`: make \
                 it smaller"
            ))));
        }
        let answer = self.run(&self.exchange(call.clone(), &picture.base64())).await?;
        Recognition::from_answer(answer).map_err(named)
    }

    /// Whether address, app id and secret are right.
    ///
    /// The service has no call for that. So this sends a recognition without a picture, which it
    /// can only refuse: about the credentials, or about the picture.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] for app id, secret or signature; failures of the connection.
    pub async fn check(&self) -> Result<()> {
        match self.run(&self.exchange(self.recognition(), "")).await {
            Err(error) if error.kind() == ErrorKind::Api => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    /// Whether a recognition whose answer was lost may be made again:
    /// [`Config::repeat`](crate::Config::repeat).
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        self.inner.config.repeat
    }

    fn recognition(&self) -> Call {
        let idempotency =
            if self.may_repeat() { Idempotency::Safe } else { Idempotency::NotIdempotent };
        Call::new(format!("POST {}", self.inner.config.path), idempotency)
    }

    fn exchange(&self, call: Call, image: &str) -> Exchange {
        let config = &self.inner.config;
        let name = config.image_field.as_str();
        let (content_type, body) = match config.encoding {
            Encoding::Json => (JSON, json!({ name: image }).to_string()),
            Encoding::Form => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                (FORM, form.append_pair(name, image).finish())
            }
        };
        Exchange { call, path: config.path.clone(), content_type, body: body.into() }
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<RawJson> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// Signed anew each time: how old a timestamp may be is not documented.
    async fn attempt(&self, exchange: &Exchange) -> Result<RawJson> {
        let Inner { config, headers: [app_id, timestamp, sign], .. } = &*self.inner;
        let now = self.inner.clock.utc();
        let time = match config.timestamp_unit {
            TimestampUnit::Milliseconds => now.timestamp_millis(),
            TimestampUnit::Seconds => now.timestamp(),
        };
        let time = time.to_string();
        let signature = self.inner.signer.sign(SignInput {
            app_id: &config.app_id,
            app_secret: &config.app_secret,
            timestamp: &time,
        });
        let mut request = Request::new(exchange.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = address(&self.inner.base, &exchange.path)?
            .as_str()
            .parse()
            .map_err(|_| Error::invalid("the address is too long"))?;
        let sent = request.headers_mut();
        sent.insert(header::CONTENT_TYPE, exchange.content_type.clone());
        sent.insert(header::ACCEPT, JSON);
        for (name, value) in [(app_id, &config.app_id), (timestamp, &time), (sign, &signature)] {
            let mut value = HeaderValue::from_str(value).map_err(|_| {
                Error::config(format!("what goes into the header `{name}` fits no header"))
            })?;
            value.set_sensitive(name == sign);
            sent.insert(name.clone(), value);
        }
        if let Some(timeout) = self.timeout {
            request.extensions_mut().insert(Timeout(timeout));
        }
        let response = send_logged(&*self.inner.transport, request, &[]).await?;
        judge(&response, &config.credential_words)
    }
}

/// An address under a base that may itself have a path, such as behind a proxy.
fn address(base: &Url, path: &str) -> Result<Url> {
    // Without the slash it would go on with the host: the signature would be sent elsewhere.
    Some(path)
        .filter(|path| path.starts_with('/'))
        .and_then(|path| format!("{}{path}", base.as_str().trim_end_matches('/')).parse().ok())
        .ok_or_else(|| Error::invalid(format!("`{path}` is not a path: it has to begin with /")))
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    config: Config,
    signer: Option<Arc<dyn Signer>>,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
}

impl ClientBuilder {
    /// Starts from data.
    pub fn new(config: Config) -> Self {
        let retry = RetryPolicy::default().max_attempts(3);
        Self { config, signer: None, transport: None, retry, clock: Arc::new(SystemClock) }
    }

    /// Address of the service. Default [`BASE_URL`].
    pub fn base_url(mut self, address: impl Into<String>) -> Self {
        self.config.base_url = address.into();
        self
    }

    /// How the body is written. Default JSON.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.config.encoding = encoding;
        self
    }

    /// The largest picture in bytes. Default 4 MiB.
    pub fn max_picture_bytes(mut self, bytes: usize) -> Self {
        self.config.max_picture_bytes = bytes;
        self
    }

    /// Whether a recognition whose answer was lost is made again, and perhaps billed twice.
    /// Default yes. What never reached the service is repeated in any case.
    pub fn repeat(mut self, repeat: bool) -> Self {
        self.config.repeat = repeat;
        self
    }

    /// Signs calls in a way that no [`Formula`](crate::signer::Formula) describes.
    pub fn signer(mut self, signer: impl Signer + 'static) -> Self {
        self.signer = Some(Arc::new(signer));
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
        check(&config)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let base: Option<Url> = config.base_url.trim().parse().ok();
        let base = base.filter(|url| url.has_host() && url.query().is_none());
        let base = base.ok_or_else(|| {
            Error::config(format!("base_url: expected an address such as {BASE_URL}"))
        })?;
        transport.check(&base)?;
        let names = &config.headers;
        let headers = [
            header_name("headers.app_id", &names.app_id)?,
            header_name("headers.timestamp", &names.timestamp)?,
            header_name("headers.sign", &names.sign)?,
        ];
        let signer = self.signer.unwrap_or_else(|| Arc::new(config.signature.clone()));
        let retry = Retry::with_clock("easst", self.retry, self.clock.clone());
        let inner = Inner { config, base, headers, signer, transport, clock: self.clock, retry };
        Ok(Client { inner: Arc::new(inner), timeout: None })
    }
}

fn check(config: &Config) -> Result<()> {
    let problem = if config.app_id.trim().is_empty() {
        "app_id is empty"
    } else if !config.app_id.is_ascii() || HeaderValue::from_str(&config.app_id).is_err() {
        "app_id: expected letters and digits of ASCII, which fit into a header"
    } else if config.app_secret.is_empty() {
        "app_secret is empty"
    } else if !config.path.starts_with('/') {
        "path has to begin with /"
    } else if config.image_field.is_empty() {
        "image_field is empty: it is `image_data` unless the service moved it"
    } else if config.signature.parts.is_empty() {
        "signature.parts is empty: nothing would be signed"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Config, problem))
}

fn header_name(setting: &str, name: &str) -> Result<HeaderName> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Error::config(format!("{setting}: `{name}` is no name of a header")))
}
