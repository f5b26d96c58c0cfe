//! The client's settings as data, for programs that read them from a file.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

/// The API of the deployment on Huawei Cloud.
pub const HUAWEI: &str = "https://v3-hw.blacklake.cn";
/// The API of the deployment on Alibaba Cloud.
pub const ALI: &str = "https://v3-ali.blacklake.cn";

/// What stands before the path of nearly every call.
pub(crate) const ROUTE_PREFIX: &str = "/api/openapi/domain/web/v1/route";
pub(crate) const FACTORY_LOGIN: &str = "/api/openapi/domain/web/v1/system/_refreshToken";
pub(crate) const APP_LOGIN: &str = "/api/openapi/domain/api/v1/access_token/_get_access_token";
const WORK_ORDER_EDIT: &str = "/api/schedule-for-openapi/med/open/v1/work_order/update";

/// Settings of a [`Client`](crate::Client).
///
/// ```
/// let config: blacklake_mes::Config = serde_json::from_str(r#"{
///     "base_url": "https://v3-hw.blacklake.cn",
///     "app_key": "cli_1667550462738472",
///     "app_secret": "app secret",
///     "factory_number": "Z20",
///     "calls_per_second": 2
/// }"#)?;
/// let client = blacklake_mes::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Address of the deployment: [`HUAWEI`], [`ALI`], or one of your own. A trailing
    /// `/api/openapi/domain/web/v1/route`, as the portal prints it, is dropped.
    pub base_url: String,
    /// appKey of the interface account or of the app.
    pub app_key: String,
    /// appSecret that belongs to it.
    pub app_secret: Secret,
    /// Number of the factory (工厂号). Given: an interface account logs in (`_refreshToken`).
    /// Absent: an app does (`_get_access_token`).
    #[serde(default)]
    pub factory_number: Option<String>,
    /// Path of the login, for gateways that moved it. Default: the one of the kind of login.
    #[serde(default)]
    pub login_path: Option<String>,
    /// Where the token travels; several places at once are allowed. Default: in the query, as
    /// `access_token`.
    #[serde(default = "token_placement")]
    pub token_placement: Vec<TokenPlacement>,
    /// What stands before the path of every call. Default `/api/openapi/domain/web/v1/route`.
    #[serde(default = "route_prefix")]
    pub route_prefix: String,
    /// Whole path of the edit of a work order, which has no route prefix. Default
    /// `/api/schedule-for-openapi/med/open/v1/work_order/update`.
    #[serde(default = "work_order_edit_path")]
    pub work_order_edit_path: String,
    /// Whether every refusal of the look-up of a code means that there is no such work order, also
    /// one that looks like a fault. Default no: only those that do not look like one.
    #[serde(default)]
    pub treat_any_error_as_missing: bool,
    /// Seconds before its expiry at which a token is renewed. Default 180.
    #[serde(default = "token_margin")]
    pub token_margin: u64,
    /// Calls a second, all together. Default 5. The platform has quotas (配额管理) and publishes no
    /// numbers.
    #[serde(default = "calls_per_second")]
    pub calls_per_second: u32,
    /// Calls at once after a pause. Default 10.
    #[serde(default = "burst")]
    pub burst: u32,
    /// Calls that wait for their answer at the same time. Default 4.
    #[serde(default = "max_in_flight")]
    pub max_in_flight: usize,
    /// Settings of the HTTP transport. Default: 5 s to connect, 30 s for a call.
    #[serde(default = "http")]
    pub http: TransportConfig,
}

/// Where the token of a call travels.
///
/// In a file: `{"query": "access_token"}` or `{"header": "X-AUTH"}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenPlacement {
    /// In the query, under this name.
    Query(String),
    /// In a header of this name. Sites use `access_token`, `X-AUTH` and `token`.
    Header(String),
}

fn token_placement() -> Vec<TokenPlacement> {
    vec![TokenPlacement::Query("access_token".to_owned())]
}

fn route_prefix() -> String {
    ROUTE_PREFIX.to_owned()
}

fn work_order_edit_path() -> String {
    WORK_ORDER_EDIT.to_owned()
}

fn token_margin() -> u64 {
    180
}

fn calls_per_second() -> u32 {
    5
}

fn burst() -> u32 {
    10
}

fn max_in_flight() -> usize {
    4
}

fn http() -> TransportConfig {
    let mut config = TransportConfig::default();
    (config.connect_timeout, config.read_timeout, config.total_timeout) = (5.0, 30.0, 30.0);
    config
}

impl Config {
    /// The defaults for one app or interface account.
    pub fn new(
        base_url: impl Into<String>,
        app_key: impl Into<String>,
        app_secret: impl Into<Secret>,
    ) -> Self {
        Self {
            base_url: base_url.into(),
            app_key: app_key.into(),
            app_secret: app_secret.into(),
            factory_number: None,
            login_path: None,
            token_placement: token_placement(),
            route_prefix: route_prefix(),
            work_order_edit_path: work_order_edit_path(),
            treat_any_error_as_missing: false,
            token_margin: token_margin(),
            calls_per_second: calls_per_second(),
            burst: burst(),
            max_in_flight: max_in_flight(),
            http: http(),
        }
    }
}
