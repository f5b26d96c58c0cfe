//! What the service remembers.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::quirks::Quirks;
use crate::Clock;

/// A picture that was recognised, and billed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recognized {
    /// When, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The size of the file.
    pub bytes: usize,
    /// The SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
    /// How many invoices were read.
    pub invoices: usize,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) quirks: Quirks,
    pub(super) largest_picture: usize,
    pub(super) recognized: Vec<Recognized>,
    /// What the next calls are told instead of being carried out.
    pub(super) refusals: VecDeque<String>,
    /// How much later the next successes are answered.
    pub(super) delays: VecDeque<Duration>,
}

#[derive(Debug)]
pub(super) struct Platform {
    clock: Clock,
    world: Mutex<World>,
}

impl Platform {
    pub(super) fn new(clock: Clock, world: World) -> Self {
        Self { clock, world: Mutex::new(world) }
    }

    /// Does something to the service at the present moment.
    pub(super) fn act<T>(&self, act: impl FnOnce(&mut World, DateTime<Utc>) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        act(&mut world, self.clock.now())
    }
}
