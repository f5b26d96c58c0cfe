//! Starting an approval instance (发起审批实例).

use erplink_core::Idempotency;
use serde::{Deserialize, Serialize};

use super::form::FormValue;
use super::{WRITE, Workflow};
use crate::client::{Endpoint, Input};
use crate::error::{Error, Expect, Result};

pub(super) const CREATE: Endpoint =
    Endpoint::api("POST /v1.0/workflow/processInstances", Idempotency::NotIdempotent, WRITE)
        .answering_with(Expect::InstanceId);

const MAX_STEPS: usize = 20;
const MAX_CC: usize = 50;
const MAX_COMPONENTS: usize = 150;
const MAX_URL_CHARS: usize = 1024;

/// How the people of one step decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Approval {
    /// All have to agree (会签). At least two people.
    And,
    /// Any one decides (或签). At least two people.
    Or,
    /// A single person.
    None,
}

/// One step of a flow of the caller's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    action_type: Approval,
    user_ids: Vec<String>,
}

impl Step {
    /// A single person decides.
    pub fn single(user_id: impl Into<String>) -> Self {
        Self { action_type: Approval::None, user_ids: vec![user_id.into()] }
    }

    /// All of these people have to agree (会签).
    pub fn all<I: Into<String>>(user_ids: impl IntoIterator<Item = I>) -> Self {
        Self::of(Approval::And, user_ids)
    }

    /// Any one of these people decides (或签).
    pub fn any<I: Into<String>>(user_ids: impl IntoIterator<Item = I>) -> Self {
        Self::of(Approval::Or, user_ids)
    }

    fn of<I: Into<String>>(action_type: Approval, user_ids: impl IntoIterator<Item = I>) -> Self {
        Self { action_type, user_ids: user_ids.into_iter().map(Into::into).collect() }
    }

    fn check(&self, position: usize) -> Result<()> {
        let found = self.user_ids.len();
        match self.action_type {
            Approval::And | Approval::Or if found < 2 => Err(Error::invalid(format!(
                "approvers, step {position}: `all` and `any` need at least 2 people, found {found}; \
                 use `single` for one"
            ))),
            Approval::None if found != 1 => Err(Error::invalid(format!(
                "approvers, step {position}: `single` needs exactly 1 person, found {found}"
            ))),
            _ => Ok(()),
        }
    }
}

/// When the people on the cc list (抄送) are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CcPosition {
    /// When the instance starts.
    Start,
    /// When it ends.
    Finish,
    /// Both.
    StartFinish,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct SelectedActioner {
    actioner_key: String,
    actioner_user_ids: Vec<String>,
}

/// A new approval instance (审批实例).
///
/// Either a department of the originator's ([`dept`](Self::dept); the template's flow runs) or
/// [`approvers`](Self::approver) (a flow of your own) is required.
///
/// ```
/// use dingtalk::workflow::{CreateInstance, FormValue};
///
/// let request = CreateInstance::new("manager4974", "PROC-288AE7AC-4E96-4C06-9FCB-71ECFA504536")
///     .dept(417223049)
///     .value(FormValue::text("来源单号", "1024"))
///     .value(FormValue::table("物料明细", [
///         vec![FormValue::text("物料编码", "A-001"), FormValue::number("数量", 10)],
///     ]));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "hand it to `client.workflow().create(…)`"]
pub struct CreateInstance {
    originator_user_id: String,
    process_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dept_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    microapp_agent_id: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    approvers: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cc_list: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cc_position: Option<CcPosition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    target_select_actioners: Vec<SelectedActioner>,
    form_component_values: Vec<FormValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    biz_detail_page_url: Option<String>,
}

impl CreateInstance {
    /// An instance of the template `process_code`, on behalf of the user `originator`.
    pub fn new(originator: impl Into<String>, process_code: impl Into<String>) -> Self {
        Self {
            originator_user_id: originator.into(),
            process_code: process_code.into(),
            dept_id: None,
            microapp_agent_id: None,
            approvers: Vec::new(),
            cc_list: Vec::new(),
            cc_position: None,
            target_select_actioners: Vec::new(),
            form_component_values: Vec::new(),
            biz_detail_page_url: None,
        }
    }

    /// The department the originator acts for: one of the originator's own.
    ///
    /// The root department may be given as `1` (as contacts call it) or `-1`.
    pub fn dept(mut self, id: i64) -> Self {
        self.dept_id = Some(id);
        self
    }

    /// AgentId of the calling app. Default: that of the client.
    pub fn agent_id(mut self, id: i64) -> Self {
        self.microapp_agent_id = Some(id);
        self
    }

    /// Adds a step of a flow of your own, which replaces the template's; at most 20.
    ///
    /// Hand signatures, field permissions and self-chosen nodes of the template do not apply then.
    pub fn approver(mut self, step: Step) -> Self {
        self.approvers.push(step);
        self
    }

    /// Who gets a copy (抄送), at most 50. Needs [`approver`](Self::approver): without steps of
    /// your own the platform ignores it and uses the template's.
    pub fn cc<I: Into<String>>(
        mut self,
        user_ids: impl IntoIterator<Item = I>,
        position: CcPosition,
    ) -> Self {
        self.cc_list = user_ids.into_iter().map(Into::into).collect();
        self.cc_position = Some(position);
        self
    }

    /// Chooses the approvers of a self-chosen node (发起人自选); `key` is the `actor_key` of the
    /// [forecast](Workflow::forecast). At most 20.
    pub fn choose<I: Into<String>>(
        mut self,
        key: impl Into<String>,
        user_ids: impl IntoIterator<Item = I>,
    ) -> Self {
        self.target_select_actioners.push(SelectedActioner {
            actioner_key: key.into(),
            actioner_user_ids: user_ids.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Fills in one component of the form; at most 150.
    pub fn value(mut self, value: FormValue) -> Self {
        self.form_component_values.push(value);
        self
    }

    /// Fills in several components.
    pub fn values(mut self, values: impl IntoIterator<Item = FormValue>) -> Self {
        self.form_component_values.extend(values);
        self
    }

    /// A detail page of your own (at most 1024 characters). Paid edition only.
    pub fn detail_page(mut self, url: impl Into<String>) -> Self {
        self.biz_detail_page_url = Some(url.into());
        self
    }

    /// Checks everything that can be checked without the platform.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](erplink_core::ErrorKind::Invalid) that names the member or label.
    pub fn check(&self) -> Result<()> {
        required("originator", &self.originator_user_id)?;
        required("process_code", &self.process_code)?;
        if self.dept_id.is_none() && self.approvers.is_empty() {
            return Err(Error::invalid(
                "dept: required without approvers; give a department of the originator (root: -1)",
            ));
        }
        at_most("approvers", self.approvers.len(), MAX_STEPS)?;
        for (index, step) in self.approvers.iter().enumerate() {
            step.check(index + 1)?;
        }
        at_most("cc", self.cc_list.len(), MAX_CC)?;
        if !self.cc_list.is_empty() && self.approvers.is_empty() {
            return Err(Error::invalid(
                "cc: DingTalk ignores it without approvers and uses the template's; leave it out",
            ));
        }
        at_most("choose", self.target_select_actioners.len(), MAX_STEPS)?;
        if let Some(choice) =
            self.target_select_actioners.iter().find(|choice| choice.actioner_user_ids.is_empty())
        {
            return Err(Error::invalid(format!("choose `{}`: no user", choice.actioner_key)));
        }
        if let Some(url) = &self.biz_detail_page_url {
            at_most("detail_page", url.chars().count(), MAX_URL_CHARS)?;
        }
        at_most("values", self.form_component_values.len(), MAX_COMPONENTS)?;
        for value in &self.form_component_values {
            value.check()?;
        }
        Ok(())
    }
}

pub(super) fn required(name: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() {
        return Err(Error::invalid(format!("{name}: required, found an empty text")));
    }
    Ok(())
}

pub(super) fn at_most(name: &str, found: usize, limit: usize) -> Result<()> {
    if found > limit {
        return Err(Error::invalid(format!("{name}: at most {limit}, found {found}")));
    }
    Ok(())
}

impl Workflow {
    /// `POST /v1.0/workflow/processInstances`: starts an approval instance (发起审批实例) and
    /// answers its id.
    ///
    /// Permission `Workflow.Instance.Write`. Not for templates of the built-in suites (leave,
    /// attendance, travel …).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](erplink_core::ErrorKind::Invalid) before anything is sent, see
    /// [`CreateInstance::check`]. From the platform among others `processCodeError` (no such
    /// template), `processInstanceInvalidParameter` (a user or the department is wrong),
    /// `formConverterError` (a value does not fit; the message names the label).
    ///
    /// DingTalk has no key against doing it twice. When
    /// [`may_have_taken_effect`](erplink_core::Error::may_have_taken_effect) is true, look with
    /// [`find_created`](Self::find_created) before you create again.
    pub async fn create(&self, request: &CreateInstance) -> Result<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Created {
            instance_id: String,
        }
        request.check()?;
        let mut body = request.clone();
        body.dept_id = body.dept_id.map(|id| self.client.workflow_department(id));
        body.microapp_agent_id = body.microapp_agent_id.or(self.client.agent_id());
        let created: Created = self.client.call(&CREATE, Input::json(&body)?).await?;
        Ok(created.instance_id)
    }
}
