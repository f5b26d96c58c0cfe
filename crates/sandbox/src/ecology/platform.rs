//! The running server: its memory, and the line to other systems.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use super::world::World;
use crate::Clock;
use crate::caller::Caller;
use crate::memory::Memory;

pub(super) struct Platform {
    memory: Memory<World>,
    pub(super) http: Caller,
    pub(super) reply_deadline: Duration,
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
    pub(super) fn new(world: World, clock: Clock, reply_deadline: Duration) -> Arc<Self> {
        let (memory, http) = (Memory::new(world, clock), Caller::new());
        Arc::new(Platform { memory, http, reply_deadline })
    }
}
