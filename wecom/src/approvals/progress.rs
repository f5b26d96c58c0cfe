//! How far a form has come: who agreed, who is next, what they wrote.

use chrono::{DateTime, Utc};

use super::status::{ApproverAttr, NodeType, OpinionStatus, SignMode};
use crate::tree::Tree;

/// The nodes of a form and what their people did, in answers and events.
///
/// There are two views of the same flow; either may be missing. [`opinions`](Self::opinions) reads
/// the better one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The current view (`process_list`): all nodes in order.
    pub nodes: Vec<Node>,
    /// The old view (`sp_record`): approvers only.
    pub records: Vec<Record>,
    /// Userids of those who get a copy (抄送人), in the old view.
    pub cc: Vec<String>,
    /// Remarks (备注).
    pub comments: Vec<Comment>,
}

/// A node of the flow, in the current view.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// What it is for.
    pub kind: NodeType,
    /// How far it is.
    pub status: Option<OpinionStatus>,
    /// Who of its people has to sign.
    pub mode: Option<SignMode>,
    /// Its people.
    pub opinions: Vec<Opinion>,
}

/// A node of approvers, in the old view.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// How far it is.
    pub status: Option<OpinionStatus>,
    /// Who of its people has to sign, in the old numbering.
    pub attr: Option<ApproverAttr>,
    /// Its people.
    pub opinions: Vec<Opinion>,
}

/// What one person did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opinion {
    /// The person.
    pub userid: String,
    /// What they did; missing for people who only get a copy.
    pub status: Option<OpinionStatus>,
    /// What they wrote; empty when they wrote nothing.
    pub speech: String,
    /// When they did it.
    pub time: Option<DateTime<Utc>>,
    /// Media ids of attachments, for [`Media::download`](crate::media::Media::download).
    pub attachments: Vec<String>,
}

/// A remark (备注).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comment {
    /// Its id, as text: it has more digits than a float holds.
    pub id: String,
    /// Who wrote it.
    pub userid: String,
    /// What they wrote.
    pub content: String,
    /// When they wrote it.
    pub time: Option<DateTime<Utc>>,
    /// Media ids of attachments.
    pub attachments: Vec<String>,
}

impl Progress {
    pub(crate) fn read(tree: Tree<'_>) -> Self {
        let nodes = tree.get("process_list").get("node_list").list();
        let records = tree.get("sp_record").list();
        let cc = tree.get("notifyer").list();
        let comments = tree.get("comments").list();
        Self {
            nodes: nodes.into_iter().map(Node::read).collect(),
            records: records.into_iter().map(Record::read).collect(),
            cc: cc.into_iter().filter_map(|one| one.get("userid").text()).collect(),
            comments: comments.into_iter().map(Comment::read).collect(),
        }
    }

    /// What approvers and handlers did, in the order of the flow: from the current view, or where
    /// that is missing from the old one.
    pub fn opinions(&self) -> impl Iterator<Item = &Opinion> {
        let old = if self.nodes.is_empty() { self.records.as_slice() } else { &[] };
        let current = self.nodes.iter().filter(|node| node.kind != NodeType::Cc);
        current.flat_map(|node| &node.opinions).chain(old.iter().flat_map(|one| &one.opinions))
    }

    /// Those who agreed, in the order of the flow.
    pub fn agreed(&self) -> impl Iterator<Item = &Opinion> {
        let has_agreed = |one: &&Opinion| one.status.is_some_and(OpinionStatus::is_agreement);
        self.opinions().filter(has_agreed)
    }

    /// Those who rejected.
    pub fn rejected(&self) -> impl Iterator<Item = &Opinion> {
        self.opinions().filter(|one| one.status == Some(OpinionStatus::Rejected))
    }

    /// Those who have to act now or later.
    pub fn pending(&self) -> impl Iterator<Item = &Opinion> {
        self.opinions().filter(|one| one.status == Some(OpinionStatus::Pending))
    }

    /// When somebody acted last.
    #[must_use]
    pub fn last_time(&self) -> Option<DateTime<Utc>> {
        self.opinions().filter_map(|opinion| opinion.time).max()
    }

    /// All that was written with decisions, as `userid:text` joined by `; `.
    #[must_use]
    pub fn speeches(&self) -> String {
        let speeches: Vec<String> = self
            .opinions()
            .filter(|one| !one.speech.is_empty())
            .map(|one| format!("{}:{}", one.userid, one.speech))
            .collect();
        speeches.join("; ")
    }
}

impl Node {
    fn read(tree: Tree<'_>) -> Self {
        let people = tree.get("sub_node_list").list().into_iter();
        Self {
            kind: tree.get("node_type").int().unwrap_or_default().into(),
            status: tree.get("sp_status").int().map(OpinionStatus::from),
            mode: tree.get("apv_rel").int().map(SignMode::from),
            opinions: people
                .map(|one| Opinion {
                    // Events put the person one level deeper.
                    userid: userid(one.get("userid").or(one.get("user_info"))),
                    status: one.get("sp_yj").int().map(OpinionStatus::from),
                    speech: one.get("speech").text().unwrap_or_default(),
                    time: one.get("sptime").time(),
                    attachments: one.get("media_ids").texts(),
                })
                .collect(),
        }
    }
}

impl Record {
    fn read(tree: Tree<'_>) -> Self {
        let people = tree.get("details").list().into_iter();
        Self {
            status: tree.get("sp_status").int().map(OpinionStatus::from),
            attr: tree.get("approverattr").int().map(ApproverAttr::from),
            opinions: people
                .map(|one| Opinion {
                    userid: userid(one.get("approver")),
                    status: one.get("sp_status").int().map(OpinionStatus::from),
                    speech: one.get("speech").text().unwrap_or_default(),
                    time: one.get("sptime").time(),
                    attachments: one.get("media_id").or(one.get("attach")).texts(),
                })
                .collect(),
        }
    }
}

impl Comment {
    fn read(tree: Tree<'_>) -> Self {
        Self {
            id: tree.get("commentid").text().unwrap_or_default(),
            userid: userid(tree.get("comment_user_info")),
            content: tree.get("commentcontent").text().unwrap_or_default(),
            time: tree.get("commenttime").time(),
            attachments: tree.get("media_id").or(tree.get("attach")).texts(),
        }
    }
}

fn userid(person: Tree<'_>) -> String {
    person.text().or_else(|| person.get("userid").text()).unwrap_or_default()
}
