//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use crate::signer::Formula;

/// Where the service lives.
pub const BASE_URL: &str = "https://open.easst.cn";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: easst_invoice::Config = serde_json::from_str(r#"{
///     "app_id": "demoApp",
///     "app_secret": "app secret",
///     "encoding": "form",
///     "repeat": false
/// }"#)?;
/// let client = easst_invoice::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// appId.
    pub app_id: String,
    /// appSecret.
    pub app_secret: Secret,
    /// Address of the service. Default [`BASE_URL`].
    #[serde(default = "base_url")]
    pub base_url: String,
    /// Path of the recognition. Default `/openapi/rest/common/invoiceocr`.
    #[serde(default = "path")]
    pub path: String,
    /// How the body is written. Default JSON.
    #[serde(default)]
    pub encoding: Encoding,
    /// Name of the member with the picture. Default `image_data`.
    #[serde(default = "image_field")]
    pub image_field: String,
    /// Names of the three headers.
    #[serde(default)]
    pub headers: Headers,
    /// Unit of the timestamp. Default milliseconds.
    #[serde(default)]
    pub timestamp_unit: TimestampUnit,
    /// How calls are signed. Default: MD5 of app id, timestamp and app secret.
    #[serde(default)]
    pub signature: Formula,
    /// The largest picture in bytes, before Base64. Default 4 MiB; the service's own limit is not
    /// documented.
    #[serde(default = "max_picture_bytes")]
    pub max_picture_bytes: usize,
    /// Whether a recognition whose answer was lost is made again. It changes nothing, but it may
    /// be billed twice. Default yes.
    #[serde(default = "repeat")]
    pub repeat: bool,
    /// A refusal whose message contains one of these is about the credentials and not about the
    /// picture. The service's codes are not documented. Default: `签名`, `appId`, `invalid sign`.
    #[serde(default = "credential_words")]
    pub credential_words: Vec<String>,
    /// Settings of the HTTP transport. Default: 5 s to connect, 60 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

/// How the body of a recognition is written. The documentation does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Encoding {
    /// `{"image_data":"…"}`.
    #[default]
    Json,
    /// `image_data=…`, as HTML forms are sent.
    Form,
}

/// Unit of the timestamp that is signed and sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimestampUnit {
    /// Milliseconds, as the sibling endpoint takes them.
    #[default]
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// Names of the headers of a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Headers {
    /// Default `appId`.
    pub app_id: String,
    /// Default `timestamp`.
    pub timestamp: String,
    /// Default `sign`.
    pub sign: String,
}

impl Default for Headers {
    fn default() -> Self {
        let [app_id, timestamp, sign] = ["appId", "timestamp", "sign"].map(str::to_owned);
        Self { app_id, timestamp, sign }
    }
}

fn base_url() -> String {
    BASE_URL.to_owned()
}

fn path() -> String {
    "/openapi/rest/common/invoiceocr".to_owned()
}

fn image_field() -> String {
    "image_data".to_owned()
}

fn max_picture_bytes() -> usize {
    4 * 1024 * 1024
}

fn repeat() -> bool {
    true
}

fn credential_words() -> Vec<String> {
    ["签名", "appId", "invalid sign"].map(str::to_owned).to_vec()
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (5.0, 60.0, 60.0);
    config
}

impl Config {
    /// The defaults for one app.
    pub fn new(app_id: impl Into<String>, app_secret: impl Into<Secret>) -> Self {
        Self {
            app_id: app_id.into(),
            app_secret: app_secret.into(),
            base_url: base_url(),
            path: path(),
            encoding: Encoding::default(),
            image_field: image_field(),
            headers: Headers::default(),
            timestamp_unit: TimestampUnit::default(),
            signature: Formula::default(),
            max_picture_bytes: max_picture_bytes(),
            repeat: repeat(),
            credential_words: credential_words(),
            http: http(),
        }
    }
}
