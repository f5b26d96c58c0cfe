//! The access token: fetched by the first call, shared, renewed before it expires.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, RawJson, Secret, Token, TokenCell};
use http::{HeaderValue, Method};
use serde_json::json;
use url::Url;

use crate::client::{Outgoing, Wire, address};
use crate::config::{EncType, TimestampUnit};
use crate::error::{ApiError, Error, Result};
use crate::judge::{Judge, plain};
use crate::sign;

pub(crate) const TOKEN: &str = "POST /base/oauth/token";

/// What a token is asked for with.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) enc_type: EncType,
    pub(crate) timestamp_unit: TimestampUnit,
}

pub(crate) struct Auth {
    pub(crate) credentials: Credentials,
    pub(crate) token_life: Duration,
    pub(crate) cell: TokenCell<ApiError>,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("client_id", &self.credentials.client_id)
            .finish_non_exhaustive()
    }
}

impl Auth {
    /// The token for one request.
    ///
    /// A failure to get one is a failure before the request was sent, whatever it was.
    pub(crate) async fn token(&self, wire: &Wire, base: &Url) -> Result<Token> {
        let fetch = || Box::pin(fetch(wire, base, &self.credentials, self.token_life));
        self.cell.get(fetch).await.map_err(|error| error.with_effect(Effect::NotSent))
    }

    /// Drops a token that the platform refused.
    pub(crate) fn reject(&self, token: &Token) -> Result<()> {
        self.cell.invalidate(token.generation())
    }
}

/// `POST /base/oauth/token`.
pub(crate) async fn fetch(
    wire: &Wire,
    base: &Url,
    credentials: &Credentials,
    life: Duration,
) -> Result<Grant> {
    let Credentials { client_id, client_secret, enc_type, timestamp_unit } = credentials;
    let timestamp = sign::timestamp(*timestamp_unit, wire.clock.utc());
    let sign = sign::sign(*enc_type, client_id, client_secret, timestamp);
    let body = json!({
        "client_id": client_id, "timestamp": timestamp.to_string(), "sign": sign,
        "encType": enc_type.number(),
    });
    let outgoing = Outgoing {
        method: Method::POST,
        url: address(base, "/base/oauth/token")?,
        content_type: HeaderValue::from_static("application/json"),
        body: Bytes::from(body.to_string()),
        timeout: None,
        judge: Judge {
            is_login: true,
            secrets: vec![client_secret.expose(), &sign],
            token_codes: &[],
        },
    };
    let named = |error: Error| error.in_call(TOKEN, Idempotency::Safe, 1);
    let answer = wire.exchange(outgoing).await.map_err(named)?;
    let members: BTreeMap<String, RawJson> = answer.get().unwrap_or_default();
    let text = |name: &str| members.get(name).and_then(plain).filter(|text| !text.is_empty());
    let value = text("access_token").ok_or_else(|| {
        named(Error::new(ErrorKind::Decode, "the answer holds no `access_token`"))
    })?;
    let ttl = text("expires_in").and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let ttl = ttl.filter(|ttl| !ttl.is_zero()).unwrap_or(life);
    Ok(Grant { value: Secret::new(value), ttl })
}
