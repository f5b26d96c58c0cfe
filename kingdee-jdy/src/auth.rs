//! The session: fetched by the first call, shared, renewed before it expires.

pub(crate) mod login;
mod signature;

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use erplink_core::{Effect, ErrorKind, Grant, Secret, Token, TokenCell};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::config::{Config, Login};
use crate::error::{ApiError, Error, Result};
use crate::wire::Wire;

/// Life of a token whose answer does not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

/// What a login gave: the token, and where an app of the open platform is at home.
#[derive(Deserialize, Serialize)]
pub(crate) struct Session {
    pub(crate) access_token: String,
    /// `X-GW-Router-Addr`.
    pub(crate) router: Option<String>,
    /// `sId` of the authorization.
    pub(crate) s_id: Option<String>,
    /// `dbId` of the authorization.
    pub(crate) db_id: Option<String>,
}

impl Session {
    /// One secret text, because that is what a token is to whoever keeps it.
    fn seal(&self) -> Result<Secret> {
        let text = serde_json::to_string(self);
        text.map(Secret::new).map_err(|_| Error::new(ErrorKind::Decode, "the session has no text"))
    }

    pub(crate) fn open(token: &Token) -> Result<Self> {
        // Also what another process put into a shared store; its text is not for an error.
        serde_json::from_str(token.value().expose())
            .map_err(|_| Error::new(ErrorKind::Session, "the stored session cannot be read"))
    }
}

pub(crate) struct Auth {
    pub(crate) config: Config,
    pub(crate) base: Url,
    pub(crate) cell: TokenCell<ApiError>,
    /// When the credentials were refused last. They may become right again: a password is reset, so
    /// after a while one caller asks anew.
    pub(crate) refused: Mutex<Option<Instant>>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("client_id", &self.config.client_id).finish_non_exhaustive()
    }
}

impl Auth {
    /// The session for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        let mut result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth)
            && self.claim_another_try(wire.clock.now())
        {
            self.cell.reset().await;
            result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        }
        result.map_err(|error| error.with_effect(Effect::NotSent))
    }

    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        let result = self.log_in(wire).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth) {
            *self.refused() = Some(wire.clock.now());
        }
        let (session, ttl) = result?;
        Ok(Grant { value: session.seal()?, ttl })
    }

    /// True for one of all callers that ask at the same time.
    fn claim_another_try(&self, now: Instant) -> bool {
        let memory = Duration::from_secs(self.config.refusal_memory);
        let mut refused = self.refused();
        let due = refused.is_some_and(|last| now.saturating_duration_since(last) >= memory);
        if due {
            *refused = Some(now);
        }
        due
    }

    fn refused(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of a session in a shared store: tells two logins apart and gives neither away.
pub(crate) fn store_key(config: &Config) -> String {
    let login = match &config.login {
        Login::User { username, password } => [username, password.expose()].join("\n"),
        Login::Org { tid, secret } => [tid, secret.expose()].join("\n"),
        Login::Platform(app) => {
            let app_key = app.app_key.as_deref().unwrap_or_default();
            [&app.outer_instance_id, app_key, &config.s_id, &config.db_id].join("\n")
        }
    };
    let digest = Sha256::digest(format!("{}\n{login}", config.client_secret.expose()));
    let print: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("jdy:{}:{print}", config.client_id)
}
