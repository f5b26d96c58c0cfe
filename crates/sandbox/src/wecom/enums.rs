//! The platform's numbers for nodes, statuses and acts.

use serde::{Deserialize, Serialize};

/// What the people of a node do (节点类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// 1: they approve (审批人).
    Approver = 1,
    /// 2: they get a copy (抄送人).
    Cc = 2,
    /// 3: they handle it (办理人), which changes nothing about the approval.
    Handler = 3,
}

/// How several people of a node act together, in the numbering of `apv_rel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// 1: all of them (会签).
    All = 1,
    /// 2: any one of them (或签).
    Any = 2,
    /// 3: one after another (依次审批).
    Sequential = 3,
}

/// Status of a form (`sp_status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    UnderApproval = 1,
    Passed = 2,
    Rejected = 3,
    Revoked = 4,
    RevokedAfterPassing = 6,
    Deleted = 7,
    Paid = 10,
}

/// Status of a node and of a person in it (`sp_yj`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Pending = 1,
    Agreed = 2,
    Rejected = 3,
    Transferred = 4,
    SentBack = 11,
    SignerAdded = 12,
    AgreedAndAdded = 13,
    Handled = 14,
    HandedOver = 15,
}

/// What happened (`StatuChangeEvent`, the spelling is the platform's). Two are not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Submitted,
    Agreed,
    Rejected,
    Transferred,
    Urged,
    Revoked,
    RevokedAfterPassing,
    Remarked,
    SentBack,
    SignerAdded,
    AgreedAndAdded,
    Handled,
    HandedOver,
    /// One of those the documentation has no number for.
    Undocumented(i64),
}

impl Change {
    pub(super) fn number(self) -> i64 {
        match self {
            Change::Submitted => 1,
            Change::Agreed => 2,
            Change::Rejected => 3,
            Change::Transferred => 4,
            Change::Urged => 5,
            Change::Revoked => 6,
            Change::RevokedAfterPassing => 8,
            Change::Remarked => 10,
            Change::SentBack => 11,
            Change::SignerAdded => 12,
            Change::AgreedAndAdded => 13,
            Change::Handled => 14,
            Change::HandedOver => 15,
            Change::Undocumented(number) => number,
        }
    }
}
