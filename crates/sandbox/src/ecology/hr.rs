//! The HR service (人力资源): who is who. Reading only.

use std::collections::BTreeMap;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::directory::User;
use super::gate::Caller;
use super::incoming::{Incoming, scalar};
use super::md5;
use super::reply::Answer;
use super::world::World;

/// The vendor's spelling.
pub(super) const PATH: &str = "/api/hrm/resful/";
pub(super) const ACCOUNTS: &str = "/api/hrm/login/getAccountList";

/// How long a key is valid, in milliseconds.
const KEY_LIFE: u64 = 5 * 60 * 1000;
const PAGE: usize = 20;

impl World {
    /// Whether a call needs no token: by its address, or by `key` and `ts`; `Err`: the key is wrong.
    pub(super) fn hr_lets_in(&self, incoming: &Incoming) -> Result<bool, Answer> {
        if self.quirks.hr_open {
            return Ok(true);
        }
        let in_body = incoming.parameters(true).map("token").unwrap_or_default();
        let part = |name: &str| {
            incoming.header(name).map(str::to_owned).or_else(|| in_body.get(name).cloned())
        };
        let (Some(key), Some(ts)) = (part("key"), part("ts")) else { return Ok(false) };
        let now = incoming.now.timestamp_millis();
        let fresh = ts.parse::<i64>().is_ok_and(|ts| now.abs_diff(ts) <= KEY_LIFE);
        if fresh && key == md5::hex(&format!("{}{ts}", self.hr_identifier)).to_uppercase() {
            return Ok(true);
        }
        Err(Answer::Json(json!({"code": "-1", "msg": "token验证失败"})))
    }
}

/// `POST /api/hrm/resful/…`.
pub(super) fn answer(world: &World, incoming: &Incoming) -> Answer {
    let name = incoming.path.strip_prefix(PATH).unwrap_or_default();
    let rows = match name {
        "getHrmUserInfoWithPage" => users,
        "getHrmdepartmentWithPage" => departments,
        "getHrmsubcompanyWithPage" => subcompanies,
        "getJobtitleInfoWithPage" => job_titles,
        "synSubcompany" | "synDepartment" | "synJobtitle" | "synHrmresource" => {
            return Answer::unsupported(format!("{PATH}{name}"));
        }
        _ => return Answer::not_found(),
    };
    if incoming.method != Method::POST {
        return Answer::html(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Ok(filters) = incoming.parameters(true).map("params") else {
        return Answer::Json(json!({"code": "-1", "msg": "params参数格式错误"}));
    };
    let number = |name: &str, default: usize| {
        let number = filters.get(name).and_then(|text| text.parse().ok());
        number.filter(|number| *number > 0).unwrap_or(default)
    };
    let (page, size) = (number("curpage", 1), number("pagesize", PAGE));
    let found: Vec<_> = rows(world).into_iter().filter(|row| meets(row, &filters)).collect();
    let total = found.len();
    let skip = page.saturating_sub(1).saturating_mul(size);
    let rows: Vec<_> = found.into_iter().skip(skip).take(size).collect();
    let data = json!({"totalSize": total, "pageSize": size, "page": page, "dataList": rows});
    Answer::Json(json!({"code": "1", "data": data}))
}

/// Filters name columns; the two dates mean "at or after". Others are no filters.
fn meets(row: &Value, filters: &BTreeMap<String, String>) -> bool {
    filters.iter().filter(|(_, wanted)| !wanted.is_empty()).all(|(name, wanted)| {
        let Some(value) = row.get(name).and_then(scalar) else { return true };
        match name.as_str() {
            "created" | "modified" => value.as_str() >= wanted.as_str(),
            _ => value == *wanted,
        }
    })
}

fn users(world: &World) -> Vec<Value> {
    let user = |user: &User| {
        let department = world.directory.departments.get(&user.department);
        let subcompany =
            department.and_then(|one| world.directory.subcompanies.get(&one.subcompany));
        json!({
            "id": user.id,
            "workcode": user.workcode,
            "loginid": user.loginid,
            "lastname": user.name,
            "departmentid": user.department,
            "departmentname": department.map_or("", |one| one.name.as_str()),
            "subcompanyid1": department.map_or("", |one| one.subcompany.as_str()),
            "subcompanyname": subcompany.map_or("", |one| one.name.as_str()),
            "jobtitle": user.job_title,
            "managerid": user.manager,
            "status": user.status.number().to_string(),
            "accounttype": if user.belongs_to.is_empty() { "0" } else { "1" },
            "belongto": user.belongs_to,
            "email": user.email,
            "mobile": user.mobile,
            "sex": "0",
            "seclevel": "10",
            "created": user.created,
            "modified": user.modified,
        })
    };
    world.directory.users.values().map(user).collect()
}

fn departments(world: &World) -> Vec<Value> {
    let departments = world.directory.departments.values();
    let shown = departments.map(|one| {
        json!({
            "id": one.id, "departmentcode": one.code, "departmentname": one.name,
            "departmentmark": one.name, "subcompanyid1": one.subcompany,
            "supdepid": if one.parent.is_empty() { "0" } else { one.parent.as_str() },
            "canceled": "0", "showorder": "0",
            "created": "2023-01-05", "modified": "2024-02-01 10:00:00",
        })
    });
    shown.collect()
}

fn subcompanies(world: &World) -> Vec<Value> {
    let subcompanies = world.directory.subcompanies.values();
    let shown = subcompanies.map(|one| {
        json!({
            "id": one.id, "subcompanyname": one.name, "subcompanydesc": one.name,
            "subcompanycode": "", "supsubcomid": "0", "canceled": "0", "showorder": "0",
            "created": "2023-01-05", "modified": "2024-02-01 10:00:00",
        })
    });
    shown.collect()
}

fn job_titles(world: &World) -> Vec<Value> {
    let titles = world.directory.job_titles.values();
    let shown = titles.map(|one| {
        json!({
            "id": one.id, "jobtitlename": one.name, "jobtitlemark": one.name,
            "jobtitlecode": "", "jobdepartmentid": "", "jobactivityid": "",
            "created": "2023-01-05", "modified": "2024-02-01 10:00:00",
        })
    });
    shown.collect()
}

/// `GET /api/hrm/login/getAccountList`: the accounts of whoever calls.
pub(super) fn accounts(world: &World, caller: &Caller) -> Answer {
    let user = world.directory.users.get(&caller.user).cloned().unwrap_or_default();
    let department = world.directory.departments.get(&user.department);
    Answer::Json(json!({
        "status": "1",
        "data": {
            "userid": user.id,
            "username": user.name,
            "deptid": user.department,
            "deptname": department.map_or("", |one| one.name.as_str()),
            "subcompanyid": world.directory.subcompany_of(&user.id),
            "jobs": user.job_title,
        },
    }))
}
