//! What people do in the browser: start, approve, refuse, return, take back, hand over, comment.

use serde_json::{Value, json};

use super::create::{Start, typed_by_hand};
use super::envelope::Refusal;
use super::flow::{Flow, ForwardKind, ReturnTo};
use super::form::{Fetched, Hand};
use super::incoming::Parameters;
use super::press::{Press, What};
use super::world::Run;
use super::{Ecology, queries, time};
use crate::Error;

impl Ecology {
    /// A user starts a request (新建流程) and submits it; returns its id.
    ///
    /// `values` is what the user types: an object from field to value; `detail1`, `detail2`, … hold
    /// the rows of the detail tables as arrays of objects. The title is the server's default:
    /// workflow, user, date.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such workflow, [`Error::Refused`] when the user may not
    /// start it or the form is not right.
    pub fn start_by_hand(&self, workflow: i64, user: &str, values: &Value) -> Result<i64, Error> {
        self.platform.act(|world, now| {
            let found = world.workflows.get(&workflow).cloned();
            let found = found
                .ok_or_else(|| Error::NotFound(format!("Ecology has no workflow {workflow}")))?;
            if !found.enabled || !found.may_start(user) || world.directory.user(user).is_none() {
                return Err(refused(Refusal::permission("msg", "没有创建权限")));
            }
            let parameters = Parameters::new(typed_by_hand(&found, values));
            let hand = Hand { user, now, fetched: &Fetched::new() };
            let edit = world.read_edit(&found, &parameters, &hand).map_err(refused)?;
            let name = world.directory.name_of(user);
            let start = Start {
                workflow: &found,
                user,
                name: &format!("{}-{name}-{}", found.name, time::date(now)),
                level: "0",
                remark: "",
                edit: &edit,
                next: true,
                delete_failed: true,
            };
            world.start(&start, now).map_err(refused)
        })
    }

    /// A user approves (批准), or submits again what came back.
    ///
    /// When the node calls another system, this waits for the reply: unless the reply accepts, the
    /// request stays where it is, and the user may press again.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request, [`Error::Refused`] when the user is not
    /// asked or the called system does not accept; the message is what the user sees.
    pub async fn approve(&self, request: i64, user: &str, remark: &str) -> Result<(), Error> {
        Box::pin(self.press(Press::approve(request, user, remark))).await
    }

    /// A user does not agree: a return (退回) along the workflow's configured exit, which leads to the
    /// creator, to the node before, or ends the request.
    ///
    /// # Errors
    ///
    /// As for [`Ecology::approve`].
    pub async fn refuse(&self, request: i64, user: &str, remark: &str) -> Result<(), Error> {
        Box::pin(self.give_back(request, user, remark, ReturnTo::default())).await
    }

    /// A user returns the request (退回) to an earlier node, by the node's id.
    ///
    /// # Errors
    ///
    /// As for [`Ecology::approve`]; also [`Error::Refused`] when the node is not an earlier one.
    pub async fn return_to(
        &self,
        request: i64,
        user: &str,
        remark: &str,
        node: i64,
    ) -> Result<(), Error> {
        let to = ReturnTo { node: Some(node), straight_back: false };
        Box::pin(self.give_back(request, user, remark, to)).await
    }

    async fn give_back(
        &self,
        request: i64,
        user: &str,
        remark: &str,
        to: ReturnTo,
    ) -> Result<(), Error> {
        let (user, remark) = (user.to_owned(), remark.to_owned());
        Box::pin(self.press(Press { request, user, remark, what: What::Return(to) })).await
    }

    async fn press(&self, press: Press) -> Result<(), Error> {
        self.require(press.request)?;
        Box::pin(self.platform.press(&press)).await.map(drop).map_err(refused)
    }

    /// Everybody who is asked approves, one after another, until the request is archived.
    ///
    /// # Errors
    ///
    /// As for [`Ecology::approve`]: the first that is refused ends it.
    pub async fn approve_to_the_end(&self, request: i64) -> Result<(), Error> {
        self.require(request)?;
        loop {
            let asked = self.platform.look(|world, _| {
                let state = &world.requests.get(&request)?.state;
                state.pending().next().map(|one| one.user.clone())
            });
            let Some(user) = asked else { return Ok(()) };
            Box::pin(self.approve(request, &user, "同意")).await?;
        }
    }

    /// A user takes back (收回) what the user submitted last, while nobody has acted after that.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request, [`Error::Refused`] when it is too late.
    pub fn withdraw(&self, request: i64, user: &str) -> Result<(), Error> {
        self.act_on(request, |flow| flow.withdraw(user))
    }

    /// A user hands the request over (转办) to somebody else.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request, [`Error::Refused`] when the user is not
    /// asked or the other is unknown.
    pub fn hand_over(&self, request: i64, from: &str, to: &str) -> Result<(), Error> {
        let receivers = [to.to_owned()];
        self.act_on(request, |flow| flow.forward(from, ForwardKind::HandOver, &receivers, ""))
    }

    /// A user adds an opinion (批注); the request does not move.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request, [`Error::Refused`] when the user has
    /// nothing to do with it.
    pub fn comment(&self, request: i64, user: &str, remark: &str) -> Result<(), Error> {
        self.act_on(request, |flow| flow.annotate(user, remark))
    }

    /// The administrator deletes the request: it is gone.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request.
    pub fn delete(&self, request: i64) -> Result<(), Error> {
        let removed = self.platform.act(|world, _| world.requests.remove(&request));
        removed.map(drop).ok_or_else(|| no_request(request))
    }

    /// A user uploads a file to the document module; returns the document's id.
    pub fn upload(&self, name: &str, content: Vec<u8>, user: &str) -> i64 {
        self.platform.act(|world, now| world.put_document(name, content, user, now))
    }

    /// How a request stands: `node`, `result` (`running`, `returned`, `approved`, `refused`), who is
    /// `asked`, the form (`main`, `details`) and the `log`. Without [`super::Quirks::async_delay`].
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such request.
    pub fn request(&self, id: i64) -> Result<Value, Error> {
        self.platform.look(|world, _| {
            let (request, workflow) = world.request(id).map_err(|_| no_request(id))?;
            Ok(queries::summary(request, workflow))
        })
    }

    /// Ids of all requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<i64> {
        self.platform.look(|world, _| world.requests.keys().copied().collect())
    }

    /// Waits until there is a request whose main field has exactly this value, e.g. the document of
    /// the ERP in `docentry`, and returns the id of the newest.
    pub async fn wait_for_request(&self, field: &str, value: &str) -> i64 {
        let find = |world: &super::world::World, _| {
            let mut requests = world.requests.values().rev();
            let found = requests
                .find(|request| request.state.main.get(field).is_some_and(|held| held == value));
            found.map(|request| request.id)
        };
        self.platform.wait_for(find).await
    }

    fn act_on(
        &self,
        request: i64,
        act: impl FnOnce(&mut Flow<'_>) -> Result<(), Refusal>,
    ) -> Result<(), Error> {
        self.require(request)?;
        self.platform.act(|world, now| world.change(request, now, Run::Real, act)).map_err(refused)
    }

    fn require(&self, request: i64) -> Result<(), Error> {
        let known = self.platform.look(|world, _| world.requests.contains_key(&request));
        if known { Ok(()) } else { Err(no_request(request)) }
    }
}

fn no_request(id: i64) -> Error {
    Error::NotFound(format!("Ecology has no request {id}"))
}

fn refused(refusal: Refusal) -> Error {
    let code = refusal.code.name().to_owned();
    Error::Refused { system: "Ecology", code, message: refusal.text() }
}

/// What a program needs to see of a request in a list.
pub(super) fn headline(ecology: &Ecology, id: i64) -> Value {
    let request = ecology.request(id).unwrap_or_default();
    json!({
        "requestid": id,
        "requestname": request["requestname"],
        "node": request["node"],
        "result": request["result"],
    })
}
