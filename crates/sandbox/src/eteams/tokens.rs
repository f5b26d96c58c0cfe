//! Codes, access tokens and refresh tokens.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::Grants;
use super::refusal::Refusal;
use crate::ids::scramble;

/// All that was given out.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    drawn: u64,
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, DateTime<Utc>>,
    /// Refresh tokens that are good.
    refresh: Vec<String>,
    grants: Grants,
}

#[derive(Debug)]
struct Code {
    until: DateTime<Utc>,
    used: bool,
}

/// An access token and what refreshes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Tokens {
    fn word(&mut self, kind: &str) -> String {
        self.drawn += 1;
        let (one, other) = (scramble(self.drawn), scramble(self.drawn.wrapping_add(1 << 40)));
        format!("{kind}{one:016x}{other:016x}")
    }

    pub(super) fn code(&mut self, until: DateTime<Utc>) -> String {
        let code = self.word("9f");
        self.codes.insert(code.clone(), Code { until, used: false });
        self.grants.codes += 1;
        code
    }

    /// A code is good once.
    pub(super) fn redeem(&mut self, code: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        match self.codes.get_mut(code) {
            None => Err(Refusal::new("90003", "code不存在")),
            Some(code) if code.used => Err(Refusal::new("90004", "code已被使用")),
            Some(code) if now >= code.until => Err(Refusal::new("90005", "code已过期")),
            Some(code) => {
                code.used = true;
                self.grants.tokens += 1;
                Ok(())
            }
        }
    }

    pub(super) fn issue(&mut self, until: DateTime<Utc>, voids_older: bool) -> Pair {
        if voids_older {
            self.access.clear();
        }
        let pair = Pair { access: self.word("3a"), refresh: self.word("77") };
        self.access.insert(pair.access.clone(), until);
        self.refresh.push(pair.refresh.clone());
        pair
    }

    /// Uses a refresh token up, or only looks whether it is good.
    pub(super) fn refresh(&mut self, token: &str, keeps: bool) -> Result<(), Refusal> {
        let at = self.refresh.iter().position(|known| known == token);
        let at = at.ok_or_else(|| Refusal::new("90006", "refresh_token无效"))?;
        if !keeps {
            self.refresh.swap_remove(at);
        }
        self.grants.refreshes += 1;
        Ok(())
    }

    /// Whether an access token opens calls; `expired` is the code for one that did.
    pub(super) fn check(
        &self,
        token: &str,
        expired: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        match self.access.get(token) {
            Some(until) if now < *until => Ok(()),
            Some(_) => Err(Refusal::new(expired, "access_token已过期")),
            None => Err(Refusal::new("300002", "access_token无效")),
        }
    }

    /// All access tokens end now.
    pub(super) fn expire(&mut self, now: DateTime<Utc>) {
        for until in self.access.values_mut() {
            *until = now.min(*until);
        }
    }

    pub(super) fn forget(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }

    pub(super) fn grants(&self) -> Grants {
        self.grants
    }
}
