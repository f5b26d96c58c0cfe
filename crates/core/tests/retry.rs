//! Which failures are repeated, and how patiently.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use erplink_core::clock::ManualClock;
use erplink_core::retry::Jitter;
use erplink_core::{
    ApiDetail, Call, Effect, Error, ErrorKind, Idempotency, Retry, RetryPolicy, TransportError,
};
use futures_util::FutureExt;

#[derive(Clone, Debug)]
struct Detail;

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("detail")
    }
}

impl ApiDetail for Detail {}

type Failure = Error<Detail>;

fn never_sent() -> Failure {
    TransportError::before_send(ErrorKind::Connect, "refused").into()
}

fn lost() -> Failure {
    TransportError::after_send(ErrorKind::Io, "reset").into()
}

fn throttled() -> Failure {
    Error::new(ErrorKind::RateLimited, "slow down").transient()
}

fn refused() -> Failure {
    Error::new(ErrorKind::Api, "no")
}

/// Runs a call that fails `failures` times and answers how often it was tried.
async fn run(
    failure: fn() -> Failure,
    failures: u32,
    idempotency: Idempotency,
) -> (Result<u32, Failure>, u32, Vec<Duration>) {
    let clock = ManualClock::default();
    let policy = RetryPolicy::default().jitter(Jitter::None);
    let retry = Retry::with_clock("test", policy, Arc::new(clock.clone()));
    let calls = Arc::new(AtomicU32::new(0));
    let result = retry
        .run(&Call::new("POST Things", idempotency), |_| {
            let calls = calls.clone();
            async move {
                let n = calls.fetch_add(1, Ordering::SeqCst) + 1;
                if n <= failures { Err(failure()) } else { Ok(n) }
            }
            .boxed()
        })
        .await;
    (result, calls.load(Ordering::SeqCst), clock.slept())
}

#[tokio::test]
async fn the_table_of_the_module_holds() {
    use Idempotency::{Idempotent, Keyed, NotIdempotent, Safe};
    for idempotency in [Safe, Idempotent, Keyed, NotIdempotent] {
        let lost_is_repeated = idempotency != NotIdempotent;
        for (failure, repeated) in [
            (never_sent as fn() -> Failure, true),
            (throttled, true),
            (lost, lost_is_repeated),
            (refused, false),
        ] {
            let (result, calls, _) = run(failure, 1, idempotency).await;
            assert_eq!(result.is_ok(), repeated, "{idempotency:?} {:?}", failure());
            assert_eq!(calls, if repeated { 2 } else { 1 });
        }
    }
}

#[tokio::test]
async fn gives_up_after_three_attempts_and_says_so() {
    let (result, calls, slept) = run(lost, 99, Idempotency::Safe).await;
    let error = result.unwrap_err();
    assert_eq!((calls, error.attempts()), (3, 3));
    assert_eq!(slept, [Duration::from_millis(200), Duration::from_millis(400)]);
    assert_eq!(error.operation(), Some("POST Things"));
    assert!(!error.may_have_taken_effect(), "a lost read did nothing");
}

#[tokio::test]
async fn a_lost_write_says_that_it_may_have_happened() {
    let (result, ..) = run(lost, 1, Idempotency::NotIdempotent).await;
    let error = result.unwrap_err();
    assert!(error.may_have_taken_effect() && !error.is_retryable() && !error.is_before_send());
    assert!(error.to_string().contains("may have taken effect"), "{error}");
    assert_eq!(error.effect(), Effect::Unknown);
}

#[tokio::test]
async fn the_servers_hint_wins_and_the_deadline_holds() {
    let hinted = || throttled().with_retry_after(Some(Duration::from_secs(30)));
    let (result, _, slept) = run(hinted, 1, Idempotency::NotIdempotent).await;
    assert!(result.is_ok());
    assert_eq!(slept, [Duration::from_secs(30)]);

    let too_long = || throttled().with_retry_after(Some(Duration::from_secs(3000)));
    let (result, calls, slept) = run(too_long, 1, Idempotency::Safe).await;
    assert_eq!((calls, slept.len()), (1, 0));
    assert_eq!(result.unwrap_err().retry_after(), Some(Duration::from_secs(3000)));
}

#[tokio::test]
async fn an_outage_uses_up_the_shared_quota() {
    let clock = ManualClock::default();
    let retry = Retry::with_clock("test", RetryPolicy::default(), Arc::new(clock.clone()));
    let calls = Arc::new(AtomicU32::new(0));
    for _ in 0..100 {
        let result: Result<(), Failure> = retry
            .run(&Call::new("GET Things", Idempotency::Safe), |_| {
                calls.fetch_add(1, Ordering::SeqCst);
                async { Err(lost()) }.boxed()
            })
            .await;
        assert!(result.is_err());
    }
    let calls = calls.load(Ordering::SeqCst);
    assert_eq!(calls, 100 + 500 / 14, "first attempts, and what the quota paid for");
}

#[tokio::test]
async fn a_hint_beyond_every_clock_ends_the_call() {
    let endless = || throttled().with_retry_after(Some(Duration::MAX));
    let (result, calls, slept) = run(endless, 1, Idempotency::Safe).await;
    assert_eq!((calls, slept.len()), (1, 0));
    assert_eq!(result.unwrap_err().kind(), ErrorKind::RateLimited);
}

#[tokio::test]
async fn a_lost_answer_stays_in_doubt_whatever_the_repetition_meets() {
    for second in [never_sent as fn() -> Failure, refused] {
        let retry = Retry::with_clock(
            "test",
            RetryPolicy::default().max_attempts(2),
            Arc::new(ManualClock::default()),
        );
        let call = Call::new("PUT Things(1)", Idempotency::Idempotent);
        let result: Result<(), Failure> = retry
            .run(&call, |attempt| {
                async move { Err(if attempt == 1 { lost() } else { second() }) }.boxed()
            })
            .await;
        let error = result.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.is_before_send(), "{error:?}");
        assert_eq!(error.kind(), second().kind(), "the last answer is told");
    }
}
