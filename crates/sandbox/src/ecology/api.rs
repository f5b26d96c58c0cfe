//! The server's addresses: who answers what.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use url::Url;

use super::call::Call;
use super::envelope::{Refusal, Reply};
use super::form::{self, Fetched};
use super::gate::Caller;
use super::incoming::Incoming;
use super::platform::Platform;
use super::reply::Answer;
use super::world::World;
use super::{actions, create, cube, documents, hr, lists, press, push, queries, tokens};

const PA_SERVICE: &str = "/api/workflow/paService/";

/// Forms carry files as Base64: the servlet container's limit is set high.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// What the server has and the sandbox has not.
const UNSUPPORTED: [&str; 3] = ["/services/", "/api/ec/dev/", "/api/doc/"];

struct Endpoint {
    method: Method,
    name: &'static str,
    run: fn(&mut World, &Call) -> Result<Reply, Refusal>,
}

macro_rules! endpoints {
    ($($method:ident $name:literal => $run:path;)*) => {
        &[$(Endpoint { method: Method::$method, name: $name, run: $run }),*]
    };
}

const ENDPOINTS: &[Endpoint] = endpoints! {
    POST "doCreateRequest" => create::create;
    POST "forwardRequest" => actions::forward;
    POST "withdrawRequest" => actions::withdraw;
    POST "deleteRequest" => actions::delete;
    POST "doForceOver" => actions::force_over;
    POST "doForceDrawBack" => actions::force_draw_back;
    POST "doIntervenor" => actions::intervene;
    POST "saveRequestLog" => actions::save_log;
    POST "getWorkflowRequestLogs" => queries::logs;
    GET "getWorkflowRequest" => queries::detail;
    GET "getRequestStatus" => queries::status;
    GET "getRequestLog" => queries::log;
    GET "getRequestOperatorInfo" => queries::operators;
    GET "getRequestResources" => queries::resources;
    GET "getRequestFlowChart" => queries::chart;
};

pub(super) fn router(platform: Arc<Platform>) -> Router {
    let router = Router::new().fallback(answer).with_state(platform);
    router.layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, headers, body, platform.clock().now());
    platform.act(|world, _| world.keep(incoming.record()));
    let now = incoming.now;
    // A task of its own: the server finishes what it began, even when the caller hangs up.
    let task = tokio::spawn(async move { Box::pin(platform.answer(&incoming)).await });
    let (answer, caller) = task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a call ended without an answer");
        (Answer::html(StatusCode::INTERNAL_SERVER_ERROR), None)
    });
    let session = caller.map(|caller| caller.session);
    answer.into_response(session.as_deref(), now)
}

type Answered = (Answer, Option<Caller>);

impl Platform {
    async fn answer(&self, incoming: &Incoming) -> Answered {
        let path = incoming.path.as_str();
        match path {
            tokens::REGIST | tokens::APPLY_TOKEN => {
                (self.act(|world, _| world.token_call(incoming)), None)
            }
            documents::DOWNLOAD_PATH => (self.look(|world, _| world.download(incoming)), None),
            _ => {
                let caller = match self.act(|world, _| world.let_in(path, incoming)) {
                    Ok(caller) => caller,
                    Err(refused) => return (refused, None),
                };
                let answer = match self.act(|world, _| world.take_arranged(path)) {
                    Some(arranged) => Answer::Json(arranged),
                    None => Box::pin(self.business(incoming, caller.as_ref())).await,
                };
                (answer, caller)
            }
        }
    }

    async fn business(&self, incoming: &Incoming, caller: Option<&Caller>) -> Answer {
        let path = incoming.path.as_str();
        if path.starts_with(cube::PATH) {
            return self.act(|world, _| cube::answer(world, incoming));
        }
        if path.starts_with(hr::PATH) {
            return self.look(|world, _| hr::answer(world, incoming));
        }
        if let (Some(name), Some(caller)) = (path.strip_prefix(PA_SERVICE), caller) {
            return Box::pin(self.workflow_service(name, incoming, caller)).await;
        }
        match (path, caller) {
            (hr::ACCOUNTS, Some(caller)) => self.look(|world, _| hr::accounts(world, caller)),
            ("/api/doc/upload/uploadFile2Doc", Some(caller)) => {
                self.act(|world, _| documents::upload(world, incoming, caller))
            }
            _ if UNSUPPORTED.iter().any(|prefix| path.starts_with(prefix)) => {
                Answer::unsupported(path)
            }
            _ => {
                let method = &incoming.method;
                tracing::warn!(%method, path, "Ecology has no such call, as far as the sandbox knows");
                Answer::not_found()
            }
        }
    }

    async fn workflow_service(&self, name: &str, incoming: &Incoming, caller: &Caller) -> Answer {
        let json = self.look(|world, _| !world.quirks.parameters_only);
        let parameters = incoming.parameters(json);
        let fetched = match name {
            "doCreateRequest" | "submitRequest" => {
                match Box::pin(self.fetch_all(form::addresses(&parameters))).await {
                    Ok(fetched) => fetched,
                    Err(unsupported) => return unsupported,
                }
            }
            _ => Fetched::new(),
        };
        let call = Call { parameters, user: caller.user.clone(), now: incoming.now, fetched };
        let read = match name {
            "submitRequest" => press::read_submit,
            "rejectRequest" => press::read_reject,
            _ => return self.act(|world, _| world.workflow_call(name, &incoming.method, &call)),
        };
        if incoming.method != Method::POST {
            return Answer::html(StatusCode::METHOD_NOT_ALLOWED);
        }
        let outcome = match self.act(|world, _| read(world, &call)) {
            Ok(press) => Box::pin(self.press(&press)).await,
            Err(refusal) => Err(refusal),
        };
        self.look(|world, _| world.workflow_answer(outcome))
    }

    /// Fetches attached files; other schemes than `http` fail loudly.
    async fn fetch_all(&self, addresses: Vec<String>) -> Result<Fetched, Answer> {
        let mut fetched = Fetched::new();
        for address in addresses {
            let scheme = Url::parse(&address).map(|url| url.scheme().to_owned());
            match scheme.as_deref() {
                Ok("http") => {
                    let content = Box::pin(push::fetch(self, &address)).await;
                    fetched.insert(address, content);
                }
                Ok(scheme @ ("https" | "ftp" | "file")) => {
                    return Err(Answer::unsupported(format!("an attachment by {scheme}://")));
                }
                _ => {
                    fetched.insert(address, Err("附件地址错误".to_owned()));
                }
            }
        }
        Ok(fetched)
    }
}

impl World {
    fn take_arranged(&mut self, path: &str) -> Option<serde_json::Value> {
        let index = self.arranged.iter().position(|(arranged, _)| arranged == path)?;
        self.arranged.remove(index).map(|(_, body)| body)
    }

    fn token_call(&mut self, incoming: &Incoming) -> Answer {
        if let Some(wall) = self.token_wall() {
            return wall;
        }
        if let Some(arranged) = self.take_arranged(&incoming.path) {
            return Answer::Json(arranged);
        }
        if incoming.method != Method::POST {
            return Answer::html(StatusCode::METHOD_NOT_ALLOWED);
        }
        Answer::Json(if incoming.path == tokens::REGIST {
            self.regist(incoming)
        } else {
            self.apply_token(incoming)
        })
    }

    /// Passes the filter where a call needs a session. Cube calls carry a signature instead, the HR
    /// service has other ways, too.
    fn let_in(&mut self, path: &str, incoming: &Incoming) -> Result<Option<Caller>, Answer> {
        let needs_session = if path.starts_with(cube::PATH) {
            self.quirks.cube_needs_token
        } else if path.starts_with(hr::PATH) {
            !self.hr_lets_in(incoming)?
        } else {
            path.starts_with("/api/")
        };
        needs_session.then(|| self.pass(incoming)).transpose()
    }

    fn workflow_call(&mut self, name: &str, method: &Method, call: &Call) -> Answer {
        let wrong_method = || Answer::html(StatusCode::METHOD_NOT_ALLOWED);
        if let Some(endpoint) = ENDPOINTS.iter().find(|endpoint| endpoint.name == name) {
            if *method != endpoint.method {
                return wrong_method();
            }
            let outcome = (endpoint.run)(self, call);
            return self.workflow_answer(outcome);
        }
        if name == "getCreateWorkflowRequestInfo" && self.quirks.form_definition_call {
            let outcome = queries::form_definition(self, call);
            return self.workflow_answer(outcome);
        }
        let outcome = match name {
            "getCreateWorkflowList" => lists::startable(self, call, false),
            "getCreateWorkflowCount" => lists::startable(self, call, true),
            "getCreateWorkflowTypeList" => lists::startable_types(self, call, false),
            "getCreateWorkflowTypeCount" => lists::startable_types(self, call, true),
            _ => match lists::folder_of(name) {
                Some((folder, counts)) => lists::requests(self, call, folder, counts),
                None => {
                    tracing::warn!(name, "the workflow service has no such call");
                    return Answer::not_found();
                }
            },
        };
        if *method != Method::POST {
            return wrong_method();
        }
        self.workflow_answer(outcome)
    }

    fn workflow_answer(&self, outcome: Result<Reply, Refusal>) -> Answer {
        Answer::Json(match outcome {
            Ok(reply) => reply.body(&self.quirks),
            Err(refusal) => refusal.body(self.quirks.code_style),
        })
    }
}
