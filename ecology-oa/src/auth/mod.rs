//! Who calls: the application's token, and the OA user on whose behalf it is used.

mod regist;
mod server_key;

use std::time::Duration;

use chrono::{DateTime, Utc};
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use serde::Deserialize;
use url::Url;

pub use regist::{Regist, Registered};
pub(crate) use server_key::ServerKey;

use crate::error::{ApiError, Error, Expect, Result};
use crate::wire::{FORM, Outgoing, Wire, address};

/// Life of a token when `time` is not sent.
const DEFAULT_LIFE: Duration = Duration::from_secs(1800);
/// A token is renewed this long before its end, or at nine tenths of a short life.
const MARGIN: Duration = Duration::from_secs(60);

pub(crate) struct Auth {
    pub(crate) appid: HeaderValue,
    pub(crate) secret: Secret,
    pub(crate) key: ServerKey,
    pub(crate) token_url: Url,
    pub(crate) token_seconds: Option<u64>,
    pub(crate) cell: TokenCell<ApiError>,
}

/// How long a token lives: the server does not say.
fn life(token_seconds: Option<u64>) -> Duration {
    token_seconds.map_or(DEFAULT_LIFE, Duration::from_secs)
}

/// How long before its end a token is renewed.
pub(crate) fn margin(token_seconds: Option<u64>) -> Duration {
    MARGIN.min(life(token_seconds) / 10)
}

impl Auth {
    /// The token for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire) -> Result<Token> {
        self.cell
            .get(|| Box::pin(self.fetch(wire)))
            .await
            .map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// The headers of a call on behalf of `user`.
    pub(crate) fn headers(&self, token: &Token, user: &str) -> Result<HeaderMap> {
        let mut token = HeaderValue::from_str(token.value().expose())
            .map_err(|_| Error::new(ErrorKind::Decode, "the token is not printable ASCII"))?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(HeaderName::from_static("token"), token);
        headers.insert(HeaderName::from_static("appid"), self.appid.clone());
        headers.insert(HeaderName::from_static("userid"), self.key.user(user)?);
        Ok(headers)
    }

    /// `POST /api/ec/dev/auth/applytoken`: the secret goes encrypted, the body stays empty.
    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        self.fetch_once(wire)
            .await
            .map_err(|error| error.in_call("POST applytoken", Idempotency::Safe, 1))
    }

    async fn fetch_once(&self, wire: &Wire) -> Result<Grant> {
        let mut secret = self.key.encrypt("secret", self.secret.expose())?;
        secret.set_sensitive(true);
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(HeaderName::from_static("appid"), self.appid.clone());
        headers.insert(HeaderName::from_static("secret"), secret);
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        if let Some(seconds) = self.token_seconds {
            headers.insert(HeaderName::from_static("time"), HeaderValue::from(seconds));
        }
        let outgoing = Outgoing {
            method: Method::POST,
            url: self.token_url.clone(),
            headers,
            body: None,
            timeout: None,
            secrets: &[self.secret.expose()],
        };
        let body = wire.exchange(outgoing, Expect::Token).await?;
        // Not the general decoder: its text could quote the token.
        let shapeless = || Error::new(ErrorKind::Decode, "the answer holds no token");
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| shapeless())?;
        let value = answer.token.filter(|token| !token.is_empty()).ok_or_else(shapeless)?;
        Ok(Grant { value, ttl: life(self.token_seconds) })
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    token: Option<Secret>,
}

/// The address of the token call under a base.
pub(crate) fn token_url(base: &Url, path: &str) -> Result<Url> {
    address(base, path).map_err(|_| Error::config(format!("token_path: `{path}` is not a path")))
}

/// The value of the header `appid`.
pub(crate) fn appid_header(appid: &str) -> Result<HeaderValue> {
    if appid.trim().is_empty() {
        return Err(Error::config(
            "appid is empty: it is the licence number (许可证号) of the app",
        ));
    }
    HeaderValue::from_str(appid)
        .map_err(|_| Error::config("appid cannot be sent in a header: expected visible ASCII"))
}

/// The time of the answer, for calls that are signed with the time.
pub(crate) fn server_date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = headers.get(header::DATE)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.with_timezone(&Utc))
}
