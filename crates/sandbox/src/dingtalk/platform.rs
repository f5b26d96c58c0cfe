//! The running platform: its memory behind a lock, its clock, and the line to the pusher.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, mpsc};

use super::callback::{Callback, Subscription, Through, Unsaved};
use super::push::{self, Delivery, HttpClient};
use super::stream;
use super::world::World;
use crate::Clock;

pub(super) struct Platform {
    world: Mutex<World>,
    pub(super) clock: Clock,
    pub(super) http: HttpClient,
    pub(super) reply_deadline: Duration,
    outgoing: mpsc::UnboundedSender<Delivery>,
    /// Somebody may wait for what an action brings about.
    changed: Arc<Notify>,
}

/// Shows nothing: the memory holds secrets.
impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    /// Starts the pusher and the clockwork of Stream mode; they end with the platform.
    pub(super) fn start(world: World, clock: Clock, reply_deadline: Duration) -> Arc<Self> {
        let (outgoing, incoming) = mpsc::unbounded_channel();
        let platform = Arc::new(Platform {
            world: Mutex::new(world),
            clock,
            http: push::http_client(),
            reply_deadline,
            outgoing,
            changed: Arc::default(),
        });
        tokio::spawn(push::run(Arc::downgrade(&platform), incoming));
        tokio::spawn(stream::keep(Arc::downgrade(&platform)));
        platform
    }

    /// Does something to the platform at the present moment, then sends off what it announced.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = act(&mut world, self.clock.now());
        // Under the lock, so that two actions do not swap their events.
        for delivery in push::dispatch(&mut world, self.clock.now()) {
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

    /// Resolves at the next action.
    pub(super) fn changed(&self) -> OwnedNotified {
        Arc::clone(&self.changed).notified_owned()
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

    /// Saves a callback after its address answered `check_url`.
    pub(super) async fn save_callback(
        &self,
        callback: Callback,
        through: Through,
    ) -> Result<(), Unsaved> {
        let (client_id, corp_id) =
            self.look(|world, _| (world.app.client_id.clone(), world.app.corp_id.clone()));
        let subscription = Subscription::new(callback, through, &client_id, &corp_id)?;
        Box::pin(push::check_url(self, &subscription)).await?;
        self.act(|world, _| {
            // An app has one push type.
            world.stream.unsubscribe();
            world.subscription = Some(subscription);
        });
        Ok(())
    }
}

/// Wakes those who wait for an action: there will be none.
impl Drop for Platform {
    fn drop(&mut self) {
        self.changed.notify_waiters();
    }
}
