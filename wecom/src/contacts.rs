//! Members and departments (通讯录), as far as mapping ERP users needs them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use erplink_core::pager::{items, pages};
use erplink_core::{Idempotency, Page, Results};
use serde_json::{Value, json};

use crate::client::{Client, Endpoint, Input};
use crate::error::{Error, Result};
use crate::number_enum::number_enum;
use crate::tree::Tree;

const MEMBER: Endpoint = Endpoint::new("GET /cgi-bin/user/get", Idempotency::Safe);
const BY_MOBILE: Endpoint = Endpoint::new("POST /cgi-bin/user/getuserid", Idempotency::Safe);
const BY_EMAIL: Endpoint =
    Endpoint::new("POST /cgi-bin/user/get_userid_by_email", Idempotency::Safe);
const MEMBERS: Endpoint = Endpoint::new("GET /cgi-bin/user/simplelist", Idempotency::Safe);
const MEMBER_DETAILS: Endpoint = Endpoint::new("GET /cgi-bin/user/list", Idempotency::Safe);
const IDS: Endpoint = Endpoint::new("POST /cgi-bin/user/list_id", Idempotency::Safe);
const DEPARTMENTS: Endpoint = Endpoint::new("GET /cgi-bin/department/list", Idempotency::Safe);
const DEPARTMENT_IDS: Endpoint =
    Endpoint::new("GET /cgi-bin/department/simplelist", Idempotency::Safe);
const DEPARTMENT: Endpoint = Endpoint::new("GET /cgi-bin/department/get", Idempotency::Safe);

/// The root department.
pub const ROOT_DEPARTMENT: i64 = 1;

const ID_PAGE_SIZE: u32 = 10_000;

/// The look-ups of members and departments. From [`Client::contacts`].
#[derive(Clone, Debug)]
pub struct Contacts {
    client: Client,
}

number_enum! {
    /// Whether a member can use WeCom.
    pub enum MemberStatus {
        /// Active (已激活).
        Active = 1,
        /// Disabled (已禁用).
        Disabled = 2,
        /// Not activated yet (未激活).
        NotActivated = 4,
        /// Left the corp (退出企业).
        Left = 5,
    }
}

number_enum! {
    /// Which address of a member an email is.
    pub enum EmailType {
        /// The company mailbox (企业邮箱).
        Company = 1,
        /// The private mailbox (个人邮箱).
        Private = 2,
    }
}

/// A member (成员). Everything but the id may be missing: apps created since 2022-06-20 see neither
/// mobile nor email, and the shorter lists carry names only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Member {
    /// The id, in the platform's spelling. It is compared without case: see [`is_same_userid`].
    pub userid: String,
    /// Name.
    pub name: Option<String>,
    /// Departments the member belongs to.
    pub departments: Vec<i64>,
    /// The department that counts where there can be one only.
    pub main_department: Option<i64>,
    /// Position (职务).
    pub position: Option<String>,
    /// Userids of the direct leaders.
    pub direct_leaders: Vec<String>,
    /// For each of `departments`, whether the member leads it.
    pub leads_departments: Vec<bool>,
    /// Mobile number.
    pub mobile: Option<String>,
    /// Private mailbox.
    pub email: Option<String>,
    /// Company mailbox.
    pub company_email: Option<String>,
    /// Alias.
    pub alias: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// Whether the member can use WeCom.
    pub status: Option<MemberStatus>,
    /// Global id, for third-party apps.
    pub open_userid: Option<String>,
    /// The member as the platform sent it, extended attributes included.
    pub raw: Value,
}

/// A department (部门).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Department {
    /// Its id; the root is [`ROOT_DEPARTMENT`].
    pub id: i64,
    /// Name; missing in the list of ids.
    pub name: Option<String>,
    /// English name.
    pub english_name: Option<String>,
    /// Userids of the leaders.
    pub leaders: Vec<String>,
    /// The department above.
    pub parent_id: Option<i64>,
    /// Place among its neighbours, the larger the earlier.
    pub order: Option<i64>,
}

/// One place of a member in a department.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Membership {
    /// The member.
    pub userid: String,
    /// The department.
    pub department: i64,
}

/// Whether two texts are the same userid: WeCom compares them without case.
///
/// ```
/// assert!(wecom::contacts::is_same_userid("ZhangSan", "zhangsan"));
/// ```
#[must_use]
pub fn is_same_userid(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

impl Client {
    /// Members and departments.
    #[must_use]
    pub fn contacts(&self) -> Contacts {
        Contacts { client: self.clone() }
    }
}

impl Contacts {
    /// `GET /cgi-bin/user/get`: a member by id (读取成员).
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound) or
    /// [`Forbidden`](erplink_core::ErrorKind::Forbidden) for a member outside the app's visible
    /// range (可见范围), naming the id.
    pub async fn member(&self, userid: &str) -> Result<Member> {
        let input = Input::query([("userid", required("userid", userid)?)])
            .about(format!("userid {userid}"));
        self.client.read(&MEMBER, input, |answer| Member::read(Tree::new(answer), "userid")).await
    }

    /// `POST /cgi-bin/user/getuserid`: the userid behind a mobile number (手机号获取userid).
    ///
    /// The platform counts wrong numbers and blocks the app for a day when there are too many, so
    /// a number it does not know is answered from memory for an hour.
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound) when nobody visible has this number.
    pub async fn userid_by_mobile(&self, mobile: &str) -> Result<String> {
        let body = json!({ "mobile": required("mobile", mobile)? });
        self.find(&BY_MOBILE, mobile, &body).await
    }

    /// `POST /cgi-bin/user/get_userid_by_email`: the userid behind a mail address
    /// (邮箱获取userid). Wrong addresses are counted and remembered as wrong numbers are.
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound) when nobody visible has this address.
    pub async fn userid_by_email(&self, email: &str, kind: EmailType) -> Result<String> {
        let body = json!({ "email": required("email", email)?, "email_type": kind });
        self.find(&BY_EMAIL, email, &body).await
    }

    async fn find(&self, endpoint: &'static Endpoint, key: &str, body: &Value) -> Result<String> {
        let memory = self.client.unknown_members();
        let now = self.client.clock().now();
        if let Some(error) = memory.recall(endpoint.name, key, now) {
            return Err(error);
        }
        let read = |answer: &Value| Tree::new(answer).get("userid").require_text("userid");
        let found = self.client.read(endpoint, Input::json(body)?, read).await;
        if let Err(error) = &found
            && error.is_not_found()
        {
            memory.note(endpoint.name, key, now, error.clone());
        }
        found
    }

    /// `GET /cgi-bin/user/simplelist`: the members of one department, without those below it
    /// (获取部门成员): ids, names, departments.
    ///
    /// # Errors
    /// As every call; the department must be visible to the app.
    pub async fn members(&self, department: i64) -> Result<Vec<Member>> {
        self.list_members(&MEMBERS, department).await
    }

    /// `GET /cgi-bin/user/list`: the members of one department, without those below it, with all
    /// the app may see of them (获取部门成员详情).
    ///
    /// # Errors
    /// As every call; the department must be visible to the app.
    pub async fn member_details(&self, department: i64) -> Result<Vec<Member>> {
        self.list_members(&MEMBER_DETAILS, department).await
    }

    async fn list_members(
        &self,
        endpoint: &'static Endpoint,
        department: i64,
    ) -> Result<Vec<Member>> {
        let input = Input::query([("department_id", department.to_string())])
            .about(format!("department {department}"));
        self.client
            .read(endpoint, input, |answer| {
                let list = Tree::new(answer).get("userlist").list().into_iter().enumerate();
                list.map(|(at, member)| Member::read(member, &format!("userlist[{at}].userid")))
                    .collect()
            })
            .await
    }

    /// `POST /cgi-bin/user/list_id`: every member of the corp with each of their departments
    /// (获取成员ID列表). Only the secret of contacts synchronisation (通讯录同步) may call it.
    pub fn memberships(&self) -> Results<Membership, Error> {
        let client = self.client.clone();
        items(pages(String::new(), move |cursor| {
            let client = client.clone();
            async move {
                let mut body = json!({ "limit": ID_PAGE_SIZE });
                if !cursor.is_empty() {
                    body["cursor"] = Value::String(cursor);
                }
                client
                    .read(&IDS, Input::json(&body)?, |answer| {
                        let answer = Tree::new(answer);
                        let list = answer.get("dept_user").list().into_iter().enumerate();
                        let items = list
                            .map(|(at, one)| {
                                let path = |name| format!("dept_user[{at}].{name}");
                                Ok(Membership {
                                    userid: one.get("userid").require_text(&path("userid"))?,
                                    department: one
                                        .get("department")
                                        .require_int(&path("department"))?,
                                })
                            })
                            .collect::<Result<_>>()?;
                        Ok(Page { items, next: answer.get("next_cursor").text() })
                    })
                    .await
            }
        }))
    }

    /// `GET /cgi-bin/department/list`: a department and all below it, or all the app may see
    /// (获取部门列表). Slow: where ids are enough, take [`department_ids`](Self::department_ids).
    ///
    /// # Errors
    /// As every call.
    pub async fn departments(&self, below: Option<i64>) -> Result<Vec<Department>> {
        self.list_departments(&DEPARTMENTS, "department", below).await
    }

    /// `GET /cgi-bin/department/simplelist`: the ids of a department and all below it, or of all
    /// the app may see (获取子部门ID列表).
    ///
    /// # Errors
    /// As every call.
    pub async fn department_ids(&self, below: Option<i64>) -> Result<Vec<Department>> {
        self.list_departments(&DEPARTMENT_IDS, "department_id", below).await
    }

    async fn list_departments(
        &self,
        endpoint: &'static Endpoint,
        member: &'static str,
        below: Option<i64>,
    ) -> Result<Vec<Department>> {
        let input = match below {
            Some(id) => Input::query([("id", id.to_string())]).about(format!("department {id}")),
            None => Input::default(),
        };
        self.client
            .read(endpoint, input, |answer| {
                let list = Tree::new(answer).get(member).list().into_iter().enumerate();
                list.map(|(at, one)| Department::read(one, &format!("{member}[{at}].id"))).collect()
            })
            .await
    }

    /// `GET /cgi-bin/department/get`: one department (获取单个部门详情).
    ///
    /// # Errors
    /// [`NotFound`](erplink_core::ErrorKind::NotFound) or
    /// [`Forbidden`](erplink_core::ErrorKind::Forbidden), naming the id.
    pub async fn department(&self, id: i64) -> Result<Department> {
        let input = Input::query([("id", id.to_string())]).about(format!("department {id}"));
        self.client
            .read(&DEPARTMENT, input, |answer| {
                Department::read(Tree::new(answer).get("department"), "department.id")
            })
            .await
    }
}

impl Member {
    fn read(tree: Tree<'_>, path: &str) -> Result<Self> {
        let text = |name: &str| tree.get(name).text();
        Ok(Self {
            userid: tree.get("userid").require_text(path)?,
            name: text("name"),
            departments: tree.get("department").ints(),
            main_department: tree.get("main_department").int(),
            position: text("position"),
            direct_leaders: tree.get("direct_leader").texts(),
            leads_departments: tree
                .get("is_leader_in_dept")
                .ints()
                .into_iter()
                .map(|flag| flag == 1)
                .collect(),
            mobile: text("mobile"),
            email: text("email"),
            company_email: text("biz_mail"),
            alias: text("alias"),
            telephone: text("telephone"),
            status: tree.get("status").int().map(MemberStatus::from),
            open_userid: text("open_userid"),
            raw: tree.value().cloned().unwrap_or_default(),
        })
    }
}

impl Department {
    fn read(tree: Tree<'_>, path: &str) -> Result<Self> {
        Ok(Self {
            id: tree.get("id").require_int(path)?,
            name: tree.get("name").text(),
            english_name: tree.get("name_en").text(),
            leaders: tree.get("department_leader").texts(),
            parent_id: tree.get("parentid").int(),
            order: tree.get("order").int(),
        })
    }
}

/// An argument that must not be empty.
pub(crate) fn required(name: &str, value: &str) -> Result<String> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Error::invalid(format!("{name} is empty")));
    }
    Ok(value.to_owned())
}

/// Numbers and addresses nobody has: asking for them again counts against the app.
#[derive(Default)]
pub(crate) struct UnknownMembers(Mutex<HashMap<LookUp, (Instant, Error)>>);

/// An endpoint and what was asked of it.
type LookUp = (&'static str, String);

impl UnknownMembers {
    const MEMORY: Duration = Duration::from_secs(3600);
    const LARGEST: usize = 10_000;

    fn recall(&self, api: &'static str, key: &str, now: Instant) -> Option<Error> {
        let mut unknown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (api, key.to_owned());
        let (at, error) = unknown.get(&key)?;
        if now.saturating_duration_since(*at) < Self::MEMORY {
            return Some(error.clone());
        }
        unknown.remove(&key);
        None
    }

    fn note(&self, api: &'static str, key: &str, now: Instant, error: Error) {
        let mut unknown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if unknown.len() >= Self::LARGEST {
            unknown.clear();
        }
        unknown.insert((api, key.to_owned()), (now, error));
    }
}
