//! Writing organisation data.

use std::collections::BTreeMap;

use erplink_core::Idempotency;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Hrm, identified};
use crate::client::Endpoint;
use crate::encoding::Params;
use crate::error::{Error, Expect, Result};
use crate::lenient::into_text;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyncKind {
    /// Subsidiaries (分部), keyed by `code`.
    Subcompany,
    /// Departments (部门), keyed by `code`.
    Department,
    /// Positions (岗位), keyed by their code.
    JobTitle,
    /// People (人员), keyed by `workcode`.
    User,
}

impl SyncKind {
    fn endpoint(self) -> Endpoint {
        let name = match self {
            Self::Subcompany => "POST /api/hrm/resful/synSubcompany",
            Self::Department => "POST /api/hrm/resful/synDepartment",
            Self::JobTitle => "POST /api/hrm/resful/synJobtitle",
            Self::User => "POST /api/hrm/resful/synHrmresource",
        };
        Endpoint::new(name, Idempotency::NotIdempotent, Expect::Hrm)
    }
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Synced {
    /// Whether it was written.
    pub is_done: bool,
    /// The platform's words.
    pub message: Option<String>,
}

impl Hrm {
    /// `POST /api/hrm/resful/synDepartment` and its siblings: writes organisation data (组织架构同步).
    /// Answers the outcome of each item under its key.
    ///
    /// Items are the platform's own objects, such as
    /// `{"@action":"add","code":"D1","shortname":"采购部","fullname":"采购部","org_code":"HQ","parent_code":"0"}`
    /// with the actions `add`, `edit` and `delete`.
    ///
    /// # Errors
    /// When the call as a whole failed. Items that were refused one by one are no error.
    pub async fn sync(
        &self,
        kind: SyncKind,
        items: Vec<Map<String, Value>>,
    ) -> Result<BTreeMap<String, Synced>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            result: BTreeMap<String, Value>,
        }
        if items.is_empty() {
            return Err(Error::invalid("items: there is nothing to write"));
        }
        let items = items.into_iter().map(Value::Object).collect();
        let params = Params::new().nested("data", items);
        let exchange = kind.endpoint().exchange().body(params.body(self.client.encoding()));
        let answer: Answer = self.client.call(&identified(&self.client, exchange)?).await?;
        let synced = |item: Value| Synced {
            is_done: item.get("code").and_then(into_text).as_deref() == Some("1"),
            message: item.get("msg").and_then(into_text),
        };
        Ok(answer.result.into_iter().map(|(code, item)| (code, synced(item))).collect())
    }
}
