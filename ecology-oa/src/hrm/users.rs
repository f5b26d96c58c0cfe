//! Employees, and how the users of an ERP are mapped to them.

use erplink_core::{ErrorKind, Results};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Hrm, PAGE_SIZE, pages, read};
use crate::client::{Client, Endpoint};
use crate::error::{Error, Result};

const USERS: Endpoint = read("POST /api/hrm/resful/getHrmUserInfoWithPage");

erplink_core::open_enum! {
    /// Whether somebody still works here (`status`).
    pub enum UserStatus {
        /// On probation (试用).
        Probation = "0",
        /// Formal (正式).
        Formal = "1",
        /// Temporary (临时).
        Temporary = "2",
        /// Probation extended (试用延期).
        ProbationExtended = "3",
        /// Dismissed (解聘).
        Dismissed = "4",
        /// Left (离职).
        Left = "5",
        /// Retired (退休).
        Retired = "6",
        /// Invalid (无效).
        Invalid = "7",
    }
}

impl UserStatus {
    /// Whether such an account may log in.
    #[must_use]
    pub fn may_log_in(&self) -> bool {
        matches!(self, Self::Probation | Self::Formal | Self::Temporary | Self::ProbationExtended)
    }
}

/// An employee.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct HrmUser {
    /// The id that [`Client::as_user`] takes.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub id: Option<String>,
    /// Work code (工号).
    #[serde(deserialize_with = "crate::lenient::text")]
    pub workcode: Option<String>,
    /// Login name.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub loginid: Option<String>,
    /// Name.
    #[serde(rename = "lastname", deserialize_with = "crate::lenient::text")]
    pub name: Option<String>,
    /// Department id.
    #[serde(rename = "departmentid", deserialize_with = "crate::lenient::text")]
    pub department_id: Option<String>,
    /// Department.
    #[serde(rename = "departmentname", deserialize_with = "crate::lenient::text")]
    pub department_name: Option<String>,
    /// Subsidiary id.
    #[serde(rename = "subcompanyid1", deserialize_with = "crate::lenient::text")]
    pub subcompany_id: Option<String>,
    /// Subsidiary.
    #[serde(rename = "subcompanyname", deserialize_with = "crate::lenient::text")]
    pub subcompany_name: Option<String>,
    /// Position id.
    #[serde(rename = "jobtitle", deserialize_with = "crate::lenient::text")]
    pub job_title_id: Option<String>,
    /// Id of the superior.
    #[serde(rename = "managerid", deserialize_with = "crate::lenient::text")]
    pub manager_id: Option<String>,
    /// Whether somebody still works here.
    #[serde(deserialize_with = "crate::lenient::open")]
    pub status: Option<UserStatus>,
    /// `1` for a secondary account (次账号).
    #[serde(rename = "accounttype", deserialize_with = "crate::lenient::text")]
    pub account_type: Option<String>,
    /// The main account of a secondary one.
    #[serde(rename = "belongto", deserialize_with = "crate::lenient::text")]
    pub belongs_to: Option<String>,
    /// Mail address.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub email: Option<String>,
    /// Mobile number.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub mobile: Option<String>,
    /// The day it was made.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub created: Option<String>,
    /// When it was changed last.
    #[serde(deserialize_with = "crate::lenient::text")]
    pub modified: Option<String>,
    /// Columns that are not named here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl HrmUser {
    /// Whether this is the main account of its owner (主账号).
    #[must_use]
    pub fn is_main_account(&self) -> bool {
        self.account_type.as_deref().is_none_or(|kind| kind == "0")
    }

    /// Whether it may log in.
    #[must_use]
    pub fn may_log_in(&self) -> bool {
        self.status.as_ref().is_some_and(UserStatus::may_log_in)
    }
}

/// By what a user is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserKey {
    /// Work code (工号).
    WorkCode(String),
    /// Login name.
    LoginId(String),
    /// OA user id.
    Id(String),
}

impl UserKey {
    fn column(&self) -> (&'static str, &str) {
        match self {
            Self::WorkCode(value) => ("workcode", value),
            Self::LoginId(value) => ("loginid", value),
            Self::Id(value) => ("id", value),
        }
    }

    fn matches(&self, user: &HrmUser) -> bool {
        let (found, wanted) = match self {
            Self::WorkCode(value) => (&user.workcode, value),
            Self::LoginId(value) => (&user.loginid, value),
            Self::Id(value) => (&user.id, value),
        };
        found.as_ref() == Some(wanted)
    }
}

/// Lists employees. From [`Hrm::users`].
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `rows`"]
pub struct ListUsers {
    client: Client,
    filters: Map<String, Value>,
    page_size: u32,
}

impl ListUsers {
    /// Only users with this value in a column: `id`, `workcode`, `loginid`, `subcompanyid1`,
    /// `departmentid`, `jobtitleid`; with `created` and `modified`, those at or after it, in the
    /// form the answer shows.
    pub fn filter(mut self, column: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.insert(column.into(), Value::String(value.into()));
        self
    }

    /// Users in one page, at least 1. Default 20.
    pub fn page_size(mut self, users: u32) -> Self {
        self.page_size = users.max(1);
        self
    }

    /// The users, each once.
    pub fn rows(self) -> Results<HrmUser, Error> {
        let key = |user: &HrmUser| user.id.clone();
        pages(self.client, USERS, self.filters, self.page_size, key)
    }
}

impl Hrm {
    /// `POST /api/hrm/resful/getHrmUserInfoWithPage`: employees (人员).
    pub fn users(&self) -> ListUsers {
        ListUsers { client: self.client.clone(), filters: Map::new(), page_size: PAGE_SIZE }
    }

    /// The one user with this key who may log in, by the main account.
    ///
    /// ```no_run
    /// use ecology_oa::hrm::UserKey;
    ///
    /// # async fn run(client: ecology_oa::Client) -> ecology_oa::Result<()> {
    /// let user = client.hrm().find_user(&UserKey::WorkCode("E0042".into())).await?;
    /// let as_user = client.as_user(user.id.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when nobody fits, [`ErrorKind::Conflict`] when several do.
    pub async fn find_user(&self, key: &UserKey) -> Result<HrmUser> {
        let (column, value) = key.column();
        if value.trim().is_empty() {
            return Err(Error::invalid(format!("{column}: the key to look for is empty")));
        }
        let mut rows = self.users().filter(column, value).rows();
        let (mut found, mut others) = (Vec::new(), 0);
        while let Some(user) = rows.next().await {
            let user = user?;
            // Compared here as well: a server that ignores the filter answers everybody.
            if !key.matches(&user) {
                continue;
            }
            if user.id.is_some() && user.is_main_account() && user.may_log_in() {
                found.push(user);
            } else {
                others += 1;
            }
        }
        match (found.pop(), found.len()) {
            (Some(user), 0) => Ok(user),
            (Some(_), more) => Err(Error::new(
                ErrorKind::Conflict,
                format!("{column} = {value}: {} main accounts may log in", more + 1),
            )),
            (None, _) => Err(Error::new(
                ErrorKind::NotFound,
                format!(
                    "{column} = {value}: no main account that may log in ({others} secondary, \
                     locked or left)"
                ),
            )),
        }
    }
}
