//! Everything the simulated platform remembers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::options::Options;
use super::quirks::Quirks;
use super::refusal::Refusal;
use super::voucher::Voucher;
use crate::ids::scramble;

pub(super) struct World {
    pub(super) options: Options,
    pub(super) quirks: Quirks,
    pub(super) tokens: BTreeMap<String, Token>,
    pub(super) tokens_given: u64,
    /// The secret of the app changes with it.
    pub(super) app_secret_version: u64,
    /// Nonces of signed requests: each is taken once.
    pub(super) nonces: BTreeSet<String>,
    /// The first period that is open.
    pub(super) current_period: i64,
    pub(super) accounts: Vec<Account>,
    pub(super) customers: Vec<String>,
    pub(super) suppliers: Vec<String>,
    pub(super) vouchers: Vec<Voucher>,
    pub(super) last_voucher: i64,
    pub(super) refused_vouchers: BTreeMap<String, Refusal>,
    pub(super) arranged: VecDeque<Arranged>,
}

/// A token that was given.
pub(super) struct Token {
    pub(super) until: DateTime<Utc>,
    /// The address that requests have to name (`X-GW-Router-Addr`).
    pub(super) router: Option<&'static str>,
}

/// An account (科目).
pub(super) struct Account {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) debit: bool,
    pub(super) group: String,
    pub(super) customer: bool,
    pub(super) supplier: bool,
}

impl Account {
    pub(super) fn plain(number: &str, name: &str) -> Self {
        let (number, name, group) = (number.to_owned(), name.to_owned(), "流动资产".to_owned());
        Account { number, name, debit: true, group, customer: false, supplier: false }
    }

    /// The class (科目类别) is the first digit of the number.
    pub(super) fn class(&self) -> &str {
        self.number.get(..1).unwrap_or_default()
    }
}

/// What a test arranged for the next call of a path.
pub(super) struct Arranged {
    pub(super) path: String,
    pub(super) what: Arrangement,
}

pub(super) enum Arrangement {
    /// Not carried out.
    Refuse(Refusal),
    /// Carried out; only the answer is a refusal.
    RefuseAfterCommit(Refusal),
    /// Carried out; the answer comes so much later, in real time.
    DelayAfterCommit(Duration),
}

impl World {
    /// Gives a new token.
    pub(super) fn give_token(
        &mut self,
        now: DateTime<Utc>,
        router: Option<&'static str>,
    ) -> String {
        if self.quirks.new_token_voids_old {
            self.tokens.clear();
        }
        self.tokens_given += 1;
        let word = scramble(self.tokens_given);
        let token = format!("{word:016x}{:016x}", scramble(word));
        let life = TimeDelta::from_std(self.options.token_life).unwrap_or(TimeDelta::zero());
        self.tokens.insert(token.clone(), Token { until: now + life, router });
        token
    }

    /// What was arranged for this path, if it is of the wanted kind.
    pub(super) fn take_arranged(
        &mut self,
        path: &str,
        wanted: impl Fn(&Arrangement) -> bool,
    ) -> Option<Arrangement> {
        let is_it = |one: &Arranged| path.ends_with(&one.path) && wanted(&one.what);
        let index = self.arranged.iter().position(is_it)?;
        self.arranged.remove(index).map(|one| one.what)
    }
}
