//! The flow of a form that is submitted.

use serde::Serialize;

use super::status::{ApproverAttr, NodeType, SignMode};
use crate::number_enum::number_enum;

/// A flow given with the form: its nodes, in order.
///
/// ```
/// use wecom::approvals::{Process, SignMode};
///
/// let process = Process::new()
///     .approvers(SignMode::All, ["zhoukai", "liuyan"]) // both
///     .approvers(SignMode::Any, ["sunboss"])
///     .cc(["wangcai"]);
/// assert_eq!(
///     serde_json::to_string(&process)?,
///     concat!(
///         r#"{"node_list":[{"type":1,"apv_rel":1,"userid":["zhoukai","liuyan"]},"#,
///         r#"{"type":1,"apv_rel":2,"userid":["sunboss"]},{"type":2,"userid":["wangcai"]}]}"#,
///     ),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Process {
    node_list: Vec<ProcessNode>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct ProcessNode {
    #[serde(rename = "type")]
    kind: NodeType,
    #[serde(skip_serializing_if = "Option::is_none")]
    apv_rel: Option<SignMode>,
    userid: Vec<String>,
}

impl Process {
    /// A flow without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node of approvers (审批人).
    pub fn approvers<I: Into<String>>(
        self,
        mode: SignMode,
        userids: impl IntoIterator<Item = I>,
    ) -> Self {
        self.node(NodeType::Approver, Some(mode), userids)
    }

    /// Adds a node of handlers (办理人).
    pub fn handlers<I: Into<String>>(
        self,
        mode: SignMode,
        userids: impl IntoIterator<Item = I>,
    ) -> Self {
        self.node(NodeType::Handler, Some(mode), userids)
    }

    /// Adds a node of people who get a copy (抄送人).
    pub fn cc<I: Into<String>>(self, userids: impl IntoIterator<Item = I>) -> Self {
        self.node(NodeType::Cc, None, userids)
    }

    fn node<I: Into<String>>(
        mut self,
        kind: NodeType,
        apv_rel: Option<SignMode>,
        userids: impl IntoIterator<Item = I>,
    ) -> Self {
        let userid = userids.into_iter().map(Into::into).collect();
        self.node_list.push(ProcessNode { kind, apv_rel, userid });
        self
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !self.node_list.iter().any(|node| node.kind != NodeType::Cc) {
            problems.push("process: nobody has to approve or handle the form".to_owned());
        }
        for (at, node) in self.node_list.iter().enumerate() {
            problems.extend(people_problem(&format!("process node {}", at + 1), &node.userid));
        }
        problems
    }
}

number_enum! {
    /// When people get a copy, in the old members.
    pub enum NotifyType {
        /// When the form is submitted.
        OnSubmit = 1,
        /// When it has passed.
        OnPass = 2,
        /// Both times.
        Both = 3,
    }
}

/// The members of the flow that the documentation dropped (`approver`, `notifyer`, `notify_type`),
/// for corps whose integrations still rely on them.
///
/// Whether the platform honours them is not documented any more. They count signers in the old
/// numbering, [`ApproverAttr`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[must_use]
pub struct LegacyProcess {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approver: Vec<LegacyNode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notifyer: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notify_type: Option<NotifyType>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct LegacyNode {
    attr: ApproverAttr,
    userid: Vec<String>,
}

impl LegacyProcess {
    /// The template's own flow, until approvers are added.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node of approvers; the form no longer takes the template's flow then.
    pub fn approvers<I: Into<String>>(
        mut self,
        attr: ApproverAttr,
        userids: impl IntoIterator<Item = I>,
    ) -> Self {
        let userid = userids.into_iter().map(Into::into).collect();
        self.approver.push(LegacyNode { attr, userid });
        self
    }

    /// People who get a copy, and when.
    pub fn cc<I: Into<String>>(
        mut self,
        when: NotifyType,
        userids: impl IntoIterator<Item = I>,
    ) -> Self {
        self.notifyer = userids.into_iter().map(Into::into).collect();
        self.notify_type = Some(when);
        self
    }
}

/// Exactly one way to decide who approves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Flow {
    #[default]
    Template,
    Process(Process),
    Legacy(LegacyProcess),
}

impl Flow {
    /// `use_template_approver`: 1 for the flow in the console, 0 for one given with the form.
    pub(super) fn use_template_approver(&self) -> u8 {
        match self {
            Self::Template => 1,
            Self::Process(_) => 0,
            Self::Legacy(legacy) => u8::from(legacy.approver.is_empty()),
        }
    }

    pub(super) fn process(&self) -> Option<&Process> {
        match self {
            Self::Process(process) => Some(process),
            Self::Template | Self::Legacy(_) => None,
        }
    }

    pub(super) fn legacy(&self) -> Option<&LegacyProcess> {
        match self {
            Self::Legacy(legacy) => Some(legacy),
            Self::Template | Self::Process(_) => None,
        }
    }

    pub(super) fn problems(&self) -> Vec<String> {
        match self {
            Self::Template => Vec::new(),
            Self::Process(process) => process.problems(),
            Self::Legacy(legacy) => legacy
                .approver
                .iter()
                .enumerate()
                .filter_map(|(at, node)| {
                    people_problem(&format!("approver node {}", at + 1), &node.userid)
                })
                .collect(),
        }
    }
}

fn people_problem(node: &str, userids: &[String]) -> Option<String> {
    if userids.is_empty() {
        return Some(format!("{node} has no people"));
    }
    userids
        .iter()
        .any(|userid| userid.trim().is_empty())
        .then(|| format!("{node} has an empty userid"))
}
