//! The login of Kingdee EAS (`EASLogin`), as far as it takes to check the connection that the
//! imaging system (影像) stores: prefix, data centre, user, password.
//!
//! EAS itself is out of scope of this crate. A login makes a session at the server, which ends by
//! itself; nothing else is done with it.

mod envelope;
mod reader;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use erplink_core::retry::Call;
use erplink_core::transport::{Request, Response, send_logged};
use erplink_core::{
    ErrorKind, HttpTransport, Idempotency, Retry, RetryPolicy, Secret, Transport, TransportConfig,
};
use http::{HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use url::Url;

use self::reader::Login;
use crate::client::base_url;
use crate::error::{ApiError, Error, Result};

/// What every prefix ends with.
pub(crate) const SERVICES: &str = "/ormrpc/services";

/// The connection to EAS, as the imaging system stores it.
///
/// ```
/// let eas: piaozone::eas::Config = serde_json::from_str(r#"{
///     "services": "http://192.168.0.10:6888/ormrpc/services/",
///     "data_center": "EAS01",
///     "user": "imaging",
///     "password": "password"
/// }"#)?;
/// assert_eq!(eas.solution, "eas");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Prefix of the services: `http://<ip>:<port>/ormrpc/services/`. Usual ports are 6888 and
    /// 56898.
    pub services: String,
    /// Code of the data centre (数据中心, dcName).
    pub data_center: String,
    /// The user.
    pub user: String,
    /// The password of the user.
    pub password: Secret,
    /// Name of the solution (slnName). Default `eas`.
    #[serde(default = "solution")]
    pub solution: String,
    /// Language: `L2` 简体中文 (default), `L3` 繁體中文, `L1` English.
    #[serde(default = "language")]
    pub language: String,
    /// The database of the data centre. Default Oracle.
    #[serde(default)]
    pub database: Database,
    /// Kind of authentication (authPattern), such as `BaseDB`. Default: not sent.
    #[serde(default)]
    pub auth_pattern: Option<String>,
    /// Whether the password is encoded (isEncodePwd); needs `auth_pattern`. Default: not sent.
    #[serde(default)]
    pub encoded_password: Option<bool>,
    /// Settings of the HTTP transport. Default: 5 s to connect, 30 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

/// The database of a data centre (dbType).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Database {
    /// 0.
    SqlServer,
    /// 1.
    #[default]
    Oracle,
    /// 2.
    Db2,
}

impl Database {
    /// EAS's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::SqlServer => 0,
            Self::Oracle => 1,
            Self::Db2 => 2,
        }
    }
}

fn solution() -> String {
    "eas".to_owned()
}

fn language() -> String {
    "L2".to_owned()
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (5.0, 30.0, 30.0);
    config
}

impl Config {
    /// The defaults for one connection.
    pub fn new(
        services: impl Into<String>,
        data_center: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<Secret>,
    ) -> Self {
        Self {
            services: services.into(),
            data_center: data_center.into(),
            user: user.into(),
            password: password.into(),
            solution: solution(),
            language: language(),
            database: Database::default(),
            auth_pattern: None,
            encoded_password: None,
            http: http(),
        }
    }
}

/// Logs in at EAS. Cheap to clone.
#[derive(Clone)]
pub struct EasLogin {
    config: Arc<Config>,
    address: Url,
    transport: Arc<dyn Transport>,
}

impl fmt::Debug for EasLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EasLogin")
            .field("data_center", &self.config.data_center)
            .field("user", &self.config.user)
            .finish_non_exhaustive()
    }
}

impl EasLogin {
    /// Over HTTP.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] that names the setting that cannot work.
    pub fn new(config: Config) -> Result<Self> {
        let transport = HttpTransport::from_config(&config.http)?;
        Self::with_transport(config, Arc::new(transport))
    }

    /// Over another transport.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] that names the setting that cannot work.
    pub fn with_transport(config: Config, transport: Arc<dyn Transport>) -> Result<Self> {
        for (name, value) in [("data_center", &config.data_center), ("user", &config.user)] {
            if value.trim().is_empty() {
                return Err(Error::config(format!("{name} is empty")));
            }
        }
        if config.encoded_password.is_some() && config.auth_pattern.is_none() {
            return Err(Error::config("encoded_password needs auth_pattern, such as BaseDB"));
        }
        let prefix = config.services.trim().trim_end_matches('/');
        let address = base_url(&format!("{prefix}/EASLogin")).ok_or_else(|| {
            Error::config("services: expected a prefix such as http://<ip>:6888/ormrpc/services/")
        })?;
        transport.check(&address)?;
        Ok(Self { config: Arc::new(config), address, transport })
    }

    /// `EASLogin.login`: whether EAS lets this user into this data centre. Answers the session.
    ///
    /// # Errors
    /// [`ErrorKind::Auth`] when EAS gives no session: data centre, user or password are wrong, and
    /// EAS says which of them only in words, if at all. [`ErrorKind::NotFound`] and
    /// [`ErrorKind::Decode`] when something else answers at this address.
    pub async fn log_in(&self) -> Result<Secret> {
        let call = Call::new("EASLogin.login", Idempotency::Safe);
        // A wrong password must not be tried again and again: accounts get locked.
        let retry = Retry::new("eas", RetryPolicy::never());
        retry.run(&call, |_| Box::pin(self.attempt())).await
    }

    async fn attempt(&self) -> Result<Secret> {
        let mut request = Request::new(Bytes::from(envelope::login(&self.config)));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self
            .address
            .as_str()
            .parse()
            .map_err(|_| Error::config("services: the address is too long"))?;
        let headers = request.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
        headers.insert("SOAPAction", HeaderValue::from_static("\"\""));
        let response = send_logged(&*self.transport, request, &[]).await?;
        self.judge(&response)
    }

    fn judge(&self, response: &Response) -> Result<Secret> {
        let status = response.status();
        let text = std::str::from_utf8(response.body()).unwrap_or_default();
        let refused = |words: String| {
            Error::new(ErrorKind::Auth, "EAS refused the login").with_status(status).with_api(
                ApiError { code: "EASLogin".to_owned(), description: self.cleaned(words) },
            )
        };
        match reader::login(text) {
            Ok(Login::Session(session)) if status.is_success() => Ok(Secret::new(session)),
            Ok(Login::NoSession) => Err(refused("it gave no session".to_owned())),
            Ok(Login::Fault(words)) => Err(refused(words)),
            _ if status == StatusCode::NOT_FOUND => Err(Error::new(
                ErrorKind::NotFound,
                "there is no EASLogin: check the path of the prefix",
            )
            .with_status(status)),
            _ if status.is_server_error() => {
                Err(Error::new(ErrorKind::Server, "EAS is in trouble").with_status(status))
            }
            _ => {
                let message = format!(
                    "expected the answer of EASLogin, found {} bytes of something else",
                    response.body().len()
                );
                Err(Error::new(ErrorKind::Decode, message).with_status(status))
            }
        }
    }

    /// Faults are Java's: one line of them, without the password.
    fn cleaned(&self, words: String) -> String {
        let line = words.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let password = self.config.password.expose();
        let line =
            if password.is_empty() { line.to_owned() } else { line.replace(password, "***") };
        line.chars().take(200).collect()
    }
}
