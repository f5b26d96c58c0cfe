//! How a form moves: from node to node, person by person.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::enums::{NodeKind, Relation, Status, Verdict};
use super::form::{Node, Person, State};

/// What somebody says when acting: the opinion (审批意见) and its attachments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opinion {
    /// The text; may be empty.
    pub speech: String,
    /// media_ids of the attachments.
    pub media: Vec<String>,
}

impl Opinion {
    /// With this attachment.
    #[must_use]
    pub fn attach(mut self, media_id: impl Into<String>) -> Self {
        self.media.push(media_id.into());
        self
    }
}

impl From<&str> for Opinion {
    fn from(speech: &str) -> Self {
        Opinion { speech: speech.to_owned(), media: Vec::new() }
    }
}

impl From<String> for Opinion {
    fn from(speech: String) -> Self {
        Opinion { speech, media: Vec::new() }
    }
}

/// On which side of oneself a signer is added (加签).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The new signer is asked first.
    Before,
    /// The new signer is asked afterwards.
    After,
}

/// Why somebody cannot do something with a form; a person would see it in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotPossible(pub(super) String);

type Done = Result<(), NotPossible>;

impl State {
    /// A form just submitted, standing at its first node.
    pub(super) fn start(nodes: Vec<Node>) -> Self {
        let mut state = State { status: Status::UnderApproval, nodes, at: 0, comments: Vec::new() };
        state.advance();
        state
    }

    /// Who is asked now.
    pub(super) fn asked(&self) -> Vec<&str> {
        if !matches!(self.status, Status::UnderApproval | Status::Passed) {
            return Vec::new();
        }
        let Some(node) = self.nodes.get(self.at) else { return Vec::new() };
        let pending = node.people.iter().filter(|person| person.is_pending());
        let free = pending.filter(|person| match &person.waits_for {
            None => true,
            Some(other) => !node.is_waiting_for(other),
        });
        let asked = free.map(|person| person.userid.as_str());
        match node.relation {
            Relation::Sequential => asked.take(1).collect(),
            Relation::All | Relation::Any => asked.collect(),
        }
    }

    pub(super) fn agree(&mut self, by: &str, opinion: &Opinion, now: DateTime<Utc>) -> Done {
        self.act(by, NodeKind::Approver, Verdict::Agreed, opinion, now)?;
        self.advance();
        Ok(())
    }

    /// A handler is done with it.
    pub(super) fn handle(&mut self, by: &str, opinion: &Opinion, now: DateTime<Utc>) -> Done {
        self.act(by, NodeKind::Handler, Verdict::Handled, opinion, now)?;
        self.advance();
        Ok(())
    }

    /// One rejection ends the form.
    pub(super) fn reject(&mut self, by: &str, opinion: &Opinion, now: DateTime<Utc>) -> Done {
        self.act(by, NodeKind::Approver, Verdict::Rejected, opinion, now)?;
        if let Some(node) = self.nodes.get_mut(self.at) {
            node.status = Verdict::Rejected;
        }
        self.status = Status::Rejected;
        Ok(())
    }

    /// Hands the matter to somebody else: an approver transfers (转审), a handler hands over (转交).
    pub(super) fn pass_on(
        &mut self,
        by: &str,
        to: &str,
        kind: NodeKind,
        opinion: &Opinion,
        now: DateTime<Utc>,
    ) -> Done {
        let verdict =
            if kind == NodeKind::Handler { Verdict::HandedOver } else { Verdict::Transferred };
        let index = self.act(by, kind, verdict, opinion, now)?;
        self.insert(index, vec![Person::pending(to)]);
        Ok(())
    }

    /// Adds a signer before or after oneself (加签); one's own part stays to be done.
    pub(super) fn add_signer(
        &mut self,
        by: &str,
        whom: &str,
        side: Side,
        opinion: &Opinion,
        now: DateTime<Utc>,
    ) -> Done {
        let index = self.act(by, NodeKind::Approver, Verdict::SignerAdded, opinion, now)?;
        let waiting = |who: &str, other: &str| Person {
            waits_for: Some(other.to_owned()),
            ..Person::pending(who)
        };
        self.insert(
            index,
            match side {
                Side::Before => vec![Person::pending(whom), waiting(by, whom)],
                Side::After => vec![Person::pending(by), waiting(whom, by)],
            },
        );
        Ok(())
    }

    /// Agrees and adds a signer who is asked next (同意并加签).
    pub(super) fn agree_and_add(
        &mut self,
        by: &str,
        whom: &str,
        opinion: &Opinion,
        now: DateTime<Utc>,
    ) -> Done {
        let index = self.act(by, NodeKind::Approver, Verdict::AgreedAndAdded, opinion, now)?;
        let waits_for = Some(by.to_owned());
        self.insert(index, vec![Person { waits_for, ..Person::pending(whom) }]);
        Ok(())
    }

    /// Sends the form back to somebody who agreed earlier (退回): the flow goes on from there, and
    /// everybody between is asked again.
    pub(super) fn send_back(
        &mut self,
        by: &str,
        to: &str,
        opinion: &Opinion,
        now: DateTime<Utc>,
    ) -> Done {
        let has_agreed = |node: &Node| {
            node.kind == NodeKind::Approver
                && node.people.iter().any(|one| one.userid == to && one.verdict == Verdict::Agreed)
        };
        let target = self
            .nodes
            .iter()
            .take(self.at.saturating_add(1))
            .position(has_agreed)
            .ok_or_else(|| NotPossible(format!("{to} has not agreed before")))?;
        let index = self.act(by, NodeKind::Approver, Verdict::SentBack, opinion, now)?;
        self.insert(index, vec![Person::pending(by)]);
        let from = self.at;
        for (position, node) in self.nodes.iter_mut().enumerate() {
            if position == target {
                if let Some(index) = node.people.iter().rposition(|one| one.userid == to) {
                    node.people.insert(index.saturating_add(1), Person::pending(to));
                }
                node.status = Verdict::Pending;
            } else if position > target && position < from && node.kind == NodeKind::Approver {
                node.ask_again();
            }
        }
        if let Some(node) = self.nodes.get_mut(from).filter(|_| from != target) {
            node.status = Verdict::SentBack;
        }
        self.at = target;
        Ok(())
    }

    /// The applicant revokes a form under approval (撤销).
    pub(super) fn revoke(&mut self) -> Done {
        self.end(Status::UnderApproval, Status::Revoked)
    }

    /// A form that passed is revoked (通过后撤销).
    pub(super) fn revoke_after_passing(&mut self) -> Done {
        self.end(Status::Passed, Status::RevokedAfterPassing)
    }

    /// A form that passed is paid.
    pub(super) fn pay(&mut self) -> Done {
        self.end(Status::Passed, Status::Paid)
    }

    fn end(&mut self, from: Status, to: Status) -> Done {
        if self.status != from {
            let (from, found) = (from as i64, self.status as i64);
            return Err(NotPossible(format!("the form has the status {found}, not {from}")));
        }
        self.status = to;
        Ok(())
    }

    /// Notes what the person did who is asked now. Returns the person's place in the node.
    fn act(
        &mut self,
        by: &str,
        kind: NodeKind,
        verdict: Verdict,
        opinion: &Opinion,
        now: DateTime<Utc>,
    ) -> Result<usize, NotPossible> {
        let asked = self.asked();
        if !asked.contains(&by) {
            let asked = asked.join(", ");
            return Err(NotPossible(format!("{by} is not asked now (asked: {asked})")));
        }
        let node = self.nodes.get_mut(self.at).filter(|node| node.kind == kind);
        let node = node.ok_or_else(|| NotPossible(format!("{by} is asked for something else")))?;
        let mut people = node.people.iter_mut().enumerate();
        let found = people.find(|(_, person)| person.is_pending() && person.userid == by);
        let (index, person) = found.ok_or_else(|| NotPossible(format!("{by} is not asked")))?;
        person.verdict = verdict;
        person.speech.clone_from(&opinion.speech);
        person.media.clone_from(&opinion.media);
        person.acted = Some(now);
        node.status = Verdict::Pending;
        Ok(index)
    }

    /// Puts people behind one of the present node.
    fn insert(&mut self, index: usize, people: Vec<Person>) {
        if let Some(node) = self.nodes.get_mut(self.at) {
            let behind = index.saturating_add(1).min(node.people.len());
            node.people.splice(behind..behind, people);
        }
    }

    /// Passes over what is complete; with no approvers left the form has passed.
    fn advance(&mut self) {
        while let Some(node) = self.nodes.get_mut(self.at) {
            if node.kind != NodeKind::Cc {
                if !node.is_complete() {
                    break;
                }
                node.status = match node.kind {
                    NodeKind::Handler => Verdict::Handled,
                    NodeKind::Approver | NodeKind::Cc => Verdict::Agreed,
                };
            }
            self.at = self.at.saturating_add(1);
        }
        let mut left = self.nodes.iter().skip(self.at);
        if self.status == Status::UnderApproval && left.all(|node| node.kind != NodeKind::Approver)
        {
            self.status = Status::Passed;
        }
    }
}

impl Node {
    pub(super) fn new(kind: NodeKind, relation: Relation, users: &[String]) -> Self {
        let people = users.iter().map(|user| Person::pending(user)).collect();
        Node { kind, relation, status: Verdict::Pending, people }
    }

    fn is_waiting_for(&self, userid: &str) -> bool {
        self.people.iter().any(|person| person.is_pending() && person.userid == userid)
    }

    fn is_complete(&self) -> bool {
        match self.relation {
            Relation::All | Relation::Sequential => !self.people.iter().any(Person::is_pending),
            Relation::Any => self.people.is_empty() || self.people.iter().any(|p| self.settles(p)),
        }
    }

    /// Whether this person's agreement is enough: nobody waits for it.
    fn settles(&self, person: &Person) -> bool {
        let is_awaited = self
            .people
            .iter()
            .any(|one| one.is_pending() && one.waits_for.as_ref() == Some(&person.userid));
        matches!(person.verdict, Verdict::Agreed | Verdict::Handled | Verdict::AgreedAndAdded)
            && !is_awaited
    }

    /// Everybody who agreed has to do so again.
    fn ask_again(&mut self) {
        self.status = Verdict::Pending;
        for person in &mut self.people {
            if matches!(person.verdict, Verdict::Agreed | Verdict::AgreedAndAdded) {
                *person = Person::pending(&person.userid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn state(nodes: &[(NodeKind, Relation, &[&str])]) -> State {
        let node = |(kind, relation, users): &(NodeKind, Relation, &[&str])| {
            let users: Vec<_> = users.iter().map(|user| (*user).to_owned()).collect();
            Node::new(*kind, *relation, &users)
        };
        State::start(nodes.iter().map(node).collect())
    }

    fn approvers(relation: Relation, users: &[&str]) -> State {
        state(&[(NodeKind::Approver, relation, users)])
    }

    fn agree(state: &mut State, by: &str) {
        state.agree(by, &Opinion::default(), NOW).unwrap();
    }

    fn verdicts(state: &State, node: usize) -> Vec<(&str, i64)> {
        let people = state.nodes[node].people.iter();
        people.map(|person| (person.userid.as_str(), person.verdict as i64)).collect()
    }

    #[test]
    fn all_of_a_node_have_to_agree() {
        let mut form = approvers(Relation::All, &["a", "b"]);
        assert_eq!(form.asked(), ["a", "b"]);
        agree(&mut form, "b");
        assert_eq!((form.status, form.asked()), (Status::UnderApproval, vec!["a"]));
        agree(&mut form, "a");
        assert_eq!((form.status, form.asked()), (Status::Passed, vec![]));
    }

    #[test]
    fn any_one_is_enough_and_the_others_stay_pending() {
        let mut form = approvers(Relation::Any, &["a", "b"]);
        agree(&mut form, "b");
        assert_eq!(form.status, Status::Passed);
        assert_eq!(verdicts(&form, 0), [("a", 1), ("b", 2)]);
    }

    #[test]
    fn one_after_another_means_in_this_order() {
        let mut form = approvers(Relation::Sequential, &["a", "b"]);
        assert_eq!(form.asked(), ["a"]);
        assert!(form.agree("b", &Opinion::default(), NOW).is_err());
        agree(&mut form, "a");
        agree(&mut form, "b");
        assert_eq!(form.status, Status::Passed);
    }

    #[test]
    fn one_rejection_ends_the_form() {
        let mut form = approvers(Relation::All, &["a", "b"]);
        form.reject("b", &"不同意".into(), NOW).unwrap();
        assert_eq!((form.status, form.asked()), (Status::Rejected, vec![]));
        assert_eq!(form.nodes[0].status, Verdict::Rejected);
        assert!(form.revoke().is_err());
    }

    #[test]
    fn copies_need_nobody_and_handlers_come_after_the_decision() {
        let mut form = state(&[
            (NodeKind::Cc, Relation::All, &["c"]),
            (NodeKind::Approver, Relation::All, &["a"]),
            (NodeKind::Handler, Relation::All, &["h"]),
        ]);
        agree(&mut form, "a");
        assert_eq!((form.status, form.asked()), (Status::Passed, vec!["h"]));
        assert!(form.agree("h", &Opinion::default(), NOW).is_err(), "a handler does not approve");
        form.handle("h", &Opinion::default(), NOW).unwrap();
        assert_eq!((form.status, form.nodes[2].status), (Status::Passed, Verdict::Handled));
        assert_eq!(form.asked(), Vec::<&str>::new());
    }

    #[test]
    fn a_transfer_asks_somebody_else_instead() {
        let mut form = approvers(Relation::All, &["a", "b"]);
        let opinion = Opinion::default();
        form.pass_on("a", "x", NodeKind::Approver, &opinion, NOW).unwrap();
        assert_eq!(form.asked(), ["x", "b"]);
        agree(&mut form, "x");
        agree(&mut form, "b");
        assert_eq!(verdicts(&form, 0), [("a", 4), ("x", 2), ("b", 2)]);
    }

    #[test]
    fn a_signer_is_added_before_or_after() {
        let opinion = Opinion::default();
        for relation in [Relation::All, Relation::Any, Relation::Sequential] {
            let mut before = approvers(relation, &["a"]);
            before.add_signer("a", "x", Side::Before, &opinion, NOW).unwrap();
            assert_eq!(before.asked(), ["x"], "{relation:?}");
            agree(&mut before, "x");
            assert_eq!(before.status, Status::UnderApproval, "{relation:?}");
            agree(&mut before, "a");
            assert_eq!(before.status, Status::Passed, "{relation:?}");
            let mut after = approvers(relation, &["a"]);
            after.add_signer("a", "x", Side::After, &opinion, NOW).unwrap();
            assert_eq!(after.asked(), ["a"], "{relation:?}");
            agree(&mut after, "a");
            assert_eq!(after.asked(), ["x"], "{relation:?}");
            agree(&mut after, "x");
            assert_eq!(after.status, Status::Passed, "{relation:?}");
            assert_eq!(verdicts(&after, 0), [("a", 12), ("a", 2), ("x", 2)]);
        }
    }

    #[test]
    fn agreeing_with_a_signer_added_leaves_the_signer_to_be_asked() {
        for relation in [Relation::All, Relation::Any, Relation::Sequential] {
            let mut form = approvers(relation, &["a"]);
            form.agree_and_add("a", "x", &Opinion::default(), NOW).unwrap();
            assert_eq!((form.status, form.asked()), (Status::UnderApproval, vec!["x"]));
            agree(&mut form, "x");
            assert_eq!(form.status, Status::Passed);
        }
    }

    #[test]
    fn a_form_sent_back_goes_on_from_there() {
        let mut form = state(&[
            (NodeKind::Approver, Relation::All, &["a"]),
            (NodeKind::Approver, Relation::All, &["b"]),
            (NodeKind::Approver, Relation::All, &["c"]),
        ]);
        assert!(form.send_back("a", "b", &Opinion::default(), NOW).is_err(), "b has not agreed");
        agree(&mut form, "a");
        agree(&mut form, "b");
        form.send_back("c", "a", &"数量不对".into(), NOW).unwrap();
        assert_eq!(form.asked(), ["a"]);
        assert_eq!(form.nodes[2].status, Verdict::SentBack);
        for user in ["a", "b", "c"] {
            assert_eq!(form.status, Status::UnderApproval);
            agree(&mut form, user);
        }
        assert_eq!(form.status, Status::Passed);
        assert_eq!(verdicts(&form, 0), [("a", 2), ("a", 2)]);
        assert_eq!(verdicts(&form, 2), [("c", 11), ("c", 2)]);
    }

    #[test]
    fn a_passed_form_can_be_revoked_or_paid() {
        for (end, status) in [
            (State::revoke_after_passing as fn(&mut State) -> Done, Status::RevokedAfterPassing),
            (State::pay, Status::Paid),
        ] {
            let mut form = approvers(Relation::All, &["a"]);
            assert!(end(&mut form).is_err());
            agree(&mut form, "a");
            end(&mut form).unwrap();
            assert_eq!(form.status, status);
        }
    }
}
