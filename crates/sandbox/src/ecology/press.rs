//! The two actions that can end a node, whoever presses: submit (提交/批准) and return (退回).
//!
//! A node's action (节点后附加操作) runs inside the press: when the address it calls does not accept
//! the event, nothing happens to the request, and whoever pressed sees why.

use chrono::{DateTime, Utc};

use super::call::Call;
use super::envelope::{Refusal, Reply};
use super::flow::{Flow, Outcome, ReturnTo};
use super::form::{Edit, Hand};
use super::platform::Platform;
use super::push::{self, Letter};
use super::world::{Run, World};

#[derive(Debug)]
pub(super) struct Press {
    pub(super) request: i64,
    pub(super) user: String,
    pub(super) remark: String,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Submit {
        edit: Edit,
        /// `src=save`: store the form, do not move.
        save_only: bool,
        /// `judgeFormMustInput=1`: refuse while a mandatory field is empty.
        must_input: bool,
    },
    Return(ReturnTo),
}

impl Press {
    /// Approving without changes of the form.
    pub(super) fn approve(request: i64, user: &str, remark: &str) -> Self {
        let what = What::Submit { edit: Edit::default(), save_only: false, must_input: false };
        Press { request, user: user.to_owned(), remark: remark.to_owned(), what }
    }
}

/// Reads `POST …/submitRequest`.
pub(super) fn read_submit(world: &mut World, call: &Call) -> Result<Press, Refusal> {
    let request = call.request_id("requestId")?;
    if world.quirks.submit_needs_workflow_id && call.parameters.integer("workflowId").is_none() {
        return Err(Refusal::unreadable());
    }
    let options = call.other_params()?;
    let is = |name: &str, value: &str| options.get(name).is_some_and(|found| found == value);
    let workflow = world.request(request)?.1.clone();
    let hand = Hand { user: &call.user, now: call.now, fetched: &call.fetched };
    let edit = world.read_edit(&workflow, &call.parameters, &hand)?;
    let (save_only, must_input) = (is("src", "save"), is("judgeFormMustInput", "1"));
    let what = What::Submit { edit, save_only, must_input };
    Ok(Press { request, user: call.user.clone(), remark: call.text("remark"), what })
}

/// Reads `POST …/rejectRequest`.
pub(super) fn read_reject(world: &mut World, call: &Call) -> Result<Press, Refusal> {
    let request = call.request_id("requestId")?;
    world.request(request)?;
    let options = call.other_params()?;
    let option = |name: &str| options.get(name).map(String::as_str);
    let node = match option("RejectToType") {
        Some("0") => {
            let node = option("RejectToNodeid").unwrap_or_default();
            Some(node.parse().map_err(|_| Refusal::parameter("RejectToNodeid", node))?)
        }
        _ => None,
    };
    let straight_back = option("isSubmitDirect") == Some("0");
    let what = What::Return(ReturnTo { node, straight_back });
    Ok(Press { request, user: call.user.clone(), remark: call.text("remark"), what })
}

impl Platform {
    /// Presses: asks the addresses that want to know, then does it.
    pub(super) async fn press(&self, press: &Press) -> Result<Reply, Refusal> {
        let _waiting = Waiting::start(self);
        let letters = self.act(|world, now| world.rehearse(press, now))?;
        for letter in letters {
            Box::pin(push::deliver(self, letter)).await?;
        }
        self.act(|world, now| world.change(press.request, now, Run::Real, |flow| press.run(flow)))?;
        Ok(Reply::Done)
    }
}

/// Counts a press until it is over, also when whoever pressed stops waiting.
struct Waiting<'a>(&'a Platform);

impl<'a> Waiting<'a> {
    fn start(platform: &'a Platform) -> Self {
        platform.act(|world, _| world.presses = world.presses.saturating_add(1));
        Waiting(platform)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.act(|world, _| world.presses = world.presses.saturating_sub(1));
    }
}

impl World {
    /// Whether the press is allowed, and what has to be told to whom before it counts.
    fn rehearse(&mut self, press: &Press, now: DateTime<Utc>) -> Result<Vec<Letter>, Refusal> {
        let (outcome, state) = self.change(press.request, now, Run::Rehearsal, |flow| {
            let outcome = press.run(flow)?;
            Ok((outcome, flow.state.clone()))
        })?;
        let (request, workflow) = self.request(press.request)?;
        let callbacks = self.callbacks.iter();
        let wanting = callbacks.filter(|callback| callback.wants(workflow.id, outcome));
        let letters: Vec<_> = wanting
            .map(|callback| callback.letter(self, request, workflow, &state, press, outcome, now))
            .collect();
        Ok(letters)
    }
}

impl Press {
    fn run(&self, flow: &mut Flow<'_>) -> Result<Outcome, Refusal> {
        match &self.what {
            What::Return(to) => flow.reject(&self.user, &self.remark, *to),
            What::Submit { edit, save_only, must_input } => {
                if !edit.is_empty() {
                    flow.require_pending(&self.user)?;
                    flow.state.apply(edit, flow.workflow, flow.ids)?;
                }
                if *must_input {
                    flow.state.judge_must_input(flow.workflow)?;
                }
                if *save_only {
                    flow.save(&self.user, &self.remark)
                } else {
                    flow.submit(&self.user, &self.remark)
                }
            }
        }
    }
}
