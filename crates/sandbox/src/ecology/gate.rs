//! The filter in front of the business calls: token, appid, encrypted user id, and the session that
//! a cookie brings along.

use http::StatusCode;

use super::envelope::{login_timeout, not_ok};
use super::incoming::Incoming;
use super::options::GateFault;
use super::reply::Answer;
use super::world::World;

pub(super) const SESSION_COOKIE: &str = "JSESSIONID";

/// For whom a call is done, and the session it ran in.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) user: String,
    pub(super) session: String,
}

impl World {
    /// Lets a call through, or says why not.
    ///
    /// A known cookie wins over all headers: the call runs as the user of that session (串号).
    pub(super) fn pass(&mut self, incoming: &Incoming) -> Result<Caller, Answer> {
        if let Some(fault) = self.gate_faults.pop_front() {
            return Err(self.misbehave(fault, incoming));
        }
        let session = incoming.cookie(SESSION_COOKIE);
        if let Some((session, user)) = session.and_then(|id| self.sessions.get_key_value(id)) {
            return Ok(Caller { user: user.clone(), session: session.clone() });
        }
        let user = self.authenticate(incoming)?;
        let session = self.ids.session();
        self.sessions.insert(session.clone(), user.clone());
        Ok(Caller { user, session })
    }

    /// The user whom the headers name.
    fn authenticate(&mut self, incoming: &Incoming) -> Result<String, Answer> {
        let timeout = || Answer::Json(login_timeout());
        let token = incoming.header("token").ok_or_else(timeout)?;
        let appid = incoming.header("appid").ok_or_else(timeout)?;
        let sealed = incoming.header("userid").ok_or_else(timeout)?;
        let sliding = self.quirks.sliding_tokens;
        if !self.tokens.accept(token, appid, incoming.now, sliding) {
            return Err(self.token_unknown(token));
        }
        let refused = |message| Answer::Json(not_ok(message, &self.quirks));
        let app = self.apps.get(appid).ok_or_else(timeout)?;
        let user = app.keys.open(sealed).ok_or_else(|| refused("解密失败！"))?;
        if self.directory.user(&user).is_none() {
            return Err(refused("该账号存在异常,单点登录失败"));
        }
        Ok(user)
    }

    fn token_unknown(&self, token: &str) -> Answer {
        Answer::Json(not_ok(&format!("token不存在或者超时：{token}"), &self.quirks))
    }

    fn misbehave(&self, fault: GateFault, incoming: &Incoming) -> Answer {
        match fault {
            GateFault::TokenUnknown => self.token_unknown(incoming.header("token").unwrap_or("")),
            GateFault::LoginTimeout => Answer::Json(login_timeout()),
            GateFault::LoginPage => Answer::login_page(),
            GateFault::ServerError => Answer::html(StatusCode::INTERNAL_SERVER_ERROR),
            GateFault::AccountAbnormal => {
                Answer::Json(not_ok("该账号存在异常,单点登录失败", &self.quirks))
            }
        }
    }
}
