//! Which events were handled: the platform pushes some of them more than once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long an event is remembered.
const REMEMBERED: Duration = Duration::from_secs(3600);
/// How many at most.
const MOST: usize = 100_000;

/// The events of this process, by their keys.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    events: HashMap<String, State>,
    /// The handled ones, oldest first.
    handled: VecDeque<(Instant, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Handled,
}

/// What to do with an event.
#[derive(Debug)]
pub(super) enum Turn<'a> {
    /// Handle it, then call [`Handling::done`].
    New(Handling<'a>),
    /// An earlier push of it is being handled right now.
    Running,
    /// It was handled.
    Handled,
}

/// An event being handled; dropped without [`Handling::done`] it counts as not handled.
#[derive(Debug)]
pub(super) struct Handling<'a> {
    seen: &'a Seen,
    key: Option<String>,
}

impl Seen {
    pub(super) fn begin(&self, key: String, now: Instant) -> Turn<'_> {
        let mut memory = self.lock();
        memory.forget_old(now);
        match memory.events.get(&key) {
            Some(State::Running) => Turn::Running,
            Some(State::Handled) => Turn::Handled,
            None => {
                memory.events.insert(key.clone(), State::Running);
                Turn::New(Handling { seen: self, key: Some(key) })
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    fn forget_old(&mut self, now: Instant) {
        while let Some((at, _)) = self.handled.front() {
            let is_old = now.saturating_duration_since(*at) >= REMEMBERED;
            if !is_old && self.handled.len() <= MOST {
                break;
            }
            if let Some((_, key)) = self.handled.pop_front() {
                self.events.remove(&key);
            }
        }
    }
}

impl Handling<'_> {
    pub(super) fn done(mut self, now: Instant) {
        let Some(key) = self.key.take() else { return };
        let mut memory = self.seen.lock();
        memory.events.insert(key.clone(), State::Handled);
        memory.handled.push_back((now, key));
    }
}

impl Drop for Handling<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.seen.lock().events.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_one_turn_until_it_fails_or_an_hour_has_passed() {
        let (seen, now) = (Seen::default(), Instant::now());
        let Turn::New(first) = seen.begin("a".into(), now) else { panic!("new") };
        assert!(matches!(seen.begin("a".into(), now), Turn::Running));
        drop(first);
        let Turn::New(second) = seen.begin("a".into(), now) else { panic!("failed before") };
        second.done(now);
        let almost = now + REMEMBERED - Duration::from_millis(1);
        assert!(matches!(seen.begin("a".into(), almost), Turn::Handled));
        assert!(matches!(seen.begin("a".into(), now + REMEMBERED), Turn::New(_)));
    }

    #[test]
    fn memory_is_bounded() {
        let (seen, now) = (Seen::default(), Instant::now());
        for number in 0..MOST + 10 {
            let Turn::New(handling) = seen.begin(number.to_string(), now) else { panic!("new") };
            handling.done(now);
        }
        assert!(matches!(seen.begin("0".into(), now), Turn::New(_)), "the oldest is forgotten");
        assert!(seen.lock().events.len() <= MOST + 2);
    }
}
