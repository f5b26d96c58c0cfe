//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::{
    Call, ErrorKind, HttpTransport, Idempotency, RawJson, Retry, RetryPolicy, Secret, TokenCell,
    TokenStore, Transport, TransportConfig, sanitize,
};

use crate::auth::{Credentials, MARGIN, Session};
use crate::cookies::Cookies;
use crate::error::{Asked, Error, Judge, Result, SessionEnd};
use crate::wire::{self, Wire};
use crate::{Config, Guard};

/// A client of one company (公司) in one DI API service. Clones share session and connections.
///
/// Nobody logs in by hand: the first call does, and an expired session is renewed.
///
/// ```
/// use b1_diapi::Client;
///
/// let diapi = Client::builder("https://api-service.sperp.myhuaweicloud.com/diapi/6160")
///     .company_db("CSFZ")
///     .credentials("S-ERP\\CSFZ0431021", "password")
///     .build()?;
/// # Ok::<(), b1_diapi::Error>(())
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    wire: Wire,
    clock: Arc<dyn Clock>,
    session: Session,
    session_end: SessionEnd,
    retry: Retry,
    guard: Guard,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &sanitize::url(&self.0.wire.base, &[]))
            .field("company_db", &self.0.session.credentials.company_db)
            .finish_non_exhaustive()
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    /// Below `/b1dis/v1/`.
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) timeout: Option<Duration>,
}

impl Client {
    /// Starts a client for the service at `root`: the address before `/b1dis/v1`, with the tenant's
    /// prefix. A trailing slash and a trailing `/b1dis/v1` do no harm.
    pub fn builder(root: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(Config::new(root.into()))
    }

    /// Builds a client from data.
    ///
    /// # Errors
    /// Of kind `Config`, as [`ClientBuilder::build`].
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// `POST /b1dis/v1/login`: logs in now, also when the credentials were refused before.
    ///
    /// Needed only to try refused credentials again before their memory ends, or to find out early
    /// whether they work: every call logs in by itself.
    ///
    /// # Errors
    /// Of kind `Auth` when the service refuses the credentials.
    pub async fn login(&self) -> Result<()> {
        let Inner { session, wire, clock, .. } = &*self.0;
        session.forget().await;
        session.token(wire, &**clock).await.map(drop)
    }

    /// The company database.
    #[must_use]
    pub fn company_db(&self) -> &str {
        &self.0.session.credentials.company_db
    }

    pub(crate) fn user(&self) -> &str {
        &self.0.session.credentials.user
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.0.guard
    }

    /// Makes a call and answers its `data`.
    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<RawJson> {
        self.0.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected session is renewed, and a read made once more within it.
    async fn attempt(&self, exchange: &Exchange) -> Result<RawJson> {
        let result = self.send(exchange).await;
        let is_read = exchange.call.idempotency == Idempotency::Safe;
        match &result {
            Err(error) if error.kind() == ErrorKind::Session && is_read => {
                let again = self.send(exchange).await;
                again.map_err(|error| match (error.kind(), error.http_status()) {
                    // A session that was made just now is good: it is the user who may not.
                    (ErrorKind::Session, Some(403)) => forbidden(error),
                    _ => error,
                })
            }
            _ => result,
        }
    }

    async fn send(&self, exchange: &Exchange) -> Result<RawJson> {
        let Inner { session, wire, clock, session_end, .. } = &*self.0;
        let token = session.token(wire, &**clock).await?;
        let body = exchange.body.clone();
        let response =
            wire.post(&exchange.path, body, Some(token.value()), exchange.timeout).await?;
        let cookies = Cookies::from_header(token.value());
        let secrets: Vec<_> =
            cookies.values().chain([session.credentials.password.expose()]).collect();
        let asked = match exchange.call.idempotency {
            Idempotency::Safe => Asked::Read,
            _ => Asked::Write,
        };
        let result = Judge { asked, session_end, secrets: &secrets }.data(&response);
        match &result {
            Err(error) if error.kind() == ErrorKind::Session => session.reject(&token)?,
            _ => session.answered(&token, response.headers()),
        }
        result
    }
}

fn forbidden(error: Error) -> Error {
    let forbidden = Error::new(ErrorKind::Forbidden, "the user may not do this")
        .with_status(http::StatusCode::FORBIDDEN);
    match error.api_error() {
        Some(api) => forbidden.with_api(api.clone()),
        None => forbidden,
    }
}

/// Builds a [`Client`]. No network and no task until the first call.
#[must_use]
pub struct ClientBuilder {
    config: Config,
    guard: Guard,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn TokenStore>>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("company_db", &self.config.company_db)
            .field("guard", &self.guard)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Starts from data.
    pub fn new(config: Config) -> Self {
        Self {
            guard: config.guard(),
            config,
            transport: None,
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
            store: None,
        }
    }

    /// The company database (公司数据库). Surrounding blanks are removed.
    pub fn company_db(mut self, name: impl Into<String>) -> Self {
        self.config.company_db = name.into();
        self
    }

    /// User and password. In the Huawei cloud the user is `S-ERP\XXX`.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        (self.config.user, self.config.password) = (user.into(), password.into());
        self
    }

    /// Which statements may be sent. Default: only those that read.
    pub fn guard(mut self, guard: Guard) -> Self {
        self.guard = guard;
        self
    }

    /// Takes answers with this code for the end of a session, besides HTTP 401 and 403: how the
    /// service tells is not documented.
    pub fn session_code(mut self, code: impl Into<String>) -> Self {
        self.config.session_codes.push(code.into());
        self
    }

    /// Takes answers whose message has this part for the end of a session.
    pub fn session_message(mut self, part: impl Into<String>) -> Self {
        self.config.session_messages.push(part.into());
        self
    }

    /// For how long refused credentials are answered from memory. Default 10 minutes.
    pub fn refusal_memory(mut self, memory: Duration) -> Self {
        self.config.refusal_memory = memory.as_secs();
        self
    }

    /// Sends requests through something else than HTTP of our own making.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Connections, timeouts, certificates and proxy of the built-in HTTP transport.
    pub fn http(mut self, config: TransportConfig) -> Self {
        self.config.http = config;
        self
    }

    /// How failed calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Where the time comes from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Shares the session with other processes of the same user.
    pub fn token_store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// Of kind `Config`: a root that is no address, `https` without a TLS feature, missing company or
    /// credentials, certificates that cannot be used.
    pub fn build(self) -> Result<Client> {
        let config = self.config;
        let company_db = config.company_db.trim().to_owned();
        for (name, missing) in [
            ("company_db", company_db.is_empty()),
            ("user", config.user.trim().is_empty()),
            ("password", config.password.is_empty()),
        ] {
            if missing {
                return Err(Error::config(format!("{name} is empty: the login needs it")));
            }
        }
        let base = wire::base(&config.root)?;
        let transport: Arc<dyn Transport> = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&config.http)?),
        };
        transport.check(&base)?;
        let mut cell = TokenCell::new(self.clock.clone(), MARGIN);
        if let Some(store) = self.store {
            cell = cell.with_store(store, format!("b1-diapi:{base}:{company_db}:{}", config.user));
        }
        Ok(Client(Arc::new(Inner {
            session: Session {
                cell,
                credentials: Credentials {
                    company_db,
                    user: config.user,
                    password: config.password,
                },
                refusal_memory: Duration::from_secs(config.refusal_memory),
                refused: Mutex::new(None),
            },
            session_end: SessionEnd {
                codes: config.session_codes,
                // An empty part is in every message.
                messages: config.session_messages.into_iter().filter(|m| !m.is_empty()).collect(),
            },
            retry: Retry::with_clock("b1-diapi", self.retry, self.clock.clone()),
            wire: Wire { transport, base },
            clock: self.clock,
            guard: self.guard,
        })))
    }
}
