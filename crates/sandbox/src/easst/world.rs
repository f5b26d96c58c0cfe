//! What the service remembers.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::quirks::Quirks;
use crate::memory::Memory;

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

/// What the servers share.
pub(super) type Platform = Memory<World>;
