//! The Service Layer on the wire.

mod batch;
mod login;
mod metadata;
mod path;
mod read;
mod reply;
mod services;
mod stored_queries;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::TimeDelta;
use http::{HeaderMap, Method, StatusCode, header};

use super::company::{Actor, Company, Dialect};
use super::refusal::Refusal;
use super::session::Sessions;
use crate::Clock;
use path::Segment;
use reply::Reply;

/// Larger bodies are refused by the web server before the Service Layer sees them.
const LARGEST_BODY: usize = 50 * 1024 * 1024;

/// Headers that change answers on the real server.
const NOT_SIMULATED: [&str; 2] = ["B1S-Schema", "B1S-WCFCompatible"];

/// The company and who is logged in to it.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) company: Company,
    pub(crate) sessions: Sessions,
    clock: Clock,
}

/// What the requests and the handle of the sandbox share.
#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Mutex<Instance>>);

impl Shared {
    pub(crate) fn new(company: Company, clock: Clock) -> Self {
        let sessions = Sessions::default();
        Self(Arc::new(Mutex::new(Instance { company, sessions, clock })))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Instance> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn router(shared: Shared) -> Router {
    Router::new().fallback(handle).with_state(shared)
}

async fn handle(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return Reply::page(StatusCode::PAYLOAD_TOO_LARGE).into_response();
    };
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("localhost").to_owned();
    let mut instance = shared.lock();
    let path = head.uri.path();
    if let Some(node) = path.strip_prefix("/ping") {
        return reply::ping(node, instance.clock.now()).into_response();
    }
    let prefix = match instance.company.options.tenant_prefix.as_str() {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    };
    let resource = path.strip_prefix(&prefix).and_then(|path| path.strip_prefix("/b1s/"));
    let (dialect, version, resource) = match resource.and_then(|rest| {
        let (version, resource) = rest.split_once('/').unwrap_or((rest, ""));
        match version {
            "v1" => Some((Dialect::V1, "v1", resource)),
            "v2" => Some((Dialect::V2, "v2", resource)),
            _ => None,
        }
    }) {
        Some(found) => found,
        // Nothing of ours: the gateway answers.
        None => return Reply::page(StatusCode::NOT_FOUND).into_response(),
    };
    let root = format!("http://{host}{prefix}/b1s/{version}");
    let asked = Asked {
        method: effective_method(&head.method, &head.headers),
        dialect,
        version,
        root: &root,
        resource,
        query: head.uri.query().unwrap_or_default(),
        headers: &head.headers,
        body: &body,
    };
    let reply = instance.answer(&asked).unwrap_or_else(|refusal| {
        if refusal.status.is_server_error() {
            tracing::warn!(method = %head.method, path, "{}", refusal.message);
        }
        Reply::refusal(&refusal, dialect)
    });
    reply.into_response()
}

/// `X-HTTP-Method-Override` turns a POST into what some proxies do not let through.
fn effective_method(method: &Method, headers: &HeaderMap) -> Method {
    let wanted = headers.get("X-HTTP-Method-Override").and_then(|wanted| wanted.to_str().ok());
    match wanted {
        Some(wanted) if *method == Method::POST => {
            Method::from_bytes(wanted.to_uppercase().as_bytes()).unwrap_or(Method::POST)
        }
        _ => method.clone(),
    }
}

/// A request below the service's root.
struct Asked<'a> {
    method: Method,
    dialect: Dialect,
    version: &'a str,
    /// The service's root as the client knows it.
    root: &'a str,
    /// The path below the root, as sent.
    resource: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
}

impl Asked<'_> {
    fn body_text(&self) -> Result<&str, Refusal> {
        std::str::from_utf8(self.body).map_err(|_| Refusal::malformed("the body is not UTF-8"))
    }

    fn context(&self, of: &str) -> String {
        format!("{}/$metadata#{of}", self.root)
    }
}

/// The values of a cookie, wherever it stands.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

impl Instance {
    fn answer(&mut self, asked: &Asked<'_>) -> Result<Reply, Refusal> {
        let segments = path::segments(asked.resource)?;
        match segments.first().map(|segment| segment.name.as_str()) {
            Some("Login") if asked.method == Method::POST => return self.log_in(asked),
            Some("Logout") if asked.method == Method::POST => return self.log_out(asked),
            _ => {}
        }
        let actor = self.actor(asked)?;
        if let Some(header) = NOT_SIMULATED.iter().find(|name| asked.headers.contains_key(**name)) {
            return Err(Refusal::unsupported(format_args!("the header {header}")));
        }
        let mut reply = dispatch(&mut self.company, asked, &segments, actor)?;
        let route = self.sessions.route();
        let known = cookie(asked.headers, "ROUTEID");
        if known.is_some_and(|known| known != route) {
            reply.header(header::SET_COOKIE, login::route_cookie(&route));
        }
        Ok(reply)
    }

    fn actor(&mut self, asked: &Asked<'_>) -> Result<Actor, Refusal> {
        let timeout = self.company.options.session_timeout_minutes;
        let timeout = TimeDelta::minutes(timeout.into());
        cookie(asked.headers, "B1SESSION")
            .and_then(|id| self.sessions.use_up(id, self.clock.now(), timeout))
            .ok_or_else(Refusal::invalid_session)
    }
}

fn dispatch(
    company: &mut Company,
    asked: &Asked<'_>,
    segments: &[Segment],
    actor: Actor,
) -> Result<Reply, Refusal> {
    let is_get = asked.method == Method::GET;
    let Some((first, rest)) = segments.split_first() else {
        return Ok(metadata::service_document(company, asked));
    };
    match first.name.as_str() {
        "$metadata" if is_get => return Ok(metadata::document(company, asked)),
        "$batch" if asked.method == Method::POST => return batch::run(company, asked, actor),
        name if name.starts_with('$') || name.ends_with(".svc") => {
            return Err(Refusal::unsupported(name));
        }
        name if name.contains("Service_") => {
            return services::call(company, asked, name, actor);
        }
        _ => {}
    }
    let set = company.set(&first.name)?;
    if set.name == "SQLQueries" {
        match (&first.key, rest) {
            (Some(key), [list]) if list.name == "List" => {
                return stored_queries::list(company, asked, &set, key, actor);
            }
            _ if !is_get => company.check_query_rights(actor, false)?,
            _ => {}
        }
    }
    match (&first.key, rest) {
        (None, []) => match asked.method.as_str() {
            "GET" => read::collection(company, asked, &set),
            "POST" => write::create(company, asked, &set, actor),
            _ => Err(not_allowed(asked)),
        },
        (None, [count]) if count.name == "$count" && is_get => read::count(company, asked, &set),
        (Some(key), []) => match asked.method.as_str() {
            "GET" => read::single(company, asked, &set, key),
            "PATCH" | "MERGE" | "PUT" => write::update(company, asked, &set, key, actor),
            "DELETE" => write::delete(company, asked, &set, key),
            _ => Err(not_allowed(asked)),
        },
        (Some(key), [action]) if asked.method == Method::POST => {
            write::act(company, asked, &set, key, &action.name, actor)
        }
        (Some(key), path) if is_get => read::member(company, asked, &set, key, path),
        _ => Err(not_allowed(asked)),
    }
}

fn not_allowed(asked: &Asked<'_>) -> Refusal {
    let message = format!("{} is not allowed on {}", asked.method, asked.resource);
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, -1000, message)
}
