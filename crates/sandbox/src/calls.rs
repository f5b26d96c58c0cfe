//! What a server was asked and what it answered.

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

/// All requests a server received, in the order in which they came. Clones share the list.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    calls: Arc<Mutex<Vec<Call>>>,
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
        self.lock().clone()
    }

    /// How many requests had this method and a path that contains this text.
    ///
    /// `method` is a [`Method`] or `None` for any.
    pub fn count(&self, method: impl Into<Option<Method>>, path_contains: &str) -> usize {
        let method = method.into();
        self.lock()
            .iter()
            .filter(|call| method.as_ref().is_none_or(|expected| *expected == call.method))
            .filter(|call| call.path.contains(path_contains))
            .count()
    }

    /// Forgets the requests so far.
    pub fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn received(&self, call: Call) {
        self.lock().push(call);
    }

    /// Notes the status of the newest call that equals `call`, which has none yet.
    pub(crate) fn answered(&self, call: &Call, status: StatusCode) {
        let mut calls = self.lock();
        if let Some(found) = calls.iter_mut().rev().find(|found| *found == call) {
            found.status = Some(status.as_u16());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
