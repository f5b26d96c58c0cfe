//! What a simulator remembers: its world behind a lock, at the time of its clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::Clock;

/// The world of one simulated platform. Dropping it wakes all who wait for an action.
pub(crate) struct Memory<World> {
    world: Mutex<World>,
    clock: Clock,
    /// Somebody may wait for what an action brings about.
    changed: Arc<Notify>,
}

/// Shows nothing: the memory holds secrets.
impl<World> fmt::Debug for Memory<World> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

impl<World> Memory<World> {
    pub(crate) fn new(world: World, clock: Clock) -> Self {
        Self { world: Mutex::new(world), clock, changed: Arc::default() }
    }

    /// The time of the platform.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Does something to the world at the present moment.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = act(&mut world, self.clock.now());
        drop(world);
        self.changed.notify_waiters();
        outcome
    }

    /// Looks at the world at the present moment.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&World, DateTime<Utc>) -> T) -> T {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        look(&world, self.clock.now())
    }

    /// Looks after every action until there is something to see.
    pub(crate) async fn wait_for<T>(
        &self,
        mut look: impl FnMut(&World, DateTime<Utc>) -> Option<T>,
    ) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that a change in between is not missed.
            changed.as_mut().enable();
            if let Some(seen) = self.look(&mut look) {
                return seen;
            }
            changed.await;
        }
    }

    /// Resolves at the next action.
    pub(crate) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
    }
}

/// There will be no more actions.
impl<World> Drop for Memory<World> {
    fn drop(&mut self) {
        self.changed.notify_waiters();
    }
}
