//! Approval templates (审批模板): the form, and the flow that approves it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::ids::short_code;

/// Whether a template can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateStatus {
    /// `PUBLISHED`: in use.
    Published,
    /// `INVALID`: switched off (停用).
    Invalid,
    /// `SAVED`: drafted, never published.
    Saved,
}

impl TemplateStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            TemplateStatus::Published => "PUBLISHED",
            TemplateStatus::Invalid => "INVALID",
            TemplateStatus::Saved => "SAVED",
        }
    }
}

/// An approval template (审批模板).
#[derive(Debug, Clone)]
pub struct Template {
    /// processCode, `PROC-…`.
    pub process_code: String,
    /// Name of the form, unique in the organisation.
    pub name: String,
    /// The line below the name.
    pub description: String,
    /// Whether instances can be started.
    pub status: TemplateStatus,
    /// The form's components (控件) in their order.
    pub components: Vec<Component>,
    /// The approval nodes in their order; used when a create call brings no `approvers`.
    pub flow: Vec<FlowNode>,
    /// Whether a running instance may be withdrawn (撤销).
    pub allow_withdraw: bool,
    /// The users who see the template; `None` for everybody.
    pub visible_to: Option<Vec<String>>,
    /// When the template was last changed.
    pub modified: DateTime<Utc>,
}

impl Template {
    /// A published template with the given form and no flow yet.
    pub fn new(process_code: &str, name: &str, components: Vec<Component>) -> Self {
        Template {
            process_code: process_code.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            status: TemplateStatus::Published,
            components,
            flow: Vec::new(),
            allow_withdraw: true,
            visible_to: None,
            modified: DateTime::UNIX_EPOCH,
        }
    }

    /// Adds an approval node at the end of the flow.
    pub fn node(mut self, node: FlowNode) -> Self {
        self.flow.push(node);
        self
    }

    pub(super) fn is_visible_to(&self, userid: &str) -> bool {
        self.visible_to.as_ref().is_none_or(|users| users.iter().any(|user| user == userid))
    }
}

/// A component (控件) of a form.
#[derive(Debug, Clone)]
pub struct Component {
    /// Component id, `TextField_1UE1ZY1A`.
    pub id: String,
    /// `componentType`: `TextField`, `NumberField`, `TableField`, …
    pub kind: String,
    /// The label people see; of a range component the JSON text of its two labels.
    pub label: String,
    /// Business alias, empty when none is set.
    pub biz_alias: String,
    /// Whether the form cannot be sent without it.
    pub required: bool,
    /// The texts of a select component.
    pub options: Vec<String>,
    /// Date format, `yyyy-MM-dd` or `yyyy-MM-dd HH:mm`.
    pub format: Option<String>,
    /// The columns of a table.
    pub children: Vec<Component>,
    /// Further properties, given out in the schema as they are.
    pub props: Map<String, Value>,
}

impl Component {
    /// An optional component with an id that follows from type and label.
    pub fn new(kind: &str, label: &str) -> Self {
        Component {
            id: format!("{kind}_{}", short_code(&format!("{kind}/{label}"))),
            kind: kind.to_owned(),
            label: label.to_owned(),
            biz_alias: String::new(),
            required: false,
            options: Vec::new(),
            format: None,
            children: Vec::new(),
            props: Map::new(),
        }
    }

    /// Single-line text (单行输入框).
    pub fn text(label: &str) -> Self {
        Self::new("TextField", label)
    }

    /// Number (数字输入框).
    pub fn number(label: &str) -> Self {
        Self::new("NumberField", label)
    }

    /// Day (日期), written `yyyy-MM-dd`.
    pub fn date(label: &str) -> Self {
        Component { format: Some("yyyy-MM-dd".to_owned()), ..Self::new("DDDateField", label) }
    }

    /// Select (单选框) among these texts.
    pub fn select(label: &str, options: &[&str]) -> Self {
        Component {
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            ..Self::new("DDSelectField", label)
        }
    }

    /// Table (明细) with these columns.
    pub fn table(label: &str, children: Vec<Component>) -> Self {
        Component { children, ..Self::new("TableField", label) }
    }

    /// The same component, required.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// How the users of a node decide together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `AND` (会签): all of them, asked together.
    And,
    /// `OR` (或签): the first who answers, asked together.
    Or,
    /// `ONE_BY_ONE` (依次审批): all of them, one after another.
    OneByOne,
    /// `NONE`: a single person.
    Single,
}

impl Mode {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Mode::And => "AND",
            Mode::Or => "OR",
            Mode::OneByOne => "ONE_BY_ONE",
            Mode::Single => "NONE",
        }
    }
}

/// An approval node (审批节点) of a template's flow.
#[derive(Debug, Clone)]
pub struct FlowNode {
    /// `activityId`.
    pub activity_id: String,
    /// The name people see.
    pub name: String,
    /// How its users decide together.
    pub mode: Mode,
    /// Who they are.
    pub approvers: Approvers,
}

/// Who approves at a node.
#[derive(Debug, Clone)]
pub enum Approvers {
    /// These users, set in the template.
    Users(Vec<String>),
    /// Chosen by the originator (发起人自选), `activityType` = `target_select`.
    ChosenByOriginator {
        /// `actorKey`, by which the choice is sent.
        actor_key: String,
        /// The users to choose from; `None` for everybody.
        range: Option<Vec<String>>,
        /// Whether somebody must be chosen.
        required: bool,
    },
}

impl FlowNode {
    /// A node whose users are set in the template.
    pub fn users(activity_id: &str, name: &str, mode: Mode, users: &[&str]) -> Self {
        FlowNode {
            activity_id: activity_id.to_owned(),
            name: name.to_owned(),
            mode,
            approvers: Approvers::Users(users.iter().map(|user| (*user).to_owned()).collect()),
        }
    }
}
