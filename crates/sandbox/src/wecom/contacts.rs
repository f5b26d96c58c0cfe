//! Calls of the contacts (通讯录): members and departments.

use serde_json::{Value, json};

use super::directory::{Department, ROOT_DEPARTMENT, User};
use super::refusal::Refusal;
use super::request::{Members, Request, members};
use super::world::World;

/// `GET /cgi-bin/user/get`: reads a member (读取成员).
pub(super) fn user(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let userid = request.parameter("userid")?;
    let user = world.directory.user(userid);
    let user = user.ok_or_else(|| Refusal::new(60111, format!("userid not found: {userid}")))?;
    if !world.sees(request.agent, userid) {
        let message = format!("no privilege to access/modify contact/party/agent: {userid}");
        return Err(Refusal::new(60011, message));
    }
    Ok(members(world.shown(user)))
}

/// `POST /cgi-bin/user/getuserid`: the userid behind a mobile number (手机号获取userid).
pub(super) fn userid_by_mobile(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let mobile = request.text("mobile").ok_or_else(|| Refusal::parameter("mobile"))?.to_owned();
    if !(5..=32).contains(&mobile.len()) {
        return Err(Refusal::parameter("mobile has 5 to 32 bytes"));
    }
    look_up(world, request, |user| user.mobile == mobile)
}

/// `POST /cgi-bin/user/get_userid_by_email`: the userid behind a mail address (邮箱获取userid).
pub(super) fn userid_by_email(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let email = request.text("email").ok_or_else(|| Refusal::parameter("email"))?.to_owned();
    match request.integer("email_type").unwrap_or(1) {
        1 => look_up(world, request, |user| user.biz_mail == email),
        2 => look_up(world, request, |user| user.email == email),
        _ => Err(Refusal::parameter("email_type is 1 or 2")),
    }
}

fn look_up(
    world: &mut World,
    request: &Request,
    is_it: impl Fn(&User) -> bool,
) -> Result<Members, Refusal> {
    let closed = |_| Refusal::new(45009, "api freq out of limit");
    world.meter.admit_lookup(request.now).map_err(closed)?;
    let mut present = world.directory.users().filter(|user| !user.has_left());
    let found = present.find(|user| is_it(user) && world.sees(request.agent, &user.userid));
    match found {
        Some(user) => Ok(members(json!({"userid": user.userid}))),
        None => {
            world.meter.wrong_lookup(&world.limits, request.now);
            Err(Refusal::new(46004, "user no exist"))
        }
    }
}

/// `GET /cgi-bin/user/simplelist`: names of a department's members (获取部门成员).
pub(super) fn names_of_department(
    world: &mut World,
    request: &Request,
) -> Result<Members, Refusal> {
    let list = visible_members(world, request)?.into_iter().map(
        |user| json!({"userid": user.userid, "name": user.name, "department": user.departments}),
    );
    Ok(members(json!({"userlist": list.collect::<Vec<_>>()})))
}

/// `GET /cgi-bin/user/list`: a department's members with everything (获取部门成员详情).
pub(super) fn members_of_department(
    world: &mut World,
    request: &Request,
) -> Result<Members, Refusal> {
    let list = visible_members(world, request)?.into_iter().map(|user| world.shown(user));
    Ok(members(json!({"userlist": list.collect::<Vec<_>>()})))
}

fn visible_members<'a>(world: &'a World, request: &Request) -> Result<Vec<&'a User>, Refusal> {
    let id = request.department("department_id")?;
    known(world, id)?;
    let members = world.directory.members_of(id);
    Ok(members.filter(|user| world.sees(request.agent, &user.userid)).collect())
}

/// `POST /cgi-bin/user/list_id`: every member once per department (获取成员ID列表).
pub(super) fn all_ids(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let limit = request.integer("limit").unwrap_or(10_000);
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=10_000).contains(limit));
    let limit = limit.ok_or_else(|| Refusal::parameter("limit is 1 to 10000"))?;
    let start = match request.text("cursor") {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| Refusal::parameter("cursor"))?,
    };
    let present = world.directory.users().filter(|user| !user.has_left());
    let pairs = present.flat_map(|user| {
        let pair = |id: &i64| json!({"userid": user.userid, "department": id});
        user.departments.iter().map(pair)
    });
    let mut page: Vec<Value> = pairs.skip(start).take(limit.saturating_add(1)).collect();
    let cursor = if page.len() > limit {
        page.truncate(limit);
        start.saturating_add(limit).to_string()
    } else {
        String::new()
    };
    Ok(members(json!({"next_cursor": cursor, "dept_user": page})))
}

/// `GET /cgi-bin/department/list`: a department and all below it (获取部门列表).
pub(super) fn departments(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let list = below(world, request)?.into_iter().map(|one| world.shown_department(one));
    Ok(members(json!({"department": list.collect::<Vec<_>>()})))
}

/// `GET /cgi-bin/department/simplelist`: their ids (获取子部门ID列表).
pub(super) fn department_ids(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let list = below(world, request)?
        .into_iter()
        .map(|one| json!({"id": one.id, "parentid": one.parent, "order": one.order}));
    Ok(members(json!({"department_id": list.collect::<Vec<_>>()})))
}

/// `GET /cgi-bin/department/get`: one department (获取单个部门详情).
pub(super) fn department(world: &mut World, request: &Request) -> Result<Members, Refusal> {
    let department = known(world, request.department("id")?)?;
    Ok(members(json!({"department": world.shown_department(department)})))
}

fn below<'a>(world: &'a World, request: &Request) -> Result<Vec<&'a Department>, Refusal> {
    let id = match request.query.get("id") {
        Some(text) if !text.is_empty() => request.department("id")?,
        _ => ROOT_DEPARTMENT,
    };
    known(world, id)?;
    Ok(world.directory.departments_below(id))
}

fn known(world: &World, id: i64) -> Result<&Department, Refusal> {
    let department = world.directory.department(id);
    department.ok_or_else(|| Refusal::new(60123, format!("invalid party id: {id}")))
}

impl World {
    fn shown(&self, user: &User) -> Value {
        let leads = |id: &i64| i64::from(user.leads.contains(id));
        let mut shown = json!({
            "userid": user.userid,
            "name": user.name,
            "department": user.departments,
            "order": vec![0; user.departments.len()],
            "position": user.position,
            "is_leader_in_dept": user.departments.iter().map(leads).collect::<Vec<_>>(),
            "direct_leader": [],
            "main_department": user.main_department(),
            "alias": "",
            "telephone": "",
            "status": user.status,
            "extattr": {"attrs": []},
        });
        if let (true, Some(shown)) = (self.quirks.show_private_members, shown.as_object_mut()) {
            for (name, value) in
                [("mobile", &user.mobile), ("email", &user.email), ("biz_mail", &user.biz_mail)]
            {
                shown.insert(name.to_owned(), json!(value));
            }
        }
        shown
    }

    fn shown_department(&self, department: &Department) -> Value {
        let leaders = self.directory.users().filter(|user| user.leads.contains(&department.id));
        json!({
            "id": department.id,
            "name": department.name,
            "name_en": "",
            "department_leader": leaders.map(|user| user.userid.as_str()).collect::<Vec<_>>(),
            "parentid": department.parent,
            "order": department.order,
        })
    }
}
