//! The access token: a code is asked for, exchanged for a token, and the token refreshed.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use erplink_core::clock::Clock;
use erplink_core::{
    Effect, ErrorKind, Grant, Idempotency, Members, Secret, Token, TokenCell, TokenStore,
};
use http::Method;
use tracing::warn;

use crate::config::{Authorize, Config, TokenBody};
use crate::envelope::Judge;
use crate::error::{ApiError, Result};
use crate::loose;
use crate::wire::{Body, Outgoing, Wire};

const AUTHORIZE: &str = "/oauth2/authorize";
const ACCESS_TOKEN: &str = "/oauth2/access_token";
const REFRESH_TOKEN: &str = "/oauth2/refresh_token";

/// The platform hands it back; there is no browser that it could protect.
const STATE: &str = "erplink";
/// Documented life of a token, for answers that do not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

pub(crate) struct Auth {
    pub(crate) corp_id: String,
    app_key: String,
    app_secret: Secret,
    authorize: Authorize,
    token_body: TokenBody,
    refresh_with_app: bool,
    pub(crate) cell: TokenCell<ApiError>,
    /// The refresh token of the newest access token, until it is used: a lost answer may have
    /// replaced it.
    refresh: Mutex<Option<Secret>>,
    refusals: Refusals,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("corp_id", &self.corp_id)
            .field("app_key", &self.app_key)
            .finish_non_exhaustive()
    }
}

/// When the app was refused last. It may become right again, so after a while one caller asks.
struct Refusals {
    memory: Duration,
    last: Mutex<Option<Instant>>,
}

impl Refusals {
    /// True for one of all callers that ask at the same time.
    fn claim_another_try(&self, now: Instant) -> bool {
        let mut last = lock(&self.last);
        let due = last.is_some_and(|last| now.saturating_duration_since(last) >= self.memory);
        if due {
            *last = Some(now);
        }
        due
    }
}

impl Auth {
    pub(crate) fn new(
        config: &Config,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Self {
        let cell = TokenCell::new(clock, Duration::from_secs(config.token_margin));
        let key = || format!("eteams:{}:{}:{}", config.base_url, config.corp_id, config.app_key);
        Self {
            corp_id: config.corp_id.clone(),
            app_key: config.app_key.clone(),
            app_secret: config.app_secret.clone(),
            authorize: config.authorize(),
            token_body: config.token_body(),
            refresh_with_app: config.refresh_with_app,
            cell: match store {
                Some(store) => cell.with_store(store, key()),
                None => cell,
            },
            refresh: Mutex::default(),
            refusals: Refusals {
                memory: Duration::from_secs(config.refusal_memory),
                last: Mutex::default(),
            },
        }
    }

    /// The token for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        let mut result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        if result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth)
            && self.refusals.claim_another_try(wire.clock.now())
        {
            self.cell.reset().await;
            result = self.cell.get(|| Box::pin(self.fetch(wire))).await;
        }
        result.map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// Forgets the tokens, and that the app was refused.
    pub(crate) async fn reset(&self) {
        lock(&self.refresh).take();
        self.cell.reset().await;
    }

    /// By the refresh token if there is one, else by a code. A code works once, so a lost answer
    /// means another code.
    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        let refresh = lock(&self.refresh).take();
        if let Some(refresh) = refresh {
            match self.refresh(wire, &refresh).await {
                Ok(grant) => return Ok(grant),
                Err(error) => warn!("no refresh, a new code is asked for: {error}"),
            }
        }
        let granted = match self.code(wire).await {
            Ok(code) => self.exchange(wire, &code).await,
            Err(error) => Err(error),
        };
        if granted.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth) {
            *lock(&self.refusals.last) = Some(wire.clock.now());
        }
        granted
    }

    /// `GET` or `POST /oauth2/authorize`: a code for the tenant.
    async fn code(&self, wire: &Wire) -> Result<Secret> {
        let fields =
            [("corpid", self.corp_id.as_str()), ("response_type", "code"), ("state", STATE)];
        let check = "check corp_id (企业标识)";
        let answer = match self.authorize {
            Authorize::Get => {
                let mut url = wire.address(AUTHORIZE)?;
                url.query_pairs_mut().extend_pairs(fields);
                let judge = self.judge(wire, AUTHORIZE, check, "");
                let outgoing =
                    Outgoing { method: Method::GET, url, body: None, timeout: None, judge };
                wire.exchange(outgoing).await.map(|reply| reply.members)
            }
            Authorize::Post => {
                let judge = self.judge(wire, AUTHORIZE, check, "");
                self.post(wire, judge, TokenBody::Json, &fields).await
            }
        };
        let read = |answer: Members| loose::require_text(&answer, &["code"], "").map(Secret::new);
        let method = if self.authorize == Authorize::Get { "GET" } else { "POST" };
        answer
            .and_then(read)
            .map_err(|error| error.in_call(format!("{method} {AUTHORIZE}"), Idempotency::Safe, 1))
    }

    /// `POST /oauth2/access_token`: the code becomes a token.
    async fn exchange(&self, wire: &Wire, code: &Secret) -> Result<Grant> {
        let fields = [
            ("app_key", self.app_key.as_str()),
            ("app_secret", self.app_secret.expose()),
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
        ];
        let judge = self.judge(wire, ACCESS_TOKEN, "check app_key and app_secret", code.expose());
        self.granted(wire, judge, &fields).await
    }

    /// `POST /oauth2/refresh_token`.
    async fn refresh(&self, wire: &Wire, refresh: &Secret) -> Result<Grant> {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
        if self.refresh_with_app {
            let app =
                [("app_key", self.app_key.as_str()), ("app_secret", self.app_secret.expose())];
            fields.extend(app);
        }
        let check = "its refresh token is not good any more";
        let judge = self.judge(wire, REFRESH_TOKEN, check, refresh.expose());
        self.granted(wire, judge, &fields).await
    }

    async fn granted(
        &self,
        wire: &Wire,
        judge: Judge<'_>,
        fields: &[(&str, &str)],
    ) -> Result<Grant> {
        let operation = format!("POST {}", judge.path);
        let answer = self.post(wire, judge, self.token_body, fields).await;
        answer
            .and_then(|answer| self.grant(&answer))
            .map_err(|error| error.in_call(operation, Idempotency::NotIdempotent, 1))
    }

    async fn post(
        &self,
        wire: &Wire,
        judge: Judge<'_>,
        body: TokenBody,
        fields: &[(&str, &str)],
    ) -> Result<Members> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let body = match body {
            TokenBody::Form => Body::Form(fields.iter().map(owned).collect()),
            TokenBody::Json => {
                let members: std::collections::BTreeMap<_, _> = fields.iter().copied().collect();
                Body::json(&members)?
            }
        };
        let url = wire.address(judge.path)?;
        let outgoing =
            Outgoing { method: Method::POST, url, body: Some(body), timeout: None, judge };
        Ok(wire.exchange(outgoing).await?.members)
    }

    /// Reads a token, and keeps its refresh token.
    fn grant(&self, answer: &Members) -> Result<Grant> {
        let names = ["accessToken", "acessToken", "access_token"];
        let value = loose::require_text(answer, &names, "")?;
        let refresh = loose::text(answer, &["refreshToken", "refresh_token"]);
        *lock(&self.refresh) = refresh.map(Secret::new);
        let life = loose::number(answer, &["expires_in"]);
        let ttl = life.map_or(DEFAULT_LIFE, Duration::from_secs);
        Ok(Grant { value: Secret::new(value), ttl })
    }

    fn judge<'a>(
        &'a self,
        wire: &'a Wire,
        path: &'a str,
        check: &'static str,
        sent: &'a str,
    ) -> Judge<'a> {
        let secrets = vec![self.app_secret.expose(), sent];
        Judge { codes: &wire.codes, path, login: Some(check), secrets }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
