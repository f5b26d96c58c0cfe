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

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn messages_are_sealed_as_others_seal_them() {
        let vectors = include_str!("../../tests/fixtures/wecom.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let vectors = vectors["sealed"].as_array().unwrap();
        assert!(vectors.len() > 10);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let hex = text("random16_hex");
            let byte = |i: usize| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap();
            let callback = Callback::new("http://h/", text("token"), text("encodingAesKey"));
            let subscription = Subscription::new(callback, text("receiveid")).unwrap();
            let sealed = subscription.envelope.seal_with_prefix(
                std::array::from_fn(byte),
                text("plaintext"),
                &subscription.receive_id,
                text("timestamp"),
                text("nonce"),
            );
            assert_eq!(sealed.encrypt, text("encrypt"), "{}", text("id"));
            assert_eq!(sealed.signature, text("signature"), "{}", text("id"));
        }
    }

    #[test]
    fn what_the_console_refuses_is_refused() {
        const KEY: &str = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
        let refusal = |url: &str, token: &str, key: &str| {
            let callback = Callback::new(url, token, key);
            let refusal = Subscription::new(callback, "ww1").unwrap_err();
            assert_eq!(refusal.code, 40057);
            refusal.message
        };
        assert!(refusal("http://h/", "", KEY).contains("token"));
        assert!(refusal("http://h/", "a-b", KEY).contains("token"));
        assert!(refusal("http://h/", &"a".repeat(33), KEY).contains("token"));
        assert!(refusal("http://h/", "a", "short").contains("43 characters"));
        assert!(refusal("http://h/", "a", &KEY.replace('j', "+")).contains("EncodingAESKey"));
        assert!(refusal("https://h/", "a", KEY).contains("http://"));
    }
}
