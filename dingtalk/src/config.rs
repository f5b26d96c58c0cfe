//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

/// Where the v1.0 API of public DingTalk lives.
pub const API_BASE: &str = "https://api.dingtalk.com";
/// Where the legacy (`topapi`) API of public DingTalk lives.
pub const OAPI_BASE: &str = "https://oapi.dingtalk.com";

/// How the app gets its access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenMethod {
    /// `POST /v1.0/oauth2/accessToken`, the current way of internal apps.
    #[default]
    V1,
    /// `POST /v1.0/oauth2/{corpId}/token`, the unified way.
    Unified {
        /// The organisation the app acts in.
        corp_id: String,
    },
    /// `GET /gettoken`, the old way. Its host is `legacy_token_base`.
    Legacy,
}

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: dingtalk::Config = serde_json::from_str(r#"{
///     "client_id": "dingabcdefgh12345678",
///     "client_secret": "secret",
///     "agent_id": 41605932,
///     "token_method": {"unified": {"corp_id": "ding9f50b15bccd16741"}}
/// }"#)?;
/// let client = dingtalk::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Client ID, formerly AppKey.
    pub client_id: String,
    /// Client Secret, formerly AppSecret.
    pub client_secret: Secret,
    /// AgentId of the app: sent with calls that take one.
    #[serde(default)]
    pub agent_id: Option<i64>,
    /// Id of the organisation (corpId). Informational.
    #[serde(default)]
    pub corp_id: Option<String>,
    /// How the access token is fetched.
    #[serde(default)]
    pub token_method: TokenMethod,
    /// Base address of the v1.0 API. Default [`API_BASE`].
    #[serde(default = "api_base")]
    pub api_base: String,
    /// Base address of the legacy API. Default [`OAPI_BASE`].
    #[serde(default = "oapi_base")]
    pub oapi_base: String,
    /// Base address of `/gettoken`. Default: `oapi_base`.
    #[serde(default)]
    pub legacy_token_base: Option<String>,
    /// Seconds before its expiry at which a token is renewed. Default 600.
    #[serde(default = "token_margin")]
    pub token_margin: u64,
    /// Calls a second for each endpoint. Default 20, the limit of the standard edition.
    #[serde(default = "calls_per_second")]
    pub calls_per_second: u32,
    /// How the workflow API is told the root department: `-1` (documented) or `1` (seen).
    #[serde(default = "root_department")]
    pub root_department: i64,
    /// Settings of the HTTP transport. Default: 10 s to connect, 30 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

fn api_base() -> String {
    API_BASE.to_owned()
}

fn oapi_base() -> String {
    OAPI_BASE.to_owned()
}

fn token_margin() -> u64 {
    600
}

fn calls_per_second() -> u32 {
    20
}

fn root_department() -> i64 {
    -1
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.read_timeout, config.total_timeout) = (30.0, 30.0);
    config
}

impl Config {
    /// The defaults for one app.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            agent_id: None,
            corp_id: None,
            token_method: TokenMethod::default(),
            api_base: api_base(),
            oapi_base: oapi_base(),
            legacy_token_base: None,
            token_margin: token_margin(),
            calls_per_second: calls_per_second(),
            root_department: root_department(),
            http: http(),
        }
    }
}
