//! What a server was asked and what it answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::Serialize;

/// One request a server received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When it came, on the simulated clock.
    pub at: DateTime<Utc>,
    /// The method on the wire (`X-HTTP-Method-Override` not applied).
    #[serde(serialize_with = "as_text")]
    pub method: Method,
    /// The path as sent, percent-encoding included.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The answer's status. `None`: not answered (yet), for instance because of a fault.
    pub status: Option<u16>,
}

fn as_text<S: serde::Serializer>(method: &Method, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(method.as_str())
}

/// How many requests are kept; older ones are forgotten, for a sandbox may run for weeks.
const KEPT: usize = 20_000;

/// The newest 20,000 requests a server received, in the order in which they came. Clones share the
/// list.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    calls: Arc<Mutex<List>>,
}

#[derive(Debug, Default)]
struct List {
    kept: VecDeque<Call>,
    /// How many came since the list was cleared.
    total: u64,
}

impl Calls {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The requests so far.
    #[must_use]
    pub fn all(&self) -> Vec<Call> {
        self.lock().kept.iter().cloned().collect()
    }

    /// How many requests came so far, those that are kept no longer included.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().total
    }

    /// How many of the requests kept had this method and a path that contains this text.
    ///
    /// `method` is a [`Method`] or `None` for any.
    pub fn count(&self, method: impl Into<Option<Method>>, path_contains: &str) -> usize {
        let method = method.into();
        self.lock()
            .kept
            .iter()
            .filter(|call| method.as_ref().is_none_or(|expected| *expected == call.method))
            .filter(|call| call.path.contains(path_contains))
            .count()
    }

    /// Forgets the requests so far.
    pub fn clear(&self) {
        *self.lock() = List::default();
    }

    pub(crate) fn received(&self, call: Call) {
        let mut list = self.lock();
        if list.kept.len() == KEPT {
            list.kept.pop_front();
        }
        list.kept.push_back(call);
        list.total = list.total.saturating_add(1);
    }

    /// Notes the status of the newest call that equals `call`, which has none yet.
    pub(crate) fn answered(&self, call: &Call, status: StatusCode) {
        let mut list = self.lock();
        if let Some(found) = list.kept.iter_mut().rev().find(|found| *found == call) {
            found.status = Some(status.as_u16());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, List> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_keeps_the_newest() {
        let calls = Calls::new();
        let call = |path: String| Call {
            at: DateTime::UNIX_EPOCH,
            method: Method::GET,
            path,
            query: None,
            status: None,
        };
        for number in 0..KEPT + 5 {
            calls.received(call(format!("/{number}")));
        }
        assert_eq!((calls.all().len(), calls.total()), (KEPT, KEPT as u64 + 5));
        assert_eq!(calls.all()[0].path, "/5");
        calls.answered(&call(format!("/{KEPT}")), StatusCode::OK);
        assert_eq!(calls.all().iter().filter(|call| call.status == Some(200)).count(), 1);
        calls.clear();
        assert_eq!((calls.all().len(), calls.total()), (0, 0));
    }
}
