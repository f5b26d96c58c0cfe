//! The platform's HTTP interface, `api.eteams.cn`.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, Uri};
use serde_json::{Map, Value, json};

use super::demo;
use super::gateway::Incoming;
use super::organization::{Department, Employee};
use super::query::{Query, passes};
use super::quirks::{Envelope, Quirks};
use super::refusal::Refusal;
use super::reply::{self, Success};
use super::tokens::Pair;
use super::world::World;
use crate::memory::Memory;

const LARGEST_BODY: usize = 1024 * 1024;

const AUTHORIZE: &str = "/oauth2/authorize";
const ACCESS_TOKEN: &str = "/oauth2/access_token";
const REFRESH_TOKEN: &str = "/oauth2/refresh_token";
const NEWER: &str = "/api/";

pub(super) fn router(platform: Arc<Memory<World>>) -> Router {
    Router::new().fallback(answer).layer(DefaultBodyLimit::max(LARGEST_BODY)).with_state(platform)
}

async fn answer(
    State(platform): State<Arc<Memory<World>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let incoming = Incoming::new(method, &uri, &headers, body);
    platform.act(|world, now| {
        let usual =
            if incoming.path.starts_with(NEWER) { Envelope::Nested } else { Envelope::Flat };
        let outcome = Call { incoming: &incoming, now }.run(world);
        let outcome = outcome.map(|members| Success { envelope: usual, members });
        reply::write(&world.options.quirks, usual, outcome)
    })
}

type Members = Map<String, Value>;

/// One request at one moment.
struct Call<'a> {
    incoming: &'a Incoming,
    now: DateTime<Utc>,
}

impl Call<'_> {
    fn run(&self, world: &mut World) -> Result<Members, Refusal> {
        let Incoming { method, path, .. } = self.incoming;
        self.incoming.check_installation()?;
        match (method, path.as_str()) {
            (&Method::GET | &Method::POST, AUTHORIZE) => self.login(world, Self::authorize),
            (&Method::POST, ACCESS_TOKEN) => self.login(world, Self::exchange),
            (&Method::POST, REFRESH_TOKEN) => self.login(world, Self::refresh),
            (&Method::GET, "/department/v1/list") => self.call(world, Self::departments_v1),
            (&Method::GET, "/department/v2/list") => self.call(world, Self::departments_v2),
            (&Method::GET, "/user/v1/departmentUsers") => self.call(world, Self::department_users),
            (&Method::POST, "/api/hrm/restful/queryOrg") => self.call(world, Self::query_org),
            (&Method::POST, "/api/hrm/restful/queryEmployee") => {
                self.call(world, Self::query_employee)
            }
            _ => Err(Refusal::unsupported(&format!("{method} {path}"))),
        }
    }

    fn login(
        &self,
        world: &mut World,
        run: impl FnOnce(&Self, &mut World, Members) -> Result<Members, Refusal>,
    ) -> Result<Members, Refusal> {
        let Incoming { method, path, is_e10, query, .. } = self.incoming;
        if let Some(refusal) = world.take_arranged(path) {
            return Err(refusal);
        }
        let is_wrong = *is_e10 != (method == Method::POST && self.incoming.is_json());
        if world.options.quirks.strict_dialect && is_wrong {
            return Err(Refusal::parameter("请求方式不正确"));
        }
        let fields = if method == Method::GET {
            query.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
        } else {
            self.incoming.body()?
        };
        run(self, world, fields)
    }

    fn authorize(&self, world: &mut World, fields: Members) -> Result<Members, Refusal> {
        require(&fields, "response_type", "code")?;
        if text(&fields, "corpid")? != demo::CORP_ID {
            return Err(Refusal::new("90007", "企业标识corpid不存在"));
        }
        let code = world.tokens.code(self.now + world.options.code_life);
        Ok(Members::from_iter([("code".to_owned(), json!(code))]))
    }

    fn exchange(&self, world: &mut World, fields: Members) -> Result<Members, Refusal> {
        require(&fields, "grant_type", "authorization_code")?;
        check_app(&fields)?;
        world.tokens.redeem(text(&fields, "code")?, self.now)?;
        Ok(self.token(world))
    }

    fn refresh(&self, world: &mut World, fields: Members) -> Result<Members, Refusal> {
        let Quirks { keep_refresh_token, refresh_needs_app, .. } = world.options.quirks;
        require(&fields, "grant_type", "refresh_token")?;
        if refresh_needs_app || fields.contains_key("app_key") {
            check_app(&fields)?;
        }
        let refresh = text(&fields, "refresh_token")?;
        world.tokens.refresh(refresh, keep_refresh_token)?;
        let mut answer = self.token(world);
        if keep_refresh_token {
            answer.insert("refreshToken".to_owned(), json!(refresh));
        }
        Ok(answer)
    }

    fn token(&self, world: &mut World) -> Members {
        let (life, quirks) = (world.options.token_life, &world.options.quirks);
        let Pair { access, refresh } =
            world.tokens.issue(self.now + life, quirks.new_token_voids_old);
        let name = if quirks.misspell_access_token { "acessToken" } else { "accessToken" };
        let seconds = life.as_secs();
        let expires =
            if quirks.expires_in_as_text { json!(seconds.to_string()) } else { json!(seconds) };
        [(name, json!(access)), ("refreshToken", json!(refresh)), ("expires_in", expires)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// A call that brings a token.
    fn call(
        &self,
        world: &mut World,
        run: impl FnOnce(&Self, &World, Members) -> Result<Members, Refusal>,
    ) -> Result<Members, Refusal> {
        let quirks = &world.options.quirks;
        let mut body = self.incoming.body()?;
        let token = self.incoming.token(&mut body, quirks);
        let token = token.ok_or_else(|| Refusal::new("200007", "access_token不能为空"))?;
        world.tokens.check(&token, &quirks.expired_code, self.now)?;
        if let Some(refusal) = world.take_arranged(&self.incoming.path) {
            return Err(refusal);
        }
        run(self, world, body)
    }

    fn departments_v1(&self, world: &World, _: Members) -> Result<Members, Refusal> {
        let shown = |one: &&Department| !one.disabled && !one.deleted && !one.is_subsidiary;
        let rows = world.organization.departments().filter(shown);
        Ok(list(world, rows.map(|one| department(one, false, &world.options.quirks))))
    }

    fn departments_v2(&self, world: &World, _: Members) -> Result<Members, Refusal> {
        let wanted = |name: &str, value: Option<&str>, yes: &str| match value {
            None => Ok(Some(false)),
            Some("all") => Ok(None),
            Some(found) if found == yes => Ok(Some(true)),
            Some(found) => Err(Refusal::parameter(format!("{name} 不能为 {found}"))),
        };
        let disabled = wanted("status", self.incoming.parameter("status"), "0")?;
        let deleted = wanted("isDelete", self.incoming.parameter("isDelete"), "1")?;
        let id = self.incoming.parameter("depid");
        let rows = world.organization.departments().filter(|one| {
            !one.is_subsidiary
                && disabled.is_none_or(|wanted| one.disabled == wanted)
                && deleted.is_none_or(|wanted| one.deleted == wanted)
                && id.is_none_or(|wanted| one.id == wanted)
        });
        Ok(list(world, rows.map(|one| department(one, false, &world.options.quirks))))
    }

    fn department_users(&self, world: &World, _: Members) -> Result<Members, Refusal> {
        let id = self.incoming.parameter("depid");
        let id = id.ok_or_else(|| Refusal::parameter("depid不能为空"))?;
        match self.incoming.parameter("status") {
            Some("normal") => {}
            other => {
                let what = format!("the status {:?} of departmentUsers", other.unwrap_or(""));
                return Err(Refusal::unsupported(&what));
            }
        }
        let departments = match self.incoming.parameter("fetch_child") {
            Some("1") => world.organization.with_those_below(id),
            _ => vec![id],
        };
        let shown =
            |one: &&Employee| !one.has_left && departments.contains(&one.department.as_str());
        let rows = world.organization.employees().filter(shown);
        Ok(list(world, rows.map(|one| employee(one, &world.options.quirks))))
    }

    fn query_org(&self, world: &World, body: Members) -> Result<Members, Refusal> {
        let (mut query, quirks) = (Query::new(body), &world.options.quirks);
        let (kinds, ids, codes) =
            (query.list("typeList")?, query.list("ids")?, query.list("codeList")?);
        let (parent_codes, parent_ids) =
            (query.list("parentCodeList")?, query.list("parentOrgIds")?);
        if parent_codes.is_some() && parent_ids.is_some() {
            return Err(Refusal::parameter("parentCodeList与parentOrgIds不能同时使用"));
        }
        let with_disabled = query.flag("containDisableOrg")?;
        let with_extension = query.flag("containExtend")?;
        let page = query.page(quirks)?;
        for kind in kinds.iter().flatten() {
            if !matches!(kind.as_str(), "department" | "subcompany") {
                return Err(Refusal::parameter(format!("typeList 不能包含 {kind}")));
            }
        }
        let all = || world.organization.departments();
        let code_of = |id: &str| all().find(|one| one.id == id).map_or("", |one| &one.code);
        let rows = all().filter(|one| {
            let kind = if one.is_subsidiary { "subcompany" } else { "department" };
            !one.deleted
                && (with_disabled || !one.disabled)
                && passes(kinds.as_ref(), kind)
                && passes(ids.as_ref(), &one.id)
                && passes(codes.as_ref(), &one.code)
                && passes(parent_ids.as_ref(), &one.parent)
                && passes(parent_codes.as_ref(), code_of(&one.parent))
        });
        Ok(page.cut(rows.map(|one| department(one, with_extension, quirks)).collect(), quirks))
    }

    fn query_employee(&self, world: &World, body: Members) -> Result<Members, Refusal> {
        let (mut query, quirks) = (Query::new(body), &world.options.quirks);
        let (ids, numbers) = (query.list("ids")?, query.list("jobNumList")?);
        let (mobiles, emails) = (query.list("mobileList")?, query.list("accurateEmailList")?);
        let (departments, subsidiaries) =
            (query.list("departmentIds")?, query.list("subcompanyIds")?);
        let (positions, account) = (query.list("positionList")?, query.text("account")?);
        // They add members that the sandbox does not have.
        for name in ["containUserInfo", "containAvatar", "containEmployeeExtend"] {
            query.flag(name)?;
        }
        let page = query.page(quirks)?;
        let rows = world.organization.employees().filter(|one| {
            let subsidiary = world.organization.subsidiary_of(&one.department);
            !one.has_left
                && passes(ids.as_ref(), &one.id)
                && passes(numbers.as_ref(), &one.job_num)
                && passes(mobiles.as_ref(), &one.mobile)
                && passes(emails.as_ref(), &one.email)
                && passes(departments.as_ref(), &one.department)
                && passes(subsidiaries.as_ref(), subsidiary.unwrap_or_default())
                && passes(positions.as_ref(), &one.position)
                && account.as_ref().is_none_or(|account| one.account == *account)
        });
        Ok(page.cut(rows.map(|one| employee(one, quirks)).collect(), quirks))
    }
}

fn text<'a>(fields: &'a Members, name: &str) -> Result<&'a str, Refusal> {
    let found = fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.ok_or_else(|| Refusal::parameter(format!("{name}不能为空")))
}

fn require(fields: &Members, name: &str, expected: &str) -> Result<(), Refusal> {
    match text(fields, name)? {
        found if found == expected => Ok(()),
        _ => Err(Refusal::parameter(format!("{name} 应为 {expected}"))),
    }
}

fn check_app(fields: &Members) -> Result<(), Refusal> {
    match (text(fields, "app_key")?, text(fields, "app_secret")?) {
        (demo::APP_KEY, demo::APP_SECRET) => Ok(()),
        _ => Err(Refusal::new("90008", "app_key或app_secret不正确")),
    }
}

/// The rows of an older list.
fn list(world: &World, rows: impl Iterator<Item = Value>) -> Members {
    Members::from_iter([(world.options.quirks.list_name.clone(), rows.collect())])
}

fn id(text: &str, quirks: &Quirks) -> Value {
    match text.parse::<u64>() {
        Ok(number) if quirks.ids_as_numbers => json!(number),
        _ => json!(text),
    }
}

fn department(one: &Department, with_extension: bool, quirks: &Quirks) -> Value {
    let mut row = json!({
        "id": id(&one.id, quirks), "name": one.name, "code": one.code,
        "type": if one.is_subsidiary { "subcompany" } else { "department" },
        "status": if one.disabled { "0" } else { "1" },
    });
    row[&quirks.parent_name] = id(&one.parent, quirks);
    if with_extension {
        row["extend"] = json!({"manager": one.manager});
    }
    row
}

fn employee(one: &Employee, quirks: &Quirks) -> Value {
    json!({
        "id": id(&one.id, quirks), "user_id": id(&one.user_id, quirks), "username": one.name,
        "email": one.email, "mobile": one.mobile, "job_num": one.job_num, "account": one.account,
        "department": id(&one.department, quirks), "position": one.position,
    })
}
