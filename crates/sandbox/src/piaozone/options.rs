//! How the simulated platform is started, and switches for what nobody documents.

use std::time::Duration;

use serde::Deserialize;

/// Where the simulated platform and the simulated EAS listen, and how they behave.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the API (`api.piaozone.com`); 0: any free one.
    pub port: u16,
    /// Port of EAS; 0: any free one.
    pub eas_port: u16,
    /// How long (on the simulated clock) a token lives: 2 h.
    pub token_life: Duration,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            eas_port: 0,
            token_life: Duration::from_secs(7200),
            quirks: Quirks::default(),
        }
    }
}

/// How the simulated platform behaves where nobody knows. The default is the likeliest.
///
/// The management port takes them as JSON, enumerations in `snake_case`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The unit of the timestamp that is signed.
    pub timestamp_unit: TimestampUnit,
    /// The only signature that is taken (`encType` 0, 1, 2); `None`: all three.
    pub enc_type: Option<u8>,
    /// How a token that is over is refused.
    pub expired_token: ExpiredToken,
    /// The answer to the request for a token has `expires_in`.
    pub says_lifetime: bool,
    /// A `reqid` that was there before is refused.
    pub refuse_repeated_reqid: bool,
    /// EAS says in a fault what is wrong, and does not only leave the session out.
    pub eas_says_why: bool,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            timestamp_unit: TimestampUnit::default(),
            enc_type: None,
            expired_token: ExpiredToken::default(),
            says_lifetime: false,
            refuse_repeated_reqid: true,
            eas_says_why: false,
        }
    }
}

/// Which timestamps are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampUnit {
    /// Both.
    #[default]
    Any,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// How a token that is over is refused. The code is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiredToken {
    /// `errcode` 1300.
    #[default]
    Code,
    /// HTTP 401 without a body.
    Http401,
}
