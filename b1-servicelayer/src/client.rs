//! The client and its builder.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use erplink_core::clock::{Clock, SystemClock};
use erplink_core::{
    HttpTransport, Idempotency, Retry, RetryPolicy, Secret, TokenStore, Transport, TransportConfig,
};
use tokio::sync::Semaphore;
use url::Url;

use crate::auth::{self, Cookies, Credentials, LoginProvider, Session, Source};
use crate::call::Wire;
use crate::{Config, Entity, EntitySet, EntityType, Error, Result, TotalOption, Version};

/// A client of one company (公司) in one Service Layer. Clones share session and connections.
///
/// Nobody logs in by hand: the first call does, and an expired session is renewed.
///
/// ```no_run
/// # async fn run(password: b1_servicelayer::Secret) -> b1_servicelayer::Result<()> {
/// use b1_servicelayer::Client;
///
/// let b1 = Client::builder("https://erp.example.com/6160")
///     .company_db("SBODEMOCN")
///     .credentials("S-ERP\\LLB", password)
///     .language(15)
///     .build()?;
/// println!("{:?}", b1.ping().await?);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) wire: Wire,
    pub(crate) session: Session,
    pub(crate) retry: Retry,
    pub(crate) permits: Semaphore,
    pub(crate) version: Version,
    pub(crate) total_option: TotalOption,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.0.wire.base).finish_non_exhaustive()
    }
}

impl Client {
    /// Starts a client for the Service Layer at `root`: the address before `/b1s/v1`.
    ///
    /// On premise `https://host:50000`, in the Huawei cloud with the tenant's prefix:
    /// `https://api-service.example.com/6160`. A trailing slash and a trailing `/b1s/v1` do no
    /// harm.
    pub fn builder(root: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            root: root.into(),
            company_db: String::new(),
            credentials: None,
            language: None,
            version: None,
            transport: None,
            http: TransportConfig::default(),
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
            store: None,
            provider: None,
            session: None,
            max_in_flight: 8,
            timeout: None,
            total_option: None,
        }
    }

    /// Builds a client from data.
    ///
    /// # Errors
    /// Of kind `Config`, as [`ClientBuilder::build`].
    pub fn from_config(config: &Config) -> Result<Self> {
        Self::builder(&config.root).config(config).build()
    }

    /// The entity set `name`, read and written as `E`: for sets that no method names.
    pub fn set<E: EntityType>(&self, name: impl Into<Cow<'static, str>>) -> EntitySet<E> {
        EntitySet::new(self.clone(), name.into())
    }

    /// The entity set of `E`, such as that of your own `#[derive(Entity)]`.
    #[must_use]
    pub fn entity<E: Entity>(&self) -> EntitySet<E> {
        self.set(E::SET)
    }

    /// `POST /Login`: logs in now, if there is no session.
    ///
    /// Needed only to try credentials again that were refused, or to find out early whether they
    /// work: every call logs in by itself.
    ///
    /// # Errors
    /// Of kind `Auth` when the server refuses the credentials.
    pub async fn login(&self) -> Result<()> {
        let inner = &*self.0;
        if inner.session.current().is_none() {
            inner.session.forget().await;
        }
        inner.session.token(&inner.wire).await.map(drop)
    }

    /// `POST /Logout`: ends the session on the server and forgets it.
    ///
    /// Sessions occupy memory and may occupy a licence: log out on shutdown. A later call logs in
    /// again.
    ///
    /// # Errors
    /// When the server could not be told; the session is forgotten all the same.
    pub async fn logout(&self) -> Result<()> {
        let inner = &*self.0;
        let Some(token) = inner.session.current() else { return Ok(()) };
        inner.session.forget().await;
        auth::post_logout(&inner.wire, &token)
            .await
            .map_err(|error| error.in_call("POST Logout", Idempotency::Idempotent, 1))
    }

    /// The server's build as the last login told it: `1000190` is 10.00.190.
    #[must_use]
    pub fn server_version(&self) -> Option<String> {
        self.0.session.server_version()
    }

    /// The version this client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.0.version
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }
}

/// Builds a [`Client`]. No network and no task until the first call.
#[must_use]
pub struct ClientBuilder {
    root: String,
    company_db: String,
    credentials: Option<(String, Secret)>,
    language: Option<i32>,
    version: Option<Version>,
    transport: Option<Arc<dyn Transport>>,
    http: TransportConfig,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
    store: Option<Arc<dyn TokenStore>>,
    provider: Option<Arc<dyn LoginProvider>>,
    session: Option<Cookies>,
    max_in_flight: usize,
    timeout: Option<Duration>,
    total_option: Option<TotalOption>,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("company_db", &self.company_db)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The company database (公司数据库). Surrounding blanks are removed.
    pub fn company_db(mut self, name: impl Into<String>) -> Self {
        self.company_db = name.into().trim().to_owned();
        self
    }

    /// User and password. In the Huawei cloud the user is `S-ERP\XXX`.
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.credentials = Some((user.into(), password.into()));
        self
    }

    /// The language of messages: 15 is Simplified Chinese, 3 English. Default: the user's own.
    pub fn language(mut self, language: i32) -> Self {
        self.language = Some(language);
        self
    }

    /// Which generation to talk to. Default: what the root ends in, else v1.
    pub fn version(mut self, version: Version) -> Self {
        self.version = Some(version);
        self
    }

    /// Sends requests through something else than HTTP of our own making.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Connections, timeouts, certificates and proxy of the built-in HTTP transport.
    pub fn http(mut self, config: TransportConfig) -> Self {
        self.http = config;
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

    /// Obtains sessions in another way than `POST /Login`.
    pub fn login_provider(mut self, provider: Arc<dyn LoginProvider>) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Starts with a session that was obtained elsewhere; see [`Cookies::parse`] for its forms.
    ///
    /// When it ends, the client logs in if it has credentials.
    pub fn session(mut self, cookies: Cookies) -> Self {
        self.session = Some(cookies);
        self
    }

    /// Requests at the same time; others wait. Default 8.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// How long one attempt may take. Default: the transport's, 100 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How the total of a list is asked for. Default: as the version documents it.
    pub fn total_option(mut self, option: TotalOption) -> Self {
        self.total_option = Some(option);
        self
    }

    /// Settings from data, all of them.
    pub fn config(mut self, config: &Config) -> Self {
        self = self.company_db(&config.company_db);
        self = self.credentials(&config.user, config.password.clone());
        self.language = config.language;
        self.version = config.version;
        self.total_option = config.total_option;
        self.max_in_flight = config.max_in_flight.unwrap_or(self.max_in_flight);
        self.http = config.http.clone();
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    /// Of kind `Config`: a root that is no address, `https` without a TLS feature, missing
    /// company or credentials, certificates that cannot be used.
    pub fn build(self) -> Result<Client> {
        let root = Root::parse(&self.root)?;
        let transport: Arc<dyn Transport> = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::from_config(&self.http)?),
        };
        transport.check(&root.url)?;
        if self.max_in_flight == 0 || self.max_in_flight > Semaphore::MAX_PERMITS {
            return Err(Error::config("max_in_flight: expected at least 1"));
        }
        let version = self.version.or(root.version).unwrap_or_default();
        let base = format!("{}/b1s/{}/", root.prefix, version.segment());
        let user = self.credentials.as_ref().map_or("", |(user, _)| user.as_str());
        let store =
            self.store.map(|store| (store, format!("b1:{base}:{}:{user}", self.company_db)));
        let source = source(self.provider, self.credentials, self.company_db, self.language);
        let session = self.session.filter(|cookies| !cookies.is_empty());
        if matches!(source, Ok(Source::None)) && session.is_none() {
            return Err(Error::config("give credentials, a login provider or a session"));
        }
        Ok(Client(Arc::new(Inner {
            session: Session::new(self.clock.clone(), source?, session, store),
            retry: Retry::with_clock("b1-servicelayer", self.retry, self.clock.clone()),
            wire: Wire { base, transport, clock: self.clock, timeout: self.timeout },
            permits: Semaphore::new(self.max_in_flight),
            version,
            total_option: self.total_option.unwrap_or(TotalOption::of(version)),
        })))
    }
}

fn source(
    provider: Option<Arc<dyn LoginProvider>>,
    credentials: Option<(String, Secret)>,
    company_db: String,
    language: Option<i32>,
) -> Result<Source> {
    if let Some(provider) = provider {
        return Ok(Source::Provider(provider));
    }
    let Some((user, password)) = credentials else { return Ok(Source::None) };
    for (name, missing) in [
        ("company_db", company_db.is_empty()),
        ("user", user.is_empty()),
        ("password", password.is_empty()),
    ] {
        if missing {
            return Err(Error::config(format!("{name} is empty: the login needs it")));
        }
    }
    Ok(Source::Credentials(Credentials { company_db, user, password, language }))
}

/// What the configured address says.
struct Root {
    url: Url,
    /// Without trailing slash and without `/b1s/…`.
    prefix: String,
    version: Option<Version>,
}

impl Root {
    fn parse(text: &str) -> Result<Self> {
        let url = Url::parse(text.trim()).map_err(|error| {
            Error::config(format!("root: expected an address such as https://host:50000, {error}"))
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::config("root: give user and password with `credentials`"));
        }
        if url.query().is_some() || url.fragment().is_some() || url.host_str().is_none() {
            return Err(Error::config("root: expected an address such as https://host:50000"));
        }
        let whole = url.as_str().trim_end_matches('/');
        let (prefix, version) = [Version::V1, Version::V2]
            .into_iter()
            .find_map(|version| {
                let ending = format!("/b1s/{}", version.segment());
                whole.strip_suffix(ending.as_str()).map(|prefix| (prefix, Some(version)))
            })
            .unwrap_or((whole.strip_suffix("/b1s").unwrap_or(whole), None));
        let prefix = prefix.to_owned();
        Ok(Self { url, prefix, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_root_in_what_people_write() {
        for (text, base) in [
            ("https://h/6160", "https://h/6160/b1s/v1/"),
            ("https://h:50000/", "https://h:50000/b1s/v1/"),
            (" https://h:50000/b1s/v1/ ", "https://h:50000/b1s/v1/"),
            ("https://h/6160/b1s/v2", "https://h/6160/b1s/v2/"),
            ("https://h/6160/b1s", "https://h/6160/b1s/v1/"),
        ] {
            let client =
                Client::builder(text).company_db(" C ").credentials("u", "p").build().unwrap();
            assert_eq!(client.inner().wire.base, base, "{text}");
        }
        let explicit = Client::builder("https://h/b1s/v1")
            .version(Version::V2)
            .session(Cookies::parse("abc"))
            .build()
            .unwrap();
        assert_eq!(explicit.inner().wire.base, "https://h/b1s/v2/");
    }

    #[test]
    fn says_what_is_missing() {
        let message = |builder: ClientBuilder| builder.build().unwrap_err().to_string();
        let good = || Client::builder("https://h").company_db("C");
        assert!(message(good()).contains("credentials"));
        assert!(message(good().credentials("", "p")).contains("user"));
        assert!(message(good().credentials("u", "")).contains("password"));
        assert!(message(Client::builder("https://h").credentials("u", "p")).contains("company_db"));
        assert!(message(good().credentials("u", "p").max_in_flight(0)).contains("max_in_flight"));
        for root in ["", "h:50000", "ftp://h", "https://u:p@h", "https://h?x=1"] {
            let error = Client::builder(root).company_db("C").credentials("u", "p").build();
            assert_eq!(error.unwrap_err().kind(), erplink_core::ErrorKind::Config, "{root}");
        }
    }

    #[test]
    fn is_cheap_to_share() {
        fn shared<T: Clone + Send + Sync + 'static>() {}
        shared::<Client>();
        assert_eq!(size_of::<Client>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
