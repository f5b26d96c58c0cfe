//! Creating and changing templates.

use erplink_core::Idempotency;
use serde_json::{Map, Value, json};

use super::Approvals;
use super::template::{ContactMode, DateType, SelectorType};
use super::value::ControlKind;
use crate::client::{Endpoint, Input};
use crate::contacts::required;
use crate::error::{Error, Result};
use crate::tree::Tree;

const CREATE: Endpoint =
    Endpoint::new("POST /cgi-bin/oa/approval/create_template", Idempotency::NotIdempotent);
const UPDATE: Endpoint =
    Endpoint::new("POST /cgi-bin/oa/approval/update_template", Idempotency::Idempotent);

const NAME_CHARS: usize = 40;
const PLACEHOLDER_CHARS: usize = 80;

/// A template to create or to change.
///
/// ```
/// use wecom::approvals::{ControlDefinition, ControlKind, TemplateDefinition};
///
/// let definition = TemplateDefinition::new("采购订单审批")
///     .control(ControlDefinition::new(ControlKind::Text, "Text-01", "草稿单号").required())
///     .control(ControlDefinition::table("Table-01", "明细", [
///         ControlDefinition::new(ControlKind::Text, "Text-02", "物料编码").required(),
///         ControlDefinition::new(ControlKind::Number, "Number-01", "数量").required(),
///     ]));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct TemplateDefinition {
    name: String,
    controls: Vec<ControlDefinition>,
    option_form: OptionForm,
}

/// A control of a template to create or to change.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct ControlDefinition {
    kind: ControlKind,
    id: String,
    title: String,
    placeholder: Option<String>,
    is_required: bool,
    is_printed: bool,
    config: Option<(&'static str, Value)>,
    options: Vec<(String, String)>,
    children: Vec<ControlDefinition>,
}

/// How the texts of options are written: the documentation shows an object here and an array in
/// answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionForm {
    /// `{"text", "lang"}`, as the page shows it.
    #[default]
    Object,
    /// `[{"text", "lang"}]`, as answers have it.
    Array,
}

impl Approvals {
    /// `POST /cgi-bin/oa/approval/create_template`: creates a template (创建审批模板), answers its
    /// id. For self-built apps; the flow has to be set up in the console afterwards.
    ///
    /// # Errors
    /// Code `301086` for a control that is wrong, `301087` when the corp has too many templates.
    pub async fn create_template(&self, definition: &TemplateDefinition) -> Result<String> {
        let input = Input::json(&definition.body(None)?)?;
        let read =
            |answer: &Value| Tree::new(answer).get("template_id").require_text("template_id");
        self.client.read(&CREATE, input, read).await
    }

    /// `POST /cgi-bin/oa/approval/update_template`: replaces the controls of a template this app
    /// has created (更新审批模板). Its flow and rules stay.
    ///
    /// # Errors
    /// As [`create_template`](Self::create_template); `301115` for a template with its own print
    /// layout.
    pub async fn update_template(
        &self,
        template_id: &str,
        definition: &TemplateDefinition,
    ) -> Result<()> {
        let template_id = required("template_id", template_id)?;
        let input = Input::json(&definition.body(Some(&template_id))?)?
            .about(format!("template_id {template_id}"));
        self.client.call(&UPDATE, input).await?;
        self.client.templates().forget(&template_id);
        Ok(())
    }
}

impl TemplateDefinition {
    /// A template of this name, at most 40 characters, without controls.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), controls: Vec::new(), option_form: OptionForm::default() }
    }

    /// Adds a control.
    pub fn control(mut self, control: ControlDefinition) -> Self {
        self.controls.push(control);
        self
    }

    /// How the texts of options are written. Default [`OptionForm::Object`].
    pub fn option_form(mut self, form: OptionForm) -> Self {
        self.option_form = form;
        self
    }

    fn body(&self, template_id: Option<&str>) -> Result<Value> {
        let mut problems = Vec::new();
        check_length("template_name", &self.name, NAME_CHARS, &mut problems);
        if self.controls.is_empty() {
            problems.push("the template has no controls".to_owned());
        }
        check_controls(&self.controls, &mut problems);
        if !problems.is_empty() {
            return Err(Error::invalid(format!("no template: {}", problems.join("; "))));
        }
        let controls = self.controls.iter().map(|control| control.body(self.option_form));
        let mut body = json!({
            "template_name": [chinese(&self.name)],
            "template_content": { "controls": controls.collect::<Value>() },
        });
        if let Some(id) = template_id {
            body["template_id"] = json!(id);
        }
        Ok(body)
    }
}

impl ControlDefinition {
    /// A control: its id is `<Control>-<digits>` and unique, such as `Text-01`; its title has at
    /// most 40 characters and is unique.
    pub fn new(kind: ControlKind, id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            kind,
            id: id.into(),
            title: title.into(),
            placeholder: None,
            is_required: false,
            is_printed: true,
            config: None,
            options: Vec::new(),
            children: Vec::new(),
        }
    }

    /// A date.
    pub fn date(id: impl Into<String>, title: impl Into<String>, kind: &DateType) -> Self {
        Self::new(ControlKind::Date, id, title).config("date", json!({ "type": kind }))
    }

    /// A choice: keys and texts of its options.
    pub fn selector<K: Into<String>, T: Into<String>>(
        id: impl Into<String>,
        title: impl Into<String>,
        kind: &SelectorType,
        options: impl IntoIterator<Item = (K, T)>,
    ) -> Self {
        let mut this =
            Self::new(ControlKind::Selector, id, title).config("selector", json!({ "type": kind }));
        this.options = options.into_iter().map(|(key, text)| (key.into(), text.into())).collect();
        this
    }

    /// Members or departments.
    pub fn contact(
        id: impl Into<String>,
        title: impl Into<String>,
        kind: &SelectorType,
        mode: &ContactMode,
    ) -> Self {
        let config = json!({ "type": kind, "mode": mode });
        Self::new(ControlKind::Contact, id, title).config("contact", config)
    }

    /// A table, and the controls of its rows.
    pub fn table(
        id: impl Into<String>,
        title: impl Into<String>,
        children: impl IntoIterator<Item = ControlDefinition>,
    ) -> Self {
        let mut this = Self::new(ControlKind::Table, id, title).config("table", json!({}));
        this.children = children.into_iter().collect();
        this
    }

    /// A configuration of the caller's: the member of `config` and its content, such as
    /// `("file", {"is_only_photo": 0})`.
    pub fn config(mut self, member: &'static str, content: Value) -> Self {
        self.config = Some((member, content));
        self
    }

    /// The text people see before they fill it in, at most 80 characters.
    pub fn placeholder(mut self, text: impl Into<String>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    /// It has to be filled in.
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// It is not printed.
    pub fn not_printed(mut self) -> Self {
        self.is_printed = false;
        self
    }

    fn body(&self, option_form: OptionForm) -> Value {
        let mut property = json!({
            "control": self.kind, "id": self.id, "title": [chinese(&self.title)],
            "require": u8::from(self.is_required), "un_print": u8::from(!self.is_printed),
        });
        if let Some(text) = &self.placeholder {
            property["placeholder"] = json!([chinese(text)]);
        }
        let mut control = json!({ "property": property });
        if let Some((member, content)) = &self.config {
            let mut content = content.clone();
            if !self.options.is_empty() {
                let options = self.options.iter().map(|(key, text)| {
                    let text = chinese(text);
                    let value = match option_form {
                        OptionForm::Object => text,
                        OptionForm::Array => json!([text]),
                    };
                    json!({ "key": key, "value": value })
                });
                content["options"] = options.collect();
            }
            if !self.children.is_empty() {
                content["children"] =
                    self.children.iter().map(|one| one.body(option_form)).collect();
            }
            let config = Map::from_iter([((*member).to_owned(), content)]);
            control["config"] = Value::Object(config);
        }
        control
    }
}

fn chinese(text: &str) -> Value {
    json!({ "text": text, "lang": "zh_CN" })
}

fn check_controls(controls: &[ControlDefinition], problems: &mut Vec<String>) {
    for (at, control) in controls.iter().enumerate() {
        let name = format!("control {}", control.id);
        let before = controls.get(..at).unwrap_or_default();
        if before.iter().any(|other| other.id == control.id) {
            problems.push(format!("{name}: the id stands there twice"));
        }
        if before.iter().any(|other| other.title == control.title) {
            problems.push(format!("{name}: the title `{}` stands there twice", control.title));
        }
        if !has_form_of_id(&control.id) {
            problems.push(format!("{name}: expected an id such as {}-01", control.kind));
        }
        check_length(&format!("{name}: title"), &control.title, NAME_CHARS, problems);
        if let Some(text) = &control.placeholder {
            check_length(&format!("{name}: placeholder"), text, PLACEHOLDER_CHARS, problems);
        }
        match control.kind {
            ControlKind::Formula => problems.push(format!("{name}: no Formula by API")),
            ControlKind::Table if control.children.is_empty() => {
                problems.push(format!("{name}: a table without controls"));
            }
            ControlKind::Selector if control.options.is_empty() => {
                problems.push(format!("{name}: a choice without options"));
            }
            _ => {}
        }
        let is_nested = |child: &&ControlDefinition| {
            matches!(child.kind, ControlKind::Table | ControlKind::Attendance)
        };
        if let Some(child) = control.children.iter().find(is_nested) {
            problems.push(format!("{name}: a table cannot hold a {}", child.kind));
        } else {
            check_controls(&control.children, problems);
        }
    }
}

/// `<Control>-<digits>`.
fn has_form_of_id(id: &str) -> bool {
    id.split_once('-').is_some_and(|(name, digits)| {
        !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

fn check_length(name: &str, text: &str, most: usize, problems: &mut Vec<String>) {
    match text.chars().count() {
        0 => problems.push(format!("{name} is empty")),
        found if found > most => {
            problems.push(format!("{name} has at most {most} characters, found {found}"));
        }
        _ => {}
    }
}
