//! What was written where, when, by whom.

use chrono::{DateTime, Utc};

use crate::document::{FlowId, Key};
use crate::job::text_enum;

text_enum! {
    /// What happened to a document.
    Action {
        /// It arrived, or a new generation of it.
        Arrived = "arrived",
        /// A push to the target began.
        Sending = "sending",
        /// The target has it; the detail is the target's id.
        Sent = "sent",
        /// It is finished, marked where the flow marks.
        Done = "done",
        /// It failed and is tried again; the detail is the reason.
        Failed = "failed",
        /// It was parked; the detail is the reason.
        Parked = "parked",
        /// A change or a repeated delivery got it going again.
        Revived = "revived",
        /// A worker gave it back untouched.
        Released = "released",
        /// A person acted; the detail says how.
        Intervened = "intervened",
    }
}

/// One line of the audit. Lines are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// Which document.
    pub key: Key,
    /// Which generation of it.
    pub generation: u32,
    /// What happened.
    pub action: Action,
    /// The target's id, the reason, or what a person did.
    pub detail: String,
    /// The worker or person.
    pub by: String,
}

/// Which lines of the audit to read, oldest first.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this flow.
    pub flow: Option<FlowId>,
    /// Only this document.
    pub document: Option<String>,
    /// Not before this time.
    pub since: Option<DateTime<Utc>>,
    /// At most so many lines; 0 means 1000.
    pub limit: usize,
}
