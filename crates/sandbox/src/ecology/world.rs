//! Everything the simulated server remembers.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::callback::Callback;
use super::cube::{CubeAccount, CubeMethod, ModeTable};
use super::directory::Directory;
use super::documents::Documents;
use super::envelope::Refusal;
use super::flow::Flow;
use super::ids::Ids;
use super::incoming::Received;
use super::options::{GateFault, PushFault};
use super::push::Push;
use super::quirks::Quirks;
use super::request::Request;
use super::tokens::{App, Tokens};
use super::workflow::Workflow;

pub(super) struct World {
    pub(super) apps: BTreeMap<String, App>,
    pub(super) tokens: Tokens,
    /// Users by session id: a caller who sends the cookie acts as that user.
    pub(super) sessions: BTreeMap<String, String>,
    pub(super) directory: Directory,
    pub(super) workflows: BTreeMap<i64, Workflow>,
    pub(super) requests: BTreeMap<i64, Request>,
    pub(super) documents: Documents,
    pub(super) cube_account: CubeAccount,
    pub(super) cube_methods: BTreeMap<String, CubeMethod>,
    pub(super) mode_tables: BTreeMap<String, ModeTable>,
    /// What `key` is made of in calls of the HR service without a token.
    pub(super) hr_identifier: String,
    pub(super) ids: Ids,
    pub(super) quirks: Quirks,
    pub(super) received: VecDeque<Received>,
    pub(super) gate_faults: VecDeque<GateFault>,
    /// Answers waiting for the next call of a path.
    pub(super) arranged: VecDeque<(String, Value)>,
    pub(super) callbacks: Vec<Callback>,
    pub(super) push_faults: VecDeque<PushFault>,
    pub(super) pushes: Vec<Push>,
    /// How many presses are under way.
    pub(super) presses: usize,
}

/// Whether an action's effect stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    /// Try it, then put everything back.
    Rehearsal,
    Real,
}

/// How many received requests are kept.
const MOST_RECEIVED: usize = 1000;

impl World {
    pub(super) fn keep(&mut self, received: Received) {
        if self.received.len() == MOST_RECEIVED {
            self.received.pop_front();
        }
        self.received.push_back(received);
    }

    /// Does something to a request. Refused or rehearsed, nothing of it stays; else queries see it
    /// after the delay of the background task.
    pub(super) fn change<T>(
        &mut self,
        id: i64,
        now: DateTime<Utc>,
        run: Run,
        act: impl FnOnce(&mut Flow<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let request = self.requests.get_mut(&id).ok_or_else(|| no_request(id))?;
        let workflow = self.workflows.get(&request.workflow).ok_or_else(|| no_request(id))?;
        let before = request.state.clone();
        let mut ids = self.ids.clone();
        let outcome = act(&mut Flow {
            state: &mut request.state,
            workflow,
            directory: &self.directory,
            creator: &request.creator,
            now,
            ids: &mut ids,
        });
        if run == Run::Rehearsal || outcome.is_err() {
            request.state = before;
            return outcome;
        }
        self.ids = ids;
        request.past.retain(|(until, _)| *until > now);
        if !self.quirks.async_delay.is_zero() {
            let delay = TimeDelta::from_std(self.quirks.async_delay).unwrap_or(TimeDelta::MAX);
            let until = now.checked_add_signed(delay).unwrap_or(DateTime::<Utc>::MAX_UTC);
            request.past.push((until, before));
        }
        outcome
    }

    pub(super) fn request(&self, id: i64) -> Result<(&Request, &Workflow), Refusal> {
        let request = self.requests.get(&id).ok_or_else(|| no_request(id))?;
        let workflow = self.workflows.get(&request.workflow).ok_or_else(|| no_request(id))?;
        Ok((request, workflow))
    }

    pub(super) fn workflow_named(&self, name: &str) -> Option<&Workflow> {
        self.workflows.values().find(|workflow| workflow.name == name)
    }
}

/// What the server says to a request id that is not above 0 or leads nowhere. The first is known
/// from the field, the second is the sandbox's choice.
pub(super) fn no_request(id: i64) -> Refusal {
    Refusal::parameter("errorParam_requestid", id)
}
