//! One entry of the ledger: how far a document got, and what happens to it next.

use std::fmt;

use chrono::{DateTime, Utc};
use erplink_core::RawJson;

use crate::document::Key;

/// What the ledger knows about one document of one flow.
///
/// Times have millisecond precision: that is what every store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Company, flow and document.
    pub key: Key,
    /// The order of arrival in the store.
    pub sequence: i64,
    /// Jobs of a flow with the same order key run one after the other.
    pub order: Option<String>,
    /// 1 at first; one more each time the document goes to the target anew.
    pub generation: u32,
    /// The version of the content that is sent.
    pub version: String,
    /// The content that is sent, before it is mapped.
    pub content: RawJson,
    /// A version that arrived while this one was on its way.
    pub newer: Option<Newer>,
    /// For an event: the id of what it is about.
    pub about: Option<String>,
    /// How far this generation got at the target.
    pub step: Step,
    /// What the target calls it, once it is there.
    pub target_id: Option<String>,
    /// What the target called the generation before.
    pub previous_id: Option<String>,
    /// What the target answered, for a caller that waits.
    pub result: Option<RawJson>,
    /// What happens next.
    pub state: State,
    /// Failures of this generation that count.
    pub attempts: u32,
    /// How often it was leased: the fencing token.
    pub claims: u32,
    /// When this generation arrived.
    pub arrived_at: DateTime<Utc>,
    /// When the entry last changed.
    pub changed_at: DateTime<Utc>,
    /// When to ask the platform for a decision that has not come. `None`: none is awaited.
    pub awaiting: Option<DateTime<Utc>>,
}

/// A newer state of a document that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    /// Its version.
    pub version: String,
    /// Its content, if it follows as the next generation. `None` in flows that send a document
    /// once: the change was seen.
    pub content: Option<RawJson>,
}

/// How far a document got at the target. It only moves forward, but for a definite "not done".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing was sent: creating is safe.
    Fresh,
    /// A push began and its outcome is not known. **Look it up before any repeat.**
    Sending {
        /// When the push began.
        since: DateTime<Utc>,
    },
    /// The target has it; what is missing is the mark in the source.
    Sent,
}

/// What happens to a document next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waits for a worker.
    Pending,
    /// A worker has it.
    Leased(Lease),
    /// Failed; due again later.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// What went wrong.
        reason: Reason,
    },
    /// Skipped until something changes.
    Parked {
        /// Why, for a person.
        reason: Reason,
        /// What gets it going again.
        wakes: Wakes,
    },
    /// Finished.
    Done,
}

impl State {
    /// The state without its details.
    #[must_use]
    pub const fn kind(&self) -> StateKind {
        match self {
            Self::Pending => StateKind::Pending,
            Self::Leased(_) => StateKind::Leased,
            Self::Retry { .. } => StateKind::Retry,
            Self::Parked { .. } => StateKind::Parked,
            Self::Done => StateKind::Done,
        }
    }

    /// Why it failed last, if it did.
    #[must_use]
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Retry { reason, .. } | Self::Parked { reason, .. } => Some(reason),
            Self::Pending | Self::Leased(_) | Self::Done => None,
        }
    }
}

/// Implements text forms for enums that stores keep as text.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// The text that stores keep.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the text that [`as_str`](Self::as_str) wrote.
            #[must_use]
            pub fn from_text(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use text_enum;

text_enum! {
    /// A [`State`] without its details.
    StateKind {
        /// Waits for a worker.
        Pending = "pending",
        /// A worker has it.
        Leased = "leased",
        /// Failed; due again later.
        Retry = "retry",
        /// Skipped until something changes.
        Parked = "parked",
        /// Finished.
        Done = "done",
    }
}

text_enum! {
    /// What gets a parked document going again.
    Wakes {
        /// A new version of the document, a repeated delivery, or a person.
        OnChange = "on_change",
        /// Only a person: repeating blindly could do it twice.
        ByPerson = "by_person",
    }
}

text_enum! {
    /// Why a document failed, for programs; [`ReasonCode::advice`] is for people.
    ReasonCode {
        /// The field map, or the shape of the content.
        Map = "map",
        /// The target refused it.
        Target = "target",
        /// The target is not available.
        Outage = "outage",
        /// The target may have it, and cannot be asked.
        Unknown = "unknown",
        /// It is at the target, and could not be marked in the source.
        Mark = "mark",
        /// The document changed while it was sent.
        Changed = "changed",
        /// An adapter asked for a person.
        Person = "person",
        /// An adapter panicked.
        Panic = "panic",
    }
}

impl ReasonCode {
    /// What a person can do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Map => "correct the document or the field map, then retry it",
            Self::Target => {
                "correct the document (a change is noticed by itself) or the target, then retry it"
            }
            Self::Outage => {
                "check the address, the network and the credentials of the target, then retry it"
            }
            Self::Unknown => {
                "look in the target whether it is there: `resolve` it with its id, or `resend` it"
            }
            Self::Mark => {
                "the target has it already: make the source writable, then retry; only the mark is repeated"
            }
            Self::Changed => {
                "the target has the state before the change: compare the two, then send it `again` or discard it"
            }
            Self::Person => "do what the message says, then retry it",
            Self::Panic => "report the message to the author of the adapter, then retry it",
        }
    }
}

/// Why a document failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// For programs.
    pub code: ReasonCode,
    /// What happened, in the words of the system that failed.
    pub message: String,
}

impl Reason {
    /// Makes a reason.
    pub fn new(code: ReasonCode, message: impl fmt::Display) -> Self {
        Self { code, message: message.to_string() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.code.advice())
    }
}

/// The right to work on one job for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who has it.
    pub owner: String,
    /// Which of the job's leases it is. A write under an older one is refused.
    pub token: u32,
    /// When others may take the job.
    pub until: DateTime<Utc>,
}

impl Job {
    /// When a worker may take it: at once, later, when the lease runs out, or never (`None`).
    #[must_use]
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        match &self.state {
            State::Pending => Some(self.arrived_at),
            State::Leased(lease) => Some(lease.until),
            State::Retry { at, .. } => Some(*at),
            State::Parked { .. } | State::Done => None,
        }
    }

    /// The newest version that arrived.
    #[must_use]
    pub fn newest(&self) -> &str {
        self.newer.as_ref().map_or(&self.version, |newer| &newer.version)
    }

    /// The lease, if a worker has it.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Leased(lease) => Some(lease),
            _ => None,
        }
    }
}
