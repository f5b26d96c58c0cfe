//! The same request twice: scanners are tapped twice.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use erplink_core::Members;
use erplink_core::clock::Clock;
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;
use tracing::info;

use crate::config::Settings;
use crate::{SaveError, Saved};

pub(crate) type Key = [u8; 32];
type Outcome = Result<Saved, SaveError>;

/// Remembers what was saved a moment ago.
#[derive(Clone)]
pub(crate) struct Repeats {
    window: Duration,
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<HashMap<Key, Entry>>>,
}

#[derive(Clone)]
struct Entry {
    since: Instant,
    outcome: Arc<OnceCell<Outcome>>,
}

impl Repeats {
    pub(crate) fn new(window: Duration, clock: Arc<dyn Clock>) -> Self {
        Self { window, clock, seen: Arc::default() }
    }

    /// Does the work, or answers what became of it a moment ago. Who comes while it is done waits
    /// for it.
    pub(crate) async fn once(&self, key: Key, work: impl Future<Output = Outcome>) -> Outcome {
        if self.window.is_zero() {
            return work.await;
        }
        let cell = self.entry(key);
        if cell.initialized() {
            info!("the same document was saved a moment ago: its answer is repeated");
        }
        let outcome = cell.get_or_init(|| work).await.clone();
        if outcome.as_ref().is_err_and(|error| !error.may_stand()) {
            let mut seen = self.seen();
            if seen.get(&key).is_some_and(|entry| Arc::ptr_eq(&entry.outcome, &cell)) {
                seen.remove(&key);
            }
        }
        outcome
    }

    fn entry(&self, key: Key) -> Arc<OnceCell<Outcome>> {
        let now = self.clock.now();
        let mut seen = self.seen();
        // What is still worked on stays, however long it takes.
        seen.retain(|_, entry| {
            !entry.outcome.initialized() || now.saturating_duration_since(entry.since) < self.window
        });
        let fresh = || Entry { since: now, outcome: Arc::default() };
        seen.entry(key).or_insert_with(fresh).outcome.clone()
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What makes a request the same: all of it but the time of the tap.
pub(crate) fn key(request: &Members, settings: &Settings) -> Key {
    let mut hash = Sha256::new();
    for (name, value) in request.iter() {
        let header = (name == "MainTable").then(|| value.get::<Members>().ok()).flatten();
        match header {
            None => part(&mut hash, name, value.as_str()),
            Some(header) => {
                part(&mut hash, name, "{");
                for (name, value) in
                    header.iter().filter(|(name, _)| !settings.is_ignored_in_repeats(name))
                {
                    part(&mut hash, name, value.as_str());
                }
            }
        }
    }
    hash.finalize().into()
}

/// With its lengths, so that no two lists of parts read the same.
fn part(hash: &mut Sha256, name: &str, value: &str) {
    for text in [name, value] {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
}
