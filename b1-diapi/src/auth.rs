//! How the client logs in, keeps its session and renews it.
//!
//! The first call logs in; calls that arrive meanwhile wait for that one login. The session is
//! renewed before it ends, or once when the service rejects it. Refused credentials are answered
//! from memory for some minutes, so that no user is locked by trying.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::cookies::Cookies;
use crate::error::{ApiError, Asked, Error, Judge, Result, SessionEnd};
use crate::wire::Wire;

/// Renewed this long before the service would end the session.
pub(crate) const MARGIN: Duration = Duration::from_secs(60);
/// How long sessions live that do not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(30 * 60);

/// Company, user and password, as `login` takes them.
pub(crate) struct Credentials {
    pub(crate) company_db: String,
    pub(crate) user: String,
    pub(crate) password: Secret,
}

pub(crate) struct Session {
    pub(crate) cell: TokenCell<ApiError>,
    pub(crate) credentials: Credentials,
    pub(crate) refusal_memory: Duration,
    pub(crate) refused: Mutex<Option<Instant>>,
}

impl Session {
    /// The cookies of the session, logging in if there is none.
    ///
    /// A failure to log in is a failure before the call behind it was sent.
    pub(crate) async fn token(&self, wire: &Wire, clock: &dyn Clock) -> Result<Token> {
        if self.may_try_again(clock.now()) {
            self.cell.reset().await;
        }
        let result = self.cell.get(|| self.log_in(wire, clock)).await;
        result.map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// The service rejected this session.
    pub(crate) fn reject(&self, token: &Token) -> Result<()> {
        self.cell.invalidate(token.generation())
    }

    /// An answer may change the cookies of its session.
    pub(crate) fn answered(&self, token: &Token, headers: &HeaderMap) {
        let before = Cookies::from_header(token.value());
        let mut cookies = before.clone();
        cookies.absorb(headers);
        if cookies != before && !cookies.is_empty() {
            self.cell.replace(token.generation(), cookies.header());
        }
    }

    /// Forgets the session and a refusal of the credentials.
    pub(crate) async fn forget(&self) {
        self.cell.reset().await;
    }

    async fn log_in(&self, wire: &Wire, clock: &dyn Clock) -> Result<Grant> {
        let result = self.post_login(wire).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth) {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock.now());
        }
        result.map_err(|error| error.in_call("POST login", Idempotency::Safe, 1))
    }

    /// Whether credentials that were refused may be tried again. True for one of all callers.
    fn may_try_again(&self, now: Instant) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over =
            |last: &mut Instant| now.saturating_duration_since(*last) >= self.refusal_memory;
        refused.take_if(is_over).is_some()
    }

    /// `POST /b1dis/v1/login`
    async fn post_login(&self, wire: &Wire) -> Result<Grant> {
        let Credentials { company_db, user, password } = &self.credentials;
        let body = LoginBody { company_db, user_name: user, password: password.expose() };
        let body = serde_json::to_vec(&body)
            .map_err(|_| Error::config("the credentials have no JSON form"))?;
        let response = wire.post("login", Bytes::from(body), None, None).await?;
        let mut cookies = Cookies::default();
        cookies.absorb(response.headers());
        let secrets: Vec<_> = cookies.values().chain([password.expose()]).collect();
        let no_sessions = SessionEnd::default();
        let judge = Judge { asked: Asked::Login, session_end: &no_sessions, secrets: &secrets };
        let data = judge.data(&response)?;
        if cookies.is_empty() {
            return Err(Error::new(
                ErrorKind::Decode,
                "the login was answered without a cookie: does a gateway on the way remove them?",
            ));
        }
        let life = data.get::<LoginData>().ok().and_then(|data| data.session_timeout);
        let ttl = life.as_deref().and_then(parse_life).unwrap_or(DEFAULT_LIFE);
        Ok(Grant { value: cookies.header(), ttl })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoginBody<'a> {
    #[serde(rename = "CompanyDB")]
    company_db: &'a str,
    user_name: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginData {
    session_timeout: Option<String>,
}

/// `30m`, `1800s`, `1h`.
fn parse_life(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit = text.char_indices().next_back()?;
    let seconds = match unit.1 {
        's' | 'S' => 1,
        'm' | 'M' => 60,
        'h' | 'H' => 3600,
        _ => return None,
    };
    let number: u64 = text[..unit.0].trim().parse().ok()?;
    let life = Duration::from_secs(number.checked_mul(seconds)?);
    (!life.is_zero()).then_some(life)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_life_of_a_session() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (text, expected) in [
            ("30m", seconds(1800)),
            (" 45 s ", seconds(45)),
            ("2H", seconds(7200)),
            ("30", None),
            ("0m", None),
            ("-5m", None),
            ("m", None),
            ("", None),
            ("30分", None),
            ("18446744073709551615h", None),
        ] {
            assert_eq!(parse_life(text), expected, "{text}");
        }
    }
}
