//! Access tokens: each app has its own.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ids::Ids;
use super::quirks::TokenPolicy;
use super::refusal::Refusal;

/// How long a token lives.
const TOKEN_LIFE: Duration = Duration::from_secs(7200);

/// All tokens ever handed out; shows nothing in `Debug`.
#[derive(Default)]
pub(super) struct Tokens {
    tokens: BTreeMap<String, Token>,
    /// Tells the newest token of an app.
    fetched: u64,
}

struct Token {
    agent: i64,
    number: u64,
    expires: DateTime<Utc>,
    void: bool,
}

impl Tokens {
    /// A token for the app and how many seconds it has to live.
    pub(super) fn fetch(
        &mut self,
        agent: i64,
        policy: TokenPolicy,
        now: DateTime<Utc>,
        ids: &mut Ids,
    ) -> (String, i64) {
        self.fetched = self.fetched.saturating_add(1);
        let newest = self
            .tokens
            .iter()
            .filter(|(_, token)| token.agent == agent && !token.void && token.expires > now)
            .max_by_key(|(_, token)| token.number);
        if let (TokenPolicy::Same, Some((value, token))) = (policy, newest) {
            return (value.clone(), (token.expires - now).num_seconds());
        }
        if policy == TokenPolicy::Rotate {
            self.invalidate(agent);
        }
        let expires = now + TOKEN_LIFE;
        let token = Token { agent, number: self.fetched, expires, void: false };
        let value = ids.token();
        self.tokens.insert(value.clone(), token);
        (value, (expires - now).num_seconds())
    }

    /// The app a token belongs to.
    pub(super) fn agent(&self, value: &str, now: DateTime<Utc>) -> Result<i64, Refusal> {
        match self.tokens.get(value) {
            None => Err(Refusal::new(40014, "invalid access_token")),
            Some(token) if token.void => Err(Refusal::new(40014, "invalid access_token")),
            Some(token) if token.expires <= now => Err(Refusal::new(42001, "access_token expired")),
            Some(token) => Ok(token.agent),
        }
    }

    /// The platform voids the app's tokens before their time: 40014 from now on.
    pub(super) fn invalidate(&mut self, agent: i64) {
        for token in self.tokens.values_mut().filter(|token| token.agent == agent) {
            token.void = true;
        }
    }

    /// The app's tokens end now: 42001 from now on.
    pub(super) fn expire(&mut self, agent: i64, now: DateTime<Utc>) {
        for token in self.tokens.values_mut().filter(|token| token.agent == agent) {
            token.expires = token.expires.min(now);
        }
    }

    pub(super) fn fetched(&self) -> u64 {
        self.fetched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(outcome: Result<i64, Refusal>) -> i64 {
        outcome.unwrap_err().code
    }

    #[test]
    fn a_token_keeps_its_value_and_its_end_while_it_lives() {
        let (mut tokens, mut ids) = (Tokens::default(), Ids::default());
        let start = DateTime::from_timestamp(1_751_335_200, 0).unwrap();
        let (value, life) = tokens.fetch(1, TokenPolicy::Same, start, &mut ids);
        assert_eq!(life, 7200);
        let later = start + Duration::from_secs(7000);
        assert_eq!(tokens.fetch(1, TokenPolicy::Same, later, &mut ids), (value.clone(), 200));
        assert_ne!(tokens.fetch(2, TokenPolicy::Same, later, &mut ids).0, value);
        assert_eq!(tokens.agent(&value, later), Ok(1));
        let end = start + TOKEN_LIFE;
        assert_eq!(code(tokens.agent(&value, end)), 42001);
        assert_ne!(tokens.fetch(1, TokenPolicy::Same, end, &mut ids).0, value);
    }

    #[test]
    fn a_new_token_leaves_the_old_one_alone_or_voids_it() {
        let (mut tokens, mut ids) = (Tokens::default(), Ids::default());
        let now = DateTime::from_timestamp(1_751_335_200, 0).unwrap();
        let (first, _) = tokens.fetch(1, TokenPolicy::New, now, &mut ids);
        let (second, _) = tokens.fetch(1, TokenPolicy::New, now, &mut ids);
        assert_eq!((tokens.agent(&first, now), tokens.agent(&second, now)), (Ok(1), Ok(1)));
        let (third, _) = tokens.fetch(1, TokenPolicy::Rotate, now, &mut ids);
        assert_eq!(code(tokens.agent(&first, now)), 40014);
        assert_eq!(code(tokens.agent(&second, now)), 40014);
        tokens.expire(1, now);
        assert_eq!(code(tokens.agent(&third, now)), 42001);
        assert_eq!(code(tokens.agent("nonsense", now)), 40014);
    }
}
