//! Whom a request waits for.

use serde::Deserialize;

use super::Workflow;
use crate::client::Endpoint;
use crate::error::Result;

pub(super) const OPERATORS: Endpoint =
    Endpoint::query("GET /api/workflow/paService/getRequestOperatorInfo");

erplink_core::open_enum! {
    /// What a request is to one of its operators (`isremark`).
    pub enum OperatorState {
        /// To do.
        Pending = "0",
        /// Forwarded, to do.
        ForwardedPending = "1",
        /// Done.
        Done = "2",
        /// Archived.
        Archived = "4",
        /// Copied.
        Copied = "8" | "9",
        /// Circulated.
        Circulated = "11",
    }
}

/// Somebody a request waits for or waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Operator {
    /// Id of the entry.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub id: Option<i64>,
    /// Id of the node.
    #[serde(rename = "nodeid", deserialize_with = "crate::lenient::int")]
    pub node_id: Option<i64>,
    /// Name of the node.
    #[serde(rename = "nodeName", deserialize_with = "crate::lenient::text")]
    pub node_name: Option<String>,
    /// OA user id.
    #[serde(rename = "userid", deserialize_with = "crate::lenient::text")]
    pub user_id: Option<String>,
    /// Name.
    #[serde(rename = "userName", deserialize_with = "crate::lenient::text")]
    pub user_name: Option<String>,
    /// `0` an employee, `1` from outside.
    #[serde(rename = "userType", deserialize_with = "crate::lenient::text")]
    pub user_type: Option<String>,
    /// `0` not seen, `-1` seen with news since, `-2` seen.
    #[serde(rename = "viewType", deserialize_with = "crate::lenient::text")]
    pub view_type: Option<String>,
    /// What the request is to this user.
    #[serde(deserialize_with = "crate::lenient::open")]
    pub isremark: Option<OperatorState>,
    /// The day of its receipt.
    #[serde(rename = "receivedate", deserialize_with = "crate::lenient::text")]
    pub receive_date: Option<String>,
    /// The time of its receipt, China time.
    #[serde(rename = "receivetime", deserialize_with = "crate::lenient::text")]
    pub receive_time: Option<String>,
    /// The day it was handled.
    #[serde(rename = "operatedate", deserialize_with = "crate::lenient::text")]
    pub operate_date: Option<String>,
    /// The time it was handled, China time.
    #[serde(rename = "operatetime", deserialize_with = "crate::lenient::text")]
    pub operate_time: Option<String>,
}

impl Workflow {
    /// `GET /api/workflow/paService/getRequestOperatorInfo`: whom a request waits or waited for
    /// (操作者信息).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn operators(&self, request_id: i64) -> Result<Vec<Operator>> {
        // The parameter is spelt in lower case here.
        Ok(self.about(OPERATORS, "requestid", request_id).await?.0)
    }
}
