//! The callback (事件订阅 / HTTP 推送): where events are pushed, how they are sealed, and which.

use std::fmt;

use erplink_core::Secret;
use erplink_core::callback::Envelope;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::event::{Event, FieldStyle, INSTANCE_CHANGE, TASK_CHANGE};
use super::refusal::LegacyRefusal;

/// Event types that can be subscribed here.
const KNOWN_TYPES: [&str; 2] = [INSTANCE_CHANGE, TASK_CHANGE];

/// A callback as an administrator sets it up in the developer console.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Where events are posted; `http` only.
    pub url: String,
    /// Token for the signature: 3 to 32 letters and digits.
    pub token: Secret,
    /// EncodingAESKey: 43 letters and digits.
    pub aes_key: Secret,
    /// Whose key stands behind the message.
    #[serde(default)]
    pub key: OwnerKey,
    /// Event types, `bpms_instance_change` and `bpms_task_change` by default.
    #[serde(default = "all_types")]
    pub event_types: Vec<String>,
    /// Filter rules; none: all events of the types.
    #[serde(default)]
    pub filters: Vec<String>,
    /// Which members the events carry.
    #[serde(default)]
    pub style: FieldStyle,
    /// Name of the query parameter that carries the signature.
    #[serde(default)]
    pub signature: SignatureParameter,
}

impl Callback {
    /// A callback for all approval events, sealed for the app key, in today's style.
    pub fn new(url: impl Into<String>, token: &str, aes_key: &str) -> Self {
        Callback {
            url: url.into(),
            token: token.into(),
            aes_key: aes_key.into(),
            key: OwnerKey::default(),
            event_types: all_types(),
            filters: Vec::new(),
            style: FieldStyle::default(),
            signature: SignatureParameter::default(),
        }
    }
}

/// Whose key stands behind the message of an event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKey {
    /// The app key (Client ID): subscriptions set up in the developer console.
    #[default]
    AppKey,
    /// The corpId: callbacks registered by call.
    CorpId,
    /// Any other text.
    Other(String),
}

/// Name of the query parameter that carries the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureParameter {
    /// `signature`, in older texts.
    Signature,
    /// `msg_signature`, in the current sample code.
    MsgSignature,
    /// Both with the same value, as recorded pushes carry.
    #[default]
    Both,
}

impl SignatureParameter {
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            SignatureParameter::Signature => &["signature"],
            SignatureParameter::MsgSignature => &["msg_signature"],
            SignatureParameter::Both => &["signature", "msg_signature"],
        }
    }
}

fn all_types() -> Vec<String> {
    KNOWN_TYPES.map(str::to_owned).to_vec()
}

/// A callback checked and ready to be pushed to.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) callback: Callback,
    pub(super) envelope: Envelope,
    pub(super) url: Url,
    /// The text behind the message.
    pub(super) owner: String,
}

/// Who sets the callback up; the rules for the token differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    Console,
    Call,
}

/// Why a callback could not be saved, with the code of the registering calls.
#[derive(Debug)]
pub(super) struct Unsaved {
    pub(super) code: i64,
    pub(super) message: String,
}

impl Unsaved {
    pub(super) fn new(code: i64, message: impl Into<String>) -> Self {
        Unsaved { code, message: message.into() }
    }
}

impl From<Unsaved> for LegacyRefusal {
    fn from(Unsaved { code, message }: Unsaved) -> Self {
        LegacyRefusal::new(code, message)
    }
}

impl fmt::Display for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Subscription {
    pub(super) fn new(
        callback: Callback,
        through: Through,
        client_id: &str,
        corp_id: &str,
    ) -> Result<Self, Unsaved> {
        let token = callback.token.expose();
        let good = match through {
            Through::Console => {
                (3..=32).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric())
            }
            Through::Call => (6..64).contains(&token.chars().count()),
        };
        if !good {
            let message = "token 不合法：控制台要求3到32位字母数字，接口注册要求6到63个字符";
            return Err(Unsaved::new(71010, message));
        }
        if !callback.aes_key.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Unsaved::new(71010, "aes_key 只能包含字母和数字"));
        }
        let envelope = Envelope::new(callback.token.clone(), &callback.aes_key)
            .map_err(|error| Unsaved::new(71010, format!("aes_key 不合法：{error}")))?;
        let url = Url::parse(&callback.url)
            .ok()
            .filter(|url| url.scheme() == "http" && url.has_host())
            .ok_or_else(|| {
                Unsaved::new(
                    71011,
                    "url 不合法：沙箱只推送到 http:// (the sandbox pushes to http only)",
                )
            })?;
        let unknown = |kind: &&String| !KNOWN_TYPES.contains(&kind.as_str());
        if let Some(unknown) = callback.event_types.iter().find(unknown) {
            return Err(Unsaved::new(71008, format!("未知的事件类型：{unknown}")));
        }
        let owner = match &callback.key {
            OwnerKey::AppKey => client_id.to_owned(),
            OwnerKey::CorpId => corp_id.to_owned(),
            OwnerKey::Other(key) => key.clone(),
        };
        Ok(Subscription { callback, envelope, url, owner })
    }

    /// Whether the event is subscribed and passes the filter rules.
    pub(super) fn wants(&self, event: &Event) -> bool {
        event.is_selected(&self.callback.event_types, &self.callback.filters)
    }

    /// Checks a reply completely: four members, signature, owner, `success`.
    pub(super) fn check_reply(&self, body: &[u8]) -> Result<(), String> {
        let reply: Value =
            serde_json::from_slice(body).map_err(|_| "the reply is not JSON".to_owned())?;
        let member = |name: &str| {
            let found = reply.get(name).and_then(Value::as_str);
            found.ok_or_else(|| format!("the reply has no text member `{name}`"))
        };
        // Some receivers send the time as a number; the signature covers its digits either way.
        let time = match reply.get("timeStamp") {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => return Err("the reply has no member `timeStamp`".to_owned()),
        };
        let opened = self
            .envelope
            .open(
                member("msg_signature")?,
                &time,
                member("nonce")?,
                member("encrypt")?,
                &[&self.owner],
            )
            .map_err(|error| format!("the reply cannot be opened: {error}"))?;
        match opened.message() {
            "success" => Ok(()),
            _ => Err("the reply decrypts to something other than `success`".to_owned()),
        }
    }
}
