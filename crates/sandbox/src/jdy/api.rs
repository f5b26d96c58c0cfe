//! The platform's HTTP interface, `api.kingdee.com`.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};

use super::refusal::Refusal;
use super::request::Incoming;
use super::world::{Arrangement, World};
use super::{Platform, demo};
use crate::servicelayer::json::Object;

const LARGEST_BODY: usize = 16 * 1024 * 1024;

pub(super) fn router(platform: Platform) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Platform>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let request = Incoming::new(method, &uri, headers, &body);
    let (response, delay) = platform.act(|world, now| world.answer(&request, now));
    // After the lock is given back: the books go on meanwhile.
    tokio::time::sleep(delay).await;
    response
}

impl World {
    /// The answer, and how long it takes to arrive.
    fn answer(&mut self, request: &Incoming, now: DateTime<Utc>) -> (Response<Body>, Duration) {
        let path = request.path.as_str();
        let refuses = |what: &Arrangement| matches!(what, Arrangement::Refuse(_));
        if let Some(Arrangement::Refuse(refusal)) = self.take_arranged(path, refuses) {
            return (refused(refusal, false), Duration::ZERO);
        }
        if let Some(login) = self.log_in(request, now) {
            let response = login.map_or_else(|refusal| refused(refusal, true), |body| ok(&body));
            return (response, Duration::ZERO);
        }
        let outcome = self.admit(request, now).and_then(|()| self.serve(request, now));
        let is_done = outcome.is_ok();
        let response = outcome.map_or_else(|refusal| refused(refusal, false), |body| ok(&body));
        match self.take_arranged(path, |_| is_done) {
            Some(Arrangement::DelayAfterCommit(delay)) => (response, delay),
            Some(Arrangement::RefuseAfterCommit(refusal) | Arrangement::Refuse(refusal)) => {
                (refused(refusal, false), Duration::ZERO)
            }
            None => (response, Duration::ZERO),
        }
    }

    fn serve(&mut self, request: &Incoming, now: DateTime<Utc>) -> Result<Object, Refusal> {
        let call = request.path.strip_prefix("/jdyaccouting").unwrap_or_default();
        let is_reverse = request.parameter("isReverse") == "1";
        match (request.method.as_str(), call) {
            ("POST", "/voucher") if is_reverse => self.reverse(request, now),
            ("POST", "/voucher") => self.save(request, now),
            ("GET", "/voucher") => self.totals(request),
            ("DELETE", "/voucher") => self.delete(request),
            ("POST", "/voucherlist") => self.list(request, now),
            ("GET", "/account") => Ok(self.accounts(request)),
            ("POST", "/account") => self.create_account(request),
            ("GET", "/service") => Ok(self.company_sets()),
            ("GET", "/profile") => self.profile(request),
            ("GET", "/balance/query") => Ok(self.balances(request)),
            (method, _) => Err(Refusal::unsupported(&format!("{method} {}", request.path))),
        }
    }

    /// Token, route and company set, in this order.
    fn admit(&self, request: &Incoming, now: DateTime<Utc>) -> Result<(), Refusal> {
        if !request.path.starts_with("/jdyaccouting/") {
            return Err(Refusal::unsupported(&format!("the path {}", request.path)));
        }
        let token = self.tokens.get(request.parameter("access_token"));
        let token = token.filter(|token| now < token.until).ok_or_else(Refusal::token)?;
        if token.router.is_some_and(|router| request.header("x-gw-router-addr") != router) {
            return Err(Refusal::gateway(StatusCode::NOT_FOUND, 404, "No Route"));
        }
        if request.path == "/jdyaccouting/service" {
            return Ok(());
        }
        let is_number = |id: &str| id.bytes().all(|byte| byte.is_ascii_digit());
        match request.parameter("dbId") {
            "" => return Err(Refusal::new(42_020, "未提供dbId参数")),
            id if !is_number(id) => return Err(Refusal::new(42_021, "dbId参数格式非法")),
            demo::DB_ID => {}
            _ => return Err(Refusal::new(42_022, "dbId对应的账套不存在或无权限")),
        }
        match request.parameter("sId") {
            "" => Err(Refusal::new(42_030, "未提供sId参数")),
            id if !is_number(id) => Err(Refusal::new(42_031, "sId参数格式错误")),
            demo::S_ID => Ok(()),
            _ => Err(Refusal::new(42_032, "sId对应的服务不存在")),
        }
    }
}

fn ok(body: &Object) -> Response<Body> {
    respond(StatusCode::OK, body)
}

/// Logins call code and text differently.
fn refused(refusal: Refusal, is_login: bool) -> Response<Body> {
    let names = if is_login { ["errcode", "description"] } else { ["code", "msg"] };
    let body = Object::default().with(names[0], refusal.code).with(names[1], refusal.message);
    respond(refusal.status, &body)
}

fn respond(status: StatusCode, body: &Object) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
