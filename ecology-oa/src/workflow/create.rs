//! Starting a request.

use erplink_core::{Effect, json};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::form::{DetailTable, Field, check_details, check_fields, encode_details, encode_fields};
use super::{Workflow, required};
use crate::client::Endpoint;
use crate::encoding::Params;
use crate::error::{Error, Result};

pub(super) const CREATE: Endpoint =
    Endpoint::action("POST /api/workflow/paService/doCreateRequest");

/// Width of the title's column.
const MAX_TITLE: usize = 1000;

erplink_core::open_enum! {
    /// How urgent a request is (紧急程度).
    pub enum RequestLevel {
        /// Normal (正常), the default.
        Normal = "0",
        /// Important (重要).
        Important = "1",
        /// Urgent (紧急).
        Urgent = "2",
    }
}

/// What a request starts with. For [`Workflow::create`].
///
/// ```
/// use ecology_oa::workflow::{CreateRequest, DetailTable, Field};
///
/// let request = CreateRequest::new(781, "采购申请-1042")
///     .field(Field::text("docentry", "1042"))
///     .detail(DetailTable::new("formtable_main_1356_dt1").row([Field::text("itemcode", "A0001")]));
/// request.check()?;
/// # Ok::<(), ecology_oa::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct CreateRequest {
    workflow_id: i64,
    title: String,
    fields: Vec<Field>,
    details: Vec<DetailTable>,
    remark: Option<String>,
    level: Option<RequestLevel>,
    draft: bool,
    keep_on_failure: bool,
    options: Map<String, Value>,
}

impl CreateRequest {
    /// A request of the workflow with this id (流程id), under this title (标题).
    ///
    /// **Put the key of your document into the title** (`采购申请-1042`), so that no two have the
    /// same: it is the only means to find a request whose answer was lost. At most 1000 characters.
    pub fn new(workflow_id: i64, title: impl Into<String>) -> Self {
        Self {
            workflow_id,
            title: title.into(),
            fields: Vec::new(),
            details: Vec::new(),
            remark: None,
            level: None,
            draft: false,
            keep_on_failure: false,
            options: Map::new(),
        }
    }

    /// Fills in a field of the main table; at least one is required.
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Fills in several fields of the main table.
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Fills in a detail table.
    pub fn detail(mut self, table: DetailTable) -> Self {
        self.details.push(table);
        self
    }

    /// The sign-off text (签字意见). Default: that of the workflow.
    pub fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = Some(remark.into());
        self
    }

    /// How urgent it is. Default normal.
    pub fn level(mut self, level: RequestLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Leaves the request as a draft at the node of its creation (`isnextflow` 0), instead of
    /// submitting it to the second node.
    pub fn draft(mut self) -> Self {
        self.draft = true;
        self
    }

    /// Keeps the half-made request when the flow fails (`delReqFlowFaild` 0), instead of deleting
    /// it. After such a failure a request may exist:
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect) is true.
    pub fn keep_on_failure(mut self) -> Self {
        self.keep_on_failure = true;
        self
    }

    /// Any other member of `otherParams`, such as `isVerifyPer`, `requestSecLevel` or `messageType`.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.insert(name.into(), value.into());
        self
    }

    /// The title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Checks everything that can be checked without the platform.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](erplink_core::ErrorKind::Invalid) that names the field.
    pub fn check(&self) -> Result<()> {
        if self.workflow_id <= 0 {
            return Err(Error::invalid(format!(
                "workflow_id: expected the positive number of a workflow, found {}",
                self.workflow_id
            )));
        }
        required("title", &self.title)?;
        let length = self.title.chars().count();
        if length > MAX_TITLE {
            return Err(Error::invalid(format!(
                "title: at most {MAX_TITLE} characters, found {length}"
            )));
        }
        if self.fields.is_empty() {
            return Err(Error::invalid("fields: the platform wants at least one main field"));
        }
        check_fields("main table", &self.fields)?;
        check_details(&self.details, true)
    }

    fn params(&self, prefix: &str) -> Params {
        let flag = |on: bool| Value::from(if on { "1" } else { "0" });
        let mut options = self.options.clone();
        options.insert("isnextflow".into(), flag(!self.draft));
        options.insert("delReqFlowFaild".into(), flag(!self.keep_on_failure));
        let mut params = Params::new()
            .int("workflowId", self.workflow_id)
            .text("requestName", &self.title)
            .nested("mainData", encode_fields(&self.fields, prefix));
        if !self.details.is_empty() {
            params = params.nested("detailData", encode_details(&self.details, prefix));
        }
        params
            .text_if("remark", self.remark.as_deref())
            .text_if("requestLevel", self.level.as_ref().map(RequestLevel::as_str))
            .other_params(options)
    }
}

impl Workflow {
    /// `POST /api/workflow/paService/doCreateRequest`: starts a request (创建流程) as the user of
    /// this client and answers its id (`requestid`).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](erplink_core::ErrorKind::Invalid) before anything is sent, see
    /// [`CreateRequest::check`]. From the platform among others `PARAM_ERROR` (a name is not a field
    /// of the form; [`details`](crate::ApiError::details) name it) and `NO_PERMISSION` (this user
    /// may not start this workflow).
    ///
    /// The platform has no key against doing it twice. When
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect) is true, look with
    /// [`find_created`](Self::find_created) before you create again, or let
    /// [`create_or_adopt`](Self::create_or_adopt) do it.
    pub async fn create(&self, request: &CreateRequest) -> Result<i64> {
        #[derive(Deserialize)]
        struct Answer {
            data: Data,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Data {
            #[serde(deserialize_with = "crate::lenient::int")]
            requestid: Option<i64>,
            #[serde(rename = "requestId", deserialize_with = "crate::lenient::int")]
            request_id: Option<i64>,
        }
        request.check()?;
        let client = &self.client;
        let params = request.params(&client.inner.attachment_prefix);
        let exchange = CREATE.exchange().body(params.body(client.encoding()));
        let body = client.run(&exchange).await.map_err(|error| {
            // What is kept after a failure exists.
            let is_kept = request.keep_on_failure
                && error.api_error().is_some_and(|api| api.request_failure().is_some());
            if is_kept { error.with_effect(Effect::Unknown) } else { error }
        })?;
        let answer: Answer = json::decode(&body).map_err(|error| exchange.decode_error(error))?;
        answer.data.requestid.or(answer.data.request_id).filter(|id| *id > 0).ok_or_else(|| {
            Error::new(erplink_core::ErrorKind::Decode, "the answer holds no `requestid`")
                .with_effect(Effect::Unknown)
                .in_call(CREATE.name, CREATE.idempotency, 1)
        })
    }
}
