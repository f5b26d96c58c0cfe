//! The client's settings as data.

use erplink_core::{Secret, TransportConfig};
use serde::Deserialize;

use crate::Guard;

/// Settings of a [`Client`](crate::Client) as they stand in a configuration file.
///
/// ```
/// let config: b1_diapi::Config = serde_json::from_str(r#"{
///     "root": "https://api-service.sperp.myhuaweicloud.com/diapi/6160",
///     "company_db": "CSFZ",
///     "user": "S-ERP\\CSFZ0431021",
///     "password": "secret"
/// }"#)?;
/// let client = b1_diapi::Client::from_config(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The address before `/b1dis/v1`, tenant prefix included.
    pub root: String,
    /// The company database (公司数据库).
    pub company_db: String,
    /// The user; `S-ERP\XXX` in the Huawei cloud.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// Procedures that may be called, written as in SQL. Default none.
    #[serde(default)]
    pub procedures: Vec<String>,
    /// Sends any statement, writing ones included; see [`Guard::danger_any_statement`].
    #[serde(default)]
    pub danger_any_statement: bool,
    /// Codes of the service that mean that the session has ended. HTTP 401 and 403 always do.
    #[serde(default)]
    pub session_codes: Vec<String>,
    /// Parts of messages that mean that the session has ended.
    #[serde(default)]
    pub session_messages: Vec<String>,
    /// Seconds for which refused credentials are answered from memory. Default 600.
    #[serde(default = "refusal_memory")]
    pub refusal_memory: u64,
    /// Connections, timeouts, certificates, proxy.
    #[serde(default)]
    pub http: TransportConfig,
}

fn refusal_memory() -> u64 {
    600
}

impl Config {
    pub(crate) fn new(root: String) -> Self {
        Self {
            root,
            company_db: String::new(),
            user: String::new(),
            password: Secret::new(""),
            procedures: Vec::new(),
            danger_any_statement: false,
            session_codes: Vec::new(),
            session_messages: Vec::new(),
            refusal_memory: refusal_memory(),
            http: TransportConfig::default(),
        }
    }

    pub(crate) fn guard(&self) -> Guard {
        if self.danger_any_statement {
            return Guard::danger_any_statement();
        }
        self.procedures.iter().fold(Guard::read_only(), |guard, name| guard.allow_procedure(name))
    }
}
