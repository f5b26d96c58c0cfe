//! The transitions of a job, as plain functions: every store applies the same ones.
//!
//! A store loads an entry, calls one of these, and writes what it returns, all in one
//! transaction. It needs no opinion of its own.

use std::time::Duration;

use chrono::{DateTime, Utc};
use erplink_core::RawJson;

use crate::audit::{Action, AuditEntry};
use crate::document::{Document, FlowId};
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Job, Lease, Newer, Reason, ReasonCode, State, StateKind, Step, Wakes};

/// A document on its way into the ledger.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The flow.
    pub flow: FlowId,
    /// The document.
    pub document: Document,
    /// What to do if the ledger knows it already.
    pub repeat: Repeat,
}

/// What to do with a document that the ledger knows already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeat {
    /// Done is done. A change only replaces what was not sent yet, and wakes what is parked.
    #[default]
    Never,
    /// A new version of a finished document goes to the target again, as a new generation.
    WhenChanged,
    /// As [`Repeat::WhenChanged`], and a finished document that is offered once more goes to the
    /// target again even if it is what it was: its source offers only what is not marked.
    WhenOffered,
    /// As [`Repeat::Never`], and a repeated delivery tries at once what failed before: somebody
    /// pressed the button again.
    RetryFailed,
    /// As [`Repeat::RetryFailed`], and a delivery of a document that was finished so long ago goes
    /// to the target again, as a new generation, changed or not: it is a request of its own.
    Again {
        /// A delivery within this time after the end is a repeat of the same request.
        after: Duration,
    },
}

impl Repeat {
    /// Whether a newer version follows the one that is on its way.
    const fn follows(self) -> bool {
        self.is_of_a_source() || matches!(self, Self::Again { .. })
    }

    /// Whether a source offers again what changed, so that nobody has to look after it.
    pub(crate) const fn is_of_a_source(self) -> bool {
        matches!(self, Self::WhenChanged | Self::WhenOffered)
    }

    /// Whether a delivery means that somebody pressed the button.
    pub(crate) const fn is_pressed(self) -> bool {
        matches!(self, Self::RetryFailed | Self::Again { .. })
    }

    /// Whether a delivery sends what is finished to the target again.
    fn reopens(self, finished: &Job, changed: bool, now: DateTime<Utc>) -> bool {
        match self {
            Self::Never | Self::RetryFailed => false,
            Self::WhenChanged => changed,
            // What a person discarded is done and never arrived: it stays so.
            Self::WhenOffered => changed || finished.step == Step::Sent,
            Self::Again { after } => {
                let past = now.signed_duration_since(finished.changed_at);
                past.to_std().unwrap_or_default() >= after
            }
        }
    }
}

/// What became of an [`Arrival`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It is new.
    New,
    /// It waits with new content.
    Updated,
    /// It was finished, and goes to the target as a new generation.
    Again,
    /// It had failed, and is tried again.
    Revived,
    /// An older version is on its way; this one follows.
    Follows,
    /// There is nothing to do: it is in this state already.
    Known(StateKind),
}

impl Admission {
    /// Whether there is something to do now.
    #[must_use]
    pub const fn is_work(self) -> bool {
        !matches!(self, Self::Known(_))
    }
}

/// A changed entry and the line for the audit.
#[derive(Clone, Debug)]
pub struct Change {
    /// The entry as it is to be written.
    pub job: Job,
    /// The line to add to the audit.
    pub audit: AuditEntry,
}

fn change(mut job: Job, now: DateTime<Utc>, action: Action, detail: String, by: &str) -> Change {
    job.changed_at = now;
    let audit = AuditEntry {
        at: now,
        key: job.key.clone(),
        generation: job.generation,
        action,
        detail,
        by: by.to_owned(),
    };
    Change { job, audit }
}

/// Decides what an arrival does. `sequence` is the place of a new entry.
#[must_use]
pub fn admit(
    existing: Option<Job>,
    arrival: &Arrival,
    sequence: i64,
    now: DateTime<Utc>,
) -> (Admission, Option<Change>) {
    let document = &arrival.document;
    let Some(job) = existing else {
        let job = first_generation(arrival, sequence, now);
        let made = change(job, now, Action::Arrived, document.version.clone(), "");
        return (Admission::New, Some(made));
    };
    let changed = job.newest() != document.version;
    let (again, pressed) = (arrival.repeat.follows(), arrival.repeat.is_pressed());
    let version = document.version.clone();
    match (&job.state, job.step) {
        (State::Done, _) if arrival.repeat.reopens(&job, changed, now) => {
            let job = next_generation(with_content(job, document), now);
            (Admission::Again, Some(change(job, now, Action::Arrived, version, "")))
        }
        (State::Pending, Step::Fresh) if changed => {
            let job = with_content(job, document);
            (Admission::Updated, Some(change(job, now, Action::Arrived, version, "")))
        }
        (State::Retry { .. } | State::Parked { wakes: Wakes::OnChange, .. }, Step::Fresh)
            if changed =>
        {
            let job = due_now(with_content(job, document), now);
            (Admission::Updated, Some(change(job, now, Action::Revived, version, "")))
        }
        // What was sent, or may have been, keeps its content: that is what the target has.
        (State::Parked { wakes: Wakes::OnChange, .. }, _) if changed || pressed => {
            let job = due_now(with_newer(job, document, again), now);
            (Admission::Revived, Some(change(job, now, Action::Revived, version, "")))
        }
        (State::Retry { .. }, _) if pressed => {
            let job = due_now(job, now);
            (Admission::Revived, Some(change(job, now, Action::Revived, version, "")))
        }
        // A source that reads by a high-water mark will not offer this version again.
        (State::Pending | State::Leased(_) | State::Retry { .. } | State::Parked { .. }, _)
            if changed && again =>
        {
            let job = with_newer(job, document, again);
            (Admission::Follows, Some(change(job, now, Action::Arrived, version, "")))
        }
        (state, _) => (Admission::Known(state.kind()), None),
    }
}

fn first_generation(arrival: &Arrival, sequence: i64, now: DateTime<Utc>) -> Job {
    let document = arrival.document.clone();
    Job {
        key: arrival.flow.document(document.id),
        sequence,
        order: document.order,
        generation: 1,
        version: document.version,
        content: document.content,
        newer: None,
        about: document.about,
        step: Step::Fresh,
        target_id: None,
        previous_id: None,
        result: None,
        state: State::Pending,
        attempts: 0,
        claims: 0,
        arrived_at: now,
        changed_at: now,
        awaiting: None,
    }
}

fn with_content(mut job: Job, document: &Document) -> Job {
    job.newer = None;
    job.version.clone_from(&document.version);
    job.content = document.content.clone();
    job.order.clone_from(&document.order);
    job.about.clone_from(&document.about);
    job
}

/// Remembers a newer version beside the one that is on its way.
fn with_newer(mut job: Job, document: &Document, follows: bool) -> Job {
    job.newer = (job.version != document.version).then(|| Newer {
        version: document.version.clone(),
        content: follows.then(|| document.content.clone()),
    });
    job
}

/// Puts the newer version in the place of the one that was on its way, if it is to follow.
fn take_newer(job: &mut Job) -> bool {
    let Some(Newer { version, content: Some(content) }) = job.newer.take() else { return false };
    (job.version, job.content) = (version, content);
    true
}

fn next_generation(mut job: Job, now: DateTime<Utc>) -> Job {
    job.generation = job.generation.saturating_add(1);
    job.step = Step::Fresh;
    if let Some(id) = job.target_id.take() {
        job.previous_id = Some(id);
    }
    job.result = None;
    job.awaiting = None;
    due_now(job, now)
}

fn due_now(mut job: Job, now: DateTime<Utc>) -> Job {
    job.state = State::Pending;
    job.attempts = 0;
    job.arrived_at = now;
    job
}

/// Gives the job to a worker until `until`. The caller checked that it is due.
#[must_use]
pub fn lease(mut job: Job, owner: &str, until: DateTime<Utc>) -> Job {
    job.claims = job.claims.wrapping_add(1);
    job.state = State::Leased(Lease { owner: owner.to_owned(), token: job.claims, until });
    job
}

/// What a worker writes about the job it has leased.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A push to the target begins now: from here on the outcome is unknown.
    Sending {
        /// The renewed lease.
        until: DateTime<Utc>,
    },
    /// The target has it.
    Sent {
        /// What the target calls it.
        target_id: String,
        /// What the target answered, for a caller that waits.
        result: Option<RawJson>,
        /// The renewed lease.
        until: DateTime<Utc>,
    },
    /// It is finished.
    Done {
        /// The target's id where it was not written before, with [`Progress::Sent`].
        sent: Option<(String, Option<RawJson>)>,
        /// When to ask for the decision, if one is awaited.
        awaiting: Option<DateTime<Utc>>,
        /// A note for the audit.
        note: String,
    },
    /// It failed and is due again.
    Retry {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        reason: Reason,
        /// Whether it counts as an attempt.
        counts: bool,
        /// Whether the target certainly did nothing, so that creating is safe again.
        not_done: bool,
    },
    /// It needs a change or a person.
    Park {
        /// Why.
        reason: Reason,
        /// What gets it going again.
        wakes: Wakes,
        /// Whether the target certainly did nothing.
        not_done: bool,
    },
    /// The worker gives it back untouched.
    Release,
}

/// Applies what a worker writes.
///
/// # Errors
/// [`ErrorKind::LostLease`] when the lease is not the job's current one, and
/// [`ErrorKind::WrongState`] when a push is to begin although the target has the document.
pub fn advance(
    mut job: Job,
    lease: &Lease,
    progress: Progress,
    now: DateTime<Utc>,
) -> Result<Change> {
    let ours = |held: &&mut Lease| held.owner == lease.owner && held.token == lease.token;
    let held = match &mut job.state {
        State::Leased(held) => Some(held).filter(ours),
        _ => None,
    };
    let Some(held) = held else {
        return Err(Error::new(
            ErrorKind::LostLease,
            format!("{}: the lease ran out and somebody else has it; leave it to them", job.key),
        ));
    };
    let (action, detail) = match progress {
        Progress::Sending { until } => {
            if job.step == Step::Sent {
                return Err(Error::new(
                    ErrorKind::WrongState,
                    format!("{}: the target has it already; only the mark is missing", job.key),
                ));
            }
            held.until = until;
            job.step = Step::Sending { since: now };
            (Action::Sending, String::new())
        }
        Progress::Sent { target_id, result, until } => {
            held.until = until;
            let detail = target_id.clone();
            has_arrived(&mut job, target_id, result);
            (Action::Sent, detail)
        }
        Progress::Done { sent, awaiting, note } => {
            let detail = sent.as_ref().map_or(note, |(id, _)| id.clone());
            if let Some((target_id, result)) = sent {
                has_arrived(&mut job, target_id, result);
            }
            job.awaiting = awaiting;
            job.state = State::Done;
            if take_newer(&mut job) {
                job = next_generation(job, now);
            }
            (Action::Done, detail)
        }
        Progress::Retry { at, reason, counts, not_done } => {
            job.attempts = job.attempts.saturating_add(u32::from(counts));
            step_back(&mut job, not_done);
            let detail = reason.to_string();
            job.state = State::Retry { at, reason };
            (Action::Failed, detail)
        }
        Progress::Park { reason, wakes, not_done } => {
            job.attempts = job.attempts.saturating_add(1);
            let detail = reason.to_string();
            // It changed already: what would wake it has happened.
            if step_back(&mut job, not_done) && wakes == Wakes::OnChange {
                job = due_now(job, now);
            } else {
                job.state = State::Parked { reason, wakes };
            }
            (Action::Parked, detail)
        }
        Progress::Release => {
            job.state = State::Pending;
            (Action::Released, String::new())
        }
    };
    Ok(change(job, now, action, detail, &lease.owner))
}

fn has_arrived(job: &mut Job, target_id: String, result: Option<RawJson>) {
    job.step = Step::Sent;
    job.target_id = Some(target_id);
    job.result = result;
}

/// What certainly was not done starts over, with the newest version. Whether there was a newer one.
fn step_back(job: &mut Job, not_done: bool) -> bool {
    if not_done && job.step != Step::Sent {
        job.step = Step::Fresh;
    }
    job.step == Step::Fresh && take_newer(job)
}

/// What a person decides about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Intervention {
    /// Try what is parked or waiting again, now. What may be at the target is looked up first.
    Retry,
    /// Skip it until a person says otherwise.
    Park,
    /// It is **not** at the target, I looked: send it.
    Resend,
    /// It **is** at the target under this id, I looked: only mark it.
    Resolve {
        /// The target's id.
        target_id: String,
    },
    /// Send a finished document to the target once more.
    Again,
    /// Forget about it. It counts as done.
    Discard,
}

/// Applies what a person decides.
///
/// # Errors
/// [`ErrorKind::WrongState`] when the document is not in a state in which this makes sense.
pub fn intervene(
    mut job: Job,
    intervention: &Intervention,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Change> {
    let kind = job.state.kind();
    let done = kind == StateKind::Done;
    let allowed = kind != StateKind::Leased && done == (*intervention == Intervention::Again);
    if !allowed {
        return Err(Error::new(ErrorKind::WrongState, refusal(&job, kind)));
    }
    let detail = match intervention {
        Intervention::Retry => {
            job = due_now(job, now);
            "retry".to_owned()
        }
        Intervention::Park => {
            let reason = Reason::new(ReasonCode::Person, format!("parked by {by}"));
            job.state = State::Parked { reason, wakes: Wakes::ByPerson };
            "park".to_owned()
        }
        Intervention::Resend if job.step == Step::Sent => {
            return Err(Error::new(
                ErrorKind::WrongState,
                format!(
                    "{}: the target has it already; retry it, which repeats only the mark",
                    job.key
                ),
            ));
        }
        Intervention::Resend => {
            job.step = Step::Fresh;
            job = due_now(job, now);
            "resend: not at the target".to_owned()
        }
        Intervention::Resolve { target_id } => {
            has_arrived(&mut job, target_id.clone(), None);
            job = due_now(job, now);
            format!("resolve: at the target as {target_id}")
        }
        Intervention::Again => {
            job = next_generation(job, now);
            "again".to_owned()
        }
        Intervention::Discard => {
            job.newer = None;
            job.state = State::Done;
            "discard".to_owned()
        }
    };
    Ok(change(job, now, Action::Intervened, detail, by))
}

fn refusal(job: &Job, kind: StateKind) -> String {
    let advice = match kind {
        StateKind::Leased => "a worker has it at this moment; try again when it is finished",
        StateKind::Done => "it is done; the only thing left is to send it `again`",
        _ => "only a finished document can be sent `again`; retry this one",
    };
    format!("{}: {advice}", job.key)
}
