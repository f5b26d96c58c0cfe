//! Reading one request: its form, its documents.

use erplink_core::{RawJson, json};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::list::{WorkflowInfo, list};
use super::{Workflow, check_request};
use crate::client::Endpoint;
use crate::encoding::Params;
use crate::error::Result;

pub(super) const REQUEST: Endpoint =
    Endpoint::query("GET /api/workflow/paService/getWorkflowRequest");
pub(super) const RESOURCES: Endpoint =
    Endpoint::query("GET /api/workflow/paService/getRequestResources");
pub(super) const CHART: Endpoint =
    Endpoint::query("GET /api/workflow/paService/getRequestFlowChart");
pub(super) const FORM: Endpoint =
    Endpoint::query("GET /api/workflow/paService/getCreateWorkflowRequestInfo");
pub(super) const WRITTEN_LOGS: Endpoint =
    Endpoint::list("POST /api/workflow/paService/getWorkflowRequestLogs");

/// A field as a form shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FormField {
    /// Database column.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_name: Option<String>,
    /// Stored value.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_value: Option<String>,
    /// Label.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_show_name: Option<String>,
    /// What a person reads.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_show_value: Option<String>,
    /// Id of the field.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub field_id: Option<i64>,
    /// Kind of control: 1 text, 2 multi-line text, 3 browse button, 4 check box, 5 select, 6 attachment …
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_html_type: Option<String>,
    /// Kind within [`field_html_type`](Self::field_html_type).
    #[serde(deserialize_with = "crate::lenient::text")]
    pub field_type: Option<String>,
    /// Type of the database column, such as `varchar(100)`.
    #[serde(rename = "fieldDBType", deserialize_with = "crate::lenient::text")]
    pub field_db_type: Option<String>,
    /// Whether it can be changed at the current node.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub edit: Option<bool>,
    /// Whether it is mandatory, as far as the server knows: rules in the page are not counted.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub mand: Option<bool>,
    /// Whether it can be seen.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub view: Option<bool>,
    /// Labels of the options of a select field.
    #[serde(rename = "selectnames", deserialize_with = "crate::lenient::list")]
    pub select_names: Vec<String>,
    /// Values of the options of a select field.
    #[serde(rename = "selectvalues", deserialize_with = "crate::lenient::list")]
    pub select_values: Vec<String>,
}

/// A record of the main table, or a row of a detail table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FormRow {
    /// Id of a detail row, for [`DetailTable::change_row`](super::DetailTable::change_row).
    #[serde(deserialize_with = "crate::lenient::int")]
    pub record_order: Option<i64>,
    /// Its fields.
    #[serde(rename = "workflowRequestTableFields", deserialize_with = "crate::lenient::list")]
    pub fields: Vec<FormField>,
}

impl FormRow {
    /// The stored value of the field with this column name; columns ignore case.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        let is_it = |field: &&FormField| {
            field.field_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(column))
        };
        self.fields.iter().find(is_it)?.field_value.as_deref()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct MainTable {
    #[serde(rename = "tableDBName", deserialize_with = "crate::lenient::text")]
    table: Option<String>,
    #[serde(deserialize_with = "crate::lenient::list")]
    request_records: Vec<FormRow>,
}

/// The rows of a detail table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct DetailRows {
    /// Physical name of the table.
    #[serde(rename = "tableDBName", deserialize_with = "crate::lenient::text")]
    pub table: Option<String>,
    /// Its title in the form.
    #[serde(rename = "tableTitle", deserialize_with = "crate::lenient::text")]
    pub title: Option<String>,
    /// Its rows.
    #[serde(rename = "workflowRequestTableRecords", deserialize_with = "crate::lenient::list")]
    pub rows: Vec<FormRow>,
}

/// A request with its form. From [`Workflow::get`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct RequestDetail {
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
    /// When it was started, China time.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub create_time: Option<String>,
    /// When it was handled last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub last_operate_time: Option<String>,
    /// Who handled it last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub last_operator_name: Option<String>,
    /// Id of the current node.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub current_node_id: Option<i64>,
    /// Name of the current node.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub current_node_name: Option<String>,
    /// Name of the exit it took last, such as `出口1`: **not** a state. Ask
    /// [`Workflow::outcome`].
    #[serde(deserialize_with = "crate::lenient::text")]
    pub status: Option<String>,
    /// Whether the user of the call may change it.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub can_edit: Option<bool>,
    /// Whether the user of the call may see it.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub can_view: Option<bool>,
    /// Whether an opinion is mandatory.
    #[serde(deserialize_with = "crate::lenient::flag")]
    pub must_input_remark: Option<bool>,
    /// The workflow it belongs to.
    pub workflow_base_info: Option<WorkflowInfo>,
    #[serde(rename = "workflowMainTableInfo")]
    main: Option<MainTable>,
    /// The detail tables.
    #[serde(rename = "workflowDetailTableInfos", deserialize_with = "crate::lenient::list")]
    pub details: Vec<DetailRows>,
    /// Its log, as texts for people; [`Workflow::log`] is for programs.
    #[serde(rename = "workflowRequestLogs", deserialize_with = "crate::lenient::list")]
    pub logs: Vec<WrittenLog>,
    /// Everything, as it was sent.
    #[serde(skip)]
    pub raw: Option<RawJson>,
}

impl RequestDetail {
    /// The stored value of a main field; columns ignore case.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        self.main()?.value(column)
    }

    /// The record of the main table.
    #[must_use]
    pub fn main(&self) -> Option<&FormRow> {
        self.main.as_ref()?.request_records.first()
    }

    /// Physical name of the main table.
    #[must_use]
    pub fn main_table(&self) -> Option<&str> {
        self.main.as_ref()?.table.as_deref()
    }

    /// The rows of a detail table; names of tables ignore case.
    #[must_use]
    pub fn detail(&self, table: &str) -> Option<&DetailRows> {
        self.details
            .iter()
            .find(|rows| rows.table.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(table)))
    }
}

/// An entry of the log as people read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct WrittenLog {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub id: Option<i64>,
    /// Name of the node.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub node_name: Option<String>,
    /// The day.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operate_date: Option<String>,
    /// The time of day, China time.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operate_time: Option<String>,
    /// What was done, in words such as `提交` or `批准`.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operate_type: Option<String>,
    /// OA user id of who did it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operator_id: Option<String>,
    /// Who did it.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub operator_name: Option<String>,
    /// Who received it next.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub received_persons: Option<String>,
    /// The opinion.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub remark: Option<String>,
}

/// A document, attachment or request that belongs to a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Resource {
    /// Its id.
    #[serde(deserialize_with = "crate::lenient::int")]
    pub id: Option<i64>,
    /// Its name.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub name: Option<String>,
    /// `1` request, `2` document, `3` attachment.
    #[serde(rename = "type", deserialize_with = "crate::lenient::text")]
    pub kind: Option<String>,
    /// The day it was made.
    #[serde(rename = "createdate", deserialize_with = "crate::lenient::text")]
    pub create_date: Option<String>,
    /// The time it was made, China time.
    #[serde(rename = "createtime", deserialize_with = "crate::lenient::text")]
    pub create_time: Option<String>,
    /// OA user id of who made it.
    #[serde(rename = "createrid", deserialize_with = "crate::lenient::text")]
    pub creator_id: Option<String>,
    /// Who made it.
    #[serde(rename = "createrName", deserialize_with = "crate::lenient::text")]
    pub creator_name: Option<String>,
    /// Where it can be fetched.
    #[serde(rename = "downloadUrl", deserialize_with = "crate::lenient::text")]
    pub download_url: Option<String>,
}

impl Workflow {
    /// `GET /api/workflow/paService/getWorkflowRequest`: a request with its form (流程详情).
    ///
    /// # Errors
    /// `NO_PERMISSION` when the user may not see it.
    pub async fn get(&self, request_id: i64) -> Result<RequestDetail> {
        let (mut detail, raw): (RequestDetail, _) =
            self.about(REQUEST, "requestId", request_id).await?;
        detail.raw = Some(raw);
        Ok(detail)
    }

    /// `GET /api/workflow/paService/getRequestResources`: documents and attachments of a request
    /// (流程相关资源).
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn resources(&self, request_id: i64) -> Result<Vec<Resource>> {
        Ok(self.about(RESOURCES, "requestid", request_id).await?.0)
    }

    /// `GET /api/workflow/paService/getRequestFlowChart`: the address of a picture of the flow
    /// (流程图). Outside of a session it needs a sign-on token of the OA.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn flow_chart(&self, request_id: i64) -> Result<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Chart {
            chart_url: String,
        }
        let (chart, _): (Chart, _) = self.about(CHART, "requestid", request_id).await?;
        Ok(chart.chart_url)
    }

    /// `GET /api/workflow/paService/getCreateWorkflowRequestInfo`: the empty form of a workflow
    /// (创建表单), with the names of its columns.
    ///
    /// Not in the vendor's documentation and missing on some patches:
    /// [`ErrorKind::Unsupported`](erplink_core::ErrorKind::Unsupported) or a page then. What it
    /// calls mandatory does not know the rules of the page.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn form(&self, workflow_id: i64) -> Result<RequestDetail> {
        let (mut form, raw): (RequestDetail, _) =
            self.about(FORM, "workflowId", workflow_id).await?;
        form.raw = Some(raw);
        Ok(form)
    }

    /// `POST /api/workflow/paService/getWorkflowRequestLogs`: the log of a request as people read
    /// it (流转意见), the first `page_size` entries.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub async fn written_logs(
        &self,
        request_id: i64,
        workflow_id: i64,
        page_size: u32,
    ) -> Result<Vec<WrittenLog>> {
        check_request(request_id)?;
        let params = Params::new()
            .int("requestId", request_id)
            .int("workflowId", workflow_id)
            .text("pageSize", page_size.max(1).to_string());
        list(&self.client, WRITTEN_LOGS, &params).await
    }

    /// Asks about one thing; answers `data` decoded and as it came.
    pub(super) async fn about<T: DeserializeOwned>(
        &self,
        endpoint: Endpoint,
        parameter: &str,
        id: i64,
    ) -> Result<(T, RawJson)> {
        check_request(id)?;
        let exchange = endpoint.exchange().query(parameter, id.to_string());
        let raw: RawJson = self.client.call_data(&exchange).await?;
        let value =
            json::decode(raw.as_str().as_bytes()).map_err(|error| exchange.decode_error(error))?;
        Ok((value, raw))
    }
}
