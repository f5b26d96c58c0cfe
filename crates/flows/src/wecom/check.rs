//! Whether a template (审批模板) is there, and takes what a flow puts into its controls.

use wecom::approvals::{ControlKind, Template, TemplateControl};

use super::FormFields;

/// Everything about a template that would refuse every form of a flow, in one text.
pub(super) fn problems(template: &Template, form: &FormFields, key: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let mut filled: Vec<&TemplateControl> = Vec::new();
    let map = &form.map;
    for name in std::iter::once(key).chain(map.main_fields()) {
        match template.control(name) {
            Ok(control) => {
                problems.extend(takes_text(control));
                filled.push(control);
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    if let Some(name) = map.lines_to() {
        match template.control(name) {
            Ok(table) if table.kind == ControlKind::Table => {
                problems.extend(row_problems(table, map.line_fields()));
                filled.push(table);
            }
            Ok(control) => {
                problems.push(format!("`{name}` is a {}, not a table (明细)", control.kind));
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    problems.extend(missing("", &template.controls, &filled));
    problems
}

fn row_problems<'a>(
    table: &TemplateControl,
    columns: impl Iterator<Item = &'a str>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut filled = Vec::new();
    for name in columns {
        match table.child(name) {
            Ok(control) => {
                problems.extend(takes_text(control));
                filled.push(control);
            }
            Err(error) => problems.push(format!("`{}`: {error}", table.title)),
        }
    }
    let place = format!("`{}`: ", table.title);
    problems.extend(missing(&place, &table.children, &filled));
    problems
}

/// Required controls that nothing goes into.
fn missing(place: &str, all: &[TemplateControl], filled: &[&TemplateControl]) -> Vec<String> {
    let is_missing = |control: &&TemplateControl| {
        let needed = control.is_required && !control.can_be_hidden;
        needed
            && !control.kind.is_filled_by_platform()
            && !filled.iter().any(|one| one.id == control.id)
    };
    let told = |control: &TemplateControl| {
        format!("{place}`{}` ({}) is required and nothing goes into it", control.title, control.id)
    };
    all.iter().filter(is_missing).map(told).collect()
}

/// What is wrong with filling a control with a text of the ERP.
fn takes_text(control: &TemplateControl) -> Option<String> {
    let TemplateControl { kind, title, id, .. } = control;
    match kind {
        ControlKind::Text
        | ControlKind::Textarea
        | ControlKind::Number
        | ControlKind::Money
        | ControlKind::Date
        | ControlKind::Selector
        | ControlKind::Contact
        | ControlKind::RelatedApproval => None,
        kind if kind.is_filled_by_platform() => {
            Some(format!("`{title}` ({id}) is a {kind}: WeCom fills it in itself"))
        }
        ControlKind::Table => {
            Some(format!("`{title}` ({id}) is a table (明细): map it in `lines`"))
        }
        kind => Some(format!("`{title}` ({id}) is a {kind}, which takes no field of the ERP")),
    }
}
