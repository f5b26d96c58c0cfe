//! What the platform and EAS remember.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::options::Quirks;
use crate::easst::Invoice;
use crate::ids::scramble;
use crate::memory::Memory;

/// A refusal of the platform: `errcode` and `description`.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) description: String,
}

impl Refusal {
    pub(super) fn new(code: &str, description: impl Into<String>) -> Self {
        Self { code: code.to_owned(), description: description.into() }
    }
}

/// Invoices bound to an expense form.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) invoices: Vec<String>,
    pub(super) status: i64,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) quirks: Quirks,
    pub(super) token_life: Duration,
    /// Tokens with their end.
    pub(super) tokens: BTreeMap<String, DateTime<Utc>>,
    pub(super) fetched: u64,
    pub(super) reqids: BTreeSet<String>,
    /// What the tax authority knows.
    pub(super) invoices: Vec<Invoice>,
    /// Expense forms by their id.
    pub(super) expenses: BTreeMap<String, Entry>,
    pub(super) refusals: VecDeque<Refusal>,
    pub(super) delays: VecDeque<Duration>,
    pub(super) eas_sessions: Vec<String>,
    drawn: u64,
}

impl World {
    pub(super) fn new(quirks: Quirks, token_life: Duration) -> Self {
        Self {
            quirks,
            token_life,
            tokens: BTreeMap::new(),
            fetched: 0,
            reqids: BTreeSet::new(),
            invoices: Vec::new(),
            expenses: BTreeMap::new(),
            refusals: VecDeque::new(),
            delays: VecDeque::new(),
            eas_sessions: Vec::new(),
            drawn: 0,
        }
    }

    /// A word that nothing else is named by.
    pub(super) fn draw(&mut self) -> String {
        self.drawn = self.drawn.wrapping_add(1);
        format!("{:016x}{:016x}", scramble(self.drawn), scramble(!self.drawn))
    }

    pub(super) fn invoice(&self, number: &str) -> Result<&Invoice, Refusal> {
        let found = self.invoices.iter().find(|invoice| invoice.number == number);
        found.ok_or_else(|| Refusal::new("2001", format!("发票 {number} 不存在")))
    }
}

/// What the servers share.
pub(super) type Platform = Memory<World>;
