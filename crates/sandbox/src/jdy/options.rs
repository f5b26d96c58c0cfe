//! How the simulated platform is started.

use std::time::Duration;

use super::quirks::Quirks;

/// Where the simulated JDY listens and how it behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Port of the API (`api.kingdee.com`); 0: any free one.
    pub port: u16,
    /// Behaviour where the documentation leaves a choice.
    pub quirks: Quirks,
    /// How long (on the simulated clock) a token lives: 2 h.
    pub token_life: Duration,
    /// How far the time of a signed request may be off: 5 min.
    pub clock_skew: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            port: 0,
            quirks: Quirks::default(),
            token_life: Duration::from_secs(7200),
            clock_skew: Duration::from_secs(300),
        }
    }
}
