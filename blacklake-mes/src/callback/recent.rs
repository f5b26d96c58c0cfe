//! What was received lately.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::Received;

/// A bounded memory of requests and records, for receivers without a store of their own.
///
/// It forgets when the process ends; a receiver that books documents keeps the keys where it keeps
/// the documents.
#[derive(Debug)]
pub struct Recent {
    capacity: usize,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    keys: HashSet<String>,
    order: VecDeque<String>,
}

/// What of a push is news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The request is new; so are these of its [`record keys`](Received::record_keys).
    New(Vec<String>),
    /// The request is known, or all of its records are.
    Known,
}

impl Recent {
    /// Remembers this many keys; the oldest go first.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), known: Mutex::default() }
    }

    /// Notes a push and says what of it is news. Of concurrent deliveries one is new.
    pub fn note(&self, received: &Received) -> Seen {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let records = received.record_keys();
        let is_new = known.add(received.dedup_key(), self.capacity);
        if !is_new {
            return Seen::Known;
        }
        let had_records = !records.is_empty();
        let new: Vec<String> =
            records.into_iter().filter(|key| known.add(key.clone(), self.capacity)).collect();
        if had_records && new.is_empty() { Seen::Known } else { Seen::New(new) }
    }

    /// Forgets a push whose work failed, so that its repetition is news again.
    pub fn forget(&self, received: &Received) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for key in received.record_keys().into_iter().chain([received.dedup_key()]) {
            known.keys.remove(&key);
            known.order.retain(|old| *old != key);
        }
    }
}

impl Known {
    fn add(&mut self, key: String, capacity: usize) -> bool {
        if !self.keys.insert(key.clone()) {
            return false;
        }
        self.order.push_back(key);
        while self.order.len() > capacity {
            if let Some(oldest) = self.order.pop_front() {
                self.keys.remove(&oldest);
            }
        }
        true
    }
}
