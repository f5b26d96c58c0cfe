//! The platform's HTTP interface, `qyapi.weixin.qq.com`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, Uri};
use serde_json::{Value, json};

use super::gateway::{Incoming, Right, TOKEN_PATH, envelope, unsupported};
use super::platform::Platform;
use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::world::World;
use super::{apply, contacts, detail, list, media, templates};

/// The largest upload (20 MB) and room around it, so that the platform's own refusal is heard.
const LARGEST_BODY: usize = 32 * 1024 * 1024;

struct Endpoint {
    method: Method,
    path: &'static str,
    right: Right,
    run: fn(&mut World, &Request) -> Result<Members, Refusal>,
}

macro_rules! endpoints {
    ($($method:ident $path:literal $right:ident => $run:path;)*) => {
        &[$(Endpoint {
            method: Method::$method,
            path: $path,
            right: Right::$right,
            run: $run,
        }),*]
    };
}

const ENDPOINTS: &[Endpoint] = endpoints! {
    POST "/cgi-bin/oa/gettemplatedetail" Approval => templates::detail;
    POST "/cgi-bin/oa/applyevent" Approval => apply::apply;
    POST "/cgi-bin/oa/getapprovaldetail" Approval => detail::get;
    POST "/cgi-bin/oa/getapprovalinfo" Approval => list::numbers;
    POST "/cgi-bin/oa/approval/create_template" Approval => templates::create;
    POST "/cgi-bin/oa/approval/update_template" Approval => templates::update;
    GET "/cgi-bin/user/get" Any => contacts::user;
    POST "/cgi-bin/user/getuserid" Any => contacts::userid_by_mobile;
    POST "/cgi-bin/user/get_userid_by_email" Any => contacts::userid_by_email;
    GET "/cgi-bin/user/simplelist" Any => contacts::names_of_department;
    GET "/cgi-bin/user/list" Any => contacts::members_of_department;
    POST "/cgi-bin/user/list_id" ContactsSync => contacts::all_ids;
    GET "/cgi-bin/department/list" Any => contacts::departments;
    GET "/cgi-bin/department/simplelist" Any => contacts::department_ids;
    GET "/cgi-bin/department/get" Any => contacts::department;
    GET "/cgi-bin/getcallbackip" Any => addresses;
    GET "/cgi-bin/get_api_domain_ip" Any => addresses;
};

const UPLOAD_PATH: &str = "/cgi-bin/media/upload";
const DOWNLOAD_PATH: &str = "/cgi-bin/media/get";

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, headers, body);
    platform.act(|world, now| world.answer(&incoming, now))
}

impl World {
    fn answer(&mut self, incoming: &Incoming, now: DateTime<Utc>) -> Response<Body> {
        let outcome = match incoming.path.as_str() {
            TOKEN_PATH => self
                .arranged_for(TOKEN_PATH, false)
                .and_then(|()| require_method(incoming, &Method::GET))
                .and_then(|()| self.gettoken(incoming, now)),
            UPLOAD_PATH => self.upload(incoming, now),
            DOWNLOAD_PATH => match self.download(incoming, now) {
                Ok(file) => return file,
                Err(refusal) => Err(refusal),
            },
            path => match ENDPOINTS.iter().find(|endpoint| endpoint.path == path) {
                Some(endpoint) => self.business_call(endpoint, incoming, now),
                None => return unsupported(incoming),
            },
        };
        envelope(self, outcome, now)
    }

    fn business_call(
        &mut self,
        endpoint: &Endpoint,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Members, Refusal> {
        require_method(incoming, &endpoint.method)?;
        let agent = self.admit(incoming, endpoint.path, endpoint.right, now)?;
        self.arranged_for(endpoint.path, false)?;
        let body = match endpoint.method {
            Method::POST => incoming.json(self.quirks.accept_unicode_escapes)?,
            _ => Value::Null,
        };
        let query = incoming.query.clone();
        let members = (endpoint.run)(self, &Request { agent, query, body, now })?;
        self.arranged_for(endpoint.path, true)?;
        Ok(members)
    }

    fn upload(&mut self, incoming: &Incoming, now: DateTime<Utc>) -> Result<Members, Refusal> {
        require_method(incoming, &Method::POST)?;
        self.admit(incoming, UPLOAD_PATH, Right::Any, now)?;
        self.arranged_for(UPLOAD_PATH, false)?;
        let members = media::upload(self, incoming, now)?;
        self.arranged_for(UPLOAD_PATH, true)?;
        Ok(members)
    }

    fn download(
        &mut self,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Response<Body>, Refusal> {
        require_method(incoming, &Method::GET)?;
        self.admit(incoming, DOWNLOAD_PATH, Right::Any, now)?;
        self.arranged_for(DOWNLOAD_PATH, false)?;
        media::download(self, incoming, now)
    }
}

/// The wrong method is no 405 here.
fn require_method(incoming: &Incoming, expected: &Method) -> Result<(), Refusal> {
    if incoming.method == *expected {
        Ok(())
    } else {
        Err(Refusal::parameter(format_args!("require {expected} method")))
    }
}

/// `GET /cgi-bin/getcallbackip`, `GET /cgi-bin/get_api_domain_ip`: both are this machine.
fn addresses(_: &mut World, _: &Request) -> Result<Members, Refusal> {
    Ok(members(json!({"ip_list": ["127.0.0.1"]})))
}
