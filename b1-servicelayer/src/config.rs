//! The client's settings as data.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use crate::Version;

/// Settings of a [`Client`](crate::Client) as they stand in a configuration file.
///
/// ```
/// let config: b1_servicelayer::Config = serde_json::from_str(r#"{
///     "root": "https://erp.example.com/6160",
///     "company_db": "SBODEMOCN",
///     "user": "S-ERP\\LLB",
///     "password": "secret",
///     "language": 15
/// }"#)?;
/// let client = b1_servicelayer::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address before `/b1s/v1`, tenant prefix included.
    pub root: String,
    /// The company database (公司数据库).
    pub company_db: String,
    /// The user; `S-ERP\XXX` in the Huawei cloud.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The language of messages: 15 is Simplified Chinese, 3 English. The user's own if unset.
    #[serde(default)]
    pub language: Option<i32>,
    /// `v1` (default) or `v2`.
    #[serde(default)]
    pub version: Option<Version>,
    /// Requests at the same time. Default 8.
    #[serde(default)]
    pub max_in_flight: Option<usize>,
    /// How the total of a list is asked for. Default: as the version documents it.
    #[serde(default)]
    pub total_option: Option<TotalOption>,
    /// Whether a 503 of the load balancer means that nothing was processed; see
    /// [`trust_unavailable`](crate::ClientBuilder::trust_unavailable). Default no.
    #[serde(default)]
    pub trust_unavailable: bool,
    /// Connections, timeouts, certificates, proxy.
    #[serde(default)]
    pub http: TransportConfig,
}

/// How the total number of matches is asked for. Builds of v2 differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum TotalOption {
    /// `$inlinecount=allpages`: the default on v1.
    InlineCount,
    /// `$count=true`: the default on v2.
    Count,
}

impl TotalOption {
    pub(crate) const fn of(version: Version) -> Self {
        match version {
            Version::V1 => Self::InlineCount,
            Version::V2 => Self::Count,
        }
    }
}
