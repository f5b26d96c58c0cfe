//! How the simulated platform is started and what can go wrong with its pushes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::quirks::Quirks;

/// Where the simulated MES listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the API (`v3-hw.blacklake.cn`); 0: any free one.
    pub port: u16,
    /// Quotas.
    pub limits: Limits,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
    /// How long (on the simulated clock) a token lives: 2 h. Not documented.
    pub token_life: Duration,
    /// When a failed push is repeated.
    pub redelivery: Redelivery,
    /// How long (in real time) an address may take to answer an event: 5 s. Not documented.
    pub reply_deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            limits: Limits::default(),
            quirks: Quirks::default(),
            token_life: Duration::from_secs(7200),
            redelivery: Redelivery::default(),
            reply_deadline: Duration::from_secs(5),
        }
    }
}

/// When a push that was not answered with the status 200 is repeated. The platform documents
/// nothing about it.
#[derive(Clone, Copy, Debug)]
pub struct Redelivery {
    /// Repeats after the first attempt: 3.
    pub repeats: u32,
    /// Pause before each repeat, on the simulated clock: 10 s.
    pub pause: Duration,
}

impl Default for Redelivery {
    fn default() -> Self {
        Redelivery { repeats: 3, pause: Duration::from_secs(10) }
    }
}

/// What can go wrong with a pushed event. Each is used up by one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFault {
    /// The event is pushed twice, with the same `requestId`.
    Duplicate,
    /// The event is pushed after the one that follows it.
    OutOfOrder,
    /// The event is never pushed. [`Mes::redeliver`](super::Mes::redeliver) can send it later.
    Lost,
    /// The first attempt is encrypted under another key.
    WrongKey,
    /// The first attempt has a ciphertext that is not whole.
    Truncated,
    /// The first attempt is the plain event, although a key is configured.
    Plain,
}
