//! Everything the simulated platform remembers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, Utc};

use super::callback::Subscription;
use super::directory::Directory;
use super::event::Event;
use super::files::Files;
use super::flow::Moment;
use super::ids::Ids;
use super::instance::Instance;
use super::limits::{Limits, Meter};
use super::options::BanPage;
use super::push::PushLog;
use super::quirks::Quirks;
use super::refusal::Refusal;
use super::stream::Gateway;
use super::template::Template;
use super::tokens::Tokens;

pub(super) struct World {
    pub(super) app: App,
    pub(super) directory: Directory,
    pub(super) templates: BTreeMap<String, Template>,
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) files: Files,
    pub(super) ids: Ids,
    /// Events not yet handed to the pusher.
    pub(super) events: Vec<Event>,
    pub(super) tokens: Tokens,
    pub(super) meter: Meter,
    pub(super) limits: Limits,
    pub(super) quirks: Quirks,
    pub(super) ban: Option<Ban>,
    /// Refusals waiting for the next call of a path.
    pub(super) arranged: VecDeque<(String, Refusal)>,
    pub(super) subscription: Option<Subscription>,
    pub(super) push_log: PushLog,
    pub(super) stream: Gateway,
}

/// The enterprise-internal app (企业内部应用) that calls.
pub(super) struct App {
    pub(super) corp_id: String,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) agent_id: i64,
    pub(super) scopes: BTreeSet<&'static str>,
}

/// The IP limiter's ban.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ban {
    pub(super) until: DateTime<Utc>,
    pub(super) page: BanPage,
}

impl World {
    /// The instance, and what is needed to move it.
    pub(super) fn stage(
        &mut self,
        id: &str,
        now: DateTime<Utc>,
    ) -> Option<(&mut Instance, Moment<'_>)> {
        let instance = self.instances.get_mut(id)?;
        Some((instance, Moment { now, ids: &mut self.ids, events: &mut self.events }))
    }

    pub(super) fn template_of(&self, instance: &Instance) -> Option<&Template> {
        self.templates.get(&instance.process_code)
    }

    pub(super) fn template_named(&self, name: &str) -> Option<&Template> {
        self.templates.values().find(|template| template.name == name)
    }

    /// An unknown or departed user is `userNotExist` in most workflow calls.
    pub(super) fn require_user(&self, userid: &str) -> Result<(), Refusal> {
        match self.directory.user(userid) {
            Some(_) => Ok(()),
            None => Err(Refusal::new("userNotExist", format!("用户不存在：{userid}"))),
        }
    }
}
