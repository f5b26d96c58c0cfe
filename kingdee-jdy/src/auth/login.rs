//! The logins of both generations.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

use bytes::Bytes;
use erplink_core::{ErrorKind, Idempotency, Members, Secret};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::signature::{Signed, app_signature};
use super::{Auth, DEFAULT_LIFE, Session};
use crate::config::{Login, Platform, SignHeaders};
use crate::error::{Error, Expect, Judge, Result};
use crate::wire::{Outgoing, Wire, address};

/// What one customer granted an app.
struct Authorization {
    app_key: String,
    app_secret: Secret,
    router: Option<String>,
    s_id: Option<String>,
    db_id: Option<String>,
}

type Query<'a> = Vec<(&'a str, String)>;

impl Auth {
    pub(super) async fn log_in(&self, wire: &Wire) -> Result<(Session, Duration)> {
        let paths = &self.config.paths;
        match &self.config.login {
            Login::User { username, password } => {
                let who = vec![
                    ("username", username.clone()),
                    ("password", password.expose().to_owned()),
                ];
                self.legacy(wire, &paths.user_token, who, password).await
            }
            Login::Org { tid, secret } => {
                let who = vec![("tid", tid.clone()), ("secret", secret.expose().to_owned())];
                self.legacy(wire, &paths.org_token, who, secret).await
            }
            Login::Platform(app) => self.platform(wire, app).await,
        }
    }

    async fn legacy(
        &self,
        wire: &Wire,
        path: &str,
        mut query: Query<'_>,
        secret: &Secret,
    ) -> Result<(Session, Duration)> {
        let client_secret = self.config.client_secret.expose();
        query.push(("client_id", self.config.client_id.clone()));
        query.push(("client_secret", client_secret.to_owned()));
        let secrets = [secret.expose(), client_secret];
        let call = LoginCall { method: Method::GET, path, query, signed: None, body: None };
        let body = self.ask(wire, call, &secrets).await?;
        let data = data_of(&body, path)?;
        let access_token = required(&data, "access_token", path)?;
        let session = Session { access_token, router: None, s_id: None, db_id: None };
        Ok((session, life(&data)))
    }

    async fn platform(&self, wire: &Wire, app: &Platform) -> Result<(Session, Duration)> {
        // The secret of an app changes daily, so it is asked for before each login.
        let granted = self.authorization(wire, app).await?;
        let path = &self.config.paths.app_token;
        let app_signature = app_signature(&granted.app_key, &granted.app_secret);
        let mut query = vec![("app_key", granted.app_key), ("app_signature", app_signature)];
        query.extend(app.uid.iter().map(|uid| ("uid", uid.clone())));
        let secrets = [granted.app_secret.expose(), self.config.client_secret.expose()];
        let call = LoginCall { method: Method::GET, path, query, signed: Some(app), body: None };
        let body = self.ask(wire, call, &secrets).await?;
        let data = data_of(&body, path)?;
        let session = Session {
            access_token: required(&data, "access_token", path)?,
            router: granted.router,
            s_id: granted.s_id,
            db_id: granted.db_id,
        };
        Ok((session, life(&data)))
    }

    async fn authorization(&self, wire: &Wire, app: &Platform) -> Result<Authorization> {
        let path = &self.config.paths.authorizations;
        let query = vec![("outerInstanceId", app.outer_instance_id.clone())];
        let body = Some(Bytes::from_static(b"{}"));
        let call = LoginCall { method: Method::POST, path, query, signed: Some(app), body };
        let body = self.ask(wire, call, &[self.config.client_secret.expose()]).await?;
        let all = body.objects("data").map_err(|_| unlike(path, "a list of objects in `data`"))?;
        let is_wanted = |one: &&Members| {
            let is = |name: &str, wanted: &str| {
                wanted.is_empty() || one.text(name).ok().flatten().as_deref() == Some(wanted)
            };
            is("appKey", app.app_key.as_deref().unwrap_or_default())
                && is("serviceId", &self.config.s_id)
                && is("accountId", &self.config.db_id)
        };
        let wanted: Vec<&Members> = all.iter().filter(is_wanted).collect();
        let [one] = wanted.as_slice() else {
            return Err(self.which(&all, wanted.len()));
        };
        let text = |name: &str| one.text(name).ok().flatten();
        Ok(Authorization {
            app_key: required(one, "appKey", path)?,
            app_secret: Secret::new(required(one, "appSecret", path)?),
            router: text("domain"),
            s_id: text("serviceId"),
            db_id: text("accountId"),
        })
    }

    /// None or several authorizations fit: says which there are.
    fn which(&self, all: &[Members], fitting: usize) -> Error {
        let shown = |one: &Members| {
            let text = |name: &str| one.text(name).ok().flatten().unwrap_or_default();
            let (key, s_id, db_id) = (text("appKey"), text("serviceId"), text("accountId"));
            format!("app_key {key} (s_id {s_id}, db_id {db_id}, {})", text("agreementCompanyName"))
        };
        let there: Vec<String> = all.iter().map(shown).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join("; ") };
        let how_many = if fitting == 0 { "no authorization fits" } else { "several fit" };
        Error::config(format!(
            "{how_many} `app_key`, `s_id` and `db_id`; of `outer_instance_id` there are: {there}"
        ))
    }

    async fn ask(&self, wire: &Wire, call: LoginCall<'_>, secrets: &[&str]) -> Result<Members> {
        let operation = format!("{} {}", call.method, call.path);
        let mut url = address(&self.base, call.path)?;
        url.query_pairs_mut().extend_pairs(&call.query);
        let headers = match call.signed {
            Some(app) => self.signed_headers(wire, &call, app)?,
            None => HeaderMap::new(),
        };
        let judge = Judge { expect: Expect::Login, token_codes: &[], results: "", secrets };
        let outgoing = Outgoing { method: call.method, url, headers, body: call.body, judge };
        let reply = wire.exchange(outgoing).await;
        // Logging in again changes nothing.
        reply
            .map(|reply| reply.judged.body)
            .map_err(|error| error.in_call(operation, Idempotency::Safe, 1))
    }

    fn signed_headers(
        &self,
        wire: &Wire,
        call: &LoginCall<'_>,
        app: &Platform,
    ) -> Result<HeaderMap> {
        let timestamp = wire.clock.utc().timestamp_millis().to_string();
        let nonce = nonce();
        let signed = Signed {
            method: call.method.as_str(),
            path: call.path,
            query: &call.query,
            nonce: &nonce,
            timestamp: &timestamp,
        };
        let signature = signed.signature(&self.config.client_secret);
        let sign_headers = match app.sign_headers {
            SignHeaders::TimestampFirst => "X-Api-TimeStamp,X-Api-Nonce",
            SignHeaders::NonceFirst => "X-Api-Nonce,X-Api-TimeStamp",
        };
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-api-clientid", self.config.client_id.as_str()),
            ("x-api-auth-version", "2.0"),
            ("x-api-timestamp", &timestamp),
            ("x-api-nonce", &nonce),
            ("x-api-signheaders", sign_headers),
            ("x-api-signature", &signature),
        ] {
            headers.insert(HeaderName::from_static(name), header_value(name, value)?);
        }
        Ok(headers)
    }
}

/// One call of a login.
struct LoginCall<'a> {
    method: Method,
    path: &'a str,
    query: Query<'a>,
    /// By whom it is signed, if it is.
    signed: Option<&'a Platform>,
    body: Option<Bytes>,
}

pub(crate) fn header_value(name: &str, value: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(value)
        .map_err(|_| Error::config(format!("{name}: the value has characters no header can have")))
}

/// Digits that no other request has.
fn nonce() -> String {
    // Random keys are what a new hasher is made of.
    (RandomState::new().hash_one(0_u8) % 10_000_000_000).to_string()
}

fn data_of(body: &Members, path: &str) -> Result<Members> {
    let data = body.get("data").and_then(|data| data.get().ok());
    data.ok_or_else(|| unlike(path, "an object in `data`"))
}

fn required(data: &Members, name: &str, path: &str) -> Result<String> {
    let text = data.text(name).ok().flatten();
    text.ok_or_else(|| unlike(path, &format!("a text in `{name}`")))
}

/// What was found instead may be a secret.
fn unlike(path: &str, expected: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("{path}: expected {expected}"))
}

fn life(data: &Members) -> Duration {
    let seconds = data.text("expires_in").ok().flatten().and_then(|text| text.parse().ok());
    seconds.map_or(DEFAULT_LIFE, Duration::from_secs)
}
