//! A submitted form (审批单) and its states over time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::enums::{NodeKind, Relation, Status, Verdict};
use super::template::Label;

/// A form somebody submitted.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) sp_no: String,
    /// Name of its template.
    pub(super) name: String,
    pub(super) template_id: String,
    pub(super) record_type: Option<i64>,
    pub(super) created: DateTime<Utc>,
    pub(super) applicant: String,
    pub(super) department: i64,
    pub(super) contents: Vec<Filled>,
    pub(super) state: State,
    /// Earlier states, each with the time at which it ended.
    pub(super) earlier: Vec<(DateTime<Utc>, State)>,
}

/// A control filled in, as a form's detail shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Filled {
    pub(super) control: String,
    pub(super) id: String,
    pub(super) title: Vec<Label>,
    pub(super) value: Value,
    /// An option rule hides it.
    #[serde(skip)]
    pub(super) hidden: bool,
}

/// Where a form stands.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) nodes: Vec<Node>,
    /// Index of the node whose people are asked; behind the last when nobody is.
    pub(super) at: usize,
    pub(super) comments: Vec<Comment>,
}

/// A node of the flow.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) relation: Relation,
    pub(super) status: Verdict,
    pub(super) people: Vec<Person>,
}

/// One person's part in a node.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) userid: String,
    pub(super) verdict: Verdict,
    pub(super) speech: String,
    pub(super) acted: Option<DateTime<Utc>>,
    /// Ids of the opinion's attachments.
    pub(super) media: Vec<String>,
    /// Is asked only when this user of the node has acted.
    pub(super) waits_for: Option<String>,
}

impl Person {
    pub(super) fn pending(userid: &str) -> Self {
        Person {
            userid: userid.to_owned(),
            verdict: Verdict::Pending,
            speech: String::new(),
            acted: None,
            media: Vec::new(),
            waits_for: None,
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.verdict == Verdict::Pending
    }
}

/// A remark (备注 / 评论).
#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) userid: String,
    pub(super) text: String,
    pub(super) at: DateTime<Utc>,
    pub(super) media: Vec<String>,
}

impl Form {
    /// The state that callers see when everything becomes visible this much later.
    pub(super) fn seen(&self, now: DateTime<Utc>, lag: Duration) -> &State {
        let is_shown = |ended: DateTime<Utc>| (now - ended).to_std().is_ok_and(|age| age < lag);
        let still_shown = self.earlier.iter().find(|(ended, _)| is_shown(*ended));
        still_shown.map_or(&self.state, |(_, state)| state)
    }

    /// The control with this title, filled in.
    pub(super) fn filled(&self, title: &str) -> Option<&Filled> {
        self.contents.iter().find(|one| one.title.iter().any(|label| label.text == title))
    }
}

impl Filled {
    /// The text behind the value of the simple controls.
    pub(super) fn text(&self) -> Option<&str> {
        ["text", "new_number", "new_money"].iter().find_map(|name| self.value.get(name)?.as_str())
    }
}
