//! Contacts (通讯录) of the legacy generation: users and departments.

use serde_json::{Map, Value, json};

use super::directory::{Department, ROOT_DEPARTMENT, User};
use super::refusal::LegacyRefusal;
use super::request::Request;
use super::world::World;

/// `POST /topapi/v2/user/get`: a user (查询用户详情).
pub(super) fn user(world: &mut World, request: &Request) -> Result<Value, LegacyRefusal> {
    let userid = required(request, "userid")?;
    world.directory.user(userid).map(user_json).ok_or_else(user_not_found)
}

/// `POST /topapi/v2/user/getbymobile`: the userId of a mobile number (根据手机号查询用户).
pub(super) fn by_mobile(world: &mut World, request: &Request) -> Result<Value, LegacyRefusal> {
    let mobile = required(request, "mobile")?;
    let digits = mobile.strip_prefix("+86").unwrap_or(mobile).trim_start_matches('-');
    if digits.len() != 11 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LegacyRefusal::new(40104, "无效的手机号"));
    }
    let user = world.directory.users().find(|user| user.mobile == digits);
    user.map(|user| json!({"userid": user.userid})).ok_or_else(user_not_found)
}

/// `POST /topapi/user/getbyunionid`: the userId of a unionId (根据unionid获取用户userid).
pub(super) fn by_union_id(world: &mut World, request: &Request) -> Result<Value, LegacyRefusal> {
    let union_id = required(request, "unionid")?;
    let user = world.directory.users().find(|user| user.unionid == union_id);
    user.map(|user| json!({"contact_type": 0, "userid": user.userid})).ok_or_else(user_not_found)
}

/// `POST /topapi/user/listid`: the userIds of a department (获取部门用户userid列表).
pub(super) fn user_ids(world: &mut World, request: &Request) -> Result<Value, LegacyRefusal> {
    let department = department_of(world, request)?.id;
    let members = world.directory.users().filter(|user| user.departments.contains(&department));
    let ids: Vec<&str> = members.map(|user| user.userid.as_str()).collect();
    Ok(json!({"userid_list": ids}))
}

/// `POST /topapi/v2/department/get`: a department (获取部门详情).
pub(super) fn department(world: &mut World, request: &Request) -> Result<Value, LegacyRefusal> {
    let department = department_of(world, request)?;
    let leads = world.directory.users().filter(|user| user.leads.contains(&department.id));
    let managers: Vec<&str> = leads.map(|user| user.userid.as_str()).collect();
    let members = world.directory.users();
    let count = members.filter(|user| user.departments.contains(&department.id)).count();
    let mut shown = department_json(department);
    shown.extend(object(json!({
        "order": department.id,
        "code": "",
        "dept_manager_userid_list": managers,
        "org_dept_owner": managers.first().copied().unwrap_or_default(),
        "source_identifier": "",
        "from_union_org": false,
        "tags": "",
        "dept_group_chat_id": "",
        "group_contain_sub_dept": false,
        "outer_dept": false,
        "outer_permit_users": [],
        "outer_permit_depts": [],
        "hide_dept": false,
        "user_permits": [],
        "dept_permits": [],
        "auto_approve_apply": false,
        "member_count": count,
    })));
    Ok(Value::Object(shown))
}

/// `POST /topapi/v2/department/listsub`: the departments directly below (获取部门列表).
pub(super) fn departments_below(
    world: &mut World,
    request: &Request,
) -> Result<Value, LegacyRefusal> {
    let parent = match request.member("dept_id") {
        None => ROOT_DEPARTMENT,
        Some(_) => department_of(world, request)?.id,
    };
    Ok(world.directory.below(parent).map(department_json).map(Value::Object).collect())
}

/// `POST /topapi/v2/department/listsubid`: their ids (获取子部门ID列表).
pub(super) fn department_ids_below(
    world: &mut World,
    request: &Request,
) -> Result<Value, LegacyRefusal> {
    let parent = department_of(world, request)?.id;
    let ids: Vec<i64> = world.directory.below(parent).map(|department| department.id).collect();
    Ok(json!({"dept_id_list": ids}))
}

/// `POST /topapi/v2/department/listparentbyuser`: each department of a user up to the root.
pub(super) fn parents_of_user(
    world: &mut World,
    request: &Request,
) -> Result<Value, LegacyRefusal> {
    let userid = required(request, "userid")?;
    let user = world.directory.user(userid);
    let user = user.ok_or_else(|| LegacyRefusal::new(33012, "无效的USERID"))?;
    let paths = user.departments.iter().map(|id| world.directory.path_to_root(*id));
    let lists: Vec<_> = paths.map(|path| json!({"parent_dept_id_list": path})).collect();
    Ok(json!({"parent_list": lists}))
}

/// The spelling of the vendor's own samples: numbers and booleans as text, lists of numbers as
/// text, lists of one object as the object.
pub(super) fn stringly(value: Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => json!(value.to_string()),
        Value::Array(list) if !list.is_empty() && list.iter().all(Value::is_number) => {
            json!(Value::Array(list).to_string())
        }
        Value::Array(list) => list.into_iter().map(stringly).collect(),
        Value::Object(members) => {
            let spelt = members.into_iter().map(|(name, value)| {
                let value = match value {
                    Value::Array(list) if is_collapsed(&name) => only_element(list),
                    other => other,
                };
                (name, stringly(value))
            });
            Value::Object(spelt.collect())
        }
        other => other,
    }
}

fn is_collapsed(member: &str) -> bool {
    matches!(member, "role_list" | "leader_in_dept" | "dept_order_list")
}

fn only_element(mut list: Vec<Value>) -> Value {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        last => {
            list.extend(last);
            Value::Array(list)
        }
    }
}

fn user_json(user: &User) -> Value {
    let per_department = |member: &str, of: &dyn Fn(i64) -> Value| -> Value {
        user.departments.iter().map(|id| json!({"dept_id": id, (member): of(*id)})).collect()
    };
    let roles = user
        .roles
        .iter()
        .zip(1_i64..)
        .map(|(name, id)| json!({"id": id, "name": name, "group_name": "默认"}));
    json!({
        "userid": user.userid,
        "unionid": user.unionid,
        "name": user.name,
        "avatar": "",
        "state_code": "86",
        "mobile": user.mobile,
        "hide_mobile": false,
        "telephone": "",
        "job_number": user.job_number,
        "title": user.title,
        "email": user.email,
        "work_place": "",
        "remark": "",
        "exclusive_account": false,
        "dept_id_list": user.departments,
        "dept_order_list": per_department("order", &|id| json!(id)),
        "leader_in_dept": per_department("leader", &|id| json!(user.leads.contains(&id))),
        "role_list": roles.collect::<Value>(),
        "active": true,
        "real_authed": true,
        "senior": false,
        "admin": user.admin,
        "boss": false,
    })
}

fn department_json(department: &Department) -> Map<String, Value> {
    let mut shown = object(json!({
        "dept_id": department.id,
        "name": department.name,
        "create_dept_group": false,
        "auto_add_user": false,
    }));
    shown.extend(department.parent.map(|parent| ("parent_id".to_owned(), json!(parent))));
    shown
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn required<'a>(request: &'a Request, name: &str) -> Result<&'a str, LegacyRefusal> {
    let missing = || LegacyRefusal::new(400_002, format!("参数错误：{name}不能为空"));
    request.text(name).ok_or_else(missing)
}

/// The department of `dept_id`, a number in JSON and digits in a form.
fn department_of<'a>(world: &'a World, request: &Request) -> Result<&'a Department, LegacyRefusal> {
    let id = match request.member("dept_id") {
        Some(Value::String(digits)) => digits.parse().ok(),
        other => other.and_then(Value::as_i64),
    };
    let id = id.ok_or_else(|| LegacyRefusal::new(400_002, "参数错误：dept_id不能为空"))?;
    world.directory.department(id).ok_or_else(|| LegacyRefusal::new(60003, "部门不存在"))
}

fn user_not_found() -> LegacyRefusal {
    LegacyRefusal::new(60121, "找不到该用户")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stringly_spelling_is_the_vendors() {
        let mut user = User::new("0147", "李四", "13800000002", &[2, 3]);
        user.roles = vec!["主管".to_owned()];
        let spelt = stringly(user_json(&user));
        assert_eq!(spelt["dept_id_list"], "[2,3]");
        assert_eq!(spelt["active"], "true");
        assert_eq!(spelt["role_list"]["id"], "1");
        assert_eq!(spelt["leader_in_dept"][1]["dept_id"], "3", "two entries stay a list");
        assert_eq!(spelt["userid"], "0147");
    }
}
