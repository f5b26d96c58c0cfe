//! Templates (审批模板): the controls of a form and the flow behind it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::enums::{NodeKind, Relation};

/// A text in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text.
    pub text: String,
    /// `zh_CN` or `en`.
    pub lang: String,
}

/// A text in Chinese.
pub(super) fn chinese(text: &str) -> Vec<Label> {
    vec![Label { text: text.to_owned(), lang: "zh_CN".to_owned() }]
}

/// A form template (审批模板).
#[derive(Debug, Clone)]
pub struct Template {
    /// template_id.
    pub template_id: String,
    /// Its name, one entry per language.
    pub names: Vec<Label>,
    /// Its controls in the order of the form.
    pub controls: Vec<Control>,
    /// The flow an administrator set up in the console, for `use_template_approver` 1.
    pub flow: Vec<FlowNode>,
    /// What `getapprovalinfo` calls its kind (`record_type`), e.g. 1 for leave. `None` for others.
    pub record_type: Option<i64>,
    /// It has a print layout of its own and cannot be changed by call (301115).
    pub custom_print: bool,
    /// The app that created it by call; none: an administrator in the console.
    pub(super) created_by: Option<i64>,
}

impl Template {
    /// A template without a flow.
    pub fn new(template_id: &str, name: &str, controls: Vec<Control>) -> Self {
        Template {
            template_id: template_id.to_owned(),
            names: chinese(name),
            controls,
            flow: Vec::new(),
            record_type: None,
            custom_print: false,
            created_by: None,
        }
    }

    /// Adds a node to the end of the console's flow.
    #[must_use]
    pub fn node(mut self, node: FlowNode) -> Self {
        self.flow.push(node);
        self
    }

    /// Reads a template in the shape in which `gettemplatedetail` answers (`template_names`,
    /// `template_content`), or in that of `create_template` (`template_name`).
    ///
    /// # Errors
    ///
    /// A text that names the member that is not right.
    pub fn from_detail(template_id: &str, detail: &Value) -> Result<Self, String> {
        let names = detail.get("template_names").or_else(|| detail.get("template_name"));
        let names = labels(names, "template_name")?;
        let controls = controls(detail.pointer("/template_content/controls"))?;
        Ok(Template { names, ..Template::new(template_id, "", controls) })
    }

    /// The name in Chinese, or the first there is.
    #[must_use]
    pub fn name(&self) -> &str {
        text_of(&self.names)
    }

    /// The `template_content` of `gettemplatedetail`.
    pub(super) fn content(&self) -> Value {
        json!({"controls": self.controls.iter().map(Control::detail).collect::<Vec<_>>()})
    }
}

/// A control (控件) of a form.
#[derive(Debug, Clone)]
pub struct Control {
    /// Its type, e.g. `Text`, `Money`, `Table`.
    pub kind: String,
    /// Its id, `<type>-<digits>`.
    pub id: String,
    /// Its title, one entry per language.
    pub title: Vec<Label>,
    /// What stands in the empty field.
    pub placeholder: Vec<Label>,
    /// It has to be filled in.
    pub require: bool,
    /// It is not printed.
    pub un_print: bool,
    /// `config` as the platform writes it, without the children of a table.
    pub config: Value,
    /// The columns of a table.
    pub children: Vec<Control>,
    /// Ids of the controls that a `Formula` adds up.
    pub adds_up: Vec<String>,
}

impl Control {
    /// An optional control. Its id is `<kind>-<number>`.
    pub fn new(kind: &str, number: u64, title: &str) -> Self {
        Control {
            kind: kind.to_owned(),
            id: format!("{kind}-{number}"),
            title: chinese(title),
            placeholder: Vec::new(),
            require: false,
            un_print: false,
            config: json!({}),
            children: Vec::new(),
            adds_up: Vec::new(),
        }
    }

    /// A table (明细) with these columns.
    pub fn table(number: u64, title: &str, columns: Vec<Control>) -> Self {
        let config = json!({"table": {"stat_field": []}});
        Control { children: columns, config, ..Control::new("Table", number, title) }
    }

    /// A choice of one. Each option is a key and its text.
    pub fn choice(number: u64, title: &str, options: &[(&str, &str)]) -> Self {
        let options: Vec<_> =
            options.iter().map(|(key, text)| json!({"key": key, "value": chinese(text)})).collect();
        let config = json!({"selector": {"type": "single", "exp_type": 0, "options": options}});
        Control { config, ..Control::new("Selector", number, title) }
    }

    /// A day.
    pub fn day(number: u64, title: &str) -> Self {
        Control { config: json!({"date": {"type": "day"}}), ..Control::new("Date", number, title) }
    }

    /// A number that the platform computes: the sum of the controls with these ids.
    pub fn sum(number: u64, title: &str, adds_up: &[&str]) -> Self {
        let adds_up = adds_up.iter().map(|id| (*id).to_owned()).collect();
        Control { adds_up, ..Control::new("Formula", number, title) }
    }

    /// The same control, to be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.require = true;
        self
    }

    /// The title in Chinese, or the first there is.
    #[must_use]
    pub fn title(&self) -> &str {
        text_of(&self.title)
    }

    /// A member of `config` below the member that belongs to the type.
    pub(super) fn setting(&self, pointer: &str) -> Option<&Value> {
        self.config.pointer(pointer)
    }

    pub(super) fn text_setting(&self, pointer: &str) -> &str {
        self.setting(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    fn detail(&self) -> Value {
        let mut config = self.config.clone();
        if let Some(table) = config.get_mut("table").and_then(Value::as_object_mut) {
            let children: Vec<_> = self.children.iter().map(Control::detail).collect();
            table.insert("children".to_owned(), json!(children));
        }
        json!({
            "property": {
                "control": self.kind,
                "id": self.id,
                "title": self.title,
                "placeholder": self.placeholder,
                "require": i64::from(self.require),
                "un_print": i64::from(self.un_print),
            },
            "config": config,
        })
    }
}

/// A node of a flow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowNode {
    /// What its people do.
    pub kind: NodeKind,
    /// How several people act together.
    pub relation: Relation,
    /// Their userids.
    pub users: Vec<String>,
}

impl FlowNode {
    /// A node of approvers (审批人).
    pub fn approvers(relation: Relation, users: &[&str]) -> Self {
        Self::new(NodeKind::Approver, relation, users)
    }

    /// A node of people who get a copy (抄送人).
    pub fn cc(users: &[&str]) -> Self {
        Self::new(NodeKind::Cc, Relation::All, users)
    }

    /// A node of handlers (办理人).
    pub fn handlers(relation: Relation, users: &[&str]) -> Self {
        Self::new(NodeKind::Handler, relation, users)
    }

    pub(super) fn new(kind: NodeKind, relation: Relation, users: &[&str]) -> Self {
        let users = users.iter().map(|user| (*user).to_owned()).collect();
        FlowNode { kind, relation, users }
    }
}

fn text_of(labels: &[Label]) -> &str {
    let chinese = labels.iter().find(|label| label.lang == "zh_CN");
    chinese.or_else(|| labels.first()).map_or("", |label| &label.text)
}

/// Texts: a list, or the one object that a create call may carry.
fn labels(value: Option<&Value>, what: &str) -> Result<Vec<Label>, String> {
    let read = |value: &Value| {
        serde_json::from_value::<Label>(value.clone())
            .map_err(|_| format!("{what} is not a list of {{text, lang}}"))
    };
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(entries)) => entries.iter().map(read).collect(),
        Some(one) => Ok(vec![read(one)?]),
    }
}

fn controls(value: Option<&Value>) -> Result<Vec<Control>, String> {
    let list = value.and_then(Value::as_array).ok_or("controls is not a list")?;
    list.iter().map(control).collect()
}

fn control(value: &Value) -> Result<Control, String> {
    let property = value.get("property").ok_or("a control has no property")?;
    let text = |name: &str| {
        let found = property.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        found.map(str::to_owned).ok_or_else(|| format!("a control has no property.{name}"))
    };
    let id = text("id")?;
    let flag = |name: &str| match property.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => match value.as_i64() {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(format!("{name} of {id} is neither 0 nor 1")),
        },
    };
    let (require, un_print) = (flag("require")?, flag("un_print")?);
    let mut config = value.get("config").filter(|config| config.is_object()).cloned();
    let children = match config.as_mut().and_then(|config| config.get_mut("table")) {
        None => Vec::new(),
        Some(table) => {
            let children = controls(table.get("children"))?;
            if let Some(table) = table.as_object_mut() {
                table.remove("children");
            }
            children
        }
    };
    let mut config = config.unwrap_or_else(|| json!({}));
    option_values_as_lists(&mut config);
    Ok(Control {
        kind: text("control")?,
        title: labels(property.get("title"), "title")?,
        placeholder: labels(property.get("placeholder"), "placeholder")?,
        id,
        require,
        un_print,
        config,
        children,
        adds_up: Vec::new(),
    })
}

/// A create call prints the text of an option as an object, reading gives a list.
fn option_values_as_lists(config: &mut Value) {
    let options = config.pointer_mut("/selector/options").and_then(Value::as_array_mut);
    for option in options.into_iter().flatten() {
        if let Some(value) = option.get_mut("value").filter(|value| value.is_object()) {
            *value = json!([value.take()]);
        }
    }
}
