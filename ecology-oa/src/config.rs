//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

/// How calls of the workflow and HR services are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`, as the vendor's samples do: every patch reads it.
    #[default]
    Form,
    /// `application/json`: most patches read it; some attachments are said to need it.
    Json,
}

/// Settings of the modelling engine (建模引擎, "cube"): an authorisation entry of its page
/// 接口管理.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CubeConfig {
    /// System identifier (系统标识, `systemid`).
    pub systemid: String,
    /// Its password.
    pub password: Secret,
    /// Numeric OA user id as whom records are written and read.
    pub operator: String,
    /// Minutes between UTC and the clock of the OA server. Default 480: China time.
    #[serde(default = "china_time")]
    pub utc_offset_minutes: i32,
    /// Sends `token`, `appid` and `userid` as well, for installations whose filter insists.
    #[serde(default)]
    pub with_token_headers: bool,
}

impl CubeConfig {
    /// The defaults for one authorisation entry.
    pub fn new(
        systemid: impl Into<String>,
        password: impl Into<Secret>,
        operator: impl Into<String>,
    ) -> Self {
        Self {
            systemid: systemid.into(),
            password: password.into(),
            operator: operator.into(),
            utc_offset_minutes: china_time(),
            with_token_headers: false,
        }
    }
}

/// Which digest signs calls of the HR service; a setting on the OA side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyDigest {
    /// MD5, the default of the platform.
    #[default]
    Md5,
    /// SM3 (国密), where the OA is set up for it.
    Sm3,
}

/// How calls of the HR service (`/api/hrm/resful/…`) show who they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HrmAuth {
    /// The headers of every other call: `token`, `appid`, `userid`.
    #[default]
    Token,
    /// Nothing: the address of this machine stands in `HrmWebserviceIP.properties` on the OA side.
    Address,
    /// The headers `key` and `ts`, which the server takes for five minutes.
    Key {
        /// The identifier agreed with the OA administrator.
        identifier: Secret,
        /// How it is digested.
        #[serde(default)]
        digest: KeyDigest,
    },
}

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// # let spk = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXV+2MTMd2767yXDqw0d47T10btu0sH4839j3X424OD1eKHggAYrpJ6ptEcE15xPJCuOht3aMREkNiUfwXbFkjzw5cC4cMU3OBNmUi9jBV6KKDTPJmq3TEyW8utsiXo3FT5+i80GYWJVXM/Ue7leHHR6JwA5s1cGNuw5PqAR6S0QIDAQAB";
/// let config: ecology_oa::Config = serde_json::from_str(&r#"{
///     "base_url": "http://oa.example.com:8080",
///     "appid": "EEAA5436-0000-4E6B-9B1C-000000000003",
///     "secret": "e5b4257a-0000-4e3a-89d3-000000000001",
///     "spk": "SPK",
///     "user": "15273",
///     "cube": {"systemid": "SAPB1", "password": "1234", "operator": "15273"}
/// }"#.replace("SPK", spk))?;
/// let client = ecology_oa::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Address of the OA server, such as `http://oa.example.com:8080`; a path is kept.
    pub base_url: String,
    /// The application id that stands in the licence table `ECOLOGY_BIZ_EC` (许可证号).
    pub appid: String,
    /// The secret that `regist` answered (`secrit`), plain.
    pub secret: Secret,
    /// The server's RSA public key that `regist` answered: Base64, PEM or PKCS#1.
    pub spk: String,
    /// Numeric OA user id (`hrmresource.id`) on whose behalf calls are made.
    #[serde(default)]
    pub user: Option<String>,
    /// Life of a token in seconds, sent as `time`. Default: not sent, which means 1800.
    #[serde(default)]
    pub token_seconds: Option<u64>,
    /// Path of the token call. Default `/api/ec/dev/auth/applytoken`.
    #[serde(default = "token_path")]
    pub token_path: String,
    /// How calls of the workflow and HR services are written.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands before the Base64 of an attachment sent inside a form. Default `base64:`.
    #[serde(default = "attachment_prefix")]
    pub attachment_prefix: String,
    /// Calls in flight at the same time. Default 8; the platform publishes no limit.
    #[serde(default = "max_in_flight")]
    pub max_in_flight: usize,
    /// The modelling engine, if it is used.
    #[serde(default)]
    pub cube: Option<CubeConfig>,
    /// How calls of the HR service show who they are.
    #[serde(default)]
    pub hrm_auth: HrmAuth,
    /// Settings of the HTTP transport. Default: 10 s to connect, 60 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

fn china_time() -> i32 {
    480
}

fn token_path() -> String {
    "/api/ec/dev/auth/applytoken".to_owned()
}

fn attachment_prefix() -> String {
    "base64:".to_owned()
}

fn max_in_flight() -> usize {
    8
}

pub(crate) fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.read_timeout, config.total_timeout) = (60.0, 60.0);
    config
}

impl Config {
    /// The defaults for one application on one server.
    pub fn new(
        base_url: impl Into<String>,
        appid: impl Into<String>,
        secret: impl Into<Secret>,
        spk: impl Into<String>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            appid: appid.into(),
            secret: secret.into(),
            spk: spk.into(),
            user: None,
            token_seconds: None,
            token_path: token_path(),
            encoding: Encoding::default(),
            attachment_prefix: attachment_prefix(),
            max_in_flight: max_in_flight(),
            cube: None,
            hrm_auth: HrmAuth::default(),
            http: http(),
        }
    }
}
