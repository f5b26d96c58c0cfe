//! Everything the simulated platform remembers.

use std::collections::{BTreeMap, VecDeque};

use super::app::App;
use super::directory::Directory;
use super::event::Event;
use super::form::Form;
use super::ids::Ids;
use super::limits::{Limits, Meter};
use super::media::MediaStore;
use super::push::PushLog;
use super::quirks::Quirks;
use super::refusal::Refusal;
use super::template::Template;
use super::tokens::Tokens;

pub(super) struct World {
    pub(super) corp_id: String,
    pub(super) apps: Vec<App>,
    pub(super) directory: Directory,
    pub(super) templates: BTreeMap<String, Template>,
    /// In the order of their submission.
    pub(super) forms: Vec<Form>,
    pub(super) media: MediaStore,
    pub(super) ids: Ids,
    /// Events not yet handed to the pusher.
    pub(super) events: Vec<Event>,
    pub(super) tokens: Tokens,
    pub(super) meter: Meter,
    pub(super) limits: Limits,
    pub(super) quirks: Quirks,
    /// The address the platform sees requests come from.
    pub(super) client_ip: String,
    /// Refusals waiting for the next call of a path.
    pub(super) arranged: VecDeque<Arranged>,
    pub(super) push_log: PushLog,
}

/// A refusal that a test arranged.
#[derive(Debug, Clone)]
pub(super) struct Arranged {
    pub(super) path: String,
    pub(super) refusal: Refusal,
    /// The call is carried out first; only its answer is a refusal.
    pub(super) after_commit: bool,
}

impl World {
    pub(super) fn app(&self, agent: i64) -> Option<&App> {
        self.apps.iter().find(|app| app.agent_id == agent)
    }

    pub(super) fn app_mut(&mut self, agent: i64) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.agent_id == agent)
    }

    pub(super) fn form(&self, sp_no: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.sp_no == sp_no)
    }

    /// The template with this name in Chinese.
    pub(super) fn template_named(&self, name: &str) -> Option<&Template> {
        self.templates.values().find(|template| template.name() == name)
    }

    /// Whether the calling app may see the member.
    pub(super) fn sees(&self, agent: i64, userid: &str) -> bool {
        self.app(agent).is_some_and(|app| app.sees(userid))
    }
}
