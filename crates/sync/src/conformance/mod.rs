//! The suite that every [`Store`] passes, ours and yours.
//!
//! [`conformance!`](crate::conformance!) makes one test of each case:
//!
//! ```no_run
//! // in tests/my_store.rs, with `tokio` (features `macros`, `rt`) as a dev-dependency
//! erplink_sync::conformance!(my_store, async { erplink_sync::MemoryStore::default() });
//! # fn main() {}
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used)] // assertions are what this module is for

mod cases;

use chrono::{DateTime, Duration, Utc};
use erplink_core::RawJson;

pub use cases::*;

use crate::document::{Document, FlowId, Key};
use crate::job::{Job, Lease};
use crate::rules::{Admission, Arrival, Progress, Repeat};
use crate::store::{Batch, Claim, Store};

/// Makes a module of tests from an expression: a future that gives a **new, empty** store.
#[macro_export]
macro_rules! conformance {
    ($name:ident, $store:expr) => {
        $crate::conformance!(@cases $name, $store;
            takes_documents_in_once
            keeps_every_field
            replaces_what_was_not_sent
            keeps_what_was_sent
            sends_a_changed_document_again_where_the_flow_wants_it
            sends_what_is_offered_once_more_where_the_flow_wants_it
            keeps_a_newer_version_of_what_is_on_its_way
            tries_again_when_the_button_is_pressed_again
            does_again_what_is_asked_for_again
            leases_in_order_of_due_time
            gives_an_expired_lease_to_another
            refuses_writes_under_a_lost_lease
            never_begins_to_send_what_was_sent
            keeps_the_order_of_an_order_key
            remembers_every_step
            lets_a_person_intervene
            refuses_interventions_that_make_no_sense
            writes_checkpoints_with_their_documents
            holds_named_leases
            finds_unanswered_documents
            lists_by_flow_state_and_page
            audits_what_was_written
            says_when_the_next_is_due
            sums_up_a_flow
            leases_each_job_once_under_contention
        );
    };
    (@cases $name:ident, $store:expr; $($case:ident)+) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;
            $(
                #[::tokio::test]
                async fn $case() {
                    $crate::conformance::$case(&$store.await).await;
                }
            )+
        }
    };
}

/// `2024-01-01` plus so many seconds.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_704_067_200, 0).unwrap() + Duration::seconds(seconds)
}

fn flow() -> FlowId {
    FlowId::new("SBODEMOCN", "申请")
}

fn key(id: &str) -> Key {
    flow().document(id)
}

fn document(id: &str, content: &str) -> Document {
    Document::new(id, RawJson::parse(content).unwrap())
}

async fn put_with(store: &dyn Store, document: Document, repeat: Repeat, now: i64) -> Admission {
    let arrivals = vec![Arrival { flow: flow(), document, repeat }];
    let batch = Batch { arrivals, checkpoint: None };
    let admissions = store.enqueue(batch, at(now)).await.unwrap();
    assert_eq!(admissions.len(), 1, "one admission for each arrival");
    admissions.into_iter().next().unwrap()
}

async fn put(store: &dyn Store, document: Document, now: i64) -> Admission {
    put_with(store, document, Repeat::Never, now).await
}

async fn claim(store: &dyn Store, owner: &str, limit: usize, now: i64) -> Vec<Job> {
    let claim =
        Claim { flow: flow(), owner: owner.into(), limit, now: at(now), until: at(now + 60) };
    store.claim(claim).await.unwrap()
}

async fn claim_one(store: &dyn Store, now: i64) -> (Job, Lease) {
    let job = claim(store, "w", 1, now).await.pop().expect("a job is due");
    let lease = job.lease().expect("a claimed job carries its lease").clone();
    (job, lease)
}

async fn record(store: &dyn Store, id: &str, lease: &Lease, progress: Progress, now: i64) -> Job {
    store.record(&key(id), lease, progress, at(now)).await.unwrap()
}

async fn get(store: &dyn Store, id: &str) -> Job {
    store.get(&key(id)).await.unwrap().expect("the store knows the document")
}

fn ids(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.key.document.as_str()).collect()
}
