//! The callback of an app (接收消息 / API 接收): where events are pushed and how they are sealed.

use erplink_core::Secret;
use erplink_core::callback::Envelope;
use serde::Deserialize;
use url::Url;

use super::refusal::Refusal;

/// A callback as an administrator sets it up for an app, with the event 审批状态通知事件 ticked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Where events are posted; `http` only. The same address answers the URL check (GET).
    pub url: String,
    /// Token for the signature: up to 32 letters and digits.
    pub token: Secret,
    /// EncodingAESKey: 43 letters and digits.
    pub aes_key: Secret,
    /// The id behind every message; `None`: the corpid, as for apps of a corp.
    #[serde(default)]
    pub receive_id: Option<String>,
}

impl Callback {
    /// A callback whose messages are for the corp.
    pub fn new(url: impl Into<String>, token: &str, aes_key: &str) -> Self {
        Callback { url: url.into(), token: token.into(), aes_key: aes_key.into(), receive_id: None }
    }
}

/// A callback checked and ready to be pushed to.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) envelope: Envelope,
    pub(super) url: Url,
    pub(super) receive_id: String,
}

/// 40057: the callback cannot be saved.
pub(super) fn unsaved(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(40057, format!("callback url check failed: {why}"))
}

impl Subscription {
    pub(super) fn new(callback: Callback, corp_id: &str) -> Result<Self, Refusal> {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let token = callback.token.expose();
        if token.is_empty() || token.len() > 32 || !is_plain(token) {
            return Err(unsaved("the token is not 1 to 32 letters and digits"));
        }
        if !is_plain(callback.aes_key.expose()) {
            return Err(unsaved("the EncodingAESKey has characters beside letters and digits"));
        }
        let envelope = Envelope::new(callback.token, &callback.aes_key).map_err(unsaved)?;
        let url = Url::parse(&callback.url).ok();
        let url = url.filter(|url| url.scheme() == "http" && url.has_host());
        let url = url.ok_or_else(|| unsaved("the sandbox pushes to http:// addresses only"))?;
        let receive_id = callback.receive_id.unwrap_or_else(|| corp_id.to_owned());
        Ok(Subscription { envelope, url, receive_id })
    }
}
