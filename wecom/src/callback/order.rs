//! Which event counts when they come in any order.

use chrono::{DateTime, Utc};

use super::event::ApprovalEvent;
use crate::approvals::FormStatus;

/// What is known of a form from the events so far: keep it with the document.
///
/// ```
/// # fn run(event: &wecom::callback::ApprovalEvent, known: Option<wecom::callback::FormState>) {
/// use wecom::callback::{FormState, Verdict};
///
/// match known.map_or(Verdict::Apply, |known| known.judge(event)) {
///     Verdict::Apply => println!("take {:?}", FormState::of(event)),
///     Verdict::Stale => println!("an older event came late: nothing to do"),
///     Verdict::Doubtful => println!("read the form, it is the truth"),
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormState {
    /// The state of the form.
    pub status: FormStatus,
    /// The time of the event that said so.
    pub at: Option<DateTime<Utc>>,
}

/// Whether an event changes what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is news.
    Apply,
    /// It is older than what is known: it must not change it.
    Stale,
    /// It contradicts what is known: read the form.
    Doubtful,
}

impl FormState {
    /// What an event says.
    #[must_use]
    pub fn of(event: &ApprovalEvent) -> Self {
        Self { status: event.status, at: event.meta.created }
    }

    /// Whether an event changes this state. An older event never undoes a final state.
    #[must_use]
    pub fn judge(&self, event: &ApprovalEvent) -> Verdict {
        self.judge_state(&Self::of(event))
    }

    /// [`judge`](Self::judge) for what an event said.
    #[must_use]
    pub fn judge_state(&self, news: &Self) -> Verdict {
        let (Some(known_at), Some(at)) = (self.at, news.at) else {
            return if news.status == self.status { Verdict::Stale } else { Verdict::Doubtful };
        };
        let (known, new) = (stage(self.status), stage(news.status));
        if at < known_at {
            // A decision that was overtaken by something that does not know of it.
            return if new > known { Verdict::Doubtful } else { Verdict::Stale };
        }
        if self.status == news.status || new > known {
            return Verdict::Apply;
        }
        match (at == known_at, new == known) {
            // Within one second the further one came last.
            (true, false) => Verdict::Stale,
            // Decided two ways, or undecided again.
            _ => Verdict::Doubtful,
        }
    }
}

/// How far a form is: nothing leads back.
fn stage(status: FormStatus) -> u8 {
    match status {
        FormStatus::Pending | FormStatus::Unknown(_) => 0,
        FormStatus::Passed | FormStatus::Rejected | FormStatus::Revoked => 1,
        FormStatus::Paid => 2,
        FormStatus::RevokedAfterPass | FormStatus::Deleted => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: i64, at: i64) -> FormState {
        FormState { status: status.into(), at: DateTime::from_timestamp(at, 0) }
    }

    #[test]
    fn an_older_event_never_undoes_a_final_state() {
        for last in FormStatus::KNOWN.iter().filter(|status| status.is_final()) {
            for news in FormStatus::KNOWN {
                let verdict = state(last.number(), 10).judge_state(&state(news.number(), 9));
                assert_ne!(verdict, Verdict::Apply, "{news} after {last}");
            }
        }
        assert_eq!(state(2, 10).judge_state(&state(1, 9)), Verdict::Stale);
        assert_eq!(state(2, 10).judge_state(&state(1, 10)), Verdict::Stale);
    }

    #[test]
    fn takes_what_follows() {
        for (known, news) in [
            (state(1, 10), state(2, 11)),
            (state(1, 10), state(2, 10)),
            (state(1, 10), state(1, 11)),
            (state(2, 10), state(6, 11)),
            (state(2, 10), state(10, 11)),
            (state(3, 10), state(7, 11)),
        ] {
            assert_eq!(known.judge_state(&news), Verdict::Apply, "{known:?} {news:?}");
        }
        assert_eq!(state(1, 10).judge_state(&state(2, 9)), Verdict::Doubtful);
        assert_eq!(state(2, 10).judge_state(&state(3, 11)), Verdict::Doubtful);
        assert_eq!(state(2, 10).judge_state(&state(1, 11)), Verdict::Doubtful);
        let timeless = FormState { status: FormStatus::Passed, at: None };
        assert_eq!(state(1, 10).judge_state(&timeless), Verdict::Doubtful);
    }
}
