//! How a request ended, as an event of a flow.

use ecology_oa::callback::{ApprovalResult, Decision};
use erplink_core::RawJson;
use erplink_sync::Document;
use serde::{Deserialize, Serialize};

use crate::config::shape::{Key, Shape, default, optional};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Approved (同意).
    Approved,
    /// Refused or returned (退回).
    Rejected,
    /// Archived by force (强制归档): nobody approved.
    Forced,
    /// Over, and its log does not say how.
    Unclear,
}

/// The end of a request, with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEnd {
    /// How it ended.
    pub end: End,
    /// The opinion of who decided.
    pub remark: Option<String>,
    /// Who decided, mostly an OA user id.
    pub approver: Option<String>,
}

impl RequestEnd {
    /// An end of which no more is known.
    #[must_use]
    pub fn new(end: End) -> Self {
        Self { end, remark: None, approver: None }
    }
}

impl From<&ApprovalResult> for RequestEnd {
    fn from(result: &ApprovalResult) -> Self {
        let end = match result.decision {
            Decision::Approved => End::Approved,
            Decision::Rejected => End::Rejected,
        };
        Self { end, remark: result.remark.clone(), approver: result.approver.clone() }
    }
}

/// The end of a request as a document of a flow. Request and end are the key: repeated pushes and
/// what a reconciliation found out are one and the same, and a request that is returned, corrected
/// and approved ends twice.
#[must_use]
pub fn ended_request(request: &str, end: &RequestEnd) -> Document {
    let word = match end.end {
        End::Approved => "approved",
        End::Rejected => "rejected",
        End::Forced => "forced",
        End::Unclear => "unclear",
    };
    // Three texts always have a JSON form.
    let content = RawJson::of(end).unwrap_or_else(|_| RawJson::null());
    Document::new(format!("{request}:{word}"), content).about(request).order(request)
}

/// The keys of a [`ResultMap`](ecology_oa::callback::ResultMap).
pub(crate) const RESULTS: &[Key] = &[optional(
    "results",
    Shape::Table(&[
        default("request_id", Shape::Text, r#""/requestid""#, "Where the id of the request is."),
        default("status", Shape::Text, r#""/status""#, "Where the status is."),
        default("remark", Shape::Text, r#""/remark""#, "Where the opinion is."),
        default("approver", Shape::Text, r#""/approver""#, "Where the approver is."),
        optional(
            "approved",
            Shape::Texts,
            "The statuses that mean approved; 1, Y, true, approved, pass, 同意, 通过, 批准 if unset.",
        ),
        optional(
            "rejected",
            Shape::Texts,
            "Those that mean refused; 0, 2, N, false, rejected, refuse, 不同意, 拒绝, 退回, 驳回 if unset.",
        ),
    ]),
    "What OA posts when a request ends: where it stands in the body (JSON pointers), and what a status means. One in neither list decides nothing.",
)];
