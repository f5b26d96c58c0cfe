use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use chrono::{DateTime, Utc};
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::transport::{Request, send_logged};
use erplink_core::{
    Call, ErrorKind, Grant, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, Token,
    TokenCell, Transport,
};
use serde::Deserialize;

use super::error::{Error, Refusal, Result, refused};
use super::{Config, Scope};

const OPERATION: &str = "POST /v3/auth/tokens";
const SUBJECT_TOKEN: &str = "x-subject-token";

/// Renewed this long before it stops working.
const MARGIN: Duration = Duration::from_secs(30 * 60);

/// The token (`X-Subject-Token`) of an IAM user: fetched by the first caller, shared by all, renewed
/// in time. Clones share it.
#[derive(Clone)]
pub struct Iam(Arc<Inner>);

struct Inner {
    cell: TokenCell<Refusal>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    retry: Retry,
    config: Config,
    address: Uri,
    /// So much of a token's life is not used.
    reserve: Duration,
}

impl fmt::Debug for Iam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iam").field("config", &self.0.config).finish_non_exhaustive()
    }
}

impl Iam {
    /// Starts with these settings.
    pub fn builder(config: Config) -> IamBuilder {
        IamBuilder {
            config,
            transport: None,
            clock: Arc::new(SystemClock),
            retry: RetryPolicy::default().max_attempts(4),
            reserve: Duration::ZERO,
        }
    }

    /// A token that is good now.
    ///
    /// # Errors
    /// Of kind `Auth` when IAM refused the user: it is not asked again until
    /// [`reset`](Self::reset), for five wrong tries lock a user.
    pub async fn token(&self) -> Result<Secret> {
        self.current().await.map(|token| token.value().clone())
    }

    /// Forgets the token, and that the user was refused.
    pub async fn reset(&self) {
        self.0.cell.reset().await;
    }

    pub(super) async fn current(&self) -> Result<Token> {
        self.0.cell.get(|| self.fetch()).await
    }

    /// A service did not take this token: its user's password or rights have changed.
    pub(super) fn reject(&self, token: &Token) -> Result<()> {
        self.0.cell.invalidate(token.generation())
    }

    async fn fetch(&self) -> Result<Grant> {
        let call = Call::new(OPERATION, Idempotency::Safe);
        self.0.retry.run(&call, |_| Box::pin(self.attempt())).await
    }

    async fn attempt(&self) -> Result<Grant> {
        #[derive(Deserialize)]
        struct Answer {
            token: Life,
        }
        #[derive(Deserialize)]
        struct Life {
            expires_at: DateTime<Utc>,
        }
        let inner = &*self.0;
        let response = send_logged(&*inner.transport, inner.request(), &[]).await?;
        if response.status() != StatusCode::CREATED {
            return Err(refused(&response, inner.config.password.expose()));
        }
        let unreadable = |message: &'static str| {
            Error::new(ErrorKind::Decode, message).with_status(response.status())
        };
        let value = response.headers().get(SUBJECT_TOKEN).and_then(|token| token.to_str().ok());
        let value = value.filter(|token| !token.is_empty());
        let value = value.ok_or_else(|| unreadable("the answer has no header X-Subject-Token"))?;
        let answer: Answer = serde_json::from_slice(response.body())
            .map_err(|_| unreadable("the answer does not say when the token ends (expires_at)"))?;
        let life = (answer.token.expires_at - inner.clock.utc()).to_std().unwrap_or_default();
        let ttl = life.saturating_sub(inner.reserve);
        if ttl.is_zero() {
            return Err(unreadable("the token ends too soon: is the clock of this machine right?"));
        }
        Ok(Grant { value: Secret::new(value), ttl })
    }
}

impl Inner {
    fn request(&self) -> Request {
        let mut request = Request::new(Bytes::from(self.config.body().to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.address.clone();
        let json = HeaderValue::from_static("application/json;charset=utf8");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        request
    }
}

/// The catalogue of services would only make the answer long.
fn address(endpoint: &str) -> Result<Uri> {
    let whole = endpoint.trim().trim_end_matches('/').trim_end_matches("/v3/auth/tokens");
    let uri: Option<Uri> = format!("{whole}/v3/auth/tokens?nocatalog=true").parse().ok();
    let is_address = |uri: &Uri| {
        let host = uri.authority().map(|authority| authority.as_str());
        matches!(uri.scheme_str(), Some("https" | "http"))
            && host.is_some_and(|host| !host.is_empty() && !host.contains('@'))
            && uri.path().ends_with("/v3/auth/tokens")
    };
    uri.filter(is_address).ok_or_else(|| {
        Error::config(
            "endpoint: expected an address such as https://iam.cn-north-4.myhuaweicloud.com",
        )
    })
}

/// Builds an [`Iam`]. Nothing is sent until the first token is asked for.
#[must_use]
pub struct IamBuilder {
    config: Config,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    reserve: Duration,
}

impl fmt::Debug for IamBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IamBuilder").field("config", &self.config).finish_non_exhaustive()
    }
}

impl IamBuilder {
    /// What the token is for.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.config.scope = scope;
        self
    }

    /// Every token that is handed out is good for at least so long, for who keeps it elsewhere.
    /// Default: good now.
    pub fn good_for(mut self, reserve: Duration) -> Self {
        self.reserve = reserve;
        self
    }

    /// Sends requests through something else than HTTP of our own making.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How failed calls are repeated. Default: three times.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Builds it.
    ///
    /// # Errors
    /// Of kind `Config`, naming the setting that cannot work.
    pub fn build(self) -> Result<Iam> {
        let config = self.config;
        if let Some(name) = config.missing() {
            return Err(Error::config(format!("{name} is empty: the token needs it")));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        let address = address(&config.endpoint)?;
        let margin = MARGIN.max(self.reserve);
        Ok(Iam(Arc::new(Inner {
            cell: TokenCell::new(self.clock.clone(), margin),
            transport,
            retry: Retry::with_clock("iam", self.retry, self.clock.clone()),
            clock: self.clock,
            config,
            address,
            reserve: self.reserve,
        })))
    }
}
