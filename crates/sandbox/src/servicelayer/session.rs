//! Who is logged in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use sha1::{Digest as _, Sha1};

use super::company::Actor;

#[derive(Debug)]
struct Session {
    actor: Actor,
    last_used: DateTime<Utc>,
}

/// The sessions of one server, and how often somebody logged in.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: HashMap<String, Session>,
    pub(crate) logins: usize,
    /// How often the balancer has switched to another node.
    pub(crate) failovers: u32,
}

impl Sessions {
    pub(crate) fn open(&mut self, actor: Actor, now: DateTime<Utc>) -> String {
        let id = new_id(now);
        self.open.insert(id.clone(), Session { actor, last_used: now });
        self.logins += 1;
        id
    }

    /// Whose session it is, if it was used within `timeout`; the time starts anew.
    pub(crate) fn use_up(
        &mut self,
        id: &str,
        now: DateTime<Utc>,
        timeout: TimeDelta,
    ) -> Option<Actor> {
        let session = self.open.get_mut(id)?;
        if now.signed_duration_since(session.last_used) > timeout {
            self.open.remove(id);
            return None;
        }
        session.last_used = now;
        Some(session.actor)
    }

    pub(crate) fn close(&mut self, id: &str) -> bool {
        self.open.remove(id).is_some()
    }

    pub(crate) fn close_all(&mut self) {
        self.open.clear();
    }

    pub(crate) fn ids(&self) -> Vec<String> {
        self.open.keys().cloned().collect()
    }

    /// The balancer's cookie: `.node1` at first.
    pub(crate) fn route(&self) -> String {
        format!(".node{}", self.failovers.saturating_add(1))
    }
}

/// Looks like the ids of the real server. Unique; not a secret worth guarding.
fn new_id(now: DateTime<Utc>) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let digest = Sha1::digest(format!("{count} {now}"));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-8000-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 28))
}
