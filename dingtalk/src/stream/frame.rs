//! The frames of both directions, in every spelling seen.

use std::collections::BTreeMap;

use erplink_core::RawJson;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::callback::Event;
use crate::lenient::{self, Scalar};

/// The code of frames without content when the month's quota of pushes is used up.
const QUOTA_USED_UP: &str = "20001";

/// What kind of frame it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `SYSTEM` with the topic `ping`.
    Ping,
    /// `SYSTEM` with the topic `disconnect`.
    Disconnect,
    /// Any other `SYSTEM` frame: acknowledged and ignored.
    System,
    Event,
    Callback,
    /// No content but the error that the month's quota is used up.
    QuotaUsedUp,
    Unknown,
}

/// A frame from the server.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Frame {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    kind: Option<String>,
    /// One official sample has the other spelling.
    #[serde(default, alias = "header")]
    headers: Headers,
    /// JSON in a text; taken as an object, too.
    #[serde(default = "RawJson::null")]
    data: RawJson,
    #[serde(rename = "errCode", default)]
    error_code: Scalar,
    #[serde(rename = "errMsg", default, deserialize_with = "lenient::text")]
    error_message: Option<String>,
}

#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Headers {
    topic: Option<String>,
    message_id: Option<String>,
    event_type: Option<String>,
    event_id: Option<String>,
    event_corp_id: Option<String>,
    event_born_time: Option<String>,
}

impl Frame {
    /// Reads a frame.
    ///
    /// # Errors
    /// When the text is not a JSON object; says where.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        // A list would be taken as the members in their order.
        if !text.trim_start().starts_with('{') {
            return Err("expected a JSON object".to_owned());
        }
        erplink_core::json::decode(text.as_bytes()).map_err(|error| error.to_string())
    }

    pub(super) fn kind(&self) -> Kind {
        if self.error_code.clone().into_text().as_deref() == Some(QUOTA_USED_UP) {
            return Kind::QuotaUsedUp;
        }
        match (self.kind.as_deref(), self.topic()) {
            (Some("SYSTEM"), "ping") => Kind::Ping,
            (Some("SYSTEM"), "disconnect") => Kind::Disconnect,
            (Some("SYSTEM"), _) => Kind::System,
            (Some("EVENT"), _) => Kind::Event,
            (Some("CALLBACK"), _) => Kind::Callback,
            _ => Kind::Unknown,
        }
    }

    pub(super) fn topic(&self) -> &str {
        self.headers.topic.as_deref().unwrap_or_default()
    }

    pub(super) fn message_id(&self) -> Option<&str> {
        self.headers.message_id.as_deref()
    }

    pub(super) fn error_message(&self) -> &str {
        self.error_message.as_deref().unwrap_or_default()
    }

    /// The text of `data` as it has to be echoed.
    pub(super) fn data_text(&self) -> String {
        self.data.get::<String>().unwrap_or_else(|_| self.data.as_str().to_owned())
    }

    /// The content of a callback.
    ///
    /// # Errors
    /// When `data` is not JSON.
    pub(super) fn content(&self) -> Result<RawJson, String> {
        RawJson::parse(self.data_text()).map_err(|error| format!("`data` is not JSON: {error}"))
    }

    /// Why a connection is about to be closed.
    pub(super) fn reason(&self) -> String {
        let data: Option<Value> = serde_json::from_str(&self.data_text()).ok();
        let reason = data.as_ref().and_then(|data| data.get("reason")).and_then(Value::as_str);
        reason.unwrap_or("no reason given").to_owned()
    }

    /// The event, in the shape of an HTTP push: headers and `data` put together.
    ///
    /// # Errors
    /// When `data` is not the JSON of an event.
    pub(super) fn event(&self) -> Result<Event, String> {
        type Members = BTreeMap<String, RawJson>;
        let text = self.data_text();
        let members = |text: &str| {
            serde_json::from_str::<Members>(text)
                .map_err(|error| format!("`data` is not a JSON object: {error}"))
        };
        let mut event = members(&text)?;
        let mut headers = self.headers.clone();
        // The outer object that the documentation of the events shows.
        if event.contains_key("eventType")
            && let Some(inner) = event.remove("data")
            && inner.as_str().starts_with('{')
        {
            headers = serde_json::from_str(&text).unwrap_or(headers);
            event = members(inner.as_str())?;
        }
        let Headers { event_type, event_id, event_corp_id, event_born_time, .. } = headers;
        for (name, value) in [
            ("EventType", event_type),
            ("eventId", event_id),
            ("CorpId", event_corp_id),
            ("EventTime", event_born_time),
        ] {
            if let Some(value) = value.and_then(|value| RawJson::of(&value).ok()) {
                event.entry(name.to_owned()).or_insert(value);
            }
        }
        let event = serde_json::to_string(&event).map_err(|error| error.to_string())?;
        Event::parse(&event).map_err(|error| error.to_string())
    }
}

/// What the server is told about a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// An event is stored or handled.
    Success,
    /// An event is to be pushed again.
    Later(&'static str),
    /// A callback's answer.
    Response(RawJson),
    /// The text of `data` comes back.
    Echo(String),
    /// Nobody here handles it.
    NotFound,
    /// It cannot be read, or its handler failed.
    Failed(&'static str),
}

impl Answer {
    /// The frame that carries it.
    pub(super) fn frame(&self, message_id: &str) -> String {
        let status =
            |status: &str, message: &str| json!({"status": status, "message": message}).to_string();
        let (code, message, data) = match self {
            Self::Success => (200, "OK", status("SUCCESS", "success")),
            Self::Later(why) => (200, "OK", status("LATER", why)),
            Self::Response(answer) => (200, "OK", format!(r#"{{"response":{answer}}}"#)),
            Self::Echo(data) => (200, "OK", data.clone()),
            Self::NotFound => (404, "not found", "{}".to_owned()),
            Self::Failed(why) => (500, *why, "{}".to_owned()),
        };
        let headers = json!({"messageId": message_id, "contentType": "application/json"});
        json!({"code": code, "message": message, "headers": headers, "data": data}).to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::callback::{InstanceChange, InstanceResultKind};

    /// The sample of the documentation.
    const EVENT: &str = r#"{"specVersion":"1.0","type":"EVENT",
 "headers":{"topic":"*","messageId":"213d841d_972_1898bb26334_70a7","contentType":"application/json","time":"1693221579964",
   "eventType":"bpms_instance_change","eventId":"c7c7120f2c07419aebdba0318c8","eventCorpId":"ding9f50b15bxxxx16741",
   "eventBornTime":"1683533823336","eventUnifiedAppId":"bbb381b6-f01xxxxx58daac"},
 "data":"{\"type\":\"finish\",\"result\":\"agree\",\"processInstanceId\":\"9Qgx5Q\",\"processCode\":\"PROC-xxx\",\"createTime\":1495592272000,\"finishTime\":1495592305000,\"title\":\"自测-1016\",\"staffId\":\"manager75\",\"businessId\":\"2021\",\"bizCategoryId\":\"\"}"}"#;

    fn instance(frame: &str) -> crate::callback::InstanceEvent {
        match Frame::read(frame).unwrap().event() {
            Ok(Event::Instance(event)) => event,
            other => panic!("expected an instance, found {other:?}"),
        }
    }

    #[test]
    fn an_event_reads_as_from_http() {
        let event = instance(EVENT);
        assert_eq!(event.change, InstanceChange::Finished(Some(InstanceResultKind::Agree)));
        assert_eq!(event.process_instance_id, "9Qgx5Q");
        assert_eq!(event.finish_time, Some(1_495_592_305_000));
        assert_eq!(event.meta.event_id.as_deref(), Some("c7c7120f2c07419aebdba0318c8"));
        assert_eq!(event.meta.corp_id.as_deref(), Some("ding9f50b15bxxxx16741"));
        assert_eq!(event.meta.event_time, Some(1_683_533_823_336));
        assert_eq!(Event::Instance(event).dedup_key(), "c7c7120f2c07419aebdba0318c8");
    }

    #[test]
    fn other_spellings_read_the_same() {
        let expected = instance(EVENT);
        let spelt = EVENT.replace("\"headers\"", "\"header\"").replace("\"*\"", "\"dingTalk\"");
        assert_eq!(instance(&spelt), expected);
        let number = EVENT.replace("\"time\":\"1693221579964\"", "\"time\":1693221579964");
        assert_eq!(instance(&number), expected);
        let mut nested: Value = serde_json::from_str(EVENT).unwrap();
        let inner: Value = serde_json::from_str(nested["data"].as_str().unwrap()).unwrap();
        let mut outer = nested["headers"].clone();
        outer["data"] = inner;
        nested["data"] = json!(outer.to_string());
        nested["headers"] = json!({"topic": "*", "messageId": "m"});
        let event = instance(&nested.to_string());
        assert_eq!((event.change, event.meta), (expected.change, expected.meta));
    }

    #[test]
    fn what_is_no_event_says_why() {
        for (data, why) in [
            ("\"{\\\"type\\\":\"", "`data` is not a JSON object"),
            ("\"{}\"", "processInstanceId"),
            ("null", "`data` is not a JSON object"),
        ] {
            let frame = format!(
                r#"{{"type":"EVENT","headers":{{"eventType":"bpms_task_change"}},"data":{data}}}"#
            );
            let error = Frame::read(&frame).unwrap().event().unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn frames_are_told_apart() {
        let kind = |text: &str| Frame::read(text).unwrap().kind();
        assert_eq!(kind(EVENT), Kind::Event);
        assert_eq!(kind(r#"{"type":"SYSTEM","headers":{"topic":"ping"}}"#), Kind::Ping);
        let end = r#"{"type":"SYSTEM","headers":{"topic":"disconnect"},"data":"{\"reason\":\"connection is expired\"}"}"#;
        assert_eq!(kind(end), Kind::Disconnect);
        assert_eq!(Frame::read(end).unwrap().reason(), "connection is expired");
        assert_eq!(kind(r#"{"type":"SYSTEM","headers":{"topic":"KEEPALIVE"}}"#), Kind::System);
        assert_eq!(kind(r#"{"type":"CALLBACK"}"#), Kind::Callback);
        assert_eq!(kind(r#"{"errCode":20001,"errMsg":"quota"}"#), Kind::QuotaUsedUp);
        assert_eq!(kind("{}"), Kind::Unknown);
        assert!(Frame::read("garbage").is_err() && Frame::read("[]").is_err());
    }

    #[test]
    fn answers_are_spelt_as_documented() {
        assert_eq!(
            serde_json::from_str::<Value>(&Answer::Success.frame("m")).unwrap(),
            json!({
                "code": 200, "message": "OK",
                "headers": {"messageId": "m", "contentType": "application/json"},
                "data": r#"{"message":"success","status":"SUCCESS"}"#,
            })
        );
        let data = |answer: Answer| {
            let frame: Value = serde_json::from_str(&answer.frame("m")).unwrap();
            (frame["code"].as_u64().unwrap(), frame["data"].as_str().unwrap().to_owned())
        };
        assert_eq!(data(Answer::NotFound), (404, "{}".to_owned()));
        assert_eq!(data(Answer::Echo("{\"opaque\":\"1\"}".into())).1, "{\"opaque\":\"1\"}");
        assert_eq!(data(Answer::Response(RawJson::null())).1, r#"{"response":null}"#);
        assert!(data(Answer::Later("busy")).1.contains("LATER"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*", data in ".*") {
            let _ = Frame::read(&text);
            let frame = json!({"type": "EVENT", "headers": {"eventType": text}, "data": data});
            if let Ok(frame) = Frame::read(&frame.to_string()) {
                let _ = (frame.event(), frame.content(), frame.reason(), frame.kind());
            }
        }
    }
}
