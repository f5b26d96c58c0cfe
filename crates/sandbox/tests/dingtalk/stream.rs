//! Stream mode with a WebSocket client that is not ours.

use std::time::Duration;

use erplink_sandbox::dingtalk::{
    Callback, FrameFault, Options, PushFault, SocketFault, StreamOptions, StreamSubscription,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{self, Message};

use crate::receiver::{AES_KEY, Receiver, TOKEN};
use crate::support::{PURCHASING_HEAD, Stage, send, stage, stage_with};

const OPEN: &str = "/v1.0/gateway/connections/open";

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn text(&mut self) -> String {
        loop {
            if let Message::Text(text) = self.0.next().await.unwrap().unwrap() {
                return text.to_string();
            }
        }
    }

    async fn frame(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    async fn answer(&mut self, frame: &Value, code: u16, data: &Value) {
        let headers = json!({
            "messageId": frame["headers"]["messageId"], "contentType": "application/json",
        });
        let answer = json!({
            "code": code, "message": "OK", "headers": headers, "data": data.to_string(),
        });
        self.0.send(Message::text(answer.to_string())).await.unwrap();
    }

    async fn acknowledge(&mut self, frame: &Value) {
        self.answer(frame, 200, &json!({"status": "SUCCESS", "message": "success"})).await;
    }

    /// Whether the connection ended, and not by a close frame.
    async fn is_broken(&mut self) -> bool {
        !matches!(self.0.next().await, Some(Ok(_)))
    }
}

async fn open(stage: &Stage, subscriptions: Value) -> (u16, Value) {
    let body = json!({
        "clientId": stage.dingtalk.client_id(),
        "clientSecret": stage.dingtalk.client_secret(),
        "subscriptions": subscriptions,
        "ua": "test/1", "localIp": "127.0.0.1",
    });
    post(stage, &body, "application/json").await
}

async fn post(stage: &Stage, body: &Value, accept: &str) -> (u16, Value) {
    let request = stage.http.post(format!("{}{OPEN}", stage.dingtalk.api_url()));
    let request = request.header("content-type", "application/json").header("accept", accept);
    send(request.body(body.to_string())).await
}

async fn handshake(opened: &Value) -> Result<Client, tungstenite::Error> {
    let endpoint = opened["endpoint"].as_str().unwrap();
    let host = endpoint.strip_prefix("ws://").unwrap().split('/').next().unwrap();
    let url = format!("{endpoint}?ticket={}", opened["ticket"].as_str().unwrap());
    let tcp = TcpStream::connect(host).await.unwrap();
    Ok(Client(tokio_tungstenite::client_async(url, tcp).await?.0))
}

fn events() -> Value {
    json!([{"type": "EVENT", "topic": "*"}])
}

async fn connected(stage: &Stage) -> Client {
    let before = stage.dingtalk.stream_connections_opened();
    let (status, opened) = open(stage, events()).await;
    assert_eq!(status, 200, "{opened}");
    let client = handshake(&opened).await.unwrap();
    stage.dingtalk.wait_for_stream_connection(before + 1).await;
    client
}

/// A platform that pushes the ends of instances, and nothing without being asked.
async fn subscribed() -> Stage {
    let stream = StreamOptions { ping_every: None, ..StreamOptions::default() };
    let stage = stage_with(Options { stream, ..Options::default() }).await;
    let filters = vec!["/v1.0/event/bpms_instance_change/**/type/{finish,terminate}".to_owned()];
    stage
        .dingtalk
        .subscribe_stream(StreamSubscription { filters, ..StreamSubscription::default() });
    stage
}

async fn approve_one(stage: &Stage) -> String {
    let id = stage.create(&stage.purchase_request()).await;
    stage.dingtalk.approve(&id, PURCHASING_HEAD, "同意").unwrap();
    id
}

#[tokio::test]
async fn an_event_travels_as_documented_and_is_acknowledged_once() {
    let stage = subscribed().await;
    let mut client = connected(&stage).await;
    let id = approve_one(&stage).await;
    let frame = client.frame().await;
    assert_eq!((&frame["specVersion"], &frame["type"]), (&json!("1.0"), &json!("EVENT")));
    let headers = &frame["headers"];
    assert_eq!(
        (&headers["topic"], &headers["eventType"]),
        (&json!("*"), &json!("bpms_instance_change"))
    );
    assert_eq!(headers["eventCorpId"], json!(stage.dingtalk.corp_id()));
    for text in
        ["messageId", "contentType", "time", "eventId", "eventBornTime", "eventUnifiedAppId"]
    {
        assert!(headers[text].is_string(), "{text}");
    }
    let data: Value = serde_json::from_str(frame["data"].as_str().unwrap()).unwrap();
    assert_eq!((&data["type"], &data["result"]), (&json!("finish"), &json!("agree")));
    assert_eq!(data["processInstanceId"], json!(id));
    for elsewhere in ["EventType", "eventId", "EventTime", "CorpId", "BizId"] {
        assert!(data.get(elsewhere).is_none(), "{elsewhere} stands in the headers");
    }
    client.acknowledge(&frame).await;
    stage.dingtalk.settled().await;
    stage.clock.advance(Duration::from_secs(3600));
    let pushes = stage.dingtalk.stream_pushes();
    assert_eq!(pushes.len(), 1);
    assert_eq!(pushes[0].answer.as_deref(), Some("SUCCESS"));
}

#[tokio::test]
async fn what_is_not_acknowledged_comes_again() {
    let stage = subscribed().await;
    let mut client = connected(&stage).await;
    approve_one(&stage).await;
    let first = client.frame().await;
    let later = json!({"status": "LATER", "message": "busy"});
    client.answer(&first, 200, &later).await;
    stage.dingtalk.settled().await;
    stage.clock.advance(Duration::from_secs(61));
    let second = client.frame().await;
    assert_eq!(second["headers"]["eventId"], first["headers"]["eventId"]);
    assert_ne!(second["headers"]["messageId"], first["headers"]["messageId"]);
    // Nobody answers, the connection breaks: the next one gets it.
    drop(client);
    let mut client = connected(&stage).await;
    stage.clock.advance(Duration::from_secs(61));
    let third = client.frame().await;
    client.acknowledge(&third).await;
    stage.dingtalk.settled().await;
    let pushes = stage.dingtalk.stream_pushes();
    let attempts: Vec<_> = pushes.iter().map(|one| (one.attempt, one.connection)).collect();
    assert_eq!(attempts, [(1, 1), (2, 1), (3, 2)]);
    assert_eq!(pushes[0].answer.as_deref(), Some("LATER"));
}

#[tokio::test]
async fn an_event_waits_for_a_connection_but_not_for_ever() {
    let mut stage = subscribed().await;
    approve_one(&stage).await;
    let mut client = connected(&stage).await;
    client.frame().await;
    stage.clock.advance(Duration::from_secs(3601));
    stage.dingtalk.settled().await;
    assert_eq!(stage.dingtalk.stream_pushes().len(), 1, "dropped after an hour");
    drop(client);

    approve_one(&stage).await;
    stage.clock.advance(Duration::from_secs(3601));
    stage.token = stage.fetch_token().await;
    let mut client = connected(&stage).await;
    let third = approve_one(&stage).await;
    assert!(client.frame().await["data"].as_str().unwrap().contains(&third));
}

#[tokio::test]
async fn a_ticket_works_once_and_for_ninety_seconds() {
    let stage = subscribed().await;
    let (_, opened) = open(&stage, events()).await;
    handshake(&opened).await.unwrap();
    let refused = |result: Result<Client, tungstenite::Error>| match result {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        _ => panic!("the handshake should be refused with a status"),
    };
    assert_eq!(refused(handshake(&opened).await), 401);
    let (_, opened) = open(&stage, events()).await;
    stage.clock.advance(Duration::from_secs(91));
    assert_eq!(refused(handshake(&opened).await), 401);
}

#[tokio::test]
async fn opening_is_refused_for_wrong_credentials_and_wrong_subscriptions() {
    let stage = stage().await;
    let wrong = json!({
        "clientId": stage.dingtalk.client_id(), "clientSecret": "x", "subscriptions": events(),
    });
    let (status, body) = post(&stage, &wrong, "application/json").await;
    assert_eq!((status, &body["code"]), (401, &json!("authFailed")));
    assert_eq!(post(&stage, &wrong, "*/*").await.0, 501, "the platform would answer with XML");
    for subscriptions in [json!([]), json!(null), json!([{"type": "EVENT", "topic": "bpms"}])] {
        let (status, body) = open(&stage, subscriptions).await;
        assert_eq!((status, &body["code"]), (400, &json!("invalidParameter")));
    }
    let (status, _) = send(stage.http.get(format!("{}/connect", stage.dingtalk.api_url()))).await;
    assert_eq!(status, 400, "no handshake");
}

#[tokio::test]
async fn system_frames_ping_and_announce_the_end() {
    let stage = subscribed().await;
    let mut client = connected(&stage).await;
    stage.dingtalk.ping_stream();
    let ping = client.frame().await;
    assert_eq!((&ping["type"], &ping["headers"]["topic"]), (&json!("SYSTEM"), &json!("ping")));
    let opaque: Value = serde_json::from_str(ping["data"].as_str().unwrap()).unwrap();
    assert!(opaque["opaque"].is_string());
    client.answer(&ping, 200, &opaque).await;
    let echoed = stage.dingtalk.wait_for_stream_answer(|_| true).await;
    assert_eq!(echoed["data"], ping["data"]);

    stage.dingtalk.disconnect_stream("connection is expired");
    let end = client.frame().await;
    assert_eq!(end["headers"]["topic"], "disconnect");
    assert!(end["headers"].get("messageId").is_none());
    approve_one(&stage).await;
    assert!(stage.dingtalk.stream_pushes().is_empty(), "nothing is delivered any more");
    stage.clock.advance(Duration::from_secs(11));
    assert!(matches!(client.0.next().await, Some(Ok(Message::Close(_)))));
    let mut next = connected(&stage).await;
    assert_eq!(next.frame().await["type"], "EVENT", "the next connection gets it");
}

#[tokio::test]
async fn pings_come_by_themselves() {
    let stage = stage().await;
    let mut client = connected(&stage).await;
    stage.clock.advance(Duration::from_secs(26));
    assert_eq!(client.frame().await["headers"]["topic"], "ping");
    stage.clock.advance(Duration::from_secs(26));
    assert_eq!(client.frame().await["headers"]["topic"], "ping");
}

#[tokio::test]
async fn connections_break_in_three_ways() {
    let stage = subscribed().await;
    let mut killed = connected(&stage).await;
    stage.dingtalk.break_stream(SocketFault::Kill);
    assert!(killed.is_broken().await);

    let mut silent = connected(&stage).await;
    stage.dingtalk.break_stream(SocketFault::Silence);
    approve_one(&stage).await;
    silent.0.send(Message::Ping("hello".into())).await.unwrap();
    // The pong is the first thing that comes: the event was swallowed.
    assert!(matches!(silent.0.next().await, Some(Ok(Message::Pong(_)))));
    assert_eq!(stage.dingtalk.stream_pushes().len(), 1);

    stage.dingtalk.break_stream(SocketFault::Freeze);
    stage.dingtalk.break_stream(SocketFault::Kill);
    assert!(silent.is_broken().await, "a frozen connection can still be killed");
}

#[tokio::test]
async fn events_come_twice_and_in_another_order_on_demand() {
    let stage = subscribed().await;
    let mut client = connected(&stage).await;
    stage.dingtalk.arrange_push_fault(PushFault::Duplicate);
    approve_one(&stage).await;
    let (one, two) = (client.frame().await, client.frame().await);
    assert_eq!(one["headers"]["eventId"], two["headers"]["eventId"]);
    stage.dingtalk.arrange_push_fault(PushFault::OutOfOrder);
    let first = approve_one(&stage).await;
    let second = approve_one(&stage).await;
    for expected in [second, first] {
        assert!(client.frame().await["data"].as_str().unwrap().contains(&expected));
    }
}

#[tokio::test]
async fn frames_are_odd_on_demand() {
    let stage = subscribed().await;
    let mut client = connected(&stage).await;
    for fault in [
        FrameFault::HeaderSpelling,
        FrameFault::NoMessageId,
        FrameFault::Nested,
        FrameFault::BrokenData,
    ] {
        stage.dingtalk.arrange_frame_fault(fault);
        approve_one(&stage).await;
    }
    assert!(client.frame().await["header"]["messageId"].is_string());
    assert!(client.frame().await["headers"].get("messageId").is_none());
    let nested = client.frame().await;
    let nested: Value = serde_json::from_str(nested["data"].as_str().unwrap()).unwrap();
    assert_eq!(nested["eventType"], "bpms_instance_change");
    assert_eq!(nested["data"]["type"], "finish");
    let broken = client.frame().await;
    assert!(serde_json::from_str::<Value>(broken["data"].as_str().unwrap()).is_err());
    stage.dingtalk.send_stream_text("garbage");
    assert_eq!(client.text().await, "garbage");
}

#[tokio::test]
async fn callbacks_go_to_those_who_asked_for_the_topic() {
    const TOPIC: &str = "/v1.0/im/bot/messages/get";
    let stage = subscribed().await;
    let data = json!({"text": {"content": "你好"}});
    assert!(stage.dingtalk.push_stream_callback(TOPIC, &data).is_err());
    let (_, opened) = open(&stage, json!([{"type": "CALLBACK", "topic": TOPIC}])).await;
    let mut client = handshake(&opened).await.unwrap();
    stage.dingtalk.wait_for_stream_connection(1).await;
    let id = stage.dingtalk.push_stream_callback(TOPIC, &data).unwrap();
    let frame = client.frame().await;
    assert_eq!((&frame["type"], &frame["headers"]["topic"]), (&json!("CALLBACK"), &json!(TOPIC)));
    assert_eq!(frame["headers"]["messageId"], json!(id));
    approve_one(&stage).await;
    assert!(stage.dingtalk.stream_pushes().is_empty(), "it did not ask for events");
}

#[tokio::test]
async fn an_app_has_one_push_type() {
    let stage = subscribed().await;
    let receiver = Receiver::start(&stage.clock, &stage.dingtalk.client_id()).await;
    let mut client = connected(&stage).await;
    let callback = Callback::new(receiver.url(), TOKEN, AES_KEY);
    stage.dingtalk.configure_callback(callback).await.unwrap();
    approve_one(&stage).await;
    stage.dingtalk.settled().await;
    assert!(stage.dingtalk.stream_pushes().is_empty() && !receiver.events().is_empty());
    stage.dingtalk.subscribe_stream(StreamSubscription::default());
    assert_eq!(stage.dingtalk.callback_url(), None);
    approve_one(&stage).await;
    assert_eq!(client.frame().await["type"], "EVENT");
}
