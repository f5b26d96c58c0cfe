//! The access token: fetched by the first call, shared, renewed ten minutes before it expires.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::clock::Clock;
use erplink_core::{Effect, ErrorKind, Grant, Idempotency, Secret, Token, TokenCell, TokenStore};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::config::TokenMethod;
use crate::error::{ApiError, Error, Expect, Result, Rules};
use crate::lenient;
use crate::wire::{Outgoing, Wire, address};

/// Documented life of a token, for answers that do not say.
const DEFAULT_LIFE: Duration = Duration::from_secs(7200);

const RULES: Rules = Rules {
    expect: Expect::Anything,
    result_is_data: false,
    scope: Some("qyapi_base"),
    answers_secrets: true,
};

#[derive(Debug)]
pub(crate) struct Auth {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) method: TokenMethod,
    pub(crate) api: Url,
    pub(crate) legacy_base: Url,
    pub(crate) cell: TokenCell<ApiError>,
}

/// The cell of one app, shared with other processes if there is a store.
pub(crate) fn token_cell(
    clock: Arc<dyn Clock>,
    margin: Duration,
    store: Option<Arc<dyn TokenStore>>,
    client_id: &str,
) -> TokenCell<ApiError> {
    let cell = TokenCell::new(clock, margin);
    match store {
        Some(store) => cell.with_store(store, format!("dingtalk:{client_id}")),
        None => cell,
    }
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

    async fn fetch(&self, wire: &Wire) -> Result<Grant> {
        let operation = match self.method {
            TokenMethod::V1 => "POST /v1.0/oauth2/accessToken",
            TokenMethod::Unified { .. } => "POST /v1.0/oauth2/{corpId}/token",
            TokenMethod::Legacy => "GET /gettoken",
        };
        let mut result = self.fetch_once(wire).await;
        if self.is_suspicious(&result) {
            result = self.fetch_once(wire).await;
        }
        if self.is_suspicious(&result) {
            // Not `transient`: more attempts would only be more of the same.
            result = Err(Error::new(
                ErrorKind::Server,
                "no token; with this token method HTTP 500 usually means a wrong client id, \
                 secret or corp id",
            )
            .with_status(StatusCode::INTERNAL_SERVER_ERROR));
        }
        result.map_err(|error| error.in_call(operation, Idempotency::Safe, 1))
    }

    /// The unified endpoint answers HTTP 500 to credentials it does not know.
    fn is_suspicious(&self, result: &Result<Grant>) -> bool {
        matches!(self.method, TokenMethod::Unified { .. })
            && result.as_ref().is_err_and(|error| error.http_status() == Some(500))
    }

    async fn fetch_once(&self, wire: &Wire) -> Result<Grant> {
        let body = wire.exchange(self.outgoing()?, &RULES).await?;
        // Not the general decoder: its text could quote the token.
        let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| shapeless())?;
        let value = answer.access_token.or(answer.access_token_snake).ok_or_else(shapeless)?;
        let ttl = answer
            .expire_in
            .or(answer.expires_in)
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map_or(DEFAULT_LIFE, Duration::from_secs);
        Ok(Grant { value, ttl })
    }

    fn outgoing(&self) -> Result<Outgoing<'_>> {
        let (id, secret) = (self.client_id.as_str(), self.client_secret.expose());
        let (method, url, body) = match &self.method {
            TokenMethod::V1 => {
                let body = json(&AppCredentials { app_key: id, app_secret: secret })?;
                (Method::POST, address(&self.api, "/v1.0/oauth2/accessToken")?, Some(body))
            }
            TokenMethod::Unified { corp_id } => {
                let mut url = address(&self.api, "/v1.0/oauth2")?;
                url.path_segments_mut()
                    .map_err(|()| Error::config("api_base cannot have a path"))?
                    .extend([corp_id, "token"]);
                let body = json(&ClientCredentials {
                    client_id: id,
                    client_secret: secret,
                    grant_type: "client_credentials",
                })?;
                (Method::POST, url, Some(body))
            }
            TokenMethod::Legacy => {
                let mut url = address(&self.legacy_base, "/gettoken")?;
                url.query_pairs_mut().append_pair("appkey", id).append_pair("appsecret", secret);
                (Method::GET, url, None)
            }
        };
        Ok(Outgoing { method, url, body, header_token: None, timeout: None, secret })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AppCredentials<'a> {
    app_key: &'a str,
    app_secret: &'a str,
}

#[derive(Serialize)]
struct ClientCredentials<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    grant_type: &'a str,
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(rename = "accessToken")]
    access_token: Option<Secret>,
    #[serde(rename = "access_token")]
    access_token_snake: Option<Secret>,
    #[serde(rename = "expireIn", default, deserialize_with = "lenient::int")]
    expire_in: Option<i64>,
    #[serde(default, deserialize_with = "lenient::int")]
    expires_in: Option<i64>,
}

fn json<T: Serialize>(value: &T) -> Result<Bytes> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|_| Error::config("client id and secret have no JSON form"))
}

fn shapeless() -> Error {
    Error::new(ErrorKind::Decode, "the answer holds no access token")
}
