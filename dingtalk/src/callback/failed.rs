//! Events whose pushes failed (推送失败的事件列表).

use erplink_core::{Idempotency, RawJson};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::event::Event;
use crate::client::{Client, Endpoint, Input};
use crate::error::Result;
use crate::lenient;

pub(super) const FAILED: Endpoint = Endpoint::oapi(
    "GET /call_back/get_call_back_failed_result",
    // It may remove what it answers: an answer that is lost may be lost for good.
    Idempotency::Idempotent,
    "qyapi_base",
);

/// Events that were pushed in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedEvents {
    /// At most 200, as if they had been pushed.
    pub events: Vec<Event>,
    /// Entries that are not events, as sent.
    pub unreadable: Vec<RawJson>,
    /// Whether to call again.
    pub has_more: bool,
}

impl Client {
    /// `GET /call_back/get_call_back_failed_result`: events whose pushes failed three times
    /// (获取推送失败的事件列表), 3 to 5 minutes after the last.
    ///
    /// Permission `qyapi_base`. The platform may remove what it answered: **store the events before
    /// you call again**, and expect to see some twice ([`Event::dedup_key`]).
    ///
    /// # Errors
    /// As every call; see [`Error`](crate::Error).
    pub async fn failed_events(&self) -> Result<FailedEvents> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Answer {
            #[serde(deserialize_with = "lenient::flag")]
            has_more: Option<bool>,
            #[serde(deserialize_with = "lenient::list")]
            failed_list: Vec<Map<String, Value>>,
        }
        let answer: Answer = self.call(&FAILED, Input::default()).await?;
        let mut failed = FailedEvents {
            events: Vec::new(),
            unreadable: Vec::new(),
            has_more: answer.has_more.unwrap_or(false),
        };
        for entry in answer.failed_list {
            let original = Value::Object(entry.clone()).to_string();
            match Event::parse(&Value::Object(flattened(entry)).to_string()) {
                Ok(event) => failed.events.push(event),
                Err(_) => failed.unreadable.extend(RawJson::parse(original)),
            }
        }
        Ok(failed)
    }
}

/// Brings an entry into the shape of a push.
///
/// The payload stands under a member named like the tag, and inside it once more under a member
/// that depends on the kind of event; simple events put their members directly beside `corpid`.
fn flattened(mut entry: Map<String, Value>) -> Map<String, Value> {
    let tag = entry.get("call_back_tag").and_then(Value::as_str).unwrap_or_default().to_owned();
    let Some(Value::Object(mut event)) = entry.remove(&tag) else { return entry };
    for wrapper in ["bpmsCallBackData", "roleLabelChange", "callbackData"] {
        if let Some(Value::Object(inner)) = event.remove(wrapper) {
            event.extend(inner);
        }
    }
    event.entry("EventType").or_insert_with(|| Value::String(tag));
    if let Some(time) = entry.remove("event_time") {
        event.entry("EventTime").or_insert(time);
    }
    event
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_the_list_may_consume_it() {
        assert_eq!(FAILED.idempotency, Idempotency::Idempotent);
    }
}
