//! What every request passes before it reaches the business: body, token, right, quota.

use axum::body::{Body, Bytes};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};

use super::demo;
use super::fields::Fields;
use super::quirks::{ExpiredToken, LifetimeName, TokenPlace};
use super::refusal::{Refusal, SubCode};
use super::tokens::{self, Login, Rejected};
use super::world::World;
use crate::servicelayer::json::{Json, Object};

const PLACES: [TokenPlace; 4] = [
    TokenPlace::Query,
    TokenPlace::AccessTokenHeader,
    TokenPlace::XAuthHeader,
    TokenPlace::TokenHeader,
];

/// A request as it came from the wire.
pub(super) struct Incoming {
    pub(super) method: Method,
    pub(super) path: String,
    query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Incoming {
    pub(super) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let query = uri.query().unwrap_or_default().to_owned();
        Incoming { method, path: uri.path().to_owned(), query, headers, body }
    }

    /// The body as a JSON object, which every call takes.
    pub(super) fn json(&self) -> Result<Object, Refusal> {
        let kind = self.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            let why = "Content-Type 应为 application/json";
            let refusal = Refusal::new(415, "OPENAPI-DOMAIN/UNSUPPORTED_MEDIA_TYPE", why);
            return Err(refusal.with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let unreadable = |why: &str| {
            Refusal::new(400, "OPENAPI-DOMAIN/BODY_INVALID", format!("请求体不是JSON对象: {why}"))
        };
        let text = std::str::from_utf8(&self.body).map_err(|_| unreadable("不是UTF-8"))?;
        Object::parse(text).map_err(|why| unreadable(&why))
    }

    fn token_at(&self, place: TokenPlace) -> Option<String> {
        let header = |name: &str| {
            self.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        let found = match place {
            TokenPlace::Query => url::form_urlencoded::parse(self.query.as_bytes())
                .find(|(name, _)| name == "access_token")
                .map(|(_, value)| value.into_owned()),
            TokenPlace::AccessTokenHeader => header("access_token"),
            TokenPlace::XAuthHeader => header("x-auth"),
            TokenPlace::TokenHeader => header("token"),
        };
        found.filter(|token| !token.is_empty())
    }
}

/// The envelope around whatever came out.
pub(super) fn envelope(
    world: &World,
    domain: &str,
    outcome: Result<Json, Refusal>,
) -> Response<Body> {
    match outcome {
        Ok(mut data) => {
            let hidden = &world.hidden;
            strip(&mut data, hidden);
            let permission = (!hidden.is_empty()).then(|| {
                object! {
                    "encoding": "", "noAccess": hidden.clone(), "readonly": Vec::<String>::new(),
                }
            });
            let body = object! {
                "code": 200, "subCode": None::<i64>, "message": "成功", "needCheck": 0,
                "fieldPermission": permission, "data": data,
            };
            answer(StatusCode::OK, &body)
        }
        Err(refusal) => {
            let sub_code = match refusal.sub_code {
                SubCode::Whole(text) => Some(text),
                SubCode::Name(name) => Some(format!("{domain}-DOMAIN/{name}")),
                SubCode::None => None,
            };
            let body = object! {
                "code": refusal.code, "subCode": sub_code, "message": refusal.message,
                "needCheck": refusal.needs_check.then_some(1), "fieldPermission": None::<i64>,
                "data": refusal.data,
            };
            let mut response = answer(refusal.status, &body);
            if refusal.status == StatusCode::TOO_MANY_REQUESTS {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            response
        }
    }
}

/// Takes the members away that the account may not see.
fn strip(data: &mut Json, hidden: &[String]) {
    match data {
        Json::Object(object) => {
            for name in hidden {
                object.remove(name);
            }
            object.values_mut().for_each(|value| strip(value, hidden));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| strip(item, hidden)),
        _ => {}
    }
}

fn answer(status: StatusCode, body: &Object) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// The wrong method never reaches a call.
pub(super) fn require_post(incoming: &Incoming) -> Result<(), Refusal> {
    if incoming.method == Method::POST {
        return Ok(());
    }
    let why = format!("不支持 {}", incoming.method);
    let refusal = Refusal::new(405, "OPENAPI-DOMAIN/METHOD_NOT_ALLOWED", why);
    Err(refusal.with_status(StatusCode::METHOD_NOT_ALLOWED))
}

impl World {
    /// Token, right and quota, in this order.
    pub(super) fn admit(
        &mut self,
        incoming: &Incoming,
        path: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let token = match self.quirks.token_place {
            Some(place) => incoming.token_at(place),
            None => PLACES.into_iter().find_map(|place| incoming.token_at(place)),
        };
        let missing =
            || Refusal::new(401, "OPENAPI-DOMAIN/ACCESS_TOKEN_MISSING", "缺少access_token");
        let token = token.ok_or_else(missing)?;
        self.tokens.check(&token, now).map_err(|why| self.rejected(why))?;
        if self.revoked.iter().any(|revoked| path.ends_with(revoked.as_str())) {
            let why = "应用没有该接口的权限, 请在开放平台申请";
            return Err(Refusal::new(3_500_060, "OPENAPI-DOMAIN/URL_NO_PERMISSION", why));
        }
        self.meter.admit(&self.limits, now).map_err(|_| {
            let refusal = Refusal::new(429, "OPENAPI-DOMAIN/QUOTA_EXCEEDED", "接口调用超过配额");
            if self.limits.http_429 {
                refusal.with_status(StatusCode::TOO_MANY_REQUESTS)
            } else {
                refusal
            }
        })
    }

    fn rejected(&self, why: Rejected) -> Refusal {
        const EXPIRED: &str = "OPENAPI-DOMAIN/ACCESS_TOKEN_EXPIRED";
        const FAILED: &str = "USER-DOMAIN/SSO_TOKEN_FAIL";
        let expired = || Refusal::new(401, EXPIRED, "access_token已过期");
        let failed = || Refusal::new(400_150, FAILED, "登录状态失效");
        match (why, self.quirks.expired_token) {
            (Rejected::Unknown, _) => failed(),
            (Rejected::Expired(_), ExpiredToken::Http401) => {
                Refusal::new(401, "", "Unauthorized").with_status(StatusCode::UNAUTHORIZED)
            }
            (Rejected::Expired(_), ExpiredToken::AccessTokenExpired)
            | (Rejected::Expired(Login::App), ExpiredToken::ByLogin) => expired(),
            (Rejected::Expired(_), ExpiredToken::SsoTokenFail)
            | (Rejected::Expired(Login::Account), ExpiredToken::ByLogin) => failed(),
        }
    }

    /// The login of an interface account: app key, app secret and factory number.
    pub(super) fn log_account_in(
        &mut self,
        body: &Object,
        until: DateTime<Utc>,
    ) -> Result<Json, Refusal> {
        self.check_app(body)?;
        if Fields::new(body).required_text("factoryNumber")? != demo::FACTORY_NUMBER {
            return Err(Refusal::new(400, "USER-DOMAIN/FACTORY_NOT_EXIST", "工厂号不存在"));
        }
        let user = self.workers.first().cloned();
        let user_id = user.as_ref().map_or(0, |user| user.id);
        let serial = self.ids.word();
        let token = tokens::jwt(user_id, self.org_id, until, &serial);
        self.issue(&token, Login::Account, until);
        Ok(object! {
            "token": token, "terminal": 5, "username": user.as_ref().map(|user| user.code.clone()),
            "code": user.as_ref().map(|user| user.code.clone()),
            "name": user.map(|user| user.name), "phone": None::<i64>, "email": None::<i64>,
            "desc": None::<i64>, "avatarUrl": None::<i64>, "attachments": Vec::<Object>::new(),
        }
        .into())
    }

    /// The login of an app: app key and app secret.
    pub(super) fn log_app_in(
        &mut self,
        body: &Object,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Json, Refusal> {
        self.check_app(body)?;
        let token = self.ids.word();
        self.issue(&token, Login::App, until);
        let answer = object! {"appAccessToken": token};
        let seconds = (until - now).num_seconds();
        Ok(match self.quirks.lifetime_name {
            LifetimeName::Expire => answer.with("expire", seconds),
            LifetimeName::ExpiresIn => answer.with("expiresIn", seconds),
            LifetimeName::None => answer,
        }
        .into())
    }

    fn issue(&mut self, token: &str, login: Login, until: DateTime<Utc>) {
        let voids_older = self.quirks.new_token_voids_old;
        self.tokens.issue(token.to_owned(), login, until, voids_older);
    }

    fn check_app(&self, body: &Object) -> Result<(), Refusal> {
        let fields = Fields::new(body);
        let pair = (fields.required_text("appKey")?, fields.required_text("appSecret")?);
        if pair == (demo::APP_KEY, demo::APP_SECRET) {
            Ok(())
        } else {
            Err(Refusal::new(400, "OPENAPI-DOMAIN/APP_AUTH_FAIL", "appKey或appSecret不正确"))
        }
    }
}
