//! Lists of requests, and of the workflows a user may start.

use erplink_core::{ErrorKind, RawJson, Results, json};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::conditions::Conditions;
use super::{Workflow, walk};
use crate::client::{Client, Endpoint};
use crate::encoding::Params;
use crate::error::{Error, Result};
use crate::lenient::{into_int, into_text};

/// The platform's default is not documented: a size is always sent.
const PAGE_SIZE: u32 = 20;

/// Declares the lists with their two endpoints each.
macro_rules! request_lists {
    ($($(#[$meta:meta])* $name:ident = $list:literal, $count:literal;)+) => {
        /// The lists of requests a user sees.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum RequestList {
            $(
                $(#[$meta])*
                #[doc = concat!("\n\n`POST /api/workflow/paService/", $list, "`")]
                $name,
            )+
        }

        impl RequestList {
            /// Every list.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            pub(super) fn endpoints(self) -> (Endpoint, Endpoint) {
                match self {
                    $(Self::$name => (
                        Endpoint::list(concat!("POST /api/workflow/paService/", $list)),
                        Endpoint::list(concat!("POST /api/workflow/paService/", $count)),
                    ),)+
                }
            }
        }
    };
}

request_lists! {
    /// To do (待办).
    ToDo = "getToDoWorkflowRequestList", "getToDoWorkflowRequestCount";
    /// To do, by tab; see [`ListRequests::tabs`].
    ToDoByTab = "getToDoRequestList", "getToDoRequestCount";
    /// In process (在办).
    Doing = "getDoingWorkflowRequestList", "getDoingWorkflowRequestCount";
    /// Done by the user (已办), without those of other systems.
    Handled = "getHandledWorkflowRequestList", "getHandledWorkflowRequestCount";
    /// Done by the user (已办), with those of other systems on demand.
    HandledAnywhere = "getHandledWorkflowRequestList4Ofs", "getHandledWorkflowRequestCount4Ofs";
    /// Finished (办结).
    Processed = "getProcessedWorkflowRequestList", "getProcessedWorkflowRequestCount";
    /// Started by the user (我的请求).
    Mine = "getMyWorkflowRequestList", "getMyWorkflowRequestCount";
    /// Copied to the user (抄送).
    Copied = "getCCWorkflowRequestList", "getCCWorkflowRequestCount";
    /// Returned to the user (被退回).
    Returned = "getBeRejectWorkflowRequestList", "getBeRejectWorkflowRequestCount";
    /// To read (待阅).
    ToRead = "getToBeReadWorkflowRequestList", "getToBeReadWorkflowRequestCount";
    /// Forwarded to the user (转发).
    Forwarded = "getForwardWorkflowRequestList", "getForwardWorkflowRequestCount";
    /// Everything the user may see.
    All = "getAllWorkflowRequestList", "getAllWorkflowRequestCount";
}

const CREATABLE: Endpoint = Endpoint::list("POST /api/workflow/paService/getCreateWorkflowList");
const CREATABLE_COUNT: Endpoint =
    Endpoint::list("POST /api/workflow/paService/getCreateWorkflowCount");
const TYPES: Endpoint = Endpoint::list("POST /api/workflow/paService/getCreateWorkflowTypeList");
const TYPES_COUNT: Endpoint =
    Endpoint::list("POST /api/workflow/paService/getCreateWorkflowTypeCount");

/// The workflow a request belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct WorkflowInfo {
    /// Its id (流程id).
    #[serde(deserialize_with = "crate::lenient::int")]
    pub workflow_id: Option<i64>,
    /// Its name.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub workflow_name: Option<String>,
    /// Id of its type.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub workflow_type_id: Option<i64>,
    /// Name of its type.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub workflow_type_name: Option<String>,
    /// Id of its form; negative for forms of the customer's own.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub form_id: Option<i64>,
}

/// A request in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RequestRow {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub request_id: Option<i64>,
    /// Its title.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub request_name: Option<String>,
    /// Level: `0` normal, `1` important, `2` urgent.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub request_level: Option<String>,
    /// OA user id of who started it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub creator_id: Option<String>,
    /// Name of who started it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub creator_name: Option<String>,
    /// When it was started: `2019-12-31 14:51:13`, China time.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub create_time: Option<String>,
    /// When the user of the call received it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub receive_time: Option<String>,
    /// Id of the current node.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub current_node_id: Option<i64>,
    /// Name of the current node.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub current_node_name: Option<String>,
    /// When it was handled last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub last_operate_time: Option<String>,
    /// OA user id of who handled it last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub last_operator_id: Option<String>,
    /// Name of who handled it last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub last_operator_name: Option<String>,
    /// Name of the exit it took last, such as `出口1`: **not** a state.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub status: Option<String>,
    /// Name of the other system it comes from.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub sys_name: Option<String>,
    /// The workflow it belongs to.
    pub workflow_base_info: Option<WorkflowInfo>,
}

/// A workflow the user may start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct CreatableWorkflow {
    /// The workflow.
    pub info: WorkflowInfo,
}

/// A type of workflows the user may start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct CreatableType {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub workflow_type_id: Option<i64>,
    /// Its name.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub workflow_type_name: Option<String>,
}

/// Lists requests. From [`Workflow::list`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows` or `count`"]
pub struct ListRequests {
    client: Client,
    list: RequestList,
    conditions: Conditions,
    page_size: u32,
    merge_accounts: Option<bool>,
    other_systems: Option<bool>,
    tabs: Option<String>,
}

impl Workflow {
    /// `POST /api/workflow/paService/get…List`: lists requests as the user of this client sees them.
    ///
    /// ```no_run
    /// use ecology_oa::workflow::{Conditions, DateRange, RequestList};
    ///
    /// # async fn run(client: ecology_oa::Client) -> ecology_oa::Result<()> {
    /// let today = Conditions::new().created(DateRange::Today);
    /// let mut rows = client.workflow().list(RequestList::ToDo).conditions(today).rows();
    /// while let Some(row) = rows.next().await {
    ///     println!("{:?}", row?.request_name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, list: RequestList) -> ListRequests {
        ListRequests {
            client: self.client.clone(),
            list,
            conditions: Conditions::new(),
            page_size: PAGE_SIZE,
            merge_accounts: None,
            other_systems: None,
            tabs: None,
        }
    }

    /// `POST /api/workflow/paService/getCreateWorkflowList`: the workflows the user may start
    /// (可创建流程).
    pub fn creatable(&self) -> ListCreatable {
        ListCreatable {
            client: self.client.clone(),
            conditions: Conditions::new(),
            page_size: PAGE_SIZE,
        }
    }
}

impl ListRequests {
    /// Only requests that fulfil these conditions.
    pub fn conditions(mut self, conditions: Conditions) -> Self {
        self.conditions = conditions;
        self
    }

    /// Rows in one page, at least 1. Default 20.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = rows.max(1);
        self
    }

    /// Whether the user's secondary accounts count (主次账号合并).
    pub fn merge_accounts(mut self, merge: bool) -> Self {
        self.merge_accounts = Some(merge);
        self
    }

    /// Whether requests of other systems count (异构系统).
    pub fn other_systems(mut self, include: bool) -> Self {
        self.other_systems = Some(include);
        self
    }

    /// The tabs of [`RequestList::ToDoByTab`]: `0` all, `1` unread, or several with commas.
    pub fn tabs(mut self, ids: impl Into<String>) -> Self {
        self.tabs = Some(ids.into());
        self
    }

    /// The requests, each once. The order is the platform's, which does not document one.
    pub fn rows(self) -> Results<RequestRow, Error> {
        let size = self.page_size as usize;
        let key = |row: &RequestRow| row.request_id.map(|id| id.to_string());
        walk(size, key, move |page| {
            let this = self.clone();
            async move {
                let params = this.params().text("pageNo", page.to_string());
                let params = params.text("pageSize", this.page_size.to_string());
                list(&this.client, this.list.endpoints().0, &params).await
            }
        })
    }

    /// How many there are.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn count(self) -> Result<u64> {
        count(&self.client, self.list.endpoints().1, &self.params()).await
    }

    fn params(&self) -> Params {
        let flag = |flag: Option<bool>| flag.map(|on| if on { "true" } else { "false" });
        Params::new()
            .text_if("conditions", self.conditions.to_text().as_deref())
            .text_if("isMergeShow", flag(self.merge_accounts))
            .text_if("isNeedOs", flag(self.other_systems))
            .text_if("tabIds", self.tabs.as_deref())
    }
}

/// Lists what the user may start. From [`Workflow::creatable`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `workflows`, `types` or a count"]
pub struct ListCreatable {
    client: Client,
    conditions: Conditions,
    page_size: u32,
}

impl ListCreatable {
    /// Only workflows whose name holds this text.
    pub fn name(mut self, text: impl Into<String>) -> Self {
        self.conditions = self.conditions.with("wfName", text);
        self
    }

    /// Only workflows with these ids.
    pub fn ids(mut self, ids: impl IntoIterator<Item = i64>) -> Self {
        let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
        self.conditions = self.conditions.with("wfIds", ids.join(","));
        self
    }

    /// Only types whose name holds this text.
    pub fn type_name(mut self, text: impl Into<String>) -> Self {
        self.conditions = self.conditions.with("wfTypeName", text);
        self
    }

    /// Rows in one page, at least 1. Default 20.
    pub fn page_size(mut self, rows: u32) -> Self {
        self.page_size = rows.max(1);
        self
    }

    /// The workflows, each once.
    pub fn workflows(self) -> Results<CreatableWorkflow, Error> {
        self.walk(CREATABLE, |row: &CreatableWorkflow| {
            row.info.workflow_id.map(|id| id.to_string())
        })
    }

    /// `POST /api/workflow/paService/getCreateWorkflowTypeList`: the types, each once.
    pub fn types(self) -> Results<CreatableType, Error> {
        self.walk(TYPES, |row: &CreatableType| row.workflow_type_id.map(|id| id.to_string()))
    }

    /// How many workflows there are.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn count_workflows(self) -> Result<u64> {
        count(&self.client, CREATABLE_COUNT, &self.params()).await
    }

    /// How many types there are.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn count_types(self) -> Result<u64> {
        count(&self.client, TYPES_COUNT, &self.params()).await
    }

    fn walk<T>(self, endpoint: Endpoint, key: fn(&T) -> Option<String>) -> Results<T, Error>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let size = self.page_size as usize;
        walk(size, key, move |page| {
            let this = self.clone();
            async move {
                let params = this.params().text("pageNo", page.to_string());
                let params = params.text("pageSize", this.page_size.to_string());
                list(&this.client, endpoint, &params).await
            }
        })
    }

    fn params(&self) -> Params {
        Params::new().text_if("conditions", self.conditions.to_text().as_deref())
    }
}

/// Reads a list: a bare array, `{code, data: […]}` or `{status, datas: […]}`.
pub(super) async fn list<T: DeserializeOwned>(
    client: &Client,
    endpoint: Endpoint,
    params: &Params,
) -> Result<Vec<T>> {
    #[derive(Deserialize)]
    struct Wrapped {
        data: Option<RawJson>,
        datas: Option<RawJson>,
    }
    let exchange = endpoint.exchange().body(params.body(client.encoding()));
    let body = client.run(&exchange).await?;
    let rows = if body.trim_ascii_start().starts_with(b"[") {
        json::decode(&body)
    } else {
        let wrapped: Wrapped = json::decode(&body).map_err(|error| exchange.decode_error(error))?;
        match wrapped.data.or(wrapped.datas) {
            Some(rows) if !rows.is_null() => json::decode(rows.as_str().as_bytes()),
            _ => Ok(Vec::new()),
        }
    };
    rows.map_err(|error| exchange.decode_error(error))
}

/// Reads a count: a bare integer, or one wrapped like a list.
async fn count(client: &Client, endpoint: Endpoint, params: &Params) -> Result<u64> {
    let exchange = endpoint.exchange().body(params.body(client.encoding()));
    let answer: Value = client.call(&exchange).await?;
    let number = match &answer {
        Value::Object(object) => {
            ["data", "datas", "count"].iter().find_map(|name| object.get(*name).and_then(into_int))
        }
        other => into_int(other),
    };
    number.and_then(|number| u64::try_from(number).ok()).ok_or_else(|| {
        let found = into_text(&answer).unwrap_or_default();
        let found: String = found.chars().take(80).collect();
        Error::new(ErrorKind::Decode, format!("expected a count, found {found}")).in_call(
            endpoint.name,
            endpoint.idempotency,
            1,
        )
    })
}
