//! Moving a request: submit, reject, forward, take back, delete.

use erplink_core::ErrorKind;
use serde_json::{Map, Value};

use super::form::{DetailTable, Field, check_details, check_fields, encode_details, encode_fields};
use super::{Workflow, awaitable, check_request, join_users, required};
use crate::client::{Client, Endpoint};
use crate::encoding::Params;
use crate::error::{Error, Result};

pub(super) const SUBMIT: Endpoint = Endpoint::action("POST /api/workflow/paService/submitRequest");
pub(super) const REJECT: Endpoint = Endpoint::action("POST /api/workflow/paService/rejectRequest");
pub(super) const FORWARD: Endpoint =
    Endpoint::action("POST /api/workflow/paService/forwardRequest");
pub(super) const WITHDRAW: Endpoint =
    Endpoint::action("POST /api/workflow/paService/withdrawRequest");
pub(super) const DELETE: Endpoint = Endpoint::action("POST /api/workflow/paService/deleteRequest");
pub(super) const FORCE_ARCHIVE: Endpoint =
    Endpoint::action("POST /api/workflow/paService/doForceOver");
pub(super) const FORCE_WITHDRAW: Endpoint =
    Endpoint::action("POST /api/workflow/paService/doForceDrawBack");
pub(super) const INTERVENE: Endpoint =
    Endpoint::action("POST /api/workflow/paService/doIntervenor");
pub(super) const SAVE_LOG: Endpoint =
    Endpoint::action("POST /api/workflow/paService/saveRequestLog");

/// What the calls of this file have in common.
#[derive(Clone, Debug)]
struct Action {
    client: Client,
    request_id: i64,
    remark: Option<String>,
    options: Map<String, Value>,
}

impl Action {
    fn new(workflow: &Workflow, request_id: i64) -> Self {
        let client = workflow.client.clone();
        Self { client, request_id, remark: None, options: Map::new() }
    }

    fn option(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.options.insert(name.into(), value.into());
    }

    /// Sends `requestId`, then what `add` adds, then the options.
    async fn send(self, endpoint: Endpoint, add: impl FnOnce(Params) -> Params) -> Result<()> {
        check_request(self.request_id)?;
        let params = Params::new().int("requestId", self.request_id);
        let params =
            add(params).text_if("remark", self.remark.as_deref()).other_params(self.options);
        let exchange = endpoint.exchange().body(params.body(self.client.encoding()));
        self.client.run(&exchange).await.map(|_| ())
    }
}

/// The options that several calls share.
macro_rules! common_options {
    (remark) => {
        /// The sign-off text (签字意见).
        pub fn remark(mut self, remark: impl Into<String>) -> Self {
            self.action.remark = Some(remark.into());
            self
        }
    };
    (monitor) => {
        /// Uses the user's right to monitor (监控权限) instead of that of the flow.
        pub fn as_monitor(mut self) -> Self {
            self.action.option("ismonitor", "1");
            self
        }
    };
    (option) => {
        /// Any other member of `otherParams`.
        pub fn option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
            self.action.option(name, value);
            self
        }
    };
}

impl Workflow {
    /// `POST /api/workflow/paService/submitRequest`: submits or approves (提交/批准) a request at
    /// its current node. Await it.
    ///
    /// Without fields the request only moves. Success does not mean that the request left the node:
    /// where several people sign, each has to.
    ///
    /// # Errors
    /// `NO_PERMISSION` when the user is no current operator, which is also what a second submit
    /// gets: after a lost answer read the [log](Self::log) before you submit again.
    pub fn submit(&self, request_id: i64) -> Submit {
        Submit {
            action: Action::new(self, request_id),
            fields: Vec::new(),
            details: Vec::new(),
            workflow_id: None,
        }
    }

    /// `POST /api/workflow/paService/rejectRequest`: returns a request (退回), along the configured
    /// exit or to a chosen node. Await it.
    ///
    /// # Errors
    /// As [`submit`](Self::submit).
    pub fn reject(&self, request_id: i64) -> Reject {
        Reject { action: Action::new(self, request_id) }
    }

    /// `POST /api/workflow/paService/forwardRequest`: forwards a request (转发), asks for an opinion
    /// (意见征询) or hands it over (转办) to other users. Await it.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] without users, or with several to hand over to.
    pub fn forward<I: Into<String>>(
        &self,
        request_id: i64,
        kind: ForwardKind,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Forward {
        Forward {
            action: Action::new(self, request_id),
            kind,
            users: user_ids.into_iter().map(Into::into).collect(),
        }
    }

    /// `POST /api/workflow/paService/withdrawRequest`: takes a request back (撤回). Await it.
    pub fn withdraw(&self, request_id: i64) -> Withdraw {
        Withdraw { action: Action::new(self, request_id), remind: None }
    }

    /// `POST /api/workflow/paService/deleteRequest`: deletes a request (删除). Await it.
    pub fn delete(&self, request_id: i64) -> Delete {
        Delete { action: Action::new(self, request_id) }
    }

    /// `POST /api/workflow/paService/doForceOver`: archives a request by force (强制归档). Await it.
    pub fn force_archive(&self, request_id: i64) -> ForceArchive {
        ForceArchive { action: Action::new(self, request_id) }
    }

    /// `POST /api/workflow/paService/doForceDrawBack`: takes a request back by force (强制收回).
    /// Await it.
    pub fn force_withdraw(&self, request_id: i64) -> ForceWithdraw {
        ForceWithdraw { action: Action::new(self, request_id) }
    }

    /// `POST /api/workflow/paService/doIntervenor`: an administrator moves the request to a node
    /// and names its operators (流程干预). Await it.
    pub fn intervene<I: Into<String>>(
        &self,
        request_id: i64,
        node_id: i64,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Intervene {
        Intervene {
            action: Action::new(self, request_id),
            node_id,
            users: user_ids.into_iter().map(Into::into).collect(),
            sign_type: None,
            run_node_actions: None,
        }
    }

    /// `POST /api/workflow/paService/saveRequestLog`: writes an opinion (批注) into the log without
    /// moving the request. Await it.
    pub fn save_log(&self, request_id: i64, remark: impl Into<String>) -> SaveLog {
        let mut action = Action::new(self, request_id);
        action.remark = Some(remark.into());
        SaveLog { action }
    }
}

/// A submit. From [`Workflow::submit`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Submit {
    action: Action,
    fields: Vec<Field>,
    details: Vec<DetailTable>,
    workflow_id: Option<i64>,
}

impl Submit {
    common_options!(remark);
    common_options!(option);

    /// Changes a field of the main table.
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Changes rows of a detail table.
    pub fn detail(mut self, table: DetailTable) -> Self {
        self.details.push(table);
        self
    }

    /// Saves the form and does not move the request (`src` `save`).
    pub fn save_only(mut self) -> Self {
        self.action.option("src", "save");
        self
    }

    /// Lets the platform check the mandatory fields, which it does not do by default.
    pub fn check_mandatory(mut self) -> Self {
        self.action.option("judgeFormMustInput", "1");
        self
    }

    /// Sends the id of the workflow as well: some patches want it.
    pub fn workflow_id(mut self, id: i64) -> Self {
        self.workflow_id = Some(id);
        self
    }

    async fn send(self) -> Result<()> {
        check_fields("main table", &self.fields)?;
        check_details(&self.details, false)?;
        let prefix = self.action.client.inner.attachment_prefix.clone();
        self.action
            .send(SUBMIT, |mut params| {
                if let Some(id) = self.workflow_id {
                    params = params.int("workflowId", id);
                }
                if !self.fields.is_empty() {
                    params = params.nested("mainData", encode_fields(&self.fields, &prefix));
                }
                if !self.details.is_empty() {
                    params = params.nested("detailData", encode_details(&self.details, &prefix));
                }
                params
            })
            .await
    }
}

/// A return. From [`Workflow::reject`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Reject {
    action: Action,
}

impl Reject {
    common_options!(remark);
    common_options!(option);

    /// Returns to this node instead of along the configured exit.
    pub fn to_node(mut self, node_id: i64) -> Self {
        self.action.option("RejectToType", 0);
        self.action.option("RejectToNodeid", node_id);
        self
    }

    /// After its correction the request comes straight back to this node (`isSubmitDirect` 0)
    /// instead of passing all nodes in between again (1).
    pub fn straight_back(mut self, straight: bool) -> Self {
        self.action.option("isSubmitDirect", if straight { "0" } else { "1" });
        self
    }

    async fn send(self) -> Result<()> {
        self.action.send(REJECT, |params| params).await
    }
}

/// What the other users are asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardKind {
    /// To take note (转发).
    Forward,
    /// To give an opinion (意见征询).
    Consult,
    /// To decide instead (转办): exactly one user.
    HandOver,
}

/// A forward. From [`Workflow::forward`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Forward {
    action: Action,
    kind: ForwardKind,
    users: Vec<String>,
}

impl Forward {
    common_options!(remark);
    common_options!(option);

    async fn send(self) -> Result<()> {
        let users = join_users("user_ids", &self.users)?;
        let flag = match self.kind {
            ForwardKind::Forward => 1,
            ForwardKind::Consult => 2,
            ForwardKind::HandOver if self.users.len() > 1 => {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!("user_ids: a request is handed over to one user, found {users}"),
                ));
            }
            ForwardKind::HandOver => 3,
        };
        self.action
            .send(FORWARD, |params| {
                params.int("forwardFlag", flag).text("forwardResourceIds", users)
            })
            .await
    }
}

/// A take-back. From [`Workflow::withdraw`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Withdraw {
    action: Action,
    remind: Option<bool>,
}

impl Withdraw {
    common_options!(remark);

    /// Whether those it is taken from are told.
    pub fn remind(mut self, remind: bool) -> Self {
        self.remind = Some(remind);
        self
    }

    async fn send(self) -> Result<()> {
        let remind = self.remind.map(i64::from);
        self.action
            .send(WITHDRAW, |params| match remind {
                Some(remind) => params.int("isremind", remind),
                None => params,
            })
            .await
    }
}

/// A deletion. From [`Workflow::delete`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Delete {
    action: Action,
}

impl Delete {
    common_options!(monitor);

    async fn send(self) -> Result<()> {
        self.action.send(DELETE, |params| params).await
    }
}

/// An archiving by force. From [`Workflow::force_archive`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct ForceArchive {
    action: Action,
}

impl ForceArchive {
    common_options!(remark);
    common_options!(monitor);

    async fn send(self) -> Result<()> {
        self.action.send(FORCE_ARCHIVE, |params| params).await
    }
}

/// A take-back by force. From [`Workflow::force_withdraw`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct ForceWithdraw {
    action: Action,
}

impl ForceWithdraw {
    common_options!(monitor);

    async fn send(self) -> Result<()> {
        self.action.send(FORCE_WITHDRAW, |params| params).await
    }
}

/// Who of several operators has to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignType {
    /// Any one (非会签).
    Any,
    /// All (会签).
    All,
    /// One after the other (依次逐个处理).
    InTurn,
}

/// An intervention. From [`Workflow::intervene`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct Intervene {
    action: Action,
    node_id: i64,
    users: Vec<String>,
    sign_type: Option<SignType>,
    run_node_actions: Option<bool>,
}

impl Intervene {
    common_options!(remark);

    /// Who of the operators has to sign.
    pub fn sign_type(mut self, sign_type: SignType) -> Self {
        self.sign_type = Some(sign_type);
        self
    }

    /// Whether the actions before the node run (节点前附加操作).
    pub fn run_node_actions(mut self, run: bool) -> Self {
        self.run_node_actions = Some(run);
        self
    }

    async fn send(self) -> Result<()> {
        let users = join_users("user_ids", &self.users)?;
        self.action
            .send(INTERVENE, |params| {
                let mut params =
                    params.int("submitNodeId", self.node_id).text("Intervenorid", users);
                if let Some(sign_type) = self.sign_type {
                    params = params.int("SignType", sign_type as i64);
                }
                if let Some(run) = self.run_node_actions {
                    params = params.text("enableIntervenor", run.to_string());
                }
                params
            })
            .await
    }
}

/// An opinion for the log. From [`Workflow::save_log`].
#[derive(Clone, Debug)]
#[must_use = "requests do nothing unless they are awaited"]
pub struct SaveLog {
    action: Action,
}

impl SaveLog {
    common_options!(option);

    async fn send(self) -> Result<()> {
        required("remark", self.action.remark.as_deref().unwrap_or_default())?;
        self.action.send(SAVE_LOG, |params| params).await
    }
}

awaitable!(Submit => ());
awaitable!(Reject => ());
awaitable!(Forward => ());
awaitable!(Withdraw => ());
awaitable!(Delete => ());
awaitable!(ForceArchive => ());
awaitable!(ForceWithdraw => ());
awaitable!(Intervene => ());
awaitable!(SaveLog => ());
