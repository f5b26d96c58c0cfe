//! How the client logs in, keeps its session and renews it.
//!
//! The first call logs in; calls that arrive meanwhile wait for that one login. The session is
//! renewed when it was idle for nearly as long as the server keeps it, or once when the server
//! rejects it; the rejected call is then repeated once. Refused credentials are tried once and
//! remembered until [`Client::login`](crate::Client::login) is called.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell, TokenStore};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::call::Wire;
use crate::error::{self, ApiError, Asked, Error, Result};

mod cookies;

pub use cookies::Cookies;

/// Renewed this long before the server would end an idle session.
const MARGIN: Duration = Duration::from_secs(60);
/// How long sessions live that say nothing about it: the server's default.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Another way to obtain a session: an identity provider, a gateway's own login.
///
/// Give it to [`ClientBuilder::login_provider`](crate::ClientBuilder::login_provider). It is
/// called whenever a session is needed, never by two callers at once.
#[async_trait]
pub trait LoginProvider: fmt::Debug + Send + Sync {
    /// Obtains a session.
    ///
    /// # Errors
    /// Of kind [`ErrorKind::Auth`] when the credentials were refused: then it is not asked again
    /// until [`Client::login`](crate::Client::login).
    async fn login(&self) -> Result<ProvidedSession>;
}

/// The session that a [`LoginProvider`] obtained.
#[derive(Clone, Debug)]
pub struct ProvidedSession {
    /// What to send back with every request; `B1SESSION` among them.
    pub cookies: Cookies,
    /// How long the session lives without being used. 30 minutes when unknown.
    pub timeout: Option<Duration>,
}

/// Company, user and password, as `Login` takes them.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) company_db: String,
    pub(crate) user: String,
    pub(crate) password: Secret,
    pub(crate) language: Option<i32>,
}

/// Where sessions come from.
pub(crate) enum Source {
    Credentials(Credentials),
    Provider(Arc<dyn LoginProvider>),
    /// Only a session from elsewhere: when it ends, nothing can renew it.
    None,
}

/// The session of a client.
pub(crate) struct Session {
    cell: TokenCell<ApiError>,
    source: Source,
    /// A session from elsewhere, taken by the first login.
    imported: Mutex<Option<Cookies>>,
    timeout_ms: AtomicU64,
    server_version: Mutex<Option<String>>,
}

impl Session {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        source: Source,
        imported: Option<Cookies>,
        store: Option<(Arc<dyn TokenStore>, String)>,
    ) -> Self {
        let mut cell = TokenCell::new(clock, MARGIN);
        if let Some((store, key)) = store {
            cell = cell.with_store(store, key);
        }
        Self {
            cell,
            source,
            imported: Mutex::new(imported),
            timeout_ms: AtomicU64::new(millis(DEFAULT_TIMEOUT)),
            server_version: Mutex::new(None),
        }
    }

    /// The session to use, logging in if there is none.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        self.cell.get(|| self.log_in(wire)).await.map_err(before_the_call)
    }

    /// The server answered with this session: its idle time starts anew, and it may have moved
    /// the session to another node.
    pub(crate) fn answered(&self, token: &Token, headers: &HeaderMap) {
        let timeout = Duration::from_millis(self.timeout_ms.load(Ordering::Relaxed));
        self.cell.touch(token.generation(), timeout);
        if headers.contains_key(header::SET_COOKIE) {
            let mut cookies = Cookies::from_header(token.value());
            if cookies.absorb(headers) {
                self.cell.replace(token.generation(), cookies.header());
            }
        }
    }

    /// The server rejected this session.
    pub(crate) fn reject(&self, token: &Token) -> Result<()> {
        self.cell.invalidate(token.generation())
    }

    /// The session in use, if any.
    pub(crate) fn current(&self) -> Option<Token> {
        self.cell.current()
    }

    /// Forgets the session and a refusal of the credentials.
    pub(crate) async fn forget(&self) {
        self.cell.reset().await;
    }

    /// What the last login said about the server's build, such as `1000190`.
    pub(crate) fn server_version(&self) -> Option<String> {
        lock(&self.server_version).clone()
    }

    async fn log_in(&self, wire: &Wire) -> Result<Grant> {
        if let Some(cookies) = lock(&self.imported).take() {
            return Ok(self.grant(&cookies, DEFAULT_TIMEOUT));
        }
        match &self.source {
            Source::Credentials(credentials) => {
                let login = post_login(wire, credentials)
                    .await
                    .map_err(|error| error.in_call("POST Login", Idempotency::Safe, 1))?;
                *lock(&self.server_version) = login.version;
                Ok(self.grant(&login.cookies, login.timeout))
            }
            Source::Provider(provider) => {
                let session = provider
                    .login()
                    .await
                    .map_err(|error| error.in_call("login provider", Idempotency::Safe, 1))?;
                Ok(self.grant(&session.cookies, session.timeout.unwrap_or(DEFAULT_TIMEOUT)))
            }
            Source::None => Err(Error::new(
                ErrorKind::Session,
                "the given session has ended and there are no credentials to log in with",
            )),
        }
    }

    fn grant(&self, cookies: &Cookies, ttl: Duration) -> Grant {
        self.timeout_ms.store(millis(ttl), Ordering::Relaxed);
        Grant { value: cookies.header(), ttl }
    }
}

/// A lost answer to the login says nothing bad about the call behind it: that was not sent.
fn before_the_call(error: Error) -> Error {
    match error.effect() {
        Effect::Unknown => error.with_effect(Effect::NotExecuted),
        Effect::NotSent | Effect::NotExecuted => error,
    }
}

/// The value of the `Cookie` header.
pub(crate) fn cookie_header(token: &Token) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(token.value().expose())
        .map_err(|_| Error::config("the session holds characters that no cookie can have"))?;
    value.set_sensitive(true);
    Ok(value)
}

struct Login {
    cookies: Cookies,
    timeout: Duration,
    version: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct LoginBody<'a> {
    #[serde(rename = "CompanyDB")]
    company_db: &'a str,
    user_name: &'a str,
    password: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<i32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoginAnswer {
    session_id: Secret,
    version: Option<String>,
    /// Minutes.
    session_timeout: Option<u32>,
}

/// `POST /Login`
async fn post_login(wire: &Wire, credentials: &Credentials) -> Result<Login> {
    let body = serde_json::to_vec(&LoginBody {
        company_db: &credentials.company_db,
        user_name: &credentials.user,
        password: credentials.password.expose(),
        language: credentials.language,
    })
    .map_err(|_| Error::config("the credentials have no JSON form"))?;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let response = wire.send(&Method::POST, "Login", headers, Bytes::from(body), None).await?;
    let (parts, body) = response.into_parts();
    let secrets = [credentials.password.expose()];
    if !parts.status.is_success() || error::is_error_body(&body) {
        let now = wire.now_utc();
        let (status, headers) = (parts.status, &parts.headers);
        return Err(error::from_response(status, headers, &body, Asked::Login, now, &secrets));
    }
    // The reason of a failed decode may quote the session: it is not passed on.
    let answer: LoginAnswer = serde_json::from_slice(&body).map_err(|_| {
        error::unreadable("the answer to the login holds no SessionId: is the root address right?")
            .with_status(parts.status)
    })?;
    let mut cookies = Cookies::default();
    cookies.absorb(&parts.headers);
    if !cookies.contains("B1SESSION") {
        cookies.set("B1SESSION", answer.session_id.expose());
    }
    let timeout = answer.session_timeout.filter(|minutes| *minutes > 0);
    Ok(Login {
        cookies,
        timeout: timeout.map_or(DEFAULT_TIMEOUT, |min| Duration::from_secs(u64::from(min) * 60)),
        version: answer.version,
    })
}

/// `POST /Logout`; a session that is gone already counts as logged out.
pub(crate) async fn post_logout(wire: &Wire, token: &Token) -> Result<()> {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, cookie_header(token)?);
    let response = wire.send(&Method::POST, "Logout", headers, Bytes::new(), None).await?;
    let status = response.status();
    if status.is_success() || status == StatusCode::UNAUTHORIZED {
        return Ok(());
    }
    let (headers, body) = (response.headers(), response.body());
    Err(error::from_response(status, headers, body, Asked::Other, wire.now_utc(), &[]))
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
