//! The running platform: its memory, and the line to the pusher.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;

use super::callback::{Callback, Subscription};
use super::options::Options;
use super::push::{self, Delivery};
use super::refusal::Refusal;
use super::world::World;
use crate::Clock;
use crate::caller::Caller;
use crate::memory::Memory;

pub(super) struct Platform {
    memory: Memory<World>,
    pub(super) http: Caller,
    pub(super) options: Options,
    outgoing: mpsc::UnboundedSender<Delivery>,
}

/// Shows nothing: the memory holds secrets.
impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Deref for Platform {
    type Target = Memory<World>;

    fn deref(&self) -> &Self::Target {
        &self.memory
    }
}

impl Platform {
    /// Starts the pusher; it ends with the platform.
    pub(super) fn start(world: World, clock: Clock, options: Options) -> Arc<Self> {
        let (outgoing, incoming) = mpsc::unbounded_channel();
        let platform = Arc::new(Platform {
            memory: Memory::new(world, clock),
            http: Caller::new(),
            options,
            outgoing,
        });
        tokio::spawn(push::run(Arc::downgrade(&platform), incoming));
        platform
    }

    /// Does something to the platform at the present moment, then sends off what it announced.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        self.memory.act(|world, now| {
            let outcome = act(world, now);
            // Under the lock, so that two actions do not swap their events.
            for delivery in push::dispatch(world, now) {
                if self.outgoing.send(delivery).is_err() {
                    tracing::warn!("the pusher has ended; an event is lost");
                }
            }
            outcome
        })
    }

    /// Saves the callback of an app after its address passed the URL check.
    pub(super) async fn save_callback(
        &self,
        agent: i64,
        callback: Callback,
    ) -> Result<(), Refusal> {
        let corp_id = self.look(|world, _| {
            let app = world.app(agent);
            app.map(|_| world.corp_id.clone())
                .ok_or_else(|| Refusal::new(40056, format!("invalid agentid {agent}")))
        })?;
        let subscription = Subscription::new(callback, &corp_id)?;
        Box::pin(push::check_url(self, &subscription)).await?;
        self.act(|world, _| {
            if let Some(app) = world.app_mut(agent) {
                app.subscription = Some(subscription);
            }
        });
        Ok(())
    }
}
