use async_trait::async_trait;
use blacklake_mes::Client;
use blacklake_mes::id::{FeedDetailId, TaskId, WorkOrderId};
use erplink_core::RawJson;
use erplink_sync::ports::{PageRequest, Source, SourcePage};
use erplink_sync::{Document, Failure};
use serde::{Deserialize, Serialize};

use super::{Windows, failure};

/// That something was fed (投料), as the content of a document: what a push or a list says about it,
/// which is little. Its amount is asked for when it is booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Feeding {
    /// A row of a feeding record.
    #[serde(rename_all = "camelCase")]
    Row {
        /// Its id (`feedRecordDetailId`).
        id: FeedDetailId,
        /// The work order, where it is known.
        work_order_id: Option<WorkOrderId>,
        /// The task, where it is known.
        task_id: Option<TaskId>,
    },
    /// A push that cannot be read, for this reason.
    Unreadable(String),
}

/// A row of a feeding record as a document: the same, whether it was pushed or listed, however often.
/// One that did not say what was fed to is replaced by one that does.
#[must_use]
pub fn feeding_document(
    id: FeedDetailId,
    work_order_id: Option<WorkOrderId>,
    task_id: Option<TaskId>,
) -> Document {
    let is_complete = work_order_id.is_some() || task_id.is_some();
    let version = if is_complete { "complete" } else { "bare" };
    document(&id.to_string(), version, &Feeding::Row { id, work_order_id, task_id })
}

pub(super) fn unreadable_document(key: &str, problem: &str) -> Document {
    document(key, "unreadable", &Feeding::Unreadable(problem.to_owned()))
}

fn document(id: &str, version: &str, feeding: &Feeding) -> Document {
    let content = RawJson::of(feeding).unwrap_or_else(|_| RawJson::null());
    Document::new(id, content).version(version).about(id)
}

/// Rows of feeding records (投料记录), in place of pushes that got lost.
#[derive(Clone, Debug)]
pub struct Feedings {
    mes: Client,
    windows: Windows,
}

impl Feedings {
    /// By the time they were fed.
    #[must_use]
    pub fn new(mes: Client, windows: Windows) -> Self {
        Self { mes, windows }
    }
}

#[async_trait]
impl Source for Feedings {
    fn system(&self) -> &str {
        super::SYSTEM
    }

    async fn page(&self, request: PageRequest) -> Result<SourcePage, Failure> {
        let Some(window) = self.windows.of(&request)? else { return Ok(SourcePage::default()) };
        let mut rows = self.mes.production().feedings(window.from, window.to).rows();
        let mut documents = Vec::new();
        while let Some(row) = rows.next().await.transpose().map_err(failure)? {
            documents.push(feeding_document(row.feed_record_detail_id, None, row.task_id));
        }
        Ok(window.page(documents))
    }
}
