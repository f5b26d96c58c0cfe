//! Any HTTP interface, with the settings that users of the ESB centre (ESB中心) of e-builder know.
//!
//! A [`Connector`] is a connection (连接); a call of it is an [`Interface`] (接口) with its success
//! condition. Each setting of the centre's pages has its place here:
//!
//! | page | here |
//! |---|---|
//! | 连接名称, 协议+主机/IP | [`Connector::builder`]: name and base address, `http://` where no protocol stands |
//! | 编码 | [`charset`](ConnectorBuilder::charset): UTF-8 unless told, GBK, GB2312, BIG 5, ISO-8859-1 |
//! | 连接超时, 响应超时 | [`connect_timeout`](ConnectorBuilder::connect_timeout), [`response_timeout`](ConnectorBuilder::response_timeout): 60 s each |
//! | 绕过证书 | [`danger_accept_any_certificate`](ConnectorBuilder::danger_accept_any_certificate) |
//! | 证书路径, 证书密码 | [`certificate`](ConnectorBuilder::certificate); not needed for servers with a usual one |
//! | 认证方式 Basic | [`basic_auth`](ConnectorBuilder::basic_auth) |
//! | 成功条件 | [`SuccessRule`], which every call needs |
//! | 不满足条件, 请求超时, 请求异常 提示 | [`Messages`] |
//!
//! States (正常, 封存, 维护, 发布) are bookkeeping of the platform and have none.
//!
//! ```no_run
//! use weaver_eteams::connector::{Connector, SuccessRule};
//!
//! # async fn run() -> weaver_eteams::connector::Result<()> {
//! let eteams = Connector::builder("eteams", "https://api.eteams.cn").build()?;
//! let code = eteams
//!     .get("/oauth2/authorize", SuccessRule::errcode())
//!     .query("corpid", "ww01")
//!     .query("response_type", "code")
//!     .await?
//!     .text("/code")?;
//! let token = eteams
//!     .post("/oauth2/access_token", SuccessRule::errcode())
//!     .form([("app_key", "k1"), ("app_secret", "s1"), ("grant_type", "authorization_code")])
//!     .form([("code", code)])
//!     .on_condition_not_met("取 token 失败: {/errmsg}")
//!     .await?
//!     .text("/accessToken")?;
//! # Ok(())
//! # }
//! ```

mod answer;
mod certificate;
mod charset;
mod config;
mod error;
mod interface;
mod messages;
mod rule;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erplink_core::clock::{Clock, SystemClock};
use erplink_core::transport::Response;
use erplink_core::{
    HttpTransport, Retry, RetryPolicy, Secret, Transport, TransportConfig, sanitize,
};
use http::{HeaderValue, Method, header};
use url::Url;

pub use answer::Answer;
pub use certificate::Certificate;
pub use charset::Charset;
pub use config::{BasicAuth, CertificateFile, ConnectorConfig};
pub use error::{Detail, Error, Failure, Result};
pub use interface::Interface;
pub use messages::Messages;
pub use rule::{Compared, SuccessRule};

/// A connection (连接) of the ESB centre. Cheap to clone. See the [module](self).
#[derive(Clone)]
pub struct Connector {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    base: Url,
    charset: Charset,
    authorization: Option<HeaderValue>,
    transport: Arc<dyn Transport>,
    retry: Retry,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector")
            .field("name", &self.inner.name)
            .field("base", &sanitize::url(&self.inner.base, &[]))
            .field("charset", &self.inner.charset)
            .finish_non_exhaustive()
    }
}

impl Connector {
    /// Starts a connection with this name to this address.
    pub fn builder(name: impl Into<String>, base_url: impl Into<String>) -> ConnectorBuilder {
        ConnectorBuilder::new(name.into(), base_url.into())
    }

    /// Its name (连接名称).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// A call that succeeds if `rule` is met. One slash joins base address and path.
    pub fn interface(
        &self,
        method: Method,
        path: impl Into<String>,
        rule: SuccessRule,
    ) -> Interface {
        Interface::new(self.clone(), method, path.into(), rule)
    }

    /// A `GET`; see [`interface`](Self::interface).
    pub fn get(&self, path: impl Into<String>, rule: SuccessRule) -> Interface {
        self.interface(Method::GET, path, rule)
    }

    /// A `POST`; see [`interface`](Self::interface). It is not repeated when its answer is lost.
    pub fn post(&self, path: impl Into<String>, rule: SuccessRule) -> Interface {
        self.interface(Method::POST, path, rule)
    }

    /// The text of an answer: in the charset that it names, else in that of the connection.
    fn text(&self, response: &Response) -> std::result::Result<String, String> {
        let named = response.headers().get(header::CONTENT_TYPE).and_then(charset_of);
        let charset = match &named {
            Some(name) => Charset::named(name)
                .ok_or_else(|| format!("it says that its charset is `{name}`, which is unknown"))?,
            None => self.inner.charset,
        };
        let whose = if named.is_some() { "as it says" } else { "the charset of the connection" };
        let text = charset.decode(response.body());
        text.map(std::borrow::Cow::into_owned)
            .map_err(|_| format!("it is no text in {charset} ({whose})"))
    }
}

/// `charset=` of a content type.
fn charset_of(content_type: &HeaderValue) -> Option<String> {
    let text = content_type.to_str().ok()?;
    text.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_it = name.trim().eq_ignore_ascii_case("charset");
        is_it.then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Builds a [`Connector`].
#[derive(Clone)]
#[must_use]
pub struct ConnectorBuilder {
    name: String,
    base_url: String,
    charset: Charset,
    connect_timeout: Duration,
    response_timeout: Duration,
    certificate: Option<Certificate>,
    basic_auth: Option<(String, Secret)>,
    http: TransportConfig,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for ConnectorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectorBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Time to connect, and time to answer, of the platform.
const MINUTE: Duration = Duration::from_secs(60);

impl ConnectorBuilder {
    fn new(name: String, base_url: String) -> Self {
        Self {
            name,
            base_url,
            charset: Charset::default(),
            connect_timeout: MINUTE,
            response_timeout: MINUTE,
            certificate: None,
            basic_auth: None,
            http: TransportConfig::default(),
            transport: None,
            retry: RetryPolicy::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// The charset (编码) of request bodies, and of answers that do not name one. Default UTF-8.
    pub fn charset(mut self, charset: Charset) -> Self {
        self.charset = charset;
        self
    }

    /// Until a connection must stand (连接超时). Default 60 s.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Without a byte until an answer is given up (响应超时). Default 60 s. Where it is not longer
    /// than the time to connect, an answer is waited for as long as for a connection.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// The certificate file (证书) with its password.
    pub fn certificate(mut self, certificate: Certificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Trusts **every** certificate (绕过证书): anybody between you and the server can read and
    /// change all of it, passwords included. Give its [`certificate`](Self::certificate) instead.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.http.danger_accept_any_certificate = true;
        self
    }

    /// User and password of Basic authentication.
    pub fn basic_auth(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Self {
        self.basic_auth = Some((user.into(), password.into()));
        self
    }

    /// Further settings of the HTTP transport, such as a proxy. Its timeouts and certificates are
    /// those of the other methods.
    pub fn http(mut self, http: TransportConfig) -> Self {
        let any = self.http.danger_accept_any_certificate;
        self.http = http;
        self.http.danger_accept_any_certificate |= any;
        self
    }

    /// Anything that carries requests; timeouts and certificates are then its own.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// How often and how patiently failed calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Where the connector takes the time from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Builds the connector. No I/O, no task, no runtime needed.
    ///
    /// # Errors
    /// [`Config`](erplink_core::ErrorKind::Config) that names the setting that cannot work.
    pub fn build(self) -> Result<Connector> {
        if self.name.trim().is_empty() {
            return Err(Error::config("name (连接名称) is empty"));
        }
        let with_protocol = match self.base_url.contains("://") {
            true => self.base_url.clone(),
            false => format!("http://{}", self.base_url),
        };
        let base: Url = with_protocol.parse().map_err(|_| {
            Error::config("base_url (协议+主机/IP): expected an address such as https://host:8443")
        })?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let mut http = self.http;
                timeouts(&mut http, self.connect_timeout, self.response_timeout);
                if let Some(certificate) = &self.certificate {
                    let applied = certificate.apply(&mut http);
                    applied.map_err(|why| Error::config(format!("certificate (证书): {why}")))?;
                }
                Arc::new(HttpTransport::from_config(&http)?)
            }
        };
        transport.check(&base)?;
        let authorization =
            self.basic_auth.map(|(user, password)| basic(&user, &password)).transpose()?;
        let inner = Inner {
            name: self.name,
            base,
            charset: self.charset,
            authorization,
            transport,
            retry: Retry::with_clock("connector", self.retry, self.clock),
        };
        Ok(Connector { inner: Arc::new(inner) })
    }
}

/// The transport counts the silence of an answer from the beginning of the request, the time to
/// connect included: a connection that does not come must be noticed first, because then nothing
/// was sent.
fn timeouts(http: &mut TransportConfig, connect: Duration, response: Duration) {
    let silence = response.max(connect + Duration::from_secs(1));
    http.connect_timeout = connect.as_secs_f64();
    http.read_timeout = silence.as_secs_f64();
    http.total_timeout = (connect + response).max(silence).as_secs_f64();
}

fn basic(user: &str, password: &Secret) -> Result<HeaderValue> {
    if user.contains(':') {
        return Err(Error::config("user: Basic authentication allows no colon in it"));
    }
    let credentials = STANDARD.encode(format!("{user}:{}", password.expose()));
    let mut value = HeaderValue::from_str(&format!("Basic {credentials}"))
        .map_err(|_| Error::config("user or password: a header cannot hold them"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_given_up_before_its_answer() {
        for (connect, response, silence) in [(60, 60, 61.0), (5, 60, 60.0), (60, 5, 61.0)] {
            let mut http = TransportConfig::default();
            timeouts(&mut http, Duration::from_secs(connect), Duration::from_secs(response));
            assert_eq!(http.read_timeout, silence);
            assert!(http.connect_timeout < http.read_timeout);
            assert!(http.total_timeout >= http.read_timeout);
        }
    }

    #[test]
    fn a_content_type_names_its_charset() {
        let charset = |text: &'static str| charset_of(&HeaderValue::from_static(text));
        assert_eq!(charset("text/json; a=b; Charset=\"GBK\"").as_deref(), Some("GBK"));
        assert_eq!(charset("application/json"), None);
    }
}
