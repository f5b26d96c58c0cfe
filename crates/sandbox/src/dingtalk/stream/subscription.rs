//! What an administrator chooses in the console, and how the simulated gateway behaves.

use std::time::Duration;

use serde::Deserialize;

use super::super::event::{Event, INSTANCE_CHANGE, TASK_CHANGE};

/// Stream push as an administrator sets it up in the developer console (事件订阅, Stream 模式推送).
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamSubscription {
    /// Event types, `bpms_instance_change` and `bpms_task_change` by default.
    pub event_types: Vec<String>,
    /// Filter rules; none: all events of the types.
    pub filters: Vec<String>,
}

impl Default for StreamSubscription {
    fn default() -> Self {
        let event_types = [INSTANCE_CHANGE, TASK_CHANGE].map(str::to_owned).to_vec();
        StreamSubscription { event_types, filters: Vec::new() }
    }
}

impl StreamSubscription {
    pub(super) fn wants(&self, event: &Event) -> bool {
        event.is_selected(&self.event_types, &self.filters)
    }
}

/// How the gateway behaves where the platform does not say.
#[derive(Debug, Clone)]
pub struct StreamOptions {
    /// How long after a push without `SUCCESS` the event is pushed again. Default 60 s.
    pub redelivery: Duration,
    /// How long an event is kept. Default: an hour; `None`: until it is acknowledged.
    pub retention: Option<Duration>,
    /// How often the gateway sends a `ping` frame. Default: every 25 s; `None`: never.
    pub ping_every: Option<Duration>,
}

impl Default for StreamOptions {
    fn default() -> Self {
        StreamOptions {
            redelivery: Duration::from_secs(60),
            retention: Some(Duration::from_secs(3600)),
            ping_every: Some(Duration::from_secs(25)),
        }
    }
}
