//! The running server: its memory behind a lock, its clock, and the line to other systems.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::push::{self, HttpClient};
use super::world::World;
use crate::Clock;

pub(super) struct Platform {
    world: Mutex<World>,
    pub(super) clock: Clock,
    pub(super) http: HttpClient,
    pub(super) reply_deadline: Duration,
    /// Somebody may wait for what an action brings about.
    changed: Notify,
}

/// Shows nothing: the memory holds secrets.
impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    pub(super) fn new(world: World, clock: Clock, reply_deadline: Duration) -> Arc<Self> {
        let (http, changed) = (push::http_client(), Notify::new());
        Arc::new(Platform { world: Mutex::new(world), clock, http, reply_deadline, changed })
    }

    /// Does something to the server at the present moment.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = act(&mut world, self.clock.now());
        drop(world);
        self.changed.notify_waiters();
        outcome
    }

    /// Looks at the server at the present moment.
    pub(super) fn look<T>(&self, look: impl FnOnce(&World, DateTime<Utc>) -> T) -> T {
        let world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        look(&world, self.clock.now())
    }

    /// Looks after every action until there is something to see.
    pub(super) async fn wait_for<T>(
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
}
