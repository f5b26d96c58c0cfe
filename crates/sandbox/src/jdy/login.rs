//! The logins of both generations.

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::demo;
use super::refusal::Refusal;
use super::request::Incoming;
use super::signature::{seal, text_of};
use super::world::World;
use crate::servicelayer::json::{Json, Object};

pub(super) const USER: &str = "/auth/user/access_token";
pub(super) const ORG: &str = "/auth/org/access_token";
pub(super) const AUTHORIZE: &str = "/jdyconnector/app_management/push_app_authorize";
pub(super) const APP_TOKEN: &str = "/jdyconnector/app_management/kingdee_auth_token";

/// So many nonces are remembered.
const NONCES: usize = 100_000;

impl World {
    /// The answer to a login; `None` for other paths.
    pub(super) fn log_in(
        &mut self,
        request: &Incoming,
        now: DateTime<Utc>,
    ) -> Option<Result<Object, Refusal>> {
        let data = match (request.method.as_str(), request.path.as_str()) {
            ("GET", USER) => {
                let who = [("username", demo::USERNAME), ("password", demo::PASSWORD)];
                self.legacy(request, &who, "用户名或密码错误", now)
            }
            ("GET", ORG) => {
                let who = [("tid", demo::TID), ("secret", demo::TID_SECRET)];
                self.legacy(request, &who, "tid或secret错误", now)
            }
            ("POST", AUTHORIZE) => self.authorize(request, now),
            ("GET", APP_TOKEN) => self.app_token(request, now),
            (_, USER | ORG | AUTHORIZE | APP_TOKEN) => Err(Refusal::gateway(
                StatusCode::METHOD_NOT_ALLOWED,
                48_002,
                "不支持的接口请求方式",
            )),
            _ => return None,
        };
        let envelope = Object::default().with("errcode", 0).with("description", "success");
        Some(data.map(|data| envelope.with("data", data)))
    }

    fn legacy(
        &mut self,
        request: &Incoming,
        who: &[(&str, &str)],
        wrong: &str,
        now: DateTime<Utc>,
    ) -> Result<Json, Refusal> {
        let app = [("client_id", demo::CLIENT_ID), ("client_secret", demo::CLIENT_SECRET)];
        let fits = |pair: &(&str, &str)| request.parameter(pair.0) == pair.1;
        if !app.iter().all(fits) {
            return Err(Refusal::new(1001, "client_id或client_secret不正确"));
        }
        if !who.iter().all(fits) {
            return Err(Refusal::new(1002, wrong));
        }
        let token = self.give_token(now, None);
        let seconds = i64::try_from(self.options.token_life.as_secs()).unwrap_or(i64::MAX);
        Ok(Object::default()
            .with("access_token", token)
            .with("expires_in", seconds)
            .with("expires", now.timestamp().saturating_add(seconds))
            .with("uid", "990001")
            .with("nickname", "王五")
            .with("avatar", "")
            .with("gender", 1)
            .into())
    }

    /// The gateway in front of the open platform: signature, time, nonce.
    fn admit_signed(&mut self, request: &Incoming, now: DateTime<Utc>) -> Result<(), Refusal> {
        let no = |code, why: &str| Err(Refusal::gateway(StatusCode::UNAUTHORIZED, code, why));
        if request.header("x-api-clientid") != demo::CLIENT_ID {
            return no(1001, "X-Api-ClientID 不正确");
        }
        if request.header("x-api-auth-version") != "2.0" {
            return no(1003, "X-Api-Auth-Version 应为 2.0");
        }
        let mut named: Vec<String> = request
            .header("x-api-signheaders")
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        named.sort_unstable();
        if named != ["x-api-nonce", "x-api-timestamp"] {
            return no(1003, "X-Api-SignHeaders 不正确");
        }
        let skew = i64::try_from(self.options.clock_skew.as_millis()).unwrap_or(i64::MAX);
        let sent: Option<i64> = request.header("x-api-timestamp").parse().ok();
        if sent.is_none_or(|sent| now.timestamp_millis().abs_diff(sent) > skew.unsigned_abs()) {
            return no(1004, "X-Api-TimeStamp 已过期");
        }
        if request.header("x-api-signature") != seal(demo::CLIENT_SECRET, &text_of(request)) {
            return no(1005, "X-Api-Signature 签名错误");
        }
        let nonce = request.header("x-api-nonce");
        let is_new = nonce.bytes().all(|byte| byte.is_ascii_digit())
            && !nonce.is_empty()
            && self.nonces.insert(nonce.to_owned());
        if self.nonces.len() > NONCES {
            self.nonces.clear();
        }
        if is_new { Ok(()) } else { no(1006, "X-Api-Nonce 重复") }
    }

    fn app_secret(&self) -> String {
        format!("sandbox-app-secret-{}", self.app_secret_version)
    }

    fn authorize(&mut self, request: &Incoming, now: DateTime<Utc>) -> Result<Json, Refusal> {
        self.admit_signed(request, now)?;
        request.object()?;
        if request.parameter("outerInstanceId") != demo::OUTER_INSTANCE_ID {
            return Err(Refusal::new(1007, "outerInstanceId不存在"));
        }
        let grant = Object::default()
            .with("appKey", demo::APP_KEY)
            .with("appSecret", self.app_secret())
            .with("domain", demo::ROUTER)
            .with("serviceId", demo::S_ID)
            .with("accountId", demo::DB_ID)
            .with("accountName", demo::COMPANY)
            .with("outerInstanceId", demo::OUTER_INSTANCE_ID)
            .with("agreementCompanyName", demo::COMPANY);
        Ok(vec![grant].into())
    }

    fn app_token(&mut self, request: &Incoming, now: DateTime<Utc>) -> Result<Json, Refusal> {
        self.admit_signed(request, now)?;
        let expected = seal(&self.app_secret(), demo::APP_KEY);
        if request.parameter("app_key") != demo::APP_KEY
            || request.parameter("app_signature") != expected
        {
            return Err(Refusal::new(1008, "app_signature不正确"));
        }
        let token = self.give_token(now, Some(demo::ROUTER));
        Ok(Object::default()
            .with("app-token", format!("at-{token}"))
            .with("access_token", token)
            .with("uid", "990001")
            .into())
    }
}
