//! The cases. Each takes a new, empty store and panics where the store is wrong.

use std::collections::HashSet;

use futures_util::future::join_all;

use super::{at, claim, claim_one, document, flow, get, ids, key, put, put_with, record};
use crate::ErrorKind;
use crate::audit::{Action, AuditFilter};
use crate::document::FlowId;
use crate::job::{Reason, ReasonCode, State, StateKind, Step, Wakes};
use crate::rules::{Admission, Arrival, Intervention, Progress, Repeat};
use crate::store::{Batch, JobFilter, Store, Summary};
use erplink_core::RawJson;

fn reason() -> Reason {
    Reason::new(ReasonCode::Target, "-1116 (未结清)")
}

fn park() -> Progress {
    Progress::Park { reason: reason(), wakes: Wakes::OnChange, not_done: true }
}

fn done(id: &str) -> Progress {
    let sent = Some((id.to_owned(), None));
    Progress::Done { sent, awaiting: None, note: String::new() }
}

/// Takes one document to its end.
async fn finish(store: &dyn Store, id: &str, target_id: &str, now: i64) {
    put(store, document(id, "1"), now).await;
    let (job, lease) = claim_one(store, now).await;
    assert_eq!(job.key, key(id));
    record(store, id, &lease, done(target_id), now).await;
}

/// The inbox: the first delivery counts, all others are absorbed, in one batch or many.
pub async fn takes_documents_in_once(store: &dyn Store) {
    let arrival = || Arrival { flow: flow(), document: document("1", "{}"), repeat: Repeat::Never };
    let batch = Batch { arrivals: vec![arrival(), arrival()], checkpoint: None };
    let admissions = store.enqueue(batch, at(0)).await.unwrap();
    assert_eq!(admissions, [Admission::New, Admission::Known(StateKind::Pending)]);
    assert_eq!(put(store, document("1", "{}"), 1).await, Admission::Known(StateKind::Pending));
    let (_, lease) = claim_one(store, 2).await;
    assert_eq!(put(store, document("1", "{}"), 2).await, Admission::Known(StateKind::Leased));
    record(store, "1", &lease, done("R-1"), 3).await;
    assert_eq!(put(store, document("1", "{}"), 4).await, Admission::Known(StateKind::Done));
    // The same document of another flow or company is another document.
    for other in [FlowId::new("SBODEMOCN", "b"), FlowId::new("OTHER", "申请")] {
        let arrivals = vec![Arrival { flow: other, ..arrival() }];
        let batch = Batch { arrivals, checkpoint: None };
        assert_eq!(store.enqueue(batch, at(5)).await.unwrap(), [Admission::New]);
    }
}

/// What comes out is what went in, digit for digit.
pub async fn keeps_every_field(store: &dyn Store) {
    let content = r#"{"数量":12.5000000000000000000001,"a":null,"q":"'\""}"#;
    let arrival =
        document("采购'1\"", content).version("2024-02-30 25:61").order("订单").about("i");
    put(store, arrival, 0).await;
    let job = get(store, "采购'1\"").await;
    assert_eq!(job.content.as_str(), content);
    assert_eq!(job.version, "2024-02-30 25:61");
    assert_eq!((job.order.as_deref(), job.about.as_deref()), (Some("订单"), Some("i")));
    assert_eq!((job.generation, job.attempts, job.claims), (1, 0, 0));
    assert_eq!((job.step, &job.state), (Step::Fresh, &State::Pending));
    assert_eq!((job.arrived_at, job.changed_at, job.awaiting), (at(0), at(0), None));
    assert_eq!((job.target_id, job.previous_id, job.result), (None, None, None));
    assert_eq!(store.get(&key("2")).await.unwrap(), None);
}

/// New content replaces what nobody has sent yet, and wakes what is parked.
pub async fn replaces_what_was_not_sent(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    assert_eq!(put(store, document("1", "2"), 1).await, Admission::Updated);
    assert_eq!(get(store, "1").await.content.as_str(), "2");

    let (_, lease) = claim_one(store, 2).await;
    record(store, "1", &lease, park(), 3).await;
    assert_eq!(put(store, document("1", "2"), 4).await, Admission::Known(StateKind::Parked));
    assert!(claim(store, "w", 9, 1000).await.is_empty(), "parked jobs are skipped");
    assert_eq!(put(store, document("1", "3"), 5).await, Admission::Updated);
    let job = get(store, "1").await;
    assert_eq!((job.state, job.attempts, job.content.as_str()), (State::Pending, 0, "3"));

    let (_, lease) = claim_one(store, 6).await;
    let by_person = Progress::Park { reason: reason(), wakes: Wakes::ByPerson, not_done: false };
    record(store, "1", &lease, by_person, 7).await;
    assert_eq!(put(store, document("1", "4"), 8).await, Admission::Known(StateKind::Parked));
}

/// Once a push began, the content stays: it is what the target has.
pub async fn keeps_what_was_sent(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (_, lease) = claim_one(store, 0).await;
    record(store, "1", &lease, Progress::Sending { until: at(60) }, 1).await;
    let retry = Progress::Retry { at: at(9), reason: reason(), counts: true, not_done: false };
    record(store, "1", &lease, retry, 2).await;
    assert_eq!(put(store, document("1", "2"), 3).await, Admission::Known(StateKind::Retry));
    let (_, lease) = claim_one(store, 9).await;
    let unsure = Progress::Park { reason: reason(), wakes: Wakes::OnChange, not_done: false };
    record(store, "1", &lease, unsure, 10).await;
    assert_eq!(put(store, document("1", "2"), 11).await, Admission::Revived);
    let job = get(store, "1").await;
    assert_eq!((job.content.as_str(), job.step), ("1", Step::Sending { since: at(1) }));
    let (_, lease) = claim_one(store, 12).await;
    let unsure = Progress::Park { reason: reason(), wakes: Wakes::OnChange, not_done: false };
    record(store, "1", &lease, unsure, 12).await;
    let known = Admission::Known(StateKind::Parked);
    assert_eq!(put(store, document("1", "2"), 12).await, known, "the change was seen");
    assert_eq!(put(store, document("1", "3"), 12).await, Admission::Revived);
    let (_, lease) = claim_one(store, 12).await;
    record(store, "1", &lease, done("R-1"), 13).await;
    assert_eq!(put(store, document("1", "2"), 14).await, Admission::Known(StateKind::Done));
}

/// A new generation remembers what the one before is called at the target.
pub async fn sends_a_changed_document_again_where_the_flow_wants_it(store: &dyn Store) {
    finish(store, "1", "R-1", 0).await;
    let again = |content: &str| put_with(store, document("1", content), Repeat::WhenChanged, 5);
    assert_eq!(again("1").await, Admission::Known(StateKind::Done));
    assert_eq!(again("2").await, Admission::Again);
    let job = get(store, "1").await;
    assert_eq!((job.generation, job.step, job.target_id), (2, Step::Fresh, None));
    assert_eq!(job.previous_id.as_deref(), Some("R-1"));
    assert_eq!(claim_one(store, 5).await.0.content.as_str(), "2");
}

/// A source that offers what is not marked offers it until it is marked, changed or not.
pub async fn sends_what_is_offered_once_more_where_the_flow_wants_it(store: &dyn Store) {
    let offer = |id: &str, now| put_with(store, document(id, "1"), Repeat::WhenOffered, now);
    assert_eq!(offer("1", 0).await, Admission::New);
    let (_, lease) = claim_one(store, 1).await;
    assert_eq!(offer("1", 2).await, Admission::Known(StateKind::Leased));
    record(store, "1", &lease, done("R-1"), 3).await;
    assert_eq!(offer("1", 4).await, Admission::Again);
    let (job, lease) = claim_one(store, 5).await;
    assert_eq!((job.generation, job.previous_id.as_deref()), (2, Some("R-1")));
    record(store, "1", &lease, done("R-1"), 6).await;

    assert_eq!(offer("2", 7).await, Admission::New);
    store.intervene(&key("2"), Intervention::Discard, "王", at(8)).await.unwrap();
    assert_eq!(offer("2", 9).await, Admission::Known(StateKind::Done), "a person discarded it");
}

/// A source that reads by a high-water mark offers a change once, whatever the document is doing.
pub async fn keeps_a_newer_version_of_what_is_on_its_way(store: &dyn Store) {
    let again = |content: &str| put_with(store, document("1", content), Repeat::WhenChanged, 5);
    assert_eq!(again("1").await, Admission::New);
    let (_, lease) = claim_one(store, 5).await;
    assert_eq!(again("1").await, Admission::Known(StateKind::Leased));
    assert_eq!(again("2").await, Admission::Follows);
    assert_eq!(again("2").await, Admission::Known(StateKind::Leased));
    assert_eq!(again("3").await, Admission::Follows);
    let job = get(store, "1").await;
    assert_eq!(job.content.as_str(), "1", "what is being sent stays");
    assert_eq!(job.newer.unwrap().content.unwrap().as_str(), "3");
    let job = record(store, "1", &lease, done("R-1"), 6).await;
    assert_eq!((job.generation, job.state, job.newer), (2, State::Pending, None));
    assert_eq!(job.previous_id.as_deref(), Some("R-1"));

    let (job, lease) = claim_one(store, 7).await;
    assert_eq!(job.content.as_str(), "3");
    record(store, "1", &lease, Progress::Sending { until: at(60) }, 8).await;
    let unsure = Progress::Park { reason: reason(), wakes: Wakes::OnChange, not_done: false };
    record(store, "1", &lease, unsure, 9).await;
    assert_eq!(again("4").await, Admission::Revived);
    let (job, lease) = claim_one(store, 10).await;
    assert_eq!((job.content.as_str(), job.step), ("3", Step::Sending { since: at(8) }));
    // Back to what is being sent: nothing follows.
    assert_eq!(again("3").await, Admission::Follows);
    let job = record(store, "1", &lease, done("R-2"), 11).await;
    assert_eq!((job.generation, job.state), (2, State::Done));
}

/// A repeated delivery retries what failed, where the flow wants it; what is done stays done.
pub async fn tries_again_when_the_button_is_pressed_again(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (_, lease) = claim_one(store, 0).await;
    record(store, "1", &lease, park(), 1).await;
    let press = || put_with(store, document("1", "1"), Repeat::RetryFailed, 2);
    assert_eq!(press().await, Admission::Revived);
    let (_, lease) = claim_one(store, 2).await;
    let retry = Progress::Retry { at: at(99), reason: reason(), counts: true, not_done: true };
    record(store, "1", &lease, retry, 3).await;
    assert_eq!(press().await, Admission::Revived);
    let (_, lease) = claim_one(store, 4).await;
    record(store, "1", &lease, done("R-1"), 5).await;
    assert_eq!(press().await, Admission::Known(StateKind::Done));
}

/// A flow whose deliveries are requests: what is finished is done again, unless it was just now.
pub async fn does_again_what_is_asked_for_again(store: &dyn Store) {
    let ask = |content: &str, now: i64| {
        let repeat = Repeat::Again { after: std::time::Duration::from_secs(60) };
        put_with(store, document("1", content), repeat, now)
    };
    assert_eq!(ask("1", 0).await, Admission::New);
    let (_, lease) = claim_one(store, 0).await;
    assert_eq!(ask("1", 1).await, Admission::Known(StateKind::Leased));
    record(store, "1", &lease, done("R-1"), 2).await;
    assert_eq!(ask("1", 61).await, Admission::Known(StateKind::Done));
    // The same again, a minute later.
    assert_eq!(ask("1", 62).await, Admission::Again);
    let (job, lease) = claim_one(store, 62).await;
    assert_eq!((job.generation, job.previous_id.as_deref()), (2, Some("R-1")));
    // Another content while it is on its way.
    assert_eq!(ask("2", 63).await, Admission::Follows);
    record(store, "1", &lease, done("R-2"), 64).await;
    let (job, lease) = claim_one(store, 64).await;
    assert_eq!((job.generation, job.content.as_str()), (3, "2"));
    record(store, "1", &lease, park(), 65).await;
    assert_eq!(ask("2", 66).await, Admission::Revived);
}

/// Nothing starves: what is due longest comes first, and nothing before its time.
pub async fn leases_in_order_of_due_time(store: &dyn Store) {
    for (id, now) in [("a", 3), ("b", 1), ("c", 2), ("d", 2)] {
        put(store, document(id, "1"), now).await;
    }
    assert_eq!(ids(&claim(store, "w", 1, 3).await), ["b"]);
    let (_, lease) = claim_one(store, 3).await;
    let retry = Progress::Retry { at: at(10), reason: reason(), counts: true, not_done: true };
    record(store, "c", &lease, retry, 3).await;
    assert_eq!(ids(&claim(store, "w", 9, 9).await), ["d", "a"]);
    assert_eq!(ids(&claim(store, "w", 9, 10).await), ["c"]);
    assert!(claim(store, "w", 9, 10).await.is_empty());
}

/// A dead worker's jobs come back by themselves.
pub async fn gives_an_expired_lease_to_another(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    assert_eq!(claim(store, "dead", 1, 0).await.len(), 1);
    assert!(claim(store, "alive", 1, 59).await.is_empty());
    let job = claim(store, "alive", 1, 60).await.pop().unwrap();
    let lease = job.lease().unwrap();
    assert_eq!((lease.owner.as_str(), lease.token, lease.until), ("alive", 2, at(120)));
}

/// A worker that slept through its lease is refused, even if it is the same one.
pub async fn refuses_writes_under_a_lost_lease(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (_, old) = claim_one(store, 0).await;
    let (_, new) = claim_one(store, 60).await;
    let before = get(store, "1").await;
    let error = store.record(&key("1"), &old, done("R-1"), at(61)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostLease);
    assert_eq!(get(store, "1").await, before, "a refused write writes nothing");
    record(store, "1", &new, done("R-2"), 62).await;
    let error = store.record(&key("1"), &new, done("R-3"), at(63)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostLease);
    let error = store.record(&key("2"), &new, park(), at(63)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// The dangerous window: what the target has is never sent again.
pub async fn never_begins_to_send_what_was_sent(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (_, lease) = claim_one(store, 0).await;
    let sent = Progress::Sent { target_id: "R-1".into(), result: None, until: at(60) };
    record(store, "1", &lease, sent, 1).await;
    let sending = Progress::Sending { until: at(60) };
    let error = store.record(&key("1"), &lease, sending, at(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongState);
    // Nor does a failure of the mark make it fresh.
    record(store, "1", &lease, park(), 3).await;
    assert_eq!(get(store, "1").await.step, Step::Sent);
}

/// Documents of one order key go one after the other; all others go around them.
pub async fn keeps_the_order_of_an_order_key(store: &dyn Store) {
    for id in ["1", "2", "3"] {
        put(store, document(id, "1").order("k"), 0).await;
    }
    put(store, document("4", "1").order("other"), 0).await;
    put(store, document("5", "1"), 0).await;
    assert_eq!(ids(&claim(store, "w", 9, 0).await), ["1", "4", "5"]);
    let job = claim(store, "w", 9, 60).await.remove(0);
    assert_eq!(job.key, key("1"));
    record(store, "1", job.lease().unwrap(), park(), 61).await;
    assert!(claim(store, "w", 9, 61).await.is_empty(), "a parked one holds its followers back");
    store.intervene(&key("1"), Intervention::Discard, "王", at(62)).await.unwrap();
    assert_eq!(ids(&claim(store, "w", 9, 62).await), ["2"]);
}

/// Each step is there after it was written.
pub async fn remembers_every_step(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (job, lease) = claim_one(store, 0).await;
    assert_eq!(get(store, "1").await, job, "what claim returns is what is kept");

    let job = record(store, "1", &lease, Progress::Sending { until: at(70) }, 1).await;
    assert_eq!((job.step, job.changed_at), (Step::Sending { since: at(1) }, at(1)));
    assert_eq!(job.lease().unwrap().until, at(70), "a step renews the lease");
    assert_eq!(get(store, "1").await, job);

    let retry = Progress::Retry { at: at(5), reason: reason(), counts: true, not_done: true };
    let job = record(store, "1", &lease, retry, 2).await;
    assert_eq!((job.step, job.attempts), (Step::Fresh, 1));
    assert_eq!(job.state, State::Retry { at: at(5), reason: reason() });
    assert_eq!(get(store, "1").await, job);

    let (_, lease) = claim_one(store, 5).await;
    let outage = Progress::Retry { at: at(6), reason: reason(), counts: false, not_done: false };
    assert_eq!(record(store, "1", &lease, outage, 5).await.attempts, 1);

    let (_, lease) = claim_one(store, 6).await;
    let result = RawJson::parse(r#"{"DocEntry":1.0}"#).unwrap();
    let sent =
        Progress::Sent { target_id: "R-1".into(), result: Some(result.clone()), until: at(80) };
    let job = record(store, "1", &lease, sent, 6).await;
    assert_eq!((job.step, job.target_id.as_deref()), (Step::Sent, Some("R-1")));
    assert_eq!(job.result, Some(result));
    assert_eq!(get(store, "1").await, job);

    assert_eq!(record(store, "1", &lease, Progress::Release, 7).await.state, State::Pending);
    let (_, lease) = claim_one(store, 7).await;
    let unmarked = Progress::Park { reason: reason(), wakes: Wakes::ByPerson, not_done: false };
    let job = record(store, "1", &lease, unmarked, 8).await;
    assert_eq!(job.state, State::Parked { reason: reason(), wakes: Wakes::ByPerson });
    assert_eq!(get(store, "1").await, job);

    store.intervene(&key("1"), Intervention::Retry, "王", at(9)).await.unwrap();
    let (_, lease) = claim_one(store, 9).await;
    let end = Progress::Done { sent: None, awaiting: Some(at(99)), note: String::new() };
    let job = record(store, "1", &lease, end, 10).await;
    assert_eq!((job.state.kind(), job.awaiting), (StateKind::Done, Some(at(99))));
    assert_eq!(job.target_id.as_deref(), Some("R-1"));
    assert_eq!(get(store, "1").await, job);
}

/// Retry, resolve, resend, again and discard do what they say.
pub async fn lets_a_person_intervene(store: &dyn Store) {
    let act = async |id: &str, what: Intervention| {
        store.intervene(&key(id), what, "王", at(50)).await.unwrap()
    };
    for id in ["retry", "resend", "resolve", "discard"] {
        put(store, document(id, "1"), 0).await;
        let (_, lease) = claim_one(store, 0).await;
        record(store, id, &lease, Progress::Sending { until: at(60) }, 1).await;
        let unsure = Progress::Park { reason: reason(), wakes: Wakes::ByPerson, not_done: false };
        record(store, id, &lease, unsure, 2).await;
    }
    let job = act("retry", Intervention::Retry).await;
    assert_eq!((job.state, job.step), (State::Pending, Step::Sending { since: at(1) }));
    let job = act("resend", Intervention::Resend).await;
    assert_eq!((job.state, job.step, job.attempts), (State::Pending, Step::Fresh, 0));
    let job = act("resolve", Intervention::Resolve { target_id: "R-7".into() }).await;
    assert_eq!((job.step, job.target_id.as_deref()), (Step::Sent, Some("R-7")));
    let job = act("discard", Intervention::Discard).await;
    assert_eq!(job.state, State::Done);
    let job = act("discard", Intervention::Again).await;
    assert_eq!((job.state, job.generation, job.step), (State::Pending, 2, Step::Fresh));
    assert_eq!(claim(store, "w", 9, 50).await.len(), 4);

    put(store, document("5", "1"), 50).await;
    let by_hand = store.intervene(&key("5"), Intervention::Park, "王", at(50)).await.unwrap();
    assert_eq!(by_hand.state.kind(), StateKind::Parked);
    let known = Admission::Known(StateKind::Parked);
    assert_eq!(put(store, document("5", "2"), 51).await, known, "a change does not wake it");
    let job = store.intervene(&key("5"), Intervention::Retry, "王", at(52)).await.unwrap();
    assert_eq!(job.state, State::Pending);
}

/// A person's word does not open the dangerous window either.
pub async fn refuses_interventions_that_make_no_sense(store: &dyn Store) {
    let refused = async |id: &str, what: Intervention| {
        store.intervene(&key(id), what, "王", at(9)).await.unwrap_err().kind()
    };
    put(store, document("1", "1"), 0).await;
    assert_eq!(refused("1", Intervention::Again).await, ErrorKind::WrongState);
    let (_, lease) = claim_one(store, 0).await;
    assert_eq!(refused("1", Intervention::Resend).await, ErrorKind::WrongState);
    let sent = Progress::Sent { target_id: "R-1".into(), result: None, until: at(60) };
    record(store, "1", &lease, sent, 1).await;
    record(store, "1", &lease, park(), 2).await;
    assert_eq!(refused("1", Intervention::Resend).await, ErrorKind::WrongState);
    store.intervene(&key("1"), Intervention::Discard, "王", at(3)).await.unwrap();
    assert_eq!(refused("1", Intervention::Retry).await, ErrorKind::WrongState);
    assert_eq!(refused("2", Intervention::Retry).await, ErrorKind::NotFound);
}

/// A checkpoint is written with its documents.
pub async fn writes_checkpoints_with_their_documents(store: &dyn Store) {
    assert_eq!(store.checkpoint(&flow()).await.unwrap(), None);
    for value in ["2024-01-01", "2024-01-02"] {
        let arrivals =
            vec![Arrival { flow: flow(), document: document(value, "1"), repeat: Repeat::Never }];
        let batch = Batch { arrivals, checkpoint: Some((flow(), value.into())) };
        store.enqueue(batch, at(0)).await.unwrap();
        assert_eq!(store.checkpoint(&flow()).await.unwrap().as_deref(), Some(value));
    }
    assert_eq!(claim(store, "w", 9, 0).await.len(), 2);
    assert_eq!(store.checkpoint(&FlowId::new("OTHER", "申请")).await.unwrap(), None);
}

/// A named lease has one holder, who may renew it; it ends by itself.
pub async fn holds_named_leases(store: &dyn Store) {
    let hold = async |owner: &str, now: i64| {
        store.hold("poll", owner, at(now), at(now + 10)).await.unwrap()
    };
    assert!(hold("a", 0).await);
    assert!(!hold("b", 5).await);
    assert!(hold("a", 6).await, "the holder may renew");
    assert!(!hold("b", 15).await);
    assert!(hold("b", 16).await, "it ended");
    assert!(!hold("a", 17).await);
    store.release("poll", "a").await.unwrap();
    assert!(!hold("a", 18).await, "only the holder can release it");
    store.release("poll", "b").await.unwrap();
    assert!(hold("a", 19).await);
}

/// Documents whose decision never came are found, until it came.
pub async fn finds_unanswered_documents(store: &dyn Store) {
    for (id, target, next) in [("1", "R-1", 20), ("2", "R-2", 10), ("3", "R-3", 99)] {
        put(store, document(id, "1"), 0).await;
        let (_, lease) = claim_one(store, 0).await;
        let sent = Some((target.to_owned(), None));
        let end = Progress::Done { sent, awaiting: Some(at(next)), note: String::new() };
        record(store, id, &lease, end, 0).await;
    }
    let waiting = async |now: i64| store.unanswered(&flow(), at(now), 9).await.unwrap();
    assert!(waiting(9).await.is_empty());
    assert_eq!(ids(&waiting(20).await), ["2", "1"]);
    assert_eq!(ids(&store.unanswered(&flow(), at(20), 1).await.unwrap()), ["2"]);
    store.set_awaiting(&key("2"), Some(at(50))).await.unwrap();
    assert_eq!(ids(&waiting(20).await), ["1"]);
    assert_eq!(store.answered(&flow(), "R-1").await.unwrap(), 1);
    assert_eq!(store.answered(&flow(), "R-1").await.unwrap(), 0);
    assert_eq!(store.answered(&FlowId::new("OTHER", "申请"), "R-2").await.unwrap(), 0);
    store.set_awaiting(&key("3"), None).await.unwrap();
    assert_eq!(ids(&waiting(100).await), ["2"]);
}

/// Lists are filtered, in order of arrival, and bounded.
pub async fn lists_by_flow_state_and_page(store: &dyn Store) {
    for id in ["1", "2", "3"] {
        put(store, document(id, "1"), 0).await;
    }
    let other = Arrival {
        flow: FlowId::new("OTHER", "f"),
        document: document("4", "1"),
        repeat: Repeat::Never,
    };
    store.enqueue(Batch { arrivals: vec![other], checkpoint: None }, at(0)).await.unwrap();
    let (_, lease) = claim_one(store, 0).await;
    record(store, "1", &lease, park(), 1).await;
    let list = async |filter: JobFilter| store.list(filter).await.unwrap();
    assert_eq!(ids(&list(JobFilter::default()).await), ["1", "2", "3", "4"]);
    let parked = JobFilter { state: Some(StateKind::Parked), ..JobFilter::default() };
    assert_eq!(ids(&list(parked).await), ["1"]);
    let page = JobFilter { flow: Some(flow()), limit: 2, ..JobFilter::default() };
    let first = list(page.clone()).await;
    assert_eq!(ids(&first), ["1", "2"]);
    let after = first.last().map(|job| job.sequence);
    assert_eq!(ids(&list(JobFilter { after, ..page }).await), ["3"]);
}

/// The audit says what was written where, and by whom.
pub async fn audits_what_was_written(store: &dyn Store) {
    put(store, document("1", "1"), 0).await;
    let (_, lease) = claim_one(store, 0).await;
    record(store, "1", &lease, Progress::Sending { until: at(60) }, 1).await;
    let sent = Progress::Sent { target_id: "R-1".into(), result: None, until: at(60) };
    record(store, "1", &lease, sent, 2).await;
    let unmarked = Progress::Park { reason: reason(), wakes: Wakes::OnChange, not_done: false };
    record(store, "1", &lease, unmarked, 3).await;
    store.intervene(&key("1"), Intervention::Discard, "王", at(4)).await.unwrap();
    put(store, document("2", "1"), 5).await;

    let filter =
        AuditFilter { flow: Some(flow()), document: Some("1".into()), ..AuditFilter::default() };
    let lines = store.audit(filter.clone()).await.unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line.action).collect();
    use Action::{Arrived, Intervened, Parked, Sending, Sent};
    assert_eq!(actions, [Arrived, Sending, Sent, Parked, Intervened]);
    assert_eq!((lines[2].detail.as_str(), lines[2].by.as_str()), ("R-1", "w"));
    assert!(lines[3].detail.contains("-1116 (未结清)"), "{}", lines[3].detail);
    assert_eq!((lines[4].by.as_str(), lines[4].at, lines[4].generation), ("王", at(4), 1));
    let late = AuditFilter { since: Some(at(3)), limit: 1, ..filter };
    assert_eq!(store.audit(late).await.unwrap(), [lines[3].clone()]);
    assert_eq!(store.audit(AuditFilter::default()).await.unwrap().len(), 6);
}

/// A worker knows how long it may sleep.
pub async fn says_when_the_next_is_due(store: &dyn Store) {
    let next = async || store.next_due(&flow()).await.unwrap();
    assert_eq!(next().await, None);
    put(store, document("1", "1").order("k"), 5).await;
    assert_eq!(next().await, Some(at(5)));
    let (_, lease) = claim_one(store, 10).await;
    assert_eq!(next().await, Some(at(70)), "the end of the lease");
    put(store, document("2", "1").order("k"), 11).await;
    assert_eq!(next().await, Some(at(70)), "the follower waits for its turn");
    let retry = Progress::Retry { at: at(30), reason: reason(), counts: true, not_done: true };
    record(store, "1", &lease, retry, 12).await;
    assert_eq!(next().await, Some(at(30)));
    let (_, lease) = claim_one(store, 30).await;
    record(store, "1", &lease, park(), 31).await;
    assert_eq!(next().await, None, "parked, and its follower with it");
}

/// The figures of a table of flows.
pub async fn sums_up_a_flow(store: &dyn Store) {
    assert_eq!(store.summary(&flow()).await.unwrap(), Summary::default());
    finish(store, "sent", "R-1", 0).await;
    put(store, document("skipped", "1"), 1).await;
    let (_, lease) = claim_one(store, 1).await;
    let nothing = Progress::Done { sent: None, awaiting: None, note: "not ours".to_owned() };
    record(store, "skipped", &lease, nothing, 1).await;
    put(store, document("parked", "1"), 2).await;
    let (_, lease) = claim_one(store, 2).await;
    record(store, "parked", &lease, park(), 2).await;
    put(store, document("failed", "1"), 3).await;
    let (_, lease) = claim_one(store, 3).await;
    let retry = Progress::Retry { at: at(99), reason: reason(), counts: true, not_done: true };
    record(store, "failed", &lease, retry, 3).await;
    put(store, document("waiting", "1"), 4).await;
    put(store, document("leased", "1"), 4).await;
    claim_one(store, 4).await;
    let expected = Summary {
        read: 6,
        sent: 1,
        skipped: 1,
        waiting: 2,
        failed: 1,
        parked: 1,
        oldest: Some(at(3)),
    };
    assert_eq!(store.summary(&flow()).await.unwrap(), expected);
}

/// Many workers never get the same job.
pub async fn leases_each_job_once_under_contention(store: &dyn Store) {
    let arrivals = (0..50)
        .map(|n| Arrival {
            flow: flow(),
            document: document(&n.to_string(), "1"),
            repeat: Repeat::Never,
        })
        .collect();
    store.enqueue(Batch { arrivals, checkpoint: None }, at(0)).await.unwrap();
    let workers = (0..20).map(|n| async move { claim(store, &format!("w{n}"), 5, 0).await });
    let leased: Vec<_> = join_all(workers).await.into_iter().flatten().collect();
    assert_eq!(leased.len(), 50);
    let distinct: HashSet<_> = leased.iter().map(|job| &job.key).collect();
    assert_eq!(distinct.len(), 50);
}
