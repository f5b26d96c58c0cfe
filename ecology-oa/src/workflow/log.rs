//! The log of a request: who did what.

use chrono::NaiveDateTime;
use erplink_core::{Results, json};
use serde::Deserialize;

use super::{Workflow, check_request, walk};
use crate::client::{Client, Endpoint};
use crate::error::{Error, Result};

pub(super) const LOG: Endpoint = Endpoint::query("GET /api/workflow/paService/getRequestLog");

/// More than the default of 10, which would cost many calls on long flows.
const PAGE_SIZE: u32 = 50;

erplink_core::open_enum! {
    /// What was done (`logtype`).
    pub enum LogType {
        /// Approved (批准).
        Approve = "0",
        /// Saved (保存).
        Save = "1",
        /// Submitted (提交).
        Submit = "2",
        /// Returned (退回).
        Reject = "3",
        /// Reopened (重新打开).
        Reopen = "4",
        /// Deleted (删除).
        Delete = "5",
        /// Activated (激活).
        Activate = "6",
        /// Forwarded (转发).
        Forward = "7",
        /// Annotated (批注).
        Annotate = "9",
        /// Asked for an opinion (意见征询).
        Consult = "a",
        /// Gave an opinion (意见征询回复).
        ConsultReply = "b",
        /// Archived by force (强制归档).
        ForceArchive = "e",
        /// Handed over (转办).
        HandOver = "h",
        /// Intervened (干预).
        Intervene = "i",
        /// Reported back after a hand-over (转办反馈).
        HandOverFeedback = "j",
        /// Supervised (督办).
        Supervise = "s",
        /// Copied (抄送).
        Copy = "t",
    }
}

impl LogType {
    /// Whether the entry moved the request or decided on it. What merely comments or informs, and
    /// what is unknown, does not.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        matches!(
            self,
            Self::Approve
                | Self::Submit
                | Self::Reject
                | Self::Reopen
                | Self::Delete
                | Self::Activate
                | Self::ForceArchive
                | Self::Intervene
        )
    }
}

/// One entry of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LogEntry {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub id: Option<i64>,
    /// Id of the node.
    #[serde(rename = "nodeid", deserialize_with = "crate::lenient::int")]
    pub node_id: Option<i64>,
    /// Name of the node.
    #[serde(rename = "nodename", deserialize_with = "crate::lenient::text")]
    pub node_name: Option<String>,
    /// OA user id of who did it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operator: Option<String>,
    /// Department id of who did it.
    #[serde(rename = "operatorDept", deserialize_with = "crate::lenient::text")]
    pub operator_dept: Option<String>,
    /// The day: `2019-12-31`.
    #[serde(rename = "operatedate", deserialize_with = "crate::lenient::text")]
    pub operate_date: Option<String>,
    /// The time of day: `14:51:13`, China time.
    #[serde(rename = "operatetime", deserialize_with = "crate::lenient::text")]
    pub operate_time: Option<String>,
    /// What was done.
    #[serde(rename = "logtype", deserialize_with = "crate::lenient::open")]
    pub log_type: Option<LogType>,
    /// The opinion, as HTML.
    #[serde(rename = "remarkHtml", deserialize_with = "crate::lenient::text")]
    pub remark_html: Option<String>,
    /// Names of those who received it next.
    #[serde(rename = "receivedPersons", deserialize_with = "crate::lenient::text")]
    pub received_persons: Option<String>,
    /// OA user ids of those who received it next, with commas between.
    #[serde(rename = "receivedPersonids", deserialize_with = "crate::lenient::text")]
    pub received_person_ids: Option<String>,
    /// Id of the node it went to.
    #[serde(rename = "destnodeid", deserialize_with = "crate::lenient::int")]
    pub destination_node_id: Option<i64>,
}

impl LogEntry {
    /// When it was done, China time.
    #[must_use]
    pub fn at(&self) -> Option<NaiveDateTime> {
        let date = erplink_core::date::date(self.operate_date.as_deref()?).ok()?;
        let time = erplink_core::date::time(self.operate_time.as_deref()?).ok()?;
        Some(date.and_time(time))
    }
}

/// Lists the log of a request. From [`Workflow::log`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `entries`"]
pub struct ListLog {
    client: Client,
    request_id: i64,
    page_size: u32,
}

impl Workflow {
    /// `GET /api/workflow/paService/getRequestLog`: the log of a request (流转意见).
    pub fn log(&self, request_id: i64) -> ListLog {
        ListLog { client: self.client.clone(), request_id, page_size: PAGE_SIZE }
    }
}

impl ListLog {
    /// Entries in one page, at least 1. Default 50.
    pub fn page_size(mut self, entries: u32) -> Self {
        self.page_size = entries.max(1);
        self
    }

    /// The entries, each once, in the order of the platform.
    pub fn entries(self) -> Results<LogEntry, Error> {
        let size = self.page_size as usize;
        let key = |entry: &LogEntry| entry.id.map(|id| id.to_string());
        walk(size, key, move |page| {
            let this = self.clone();
            async move { this.page(page).await }
        })
    }

    async fn page(&self, page: u32) -> Result<Vec<LogEntry>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "crate::lenient::list")]
            data: Vec<LogEntry>,
        }
        check_request(self.request_id)?;
        let paging = serde_json::json!({ "pageSize": self.page_size, "pageNumber": page });
        let exchange = LOG
            .exchange()
            .query("requestId", self.request_id.to_string())
            .query("otherParams", paging.to_string());
        let body = self.client.run(&exchange).await?;
        let answer: Answer = json::decode(&body).map_err(|error| exchange.decode_error(error))?;
        Ok(answer.data)
    }
}
