//! The token cell under concurrency, cancellation, outages and several processes.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use erplink_core::clock::{Clock, ManualClock};
use erplink_core::token::StoreError;
use erplink_core::{
    ApiDetail, Error, ErrorKind, Grant, Secret, StoredToken, Token, TokenCell, TokenStore,
};

#[derive(Clone, Debug)]
struct Detail;

impl std::fmt::Display for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("detail")
    }
}

impl ApiDetail for Detail {}

type Cell = TokenCell<Detail>;

const HOUR: Duration = Duration::from_secs(3600);
const MARGIN: Duration = Duration::from_secs(600);

#[derive(Default)]
struct Platform {
    logins: AtomicU64,
}

impl Platform {
    fn logins(&self) -> u64 {
        self.logins.load(Ordering::SeqCst)
    }

    async fn login(&self) -> Result<Grant, Error<Detail>> {
        let n = self.logins.fetch_add(1, Ordering::SeqCst) + 1;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        Ok(Grant { value: Secret::new(format!("token {n}")), ttl: HOUR })
    }

    async fn fail(&self, kind: ErrorKind) -> Result<Grant, Error<Detail>> {
        self.logins.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        Err(Error::new(kind, "no"))
    }
}

fn cell() -> (Arc<Cell>, ManualClock) {
    let clock = ManualClock::default();
    (Arc::new(Cell::new(Arc::new(clock.clone()), MARGIN)), clock)
}

async fn crowd(size: u32, cell: &Arc<Cell>, platform: &Arc<Platform>) -> Vec<Token> {
    let tasks: Vec<_> = (0..size)
        .map(|_| {
            let (cell, platform) = (cell.clone(), platform.clone());
            tokio::spawn(async move { cell.get(|| platform.login()).await.unwrap() })
        })
        .collect();
    let mut tokens = Vec::new();
    for task in tasks {
        tokens.push(task.await.unwrap());
    }
    tokens
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_first_calls_share_one_login_and_their_rejections_one_more() {
    let (cell, _) = cell();
    let platform = Arc::new(Platform::default());
    let tokens = crowd(10_000, &cell, &platform).await;
    assert_eq!(platform.logins(), 1);

    let tasks: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let (cell, platform) = (cell.clone(), platform.clone());
            tokio::spawn(async move {
                cell.invalidate(token.generation()).unwrap();
                cell.get(|| platform.login()).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().value().expose(), "token 2");
    }
    assert_eq!(platform.logins(), 2);
}

#[tokio::test]
async fn a_cancelled_fetch_leaves_the_next_caller_to_fetch() {
    let (cell, _) = cell();
    let platform = Arc::new(Platform::default());
    let stuck = {
        let cell = cell.clone();
        tokio::spawn(async move { cell.get(std::future::pending).await })
    };
    tokio::task::yield_now().await;
    let waiter = {
        let (cell, platform) = (cell.clone(), platform.clone());
        tokio::spawn(async move { cell.get(|| platform.login()).await })
    };
    tokio::task::yield_now().await;
    assert!(!waiter.is_finished());
    stuck.abort();
    assert_eq!(waiter.await.unwrap().unwrap().value().expose(), "token 1");
}

#[tokio::test]
async fn renews_before_expiry_and_keeps_the_old_token_when_that_fails() {
    let (cell, clock) = cell();
    let platform = Platform::default();
    cell.get(|| platform.login()).await.unwrap();

    clock.advance(HOUR - MARGIN - Duration::from_secs(1));
    cell.get(|| platform.login()).await.unwrap();
    assert_eq!(platform.logins(), 1, "not due yet");

    clock.advance(Duration::from_secs(2));
    let kept = cell.get(|| platform.fail(ErrorKind::Connect)).await.unwrap();
    assert_eq!(kept.value().expose(), "token 1", "an outage keeps a good token");
    cell.get(|| platform.login()).await.unwrap();
    assert_eq!(platform.logins(), 2, "the next try waits a little");

    clock.advance(MARGIN / 10);
    assert_eq!(cell.get(|| platform.login()).await.unwrap().value().expose(), "token 3");

    clock.advance(HOUR);
    let error = cell.get(|| platform.fail(ErrorKind::Connect)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect, "an expired token is not used");
}

#[tokio::test]
async fn short_lives_are_not_renewed_on_every_call() {
    let (cell, clock) = cell();
    let platform = Platform::default();
    let short = || async {
        platform.logins.fetch_add(1, Ordering::SeqCst);
        Ok(Grant { value: "short".into(), ttl: MARGIN / 2 })
    };
    for _ in 0..5 {
        cell.get(short).await.unwrap();
    }
    assert_eq!(platform.logins(), 1);
    clock.advance(MARGIN / 4);
    cell.get(short).await.unwrap();
    assert_eq!(platform.logins(), 2, "at half its life");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_credentials_are_tried_once_until_reset() {
    let (cell, _) = cell();
    let platform = Arc::new(Platform::default());
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let (cell, platform) = (cell.clone(), platform.clone());
            tokio::spawn(async move { cell.get(|| platform.fail(ErrorKind::Auth)).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap_err().kind(), ErrorKind::Auth);
    }
    assert!(cell.get(|| platform.login()).await.is_err());
    assert_eq!(platform.logins(), 1);
    cell.reset().await;
    assert!(cell.get(|| platform.login()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn waiters_share_the_failure_of_the_fetch_they_waited_for() {
    let (cell, _) = cell();
    let platform = Arc::new(Platform::default());
    let gate = Arc::new(tokio::sync::Notify::new());
    let fetching = {
        let (cell, platform, gate) = (cell.clone(), platform.clone(), gate.clone());
        tokio::spawn(async move {
            cell.get(|| async {
                gate.notified().await;
                platform.fail(ErrorKind::Connect).await
            })
            .await
        })
    };
    tokio::task::yield_now().await;
    let started = Arc::new(AtomicU64::new(0));
    let waiters: Vec<_> = (0..100)
        .map(|_| {
            let (cell, platform) = (cell.clone(), platform.clone());
            let started = started.clone();
            tokio::spawn(async move {
                started.fetch_add(1, Ordering::SeqCst);
                cell.get(|| platform.fail(ErrorKind::Connect)).await
            })
        })
        .collect();
    while started.load(Ordering::SeqCst) < 100 {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    assert!(fetching.await.unwrap().is_err());
    for waiter in waiters {
        assert!(waiter.await.unwrap().is_err());
    }
    // Those that had not yet queued when the fetch ended may have tried for themselves, but the
    // queue as a whole must not have worked off one failing login each.
    assert!(platform.logins() < 50, "{} logins", platform.logins());
}

#[tokio::test]
async fn an_idle_session_slides_and_changes_in_place() {
    let (cell, clock) = cell();
    let platform = Platform::default();
    let token = cell.get(|| platform.login()).await.unwrap();
    for _ in 0..10 {
        clock.advance(HOUR / 2);
        cell.touch(token.generation(), HOUR);
    }
    cell.replace(token.generation(), "moved to node 2".into());
    let same = cell.get(|| platform.login()).await.unwrap();
    assert_eq!(same.value().expose(), "moved to node 2");
    assert_eq!(platform.logins(), 1);
}

#[tokio::test]
async fn stops_fetching_when_every_new_token_is_rejected() {
    let (cell, clock) = cell();
    let platform = Platform::default();
    let mut stopped = None;
    for _ in 0..100 {
        let token = cell.get(|| platform.login()).await.unwrap();
        if let Err(error) = cell.invalidate(token.generation()) {
            stopped = Some(error);
            break;
        }
    }
    assert_eq!(stopped.unwrap().kind(), ErrorKind::Session);
    assert_eq!(platform.logins(), 11);
    clock.advance(Duration::from_secs(6));
    let token = cell.get(|| platform.login()).await.unwrap();
    assert!(cell.invalidate(token.generation()).is_ok(), "after a while it may be tried again");
}

#[derive(Default)]
struct Shared(Mutex<HashMap<String, StoredToken>>);

#[async_trait]
impl TokenStore for Shared {
    async fn load(&self, key: &str) -> Result<Option<StoredToken>, StoreError> {
        Ok(self.0.lock().unwrap().get(key).cloned())
    }

    async fn compare_and_store(
        &self,
        key: &str,
        previous: Option<&Secret>,
        token: &StoredToken,
    ) -> Result<bool, StoreError> {
        let mut map = self.0.lock().unwrap();
        if map.get(key).map(|stored| &stored.value) != previous {
            return Ok(false);
        }
        map.insert(key.to_owned(), token.clone());
        Ok(true)
    }
}

#[tokio::test]
async fn two_processes_share_one_token_through_a_store() {
    let clock = ManualClock::default();
    let store = Arc::new(Shared::default());
    let process = || {
        let clock: Arc<dyn Clock> = Arc::new(clock.clone());
        Cell::new(clock, MARGIN).with_store(store.clone(), "app")
    };
    let (one, two) = (process(), process());
    let platform = Platform::default();

    let first = one.get(|| platform.login()).await.unwrap();
    let same = two.get(|| platform.login()).await.unwrap();
    assert_eq!(first.value(), same.value());
    assert_eq!(platform.logins(), 1);

    // Rejected in one process: it fetches, the other finds the new one in the store.
    one.invalidate(first.generation()).unwrap();
    let renewed = one.get(|| platform.login()).await.unwrap();
    assert_eq!(renewed.value().expose(), "token 2", "a rejected token is not taken back");
    two.invalidate(same.generation()).unwrap();
    assert_eq!(two.get(|| platform.login()).await.unwrap().value(), renewed.value());
    assert_eq!(platform.logins(), 2);
}

#[tokio::test]
async fn a_token_rejected_during_its_renewal_comes_back_from_nowhere() {
    let clock = ManualClock::default();
    let store = Arc::new(Shared::default());
    let cell = Cell::new(Arc::new(clock.clone()), MARGIN).with_store(store.clone(), "app");
    let platform = Platform::default();
    let first = cell.get(|| platform.login()).await.unwrap();

    // The early renewal holds the gate when the old token is rejected, and then fails.
    clock.advance(HOUR - MARGIN + Duration::from_secs(1));
    let failed = cell
        .get(|| {
            cell.invalidate(first.generation()).unwrap();
            platform.fail(ErrorKind::Connect)
        })
        .await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Connect, "a rejected token does not serve");

    // It is still in the store, and for the store it is good.
    store.0.lock().unwrap().get_mut("app").unwrap().expires_at = clock.utc() + 2 * HOUR;
    let next = cell.get(|| platform.login()).await.unwrap();
    assert_ne!(next.value(), first.value(), "taken back from the store");
    let stored = store.load("app").await.unwrap().unwrap();
    assert_eq!(&stored.value, next.value(), "and replaced there");
}

#[tokio::test]
async fn a_store_that_lags_behind_gives_no_rejected_token_back() {
    let clock = ManualClock::default();
    let store = Arc::new(Shared::default());
    let cell = Cell::new(Arc::new(clock.clone()), MARGIN).with_store(store.clone(), "app");
    let platform = Platform::default();
    let first = cell.get(|| platform.login()).await.unwrap();
    let old = store.load("app").await.unwrap().unwrap();
    cell.invalidate(first.generation()).unwrap();
    let second = cell.get(|| platform.login()).await.unwrap();
    // As after a restore of the store's database.
    store.0.lock().unwrap().insert("app".into(), old);
    cell.invalidate(second.generation()).unwrap();
    let third = cell.get(|| platform.login()).await.unwrap();
    assert_eq!(third.value().expose(), "token 3");
}

#[tokio::test]
async fn an_expired_token_in_the_store_is_replaced() {
    let clock = ManualClock::default();
    let store = Arc::new(Shared::default());
    let process = || Cell::new(Arc::new(clock.clone()), MARGIN).with_store(store.clone(), "app");
    let platform = Platform::default();
    process().get(|| platform.login()).await.unwrap();
    clock.advance(2 * HOUR);
    let fresh = process().get(|| platform.login()).await.unwrap();
    assert_eq!(&store.load("app").await.unwrap().unwrap().value, fresh.value());
    process().get(|| platform.login()).await.unwrap();
    assert_eq!(platform.logins(), 2, "the third process finds it");
}

#[tokio::test]
async fn refused_credentials_leave_a_good_token_until_it_expires() {
    let (cell, clock) = cell();
    let platform = Platform::default();
    cell.get(|| platform.login()).await.unwrap();
    clock.advance(HOUR - MARGIN + Duration::from_secs(1));
    for _ in 0..3 {
        let kept = cell.get(|| platform.fail(ErrorKind::Auth)).await.unwrap();
        assert_eq!(kept.value().expose(), "token 1");
        clock.advance(MARGIN / 8);
    }
    assert_eq!(platform.logins(), 2, "the refusal is remembered");
    clock.advance(MARGIN);
    let error = cell.get(|| platform.login()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
}

#[tokio::test]
async fn no_life_is_too_long_to_add() {
    let store = Arc::new(Shared::default());
    let cell = Cell::new(Arc::new(ManualClock::default()), MARGIN).with_store(store, "app");
    let endless = || async { Ok(Grant { value: "t".into(), ttl: Duration::MAX }) };
    let token = cell.get(endless).await.unwrap();
    cell.touch(token.generation(), Duration::MAX);
    assert_eq!(cell.get(endless).await.unwrap().generation(), token.generation());
}
