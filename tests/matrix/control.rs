//! Where the process under test is, and where it is to be held.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::sync::watch;

use crate::plan::{Side, Step};

/// What the names of ledger writes begin with; all other steps are calls.
pub(crate) const LEDGER: &str = "ledger";

/// Why a life ends early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    /// It is held at the step at which it is to be killed.
    Held,
    /// It ended by itself.
    Ended,
}

/// Counts the steps of one life.
#[derive(Debug)]
pub(crate) struct Control {
    counts: Mutex<Counts>,
    interrupt: watch::Sender<Option<Interrupt>>,
}

#[derive(Debug, Default)]
struct Counts {
    by_name: HashMap<String, u32>,
    seen: Vec<Step>,
    hold: Option<(Step, Side)>,
    expire: Vec<Step>,
    expired: usize,
}

impl Control {
    pub(crate) fn new(hold: Option<(Step, Side)>, expire: Vec<Step>) -> Self {
        let counts = Counts { hold, expire, ..Counts::default() };
        Self { counts: Mutex::new(counts), interrupt: watch::Sender::new(None) }
    }

    /// A step begins.
    pub(crate) fn step(&self, name: &str) -> Step {
        let mut counts = self.counts.lock().unwrap();
        let nth = counts.by_name.entry(name.to_owned()).or_default();
        *nth += 1;
        let step = Step { name: name.to_owned(), nth: *nth };
        counts.seen.push(step.clone());
        step
    }

    /// Whether sessions are to expire before this step.
    pub(crate) fn expires(&self, step: &Step) -> bool {
        let mut counts = self.counts.lock().unwrap();
        let expires = counts.expire.contains(step);
        counts.expired += usize::from(expires);
        expires
    }

    /// How often sessions expired.
    pub(crate) fn expired(&self) -> usize {
        self.counts.lock().unwrap().expired
    }

    /// Does not return at the step at which the process is to be killed.
    pub(crate) async fn hold(&self, step: &Step, side: Side) {
        let held = {
            let counts = self.counts.lock().unwrap();
            counts.hold.as_ref().is_some_and(|hold| hold.0 == *step && hold.1 == side)
        };
        if held {
            self.interrupt(Interrupt::Held);
            std::future::pending::<()>().await;
        }
    }

    /// The life ends early. The first reason counts.
    pub(crate) fn interrupt(&self, why: Interrupt) {
        self.interrupt.send_if_modified(|known| {
            let is_first = known.is_none();
            known.get_or_insert(why);
            is_first
        });
    }

    /// Waits until the life ends early.
    pub(crate) async fn interrupted(&self) -> Interrupt {
        let mut interrupt = self.interrupt.subscribe();
        let reason = interrupt.wait_for(Option::is_some).await.ok();
        reason.and_then(|reason| reason.clone()).unwrap_or(Interrupt::Ended)
    }

    /// All steps so far.
    pub(crate) fn seen(&self) -> Vec<Step> {
        self.counts.lock().unwrap().seen.clone()
    }
}
