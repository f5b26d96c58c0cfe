//! The client, its builder, and the way every call takes.

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::retry::Call;
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, Token, TokenCell,
    TokenStore, Transport, sanitize,
};
use http::{HeaderMap, HeaderName, Method};
use serde::Serialize;
use url::Url;

use crate::auth::login::header_value;
use crate::auth::{Auth, Session, store_key};
use crate::config::{BodyShape, Config, FilterShape, Login};
use crate::error::{Error, Expect, Judge, Result};
use crate::wire::{Outgoing, Reply, Wire, address};

/// A company set (账套) of Kingdee JDY. Cheap to clone; clones share session and connections.
///
/// ```
/// use kingdee_jdy::{Client, Login};
///
/// let login = Login::User { username: "13800000000".into(), password: "…".into() };
/// let client = Client::builder("200421", "app secret", login).company_set("7480001", "7480002").build()?;
/// # Ok::<(), kingdee_jdy::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    s_id: Arc<str>,
    db_id: Arc<str>,
}

struct Inner {
    wire: Wire,
    auth: Auth,
    retry: Retry,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("client_id", &self.config().client_id)
            .field("base", &sanitize::url(&self.inner.auth.base, &[]))
            .field("s_id", &self.s_id)
            .field("db_id", &self.db_id)
            .finish_non_exhaustive()
    }
}

/// One call as it is sent and repeated.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Bytes>,
    pub(crate) expect: Expect,
    /// Whether the call is about a company set, and cannot do without one.
    pub(crate) needs_set: bool,
}

impl Exchange {
    pub(crate) fn new(
        method: Method,
        path: &str,
        idempotency: Idempotency,
        expect: Expect,
    ) -> Self {
        let named = path.split('?').next().unwrap_or_default();
        Self {
            call: Call::new(format!("{method} {named}"), idempotency),
            method,
            path: path.to_owned(),
            query: Vec::new(),
            body: None,
            expect,
            needs_set: true,
        }
    }

    pub(crate) fn read(path: &str) -> Self {
        Self::new(Method::GET, path, Idempotency::Safe, Expect::Query)
    }

    pub(crate) fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Result<Self> {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::invalid("the body has no JSON form").with_source(error))?;
        self.body = Some(body.into());
        Ok(self)
    }
}

impl Client {
    /// Starts a client of this app, with this login.
    pub fn builder(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        login: Login,
    ) -> ClientBuilder {
        ClientBuilder::new(Config::new(client_id, client_secret, login))
    }

    /// Builds from data.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for settings that cannot work.
    pub fn from_config(config: &Config) -> Result<Self> {
        ClientBuilder::new(config.clone()).build()
    }

    /// The same client for another company set (账套) of the account.
    #[must_use]
    pub fn with_company_set(&self, s_id: &str, db_id: &str) -> Self {
        Self { inner: self.inner.clone(), s_id: s_id.into(), db_id: db_id.into() }
    }

    /// Forgets the session, and that the credentials were refused.
    ///
    /// Refused credentials are answered from memory for ten minutes; call this after they were put
    /// right on the platform's side.
    pub async fn reset_token(&self) {
        self.inner.auth.cell.reset().await;
    }

    pub(crate) fn config(&self) -> &Config {
        &self.inner.auth.config
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.inner.wire.clock
    }

    /// How the answer to a call with this token is read.
    pub(crate) fn judge<'a>(&'a self, expect: Expect, secrets: &'a [&'a str]) -> Judge<'a> {
        let config = self.config();
        let (token_codes, results) = (config.token_codes.as_slice(), config.names.of("list"));
        Judge { expect, token_codes, results, secrets }
    }

    pub(crate) async fn run(&self, exchange: &Exchange) -> Result<Reply> {
        self.inner.retry.run(&exchange.call, |_| Box::pin(self.attempt(exchange))).await
    }

    /// One attempt: a rejected token is renewed and the request made once more within it.
    async fn attempt(&self, exchange: &Exchange) -> Result<Reply> {
        let Inner { auth, wire, .. } = &*self.inner;
        let token = auth.token(wire).await?;
        let result = self.send(exchange, &token).await;
        if !result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Session) {
            return result;
        }
        auth.cell.invalidate(token.generation())?;
        let token = auth.token(wire).await?;
        self.send(exchange, &token).await
    }

    async fn send(&self, exchange: &Exchange, token: &Token) -> Result<Reply> {
        let session = Session::open(token)?;
        let access_token = session.access_token.as_str();
        let (s_id, db_id) = self.company_set(exchange, &session)?;
        let mut url = address(&self.inner.auth.base, &exchange.path)?;
        let ids = [("sId", s_id), ("dbId", db_id), ("uid", self.uid())];
        url.query_pairs_mut()
            .extend_pairs(&exchange.query)
            .append_pair("access_token", access_token)
            .extend_pairs(ids.into_iter().filter(|(_, value)| !value.is_empty()));
        let mut headers = HeaderMap::new();
        if let Some(router) = &session.router {
            let name = "x-gw-router-addr";
            headers.insert(HeaderName::from_static(name), header_value(name, router)?);
        }
        let secrets = [access_token];
        let outgoing = Outgoing {
            method: exchange.method.clone(),
            url,
            headers,
            body: exchange.body.clone(),
            judge: self.judge(exchange.expect, &secrets),
        };
        self.inner.wire.exchange(outgoing).await
    }

    /// `sId` and `dbId`: those of the client, else those of the authorization.
    fn company_set<'a>(
        &'a self,
        exchange: &Exchange,
        session: &'a Session,
    ) -> Result<(&'a str, &'a str)> {
        let one = |name: &str, own: &'a str, granted: &'a Option<String>| {
            let value = if own.is_empty() { granted.as_deref().unwrap_or_default() } else { own };
            match value {
                "" if exchange.needs_set => Err(Error::config(format!(
                    "{name} is empty: the account shows it; `company_sets()` lists them"
                ))),
                value => Ok(value),
            }
        };
        Ok((one("s_id", &self.s_id, &session.s_id)?, one("db_id", &self.db_id, &session.db_id)?))
    }

    fn uid(&self) -> &str {
        match &self.config().login {
            Login::Platform(app) => app.uid.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    /// Both ids, for bodies that carry them.
    pub(crate) fn ids(&self) -> (&str, &str) {
        (&self.s_id, &self.db_id)
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
        Self {
            config,
            transport: None,
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
            store: None,
        }
    }

    /// The company set (账套): `sId` and `dbId` as the account shows them.
    pub fn company_set(mut self, s_id: impl Into<String>, db_id: impl Into<String>) -> Self {
        (self.config.s_id, self.config.db_id) = (s_id.into(), db_id.into());
        self
    }

    /// Address of the API. Default [`API_BASE`](crate::API_BASE).
    pub fn api_base(mut self, base: impl Into<String>) -> Self {
        self.config.api_base = base.into();
        self
    }

    /// How vouchers are wrapped. Default: not at all, an array.
    pub fn body_shape(mut self, shape: BodyShape) -> Self {
        self.config.body_shape = shape;
        self
    }

    /// How the filter of the voucher list is wrapped. Default: in `filter`.
    pub fn filter_shape(mut self, shape: FilterShape) -> Self {
        self.config.filter_shape = shape;
        self
    }

    /// Digits behind the point that an amount may have. Default 2.
    pub fn amount_digits(mut self, digits: u32) -> Self {
        self.config.amount_digits = digits;
        self
    }

    /// Where several processes of the app keep their session.
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
    pub fn http(mut self, http: erplink_core::TransportConfig) -> Self {
        self.config.http = http;
        self
    }

    /// How often and how patiently failed calls are repeated. Saves have rules of their own; see
    /// [`vouchers`](crate::vouchers).
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
        let base: Url = config.api_base.parse().map_err(|_| {
            let example = crate::config::API_BASE;
            Error::config(format!("api_base: expected an address such as {example}"))
        })?;
        transport.check(&base)?;
        let margin = std::time::Duration::from_secs(config.token_margin);
        let cell = TokenCell::new(self.clock.clone(), margin);
        let cell = match self.store {
            Some(store) => cell.with_store(store, store_key(&config)),
            None => cell,
        };
        let (s_id, db_id) = (config.s_id.as_str().into(), config.db_id.as_str().into());
        let inner = Inner {
            auth: Auth { config, base, cell, refused: Mutex::new(None) },
            retry: Retry::with_clock("jdy", self.retry, self.clock.clone()),
            wire: Wire { transport, clock: self.clock },
        };
        Ok(Client { inner: Arc::new(inner), s_id, db_id })
    }
}

fn check(config: &Config) -> Result<()> {
    let login: &[(&str, bool)] = match &config.login {
        Login::User { username, password } => &[
            ("login.user.username", username.is_empty()),
            ("login.user.password", password.is_empty()),
        ],
        Login::Org { tid, secret } => {
            &[("login.org.tid", tid.is_empty()), ("login.org.secret", secret.is_empty())]
        }
        Login::Platform(app) => {
            &[("login.platform.outer_instance_id", app.outer_instance_id.is_empty())]
        }
    };
    let app = [
        ("client_id", config.client_id.is_empty()),
        ("client_secret", config.client_secret.is_empty()),
    ];
    match app.iter().chain(login).find(|(_, is_empty)| *is_empty) {
        Some((name, _)) => Err(Error::config(format!("{name} is empty"))),
        None => Ok(()),
    }
}
