//! People and departments (通讯录).

use std::collections::HashSet;

use erplink_core::{ErrorKind, Idempotency};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::{Client, Endpoint, Input};
use crate::error::{Error, Result};
use crate::lenient;

const MEMBER: &str = "qyapi_get_member";
const MEMBER_BY_MOBILE: &str = "qyapi_get_member_by_mobile";
const DEPARTMENTS: &str = "qyapi_get_department_list";

const USER: Endpoint = Endpoint::oapi("POST /topapi/v2/user/get", Idempotency::Safe, MEMBER);
const BY_MOBILE: Endpoint =
    Endpoint::oapi("POST /topapi/v2/user/getbymobile", Idempotency::Safe, MEMBER_BY_MOBILE);
const BY_UNION_ID: Endpoint =
    Endpoint::oapi("POST /topapi/user/getbyunionid", Idempotency::Safe, MEMBER);
const USER_IDS: Endpoint = Endpoint::oapi("POST /topapi/user/listid", Idempotency::Safe, MEMBER);
const DEPARTMENT: Endpoint =
    Endpoint::oapi("POST /topapi/v2/department/get", Idempotency::Safe, DEPARTMENTS);
const CHILDREN: Endpoint =
    Endpoint::oapi("POST /topapi/v2/department/listsub", Idempotency::Safe, DEPARTMENTS);
const CHILD_IDS: Endpoint =
    Endpoint::oapi("POST /topapi/v2/department/listsubid", Idempotency::Safe, DEPARTMENTS);
const PARENTS: Endpoint =
    Endpoint::oapi("POST /topapi/v2/department/listparentbyuser", Idempotency::Safe, DEPARTMENTS);

/// The root department, as contacts call it. The workflow API calls it `-1`; this crate converts.
pub const ROOT_DEPARTMENT: i64 = 1;

/// The look-ups of people and departments. From [`Client::contacts`].
#[derive(Clone, Debug)]
pub struct Contacts {
    client: Client,
}

impl Client {
    /// The look-ups of people and departments (通讯录).
    #[must_use]
    pub fn contacts(&self) -> Contacts {
        Contacts { client: self.clone() }
    }
}

/// A person. Mobile number and mail address need permissions of their own.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
    Option<i64> => #[serde(deserialize_with = "lenient::int")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct User {
    /// User id: text, leading zeros matter.
    #[serde(rename = "userid")]
    pub user_id: Option<String>,
    /// Id of the person for this developer.
    #[serde(rename = "unionid")]
    pub union_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Country code of the mobile number.
    pub state_code: Option<String>,
    /// User id of the manager.
    pub manager_userid: Option<String>,
    /// Mobile number.
    pub mobile: Option<String>,
    /// Whether the number is hidden.
    pub hide_mobile: Option<bool>,
    /// Extension.
    pub telephone: Option<String>,
    /// Staff number (工号).
    pub job_number: Option<String>,
    /// Position (职位).
    pub title: Option<String>,
    /// Mail address.
    pub email: Option<String>,
    /// Mail address of the organisation.
    pub org_email: Option<String>,
    /// Place of work.
    pub work_place: Option<String>,
    /// Remark.
    pub remark: Option<String>,
    /// Departments of the person, by id.
    #[serde(deserialize_with = "lenient::ints")]
    pub dept_id_list: Vec<i64>,
    /// Own fields, as JSON text.
    pub extension: Option<String>,
    /// Day of joining, in milliseconds of the epoch.
    pub hired_date: Option<i64>,
    /// Whether the person uses DingTalk.
    pub active: Option<bool>,
    /// Whether the identity was checked.
    pub real_authed: Option<bool>,
    /// Whether the person is shielded as senior.
    pub senior: Option<bool>,
    /// Whether the person administers the organisation.
    pub admin: Option<bool>,
    /// Whether the person owns the organisation.
    pub boss: Option<bool>,
    /// In which departments the person leads.
    #[serde(deserialize_with = "lenient::list")]
    pub leader_in_dept: Vec<DeptLeader>,
    /// Roles.
    #[serde(deserialize_with = "lenient::list")]
    pub role_list: Vec<Role>,
    /// Members this version does not type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Whether a person leads a department.
#[serde_with::apply(
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
    Option<i64> => #[serde(deserialize_with = "lenient::int")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DeptLeader {
    /// The department.
    pub dept_id: Option<i64>,
    /// Whether the person leads it.
    pub leader: Option<bool>,
}

/// A role of a person.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Role {
    /// Id of the role.
    pub id: Option<String>,
    /// Name of the role.
    pub name: Option<String>,
    /// Name of its group.
    pub group_name: Option<String>,
}

/// A department.
#[serde_with::apply(
    Option<String> => #[serde(deserialize_with = "lenient::text")],
    Option<bool> => #[serde(deserialize_with = "lenient::flag")],
    Option<i64> => #[serde(deserialize_with = "lenient::int")],
)]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Department {
    /// Id; the root is `1`.
    pub dept_id: Option<i64>,
    /// Name.
    pub name: Option<String>,
    /// The department above; `None` for the root.
    pub parent_id: Option<i64>,
    /// The caller's own id of the department.
    pub source_identifier: Option<String>,
    /// Code.
    pub code: Option<String>,
    /// Whether a group was made for it.
    pub create_dept_group: Option<bool>,
    /// Whether new members join that group.
    pub auto_add_user: Option<bool>,
    /// User ids of its managers.
    #[serde(deserialize_with = "lenient::texts")]
    pub dept_manager_userid_list: Vec<String>,
    /// User id of the owner of its group.
    pub org_dept_owner: Option<String>,
    /// Whether it is hidden.
    pub hide_dept: Option<bool>,
    /// How many people it has.
    pub member_count: Option<i64>,
    /// Members this version does not type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Whom a union id belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct UnionUser {
    /// User id.
    #[serde(rename = "userid", deserialize_with = "lenient::text")]
    pub user_id: Option<String>,
    /// `0`: a member of the organisation; `1`: an external contact.
    #[serde(deserialize_with = "lenient::int")]
    pub contact_type: Option<i64>,
}

/// On whose behalf, and for which department, an instance is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Originator {
    /// User id.
    pub user_id: String,
    /// Department, as the workflow API wants it (root `-1`).
    pub dept_id: i64,
}

#[derive(Serialize)]
struct ById {
    dept_id: i64,
}

impl Contacts {
    /// `POST /topapi/v2/user/get`: a person by user id (查询用户详情).
    ///
    /// Permission `qyapi_get_member`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `33012` and `60121`, [`ErrorKind::Forbidden`] for a person
    /// outside the app's contact scope.
    pub async fn user(&self, user_id: &str) -> Result<User> {
        self.client.call_result(&USER, one("userid", user_id)?).await
    }

    /// `POST /topapi/v2/user/getbymobile`: the user id of the employed person with this number
    /// (根据手机号查询用户).
    ///
    /// Permission `qyapi_get_member_by_mobile`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `40104` and `60121`.
    pub async fn user_id_by_mobile(&self, mobile: &str) -> Result<String> {
        let found: UnionUser = self.client.call_result(&BY_MOBILE, one("mobile", mobile)?).await?;
        found.user_id.ok_or_else(|| missing("result.userid"))
    }

    /// `POST /topapi/user/getbyunionid`: the user id behind a union id (根据 unionid 查询用户).
    ///
    /// Permission `qyapi_get_member`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `60121`.
    pub async fn user_by_union_id(&self, union_id: &str) -> Result<UnionUser> {
        self.client.call_result(&BY_UNION_ID, one("unionid", union_id)?).await
    }

    /// `POST /topapi/user/listid`: the user ids of a department (获取部门用户 userid 列表), not of
    /// the departments below it.
    ///
    /// Permission `qyapi_get_member`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `60003`.
    pub async fn user_ids(&self, dept_id: i64) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient::texts")]
            userid_list: Vec<String>,
        }
        let input = Input::json(&ById { dept_id })?;
        Ok(self.client.call_result::<Answer>(&USER_IDS, input).await?.userid_list)
    }

    /// `POST /topapi/v2/department/get`: a department by id (获取部门详情).
    ///
    /// Permission `qyapi_get_department_list`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `60003`.
    pub async fn department(&self, dept_id: i64) -> Result<Department> {
        self.client.call_result(&DEPARTMENT, Input::json(&ById { dept_id })?).await
    }

    /// `POST /topapi/v2/department/listsub`: the departments directly below one (获取部门列表).
    ///
    /// Permission `qyapi_get_department_list`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `60003`.
    pub async fn sub_departments(&self, dept_id: i64) -> Result<Vec<Department>> {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Answer(#[serde(deserialize_with = "lenient::list")] Vec<Department>);
        let input = Input::json(&ById { dept_id })?;
        Ok(self.client.call_result::<Answer>(&CHILDREN, input).await?.0)
    }

    /// `POST /topapi/v2/department/listsubid`: the ids of the departments directly below one
    /// (获取子部门 ID 列表).
    ///
    /// Permission `qyapi_get_department_list`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `60003`.
    pub async fn sub_department_ids(&self, dept_id: i64) -> Result<Vec<i64>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient::ints")]
            dept_id_list: Vec<i64>,
        }
        let input = Input::json(&ById { dept_id })?;
        Ok(self.client.call_result::<Answer>(&CHILD_IDS, input).await?.dept_id_list)
    }

    /// `POST /topapi/v2/department/listparentbyuser`: for each department of a person the way up to
    /// the root (获取指定用户的所有父部门列表).
    ///
    /// Permission `qyapi_get_department_list`.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for `33012`.
    pub async fn parent_departments(&self, user_id: &str) -> Result<Vec<Vec<i64>>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default, deserialize_with = "lenient::list")]
            parent_list: Vec<Way>,
        }
        #[derive(Deserialize)]
        struct Way {
            #[serde(default, deserialize_with = "lenient::ints")]
            parent_dept_id_list: Vec<i64>,
        }
        let answer: Answer = self.client.call_result(&PARENTS, one("userid", user_id)?).await?;
        Ok(answer.parent_list.into_iter().map(|way| way.parent_dept_id_list).collect())
    }

    /// Every department below one, nearest first, by repeated
    /// [`sub_departments`](Self::sub_departments): one call for each department, so keep the
    /// result.
    ///
    /// # Errors
    /// The first failure of a call.
    pub async fn department_tree(&self, root: i64) -> Result<Vec<Department>> {
        let mut tree: Vec<Department> = Vec::new();
        let mut seen = HashSet::from([root]);
        let mut parents = vec![root];
        while !parents.is_empty() {
            let mut next = Vec::new();
            for parent in parents {
                for child in self.sub_departments(parent).await? {
                    // A department that leads back to one above it must not loop.
                    if let Some(id) = child.dept_id.filter(|id| seen.insert(*id)) {
                        next.push(id);
                        tree.push(child);
                    }
                }
            }
            parents = next;
        }
        Ok(tree)
    }

    /// Who creates an instance for the person with this mobile number: number → user id → first
    /// department.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such person, or the person has no department the
    /// app may see.
    pub async fn originator_by_mobile(&self, mobile: &str) -> Result<Originator> {
        let user_id = self.user_id_by_mobile(mobile).await?;
        let user = self.user(&user_id).await?;
        let dept_id = *user.dept_id_list.first().ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("user {user_id} has no department that this app may see"),
            )
        })?;
        Ok(Originator { user_id, dept_id: self.client.workflow_department(dept_id) })
    }
}

fn one(name: &'static str, value: &str) -> Result<Input> {
    if value.trim().is_empty() {
        return Err(Error::invalid(format!("{name}: required, found an empty text")));
    }
    Input::json(&std::collections::BTreeMap::from([(name, value)]))
}

fn missing(member: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("{member}: missing in the answer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_up_is_a_read() {
        for endpoint in [
            &USER,
            &BY_MOBILE,
            &BY_UNION_ID,
            &USER_IDS,
            &DEPARTMENT,
            &CHILDREN,
            &CHILD_IDS,
            &PARENTS,
        ] {
            assert_eq!(endpoint.idempotency, Idempotency::Safe, "{}", endpoint.name);
        }
    }
}
