//! `login` and `exec-sql` on the wire.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::{SecondsFormat, TimeDelta};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::quirks::{Quirks, SessionEnd};
use super::{Service, printed};
use crate::servicelayer::database::{LoginProblem, SqlProblem};
use crate::servicelayer::json::{Json, Object};

/// Larger bodies are refused by the gateway, as by the Service Layer's.
const LARGEST_BODY: usize = 50 * 1024 * 1024;

/// The session, and the cookie with which a gateway remembers the node. The guide names none.
const SESSION_COOKIE: &str = "SESSION";
const NODE_COOKIE: &str = "HWWAFSESID";
const NODE: &str = "node-1";

const OK: &str = "RIS.10000000";
/// Codes of the sandbox's own: those of the service are not known.
const EMPTY_SQL: &str = "RIS.20000001";
const BAD_SQL: &str = "RIS.20000002";
const BAD_REQUEST: &str = "RIS.20000400";
const ENDED: &str = "RIS.20000401";
const REFUSED_LOGIN: &str = "RIS.20000403";
const NOT_SIMULATED: &str = "SANDBOX.501";

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new().fallback(handle).with_state(service)
}

async fn handle(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let base = format!("/diapi/{}/b1dis/v1/", service.tenant_prefix);
    let call = head.uri.path().strip_prefix(base.as_str());
    let Some(call) = call.filter(|call| ["login", "exec-sql"].contains(call)) else {
        // Nothing of ours: the gateway answers.
        return page(StatusCode::NOT_FOUND);
    };
    if head.method != Method::POST {
        return page(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Ok(body) = axum::body::to_bytes(body, LARGEST_BODY).await else {
        return page(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let object = std::str::from_utf8(&body).map_err(|error| error.to_string());
    let object = match object.and_then(Object::parse) {
        Ok(object) => object,
        Err(why) => return refusal(StatusCode::BAD_REQUEST, BAD_REQUEST, &why),
    };
    match call {
        "login" => service.log_in(&object),
        _ => service.exec_sql(&object, &head.headers),
    }
}

impl Service {
    fn quirks(&self) -> Quirks {
        self.memory.look(|state, _| state.quirks.clone())
    }

    fn log_in(&self, body: &Object) -> Response {
        let text = |name| body.text(name).unwrap_or_default();
        let admitted = self.company.admit(text("CompanyDB"), text("UserName"), text("Password"));
        let quirks = self.quirks();
        if let Err(problem) = admitted {
            let message = match problem {
                _ if !quirks.exact_logins => "登录失败",
                LoginProblem::Company => "公司数据库不存在",
                LoginProblem::User => "用户不存在",
                LoginProblem::Password => "密码错误",
                LoginProblem::Locked => "用户已锁定",
            };
            return refusal(quirks.status(), REFUSED_LOGIN, message);
        }
        let (session, now) =
            self.memory.act(|state, now| (state.sessions.open(now, quirks.life()), now));
        let timeout = match quirks.session_timeout.as_str() {
            "" => format!("{}m", quirks.session_minutes),
            text => text.to_owned(),
        };
        let data = Object::default().with("SessionTimeout", timeout);
        let timestamp = now.to_rfc3339_opts(SecondsFormat::Millis, false);
        let envelope = success(Json::Object(data)).with("timestamp", timestamp);
        let mut response = json(StatusCode::OK, envelope);
        for cookie in [
            format!("{SESSION_COOKIE}={session}; Path=/b1dis; HttpOnly"),
            format!("{NODE_COOKIE}={NODE}; Path=/"),
        ] {
            if let Ok(value) = HeaderValue::try_from(cookie) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }

    fn exec_sql(&self, body: &Object, headers: &HeaderMap) -> Response {
        let quirks = self.quirks();
        let slide = (!quirks.absolute_sessions).then(|| quirks.life());
        let knows_node = !quirks.all_cookies || cookie(headers, NODE_COOKIE) == Some(NODE);
        let id = cookie(headers, SESSION_COOKIE).unwrap_or_default();
        let is_good = self.memory.act(|state, now| state.sessions.is_good(id, now, slide));
        if !knows_node || !is_good {
            return ended(&quirks);
        }
        let sql = body.text("Sql").unwrap_or_default();
        if sql.trim().is_empty() {
            return refusal(quirks.status(), EMPTY_SQL, "Sql不能为空");
        }
        let arranged = self.memory.act(|state, _| {
            state.note(sql);
            state.arranged(sql)
        });
        match arranged.map_or_else(|| self.company.select(sql), Ok) {
            Ok(rows) => {
                let data = Object::default().with("value", printed(rows, &quirks));
                json(StatusCode::OK, success(Json::Object(data)))
            }
            Err(SqlProblem::Refused(why)) => refusal(quirks.status(), BAD_SQL, &why),
            Err(SqlProblem::Unsupported(why)) => {
                tracing::error!(why, "the sandbox does not simulate this of the DI API service");
                refusal(StatusCode::NOT_IMPLEMENTED, NOT_SIMULATED, &why)
            }
        }
    }
}

impl Quirks {
    fn life(&self) -> TimeDelta {
        TimeDelta::minutes(self.session_minutes.into())
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.refusal_status).unwrap_or(StatusCode::OK)
    }
}

fn ended(quirks: &Quirks) -> Response {
    const MESSAGE: &str = "会话已过期，请重新登录";
    match quirks.session_end {
        SessionEnd::Unauthorized => refusal(StatusCode::UNAUTHORIZED, ENDED, MESSAGE),
        SessionEnd::Forbidden => page(StatusCode::FORBIDDEN),
        SessionEnd::Code => refusal(quirks.status(), ENDED, MESSAGE),
    }
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|one| one.split_once('='));
    pairs.find(|(known, _)| known.trim() == name).map(|(_, value)| value.trim())
}

fn success(data: Json) -> Object {
    Object::default().with("code", OK).with("message", "OK").with("data", data)
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let envelope = Object::default().with("code", code).with("message", message);
    json(status, envelope.with("data", Json::Null))
}

fn json(status: StatusCode, body: Object) -> Response {
    answer(status, "application/json;charset=UTF-8", Json::Object(body).to_string())
}

fn page(status: StatusCode) -> Response {
    answer(status, "text/html", format!("<html><body><h1>{status}</h1></body></html>"))
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
