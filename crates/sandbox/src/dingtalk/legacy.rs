//! The legacy generation, `oapi.dingtalk.com`: token, contacts, callbacks.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, Uri};
use serde_json::{Map, Value, json};

use super::callback::{Callback, OwnerKey, Subscription, Through};
use super::contacts;
use super::gateway::{Incoming, json_answer, unsupported};
use super::limits::Exceeded;
use super::platform::Platform;
use super::refusal::LegacyRefusal;
use super::request::{Request, texts};
use super::tokens::TOKEN_LIFE;
use super::world::World;

const BASE: &str = "qyapi_base";
const MEMBER: &str = "qyapi_get_member";
const MOBILE: &str = "qyapi_get_member_by_mobile";
const DEPARTMENTS: &str = "qyapi_get_department_list";

/// The permissions (scopes) of these endpoints.
pub(super) const SCOPES: [&str; 4] = [BASE, MEMBER, MOBILE, DEPARTMENTS];

type Members = Map<String, Value>;

struct Endpoint {
    method: Method,
    path: &'static str,
    scope: &'static str,
    run: Run,
}

/// What an endpoint does.
#[derive(Clone, Copy)]
enum Run {
    /// A contacts call: its outcome stands under `result`.
    Contacts(fn(&mut World, &Request) -> Result<Value, LegacyRefusal>),
    /// Its members stand beside `errcode`.
    Plain(fn(&mut World, &Request) -> Result<Members, LegacyRefusal>),
    /// Saves a callback after its address was checked.
    Save { replaces: bool },
}

const ENDPOINTS: &[Endpoint] = &[
    contact("/topapi/v2/user/get", MEMBER, contacts::user),
    contact("/topapi/v2/user/getbymobile", MOBILE, contacts::by_mobile),
    contact("/topapi/user/getbyunionid", MEMBER, contacts::by_union_id),
    contact("/topapi/user/listid", MEMBER, contacts::user_ids),
    contact("/topapi/v2/department/get", DEPARTMENTS, contacts::department),
    contact("/topapi/v2/department/listsub", DEPARTMENTS, contacts::departments_below),
    contact("/topapi/v2/department/listsubid", DEPARTMENTS, contacts::department_ids_below),
    contact("/topapi/v2/department/listparentbyuser", DEPARTMENTS, contacts::parents_of_user),
    callback(Method::GET, "/call_back/get_call_back_failed_result", Run::Plain(failed_pushes)),
    callback(Method::POST, "/call_back/register_call_back", Run::Save { replaces: false }),
    callback(Method::POST, "/call_back/update_call_back", Run::Save { replaces: true }),
    callback(Method::GET, "/call_back/get_call_back", Run::Plain(show_callback)),
    callback(Method::GET, "/call_back/delete_call_back", Run::Plain(delete_callback)),
];

const fn contact(
    path: &'static str,
    scope: &'static str,
    run: fn(&mut World, &Request) -> Result<Value, LegacyRefusal>,
) -> Endpoint {
    Endpoint { method: Method::POST, path, scope, run: Run::Contacts(run) }
}

const fn callback(method: Method, path: &'static str, run: Run) -> Endpoint {
    Endpoint { method, path, scope: BASE, run }
}

/// Calls the platform has and the sandbox has not: legacy approvals, the first contacts calls.
const UNSUPPORTED: [&str; 4] =
    ["/topapi/processinstance/", "/topapi/process/", "/user/", "/department/"];

pub(super) fn router(platform: Arc<Platform>) -> Router {
    Router::new().fallback(answer).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, headers, body);
    if let Some(banned) = platform.act(|world, now| world.banned(now)) {
        return banned;
    }
    let request_id = platform.act(|world, _| world.ids.request());
    let outcome = if incoming.path == "/gettoken" {
        platform.act(|world, now| world.legacy_token(&incoming, now))
    } else {
        match ENDPOINTS.iter().find(|one| one.path == incoming.path) {
            Some(endpoint) if endpoint.method == incoming.method => {
                Box::pin(business_call(&platform, endpoint, &incoming)).await
            }
            None if UNSUPPORTED.iter().any(|path| incoming.path.starts_with(path)) => {
                return unsupported(&incoming, &request_id);
            }
            _ => {
                incoming.log_unknown();
                Err(LegacyRefusal::new(22, format!("Invalid method: {}", incoming.path)))
            }
        }
    };
    envelope(outcome, &request_id)
}

/// Unversioned paths on the `api` host reach the legacy gateway, which serves the token there.
pub(super) fn answer_on_api_host(
    world: &mut World,
    incoming: &Incoming,
    now: DateTime<Utc>,
) -> Response<Body> {
    let request_id = world.ids.request();
    let outcome = match incoming.path.as_str() {
        "/gettoken" => world.legacy_token(incoming, now),
        _ => Err(LegacyRefusal::new(404, "请求的URI地址不存在")),
    };
    envelope(outcome, &request_id)
}

fn envelope(outcome: Result<Members, LegacyRefusal>, request_id: &str) -> Response<Body> {
    let body = match outcome {
        Ok(mut members) => {
            members.entry("errcode").or_insert_with(|| json!(0));
            members.insert("errmsg".to_owned(), json!("ok"));
            members.insert("request_id".to_owned(), json!(request_id));
            Value::Object(members)
        }
        Err(refusal) => refusal.body(request_id),
    };
    json_answer(200, &body, request_id)
}

async fn business_call(
    platform: &Platform,
    endpoint: &Endpoint,
    incoming: &Incoming,
) -> Result<Members, LegacyRefusal> {
    let request = platform.act(|world, now| world.admit(endpoint, incoming, now))?;
    match endpoint.run {
        Run::Plain(run) => platform.act(|world, _| run(world, &request)),
        Run::Contacts(run) => platform.act(|world, _| {
            let result = run(world, &request)?;
            let stringly = world.quirks.stringly_contacts;
            let (code, result) = match stringly {
                true => (json!("0"), contacts::stringly(result)),
                false => (json!(0), result),
            };
            Ok(Map::from_iter([("errcode".to_owned(), code), ("result".to_owned(), result)]))
        }),
        Run::Save { replaces } => save_callback(platform, &request, replaces).await,
    }
}

impl World {
    /// Token, permission, limits, body: what comes before the business.
    fn admit(
        &mut self,
        endpoint: &Endpoint,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Request, LegacyRefusal> {
        let wrapped = endpoint.path.starts_with("/topapi/");
        let token = incoming.query.get("access_token").map(String::as_str).unwrap_or_default();
        if token.is_empty() {
            return Err(if wrapped {
                LegacyRefusal::new(40000, "access_token is blank").wrapped_if(true)
            } else {
                LegacyRefusal::new(41001, "缺少access_token参数")
            });
        }
        if !self.tokens.is_valid(token, now) {
            return Err(LegacyRefusal::new(40014, "不合法的access_token").wrapped_if(wrapped));
        }
        if !self.app.scopes.contains(endpoint.scope) {
            let message = format!("没有调用该接口的权限：{}", endpoint.scope);
            return Err(LegacyRefusal::new(60011, message).wrapped_if(wrapped));
        }
        // Token, login and contacts calls do not count for the monthly quota.
        self.meter.admit(self.limits, endpoint.path, false, now).map_err(|exceeded| {
            match exceeded {
                Exceeded::PerSecond => LegacyRefusal::new(90018, "应用调用该接口的QPS超限"),
                Exceeded::PerMonth => LegacyRefusal::new(90020, "企业当月接口调用次数已用完"),
            }
            .wrapped_if(wrapped)
        })?;
        let body = incoming
            .json_or_form()
            .ok_or_else(|| LegacyRefusal::new(400_002, "参数错误：请求体不是JSON或表单"))?;
        Ok(Request { query: incoming.query.clone(), body, now })
    }

    /// `GET /gettoken`: the token of the legacy generation, the same value.
    fn legacy_token(
        &mut self,
        incoming: &Incoming,
        now: DateTime<Utc>,
    ) -> Result<Members, LegacyRefusal> {
        let parameter = |name: &str| incoming.query.get(name).filter(|text| !text.is_empty());
        let key = parameter("appkey")
            .ok_or_else(|| LegacyRefusal::new(40035, "缺少参数 corpid or appkey"))?;
        let secret = parameter("appsecret")
            .ok_or_else(|| LegacyRefusal::new(40035, "缺少参数 corpsecret or appsecret"))?;
        if *key != self.app.client_id || *secret != self.app.client_secret {
            return Err(LegacyRefusal::new(40096, "不合法的appKey或appSecret"));
        }
        let token = self.tokens.fetch(now, &mut self.ids);
        Ok(Map::from_iter([
            ("access_token".to_owned(), json!(token)),
            ("expires_in".to_owned(), json!(TOKEN_LIFE.as_secs())),
        ]))
    }
}

/// `GET /call_back/get_call_back_failed_result`: pushes that failed for good, removed on return.
fn failed_pushes(world: &mut World, request: &Request) -> Result<Members, LegacyRefusal> {
    let (entries, more) = world.push_log.take_failed(request.now);
    Ok(Map::from_iter([
        ("has_more".to_owned(), json!(more)),
        ("failed_list".to_owned(), json!(entries)),
    ]))
}

/// `GET /call_back/get_call_back`: what was registered.
fn show_callback(world: &mut World, _: &Request) -> Result<Members, LegacyRefusal> {
    let Subscription { callback, .. } = world.subscription.as_ref().ok_or_else(not_registered)?;
    Ok(Map::from_iter([
        ("call_back_tag".to_owned(), json!(callback.event_types)),
        ("token".to_owned(), json!(callback.token.expose())),
        ("aes_key".to_owned(), json!(callback.aes_key.expose())),
        ("url".to_owned(), json!(callback.url)),
    ]))
}

/// `GET /call_back/delete_call_back`: no more pushes.
fn delete_callback(world: &mut World, _: &Request) -> Result<Members, LegacyRefusal> {
    world.subscription.take().map(|_| Map::new()).ok_or_else(not_registered)
}

async fn save_callback(
    platform: &Platform,
    request: &Request,
    replaces: bool,
) -> Result<Members, LegacyRefusal> {
    match (platform.look(|world, _| world.subscription.is_some()), replaces) {
        (true, false) => return Err(LegacyRefusal::new(71006, "回调地址已经存在")),
        (false, true) => return Err(not_registered()),
        _ => {}
    }
    let text = |name: &str| {
        let missing = || LegacyRefusal::new(71010, format!("参数错误：{name}不能为空"));
        request.text(name).ok_or_else(missing)
    };
    let tags = request
        .member("call_back_tag")
        .and_then(texts)
        .filter(|tags| !tags.is_empty())
        .ok_or_else(|| LegacyRefusal::new(71010, "参数错误：call_back_tag不能为空"))?;
    let callback = Callback {
        key: OwnerKey::CorpId,
        event_types: tags.into_iter().map(str::to_owned).collect(),
        ..Callback::new(text("url")?, text("token")?, text("aes_key")?)
    };
    Box::pin(platform.save_callback(callback, Through::Call)).await?;
    Ok(Map::new())
}

fn not_registered() -> LegacyRefusal {
    LegacyRefusal::new(71007, "回调地址不存在")
}
