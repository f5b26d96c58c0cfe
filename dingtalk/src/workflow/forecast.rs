//! Forecasting a flow (审批流程预测), to find the nodes whose approver the originator chooses.

use erplink_core::{Idempotency, open_enum};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::create::required;
use super::form::FormValue;
use super::{WRITE, Workflow};
use crate::client::{Endpoint, Input};
use crate::error::Result;
use crate::lenient;

pub(super) const FORECAST: Endpoint =
    Endpoint::api("POST /v1.0/workflow/processes/forecast", Idempotency::Safe, WRITE);

open_enum! {
    /// Who decides at a node.
    pub enum ActivityType {
        /// Somebody the originator chooses (发起人自选).
        Select = "target_select",
        /// Somebody the template names.
        Approval = "target_approval",
    }
}

/// The way an instance would take.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Forecast {
    /// Whether the platform could forecast it.
    pub is_forecast_success: Option<bool>,
    /// The template.
    pub process_code: Option<String>,
    /// The originator.
    pub user_id: Option<String>,
    /// Id of the forecast flow.
    pub process_id: Option<String>,
    /// Whether the flow is the same for everybody.
    pub is_static_workflow: Option<bool>,
    /// What applies at each node.
    #[serde(deserialize_with = "lenient::list")]
    pub workflow_activity_rules: Vec<FlowRule>,
    /// The nodes in order.
    #[serde(deserialize_with = "lenient::list")]
    pub workflow_forecast_nodes: Vec<FlowNode>,
}

impl Forecast {
    /// The nodes for which `CreateInstance::choose` is required: leaving one out is refused, or
    /// leaves the instance hanging there.
    pub fn required_choices(&self) -> impl Iterator<Item = &FlowRule> {
        self.workflow_activity_rules.iter().filter(|rule| {
            let selects = rule.is_target_select == Some(true)
                || rule.activity_type == Some(ActivityType::Select);
            selects && rule.workflow_actor.required == Some(true)
        })
    }
}

/// A node in the order of the flow.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FlowNode {
    /// Id of the node.
    pub activity_id: Option<String>,
    /// Id of the way out of it.
    pub out_id: Option<String>,
}

/// What applies at a node.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct FlowRule {
    /// Id of the node.
    pub activity_id: Option<String>,
    /// Id of the node before it.
    pub prev_activity_id: Option<String>,
    /// Name of the node.
    pub activity_name: Option<String>,
    /// Who decides.
    #[serde(deserialize_with = "lenient::name")]
    pub activity_type: Option<ActivityType>,
    /// Whether the originator chooses.
    pub is_target_select: Option<bool>,
    /// Who may be chosen, and how they decide.
    #[serde(deserialize_with = "lenient::object")]
    pub workflow_actor: Actor,
    /// Who decides, where that is known already.
    #[serde(deserialize_with = "lenient::list")]
    pub activity_actioners: Vec<Candidate>,
}

/// Who may be chosen at a node, and how they decide.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Actor {
    /// The key for `CreateInstance::choose`.
    pub actor_key: Option<String>,
    /// `approver`, `notifier` or `audit`.
    pub actor_type: Option<String>,
    /// `allStaff`, `approvals` or `labels`.
    pub actor_selection_type: Option<String>,
    /// The people to choose from.
    #[serde(deserialize_with = "lenient::object")]
    pub actor_selection_range: SelectionRange,
    /// Whether several may be chosen.
    pub allowed_multi: Option<bool>,
    /// `MANUAL`, `AUTO_AGREE` or `AUTO_REFUSE`.
    pub approval_type: Option<String>,
    /// `ONE_BY_ONE`, `AND` or `OR`.
    pub approval_method: Option<String>,
    /// `ALL` or `ONE_BY_ONE`.
    pub actor_activate_type: Option<String>,
    /// Whether somebody has to be chosen.
    pub required: Option<bool>,
}

/// The people to choose from at a node.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SelectionRange {
    /// These people.
    #[serde(deserialize_with = "lenient::list")]
    pub approvals: Vec<Candidate>,
    /// People with these roles, as sent.
    #[serde(deserialize_with = "lenient::list")]
    pub labels: Vec<Map<String, Value>>,
}

/// A person at a node.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct Candidate {
    /// User id.
    #[serde(alias = "workNo")]
    pub user_id: Option<String>,
    /// Name.
    #[serde(alias = "userName")]
    pub name: Option<String>,
}

impl Workflow {
    /// `POST /v1.0/workflow/processes/forecast`: the nodes an instance with these values would pass
    /// (审批流程预测).
    ///
    /// Permission `Workflow.Instance.Write`. Nothing is started.
    ///
    /// # Errors
    /// As for [`create`](Self::create), and `forecastError`.
    pub async fn forecast(
        &self,
        process_code: &str,
        originator: &str,
        dept_id: i64,
        values: &[FormValue],
    ) -> Result<Forecast> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Query<'a> {
            process_code: &'a str,
            dept_id: i64,
            user_id: &'a str,
            form_component_values: &'a [FormValue],
        }
        required("process_code", process_code)?;
        required("originator", originator)?;
        for value in values {
            value.check()?;
        }
        let query = Query {
            process_code,
            dept_id: self.client.workflow_department(dept_id),
            user_id: originator,
            form_component_values: values,
        };
        self.client.call_result(&FORECAST, Input::json(&query)?).await
    }
}
