//! Who is logged in.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ids::scramble;

/// The sessions of the service, and how often somebody logged in.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    /// When each ends.
    open: HashMap<String, DateTime<Utc>>,
    pub(super) logins: usize,
}

impl Sessions {
    pub(super) fn open(&mut self, now: DateTime<Utc>, life: TimeDelta) -> String {
        self.logins += 1;
        let serial = u64::try_from(self.logins).unwrap_or_default();
        let id = format!("{:016x}{:016x}", scramble(serial), scramble(!serial));
        self.open.insert(id.clone(), now + life);
        id
    }

    /// Whether the session is good; its life starts anew if it is a sliding one.
    pub(super) fn is_good(
        &mut self,
        id: &str,
        now: DateTime<Utc>,
        slide: Option<TimeDelta>,
    ) -> bool {
        let Some(end) = self.open.get_mut(id).filter(|end| now < **end) else {
            self.open.remove(id);
            return false;
        };
        if let Some(life) = slide {
            *end = now + life;
        }
        true
    }

    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
