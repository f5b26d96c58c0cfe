//! Templates of approvals (审批模板).

use std::collections::BTreeMap;

use erplink_core::pager::{items, pages};
use erplink_core::{Idempotency, Page, Results};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::create::{at_most, required};
use super::form::{ComponentType, FormSchema};
use super::list::next_token;
use super::time::{Time, time};
use super::{FORM_READ, FORM_WRITE, Workflow};
use crate::client::{Endpoint, Input};
use crate::error::{Error, Result};
use crate::lenient::{self, Scalar};

pub(super) const CREATE: Endpoint =
    Endpoint::api("POST /v1.0/workflow/forms", Idempotency::NotIdempotent, FORM_WRITE);
pub(super) const UPDATE: Endpoint =
    Endpoint::api("POST /v1.0/workflow/forms", Idempotency::Idempotent, FORM_WRITE);
pub(super) const SCHEMA: Endpoint =
    Endpoint::api("GET /v1.0/workflow/forms/schemas/processCodes", Idempotency::Safe, FORM_READ);
pub(super) const CODE_BY_NAME: Endpoint = Endpoint::api(
    "GET /v1.0/workflow/processCentres/schemaNames/processCodes",
    Idempotency::Safe,
    FORM_READ,
);
pub(super) const VISIBLE: Endpoint = Endpoint::api(
    "GET /v1.0/workflow/processes/userVisibilities/templates",
    Idempotency::Safe,
    FORM_READ,
);
pub(super) const MANAGED: Endpoint = Endpoint::api(
    "GET /v1.0/workflow/processes/managements/templates",
    Idempotency::Safe,
    FORM_READ,
);

const PAGE_SIZE: &str = "100";
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 300;
const MAX_COMPONENTS: usize = 200;
const MAX_SEARCHED_NAME: usize = 64;

/// A template a user can start instances of.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct VisibleTemplate {
    /// Name of the template.
    pub name: Option<String>,
    /// Process code, for create.
    pub process_code: Option<String>,
    /// Page on which a person starts it.
    pub url: Option<String>,
    /// Its icon.
    pub icon_url: Option<String>,
    /// Id of its group.
    pub dir_id: Option<String>,
    /// Name of its group.
    pub dir_name: Option<String>,
}

/// A template a user manages.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct ManagedTemplate {
    /// Name of the template.
    pub flow_title: Option<String>,
    /// Process code, for create.
    pub process_code: Option<String>,
    /// Whether it is of the current kind.
    #[serde(deserialize_with = "lenient::flag")]
    pub new_process: Option<bool>,
    /// When it was changed.
    #[serde(deserialize_with = "time")]
    pub gmt_modified: Option<Time>,
    /// Kind of attendance form, if it is one.
    pub attendance_type: Option<String>,
    /// Name of its icon.
    pub icon_name: Option<String>,
    /// Address of its icon.
    pub icon_url: Option<String>,
}

/// The process code of a template.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TemplateCode {
    /// Process code, for create.
    pub process_code: String,
    /// When the template was changed.
    #[serde(default, deserialize_with = "time")]
    pub gmt_modified: Option<Time>,
}

impl Workflow {
    /// `GET /v1.0/workflow/forms/schemas/processCodes`: the form of a template (获取表单 schema).
    ///
    /// Permission `Workflow.Form.Read`. [`FormSchema::fit`] checks values against it before they
    /// are sent.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `formNotExist`.
    pub async fn schema(&self, process_code: &str) -> Result<FormSchema> {
        required("process_code", process_code)?;
        self.client.call_result(&SCHEMA, Input::query([("processCode", process_code)])).await
    }

    /// `GET /v1.0/workflow/processCentres/schemaNames/processCodes`: the process code of the
    /// template with this name (获取模板 code); at most 64 characters.
    ///
    /// Permission `Workflow.Form.Read`. The platform lists it under 自有 OA 审批. People read the
    /// code at the bottom of the template's basic settings.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](erplink_core::ErrorKind::NotFound) for `process.error`: no template
    /// has this name.
    pub async fn code_by_name(&self, name: &str) -> Result<TemplateCode> {
        required("name", name)?;
        at_most("name", name.chars().count(), MAX_SEARCHED_NAME)?;
        self.client.call_result(&CODE_BY_NAME, Input::query([("name", name)])).await
    }

    /// `GET /v1.0/workflow/processes/userVisibilities/templates`: the templates a user sees
    /// (获取指定用户可见的审批表单列表), or all templates.
    ///
    /// Permission `Workflow.Form.Read`.
    pub fn visible_templates(&self, user_id: Option<&str>) -> Results<VisibleTemplate, Error> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Answer {
            #[serde(deserialize_with = "lenient::list")]
            process_list: Vec<VisibleTemplate>,
            next_token: Scalar,
        }
        let client = self.client.clone();
        let user_id = user_id.map(ToOwned::to_owned);
        items(pages(0_i64, move |token| {
            let client = client.clone();
            let token = token.to_string();
            let mut input = Input::query([("maxResults", PAGE_SIZE), ("nextToken", &token)]);
            if let Some(user_id) = &user_id {
                input.query.push(("userId".to_owned(), user_id.clone()));
            }
            async move {
                let answer: Answer = client.call_result(&VISIBLE, input).await?;
                Ok(Page { items: answer.process_list, next: next_token(answer.next_token)? })
            }
        }))
    }

    /// `GET /v1.0/workflow/processes/managements/templates`: the templates a user manages
    /// (获取当前企业所有可管理的表单).
    ///
    /// Permission `Workflow.Form.Read`.
    ///
    /// # Errors
    /// As every call; see [`Error`].
    pub async fn managed_templates(&self, user_id: &str) -> Result<Vec<ManagedTemplate>> {
        required("user_id", user_id)?;
        self.client.call_result(&MANAGED, Input::query([("userId", user_id)])).await
    }

    /// `POST /v1.0/workflow/forms`: creates a template, or updates one (创建或更新审批表单模板),
    /// and answers its process code. At most 200 templates in an organisation.
    ///
    /// Permission `Workflow.Form.Write`.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](erplink_core::ErrorKind::AlreadyExists) for `formName.error`:
    /// another template has this name.
    pub async fn save_template(&self, template: &SaveTemplate) -> Result<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Saved {
            process_code: String,
        }
        template.check()?;
        let endpoint = if template.process_code.is_some() { &UPDATE } else { &CREATE };
        let saved: Saved = self.client.call_result(endpoint, Input::json(template)?).await?;
        Ok(saved.process_code)
    }
}

/// A template to be created or updated.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[must_use = "hand it to `client.workflow().save_template(…)`"]
pub struct SaveTemplate {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    process_code: Option<String>,
    form_components: Vec<TemplateComponent>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    template_config: BTreeMap<String, Value>,
}

impl SaveTemplate {
    /// A new template; the name has at most 200 characters.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            process_code: None,
            form_components: Vec::new(),
            template_config: BTreeMap::new(),
        }
    }

    /// Updates the template with this process code instead.
    pub fn update(mut self, process_code: impl Into<String>) -> Self {
        self.process_code = Some(process_code.into());
        self
    }

    /// Description, at most 300 characters.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a component; at most 200.
    pub fn component(mut self, component: TemplateComponent) -> Self {
        self.form_components.push(component);
        self
    }

    /// Sets a member of `templateConfig`, such as `hidden` or `disableFormEdit`.
    pub fn config(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.template_config.insert(name.into(), value.into());
        self
    }

    fn check(&self) -> Result<()> {
        required("name", &self.name)?;
        at_most("name", self.name.chars().count(), MAX_NAME)?;
        let description = self.description.as_deref().unwrap_or_default();
        at_most("description", description.chars().count(), MAX_DESCRIPTION)?;
        at_most("components", self.form_components.len(), MAX_COMPONENTS)
    }
}

/// One component of a template to be saved.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateComponent {
    component_type: ComponentType,
    props: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<TemplateComponent>,
}

impl TemplateComponent {
    /// A component with an id of your own, unique in the form (at most 64 characters), and its
    /// label (at most 20).
    pub fn new(
        component_type: ComponentType,
        id: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        let this = Self { component_type, props: Map::new(), children: Vec::new() };
        this.prop("componentId", id.into()).prop("label", label.into())
    }

    /// It has to be filled in.
    #[must_use]
    pub fn required(self) -> Self {
        self.prop("required", true)
    }

    /// Its business alias (业务别名), unique in the form, at most 64 characters.
    #[must_use]
    pub fn alias(self, alias: impl Into<String>) -> Self {
        self.prop("bizAlias", alias.into())
    }

    /// Any other property, such as `placeholder`, `format`, `unit` or `options`.
    #[must_use]
    pub fn prop(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.props.insert(name.into(), value.into());
        self
    }

    /// Adds a column of a table.
    #[must_use]
    pub fn child(mut self, child: TemplateComponent) -> Self {
        self.children.push(child);
        self
    }
}
