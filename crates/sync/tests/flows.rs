//! What a flow does besides surviving: order, limits, parking, events, decisions, stops.

#![allow(clippy::unwrap_used, clippy::panic)] // a panic is how a test fails

mod support;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use erplink_core::RawJson;
use erplink_sync::ports::*;
use erplink_sync::store::JobFilter;
use erplink_sync::*;
use support::{COMPANY, Drafts, FLOW, Fault, Flag, Forms, Knobs, VirtualClock, World};

const HOUR: Duration = Duration::from_secs(3600);

fn raw(text: &str) -> RawJson {
    RawJson::parse(text).unwrap()
}

fn key(flow: &str, id: &str) -> Key {
    FlowId::new(COMPANY, flow).document(id)
}

/// A target that answers as it is told, by document; it remembers what it was sent.
#[derive(Clone, Default)]
struct Desk {
    answers: Arc<Mutex<HashMap<String, Failure>>>,
    got: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn answer(&self, id: &str, failure: Failure) {
        self.answers.lock().unwrap().insert(id.to_owned(), failure);
    }

    fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

#[async_trait]
impl Target for Desk {
    fn system(&self) -> &str {
        "desk"
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let id = &document.key.document;
        self.got.lock().unwrap().push(format!("{}={}", document.reference(), document.content));
        match self.answers.lock().unwrap().get(id) {
            Some(failure) => Err(failure.clone()),
            None => Ok(Pushed::new(format!("D-{id}")).answering(raw("{\"ok\":true}"))),
        }
    }

    async fn find(&self, _: &Outgoing) -> Result<Found, Failure> {
        Ok(Found::No)
    }
}

fn runner(store: MemoryStore, clock: Arc<VirtualClock>, flows: Vec<Flow>) -> Runner {
    let builder = Runner::builder(store).clock(clock);
    flows.into_iter().fold(builder, RunnerBuilder::flow).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn documents_that_fail_do_not_starve_the_others() {
    let names: Vec<String> = (0..30).map(|n| format!("{n:02}")).collect();
    let world = World::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let desk = Desk::default();
    for bad in &names[..20] {
        desk.answer(bad, Failure::refused("-1116 未结清"));
    }
    let flow = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world.clone()))
        .push(desk.clone())
        .mark(Flag(world.clone()))
        .max_per_run(6)
        .max_attempts(2);
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    for _ in 0..8 {
        runner.run_once().await;
        tokio::time::sleep(HOUR).await;
    }
    assert_eq!(world.lock().marked.len(), 10, "all good ones are through");
    let parked = JobFilter { state: Some(StateKind::Parked), ..JobFilter::default() };
    let parked = runner.store().list(parked).await.unwrap();
    assert_eq!(parked.len(), 20);
    let reason = parked[0].state.reason().unwrap().to_string();
    assert!(reason.contains("-1116 未结清") && reason.contains("retry"), "{reason}");

    // A change of the document wakes it, and so does a person.
    desk.answers.lock().unwrap().clear();
    let before = desk.got().len();
    assert_eq!(runner.run_once().await.done, 0);
    assert_eq!(desk.got().len(), before, "nothing changed, nothing is sent");
    world.lock().documents.insert("03".into(), "{\"id\":\"03\",\"v\":2}".into());
    assert_eq!(runner.run_once().await.done, 1);
    runner.intervene(&key(FLOW, "04"), Intervention::Retry, "王").await.unwrap();
    assert_eq!(runner.run_once().await.done, 1);
    assert!(world.lock().marked.contains("03") && world.lock().marked.contains("04"));
}

#[tokio::test(start_paused = true)]
async fn an_outage_parks_nothing_and_is_probed_by_few() {
    let names: Vec<String> = (0..50).map(|n| n.to_string()).collect();
    let world = World::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let desk = Desk::default();
    for name in &names {
        desk.answer(name, Failure::outage("connection refused"));
    }
    let flow = Flow::new(COMPANY, FLOW).poll(Drafts(world)).push(desk.clone()).concurrency(4);
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    for _ in 0..10 {
        runner.run_once().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    let probes = desk.got().len();
    assert!((4..=40).contains(&probes), "{probes} calls in ten minutes of outage");
    desk.answers.lock().unwrap().clear();
    tokio::time::sleep(HOUR).await;
    assert_eq!(runner.run_once().await.done, 50, "no attempt was counted");
}

#[tokio::test(start_paused = true)]
async fn answers_lost_for_hours_are_an_outage_and_park_nothing() {
    let world = World::with(&["1", "2", "3"]);
    let desk = Desk::default();
    for name in ["1", "2", "3"] {
        desk.answer(name, Failure::unknown("503 Service Unavailable").maybe_outage());
    }
    let flow = Flow::new(COMPANY, FLOW).poll(Drafts(world)).push(desk.clone());
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    for _ in 0..120 {
        let report = runner.run_once().await;
        assert!(report.parked.is_empty(), "{report}");
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    desk.answers.lock().unwrap().clear();
    tokio::time::sleep(HOUR).await;
    assert_eq!(runner.run_once().await.done, 3);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_breaks_the_connection_is_parked_when_others_pass() {
    let (world, desk) = (World::with(&["bad"]), Desk::default());
    desk.answer("bad", Failure::refused("the connection broke").maybe_outage());
    let flow = Flow::new(COMPANY, FLOW).poll(Drafts(world.clone())).push(desk.clone());
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    let mut parked = 0;
    for number in 0..10 {
        world.lock().documents.insert(format!("good{number}"), "{}".to_owned());
        let report = runner.run_once().await;
        assert_eq!(report.done, 1, "the others are not kept waiting: {report}");
        parked += report.parked.len();
        tokio::time::sleep(HOUR).await;
    }
    assert_eq!(parked, 1);
}

#[tokio::test(start_paused = true)]
async fn limits_hold_over_all_flows() {
    let world = World::with(&["1", "2", "3", "4", "5", "6"]);
    let knob = Knobs::default();
    let flow = |name: &str| {
        Flow::new(COMPANY, name)
            .poll(Drafts(world.clone()))
            .push(Forms { world: world.clone(), knob })
            .concurrency(6)
    };
    let clock = VirtualClock::new();
    let runner = Runner::builder(MemoryStore::default())
        .clock(clock)
        .flow(flow("a"))
        .flow(flow("b"))
        .limit("oa", Limit::concurrent(50))
        .limit("SBODEMOCN/oa", Limit::concurrent(3)) // the own limit wins
        .build()
        .unwrap();
    assert_eq!(runner.run_once().await.done, 12);
    assert_eq!(world.lock().most_in_flight, 3);
}

#[tokio::test(start_paused = true)]
async fn a_changed_document_goes_again_where_the_flow_wants_it() {
    let world = World::with(&["1"]);
    let desk = Desk::default();
    let flow = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world.clone()))
        .push(desk.clone())
        .mark(Flag(world.clone()))
        .again_when_changed();
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    assert_eq!(runner.run_once().await.done, 1);
    world.lock().marked.clear();
    assert_eq!(runner.run_once().await.done, 0, "the flag alone is no change");
    world.lock().documents.insert("1".into(), "2".into());
    assert_eq!(runner.run_once().await.done, 1);
    assert_eq!(desk.got(), ["1={\"id\":\"1\"}", "1-2=2"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_mapped_is_parked_and_nothing_is_sent() {
    let world = World::with(&["1", "2"]);
    let desk = Desk::default();
    let flow = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world))
        .map(|document: &Document| match document.id.as_str() {
            "1" => Err(Failure::park("U_UserID is empty")),
            _ => panic!("a defect of the map"),
        })
        .push(desk.clone());
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    let report = runner.run_once().await;
    assert_eq!((report.parked.len(), report.failed.len()), (1, 1), "{report}");
    assert!(report.to_string().contains("U_UserID is empty"), "{report}");
    assert!(desk.got().is_empty());
}

fn receiving(desk: &Desk) -> Flow {
    Flow::new(COMPANY, "events").receive().push(desk.clone())
}

#[tokio::test(start_paused = true)]
async fn replays_are_absorbed() {
    let desk = Desk::default();
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![receiving(&desk)]);
    let inlet = runner.inlet(COMPANY, "events").unwrap();
    let event = || Document::new("sp-1/2", raw("1"));
    assert_eq!(inlet.accept(event()).await.unwrap().admission(), Admission::New);
    inlet.accept(event()).await.unwrap();
    runner.run_once().await;
    let replay = inlet.accept(event()).await.unwrap();
    assert_eq!(replay.admission(), Admission::Known(StateKind::Done));
    runner.run_once().await;
    assert_eq!(desk.got(), ["sp-1/2=1"]);
    let outcome = replay.outcome(Duration::ZERO).await.unwrap();
    let result = Some(raw("{\"ok\":true}"));
    assert_eq!(outcome, Outcome::Done { target_id: Some("D-sp-1/2".into()), result });
    assert!(inlet.accept(Document::new("", raw("1"))).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_waits_gets_the_result_and_may_press_again() {
    let desk = Desk::default();
    desk.answer("1", Failure::refused("-5002 no batch"));
    let flow = receiving(&desk).answers_a_person();
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    let inlet = runner.inlet(COMPANY, "events").unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = tokio::spawn({
        let runner = runner.clone();
        async move { runner.run_until(async { stopped.await.unwrap_or(()) }).await }
    });
    let press = async || {
        let receipt = inlet.accept(Document::new("1", raw("1"))).await.unwrap();
        receipt.outcome(Duration::from_secs(20)).await.unwrap()
    };
    let Outcome::Failed(reason) = press().await else { panic!("expected the refusal") };
    assert_eq!(reason.message, "-5002 no batch");
    tokio::time::sleep(10 * HOUR).await;
    assert_eq!(desk.got().len(), 1, "the person decides, not the engine");
    desk.answers.lock().unwrap().clear();
    assert!(matches!(press().await, Outcome::Done { .. }));
    assert!(matches!(press().await, Outcome::Done { .. }));
    assert_eq!(desk.got().len(), 2);
    stop.send(()).unwrap();
    service.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn events_of_one_order_key_keep_their_order() {
    let desk = Desk::default();
    let flow = receiving(&desk).concurrency(8);
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    let inlet = runner.inlet(COMPANY, "events").unwrap();
    desk.answer("0", Failure::refused("busy"));
    let event =
        |n: i32| Document::new(n.to_string(), raw("1")).order(if n < 4 { "a" } else { "b" });
    inlet.accept_all((0..8).map(event).collect()).await.unwrap();
    runner.run_once().await;
    assert_eq!(desk.got(), ["0=1", "4=1", "5=1", "6=1", "7=1"], "the others go around");
    desk.answers.lock().unwrap().clear();
    tokio::time::sleep(HOUR).await;
    runner.run_once().await;
    assert_eq!(desk.got()[5..], ["0=1", "1=1", "2=1", "3=1"]);
}

/// A platform that knows about decisions whose callback was lost.
#[derive(Clone, Default)]
struct Platform(Arc<Mutex<HashMap<String, Inquiry>>>);

#[async_trait]
impl Inquirer for Platform {
    fn system(&self) -> &str {
        "oa"
    }

    async fn inquire(&self, _: &Key, target_id: &str) -> Result<Inquiry, Failure> {
        let known = self.0.lock().unwrap().get(target_id).cloned();
        known.ok_or_else(|| Failure::outage("no route to host"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_whose_callback_was_lost_is_asked_for() {
    let world = World::with(&["1", "2", "3"]);
    let (platform, decide) = (Platform::default(), Desk::default());
    let outbound = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world.clone()))
        .push(Forms { world: world.clone(), knob: Knobs::default() })
        .mark(Flag(world.clone()))
        .concurrency(1)
        .awaits("events", platform.clone(), HOUR);
    let inbound = receiving(&decide).answers(FLOW);
    let store = MemoryStore::default();
    let runner = runner(store.clone(), VirtualClock::new(), vec![outbound, inbound]);
    assert_eq!(runner.run_once().await.done, 3);

    // The callback of R-1 comes, that of R-2 is lost, R-3 is not decided.
    let decision = |id: &str| Document::new(format!("{id}/2"), raw("2")).about(id);
    let inlet = runner.inlet(COMPANY, "events").unwrap();
    inlet.accept(decision("R-1")).await.unwrap();
    platform.0.lock().unwrap().insert("R-2".into(), Inquiry::Decided(decision("R-2")));
    platform.0.lock().unwrap().insert("R-3".into(), Inquiry::Pending);
    for _ in 0..4 {
        tokio::time::sleep(HOUR).await;
        runner.run_once().await;
    }
    inlet.accept(decision("R-2")).await.unwrap(); // after all
    runner.run_once().await;
    assert_eq!(decide.got(), ["R-1/2=2", "R-2/2=2"], "each decision once");
    let awaited = async |id: &str| store.get(&key(FLOW, id)).await.unwrap().unwrap().awaiting;
    assert_eq!((awaited("1").await, awaited("2").await), (None, None));
    assert!(awaited("3").await.is_some());
    platform.0.lock().unwrap().insert("R-3".into(), Inquiry::Never("withdrawn".into()));
    tokio::time::sleep(HOUR).await;
    runner.run_once().await;
    assert_eq!(awaited("3").await, None);
}

#[tokio::test(start_paused = true)]
async fn a_person_need_not_wait_until_a_decision_is_overdue() {
    let world = World::with(&["1"]);
    let (platform, decide) = (Platform::default(), Desk::default());
    let outbound = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world.clone()))
        .push(Forms { world: world.clone(), knob: Knobs::default() })
        .awaits("events", platform.clone(), HOUR);
    let inbound = receiving(&decide).answers(FLOW);
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![outbound, inbound]);
    runner.run_once().await;
    let decided = Inquiry::Decided(Document::new("R-1/2", raw("2")));
    platform.0.lock().unwrap().insert("R-1".into(), decided);
    assert_eq!(runner.run_once().await.done, 0, "it is not overdue");
    assert_eq!(runner.reconcile().await.done, 1);
    assert_eq!(runner.reconcile().await.read, 0, "it came");
}

#[tokio::test(start_paused = true)]
async fn the_past_is_filled_in_and_nothing_is_sent_twice() {
    let world = World::with(&["7"]);
    let flow = Flow::new(COMPANY, FLOW)
        .poll(Drafts(world.clone()))
        .push(Forms { world: world.clone(), knob: Knobs::default() })
        .mark(Flag(world.clone()))
        .concurrency(2);
    let runner = runner(MemoryStore::default(), VirtualClock::new(), vec![flow]);
    assert_eq!(runner.run_once().await.done, 1);
    // The same document, marked by now, is among those of the past.
    let past = World::with(&["1", "2", "3", "4", "5", "6", "7"]);
    let flow = FlowId::new(COMPANY, FLOW);
    let mut steps = Vec::new();
    let told = |so_far: Backfilled| steps.push(so_far.read);
    let end = runner.backfill(&flow, &Drafts(past.clone()), told).await.unwrap();
    assert_eq!((end.read, end.known, end.done), (7, 1, 6), "{end}");
    assert_eq!(steps, [2, 3, 5, 6, 7], "two at a time, three a page");
    assert_eq!(world.lock().forms.len(), 7);
    let end = runner.backfill(&flow, &Drafts(past), |_| ()).await.unwrap();
    assert_eq!((end.known, end.done), (7, 0), "{end}");
    let receiving = FlowId::new(COMPANY, "nobody");
    assert!(runner.backfill(&receiving, &Drafts(world), |_| ()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_what_is_in_flight() {
    let names: Vec<String> = (0..20).map(|n| format!("{n:02}")).collect();
    let world = World::with(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let store = MemoryStore::default();
    let runner = world.runner(store.clone(), VirtualClock::new(), Knobs::default());
    runner.run_until(tokio::time::sleep(Duration::from_millis(5500))).await;
    let jobs = store.list(JobFilter::default()).await.unwrap();
    let done = jobs.iter().filter(|job| job.state == State::Done).count();
    assert!((1..20).contains(&done), "{done} are done");
    let rest = |job: &Job| {
        matches!((&job.state, job.step), (State::Done, _) | (State::Pending, Step::Fresh))
    };
    assert!(jobs.iter().all(rest), "{jobs:#?}");
    assert_eq!(world.lock().forms.len(), done);
    assert_eq!(runner.run_once().await.done, 20 - done);
}

#[tokio::test(start_paused = true)]
async fn a_service_polls_again_and_retries_in_time() {
    let world = World::with(&["1"]);
    let usual = world.runner(MemoryStore::default(), VirtualClock::new(), Knobs::default());
    usual.run_once().await;
    let push = world.lock().trace.iter().position(|step| step.contains(" push ")).unwrap();
    let world = World::with(&["1"]).planned([(push, Fault::LoseAfter)]);
    let store = MemoryStore::default();
    let runner = world.runner(store.clone(), VirtualClock::new(), Knobs::default());
    let late = {
        let world = world.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(30)).await;
            world.lock().documents.insert("2".into(), "{}".into());
            tokio::time::sleep(Duration::from_secs(120)).await;
        }
    };
    runner.run_until(late).await;
    assert_eq!(world.lock().marked.len(), 2);
    assert_eq!((world.forms_of("1"), world.forms_of("2")), (1, 1));
}

#[test]
fn a_flow_that_cannot_work_is_refused_with_its_name() {
    let desk = Desk::default();
    let build = |flow: Flow| {
        let built = Runner::builder(MemoryStore::default()).flow(flow).build();
        built.unwrap_err().to_string()
    };
    assert!(build(receiving(&desk).concurrency(0)).contains("SBODEMOCN/events: `concurrency`"));
    assert!(build(receiving(&desk).answers("nobody")).contains("no flow `nobody`"));
    let polled = Flow::new(COMPANY, FLOW).poll(Drafts(World::default())).push(desk.clone());
    assert!(build(polled.answers_a_person()).contains("this one polls"));
    let twice = Runner::builder(MemoryStore::default())
        .flow(receiving(&desk))
        .flow(receiving(&desk))
        .build();
    assert!(twice.unwrap_err().to_string().contains("two of this name"));
}
