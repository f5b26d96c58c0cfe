//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use crate::names::Names;

/// Where the API lives.
pub const API_BASE: &str = "https://api.kingdee.com";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: kingdee_jdy::Config = serde_json::from_str(r#"{
///     "client_id": "200421",
///     "client_secret": "app secret",
///     "login": { "user": { "username": "13800000000", "password": "…" } },
///     "s_id": "7480001",
///     "db_id": "7480002"
/// }"#)?;
/// let client = kingdee_jdy::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The app's id (`client_id`).
    pub client_id: String,
    /// The app's secret (`client_secret`).
    pub client_secret: Secret,
    /// Who logs in, by which generation of the platform.
    pub login: Login,
    /// Id of the service (`sId`), as the account shows it. With [`Login::Platform`] the one of the
    /// authorization if it is empty.
    #[serde(default)]
    pub s_id: String,
    /// Id of the company set (账套, `dbId`), likewise.
    #[serde(default)]
    pub db_id: String,
    /// Address of the API. Default [`API_BASE`].
    #[serde(default = "api_base")]
    pub api_base: String,
    /// Seconds before its expiry at which a token is renewed. Default 600.
    #[serde(default = "ten_minutes")]
    pub token_margin: u64,
    /// Seconds for which refused credentials are answered from memory, without asking again.
    /// Default 600.
    #[serde(default = "ten_minutes")]
    pub refusal_memory: u64,
    /// Codes that mean "log in again". Default 4010.
    #[serde(default = "token_codes")]
    pub token_codes: Vec<i64>,
    /// Words in a refusal that make the client look whether a voucher with this `linkId` is there
    /// already. The platform publishes no code for it. Default 重复, 已存在, 已经存在, duplicate,
    /// exist.
    #[serde(default = "duplicate_words")]
    pub duplicate_words: Vec<String>,
    /// Digits behind the point that an amount may have. Default 2.
    #[serde(default = "amount_digits")]
    pub amount_digits: u32,
    /// How vouchers are wrapped. Default: not at all, an array.
    #[serde(default)]
    pub body_shape: BodyShape,
    /// How the filter of the voucher list is wrapped. Default: in `filter`.
    #[serde(default)]
    pub filter_shape: FilterShape,
    /// The query parameter `mode` of a save, whose meaning is not published. Default: not sent.
    #[serde(default)]
    pub mode: Option<String>,
    /// Paths of the calls.
    #[serde(default)]
    pub paths: Paths,
    /// Names of members that are spelled differently.
    #[serde(default)]
    pub names: Names,
    /// Settings of the HTTP transport.
    #[serde(default)]
    pub http: TransportConfig,
}

/// Who logs in, by which generation of the platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Login {
    /// The legacy token of a user: `GET /auth/user/access_token`.
    User {
        /// The user's name.
        username: String,
        /// The user's password.
        password: Secret,
    },
    /// The legacy token of an organisation: `GET /auth/org/access_token`.
    Org {
        /// The organisation's id (`tid`).
        tid: String,
        /// The organisation's secret.
        secret: Secret,
    },
    /// The open platform, version 2 (开放平台), whose calls are signed.
    Platform(Platform),
}

/// An app of the open platform, installed for one customer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Id of the customer's instance (`outerInstanceId`).
    pub outer_instance_id: String,
    /// Which authorization (`appKey`), where the instance has several.
    #[serde(default)]
    pub app_key: Option<String>,
    /// The user in whose name calls are made (`uid`).
    #[serde(default)]
    pub uid: Option<String>,
    /// The order in which the signed headers are named.
    #[serde(default)]
    pub sign_headers: SignHeaders,
}

/// The order in which `X-Api-SignHeaders` names the signed headers. The signature is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignHeaders {
    /// `X-Api-TimeStamp,X-Api-Nonce`, as documented.
    #[default]
    TimestampFirst,
    /// `X-Api-Nonce,X-Api-TimeStamp`, as a public client sends it.
    NonceFirst,
}

/// How vouchers are wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BodyShape {
    /// `[…]`, as the public clients in use send it.
    #[default]
    Array,
    /// `{"sId":…,"dbId":…,"list":[…]}`, as a copy of the documentation shows it.
    Wrapped,
}

/// How the filter of the voucher list is wrapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FilterShape {
    /// `{"filter":{…}}`.
    #[default]
    Wrapped,
    /// `{…}`.
    Flat,
}

/// Paths of the calls, for versions of the platform that have others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Paths {
    /// The token of a user.
    pub user_token: String,
    /// The token of an organisation.
    pub org_token: String,
    /// The authorizations of an instance.
    pub authorizations: String,
    /// The token of an app.
    pub app_token: String,
    /// Saving, deleting, reversing and counting vouchers.
    pub voucher: String,
    /// The list of vouchers.
    pub voucher_list: String,
    /// The chart of accounts.
    pub account: String,
    /// The company sets.
    pub service: String,
    /// The settings of a company set.
    pub profile: String,
    /// The balances.
    pub balance: String,
}

impl Default for Paths {
    fn default() -> Self {
        let path = |text: &str| text.to_owned();
        Self {
            user_token: path("/auth/user/access_token"),
            org_token: path("/auth/org/access_token"),
            authorizations: path("/jdyconnector/app_management/push_app_authorize"),
            app_token: path("/jdyconnector/app_management/kingdee_auth_token"),
            // The platform spells it without the second `n`.
            voucher: path("/jdyaccouting/voucher"),
            voucher_list: path("/jdyaccouting/voucherlist"),
            account: path("/jdyaccouting/account"),
            service: path("/jdyaccouting/service"),
            profile: path("/jdyaccouting/profile"),
            balance: path("/jdyaccouting/balance/query"),
        }
    }
}

fn api_base() -> String {
    API_BASE.to_owned()
}

fn ten_minutes() -> u64 {
    600
}

fn token_codes() -> Vec<i64> {
    vec![crate::ApiError::INVALID_CREDENTIAL]
}

fn duplicate_words() -> Vec<String> {
    ["重复", "已存在", "已经存在", "duplicate", "exist"].map(str::to_owned).to_vec()
}

fn amount_digits() -> u32 {
    2
}

impl Config {
    /// The defaults for one app.
    pub fn new(
        client_id: impl Into<String>,
        client_secret: impl Into<Secret>,
        login: Login,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            login,
            s_id: String::new(),
            db_id: String::new(),
            api_base: api_base(),
            token_margin: ten_minutes(),
            refusal_memory: ten_minutes(),
            token_codes: token_codes(),
            duplicate_words: duplicate_words(),
            amount_digits: amount_digits(),
            body_shape: BodyShape::default(),
            filter_shape: FilterShape::default(),
            mode: None,
            paths: Paths::default(),
            names: Names::default(),
            http: TransportConfig::default(),
        }
    }
}
