//! The dangerous windows: whatever dies or is lost, wherever, each document ends exactly once at
//! the target, or is parked with a reason.

#![allow(clippy::unwrap_used, clippy::panic)] // a panic is how a test fails

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use erplink_sync::store::JobFilter;
use erplink_sync::*;
use proptest::prelude::*;
use support::*;

/// Far more rounds than any plan of faults needs.
const ROUNDS: usize = 40;

/// Restarts on the same store until every document is at its end.
async fn live_through(world: &World, knobs: Knobs, store: MemoryStore) {
    let clock = VirtualClock::new();
    for _ in 0..ROUNDS {
        let runner = world.runner(store.clone(), clock.clone(), knobs);
        world.live(runner.run_once()).await;
        assert_never_twice(world);
        if all_ended(world, &store).await {
            return assert_ended_well(world, &store, knobs).await;
        }
        tokio::time::sleep(Duration::from_secs(3700)).await;
    }
    panic!("not at its end: {:#?}", world.lock().trace);
}

fn assert_never_twice(world: &World) {
    let documents: Vec<_> = world.lock().documents.keys().cloned().collect();
    for id in documents {
        assert!(world.forms_of(&id) <= 1, "{id} exists twice: {:#?}", world.lock().trace);
    }
}

async fn all_ended(world: &World, store: &dyn Store) -> bool {
    let jobs = store.list(JobFilter::default()).await.unwrap();
    let ended = |job: &Job| matches!(job.state, State::Done | State::Parked { .. });
    jobs.len() == world.lock().documents.len() && jobs.iter().all(ended)
}

async fn assert_ended_well(world: &World, store: &dyn Store, knobs: Knobs) {
    for job in store.list(JobFilter::default()).await.unwrap() {
        let id = job.key.document.as_str();
        let trace = || format!("{id}: {:#?}\n{:#?}", job, world.lock().trace);
        match &job.state {
            State::Done => {
                assert_eq!(world.forms_of(id), 1, "{}", trace());
                assert!(world.lock().marked.contains(id), "{}", trace());
                let form = world.lock().forms.iter().find(|(name, _)| name == id).cloned();
                assert_eq!(job.target_id, form.map(|(_, id)| id), "{}", trace());
            }
            State::Parked { reason, .. } => {
                assert!(!knobs.look_up, "with a look-up nothing needs a person: {}", trace());
                assert_eq!(reason.code, ReasonCode::Unknown, "{}", trace());
                assert!(reason.to_string().contains("resolve"), "{reason}");
            }
            _ => unreachable!("checked before"),
        }
    }
}

/// How many steps it takes when nothing goes wrong.
async fn steps(documents: &[&str], knobs: Knobs) -> usize {
    let world = World::with(documents);
    live_through(&world, knobs, MemoryStore::default()).await;
    world.lock().steps
}

#[tokio::test(start_paused = true)]
async fn nothing_wrong() {
    let world = World::with(&["1", "2", "3", "4", "5", "6", "7"]);
    let store = MemoryStore::default();
    let runner = world.runner(store.clone(), VirtualClock::new(), Knobs::default());
    let report = runner.run_once().await;
    assert_eq!((report.read, report.queued, report.done), (7, 7, 7), "{report}");
    assert!(report.problems.is_empty(), "{report}");
    assert_ended_well(&world, &store, Knobs::default()).await;
}

/// Every fault at every step.
#[tokio::test(start_paused = true)]
async fn one_fault_anywhere() {
    for look_up in [true, false] {
        for repeatable in [true, false] {
            let knobs = Knobs { look_up: look_up || repeatable, repeatable, concurrency: 2 };
            let documents = ["1", "2"];
            for step in 0..steps(&documents, knobs).await + 2 {
                for fault in FAULTS {
                    let world = World::with(&documents).planned([(step, fault)]);
                    live_through(&world, knobs, MemoryStore::default()).await;
                }
            }
        }
    }
}

/// Every pair of faults, also in what the first one set going.
#[tokio::test(start_paused = true)]
async fn two_faults_in_every_order() {
    for look_up in [true, false] {
        let knobs = Knobs { look_up, ..Knobs::default() };
        let steps = steps(&["1"], knobs).await;
        for first in 0..steps {
            for second in first + 1..first + steps {
                for a in FAULTS {
                    for b in FAULTS {
                        let world = World::with(&["1"]).planned([(first, a), (second, b)]);
                        live_through(&world, knobs, MemoryStore::default()).await;
                    }
                }
            }
        }
    }
}

fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("faults-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// What is left on the disk when the process is killed: the files as they are, nothing closed.
fn after_the_kill(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        if from.join(name).exists() {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }
}

/// The process is killed around every write, and a new one opens what is on the disk.
#[tokio::test(start_paused = true)]
async fn a_killed_file_gives_the_same_result() {
    let knobs = Knobs { concurrency: 2, ..Knobs::default() };
    let root = folder("kill");
    for step in 0..steps(&["1", "2"], knobs).await {
        for fault in [Fault::DieBefore, Fault::DieAfter] {
            let world = World::with(&["1", "2"]).planned([(step, fault)]);
            let clock = VirtualClock::new();
            let mut here = root.join(format!("{step}-{fault:?}"));
            std::fs::create_dir_all(&here).unwrap();
            let mut ended = false;
            for life in 0..5 {
                let store = SqliteStore::open(here.join("ledger.db")).await.unwrap();
                let runner = world.runner(store.clone(), clock.clone(), knobs);
                let survived = world.live(runner.run_once()).await.is_some();
                assert_never_twice(&world);
                ended = all_ended(&world, &store).await; // also waits for writes under way
                if survived && ended {
                    assert_ended_well(&world, &store, knobs).await;
                    break;
                }
                let next = root.join(format!("{step}-{fault:?}-{life}"));
                after_the_kill(&here, &next);
                here = next;
                tokio::time::sleep(Duration::from_secs(3700)).await;
            }
            assert!(ended, "step {step} {fault:?}: {:#?}", world.lock().trace);
        }
    }
    std::fs::remove_dir_all(root).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    /// Random faults, interleavings and sizes.
    #[test]
    fn any_number_of_faults(
        plan in proptest::collection::hash_map(0_usize..60, 0..FAULTS.len(), 0..12),
        documents in 1_usize..8,
        concurrency in 1_usize..5,
        look_up: bool,
        repeatable: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let names: Vec<String> = (0..documents).map(|n| n.to_string()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let knobs = Knobs { look_up: look_up || repeatable, repeatable, concurrency };
            // Below the limit of attempts for one document, so that only the unknown may park.
            let plan = plan.into_iter().take(4).map(|(step, fault)| (step, FAULTS[fault]));
            let world = World::with(&names).planned(plan);
            live_through(&world, knobs, MemoryStore::default()).await;
        });
    }
}

/// A second runner takes over while the first one sleeps through its lease.
#[tokio::test(start_paused = true)]
async fn a_sleeper_is_refused_when_it_wakes_up() {
    let world = World::with(&["1"]);
    let store = MemoryStore::default();
    let clock = VirtualClock::new();
    let runner = Arc::new(world.runner(store.clone(), clock.clone(), Knobs::default()));
    // The first one hangs in its push, is cut, and the second one finds the form.
    let usual = World::with(&["1"]);
    live_through(&usual, Knobs::default(), MemoryStore::default()).await;
    let push = usual.lock().trace.iter().position(|step| step.contains(" push ")).unwrap();
    world.lock().plan.insert(push, Fault::Hang);
    let first = tokio::spawn({
        let runner = runner.clone();
        async move { runner.run_once().await }
    });
    tokio::time::sleep(Duration::from_secs(10)).await;
    let second = world.runner(store.clone(), clock, Knobs::default());
    assert_eq!(second.run_once().await.done, 0, "leased by the first");
    let report = first.await.unwrap();
    assert_eq!(report.failed.len(), 1, "{report}");
    tokio::time::sleep(Duration::from_secs(3700)).await;
    assert_eq!(second.run_once().await.done, 1);
    assert_eq!(world.forms_of("1"), 1);
}

/// Two runners on one store share the work, and a fault of one is finished by the other.
#[tokio::test(start_paused = true)]
async fn replicas_share_the_work() {
    let names: Vec<String> = (0..12).map(|n| format!("{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for fault in [Fault::LoseBefore, Fault::LoseAfter, Fault::Hang, Fault::Refuse] {
        for step in (0..80).step_by(7) {
            let world = World::with(&names).planned([(step, fault)]);
            let (store, clock) = (MemoryStore::default(), VirtualClock::new());
            let replica = || world.runner(store.clone(), clock.clone(), Knobs::default());
            let (a, b) = (replica(), replica());
            for _ in 0..4 {
                let both = Box::pin(async { tokio::join!(a.run_once(), b.run_once()) });
                world.live(both).await;
                assert_never_twice(&world);
                tokio::time::sleep(Duration::from_secs(3700)).await;
            }
            assert!(all_ended(&world, &store).await, "{:#?}", world.lock().trace);
            assert_ended_well(&world, &store, Knobs::default()).await;
        }
    }
}
