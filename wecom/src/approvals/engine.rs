//! The flow engine (审批流程引擎): flows that a self-built app starts from its own page.
//!
//! Not to be confused with the approval app: these flows have a number of the app's own
//! (`thirdNo`), no controls, and the server can only query them.

use chrono::{DateTime, Utc};
use erplink_core::Idempotency;
use serde_json::json;

use super::Approvals;
use super::status::ApproverAttr;
use crate::client::{Endpoint, Input};
use crate::contacts::required;
use crate::error::Result;
use crate::number_enum::number_enum;
use crate::tree::Tree;

const QUERY: Endpoint = Endpoint::new("POST /cgi-bin/corp/getopenapprovaldata", Idempotency::Safe);

number_enum! {
    /// State of a flow of the flow engine.
    pub enum EngineStatus {
        /// Under approval (审批中).
        Pending = 1,
        /// Passed (已通过).
        Passed = 2,
        /// Rejected (已驳回).
        Rejected = 3,
        /// Revoked (已取消).
        Revoked = 4,
    }
}

number_enum! {
    /// State of a node or a person in a flow of the flow engine.
    pub enum EnginePersonStatus {
        /// Not yet (审批中).
        Pending = 1,
        /// Agreed (已同意).
        Agreed = 2,
        /// Rejected (已驳回).
        Rejected = 3,
        /// Handed to another (已转审).
        Transferred = 4,
    }
}

/// A flow of the flow engine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineForm {
    /// The app's own number.
    pub third_no: String,
    /// Id of the flow's template.
    pub template_id: Option<String>,
    /// Name of the flow's template.
    pub name: Option<String>,
    /// Its state.
    pub status: EngineStatus,
    /// When it was started.
    pub applied: Option<DateTime<Utc>>,
    /// Userid of who started it.
    pub applicant: Option<String>,
    /// Name of who started it.
    pub applicant_name: Option<String>,
    /// Department of who started it.
    pub applicant_party: Option<String>,
    /// Its nodes, in order.
    pub nodes: Vec<EngineNode>,
    /// Those who get a copy.
    pub cc: Vec<EngineItem>,
    /// The node it has reached, counted from zero.
    pub step: Option<i64>,
}

/// A node of a flow of the flow engine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineNode {
    /// How far it is.
    pub status: Option<EnginePersonStatus>,
    /// Who of its people has to sign, in the old numbering.
    pub attr: Option<ApproverAttr>,
    /// How its people were found: 1 fixed, 2 by tag, 3 superiors.
    pub kind: Option<i64>,
    /// Its people.
    pub items: Vec<EngineItem>,
}

/// A person in a flow of the flow engine.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EngineItem {
    /// The person.
    pub userid: String,
    /// Their name.
    pub name: Option<String>,
    /// Their department.
    pub party: Option<String>,
    /// What they did.
    pub status: Option<EnginePersonStatus>,
    /// What they wrote.
    pub speech: String,
    /// When they did it.
    pub time: Option<DateTime<Utc>>,
}

impl Approvals {
    /// `POST /cgi-bin/corp/getopenapprovaldata`: a flow of the **flow engine** by the app's own
    /// number (查询自建应用审批单当前状态). For forms of the approval app take [`get`](Self::get).
    ///
    /// # Errors
    /// As every call.
    pub async fn engine_form(&self, third_no: &str) -> Result<EngineForm> {
        let third_no = required("third_no", third_no)?;
        let input =
            Input::json(&json!({ "thirdNo": third_no }))?.about(format!("thirdNo {third_no}"));
        self.client
            .read(&QUERY, input, |answer| EngineForm::read(Tree::new(answer).get("data")))
            .await
    }
}

impl EngineForm {
    pub(crate) fn read(tree: Tree<'_>) -> Result<Self> {
        let text = |name: &str| tree.get(name).text();
        let nodes = tree.get("ApprovalNodes").get("ApprovalNode").list();
        let cc = tree.get("NotifyNodes").get("NotifyNode").list();
        Ok(Self {
            third_no: tree.get("ThirdNo").require_text("ThirdNo")?,
            template_id: text("OpenTemplateId"),
            name: text("OpenSpName"),
            status: tree.get("OpenSpStatus").require_int("OpenSpStatus")?.into(),
            applied: tree.get("ApplyTime").time(),
            applicant: text("ApplyUserId"),
            applicant_name: text("ApplyUserName"),
            applicant_party: text("ApplyUserParty"),
            nodes: nodes.into_iter().map(EngineNode::read).collect(),
            cc: cc.into_iter().map(EngineItem::read).collect(),
            step: tree.get("ApproverStep").int(),
        })
    }
}

impl EngineNode {
    fn read(tree: Tree<'_>) -> Self {
        let items = tree.get("Items").get("Item").list();
        Self {
            status: tree.get("NodeStatus").int().map(EnginePersonStatus::from),
            attr: tree.get("NodeAttr").int().map(ApproverAttr::from),
            kind: tree.get("NodeType").int(),
            items: items.into_iter().map(EngineItem::read).collect(),
        }
    }
}

impl EngineItem {
    fn read(tree: Tree<'_>) -> Self {
        let text = |name: &str| tree.get(name).text();
        Self {
            userid: text("ItemUserId").unwrap_or_default(),
            name: text("ItemName"),
            party: text("ItemParty"),
            status: tree.get("ItemStatus").int().map(EnginePersonStatus::from),
            speech: text("ItemSpeech").unwrap_or_default(),
            time: tree.get("ItemOpTime").time(),
        }
    }
}
