//! How the service is started, and what nobody knows about it: switches.

use serde::Deserialize;

/// Where the simulated DI API service listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port; 0 (the default): any free one.
    pub port: u16,
    /// The segment of the path behind `/diapi`: `6160`.
    pub tenant_prefix: String,
    /// Behaviour that is not documented.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: 0, tenant_prefix: "6160".to_owned(), quirks: Quirks::default() }
    }
}

/// How the service behaves where nothing is documented.
///
/// The management port takes them as JSON, enumerations in `snake_case`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// Minutes that a session lives: 30.
    pub session_minutes: u32,
    /// What `SessionTimeout` of a login says; empty: those minutes, as `30m`.
    pub session_timeout: String,
    /// A session ends so long after the login, not after its last use.
    pub absolute_sessions: bool,
    /// How a session that has ended is told.
    pub session_end: SessionEnd,
    /// Both cookies have to come back, as behind a gateway that keeps its own. Without it the
    /// session's own is enough.
    pub all_cookies: bool,
    /// A refused login says which of company, user and password it is. Without it: `登录失败`.
    pub exact_logins: bool,
    /// HTTP status of refusals: 200.
    pub refusal_status: u16,
    /// Nulls are printed as empty texts, as they seem to be in the guide's sample.
    pub nulls_as_empty_text: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            session_minutes: 30,
            session_timeout: String::new(),
            absolute_sessions: false,
            session_end: SessionEnd::Unauthorized,
            all_cookies: true,
            exact_logins: true,
            refusal_status: 200,
            nulls_as_empty_text: false,
        }
    }
}

/// How the service tells that a session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// HTTP 401.
    #[default]
    Unauthorized,
    /// HTTP 403 and a page of the gateway.
    Forbidden,
    /// A refusal like any other, with the code `RIS.20000401` and `会话已过期，请重新登录`.
    Code,
}
