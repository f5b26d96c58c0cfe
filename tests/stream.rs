//! Stream mode against the sandbox: connections break in every way, nothing is lost and nothing is
//! done twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use dingtalk::Clock;
use dingtalk::callback::{Event, HandlerError, InstanceChange, InstanceResultKind};
use erplink_sandbox::dingtalk::{
    DingTalk, FrameFault, Limits, Options, PushFault, SocketFault, StreamOptions,
    StreamSubscription,
};
use erplink_sandbox::{Fault, Sandbox};
use erplink_tests::MANAGER;
use http::{Method, StatusCode};
use serde_json::json;
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::task::JoinHandle;

const CONNECT: &str = "/connect";
const OPEN: &str = "/v1.0/gateway/connections/open";

/// The clock of the sandbox; who sleeps waits until a test moves it.
#[derive(Clone, Debug)]
struct WaitingClock {
    clock: erplink_sandbox::Clock,
    start: Instant,
    start_utc: DateTime<Utc>,
}

impl Clock for WaitingClock {
    fn now(&self) -> Instant {
        let elapsed = self.clock.now().signed_duration_since(self.start_utc);
        self.start + elapsed.to_std().unwrap_or_default()
    }

    fn utc(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clock.clone();
        Box::pin(async move { clock.sleep(duration).await })
    }
}

/// What an ERP would do with decisions: counts how often each instance was written.
#[derive(Clone)]
struct Erp {
    written: Arc<Mutex<BTreeMap<String, usize>>>,
    failures: Arc<Mutex<usize>>,
    /// Handlers wait here when the gate is closed.
    gate: Arc<Semaphore>,
    changed: Arc<Notify>,
    begun: Arc<Mutex<usize>>,
}

impl Erp {
    async fn handle(self, event: Event) -> Result<(), HandlerError> {
        let Event::Instance(event) = event else { panic!("an instance, found {event:?}") };
        *self.begun.lock().unwrap() += 1;
        self.changed.notify_waiters();
        drop(self.gate.acquire().await?);
        {
            let mut failures = self.failures.lock().unwrap();
            if *failures > 0 {
                *failures -= 1;
                return Err("the ERP is down".into());
            }
        }
        assert_eq!(event.change, InstanceChange::Finished(Some(InstanceResultKind::Agree)));
        *self.written.lock().unwrap().entry(event.process_instance_id).or_default() += 1;
        self.changed.notify_waiters();
        Ok(())
    }

    fn written(&self) -> BTreeMap<String, usize> {
        self.written.lock().unwrap().clone()
    }

    async fn wait(&self, met: impl Fn(&Self) -> bool) {
        loop {
            let changed = self.changed.notified();
            if met(self) {
                return;
            }
            changed.await;
        }
    }

    async fn wait_until_written(&self, count: usize) {
        self.wait(|erp| erp.written().len() >= count).await;
    }
}

struct Stage {
    sandbox: Sandbox,
    erp: Erp,
    client: dingtalk::Client,
    stop: Option<oneshot::Sender<()>>,
    listener: JoinHandle<dingtalk::Result<()>>,
}

/// A listener for the ends of instances, connected.
async fn start() -> Stage {
    let limits = Limits { per_second: 1_000_000, per_month: 1_000_000 };
    let stream = StreamOptions { retention: None, ..StreamOptions::default() };
    let options = Options { limits, stream, ..Options::default() };
    let sandbox = Box::pin(Sandbox::builder().dingtalk(options).start()).await.unwrap();
    let office = sandbox.dingtalk();
    let filters = vec!["/v1.0/event/bpms_instance_change/**/type/finish".to_owned()];
    office.subscribe_stream(StreamSubscription { filters, ..StreamSubscription::default() });
    let clock = sandbox.clock().clone();
    let clock = WaitingClock { start: Instant::now(), start_utc: clock.now(), clock };
    let client = dingtalk::Client::builder(office.client_id(), office.client_secret())
        .api_base(office.api_url())
        .oapi_base(office.oapi_url())
        .calls_per_second(1_000_000)
        .clock(clock)
        .build()
        .unwrap();
    let erp = Erp {
        written: Arc::default(),
        failures: Arc::default(),
        gate: Arc::new(Semaphore::new(1000)),
        changed: Arc::default(),
        begun: Arc::default(),
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let worker = erp.clone();
    let listener = client.stream().on_event(move |event| worker.clone().handle(event));
    let listener = tokio::spawn(listener.run(async move { drop(stopped.await) }));
    office.wait_for_stream_connection(1).await;
    Stage { sandbox, erp, client, stop: Some(stop), listener }
}

impl Stage {
    fn office(&self) -> &DingTalk {
        self.sandbox.dingtalk()
    }

    /// An instance that was approved: one event.
    fn approve_one(&self) -> String {
        let office = self.office();
        let form = json!({"来源单号": "1024", "物料明细": [{"物料编码": "A-001", "数量": 10}]});
        let code = office.process_code("采购申请").unwrap();
        let id = office.start_by_hand(&code, "manager4974", &form).unwrap();
        office.approve(&id, MANAGER, "同意").unwrap();
        id
    }

    fn advance(&self, seconds: u64) {
        self.sandbox.clock().advance(Duration::from_secs(seconds));
    }

    /// Lets simulated time pass, a little after every call, until so many documents are written.
    async fn pass_time_until_written(&self, count: usize) {
        for _ in 0..3000 {
            if self.erp.written().len() >= count {
                return;
            }
            self.advance(5);
            // The answer to a call takes as long as the other tasks need for theirs.
            for _ in 0..3 {
                self.client.workflow().todo_count(MANAGER).await.unwrap();
            }
        }
        panic!("{} of {count} after four hours", self.erp.written().len());
    }

    async fn shut_down(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.listener.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_decision_arrives_and_is_acknowledged() {
    let stage = start().await;
    let id = stage.approve_one();
    stage.erp.wait_until_written(1).await;
    stage.office().settled().await;
    assert_eq!(stage.erp.written(), BTreeMap::from([(id, 1)]));
    assert_eq!(stage.office().stream_pushes()[0].answer.as_deref(), Some("SUCCESS"));
    let office = stage.office().clone();
    stage.shut_down().await;
    assert_eq!(office.stream_pushes().len(), 1);
}

#[tokio::test]
async fn a_killed_socket_loses_nothing_and_does_nothing_twice() {
    let stage = start().await;
    let gate = stage.erp.gate.acquire_many(1000).await.unwrap();
    stage.approve_one();
    stage.erp.wait(|erp| *erp.begun.lock().unwrap() == 1).await;
    stage.office().break_stream(SocketFault::Kill);
    drop(gate);
    stage.erp.wait_until_written(1).await;
    stage.approve_one();
    stage.pass_time_until_written(2).await;
    stage.advance(61);
    stage.office().settled().await;
    assert!(stage.erp.written().values().all(|times| *times == 1), "{:?}", stage.erp.written());
    let pushes = stage.office().stream_pushes();
    assert_eq!(pushes.last().unwrap().answer.as_deref(), Some("SUCCESS"));
}

#[tokio::test]
async fn a_silent_and_a_frozen_socket_are_found_out() {
    for fault in [SocketFault::Silence, SocketFault::Freeze] {
        let stage = start().await;
        stage.office().break_stream(fault);
        let id = stage.approve_one();
        stage.pass_time_until_written(1).await;
        assert_eq!(stage.erp.written(), BTreeMap::from([(id, 1)]), "{fault:?}");
        assert!(stage.office().stream_connections_opened() > 1);
    }
}

#[tokio::test]
async fn an_announced_end_costs_nothing() {
    let stage = start().await;
    let gate = stage.erp.gate.acquire_many(1000).await.unwrap();
    stage.approve_one();
    stage.erp.wait(|erp| *erp.begun.lock().unwrap() == 1).await;
    stage.office().disconnect_stream("connection is expired");
    // The clock stands still: the next connection is opened at once.
    stage.office().wait_for_stream_connection(2).await;
    stage.approve_one();
    drop(gate);
    stage.erp.wait_until_written(2).await;
    stage.office().settled().await;
    let pushes = stage.office().stream_pushes();
    let connections: Vec<_> = pushes.iter().map(|push| push.connection).collect();
    assert_eq!(connections, [1, 2], "each was pushed once");
    assert!(pushes.iter().all(|push| push.answer.as_deref() == Some("SUCCESS")), "{pushes:?}");
}

#[tokio::test]
async fn a_double_delivery_is_written_once_and_a_failure_comes_again() {
    let stage = start().await;
    stage.office().arrange_push_fault(PushFault::Duplicate);
    stage.approve_one();
    stage.erp.wait_until_written(1).await;
    stage.advance(61);
    stage.office().settled().await;
    *stage.erp.failures.lock().unwrap() = 1;
    stage.approve_one();
    stage.pass_time_until_written(2).await;
    assert!(stage.erp.written().values().all(|times| *times == 1));
    let answers: Vec<_> =
        stage.office().stream_pushes().into_iter().filter_map(|push| push.answer).collect();
    assert!(answers.contains(&"LATER".to_owned()), "{answers:?}");
}

#[tokio::test]
async fn every_oddity_of_the_platform_at_once() {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| u64::try_from(Utc::now().timestamp_micros()).unwrap_or_default());
    println!("SEED={seed}");
    let mut state = seed;
    let mut draw = move |below: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let stage = start().await;
    let office = stage.office();
    let faults = office.faults_api();
    for round in 1..=40 {
        match draw(14) {
            0 => office.break_stream(SocketFault::Kill),
            1 => office.break_stream(SocketFault::Silence),
            2 => office.break_stream(SocketFault::Freeze),
            3 => office.disconnect_stream("connection is expired"),
            4 => office.arrange_push_fault(PushFault::Duplicate),
            5 => office.arrange_frame_fault(FrameFault::HeaderSpelling),
            6 => office.arrange_frame_fault(FrameFault::NoMessageId),
            7 => office.arrange_frame_fault(FrameFault::Nested),
            8 => office.arrange_frame_fault(FrameFault::BrokenData),
            9 => *stage.erp.failures.lock().unwrap() += 2,
            10 => {
                faults.push(Fault::reset_after(Method::GET, CONNECT));
                office.break_stream(SocketFault::Kill);
            }
            11 => {
                faults.push(Fault::status(Method::POST, OPEN, StatusCode::BAD_GATEWAY).times(2));
                office.break_stream(SocketFault::Kill);
            }
            12 => office.send_stream_text("garbage"),
            _ => office.ping_stream(),
        }
        for _ in 0..draw(3) {
            stage.approve_one();
        }
        if draw(3) == 0 {
            stage.advance(draw(100));
        }
        if round % 10 == 0 {
            stage.pass_time_until_written(office.instances().len()).await;
        }
    }
    let written = stage.erp.written();
    assert_eq!(written.len(), office.instances().len());
    assert!(written.values().all(|times| *times == 1), "SEED={seed}: {written:?}");
    stage.shut_down().await;
}
