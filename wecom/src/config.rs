//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

/// Where the API of public WeCom lives.
pub const API_BASE: &str = "https://qyapi.weixin.qq.com";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: wecom::Config = serde_json::from_str(r#"{
///     "corp_id": "ww6f3c1d9a02b7e845",
///     "secret": "app secret",
///     "calls_per_minute": 60
/// }"#)?;
/// let client = wecom::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Id of the corp (企业ID, corpid).
    pub corp_id: String,
    /// Secret of the app. Corps that began after 2023-12-01 use a self-built app (自建应用) that
    /// is listed under the approval app's "apps that may call the API" (可调用接口的应用).
    pub secret: Secret,
    /// Base address of the API, for private deployments. Default [`API_BASE`].
    #[serde(default = "api_base")]
    pub api_base: String,
    /// Seconds before its expiry at which a token is renewed. Default 300.
    #[serde(default = "token_margin")]
    pub token_margin: u64,
    /// Seconds for which a refused secret is answered from memory, without asking again. Default
    /// 600. WeCom bans the address of a server for an hour after too many wrong secrets.
    #[serde(default = "refusal_memory")]
    pub refusal_memory: u64,
    /// Calls a minute for each API. Default 600, the documented limit of the approval APIs; older
    /// pages say 60.
    #[serde(default = "calls_per_minute")]
    pub calls_per_minute: u32,
    /// Seconds for which a template is remembered for checking forms. Default 600.
    #[serde(default = "template_memory")]
    pub template_memory: u64,
    /// Settings of the HTTP transport. Default: 5 s to connect, 30 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

fn api_base() -> String {
    API_BASE.to_owned()
}

fn token_margin() -> u64 {
    300
}

fn refusal_memory() -> u64 {
    600
}

fn calls_per_minute() -> u32 {
    600
}

fn template_memory() -> u64 {
    600
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (5.0, 30.0, 30.0);
    config
}

impl Config {
    /// The defaults for one app.
    pub fn new(corp_id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self {
            corp_id: corp_id.into(),
            secret: secret.into(),
            api_base: api_base(),
            token_margin: token_margin(),
            refusal_memory: refusal_memory(),
            calls_per_minute: calls_per_minute(),
            template_memory: template_memory(),
            http: http(),
        }
    }
}
