//! Where a request is, and what became of it.

use erplink_core::RawJson;
use serde::Deserialize;

use super::Workflow;
use super::list::WorkflowInfo;
use super::log::{LogEntry, LogType};
use super::operators::OperatorState;
use crate::client::Endpoint;
use crate::error::Result;

pub(super) const STATUS: Endpoint = Endpoint::query("GET /api/workflow/paService/getRequestStatus");

erplink_core::open_enum! {
    /// The kind of a node (`currentNodeType`).
    pub enum NodeType {
        /// Where the request is made (创建).
        Create = "0",
        /// Where it is approved (审批).
        Approve = "1",
        /// Where it is handled (处理).
        Submit = "2",
        /// The archive (归档): the request is over.
        Archive = "3",
    }
}

/// How far a request is. From [`Workflow::outcome`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Not over, and not back at its creator.
    Running,
    /// Archived, and the last decision was an approval or a submit.
    Approved,
    /// Archived by force: somebody with the right ended it. Not an approval.
    ForceArchived,
    /// Returned to the node where it was made: its creator may correct and submit it again.
    Returned,
    /// Over or back, but the log does not say why. Somebody has to look at it.
    Unclear,
}

/// Where a request is. From [`Workflow::status`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RequestStatus {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub request_id: Option<i64>,
    /// Its title.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub request_name: Option<String>,
    /// OA user id of who started it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub creator_id: Option<String>,
    /// Id of the current node.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub current_node_id: Option<i64>,
    /// Kind of the current node.
    #[serde(deserialize_with = "crate::lenient::open")]
    pub current_node_type: Option<NodeType>,
    /// Name of the exit it took last: **not** a state.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub status: Option<String>,
    /// What it is to the user of the call.
    #[serde(deserialize_with = "crate::lenient::open")]
    pub isremark: Option<OperatorState>,
    /// Id of its workflow.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub workflow_id: Option<i64>,
    /// The workflow it belongs to.
    pub workflow_base_info: Option<WorkflowInfo>,
    /// Everything, as it was sent.
    #[serde(skip)]
    pub raw: Option<RawJson>,
}

impl RequestStatus {
    /// Whether it is archived (归档): over, by decision or by force.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.current_node_type == Some(NodeType::Archive)
    }

    /// How far it is, judged by the log.
    #[must_use]
    pub fn outcome(&self, log: &[LogEntry]) -> Outcome {
        let last = log
            .iter()
            .filter(|entry| entry.log_type.as_ref().is_some_and(LogType::is_decision))
            .max_by_key(|entry| (entry.at(), entry.id))
            .and_then(|entry| entry.log_type.clone());
        match (self.current_node_type.as_ref(), last) {
            (Some(NodeType::Archive), Some(LogType::Approve | LogType::Submit)) => {
                Outcome::Approved
            }
            (Some(NodeType::Archive), Some(LogType::ForceArchive)) => Outcome::ForceArchived,
            (Some(NodeType::Create), Some(LogType::Reject)) => Outcome::Returned,
            (Some(NodeType::Archive), _) | (None, _) => Outcome::Unclear,
            _ => Outcome::Running,
        }
    }
}

impl Workflow {
    /// `GET /api/workflow/paService/getRequestStatus`: where a request is (流程状态).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn status(&self, request_id: i64) -> Result<RequestStatus> {
        let (mut status, raw): (RequestStatus, _) =
            self.about(STATUS, "requestId", request_id).await?;
        status.raw = Some(raw);
        Ok(status)
    }

    /// Whether a request is approved, returned or still running: [`status`](Self::status) and the
    /// whole [`log`](Self::log) in at least two calls.
    ///
    /// For results that were never pushed: OA tells of an approval if it is set up to, and of a
    /// return only if that was ticked as well. Directly after an action the answer may be the old
    /// one.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn outcome(&self, request_id: i64) -> Result<Outcome> {
        let status = self.status(request_id).await?;
        let log = self.log(request_id).entries().try_collect().await?;
        Ok(status.outcome(&log))
    }
}
