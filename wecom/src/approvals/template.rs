//! Templates (审批模板) and their controls.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime};
use erplink_core::{Idempotency, open_enum};
use serde_json::{Value, json};

use super::value::{ControlKind, ControlValue};
use super::{Approvals, control};
use crate::client::{Endpoint, Input};
use crate::contacts::required;
use crate::error::{Error, Result};
use crate::tree::Tree;

const TEMPLATE: Endpoint = Endpoint::new("POST /cgi-bin/oa/gettemplatedetail", Idempotency::Safe);
const COPY: Endpoint =
    Endpoint::new("POST /cgi-bin/oa/approval/copytemplate", Idempotency::Idempotent);

open_enum! {
    /// What a date control asks for.
    pub enum DateType {
        /// A day (年-月-日).
        Day = "day",
        /// A day and a time of it (年-月-日+时间).
        Hour = "hour",
    }
}

open_enum! {
    /// How many options or people a control takes.
    pub enum SelectorType {
        /// One.
        Single = "single",
        /// Several.
        Multi = "multi",
    }
}

open_enum! {
    /// Whom a contact control asks for.
    pub enum ContactMode {
        /// Members (成员).
        User = "user",
        /// Departments (部门).
        Department = "department",
    }
}

/// A template (审批模板).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Template {
    /// Its id.
    pub template_id: String,
    /// Its name, in Chinese where there is one.
    pub name: String,
    /// Its controls, in the order of the form.
    pub controls: Vec<TemplateControl>,
}

/// A control of a template.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TemplateControl {
    /// Its kind.
    pub kind: ControlKind,
    /// Its id: the stable key. Titles may be changed by an administrator at any time.
    pub id: String,
    /// Its title, in Chinese where there is one.
    pub title: String,
    /// The text people see before they fill it in.
    pub placeholder: Option<String>,
    /// Whether it has to be filled in.
    pub is_required: bool,
    /// Whether it is printed.
    pub is_printed: bool,
    /// Whether an option chosen elsewhere can hide it, so that nobody misses its value.
    pub can_be_hidden: bool,
    /// What a date control asks for.
    pub date_type: Option<DateType>,
    /// How many options or people it takes.
    pub selector_type: Option<SelectorType>,
    /// Whom a contact control asks for.
    pub contact_mode: Option<ContactMode>,
    /// The options of a selector, or the types of leave of a vacation control.
    pub options: Vec<TemplateOption>,
    /// The controls of each row of a table.
    pub children: Vec<Self>,
    /// The control as the platform sent it, configuration included.
    pub raw: Value,
}

/// An option.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TemplateOption {
    /// Its key.
    pub key: String,
    /// The text people see.
    pub text: String,
}

impl Approvals {
    /// `POST /cgi-bin/oa/gettemplatedetail`: a template and its controls (获取审批模板详情).
    ///
    /// The id stands in the address of the template's page in the admin console.
    ///
    /// # Errors
    /// Code `301025` for an unknown template, naming the id.
    pub async fn template(&self, template_id: &str) -> Result<Arc<Template>> {
        let template_id = required("template_id", template_id)?;
        let input = Input::json(&json!({ "template_id": template_id }))?
            .about(format!("template_id {template_id}"));
        let read = |answer: &Value| Ok(Template::read(&template_id, Tree::new(answer)));
        let template = Arc::new(self.client.read(&TEMPLATE, input, read).await?);
        let now = self.client.clock().now();
        self.client.templates().keep(now, template.clone());
        Ok(template)
    }

    /// The template, from memory if it was read within the last ten minutes.
    ///
    /// # Errors
    /// As [`template`](Self::template).
    pub async fn cached_template(&self, template_id: &str) -> Result<Arc<Template>> {
        let now = self.client.clock().now();
        match self.client.templates().recall(now, template_id.trim()) {
            Some(template) => Ok(template),
            None => self.template(template_id).await,
        }
    }

    /// `POST /cgi-bin/oa/approval/copytemplate`: copies or updates a provider's template
    /// (复制/更新模板到企业). For the token of a third-party app (第三方应用) only.
    ///
    /// Answers the id of the copy. Controls that are gone may break conditional flows.
    ///
    /// # Errors
    /// As every call.
    pub async fn copy_template(&self, open_template_id: &str) -> Result<String> {
        let id = required("open_template_id", open_template_id)?;
        let input = Input::json(&json!({ "open_template_id": id }))?
            .about(format!("open_template_id {id}"));
        let read =
            |answer: &Value| Tree::new(answer).get("template_id").require_text("template_id");
        self.client.read(&COPY, input, read).await
    }
}

impl Template {
    fn read(template_id: &str, answer: Tree<'_>) -> Self {
        let controls = answer.get("template_content").get("controls");
        let mut controls: Vec<_> = controls.list().into_iter().map(TemplateControl::read).collect();
        let hideable: Vec<String> = controls.iter().flat_map(related_controls).collect();
        mark_hideable(&mut controls, &hideable);
        Self {
            template_id: template_id.to_owned(),
            name: answer.get("template_names").name().unwrap_or_default(),
            controls,
        }
    }

    /// The control with this id, or with this title.
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound), listing the titles there are;
    /// [`Conflict`](erplink_core::ErrorKind::Conflict) for a title of several controls.
    pub fn control(&self, key: &str) -> Result<&TemplateControl> {
        find(&self.controls, key)
    }
}

impl TemplateControl {
    fn read(tree: Tree<'_>) -> Self {
        let (property, config) = (tree.get("property"), tree.get("config"));
        let (selector, contact) = (config.get("selector"), config.get("contact"));
        let options = selector.get("options").list().into_iter().map(|option| {
            let value = option.get("value");
            (option.get("key"), value.name().or_else(|| value.get("text").text()))
        });
        let leaves = config.get("vacation_list").get("item").list();
        let leaves = leaves.into_iter().map(|item| (item.get("id"), item.get("name").name()));
        let kind_of = |tree: Tree<'_>| tree.get("type").text();
        Self {
            kind: ControlKind::from(property.get("control").text().unwrap_or_default()),
            id: property.get("id").text().unwrap_or_default(),
            title: property.get("title").name().unwrap_or_default(),
            placeholder: property.get("placeholder").name(),
            is_required: property.get("require").int() == Some(1),
            is_printed: property.get("un_print").int() != Some(1),
            can_be_hidden: false,
            date_type: kind_of(config.get("date")).map(DateType::from),
            selector_type: kind_of(selector).or(kind_of(contact)).map(SelectorType::from),
            contact_mode: contact.get("mode").text().map(ContactMode::from),
            options: options
                .chain(leaves)
                .filter_map(|(key, text)| {
                    Some(TemplateOption { key: key.text()?, text: text.unwrap_or_default() })
                })
                .collect(),
            children: config
                .get("table")
                .get("children")
                .list()
                .into_iter()
                .map(Self::read)
                .collect(),
            raw: tree.value().cloned().unwrap_or_default(),
        }
    }

    /// The control of a table's rows with this id, or with this title.
    ///
    /// # Errors
    /// As [`Template::control`].
    pub fn child(&self, key: &str) -> Result<&Self> {
        find(&self.children, key)
    }

    /// Turns a text, as ERP fields hold it, into a value of this control.
    ///
    /// Numbers are decimal (`12.50`), days `2025-07-01`, moments `2025-07-01 09:30`, both at UTC+8;
    /// options go by key or text, members by userid, departments by id, several of them separated
    /// by commas. An empty text is no value.
    ///
    /// ```no_run
    /// # async fn run(client: wecom::Client) -> wecom::Result<()> {
    /// let template = client.approvals().cached_template("3TkaH5KFbrG9heEQWLJjhgpFwmqAFB4d").await?;
    /// let total = template.control("总金额")?.parse("33600.00")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](erplink_core::ErrorKind::Invalid), naming the control and what it takes.
    pub fn parse(&self, text: &str) -> Result<ControlValue> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(ControlValue::Empty(self.kind.clone()));
        }
        let several =
            || text.split([',', '，', ';']).map(str::trim).filter(|part| !part.is_empty());
        let number = || {
            erplink_core::decimal::from_json_text(text)
                .map_err(|_| self.unlike("a decimal number such as 12.50"))
        };
        Ok(match &self.kind {
            ControlKind::Text => ControlValue::Text(text.replace(['\r', '\n'], " ")),
            ControlKind::Textarea => ControlValue::Textarea(text.replace("\r\n", "\n")),
            ControlKind::Number => ControlValue::Number(number()?),
            ControlKind::Money => ControlValue::Money(number()?),
            ControlKind::Date if self.date_type == Some(DateType::Hour) => {
                let at = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
                    .iter()
                    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
                    .or_else(|| day(text).map(|day| day.and_time(chrono::NaiveTime::MIN)))
                    .ok_or_else(|| self.unlike("a moment such as 2025-07-01 09:30"))?;
                ControlValue::local_date_time(at)
            }
            ControlKind::Date => ControlValue::date(
                day(text).ok_or_else(|| self.unlike("a day such as 2025-07-01"))?,
            ),
            ControlKind::Selector if self.selector_type == Some(SelectorType::Multi) => {
                ControlValue::options(several())
            }
            ControlKind::Selector => ControlValue::option(text),
            ControlKind::Contact if self.contact_mode == Some(ContactMode::Department) => {
                let ids: std::result::Result<Vec<i64>, _> = several().map(i64::from_str).collect();
                ControlValue::departments(ids.map_err(|_| self.unlike("ids of departments"))?)
            }
            ControlKind::Contact => ControlValue::members(several()),
            ControlKind::RelatedApproval => ControlValue::related(several()),
            other => return Err(self.unlike(&format!("a value built for a {other}, not a text"))),
        })
    }

    fn unlike(&self, expected: &str) -> Error {
        Error::invalid(format!("control {}: expected {expected}", self.label()))
    }

    /// How errors name it: title and id.
    pub(super) fn label(&self) -> String {
        if self.title.is_empty() {
            return self.id.clone();
        }
        format!("`{}` ({})", self.title, self.id)
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    erplink_core::date::date(text).ok()
}

/// The controls that an option of this one shows or hides.
fn related_controls(control: &TemplateControl) -> Vec<String> {
    let relations = Tree::new(&control.raw).get("config").get("selector").get("op_relations");
    let related = relations.list().into_iter().flat_map(|one| one.get("relation_list").list());
    related.filter_map(|one| one.get("related_control_id").text()).collect()
}

fn mark_hideable(controls: &mut [TemplateControl], ids: &[String]) {
    for control in controls {
        control.can_be_hidden = ids.contains(&control.id);
        mark_hideable(&mut control.children, ids);
    }
}

/// By id, or else by title if only one control has it.
pub(super) fn find<'a>(controls: &'a [TemplateControl], key: &str) -> Result<&'a TemplateControl> {
    control::find_by(controls, key, |control| (&control.id, Some(&control.title)))
}

/// Templates that were read lately.
pub(crate) struct TemplateMemory {
    memory: Duration,
    templates: Mutex<HashMap<String, (Instant, Arc<Template>)>>,
}

impl TemplateMemory {
    /// A corp has some hundred templates, an integration a handful.
    const LARGEST: usize = 1000;

    pub(crate) fn new(memory: Duration) -> Self {
        Self { memory, templates: Mutex::default() }
    }

    fn recall(&self, now: Instant, template_id: &str) -> Option<Arc<Template>> {
        let templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, template) = templates.get(template_id)?;
        (now.saturating_duration_since(*at) < self.memory).then(|| template.clone())
    }

    fn keep(&self, now: Instant, template: Arc<Template>) {
        let mut templates = self.templates.lock().unwrap_or_else(PoisonError::into_inner);
        if templates.len() >= Self::LARGEST {
            templates.clear();
        }
        templates.insert(template.template_id.clone(), (now, template));
    }

    /// Forgets a template that does not seem to be what it was.
    pub(super) fn forget(&self, template_id: &str) {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner).remove(template_id);
    }
}
