use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use b1_servicelayer::Secret;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// The configuration file of the DingTalk examples; `examples/config/dingtalk.toml` explains it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the receiver of DingTalk's pushes listens.
    #[serde(default = "any_address")]
    pub listen: SocketAddr,
    /// The file that remembers what became of each document. On a local disk.
    #[serde(default = "ledger")]
    pub ledger: PathBuf,
    /// The ERP.
    pub b1: b1_servicelayer::Config,
    /// The DingTalk app.
    pub dingtalk: dingtalk::Config,
    /// The event subscription of the app.
    pub callback: CallbackSettings,
    /// `dingtalk_purchase_approval`.
    pub purchase: PurchaseSettings,
    /// `dingtalk_price_quotation`.
    pub quotation: QuotationSettings,
}

/// Token and key as the page 事件订阅 of the developer console shows them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackSettings {
    /// Token (签名 token).
    pub token: Secret,
    /// EncodingAESKey (加密 aes_key), 43 characters.
    pub aes_key: Secret,
}

/// How purchase requests (采购申请) go to DingTalk.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurchaseSettings {
    /// The approval form (审批模板).
    pub process_code: String,
}

/// Which forms carry prices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotationSettings {
    /// The approval forms 业务报价 and 采购核价.
    pub process_codes: Vec<String>,
}

fn ledger() -> PathBuf {
    "erplink-examples.sqlite".into()
}

fn any_address() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 8080).into()
}

impl Settings {
    /// Reads a file. `${NAME}` stands for the environment variable `NAME`, so that secrets need
    /// not stand in the file.
    ///
    /// # Errors
    /// When the file cannot be read, a variable is not set, or a setting is missing or misspelt.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        read(path)
    }
}

/// The configuration file of the WeCom examples; `examples/config/wecom.toml` explains it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeComSettings {
    /// Where the receiver of WeCom's pushes listens.
    #[serde(default = "any_address")]
    pub listen: SocketAddr,
    /// The file that remembers what became of each document. On a local disk.
    #[serde(default = "ledger")]
    pub ledger: PathBuf,
    /// The ERP.
    pub b1: b1_servicelayer::Config,
    /// The WeCom app.
    pub wecom: wecom::Config,
    /// Token and EncodingAESKey of the page 接收消息.
    pub callback: CallbackSettings,
    /// The template (审批模板) of `wecom_draft_approval`.
    pub draft_template: String,
    /// The template (审批模板) of `wecom_custom_document`.
    pub document_template: String,
}

impl WeComSettings {
    /// Reads a file, as [`Settings::read`] does.
    ///
    /// # Errors
    /// When the file cannot be read, a variable is not set, or a setting is missing or misspelt.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        read(path)
    }
}

fn read<S: DeserializeOwned>(path: &Path) -> Result<S, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = with_environment(&text, |name| std::env::var(name).ok())
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn with_environment(
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut parts = text.split("${");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').ok_or("a `${` is not closed by `}`")?;
        let value =
            variable(name).ok_or_else(|| format!("the environment has no variable {name}"))?;
        // Inside the quotes of a TOML text.
        out.push_str(&value.replace('\\', "\\\\").replace('"', "\\\""));
        out.push_str(rest);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commented_file_is_complete() {
        let text = include_str!("../config/dingtalk.toml");
        let filled = with_environment(text, |name| Some(format!("value of {name}"))).unwrap();
        let settings: Settings = toml::from_str(&filled).unwrap();
        assert_eq!(settings.b1.password.expose(), "value of B1_PASSWORD");
        let text = include_str!("../config/wecom.toml");
        let filled = with_environment(text, |name| Some(format!("value of {name}"))).unwrap();
        let settings: WeComSettings = toml::from_str(&filled).unwrap();
        assert_eq!(settings.wecom.secret.expose(), "value of WECOM_SECRET");
    }

    #[test]
    fn a_missing_variable_is_named() {
        let error = with_environment("password = \"${B1_PASSWORD}\"", |_| None).unwrap_err();
        assert!(error.contains("B1_PASSWORD"), "{error}");
    }
}
