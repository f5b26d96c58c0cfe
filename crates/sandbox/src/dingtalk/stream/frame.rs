//! The JSON of the frames, both ways.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::event::Event;

/// Id of the app as the platform sees it.
const UNIFIED_APP_ID: &str = "bbb381b6-f01a-4c1e-9d52-58daac000001";

/// What can be odd about the next event frame. Each is used up by one push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameFault {
    /// The member `headers` is spelt `header`, as one official sample has it.
    HeaderSpelling,
    /// There is no `messageId`, so it cannot be acknowledged.
    NoMessageId,
    /// `data` holds the outer object that the event's page shows: `eventType`, `data`, ….
    Nested,
    /// The event's JSON breaks off in the middle.
    BrokenData,
}

/// An event as a frame.
pub(super) fn event(
    event: &Event,
    message_id: &str,
    corp_id: &str,
    now: DateTime<Utc>,
    fault: Option<FrameFault>,
) -> Value {
    let born = event.born.timestamp_millis();
    let content = event.stream_data();
    let mut data = match fault {
        Some(FrameFault::Nested) => json!({
            "eventUnifiedAppId": UNIFIED_APP_ID,
            "eventCorpId": corp_id,
            "eventType": event.tag,
            "eventId": event.id,
            "eventBornTime": born,
            "data": content,
        }),
        _ => content,
    }
    .to_string();
    if fault == Some(FrameFault::BrokenData) {
        data = data.chars().take(data.chars().count() / 2).collect();
    }
    let mut headers = headers("*", message_id, now);
    headers["eventType"] = json!(event.tag);
    headers["eventId"] = json!(event.id);
    headers["eventCorpId"] = json!(corp_id);
    headers["eventBornTime"] = json!(born.to_string());
    headers["eventUnifiedAppId"] = json!(UNIFIED_APP_ID);
    if let (Some(FrameFault::NoMessageId), Some(members)) = (fault, headers.as_object_mut()) {
        members.remove("messageId");
    }
    let name = if fault == Some(FrameFault::HeaderSpelling) { "header" } else { "headers" };
    json!({"specVersion": "1.0", "type": "EVENT", (name): headers, "data": data})
}

/// A callback (bot message, card action) as a frame.
pub(super) fn callback(topic: &str, message_id: &str, data: &Value, now: DateTime<Utc>) -> Value {
    let headers = headers(topic, message_id, now);
    json!({"specVersion": "1.0", "type": "CALLBACK", "headers": headers, "data": data.to_string()})
}

/// A system frame. As on the platform it has no `specVersion`.
pub(super) fn system(topic: &str, message_id: &str, data: &Value, now: DateTime<Utc>) -> Value {
    let headers = headers(topic, message_id, now);
    json!({"type": "SYSTEM", "headers": headers, "data": data.to_string()})
}

/// The announcement that a connection is about to be closed. As on the platform it has no
/// `messageId`.
pub(super) fn disconnect(reason: &str, now: DateTime<Utc>) -> Value {
    let mut frame = system("disconnect", "", &json!({"reason": reason}), now);
    if let Some(headers) = frame.get_mut("headers").and_then(Value::as_object_mut) {
        headers.remove("messageId");
    }
    frame
}

fn headers(topic: &str, message_id: &str, now: DateTime<Utc>) -> Value {
    json!({
        "topic": topic,
        "messageId": message_id,
        "contentType": "application/json",
        "time": now.timestamp_millis().to_string(),
    })
}

/// What a client says about a frame.
pub(super) struct Answer {
    pub(super) message_id: Option<String>,
    pub(super) verdict: Verdict,
}

/// What an answer means for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Success,
    Later,
    /// Neither: in its own words. The event is pushed again.
    Wrong(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Success => f.write_str("SUCCESS"),
            Verdict::Later => f.write_str("LATER"),
            Verdict::Wrong(why) => f.write_str(why),
        }
    }
}

/// Reads an answer strictly: what the platform might let pass is no acknowledgement here.
pub(super) fn answer(message: &Value) -> Answer {
    let header = |name: &str| message.get("headers")?.get(name)?.as_str();
    let message_id = header("messageId").map(str::to_owned);
    let verdict = verdict(message, header("contentType")).unwrap_or_else(Verdict::Wrong);
    Answer { message_id, verdict }
}

fn verdict(message: &Value, content_type: Option<&str>) -> Result<Verdict, String> {
    let code = message.get("code").and_then(Value::as_i64).ok_or("`code` is not a number")?;
    message.get("message").and_then(Value::as_str).ok_or("`message` is not a text")?;
    if content_type != Some("application/json") {
        return Err("`headers.contentType` is not application/json".to_owned());
    }
    let data = message.get("data").and_then(Value::as_str).ok_or("`data` is not a text")?;
    let data: Value = serde_json::from_str(data).map_err(|_| "`data` is not JSON in a text")?;
    match data.get("status").and_then(Value::as_str) {
        // Some libraries send 500 together with LATER.
        Some("LATER") if code == 200 || code == 500 => Ok(Verdict::Later),
        Some("SUCCESS") if code == 200 => Ok(Verdict::Success),
        _ => Err(format!("code {code}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(code: i64, data: Value) -> Verdict {
        let headers = json!({"messageId": "m", "contentType": "application/json"});
        answer(&json!({"code": code, "message": "OK", "headers": headers, "data": data})).verdict
    }

    #[test]
    fn only_success_acknowledges() {
        assert_eq!(spoken(200, json!(r#"{"status":"SUCCESS"}"#)), Verdict::Success);
        assert_eq!(spoken(200, json!(r#"{"status":"LATER"}"#)), Verdict::Later);
        assert_eq!(spoken(500, json!(r#"{"status":"LATER"}"#)), Verdict::Later);
        for (code, data) in [
            (500, json!(r#"{"status":"SUCCESS"}"#)),
            (404, json!("{}")),
            (200, json!({"status": "SUCCESS"})),
            (200, json!("SUCCESS")),
        ] {
            assert!(matches!(spoken(code, data.clone()), Verdict::Wrong(_)), "{code} {data}");
        }
        assert!(matches!(answer(&json!("garbage")).verdict, Verdict::Wrong(_)));
    }
}
