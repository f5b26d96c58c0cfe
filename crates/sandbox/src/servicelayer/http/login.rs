//! `Login` and `Logout`.

use http::{StatusCode, header};

use super::{Asked, Instance, Reply, cookie};
use crate::servicelayer::company::{Actor, COMPANY};
use crate::servicelayer::json::Object;
use crate::servicelayer::present::annotation;
use crate::servicelayer::refusal::Refusal;

/// The build that answers, 10.00.190.
const BUILD: &str = "1000190";

pub(super) fn route_cookie(route: &str) -> String {
    format!("ROUTEID={route}; path=/b1s")
}

impl Instance {
    pub(super) fn log_in(&mut self, asked: &Asked<'_>) -> Result<Reply, Refusal> {
        let body = Object::parse(asked.body_text()?).map_err(Refusal::malformed)?;
        let member = |name| body.text(name).ok_or_else(Refusal::login_failed);
        if member("CompanyDB")? != COMPANY {
            return Err(Refusal::login_failed());
        }
        let user = self.company.find_by("Users", "UserCode", &member("UserName")?.into())?;
        let user = user.ok_or_else(Refusal::login_failed)?;
        if user.text("Locked") == Some("tYES") {
            return Err(Refusal::user_locked());
        }
        if user.text("UserPassword") != Some(member("Password")?) {
            return Err(Refusal::login_failed());
        }
        let actor = Actor(user.int("InternalKey").unwrap_or_default());
        let id = self.sessions.open(actor, self.clock.now());
        let element = asked.element();
        let answer = Object::default()
            .with(&asked.context_member(), asked.context(&format!("B1Sessions/{element}")))
            .with("SessionId", id.as_str())
            .with("Version", BUILD)
            .with("SessionTimeout", i64::from(self.company.options.session_timeout_minutes));
        let mut reply = Reply::json(StatusCode::OK, asked.dialect, answer);
        reply.header(header::SET_COOKIE, format!("B1SESSION={id};HttpOnly;"));
        reply.header(header::SET_COOKIE, route_cookie(&self.sessions.route()));
        Ok(reply)
    }

    pub(super) fn log_out(&mut self, asked: &Asked<'_>) -> Result<Reply, Refusal> {
        // An expired session is as good as an unknown one.
        self.actor(asked)?;
        let id = cookie(asked.headers, "B1SESSION").unwrap_or_default();
        self.sessions.close(id);
        Ok(Reply::no_content(asked.dialect))
    }
}

impl Asked<'_> {
    /// What follows the set's name in the context of a single entity.
    pub(super) fn element(&self) -> &'static str {
        match self.dialect {
            crate::servicelayer::company::Dialect::V1 => "@Element",
            crate::servicelayer::company::Dialect::V2 => "$entity",
        }
    }

    /// The name of the context annotation.
    pub(super) fn context_member(&self) -> String {
        let name = match self.dialect {
            crate::servicelayer::company::Dialect::V1 => "metadata",
            crate::servicelayer::company::Dialect::V2 => "context",
        };
        annotation(self.dialect, name)
    }
}
