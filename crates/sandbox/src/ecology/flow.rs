//! How a request moves: submit, return, take back, forward, force.

use chrono::{DateTime, Utc};

use super::directory::Directory;
use super::envelope::Refusal;
use super::ids::Ids;
use super::request::{LogEntry, LogKind, Operator, Standing, State};
use super::workflow::{ADMINISTRATOR, Node, NodeKind, RejectExit, Sign, Workflow};

/// What an action did to the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stands where it stood.
    Stays,
    /// It left this node for a later one.
    Passed { from: usize },
    /// It left this node for the archive, approved.
    Completed { from: usize },
    /// It went back, or ended by a refusal.
    Returned,
}

/// One action on one request: its state, and what is needed to move it.
pub(super) struct Flow<'a> {
    pub(super) state: &'a mut State,
    pub(super) workflow: &'a Workflow,
    pub(super) directory: &'a Directory,
    pub(super) creator: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) ids: &'a mut Ids,
}

/// Where a return leads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ReturnTo {
    /// A node by its id; none: along the configured exit.
    pub(super) node: Option<i64>,
    /// After the correction the flow comes straight back.
    pub(super) straight_back: bool,
}

/// `forwardFlag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForwardKind {
    Forward,
    Consult,
    HandOver,
}

impl Flow<'_> {
    /// The first node: the creator has it.
    pub(super) fn begin(&mut self) {
        self.ask(0, &[self.creator.to_owned()], false);
    }

    /// The user submits (提交) or approves (批准); a user who was asked for advice gives it.
    pub(super) fn submit(&mut self, user: &str, remark: &str) -> Result<Outcome, Refusal> {
        let record = self.state.open_record(user).ok_or_else(not_an_operator)?;
        let standing = self.close(record);
        let kind = match standing {
            Standing::Forwarded => LogKind::Annotate,
            Standing::Consulted => LogKind::ConsultReply,
            _ => self.signature(),
        };
        self.write(user, kind, remark);
        let designed = self.here().map_or(Sign::Any, |node| node.sign);
        let waits_for_all = self.state.sign.unwrap_or(designed) == Sign::All;
        let others = self.state.pending().next().is_some();
        if standing != Standing::Pending || (waits_for_all && others) {
            return Ok(Outcome::Stays);
        }
        if !self.state.waiting.is_empty() {
            let next = self.state.waiting.remove(0);
            self.ask(self.state.node, &[next], false);
            return Ok(Outcome::Stays);
        }
        let from = self.state.node;
        let to = self.state.come_back.take().unwrap_or(from.saturating_add(1));
        self.state.exit = format!("出口{}", from.saturating_add(1));
        self.arrive(to, false);
        if to == self.workflow.archive() {
            Ok(Outcome::Completed { from })
        } else {
            Ok(Outcome::Passed { from })
        }
    }

    /// The user returns the request (退回).
    pub(super) fn reject(
        &mut self,
        user: &str,
        remark: &str,
        to: ReturnTo,
    ) -> Result<Outcome, Refusal> {
        let record = self.state.open_record(user).ok_or_else(not_an_operator)?;
        let is_pending =
            self.state.operators.get(record).is_some_and(|one| one.standing == Standing::Pending);
        let from = self.state.node;
        if !is_pending || from == 0 {
            return Err(not_an_operator());
        }
        let target = match to.node {
            Some(id) => {
                let index = self.workflow.node_index(id).filter(|index| *index < from);
                index.ok_or_else(|| Refusal::parameter("RejectToNodeid", id))?
            }
            None => match self.workflow.reject_exit {
                RejectExit::Creator => 0,
                RejectExit::Previous => from.saturating_sub(1),
                RejectExit::Archive => self.workflow.archive(),
            },
        };
        self.close(record);
        self.write(user, LogKind::Return, remark);
        self.state.exit = "退回".to_owned();
        self.arrive(target, true);
        self.state.come_back = Some(from).filter(|_| to.straight_back && !self.is_archived());
        Ok(Outcome::Returned)
    }

    /// The user takes back (收回) what he submitted, while nobody has moved the flow since.
    ///
    /// The list of log types has none for it: no entry is written.
    pub(super) fn withdraw(&mut self, user: &str) -> Result<(), Refusal> {
        let is_last = self.state.decision().is_some_and(|entry| {
            entry.operator == user && matches!(entry.kind, LogKind::Submit | LogKind::Approve)
        });
        let has_it = self.state.pending().any(|one| one.user == user);
        if !is_last || has_it || self.is_archived() {
            return Err(not_an_operator());
        }
        let mut operators = self.state.operators.iter();
        let own = operators.rposition(|one| one.user == user && one.standing == Standing::Done);
        let own = own.ok_or_else(not_an_operator)?;
        let Some(record) = self.state.operators.get_mut(own) else {
            return Err(not_an_operator());
        };
        let node = record.node;
        if node == self.state.node {
            record.standing = Standing::Pending;
            record.operated = None;
        } else {
            self.leave();
            self.state.node = node;
            self.ask(node, &[user.to_owned()], false);
        }
        self.touch(user);
        Ok(())
    }

    /// The user forwards (转发), asks for advice (意见征询) or hands over (转办).
    pub(super) fn forward(
        &mut self,
        user: &str,
        kind: ForwardKind,
        receivers: &[String],
        remark: &str,
    ) -> Result<(), Refusal> {
        if !self.state.operators.iter().any(|one| one.user == user) {
            return Err(not_an_operator());
        }
        let unknown = receivers.iter().find(|id| self.directory.user(id).is_none());
        if let Some(unknown) = unknown {
            return Err(Refusal::parameter("forwardResourceIds", unknown.as_str()));
        }
        let (standing, log) = match kind {
            ForwardKind::Forward => (Standing::Forwarded, LogKind::Forward),
            ForwardKind::Consult => (Standing::Consulted, LogKind::Consult),
            ForwardKind::HandOver => {
                if receivers.len() != 1 {
                    let why = receivers.join(",");
                    return Err(Refusal::parameter("forwardResourceIds", why));
                }
                let record = self.state.open_record(user).ok_or_else(not_an_operator)?;
                if self.close(record) != Standing::Pending {
                    return Err(not_an_operator());
                }
                (Standing::Pending, LogKind::HandOver)
            }
        };
        self.write(user, log, remark);
        for receiver in receivers {
            self.give(self.state.node, receiver, standing, false);
        }
        self.received_last(receivers);
        Ok(())
    }

    /// Somebody adds an opinion (批注); the flow does not move.
    pub(super) fn annotate(&mut self, user: &str, remark: &str) -> Result<(), Refusal> {
        if !self.state.operators.iter().any(|one| one.user == user) {
            return Err(not_an_operator());
        }
        self.write(user, LogKind::Annotate, remark);
        Ok(())
    }

    /// The form was changed, the flow stays (保存).
    pub(super) fn save(&mut self, user: &str, remark: &str) -> Result<Outcome, Refusal> {
        self.require_pending(user)?;
        self.write(user, LogKind::Save, remark);
        Ok(Outcome::Stays)
    }

    /// Only an operator of the present node may change the form.
    pub(super) fn require_pending(&self, user: &str) -> Result<(), Refusal> {
        let is_pending = self.state.pending().any(|one| one.user == user);
        if is_pending { Ok(()) } else { Err(not_an_operator()) }
    }

    /// Ends the request at once (强制归档).
    pub(super) fn force_over(&mut self, user: &str, remark: &str) -> Result<(), Refusal> {
        if self.is_archived() {
            return Err(Refusal::permission("msg", "流程已归档"));
        }
        self.write(user, LogKind::ForceArchive, remark);
        self.state.exit = "强制归档".to_owned();
        self.arrive(self.workflow.archive(), false);
        Ok(())
    }

    /// Takes the request back to the node before (强制收回), whoever has acted since.
    pub(super) fn force_draw_back(&mut self, user: &str) -> Result<(), Refusal> {
        if self.state.node == 0 {
            return Err(Refusal::permission("msg", "流程在创建节点，不能收回"));
        }
        self.state.exit = "强制收回".to_owned();
        let before = self.state.node.saturating_sub(1);
        self.leave();
        self.state.operators.retain(|one| one.standing != Standing::Archived);
        self.state.node = before;
        self.ask_designed(before, false);
        self.touch(user);
        Ok(())
    }

    /// An administrator moves the request (流程干预), names who is asked there and how they sign.
    pub(super) fn intervene(
        &mut self,
        user: &str,
        node: i64,
        (operators, sign): (&[String], Sign),
        remark: &str,
    ) -> Result<(), Refusal> {
        let index = self.workflow.node_index(node);
        let index = index.ok_or_else(|| Refusal::parameter("submitNodeId", node))?;
        if let Some(unknown) = operators.iter().find(|id| self.directory.user(id).is_none()) {
            return Err(Refusal::parameter("Intervenorid", unknown.as_str()));
        }
        self.write(user, LogKind::Intervene, remark);
        self.state.exit = "干预".to_owned();
        if index == self.workflow.archive() {
            self.arrive(index, false);
        } else {
            self.leave();
            self.state.node = index;
            self.state.sign = Some(sign);
            let asked = self.ask_as(sign, operators.to_vec(), false);
            self.destination(index, &asked);
        }
        Ok(())
    }

    /// Whether the user is the administrator, who has the monitor permission (监控权限).
    pub(super) fn require_monitor(user: &str) -> Result<(), Refusal> {
        if user == ADMINISTRATOR {
            return Ok(());
        }
        Err(Refusal::permission("msg", "没有监控权限"))
    }

    pub(super) fn is_archived(&self) -> bool {
        self.state.node == self.workflow.archive()
    }

    fn here(&self) -> Option<&Node> {
        self.workflow.node(self.state.node)
    }

    /// What a signature is called at the present node.
    fn signature(&self) -> LogKind {
        match self.here().map(|node| node.kind) {
            Some(NodeKind::Approve) => LogKind::Approve,
            _ => LogKind::Submit,
        }
    }

    /// The flow reaches a node and asks its operators.
    fn arrive(&mut self, node: usize, returned: bool) {
        self.leave();
        self.state.node = node;
        if node == self.workflow.archive() {
            self.give(node, self.creator, Standing::Archived, false);
            self.destination(node, &[]);
            for reader in &self.workflow.copy_to {
                self.give(node, reader, Standing::Copied, false);
            }
            if !self.workflow.copy_to.is_empty() {
                self.write_copy();
            }
            return;
        }
        let users = self.ask_designed(node, returned);
        self.destination(node, &users);
    }

    /// Asks whom the design of a node names; who is asked now.
    fn ask_designed(&mut self, node: usize, returned: bool) -> Vec<String> {
        let Some(designed) = self.workflow.node(node) else { return Vec::new() };
        let users = designed.operators.resolve(self.creator, self.directory);
        self.ask_as(designed.sign, users, returned)
    }

    /// Asks the users at the present node, all at once or one after the other; who is asked now.
    fn ask_as(&mut self, sign: Sign, mut users: Vec<String>, returned: bool) -> Vec<String> {
        if sign == Sign::InTurn && users.len() > 1 {
            self.state.waiting = users.split_off(1);
        }
        self.ask(self.state.node, &users, returned);
        users
    }

    /// Nobody is asked any more at the node that the flow leaves.
    fn leave(&mut self) {
        self.state.operators.retain(|one| one.standing != Standing::Pending);
        self.state.waiting.clear();
        self.state.sign = None;
        self.state.come_back = None;
    }

    fn ask(&mut self, node: usize, users: &[String], returned: bool) {
        for user in users {
            self.give(node, user, Standing::Pending, returned);
        }
    }

    fn give(&mut self, node: usize, user: &str, standing: Standing, returned: bool) {
        let id = self.ids.record();
        let user = user.to_owned();
        let (received, operated) = (self.now, None);
        let record = Operator { id, node, user, standing, returned, received, operated };
        self.state.operators.push(record);
    }

    /// The record is dealt with; how it stood before.
    fn close(&mut self, record: usize) -> Standing {
        let now = self.now;
        let Some(record) = self.state.operators.get_mut(record) else { return Standing::Done };
        record.operated = Some(now);
        std::mem::replace(&mut record.standing, Standing::Done)
    }

    fn write(&mut self, operator: &str, kind: LogKind, remark: &str) {
        let (id, at, node) = (self.ids.record(), self.now, self.state.node);
        let (operator, remark) = (operator.to_owned(), remark.to_owned());
        self.touch(&operator);
        let (received, destination) = (Vec::new(), None);
        let entry = LogEntry { id, node, operator, at, kind, remark, received, destination };
        self.state.log.push(entry);
    }

    fn write_copy(&mut self) {
        let last = self.state.last_operator.clone();
        self.write(&last, LogKind::Copy, "");
        let readers = self.workflow.copy_to.clone();
        self.received_last(&readers);
    }

    fn touch(&mut self, operator: &str) {
        operator.clone_into(&mut self.state.last_operator);
        self.state.last_operated = self.now;
    }

    /// Completes the newest log entry: where it led, who got it.
    fn destination(&mut self, node: usize, users: &[String]) {
        if let Some(entry) = self.state.log.last_mut() {
            entry.destination = Some(node);
        }
        self.received_last(users);
    }

    fn received_last(&mut self, users: &[String]) {
        if let Some(entry) = self.state.log.last_mut() {
            entry.received = users.to_vec();
        }
    }
}

fn not_an_operator() -> Refusal {
    Refusal::permission("isremark", "没有操作权限")
}
