//! Stream mode frame by frame, with paused time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod gateway;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dingtalk::callback::{Event, HandlerError};
use dingtalk::stream::{Change, Config, Listener, Push, Topic};
use dingtalk::{Client, ErrorKind, RawJson};
use futures_util::StreamExt as _;
use gateway::{Gateway, PATIENCE, Socket, TICKET, event, status, system};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

const SECRET: &str = "planted-app-secret";

/// A running listener, its gateway, and the handler's side.
struct Stage {
    gateway: Gateway,
    sockets: mpsc::UnboundedReceiver<Socket>,
    handler: Handler,
    changes: Arc<Mutex<Vec<Change>>>,
    stop: Option<oneshot::Sender<()>>,
    listener: JoinHandle<dingtalk::Result<()>>,
}

/// Notes the events it is given; waits for a permit before it is done.
#[derive(Clone)]
struct Handler {
    begun: Arc<Mutex<Vec<String>>>,
    done: Arc<AtomicUsize>,
    permits: Arc<Semaphore>,
    fails: Arc<AtomicBool>,
}

impl Handler {
    async fn handle(self, event: Event) -> Result<(), HandlerError> {
        let Event::Instance(event) = event else { panic!("an instance, found {event:?}") };
        self.begun.lock().unwrap().push(event.process_instance_id);
        self.permits.acquire().await?.forget();
        if self.fails.swap(false, Ordering::SeqCst) {
            return Err("the disk is full".into());
        }
        self.done.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn begun(&self) -> usize {
        self.begun.lock().unwrap().len()
    }

    async fn wait_until_begun(&self, count: usize) {
        self.wait_until(|handler| handler.begun() >= count).await;
    }

    async fn wait_until(&self, met: impl Fn(&Self) -> bool) {
        for _ in 0..10_000 {
            if met(self) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("nothing happened");
    }
}

fn client(gateway: &Gateway) -> Client {
    Client::builder("dingclient", SECRET)
        .api_base("https://api.test")
        .transport(gateway.clone())
        .build()
        .unwrap()
}

/// A listener whose handler is done at once.
fn start() -> Stage {
    start_with(1000, |listener| listener)
}

fn start_with(permits: usize, change: impl FnOnce(Listener) -> Listener) -> Stage {
    let (gateway, sockets) = Gateway::new();
    let handler = Handler {
        begun: Arc::default(),
        done: Arc::default(),
        permits: Arc::new(Semaphore::new(permits)),
        fails: Arc::default(),
    };
    let changes: Arc<Mutex<Vec<Change>>> = Arc::default();
    let (stop, stopped) = oneshot::channel::<()>();
    let (worker, log) = (handler.clone(), Arc::clone(&changes));
    let listener = client(&gateway)
        .stream()
        .on_event(move |event| worker.clone().handle(event))
        .on_change(move |change| log.lock().unwrap().push(change.clone()));
    let listener = change(listener).run(async move { drop(stopped.await) });
    let listener = tokio::spawn(listener);
    Stage { gateway, sockets, handler, changes, stop: Some(stop), listener }
}

impl Stage {
    async fn socket(&mut self) -> Socket {
        let next = tokio::time::timeout(PATIENCE, self.sockets.recv());
        next.await.expect("no connection came").unwrap()
    }

    /// The next connection, and how long it took.
    async fn next_socket(&mut self) -> (Socket, f64) {
        let started = Instant::now();
        let socket = self.socket().await;
        (socket, started.elapsed().as_secs_f64())
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn it_opens_a_connection_as_documented() {
    let config: Config = serde_json::from_value(json!({"local_ip": "10.34.22.11"})).unwrap();
    let mut stage = start_with(1, |listener| {
        let answer = |_: Push| async { Ok(RawJson::null()) };
        listener.on_callback(Topic::BotMessage, answer).config(config)
    });
    stage.socket().await;
    let (opens, handshakes) =
        stage.gateway.seen(|seen| (seen.opens.clone(), std::mem::take(&mut seen.handshakes)));
    let expected = json!({
        "clientId": "dingclient", "clientSecret": SECRET,
        "subscriptions": [
            {"type": "EVENT", "topic": "*"},
            {"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"},
        ],
        "ua": concat!("dingtalk-client-rs/", env!("CARGO_PKG_VERSION")),
        "localIp": "10.34.22.11",
    });
    assert_eq!(opens, [expected]);
    let handshake = &handshakes[0];
    assert_eq!(handshake.method(), "GET");
    assert_eq!(handshake.uri(), "https://gateway.test/connect?ticket=planted%2Fticket%2B1");
    for (name, value) in
        [("upgrade", "websocket"), ("connection", "Upgrade"), ("sec-websocket-version", "13")]
    {
        assert_eq!(handshake.headers()[name], value, "{name}");
    }
    assert!(!handshake.headers().contains_key("sec-websocket-protocol"));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_acknowledged_when_its_handler_is_done() {
    let mut stage = start_with(0, |listener| listener);
    let mut socket = stage.socket().await;
    socket.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    let ping = system("ping", &json!({"opaque": "123-dsfs"}));
    assert_eq!(socket.ask(&ping).await["data"], ping["data"], "pings do not wait for handlers");
    stage.handler.permits.add_permits(1);
    let expected = json!({
        "code": 200, "message": "OK",
        "headers": {"messageId": "m1", "contentType": "application/json"},
        "data": json!({"status": "SUCCESS", "message": "success"}).to_string(),
    });
    assert_eq!(socket.answer().await, expected);
    assert_eq!(*stage.handler.begun.lock().unwrap(), ["instance-e1"]);
    assert_eq!(*stage.changes.lock().unwrap(), [Change::Connected { after: None }]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_comes_twice_is_handled_once() {
    let mut stage = start_with(0, |listener| listener);
    let mut socket = stage.socket().await;
    socket.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    assert_eq!(status(&socket.ask(&event("e1", "m2")).await), "LATER", "it is being handled");
    stage.handler.permits.add_permits(1);
    assert_eq!(status(&socket.answer().await), "SUCCESS");
    assert_eq!(status(&socket.ask(&event("e1", "m3")).await), "SUCCESS");
    assert_eq!(stage.handler.begun(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_handler_failed_is_asked_for_again() {
    let mut stage = start();
    let mut socket = stage.socket().await;
    stage.handler.fails.store(true, Ordering::SeqCst);
    let answer = socket.ask(&event("e1", "m1")).await;
    assert_eq!((&answer["code"], status(&answer).as_str()), (&json!(200), "LATER"));
    assert!(!answer.to_string().contains("disk"), "no details to the outside");
    assert_eq!(status(&socket.ask(&event("e1", "m2")).await), "SUCCESS");
    assert_eq!((stage.handler.begun(), stage.handler.done.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn after_a_killed_socket_nothing_is_lost_and_nothing_done_twice() {
    let mut stage = start_with(0, |listener| listener);
    let mut socket = stage.socket().await;
    socket.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    drop(socket);
    let (mut socket, waited) = stage.next_socket().await;
    assert!((0.7..1.3).contains(&waited), "the first wait is about a second: {waited}");
    assert_eq!(status(&socket.ask(&event("e1", "m2")).await), "LATER", "its handler still runs");
    stage.handler.permits.add_permits(1);
    stage.handler.wait_until(|handler| handler.done.load(Ordering::SeqCst) == 1).await;
    assert_eq!(status(&socket.ask(&event("e1", "m3")).await), "SUCCESS");
    assert_eq!(stage.handler.begun(), 1);
    let changes = stage.changes.lock().unwrap().clone();
    assert!(matches!(changes[1], Change::Down { .. }), "{changes:?}");
    let Change::Connected { after: Some(gap) } = &changes[2] else { panic!("{changes:?}") };
    assert!((0.7..1.3).contains(&gap.as_secs_f64()));
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_answers_pings_and_delivers_nothing_is_replaced() {
    let mut stage = start();
    let mut silent = stage.socket().await;
    let server = tokio::spawn(async move { silent.close_code().await });
    let (mut socket, waited) = stage.next_socket().await;
    assert!((89.0..91.0).contains(&waited), "{waited}");
    assert_eq!(server.await.unwrap(), 1000, "the old one is closed properly");
    assert_eq!(status(&socket.ask(&event("e1", "m1")).await), "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn frames_of_any_kind_keep_a_connection() {
    let mut stage = start();
    let mut socket = stage.socket().await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(30)).await;
        socket.ask(&system("KEEPALIVE", &json!({}))).await;
    }
    assert_eq!(stage.gateway.seen(|seen| seen.opens.len()), 1);
}

#[tokio::test(start_paused = true)]
async fn the_watch_for_silence_can_be_switched_off() {
    let config: Config = serde_json::from_value(json!({"silence": 0})).unwrap();
    let mut stage = start_with(0, |listener| listener.config(config));
    let mut silent = stage.socket().await;
    tokio::spawn(async move { while silent.0.next().await.is_some() {} });
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(stage.gateway.seen(|seen| seen.opens.len()), 1);
}

#[tokio::test(start_paused = true)]
async fn a_frozen_socket_is_replaced() {
    let mut stage = start();
    let _frozen = stage.socket().await;
    let (_, waited) = stage.next_socket().await;
    assert!((70.0..72.0).contains(&waited), "60 s + 10 s + about a second: {waited}");
}

#[tokio::test(start_paused = true)]
async fn an_announced_end_is_followed_at_once_and_the_old_connection_finishes_its_work() {
    let mut stage = start_with(0, |listener| listener);
    let mut old = stage.socket().await;
    old.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    let mut end = system("disconnect", &json!({"reason": "connection is expired"}));
    end["headers"].as_object_mut().unwrap().remove("messageId");
    old.send(&end).await;
    let (mut new, waited) = stage.next_socket().await;
    assert!(waited < 0.1, "{waited}");
    new.send(&event("e2", "m2")).await;
    stage.handler.wait_until_begun(2).await;
    stage.handler.permits.add_permits(2);
    let answer = old.answer().await;
    assert_eq!(
        (&answer["headers"]["messageId"], status(&answer).as_str()),
        (&json!("m1"), "SUCCESS")
    );
    assert_eq!(old.close_code().await, 1000);
    assert_eq!(status(&new.answer().await), "SUCCESS");
    let changes = stage.changes.lock().unwrap().clone();
    assert_eq!(changes[1], Change::Down { reason: "connection is expired".into() });
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_ends_every_connection_is_not_stormed() {
    let mut stage = start();
    let started = Instant::now();
    for _ in 0..6 {
        let mut socket = stage.socket().await;
        socket.send(&system("disconnect", &json!({"reason": "again"}))).await;
    }
    stage.socket().await;
    let waited = started.elapsed().as_secs_f64();
    assert!(waited > 0.8 * f64::from(2 + 4 + 8 + 16 + 32), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn failures_to_connect_are_tried_again_with_growing_waits() {
    let mut stage = start();
    let throttled = json!({"code": "Forbidden.AccessDenied.QpsLimitForApi", "message": "slow"});
    stage.gateway.seen(|seen| {
        seen.refusals.push_back((500, json!({"code": "unknownError", "message": "x"})));
        seen.refusals.push_back((403, throttled));
        seen.refusals.push_back((200, json!({"endpoint": "wss://gateway.test/connect"})));
        seen.refusals.push_back((200, json!({"endpoint": "ws://gateway.test", "ticket": TICKET})));
        seen.handshake_refusals.push_back(401);
    });
    let (mut socket, waited) = stage.next_socket().await;
    assert_eq!(stage.gateway.seen(|seen| seen.opens.len()), 6);
    let full = f64::from(1 + 2 + 4 + 8 + 16);
    assert!((0.8 * full..1.2 * full + 0.1).contains(&waited), "{waited}");
    assert_eq!(status(&socket.ask(&event("e1", "m1")).await), "SUCCESS");
    let changes = stage.changes.lock().unwrap().clone();
    assert_eq!(changes.len(), 2, "one outage, however many attempts: {changes:?}");
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_end_it() {
    let mut stage = start();
    let refusal = json!({"code": "authFailed", "message": format!("鉴权失败 {SECRET}")});
    stage.gateway.seen(|seen| seen.refusals.push_back((401, refusal)));
    let error = (&mut stage.listener).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert_eq!(stage.gateway.seen(|seen| seen.opens.len()), 1);
    let text = format!("{error} {error:?}");
    assert!(text.contains("authFailed") && text.contains("connections/open"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_cannot_switch_protocols_is_a_configuration_error() {
    #[derive(Debug)]
    struct Plain(Gateway);

    #[async_trait::async_trait]
    impl dingtalk::Transport for Plain {
        async fn send(
            &self,
            request: erplink_core::transport::Request,
        ) -> Result<erplink_core::transport::Response, erplink_core::TransportError> {
            self.0.send(request).await
        }
    }

    let client = Client::builder("dingclient", SECRET)
        .api_base("https://api.test")
        .transport(Plain(Gateway::new().0))
        .build()
        .unwrap();
    let listener = client.stream().on_event(|_| async { Ok(()) });
    let error = listener.run(std::future::pending()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_handlers_finish_and_closes_the_connection() {
    let mut stage = start_with(0, |listener| listener);
    let mut socket = stage.socket().await;
    socket.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    stage.stop();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(!stage.listener.is_finished());
    stage.handler.permits.add_permits(1);
    assert_eq!(status(&socket.answer().await), "SUCCESS");
    assert_eq!(socket.close_code().await, 1000);
    (&mut stage.listener).await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_ever() {
    let mut stage = start_with(0, |listener| listener);
    let mut socket = stage.socket().await;
    socket.send(&event("e1", "m1")).await;
    stage.handler.wait_until_begun(1).await;
    stage.stop();
    let started = Instant::now();
    (&mut stage.listener).await.unwrap().unwrap();
    assert_eq!(started.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_a_wait_between_attempts() {
    let mut stage = start();
    stage.gateway.seen(|seen| {
        for _ in 0..20 {
            seen.refusals.push_back((503, json!({})));
        }
    });
    tokio::time::sleep(Duration::from_secs(100)).await;
    let started = Instant::now();
    stage.stop();
    (&mut stage.listener).await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn as_many_handlers_run_as_configured() {
    let config: Config = serde_json::from_value(json!({"handlers": 2})).unwrap();
    let mut stage = start_with(0, |listener| listener.config(config));
    let mut socket = stage.socket().await;
    for number in 0..5 {
        socket.send(&event(&format!("e{number}"), &format!("m{number}"))).await;
    }
    socket.ask(&system("ping", &json!({}))).await;
    assert_eq!(stage.handler.begun(), 2);
    stage.handler.permits.add_permits(5);
    for _ in 0..5 {
        assert_eq!(status(&socket.answer().await), "SUCCESS");
    }
    let order = stage.handler.begun.lock().unwrap().clone();
    assert_eq!(order, ["instance-e0", "instance-e1", "instance-e2", "instance-e3", "instance-e4"]);
}

#[tokio::test(start_paused = true)]
async fn odd_frames_are_answered_or_passed_over() {
    let mut stage = start();
    let mut socket = stage.socket().await;
    socket.text("garbage").await;
    socket.text("[]").await;
    socket.send(&json!({"errCode": 20001, "errMsg": "quota"})).await;
    let mut unreadable = event("e1", "m1");
    unreadable["data"] = json!("{\"type\":\"fin");
    assert_eq!(socket.ask(&unreadable).await["code"], 500);
    let headers = json!({"messageId": "m2", "topic": "/v1.0/card/instances/callback"});
    let card = json!({"type": "CALLBACK", "headers": headers, "data": "{}"});
    let answer = socket.ask(&card).await;
    assert_eq!((&answer["code"], &answer["data"]), (&json!(404), &json!("{}")));
    let future = json!({"type": "SOMETHING", "headers": {"messageId": "m3"}});
    assert_eq!(socket.ask(&future).await["code"], 404);
    // Without an id it cannot be acknowledged, but it is handled, and its repetition is known.
    let mut anonymous = event("e2", "m4");
    anonymous["headers"].as_object_mut().unwrap().remove("messageId");
    socket.send(&anonymous).await;
    stage.handler.wait_until_begun(1).await;
    assert_eq!(status(&socket.ask(&event("e2", "m5")).await), "SUCCESS");
    assert_eq!(stage.handler.begun(), 1);
    assert!(stage.changes.lock().unwrap().contains(&Change::QuotaUsedUp));
    assert_eq!(stage.gateway.seen(|seen| seen.opens.len()), 1);
}

#[tokio::test(start_paused = true)]
async fn a_frame_beyond_the_limit_ends_the_connection() {
    let config: Config = serde_json::from_value(json!({"max_frame_bytes": 1000})).unwrap();
    let mut stage = start_with(1, |listener| listener.config(config));
    let mut socket = stage.socket().await;
    socket.text(&"x".repeat(2000)).await;
    let (mut socket, _) = stage.next_socket().await;
    assert_eq!(status(&socket.ask(&event("e1", "m1")).await), "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn callbacks_are_answered_by_their_handlers() {
    let card = |push: Push| async move {
        let data: Value = push.data.get()?;
        if data["fails"] == true {
            return Err("no such card".into());
        }
        assert_eq!((&push.topic, push.message_id.as_deref()), (&Topic::CardAction, Some("m1")));
        Ok(RawJson::of(&json!({"cardData": {"state": "同意"}}))?)
    };
    let mut stage = start_with(1, |listener| listener.on_callback(Topic::CardAction, card));
    let mut socket = stage.socket().await;
    let push = |message: &str, data: Value| {
        let topic = "/v1.0/card/instances/callback";
        let headers = json!({"topic": topic, "messageId": message});
        json!({"type": "CALLBACK", "headers": headers, "data": data.to_string()})
    };
    let answer = socket.ask(&push("m1", json!({"userId": "manager4974"}))).await;
    let data: Value = serde_json::from_str(answer["data"].as_str().unwrap()).unwrap();
    assert_eq!(data, json!({"response": {"cardData": {"state": "同意"}}}));
    assert_eq!(socket.ask(&push("m2", json!({"fails": true}))).await["code"], 500);
}

/// Without a TLS feature: a configuration error, no panic.
#[cfg(not(any(feature = "rustls", feature = "native-tls", feature = "rustls-no-provider")))]
#[tokio::test]
async fn a_wss_endpoint_needs_a_tls_feature() {
    let server = wiremock::MockServer::start().await;
    let opened = json!({"endpoint": "wss://gateway.test/connect", "ticket": TICKET});
    wiremock::Mock::given(wiremock::matchers::method("POST"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(opened))
        .mount(&server)
        .await;
    let client = Client::builder("dingclient", SECRET)
        .api_base(server.uri())
        .oapi_base(server.uri())
        .build()
        .unwrap();
    let listener = client.stream().on_event(|_| async { Ok(()) });
    let error = listener.run(std::future::pending()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("feature"), "{error}");
}
