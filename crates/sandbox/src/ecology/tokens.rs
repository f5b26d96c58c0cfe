//! The token service: `regist` and `applytoken`.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::envelope::{login_timeout, not_ok, ok};
use super::incoming::Incoming;
use super::keys::KeyPair;
use super::quirks::{LoginWall, SecretName};
use super::reply::Answer;
use super::world::World;

pub(super) const REGIST: &str = "/api/ec/dev/auth/regist";
pub(super) const APPLY_TOKEN: &str = "/api/ec/dev/auth/applytoken";

/// How long a token lives whose caller asks for nothing else, in seconds.
const TOKEN_LIFE: i64 = 1800;

/// A licensed application (`ECOLOGY_BIZ_EC`).
pub(super) struct App {
    pub(super) secret: String,
    pub(super) keys: KeyPair,
    pub(super) registrations: u64,
}

/// Shows nothing: it holds secrets.
impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(super) struct Tokens {
    issued: BTreeMap<String, Token>,
    applied: u64,
}

struct Token {
    appid: String,
    life: TimeDelta,
    expires: DateTime<Utc>,
}

impl Tokens {
    /// Whether the token is one of this appid and lives; `sliding` starts its life again.
    pub(super) fn accept(
        &mut self,
        token: &str,
        appid: &str,
        now: DateTime<Utc>,
        sliding: bool,
    ) -> bool {
        let token = self.issued.get_mut(token);
        match token.filter(|token| token.appid == appid && token.expires > now) {
            Some(token) => {
                if sliding {
                    token.expires = end_of(token.life, now);
                }
                true
            }
            None => false,
        }
    }

    pub(super) fn forget_all(&mut self) {
        self.issued.clear();
    }

    pub(super) fn applied(&self) -> u64 {
        self.applied
    }
}

fn end_of(life: TimeDelta, now: DateTime<Utc>) -> DateTime<Utc> {
    now.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl World {
    /// The wall in front of the token service where the session filter blocks it.
    pub(super) fn token_wall(&self) -> Option<Answer> {
        self.quirks.token_urls_blocked.map(|wall| match wall {
            LoginWall::Page => Answer::login_page(),
            LoginWall::Redirect => Answer::ToLogin,
            LoginWall::Json => Answer::Json(login_timeout()),
        })
    }

    /// `POST /api/ec/dev/auth/regist`: the secret and the public key of an application.
    pub(super) fn regist(&mut self, incoming: &Incoming) -> Value {
        let quirks = &self.quirks;
        let app = incoming.header("appid").and_then(|appid| self.apps.get_mut(appid));
        let Some(app) = app else {
            return not_ok("注册失败,没有在找到正确的APPID!", quirks);
        };
        if quirks.rotate_on_regist && app.registrations > 0 {
            match app.keys.next() {
                Ok(keys) => app.keys = keys,
                Err(why) => return not_ok(&format!("注册失败,{why}"), quirks),
            }
            app.secret = self.ids.uuid();
        }
        app.registrations = app.registrations.saturating_add(1);
        let mut body = ok("ok", quirks);
        body.insert("errcode".to_owned(), json!("0"));
        body.insert("errmsg".to_owned(), json!("ok"));
        let names: &[&str] = match quirks.secret_name {
            SecretName::Secrit => &["secrit"],
            SecretName::Secret => &["secret"],
            SecretName::Both => &["secrit", "secret"],
        };
        for name in names {
            body.insert((*name).to_owned(), json!(app.secret));
        }
        body.insert("spk".to_owned(), json!(app.keys.spk));
        Value::Object(body)
    }

    /// `POST /api/ec/dev/auth/applytoken`: a token for whoever knows the secret.
    pub(super) fn apply_token(&mut self, incoming: &Incoming) -> Value {
        let quirks = &self.quirks;
        let Some((appid, app)) =
            incoming.header("appid").and_then(|appid| self.apps.get_key_value(appid))
        else {
            return not_ok("没有在找到正确的APPID!", quirks);
        };
        let secret = incoming.header("secret").and_then(|sealed| app.keys.open(sealed));
        let Some(secret) = secret else {
            return not_ok("secret解密失败,请检查加密内容.", quirks);
        };
        if secret != app.secret {
            return not_ok("认证信息错误,请检查secret.", quirks);
        }
        // What is not a number of seconds is not documented: the default life, as for none.
        let life = incoming.header("time").and_then(|time| time.trim().parse().ok());
        let life = life.filter(|seconds| *seconds > 0).unwrap_or(TOKEN_LIFE);
        let life = TimeDelta::try_seconds(life).unwrap_or(TimeDelta::MAX);
        let token = self.ids.uuid();
        if quirks.new_token_cancels_old {
            self.tokens.issued.retain(|_, token| token.appid != *appid);
        }
        self.tokens.applied = self.tokens.applied.saturating_add(1);
        if !quirks.broken_token_store {
            let expires = end_of(life, incoming.now);
            let appid = appid.clone();
            self.tokens.issued.insert(token.clone(), Token { appid, life, expires });
        }
        let mut body = ok("获取成功!", quirks);
        body.insert("token".to_owned(), json!(token));
        Value::Object(body)
    }
}
