//! Access tokens: one value per app, the same while it lives, extended by every fetch.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::ids::Ids;

/// How long a token lives after it was last fetched.
pub(super) const TOKEN_LIFE: Duration = Duration::from_secs(7200);

#[derive(Default)]
pub(super) struct Tokens {
    current: Option<Token>,
    fetched: u64,
}

struct Token {
    value: String,
    expires: DateTime<Utc>,
}

impl Tokens {
    /// The token in force, its life extended; a new value after expiry or invalidation.
    pub(super) fn fetch(&mut self, now: DateTime<Utc>, ids: &mut Ids) -> String {
        self.fetched = self.fetched.saturating_add(1);
        let value = match self.current.take().filter(|token| token.expires > now) {
            Some(token) => token.value,
            None => ids.word(),
        };
        self.current = Some(Token { value: value.clone(), expires: now + TOKEN_LIFE });
        value
    }

    pub(super) fn is_valid(&self, value: &str, now: DateTime<Utc>) -> bool {
        self.current.as_ref().is_some_and(|token| token.value == value && token.expires > now)
    }

    pub(super) fn invalidate(&mut self) {
        self.current = None;
    }

    pub(super) fn fetched(&self) -> u64 {
        self.fetched
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_keeps_its_value_while_it_lives_and_every_fetch_extends_it() {
        let (mut tokens, mut ids) = (Tokens::default(), Ids::default());
        let start = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let later = start + Duration::from_secs(7199);
        let value = tokens.fetch(start, &mut ids);
        assert_eq!(tokens.fetch(later, &mut ids), value);
        assert!(tokens.is_valid(&value, later + Duration::from_secs(7199)));
        assert!(!tokens.is_valid(&value, later + TOKEN_LIFE));
        assert_ne!(tokens.fetch(later + TOKEN_LIFE, &mut ids), value);
        assert_eq!(tokens.fetched(), 3);
    }

    #[test]
    fn an_invalidated_token_is_refused_and_replaced() {
        let (mut tokens, mut ids) = (Tokens::default(), Ids::default());
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let value = tokens.fetch(now, &mut ids);
        tokens.invalidate();
        assert!(!tokens.is_valid(&value, now));
        assert_ne!(tokens.fetch(now, &mut ids), value);
    }
}
