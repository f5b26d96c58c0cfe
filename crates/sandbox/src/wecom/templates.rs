//! Calls about templates: read, create, change.

use std::collections::BTreeSet;

use serde_json::json;

use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::template::{Control, Label, Template};
use super::world::World;

/// Types a create call may use. `Formula` is for the console alone.
const CREATABLE: [&str; 17] = [
    "Text",
    "Textarea",
    "Number",
    "Money",
    "Date",
    "Selector",
    "Contact",
    "Tips",
    "File",
    "Table",
    "Location",
    "RelatedApproval",
    "DateRange",
    "PhoneNumber",
    "Vacation",
    "Attendance",
    "BankAccount",
];

/// `POST /cgi-bin/oa/gettemplatedetail`: a template's controls (获取审批模板详情).
pub(super) fn detail(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let template = request.text("template_id").and_then(|id| world.templates.get(id));
    let template = template.ok_or_else(|| Refusal::approval("invalid template_id"))?;
    Ok(members(json!({
        "template_names": template.names,
        "template_content": template.content(),
    })))
}

/// `POST /cgi-bin/oa/approval/create_template`: a new template (创建审批模板).
pub(super) fn create(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let id = world.ids.template();
    let mut template = checked(&id, request)?;
    let name = template.name();
    if world.template_named(name).is_some() {
        return Err(parameter(format!("template name {name} exists")));
    }
    template.created_by = Some(request.agent);
    world.templates.insert(id.clone(), template);
    Ok(members(json!({"template_id": id})))
}

/// `POST /cgi-bin/oa/approval/update_template`: changes the controls, not the flow (更新审批模板).
pub(super) fn update(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let id = request.text("template_id").ok_or_else(|| parameter("missing template_id"))?;
    let changed = checked(id, request)?;
    let twin = world.template_named(changed.name()).is_some_and(|twin| twin.template_id != id);
    if twin {
        return Err(parameter(format!("template name {} exists", changed.name())));
    }
    let template = world.templates.get_mut(id).ok_or_else(|| parameter("invalid template_id"))?;
    if template.created_by != Some(request.agent) {
        return Err(Refusal::new(301_088, "no approval auth: not a template of this app"));
    }
    if template.custom_print {
        return Err(Refusal::new(301_115, "template has a custom print layout"));
    }
    template.names = changed.names;
    template.controls = changed.controls;
    Ok(Members::new())
}

fn parameter(message: impl std::fmt::Display) -> Refusal {
    Refusal::new(301_086, format!("invalid control param: {message}"))
}

fn checked(id: &str, request: &Request) -> Result<Template, Refusal> {
    let template = Template::from_detail(id, &request.body).map_err(parameter)?;
    check_labels(&template.names, 40, "template_name")?;
    let attendance = template.controls.iter().filter(|control| is_attendance(control));
    if attendance.count() > 1 {
        return Err(parameter("more than one attendance control"));
    }
    check_controls(&template.controls, false)?;
    Ok(template)
}

fn check_controls(controls: &[Control], in_table: bool) -> Result<(), Refusal> {
    if controls.is_empty() {
        return Err(parameter("no controls"));
    }
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for control in controls {
        check_control(control, in_table)?;
        if !ids.insert(control.id.as_str()) {
            return Err(parameter(format!("id {} is not unique", control.id)));
        }
        if !titles.insert(control.title()) {
            return Err(parameter(format!("title {} is not unique", control.title())));
        }
    }
    Ok(())
}

fn check_control(control: &Control, in_table: bool) -> Result<(), Refusal> {
    let Control { kind, id, .. } = control;
    let wrong = |what: &str| Err(parameter(format!("{id}: {what}")));
    if !CREATABLE.contains(&kind.as_str()) {
        return wrong("unknown control type");
    }
    let number = id.strip_prefix(kind.as_str()).and_then(|rest| rest.strip_prefix('-'));
    if !number.is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())) {
        return wrong("the id is not <control>-<digits>");
    }
    check_labels(&control.title, 40, "title")?;
    if !control.placeholder.is_empty() {
        check_lengths(&control.placeholder, 80, "placeholder")?;
    }
    let one_of = |pointer: &str, allowed: &[&str]| allowed.contains(&control.text_setting(pointer));
    match kind.as_str() {
        "Date" if !one_of("/date/type", &["day", "hour"]) => wrong("config.date.type"),
        "Contact"
            if !one_of("/contact/type", &["single", "multi"])
                || !one_of("/contact/mode", &["user", "department"]) =>
        {
            wrong("config.contact")
        }
        "Selector" => {
            let options = control.setting("/selector/options").and_then(|one| one.as_array());
            if one_of("/selector/type", &["single", "multi"])
                && options.is_some_and(|options| !options.is_empty())
            {
                Ok(())
            } else {
                wrong("config.selector")
            }
        }
        "Table" if in_table => wrong("a table in a table"),
        "Table" => check_controls(&control.children, true),
        "Vacation" | "Attendance" if in_table => wrong("attendance in a table"),
        "Vacation" | "Attendance" if !control.require || control.un_print => {
            wrong("must be required and printed")
        }
        _ => Ok(()),
    }
}

fn check_labels(labels: &[Label], most: usize, what: &str) -> Result<(), Refusal> {
    if labels.is_empty() || labels.iter().any(|label| label.text.is_empty()) {
        return Err(parameter(format!("{what} is empty")));
    }
    check_lengths(labels, most, what)
}

fn check_lengths(labels: &[Label], most: usize, what: &str) -> Result<(), Refusal> {
    if labels.iter().any(|label| label.text.chars().count() > most) {
        return Err(parameter(format!("{what} is longer than {most} characters")));
    }
    if labels.iter().any(|label| !matches!(label.lang.as_str(), "zh_CN" | "en")) {
        return Err(parameter(format!("lang of {what} is neither zh_CN nor en")));
    }
    Ok(())
}

fn is_attendance(control: &Control) -> bool {
    matches!(control.kind.as_str(), "Vacation" | "Attendance")
}
