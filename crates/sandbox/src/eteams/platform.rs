//! The running platform: its memory behind a lock, and its clock.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use super::Options;
use super::organization::Organization;
use super::refusal::Refusal;
use super::tokens::Tokens;
use crate::Clock;

/// Everything the simulated platform remembers.
pub(super) struct World {
    pub(super) options: Options,
    pub(super) tokens: Tokens,
    pub(super) organization: Organization,
    /// What waits for the next call of a path.
    pub(super) arranged: VecDeque<(String, Refusal)>,
}

impl World {
    /// The refusal that was arranged for a call of this path.
    pub(super) fn take_arranged(&mut self, path: &str) -> Option<Refusal> {
        let at = self.arranged.iter().position(|(end, _)| path.ends_with(end.as_str()))?;
        self.arranged.remove(at).map(|(_, refusal)| refusal)
    }
}

pub(super) struct Platform {
    world: Mutex<World>,
    clock: Clock,
}

/// Shows nothing: the memory holds secrets.
impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    pub(super) fn new(world: World, clock: Clock) -> Self {
        Self { world: Mutex::new(world), clock }
    }

    /// Does something to the platform at the present moment.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut world, self.clock.now())
    }

    /// Looks at the platform.
    pub(super) fn look<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
