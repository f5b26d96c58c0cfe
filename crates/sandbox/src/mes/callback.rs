//! Where events go, and whether an address answers the check.

use http::Uri;
use serde_json::Value;

use super::quirks::CheckAnswer;

/// A callback address (回调地址) with its content key (回调内容密钥).
#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) url: Uri,
    /// Empty: events are pushed in the clear.
    pub(super) key: String,
}

/// Whether the reply to a `check` event verifies the address.
pub(super) fn verifies(wanted: CheckAnswer, reply: &[u8], text: &str, event: &str) -> bool {
    let reply = String::from_utf8_lossy(reply);
    let json: Option<Value> = serde_json::from_str(&reply).ok();
    let member = |name: &str| json.as_ref().and_then(|json| json.get(name));
    let data = member("data").and_then(Value::as_str) == Some(text);
    let bare = reply.trim() == text || json.as_ref().and_then(Value::as_str) == Some(text);
    let whole = json.is_some() && json == serde_json::from_str(event).ok();
    let coded = data && member("code").and_then(Value::as_i64) == Some(200);
    match wanted {
        CheckAnswer::Any => data || bare || whole,
        CheckAnswer::Data => data,
        CheckAnswer::Text => bare,
        CheckAnswer::Event => whole,
        CheckAnswer::CodeAndData => coded,
        CheckAnswer::Status => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_answer_is_told_apart() {
        let event = r#"{"header":{"eventType":"check","requestId":"1"},"data":"hello"}"#;
        let ok = |wanted, reply: &str| verifies(wanted, reply.as_bytes(), "hello", event);
        assert!(ok(CheckAnswer::Data, r#"{"data":"hello"}"#));
        assert!(!ok(CheckAnswer::CodeAndData, r#"{"data":"hello"}"#));
        assert!(ok(CheckAnswer::CodeAndData, r#"{"code":200,"data":"hello"}"#));
        assert!(ok(CheckAnswer::Text, "hello") && ok(CheckAnswer::Text, "\"hello\""));
        assert!(ok(CheckAnswer::Event, event) && !ok(CheckAnswer::Event, "hello"));
        assert!(ok(CheckAnswer::Any, "hello") && !ok(CheckAnswer::Any, "{}"));
        assert!(ok(CheckAnswer::Status, ""));
    }
}
