//! The running platform: its memory behind a lock, its clock, and the line to the pusher.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, mpsc};

use super::options::Options;
use super::push::{self, Delivery, HttpClient};
use super::world::World;
use crate::Clock;

pub(super) struct Platform {
    world: Mutex<World>,
    pub(super) clock: Clock,
    pub(super) http: HttpClient,
    pub(super) options: Options,
    outgoing: mpsc::UnboundedSender<Delivery>,
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
    /// Starts the pusher; it ends with the platform.
    pub(super) fn start(world: World, clock: Clock, options: Options) -> Arc<Self> {
        let (outgoing, incoming) = mpsc::unbounded_channel();
        let platform = Arc::new(Platform {
            world: Mutex::new(world),
            clock,
            http: push::http_client(),
            options,
            outgoing,
            changed: Notify::new(),
        });
        tokio::spawn(push::run(Arc::downgrade(&platform), incoming));
        platform
    }

    /// Does something to the platform at the present moment, then sends off what it announced.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = act(&mut world, self.clock.now());
        // Under the lock, so that two actions do not swap their events.
        for delivery in push::dispatch(&mut world) {
            if self.outgoing.send(delivery).is_err() {
                tracing::warn!("the pusher has ended; an event is lost");
            }
        }
        drop(world);
        self.changed.notify_waiters();
        outcome
    }

    /// Looks at the platform at the present moment.
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
