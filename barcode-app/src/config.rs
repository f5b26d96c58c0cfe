//! Settings of a company, and of the receiver, as data.

use erplink_core::Secret;
use erplink_core::app_code::{AppCodeError, AppCodes};
use serde::Deserialize;

use crate::answer::AnswerFormat;
use crate::{BackflushRules, DocumentRules, QueryRules};

/// How one company (账套) is served.
///
/// ```
/// let settings: barcode_app::Settings = toml::from_str(
///     r#"
///     mark_field = "U_BarcodeMark"
///     compensate_issue = true
///     query.procedures = ["TMDK"]
///     document.user_tables = ["QC_RECORD"]
///     "#,
/// )?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// How requests become documents.
    pub document: DocumentRules,
    /// How a backflush is worked out.
    pub backflush: BackflushRules,
    /// What queries may do.
    pub query: QueryRules,
    /// A text field of documents, of 32 characters or more, in which each gets a value of its own:
    /// a document whose answer was lost can then be looked for. Default none; **set one**, for
    /// without it a lost answer ends with a person who has to look. Records of user tables have none.
    pub mark_field: Option<String>,
    /// Whether an issue is taken back by a component return (生产退料) when its receipt is refused.
    /// Default no: both are named and a person decides.
    pub compensate_issue: bool,
    /// Whether the receipt is posted although its backflush failed. Default no: a receipt without
    /// its issue spoils the cost.
    pub continue_after_backflush_failure: bool,
    /// For how many seconds the same request gets the first answer again instead of a second
    /// document, for scanners that are tapped twice. What failed and left nothing behind is tried
    /// again. Default 0, which is never.
    pub repeat_window_seconds: u64,
    /// Fields of `MainTable` that do not make a request another one. Default none but `U_CZSJ`, the
    /// time of the tap.
    pub repeat_ignores: Option<Vec<String>>,
}

impl Settings {
    pub(crate) fn is_ignored_in_repeats(&self, name: &str) -> bool {
        match &self.repeat_ignores {
            Some(names) => names.iter().any(|known| known == name),
            None => name == "U_CZSJ",
        }
    }
}

/// What the gateway used to take at most.
pub(crate) const DEFAULT_LIMIT: usize = 12 << 20;

/// A [`Barcode`](crate::Barcode) as data, for configuration files. Companies are added in code,
/// because they hold connections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The codes (header `X-ApiG-AppCode`) that are accepted, at most five.
    #[serde(default)]
    pub app_codes: Vec<Secret>,
    /// Lets everybody in. Only where something else protects the addresses.
    #[serde(default)]
    pub allow_anonymous: bool,
    /// Refuses what did not come through the HTTPS of the proxy in front. Default off.
    #[serde(default)]
    pub behind_https_proxy: bool,
    /// The largest body, in bytes. Default 12 MiB.
    #[serde(default = "default_limit")]
    pub body_limit: usize,
    /// How answers are written.
    #[serde(default)]
    pub answer: AnswerFormat,
}

fn default_limit() -> usize {
    DEFAULT_LIMIT
}

/// Why a [`Config`] cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The AppCodes.
    #[error("`app_codes`: {0}")]
    AppCodes(#[from] AppCodeError),
    /// Codes and everybody.
    #[error("`app_codes` and `allow_anonymous` exclude each other: remove one of them")]
    Anonymous,
}

impl Default for Config {
    /// Nobody is let in before `app_codes` or `allow_anonymous` is set.
    fn default() -> Self {
        Self {
            app_codes: Vec::new(),
            allow_anonymous: false,
            behind_https_proxy: false,
            body_limit: DEFAULT_LIMIT,
            answer: AnswerFormat::default(),
        }
    }
}

impl Config {
    pub(crate) fn codes(&self) -> Result<AppCodes, ConfigError> {
        let codes = match (self.allow_anonymous, self.app_codes.is_empty()) {
            (true, true) => AppCodes::allow_anonymous()?,
            (true, false) => return Err(ConfigError::Anonymous),
            (false, _) => AppCodes::new(self.app_codes.iter().cloned())?,
        };
        Ok(if self.behind_https_proxy { codes.behind_https_proxy() } else { codes })
    }
}
