//! Where a body of somebody else's design says what was decided.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{CallbackError, Push};

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Approved (同意).
    Approved,
    /// Refused or returned (拒绝/退回).
    Rejected,
}

/// The result of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApprovalResult {
    /// The id of the request, as text.
    pub request_id: String,
    /// What was decided.
    pub decision: Decision,
    /// The status as it was sent.
    pub status: String,
    /// The opinion.
    pub remark: Option<String>,
    /// Who decided, mostly an OA user id.
    pub approver: Option<String>,
}

impl ApprovalResult {
    /// The same for every delivery of the same result.
    ///
    /// A request that is returned, corrected and approved has two results: they differ in it. One
    /// that is returned twice has the same result twice: act on it again, it is harmless.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        format!("{}:{}", self.request_id, self.status)
    }
}

/// Where request, status, opinion and approver stand in the body, and what a status means.
///
/// **Set the statuses explicitly**: `0` and `2` mean different things at different customers.
/// Texts are compared without surrounding spaces and without regard to ASCII case. A status that is
/// in neither set is an error and never an approval.
///
/// ```
/// use ecology_oa::callback::ResultMap;
///
/// let map: ResultMap = serde_json::from_str(
///     r#"{"request_id": "/mainData/requestid", "approved": ["通过"], "rejected": ["驳回"]}"#,
/// )?;
/// map.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[must_use]
pub struct ResultMap {
    request_id: String,
    status: String,
    remark: String,
    approver: String,
    approved: BTreeSet<String>,
    rejected: BTreeSet<String>,
}

const APPROVED: [&str; 8] = ["1", "Y", "true", "approved", "pass", "同意", "通过", "批准"];
const REJECTED: [&str; 10] =
    ["0", "2", "N", "false", "rejected", "refuse", "不同意", "拒绝", "退回", "驳回"];

impl Default for ResultMap {
    /// The members `requestid`, `status`, `remark` and `approver`. Approved: `1`, `Y`, `true`,
    /// `approved`, `pass`, `同意`, `通过`, `批准`. Rejected: `0`, `2`, `N`, `false`, `rejected`,
    /// `refuse`, `不同意`, `拒绝`, `退回`, `驳回`.
    fn default() -> Self {
        Self {
            request_id: "/requestid".to_owned(),
            status: "/status".to_owned(),
            remark: "/remark".to_owned(),
            approver: "/approver".to_owned(),
            approved: APPROVED.map(ToOwned::to_owned).into(),
            rejected: REJECTED.map(ToOwned::to_owned).into(),
        }
    }
}

/// Why a [`ResultMap`] cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResultMapError {
    /// A path that is no JSON Pointer.
    #[error("`{pointer}` is not a JSON Pointer: it has to begin with a slash, such as /requestid")]
    Pointer {
        /// The path.
        pointer: String,
    },
    /// A status that means both.
    #[error("the status `{status}` is configured as approved and as rejected")]
    Ambiguous {
        /// The status.
        status: String,
    },
    /// No status means approved.
    #[error("no status is configured as approved: every result would be refused")]
    NothingApproved,
}

impl ResultMap {
    /// The default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the id of the request stands, as a JSON Pointer. Default `/requestid`.
    pub fn request_id_at(mut self, pointer: impl Into<String>) -> Self {
        self.request_id = pointer.into();
        self
    }

    /// Where the status stands. Default `/status`.
    pub fn status_at(mut self, pointer: impl Into<String>) -> Self {
        self.status = pointer.into();
        self
    }

    /// Where the opinion stands. Default `/remark`.
    pub fn remark_at(mut self, pointer: impl Into<String>) -> Self {
        self.remark = pointer.into();
        self
    }

    /// Where the approver stands. Default `/approver`.
    pub fn approver_at(mut self, pointer: impl Into<String>) -> Self {
        self.approver = pointer.into();
        self
    }

    /// The statuses that mean approved, instead of the default ones.
    pub fn approved<S: Into<String>>(mut self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.approved = statuses.into_iter().map(Into::into).collect();
        self
    }

    /// The statuses that mean rejected, instead of the default ones.
    pub fn rejected<S: Into<String>>(mut self, statuses: impl IntoIterator<Item = S>) -> Self {
        self.rejected = statuses.into_iter().map(Into::into).collect();
        self
    }

    /// Checks paths and statuses, best before the first push.
    ///
    /// # Errors
    /// When a path is no JSON Pointer, a status means both, or none means approved.
    pub fn check(&self) -> Result<(), ResultMapError> {
        for pointer in [&self.request_id, &self.status, &self.remark, &self.approver] {
            if !pointer.starts_with('/') {
                return Err(ResultMapError::Pointer { pointer: pointer.clone() });
            }
        }
        if self.approved.is_empty() {
            return Err(ResultMapError::NothingApproved);
        }
        if let Some(status) = self.approved.iter().find(|status| holds(&self.rejected, status)) {
            return Err(ResultMapError::Ambiguous { status: status.clone() });
        }
        Ok(())
    }

    /// Reads the result of an approval.
    ///
    /// # Errors
    /// When the id or the status is missing, or the status is not known.
    pub fn read(&self, push: &Push) -> Result<ApprovalResult, CallbackError> {
        let request_id = required(push, &self.request_id, "the id of the request")?;
        let status = required(push, &self.status, "the status of the approval")?;
        let decision = match (holds(&self.approved, &status), holds(&self.rejected, &status)) {
            (true, false) => Decision::Approved,
            (false, true) => Decision::Rejected,
            _ => {
                return Err(CallbackError::UnknownStatus {
                    pointer: self.status.clone(),
                    found: status.chars().take(40).collect(),
                });
            }
        };
        Ok(ApprovalResult {
            request_id,
            decision,
            status,
            remark: push.text(&self.remark),
            approver: push.text(&self.approver),
        })
    }
}

fn required(push: &Push, pointer: &str, what: &'static str) -> Result<String, CallbackError> {
    push.text(pointer)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .ok_or_else(|| CallbackError::Missing { pointer: pointer.to_owned(), what })
}

fn holds(set: &BTreeSet<String>, status: &str) -> bool {
    set.iter().any(|known| known.trim().eq_ignore_ascii_case(status.trim()))
}
