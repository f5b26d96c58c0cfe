//! Templates (审批模板) as the platform shows, finds, creates and changes them.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ids::short_code;
use super::refusal::Refusal;
use super::request::Request;
use super::template::{Component, Template};
use super::world::World;

/// Largest page of the visible templates.
const LARGEST_PAGE: i64 = 100;
/// Longest name of a form to look for.
const LONGEST_QUERY: usize = 64;
/// Most templates of an organisation.
const MOST_TEMPLATES: usize = 200;
/// Most components of a template.
const MOST_COMPONENTS: usize = 200;
/// Longest name, description, label, component id or alias, in characters.
const LONGEST_NAME: usize = 200;
const LONGEST_DESCRIPTION: usize = 300;
const LONGEST_LABEL: usize = 20;
const LONGEST_ID: usize = 64;

/// `GET /v1.0/workflow/forms/schemas/processCodes`: the form schema (获取表单 schema).
pub(super) fn schema(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let code = request
        .parameter("processCode")
        .ok_or_else(|| Refusal::new("aflowProcessCodeIsError", "processCode 不能为空"))?;
    let template =
        world.templates.get(code).ok_or_else(|| Refusal::new("formNotExist", "表单不存在"))?;
    let modified = template.modified.timestamp_millis().to_string();
    let items: Vec<_> = template.components.iter().map(schema_item).collect();
    Ok(json!({"result": {
        "creatorUserId": manager(world),
        "appUuid": format!("APP-{}", short_code(code)),
        "formCode": code,
        "formUuid": format!("FORM-{}", short_code(&template.name)),
        "name": template.name,
        "memo": template.description,
        "ownerIdType": "ORG",
        "status": template.status.as_str(),
        "icon": "common",
        "appType": 0,
        "bizType": "",
        "engineType": 0,
        "listOrder": 0,
        "customSetting": "",
        "procType": "",
        "visibleRange": "",
        "gmtCreate": modified,
        "gmtModified": modified,
        "schemaContent": {"title": template.name, "icon": "common", "items": items},
    }}))
}

/// A component as the schema spells it: `componentName` and `id`.
fn schema_item(component: &Component) -> Value {
    let mut props = component.props.clone();
    let mut put = |name: &str, value: Value| {
        props.insert(name.to_owned(), value);
    };
    put("id", json!(component.id));
    put("label", json!(component.label));
    put("required", json!(component.required));
    if !component.biz_alias.is_empty() {
        put("bizAlias", json!(component.biz_alias));
    }
    if !component.options.is_empty() {
        put("options", json!(component.options));
    }
    if let Some(format) = &component.format {
        put("format", json!(format));
        put("unit", json!(if format.contains("HH") { "小时" } else { "天" }));
    }
    let mut item = json!({"componentName": component.kind, "props": props});
    if let Some(members) = item.as_object_mut().filter(|_| !component.children.is_empty()) {
        let children = component.children.iter().map(schema_item).collect();
        members.insert("children".to_owned(), children);
    }
    item
}

/// `GET /v1.0/workflow/processCentres/schemaNames/processCodes`: the process code of a name.
pub(super) fn code_by_name(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let name = request.parameter("name").filter(|name| name.chars().count() <= LONGEST_QUERY);
    let template = name
        .and_then(|name| world.template_named(name))
        .ok_or_else(|| Refusal::new("process.error", "没有该名称的审批模板"))?;
    Ok(json!({"result": {
        "processCode": template.process_code,
        "gmtModified": minute(template),
    }}))
}

/// `GET /v1.0/workflow/processes/userVisibilities/templates`: the templates a user sees.
pub(super) fn visible(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let number = |name: &str| request.parameter(name).and_then(|text| text.parse::<i64>().ok());
    let invalid = |name: &str| Refusal::new("invalidParameter", format!("{name} 不合法"));
    let page = number("maxResults")
        .filter(|size| (1..=LARGEST_PAGE).contains(size))
        .and_then(|size| usize::try_from(size).ok())
        .ok_or_else(|| invalid("maxResults"))?;
    let start = number("nextToken")
        .and_then(|token| usize::try_from(token).ok())
        .ok_or_else(|| invalid("nextToken"))?;
    let user = request.parameter("userId");
    if let Some(user) = user {
        world.require_user(user)?;
    }
    let seen: Vec<_> = world
        .templates
        .values()
        .filter(|template| user.is_none_or(|user| template.is_visible_to(user)))
        .collect();
    let list: Vec<_> = seen
        .iter()
        .skip(start)
        .take(page)
        .map(|template| {
            json!({
                "name": template.name,
                "processCode": template.process_code,
                "iconUrl": "",
                "url": format!(
                    "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?processCode={}#/custom",
                    template.process_code
                ),
                "dirId": "other",
                "dirName": "其他",
            })
        })
        .collect();
    let next = start.saturating_add(list.len());
    let mut result = json!({"processList": list});
    if let Some(members) = result.as_object_mut().filter(|_| next < seen.len()) {
        members.insert("nextToken".to_owned(), json!(next));
    }
    Ok(json!({"result": result}))
}

/// `GET /v1.0/workflow/processes/managements/templates`: the templates a user manages.
pub(super) fn managed(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let user = request
        .parameter("userId")
        .ok_or_else(|| Refusal::new("invalidParameter", "userId 不能为空"))?;
    world.require_user(user)?;
    let manages = world.directory.user(user).is_some_and(|user| user.admin);
    let templates = world.templates.values().filter(|_| manages).map(|template| {
        json!({
            "iconName": "common",
            "flowTitle": template.name,
            "processCode": template.process_code,
            "newProcess": true,
            "gmtModified": minute(template),
            "attendanceType": 0,
            "iconUrl": "",
        })
    });
    Ok(json!({"result": templates.collect::<Value>(), "success": true}))
}

/// `POST /v1.0/workflow/forms`: create or update a template (创建或更新审批表单模板).
pub(super) fn save(world: &mut World, request: &Request) -> Result<Value, Refusal> {
    let named = |longest: usize| move |text: &&str| text.chars().count() <= longest;
    let name = request
        .text("name")
        .filter(named(LONGEST_NAME))
        .ok_or_else(|| Refusal::new("formName.error", "name 为空或过长"))?;
    let code = request.text("processCode");
    if code.is_some_and(|code| !world.templates.contains_key(code)) {
        return Err(Refusal::new("processcode.error", "processCode 不存在"));
    }
    if world.template_named(name).is_some_and(|other| Some(other.process_code.as_str()) != code) {
        return Err(Refusal::new("formName.error", format!("表单名称已存在：{name}")));
    }
    let description = request.text("description").unwrap_or_default();
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(schema_error("description 过长"));
    }
    let components = request
        .member("formComponents")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty() && list.len() <= MOST_COMPONENTS)
        .ok_or_else(|| schema_error("formComponents 必须是1到200个控件"))?;
    let components = components.iter().map(component).collect::<Result<Vec<_>, _>>()?;
    let mut aliases = BTreeSet::new();
    let aliased = |one: &&Component| !one.biz_alias.is_empty();
    let mut all = components.iter().flat_map(|one| std::iter::once(one).chain(&one.children));
    if all.by_ref().filter(aliased).any(|one| !aliases.insert(one.biz_alias.as_str())) {
        return Err(schema_error("bizAlias 重复"));
    }
    if code.is_none() && world.templates.len() >= MOST_TEMPLATES {
        return Err(Refusal::new("permission.error", "审批模板数量超过上限"));
    }
    let code = code.map_or_else(|| format!("PROC-{}", world.ids.request()), str::to_owned);
    let template = world
        .templates
        .entry(code.clone())
        .or_insert_with(|| Template::new(&code, name, Vec::new()));
    name.clone_into(&mut template.name);
    description.clone_into(&mut template.description);
    template.components = components;
    template.modified = request.now;
    Ok(json!({"result": {"processCode": code}}))
}

/// A component as requests spell it: `componentType` and `componentId`.
fn component(given: &Value) -> Result<Component, Refusal> {
    let kind = given.get("componentType").and_then(Value::as_str).filter(|kind| !kind.is_empty());
    let kind = kind.ok_or_else(|| schema_error("componentType 不能为空"))?;
    let empty = Map::new();
    let props = given.get("props").and_then(Value::as_object).unwrap_or(&empty);
    let text = |name: &str| props.get(name).and_then(Value::as_str).unwrap_or_default();
    let label = text("label");
    let is_range = label.starts_with('[');
    if label.is_empty() || (!is_range && label.chars().count() > LONGEST_LABEL) {
        return Err(schema_error(format!("label 为空或超过{LONGEST_LABEL}个字符：{label:?}")));
    }
    if text("componentId").len() > LONGEST_ID || text("bizAlias").len() > LONGEST_ID {
        return Err(schema_error(format!("componentId 或 bizAlias 超过{LONGEST_ID}个字符")));
    }
    let mut component = Component::new(kind, label);
    if !text("componentId").is_empty() {
        text("componentId").clone_into(&mut component.id);
    }
    text("bizAlias").clone_into(&mut component.biz_alias);
    component.required = props.get("required").and_then(Value::as_bool).unwrap_or_default();
    component.format = Some(text("format").to_owned()).filter(|format| !format.is_empty());
    let options = props.get("options").and_then(Value::as_array);
    component.options = options.into_iter().flatten().filter_map(option_text).collect();
    let children = given.get("children").and_then(Value::as_array);
    component.children =
        children.into_iter().flatten().map(self::component).collect::<Result<_, _>>()?;
    component.props = props.clone();
    component.props.retain(|name, _| !matches!(name.as_str(), "componentId" | "options"));
    Ok(component)
}

/// An option is a text, an object with `value`, or the JSON text of such an object.
fn option_text(option: &Value) -> Option<String> {
    let of_object = |object: &Value| object.get("value").and_then(Value::as_str).map(str::to_owned);
    match option {
        Value::String(text) => {
            let parsed = serde_json::from_str::<Value>(text).ok();
            Some(parsed.as_ref().and_then(of_object).unwrap_or_else(|| text.clone()))
        }
        other => of_object(other),
    }
}

fn schema_error(message: impl Into<String>) -> Refusal {
    Refusal::new("formschema.error", message)
}

fn minute(template: &Template) -> String {
    template.modified.format("%Y-%m-%dT%H:%MZ").to_string()
}

/// The user who counts as the creator of the templates: the first administrator.
fn manager(world: &World) -> &str {
    world.directory.users().find(|user| user.admin).map_or("", |user| user.userid.as_str())
}
