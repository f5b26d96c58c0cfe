//! The receiver as data.

use erplink_core::Secret;
use erplink_core::app_code::{AppCodeError, AppCodes};
use serde::Deserialize;

use crate::{AnswerFormat, Kind};

/// What the gateway used to take at most.
pub(crate) const DEFAULT_LIMIT: usize = 12 << 20;

/// A [`Receiver`](crate::Receiver) as data, for configuration files.
///
/// ```
/// let config: plm_tianyu::Config = toml::from_str(
///     r#"
///     app_codes = ["code-for-the-plm"]
///
///     [kind.routing]
///     object = "ROUTING"
///     key_field = "Code"
///     line_collection = "ROUTING1Collection"
///     "#,
/// )?;
/// let receiver = plm_tianyu::Receiver::from_config(config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// What is received: `"item"`, `"bom"`, or `routing` with its object.
    pub kind: Kind,
    /// The codes (访问凭证, header `X-ApiG-AppCode`) that are accepted, at most five.
    #[serde(default)]
    pub app_codes: Vec<Secret>,
    /// Lets everybody in. Only where something else protects the address.
    #[serde(default)]
    pub allow_anonymous: bool,
    /// Refuses what did not come through the HTTPS of the proxy in front. Default off.
    #[serde(default)]
    pub behind_https_proxy: bool,
    /// The largest body, in bytes. Default 12 MiB.
    #[serde(default = "default_limit")]
    pub body_limit: usize,
    /// A JSON Pointer to the rows, such as `/data`; empty for the body itself. Default: found by
    /// itself.
    #[serde(default)]
    pub rows_at: Option<String>,
    /// Whether an update replaces the lines of a record. Default: yes for bills of material and
    /// routings, no for items.
    #[serde(default)]
    pub replace_collections: Option<bool>,
    /// Whether an empty text clears the field of the ERP. Default: it means "not given".
    #[serde(default)]
    pub empty_means_clear: bool,
    /// Whether the rows behind one that failed are left alone. Default: rows are independent.
    #[serde(default)]
    pub stop_on_error: bool,
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
    /// The answer.
    #[error("`answer`: {0}")]
    Answer(String),
    /// The pointer to the rows.
    #[error("`rows_at`: expected a JSON Pointer such as /data, found `{0}`")]
    RowsAt(String),
    /// The user-defined object.
    #[error(
        "`kind.routing`: `{field}` should be a name of letters, digits and `_`, found `{found}`"
    )]
    Name {
        /// The field of the configuration.
        field: &'static str,
        /// What it holds.
        found: String,
    },
}

impl Config {
    /// The defaults. Nobody is let in before `app_codes` or `allow_anonymous` is set.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            app_codes: Vec::new(),
            allow_anonymous: false,
            behind_https_proxy: false,
            body_limit: DEFAULT_LIMIT,
            rows_at: None,
            replace_collections: None,
            empty_means_clear: false,
            stop_on_error: false,
            answer: AnswerFormat::default(),
        }
    }

    pub(crate) fn codes(&self) -> Result<AppCodes, ConfigError> {
        let codes = match (self.allow_anonymous, self.app_codes.is_empty()) {
            (true, true) => AppCodes::allow_anonymous()?,
            (true, false) => return Err(ConfigError::Anonymous),
            (false, _) => AppCodes::new(self.app_codes.iter().cloned())?,
        };
        Ok(if self.behind_https_proxy { codes.behind_https_proxy() } else { codes })
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.answer.check().map_err(ConfigError::Answer)?;
        let is_none = |at: &&str| !at.is_empty() && !at.starts_with('/');
        if let Some(pointer) = self.rows_at.as_deref().filter(is_none) {
            return Err(ConfigError::RowsAt(pointer.to_owned()));
        }
        let Kind::Routing(object) = &self.kind else { return Ok(()) };
        for (field, name) in [
            ("object", Some(&object.object)),
            ("key_field", Some(&object.key_field)),
            ("entity_key", object.entity_key.as_ref()),
            ("line_collection", object.line_collection.as_ref()),
        ] {
            // The names become part of an address and of a filter.
            let is_name = |name: &String| {
                !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric())
            };
            if let Some(found) = name.filter(|name| !is_name(name)) {
                return Err(ConfigError::Name { field, found: found.clone() });
            }
        }
        Ok(())
    }
}
