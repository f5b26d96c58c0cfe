use std::path::PathBuf;
use std::time::Duration;

use erplink_core::transport::Proxy;
use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use super::{Certificate, Charset, Connector, ConnectorBuilder, Error, Result};

/// Settings of a [`Connector`] as data. Times are in seconds.
///
/// ```
/// use weaver_eteams::connector::{Connector, ConnectorConfig};
///
/// let config: ConnectorConfig = serde_json::from_str(r#"{
///     "name": "old stock system",
///     "base_url": "10.0.0.7:8080",
///     "charset": "BIG 5",
///     "auth": { "user": "erp", "password": "secret" }
/// }"#)?;
/// let connector = Connector::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ConnectorConfig {
    /// Its name (连接名称).
    pub name: String,
    /// The base address (协议+主机/IP); `http://` where no protocol stands.
    pub base_url: String,
    /// The charset (编码). Default UTF-8.
    #[serde(default)]
    pub charset: Charset,
    /// Seconds until a connection must stand (连接超时). Default 60.
    #[serde(default = "minute")]
    pub connect_timeout: u32,
    /// Seconds without a byte until an answer is given up (响应超时). Default 60.
    #[serde(default = "minute")]
    pub response_timeout: u32,
    /// Trusts **every** certificate (绕过证书). See
    /// [`danger_accept_any_certificate`](ConnectorBuilder::danger_accept_any_certificate).
    #[serde(default)]
    pub danger_accept_any_certificate: bool,
    /// The certificate file (证书).
    #[serde(default)]
    pub certificate: Option<CertificateFile>,
    /// Basic authentication. Default none.
    #[serde(default)]
    pub auth: Option<BasicAuth>,
    /// Where requests go through.
    #[serde(default)]
    pub proxy: Proxy,
}

/// Where a [`Certificate`] is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFile {
    /// The file (证书路径).
    pub path: PathBuf,
    /// Its password (证书密码), if it has one.
    #[serde(default = "no_secret")]
    pub password: Secret,
}

/// User and password of Basic authentication.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// The user (用户名).
    pub user: String,
    /// The password (密码).
    pub password: Secret,
}

fn minute() -> u32 {
    60
}

fn no_secret() -> Secret {
    Secret::new("")
}

impl Connector {
    /// Builds from data, and reads the certificate file.
    ///
    /// # Errors
    /// [`Config`](erplink_core::ErrorKind::Config) that names the setting that cannot work.
    pub fn from_config(config: &ConnectorConfig) -> Result<Self> {
        ConnectorBuilder::from_config(config)?.build()
    }
}

impl ConnectorBuilder {
    /// Starts from data, and reads the certificate file.
    ///
    /// # Errors
    /// [`Config`](erplink_core::ErrorKind::Config) when that file cannot be read.
    pub fn from_config(config: &ConnectorConfig) -> Result<Self> {
        let mut http = TransportConfig::default();
        http.proxy = config.proxy.clone();
        http.danger_accept_any_certificate = config.danger_accept_any_certificate;
        let mut builder = Connector::builder(&config.name, &config.base_url)
            .charset(config.charset)
            .connect_timeout(Duration::from_secs(config.connect_timeout.into()))
            .response_timeout(Duration::from_secs(config.response_timeout.into()))
            .http(http);
        if let Some(CertificateFile { path, password }) = &config.certificate {
            let read = Certificate::read(path, password.clone()).map_err(|error| {
                Error::config(format!("certificate.path: {}: {error}", path.display()))
            })?;
            builder = builder.certificate(read);
        }
        if let Some(BasicAuth { user, password }) = &config.auth {
            builder = builder.basic_auth(user, password.clone());
        }
        Ok(builder)
    }
}
