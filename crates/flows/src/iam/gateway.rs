use std::fmt;

use async_trait::async_trait;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use erplink_core::transport::{Request, Response, TransportError};
use erplink_core::{ErrorKind, Secret, Transport, app_code};
use serde::Deserialize;

use super::{Error, Iam};

/// Sends the calls of any client through the API gateway: with the token of an IAM user
/// (`X-Auth-Token`), or with an AppCode (`X-Apig-AppCode`, APP认证).
///
/// A token that the gateway does not take any more is renewed once, and the call, which it did not
/// pass on, sent once more.
pub struct GatewayTransport {
    inner: Box<dyn Transport>,
    credential: Credential,
    stage: Option<HeaderValue>,
}

enum Credential {
    Token(Iam),
    AppCode(Secret),
}

impl fmt::Debug for GatewayTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayTransport")
            .field("inner", &self.inner)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

const AUTH_TOKEN: HeaderName = HeaderName::from_static("x-auth-token");
const APP_CODE: HeaderName = HeaderName::from_static(app_code::HEADER);
const STAGE: HeaderName = HeaderName::from_static("x-stage");

impl GatewayTransport {
    /// Calls with the token of this user.
    pub fn with_token(inner: impl Transport + 'static, iam: Iam) -> Self {
        Self { inner: Box::new(inner), credential: Credential::Token(iam), stage: None }
    }

    /// Calls with this AppCode. It is a plain secret, so only `https` addresses are called.
    pub fn with_app_code(inner: impl Transport + 'static, code: impl Into<Secret>) -> Self {
        Self { inner: Box::new(inner), credential: Credential::AppCode(code.into()), stage: None }
    }

    /// Calls what is published to this environment instead of `RELEASE`.
    ///
    /// # Errors
    /// When no header can carry the name.
    pub fn stage(mut self, name: &str) -> Result<Self, Error> {
        let stage = HeaderValue::from_str(name);
        self.stage = Some(stage.map_err(|_| Error::config("stage: not a name for a header"))?);
        Ok(self)
    }

    fn prepared(
        &self,
        request: &Request,
        name: HeaderName,
        secret: &Secret,
    ) -> Result<Request, TransportError> {
        let mut value = HeaderValue::from_str(secret.expose()).map_err(|_| {
            TransportError::before_send(ErrorKind::Config, format!("no header {name} can hold it"))
        })?;
        value.set_sensitive(true);
        let mut request = request.clone();
        request.headers_mut().insert(name, value);
        if let Some(stage) = &self.stage {
            request.headers_mut().insert(STAGE, stage.clone());
        }
        Ok(request)
    }

    async fn send_with_token(
        &self,
        iam: &Iam,
        request: &Request,
    ) -> Result<Response, TransportError> {
        let token = iam.current().await.map_err(no_token)?;
        let response = self.inner.send(self.prepared(request, AUTH_TOKEN, token.value())?).await?;
        if !wants_new_token(&response) || iam.reject(&token).is_err() {
            return Ok(response);
        }
        let token = iam.current().await.map_err(no_token)?;
        self.inner.send(self.prepared(request, AUTH_TOKEN, token.value())?).await
    }
}

#[async_trait]
impl Transport for GatewayTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match &self.credential {
            Credential::Token(iam) => self.send_with_token(iam, &request).await,
            Credential::AppCode(code) => {
                if request.uri().scheme_str() != Some("https") {
                    return Err(TransportError::before_send(
                        ErrorKind::Config,
                        "an AppCode is only sent to an https address",
                    ));
                }
                self.inner.send(self.prepared(&request, APP_CODE, code)?).await
            }
        }
    }
}

/// The call behind it was not sent. A user that IAM refuses has to be put right by a person.
fn no_token(error: Error) -> TransportError {
    let kind = match error.kind() {
        kind @ (ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Io) => kind,
        _ if error.is_retryable() => ErrorKind::Io,
        _ => ErrorKind::Config,
    };
    TransportError::before_send(kind, format!("no token of IAM: {error}")).with_source(error)
}

/// `APIG.0301` and `APIG.0307`, or a service behind the gateway that says so.
fn wants_new_token(response: &Response) -> bool {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        error_code: String,
        #[serde(default)]
        error_msg: String,
    }
    let answer = || serde_json::from_slice::<Answer>(response.body()).ok();
    response.status() == StatusCode::UNAUTHORIZED
        && answer().is_some_and(|answer| {
            matches!(answer.error_code.as_str(), "APIG.0301" | "APIG.0307")
                || answer.error_msg.to_lowercase().contains("token must be updated")
        })
}
