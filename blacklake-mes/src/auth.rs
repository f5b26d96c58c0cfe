//! The token: fetched by the first call, shared, renewed three minutes before it expires.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell};
use http::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use crate::error::{ApiError, Error, Judge, Result};
use crate::lenient::{Lenient as _, integer, model};
use crate::wire::{Outgoing, Wire};

/// For tokens that do not say how long they live.
const DEFAULT_LIFE: Duration = Duration::from_secs(3600);

/// The two generations of credentials.
pub(crate) enum Login {
    /// Interface account (接口账号): key, secret and number of the factory.
    Factory(String),
    /// App (自建应用): key and secret.
    App,
}

pub(crate) struct Auth {
    pub(crate) login: Login,
    pub(crate) app_key: String,
    pub(crate) app_secret: Secret,
    pub(crate) address: Url,
    /// `POST /path` of the login.
    pub(crate) operation: String,
    pub(crate) cell: TokenCell<ApiError>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("app_key", &self.app_key).finish_non_exhaustive()
    }
}

model! {
    /// What either login answers.
    #[allow(unreachable_pub)]
    pub struct LoginAnswer aka ["expires_in" => "expiresIn"] {
        /// Of the interface account.
        pub token: String,
        /// Of the app.
        pub app_access_token: String,
        /// Seconds.
        pub expire: Option<i64>,
        /// The same under another name.
        pub expires_in: Option<i64>,
    }
}

impl Auth {
    /// The token for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        let token = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        token.map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// Drops a token that the platform refused.
    pub(crate) fn reject(&self, token: &Token) -> Result<()> {
        self.cell.invalidate(token.generation())
    }

    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        self.log_in(wire)
            .await
            .map_err(|error| error.in_call(self.operation.clone(), Idempotency::Safe, 1))
    }

    async fn log_in(&self, wire: &Wire) -> Result<Grant> {
        let secret = self.app_secret.expose();
        let mut body = json!({ "appKey": self.app_key, "appSecret": secret });
        if let Login::Factory(number) = &self.login {
            body["factoryNumber"] = json!(number);
        }
        let outgoing = Outgoing {
            url: self.address.clone(),
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_string()),
            timeout: None,
            judge: Judge { is_login: true, secret },
        };
        let reply = wire.exchange(outgoing).await?;
        let unreadable = || Error::new(ErrorKind::Decode, "the answer of the login holds no token");
        let answer: LoginAnswer =
            LoginAnswer::read(reply.data.as_str()).map_err(|_| unreadable())?;
        let value = match answer.token {
            token if token.is_empty() => answer.app_access_token,
            token => token,
        };
        if value.is_empty() {
            return Err(unreadable());
        }
        let ttl = answer
            .expire
            .or(answer.expires_in)
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs)
            .or_else(|| life_in_jwt(&value, wire.clock.utc()))
            .unwrap_or(DEFAULT_LIFE);
        Ok(Grant { value: Secret::new(value), ttl })
    }
}

/// How long a JWT says it lives (`exp`), unverified: it only decides when to renew.
///
/// None when it says nothing, or that it is over: then the clocks differ, and the platform will
/// say when it has had enough of the token.
fn life_in_jwt(token: &str, now: DateTime<Utc>) -> Option<Duration> {
    let payload = token.split('.').nth(1)?.trim_end_matches('=');
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let exp = integer(&claims.get("exp")?.to_string()).ok()?;
    let left = exp.checked_sub(now.timestamp())?;
    u64::try_from(left).ok().filter(|left| *left > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        format!("eyJhbGciOiJIUzUxMiJ9.{}.signature", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn reads_the_life_of_a_jwt() {
        let now = DateTime::from_timestamp(1_678_000_000, 0).unwrap();
        let life = |token: &str| life_in_jwt(token, now);
        let token = jwt(r#"{"terminal":5,"exp":1678003600,"userId":1,"orgId":2}"#);
        assert_eq!(life(&token), Some(Duration::from_secs(3600)));
        let over = jwt(r#"{"exp":1677999999}"#);
        let least = jwt(r#"{"exp":-9223372036854775808}"#);
        let odd = jwt(r#"{"exp":"soon"}"#);
        for token in [&over, &least, &odd, "opaque", "a.b.c", "..", "", &jwt("{}"), &jwt("[")] {
            assert_eq!(life(token), None, "{token}");
        }
    }
}
