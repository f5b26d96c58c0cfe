//! The new generation, `api.dingtalk.com`: routes, tokens, permissions, limits.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::routing::get;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, Uri, header};
use serde_json::{Value, json};

use super::gateway::{Incoming, json_answer, unsupported};
use super::limits::Exceeded;
use super::platform::Platform;
use super::refusal::Refusal;
use super::request::Request;
use super::tokens::TOKEN_LIFE;
use super::world::World;
use super::{create, files, forecast, forms, instances, legacy, stream, tasks};

const TOKEN_HEADER: &str = "x-acs-dingtalk-access-token";
const READ: &str = "Workflow.Instance.Read";
const WRITE: &str = "Workflow.Instance.Write";
const FORM_READ: &str = "Workflow.Form.Read";
const FORM_WRITE: &str = "Workflow.Form.Write";

/// The permissions (scopes) of these endpoints.
pub(super) const SCOPES: [&str; 4] = [READ, WRITE, FORM_READ, FORM_WRITE];

/// Where Stream connections are opened; on the platform another host.
pub(super) const CONNECT_PATH: &str = "/connect";
const OPEN_PATH: &str = "/v1.0/gateway/connections/open";

struct Endpoint {
    method: Method,
    path: &'static str,
    scope: &'static str,
    run: fn(&mut World, &Request) -> Result<Value, Refusal>,
}

macro_rules! endpoints {
    ($($method:ident $path:literal $scope:ident => $run:path;)*) => {
        &[$(Endpoint { method: Method::$method, path: $path, scope: $scope, run: $run }),*]
    };
}

const ENDPOINTS: &[Endpoint] = endpoints! {
    POST "/v1.0/workflow/processInstances" WRITE => create::create;
    GET "/v1.0/workflow/processInstances" READ => instances::get;
    POST "/v1.0/workflow/processes/instanceIds/query" READ => instances::list_ids;
    POST "/v1.0/workflow/processInstances/terminate" WRITE => instances::terminate;
    POST "/v1.0/workflow/processInstances/execute" WRITE => tasks::execute;
    POST "/v1.0/workflow/processInstances/comments" WRITE => tasks::comment;
    POST "/v1.0/workflow/tasks/redirect" WRITE => tasks::redirect;
    GET "/v1.0/workflow/processes/todoTasks/numbers" READ => tasks::todo_number;
    POST "/v1.0/workflow/processInstances/spaces/infos/query" WRITE => files::space_info;
    POST "/v1.0/workflow/processInstances/spaces/authPreview" WRITE => files::grant_preview;
    POST "/v1.0/workflow/processInstances/spaces/files/authDownload" WRITE => files::grant_download;
    POST "/v1.0/workflow/processInstances/spaces/files/urls/download" WRITE => files::download_url;
    POST "/v1.0/workflow/forms" FORM_WRITE => forms::save;
    GET "/v1.0/workflow/forms/schemas/processCodes" FORM_READ => forms::schema;
    GET "/v1.0/workflow/processCentres/schemaNames/processCodes" FORM_READ => forms::code_by_name;
    GET "/v1.0/workflow/processes/userVisibilities/templates" FORM_READ => forms::visible;
    GET "/v1.0/workflow/processes/managements/templates" FORM_READ => forms::managed;
    POST "/v1.0/workflow/processes/forecast" WRITE => forecast::forecast;
};

/// Calls the platform has and the sandbox has not.
const UNSUPPORTED: [&str; 4] = [
    "/v1.0/workflow/premium/",
    "/v1.0/workflow/processCentres/",
    "/v1.0/workflow/processes/conditions/components",
    "/v1.0/oauth2/userAccessToken",
];

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().route(CONNECT_PATH, get(stream::connect)).fallback(answer).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, headers, body);
    platform.act(|world, now| world.answer_api(&incoming, now))
}

impl World {
    fn answer_api(&mut self, incoming: &Incoming, now: DateTime<Utc>) -> Response<Body> {
        if let Some(banned) = self.banned(now) {
            return banned;
        }
        if let Some(ticket) = incoming.path.strip_prefix(files::DOWNLOAD_PATH) {
            return self.download(ticket, now);
        }
        if !incoming.path.starts_with("/v1.0/") {
            return legacy::answer_on_api_host(self, incoming, now);
        }
        let request_id = self.ids.request();
        let outcome = match self.credential_call(incoming, now) {
            Some(outcome) => outcome,
            None => match endpoint(incoming) {
                Some(endpoint) => self.business_call(endpoint, incoming, now),
                None if UNSUPPORTED.iter().any(|path| incoming.path.starts_with(path)) => {
                    return unsupported(incoming, &request_id);
                }
                None => Err(unknown_path(incoming)),
            },
        };
        match outcome {
            Ok(body) => json_answer(200, &body, &request_id),
            Err(refusal) => json_answer(refusal.status, &refusal.body(&request_id), &request_id),
        }
    }

    /// The calls that carry the app's credentials and so need no token.
    fn credential_call(
        &mut self,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Option<Result<Value, Refusal>> {
        if incoming.path != OPEN_PATH || incoming.method != Method::POST {
            return self.token_call(incoming, now);
        }
        let refusal = self.arranged_for(&incoming.path);
        Some(refusal.map_or_else(|| stream::open(self, incoming, now), Err))
    }

    fn token_call(
        &mut self,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Option<Result<Value, Refusal>> {
        let below = incoming.path.strip_prefix("/v1.0/oauth2/")?;
        let corp_id = below.strip_suffix("/token");
        if incoming.method != Method::POST || (below != "accessToken" && corp_id.is_none()) {
            return None;
        }
        if let Some(refusal) = self.arranged_for(&incoming.path) {
            return Some(Err(refusal));
        }
        Some(incoming.json().ok_or_else(missing_body).and_then(|body| match corp_id {
            None => self.token_by_app_key(&body, now),
            Some(corp_id) => self.token_by_client_id(corp_id, &body, now),
        }))
    }

    fn token_by_app_key(&mut self, body: &Value, now: DateTime<Utc>) -> Result<Value, Refusal> {
        if !self.are_credentials(body, "appKey", "appSecret") {
            let message = "无效的clientId或者clientSecret";
            return Err(Refusal::new("invalidClientIdOrSecret", message));
        }
        let token = self.tokens.fetch(now, &mut self.ids);
        Ok(json!({"accessToken": token, "expireIn": TOKEN_LIFE.as_secs()}))
    }

    fn token_by_client_id(
        &mut self,
        corp_id: &str,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        if body.get("grant_type").and_then(Value::as_str) != Some("client_credentials") {
            return Err(Refusal::new("unsupported.grant.type", "grant_type 不支持"));
        }
        if !self.are_credentials(body, "client_id", "client_secret") {
            return Err(Refusal::new("invalid.client", "无效的client_id或者client_secret"));
        }
        if corp_id != self.app.corp_id {
            return Err(Refusal::with_status(401, "unauthorized.client", "应用未授权给该组织"));
        }
        let token = self.tokens.fetch(now, &mut self.ids);
        Ok(json!({"access_token": token, "expires_in": TOKEN_LIFE.as_secs()}))
    }

    pub(super) fn are_credentials(&self, body: &Value, id: &str, secret: &str) -> bool {
        let member = |name: &str| body.get(name).and_then(Value::as_str);
        member(id) == Some(&self.app.client_id) && member(secret) == Some(&self.app.client_secret)
    }

    fn business_call(
        &mut self,
        endpoint: &Endpoint,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        let token = incoming.headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok());
        let token = token.filter(|token| !token.is_empty()).ok_or_else(|| {
            let message = format!("{TOKEN_HEADER} is mandatory for this action.");
            Refusal::new("AuthenticationFailed.MissingParameter", message)
        })?;
        if !self.tokens.is_valid(token, now) {
            return Err(Refusal::new("InvalidAuthentication", "不合法的access_token"));
        }
        if !self.app.scopes.contains(endpoint.scope) {
            return Err(Refusal::missing_scope(endpoint.scope));
        }
        self.meter.admit(self.limits, endpoint.path, true, now).map_err(|exceeded| {
            let (code, message) = match exceeded {
                Exceeded::PerSecond => ("QpsLimitForAppkeyAndApi", "应用调用该接口的QPS超限"),
                Exceeded::PerMonth => ("ApiCountLimitForOrg", "企业当月接口调用次数已用完"),
            };
            Refusal::with_status(403, &format!("Forbidden.AccessDenied.{code}"), message)
        })?;
        if let Some(refusal) = self.arranged_for(&incoming.path) {
            return Err(refusal);
        }
        let body = match endpoint.method {
            Method::POST => incoming.json().ok_or_else(missing_body)?,
            _ => Value::Null,
        };
        (endpoint.run)(self, &Request { query: incoming.query.clone(), body, now })
    }

    /// The refusal a test arranged for the next call of this path.
    fn arranged_for(&mut self, path: &str) -> Option<Refusal> {
        let index = self.arranged.iter().position(|(arranged, _)| arranged == path)?;
        self.arranged.remove(index).map(|(_, refusal)| refusal)
    }

    fn download(&self, ticket: &str, now: DateTime<Utc>) -> Response<Body> {
        let mut response = Response::default();
        match self.files.content(ticket, now) {
            Some(content) => {
                *response.body_mut() = Body::from(content.to_vec());
                let bytes = HeaderValue::from_static("application/octet-stream");
                response.headers_mut().insert(header::CONTENT_TYPE, bytes);
            }
            None => *response.status_mut() = http::StatusCode::FORBIDDEN,
        }
        response
    }
}

fn endpoint(incoming: &Incoming) -> Option<&'static Endpoint> {
    ENDPOINTS.iter().find(|one| one.method == incoming.method && one.path == incoming.path)
}

fn unknown_path(incoming: &Incoming) -> Refusal {
    incoming.log_unknown();
    let message = "Specified api is not found, please check your url and method.";
    Refusal::with_status(404, "InvalidAction.NotFound", message)
}

fn missing_body() -> Refusal {
    Refusal::new("Missingbody", "body is mandatory for this action.")
}
