//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

/// The production API.
pub const PRODUCTION: &str = "https://api.piaozone.com";
/// The test API.
pub const TEST: &str = "https://api-dev.piaozone.com/test";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: piaozone::Config = serde_json::from_str(r#"{
///     "client_id": "demo_id",
///     "client_secret": "client secret",
///     "encrypt_key": "0123456789abcdef",
///     "base_url": "https://api-dev.piaozone.com/test"
/// }"#)?;
/// let client = piaozone::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Client id (client_id) of the company's authorisation.
    pub client_id: String,
    /// Client secret (client_secret).
    pub client_secret: Secret,
    /// Key of encrypted bodies (encrypt_key): 16 characters of ASCII. Calls with encrypted bodies
    /// fail without it.
    #[serde(default)]
    pub encrypt_key: Option<Secret>,
    /// Address of the API. Default [`PRODUCTION`]; a private deployment has
    /// `http://<ip>:8080/api`.
    #[serde(default = "base_url")]
    pub base_url: String,
    /// How the request for a token is signed. Default MD5.
    #[serde(default)]
    pub enc_type: EncType,
    /// Unit of its timestamp. Sources differ. Default milliseconds.
    #[serde(default)]
    pub timestamp_unit: TimestampUnit,
    /// Seconds that a token lives if the answer does not say. Default 7200.
    #[serde(default = "token_life")]
    pub token_life: u64,
    /// Seconds before its expiry at which a token is renewed. Default 300.
    #[serde(default = "token_margin")]
    pub token_margin: u64,
    /// Codes (`errcode`) that mean that the token is over: it is renewed and the call made once
    /// more. The list of codes is not public. Default `1300`, `1301`.
    #[serde(default = "token_codes")]
    pub token_codes: Vec<String>,
    /// Content type of encrypted bodies, which are Base64 text. Not documented. Default
    /// `application/json`.
    #[serde(default = "encrypted_content_type")]
    pub encrypted_content_type: String,
    /// The largest picture in bytes, before Base64. Default 4 MiB; the platform's own limit is not
    /// documented.
    #[serde(default = "max_picture_bytes")]
    pub max_picture_bytes: usize,
    /// Settings of the HTTP transport. Default: 5 s to connect, 60 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

/// How the request for a token is signed (`encType`), over client id, client secret and timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncType {
    /// 0: MD5.
    #[default]
    Md5,
    /// 1: SHA-256.
    Sha256,
    /// 2: HMAC-SHA-256 under the client secret.
    HmacSha256,
}

impl EncType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Md5, Self::Sha256, Self::HmacSha256];

    /// The platform's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Md5 => 0,
            Self::Sha256 => 1,
            Self::HmacSha256 => 2,
        }
    }
}

/// Unit of the timestamp that is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimestampUnit {
    /// Milliseconds.
    #[default]
    Milliseconds,
    /// Seconds.
    Seconds,
}

fn base_url() -> String {
    PRODUCTION.to_owned()
}

fn token_life() -> u64 {
    7200
}

fn token_margin() -> u64 {
    300
}

fn token_codes() -> Vec<String> {
    ["1300", "1301"].map(str::to_owned).to_vec()
}

fn encrypted_content_type() -> String {
    "application/json".to_owned()
}

fn max_picture_bytes() -> usize {
    4 * 1024 * 1024
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (5.0, 60.0, 60.0);
    config
}

impl Config {
    /// The defaults for one authorisation.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            encrypt_key: None,
            base_url: base_url(),
            enc_type: EncType::default(),
            timestamp_unit: TimestampUnit::default(),
            token_life: token_life(),
            token_margin: token_margin(),
            token_codes: token_codes(),
            encrypted_content_type: encrypted_content_type(),
            max_picture_bytes: max_picture_bytes(),
            http: http(),
        }
    }
}
