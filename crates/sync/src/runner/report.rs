//! What a run did, for logs and for people.

use std::fmt;

use crate::document::Key;
use crate::job::Reason;

/// What a run did. It prints as a line of numbers and one line for each document that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Documents that the sources offered.
    pub read: usize,
    /// Documents that entered the ledger, changed in it, or were got going again.
    pub queued: usize,
    /// Documents that were offered and need nothing: done, parked, or under way.
    pub skipped: usize,
    /// Documents that were finished.
    pub done: usize,
    /// Documents that failed and are tried again, with the reason.
    pub failed: Vec<(Key, Reason)>,
    /// Documents that were parked, with the reason.
    pub parked: Vec<(Key, Reason)>,
    /// What went wrong besides the documents: a source that could not be read, the store.
    pub problems: Vec<String>,
}

impl Report {
    /// Adds another report to this one.
    pub fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.queued += other.queued;
        self.skipped += other.skipped;
        self.done += other.done;
        self.failed.extend(other.failed);
        self.parked.extend(other.parked);
        self.problems.extend(other.problems);
    }

    /// Whether nothing happened.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read, queued, skipped, done, failed, parked, problems } = self;
        write!(
            f,
            "read {read}, queued {queued}, skipped {skipped}, done {done}, failed {}, parked {}",
            failed.len(),
            parked.len(),
        )?;
        for (key, reason) in failed {
            write!(f, "\n  failed {key}: {reason}")?;
        }
        for (key, reason) in parked {
            write!(f, "\n  parked {key}: {reason}")?;
        }
        for problem in problems {
            write!(f, "\n  problem: {problem}")?;
        }
        Ok(())
    }
}
