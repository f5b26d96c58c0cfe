//! The organisation (人力资源): who works where.

use std::collections::BTreeMap;

/// A user (人员, `hrmresource`).
#[derive(Debug, Clone, Default)]
pub struct User {
    /// `hrmresource.id`: digits; `1` is the system administrator.
    pub id: String,
    /// Login name (`loginid`).
    pub loginid: String,
    /// Employee number (工号, `workcode`).
    pub workcode: String,
    /// The name people see (`lastname`).
    pub name: String,
    /// The user's department.
    pub department: String,
    /// The user's position (`jobtitle`).
    pub job_title: String,
    /// The user's superior; empty: none.
    pub manager: String,
    /// Whether the account works.
    pub status: UserStatus,
    /// The main account this secondary account (次账号) belongs to; empty: this is a main account.
    pub belongs_to: String,
    /// Mail address.
    pub email: String,
    /// Mobile number.
    pub mobile: String,
    /// `2023-01-05`.
    pub created: String,
    /// `2024-02-01 10:00:00`.
    pub modified: String,
}

impl User {
    /// A formal employee.
    pub fn new(id: &str, loginid: &str, name: &str, department: &str) -> Self {
        User {
            id: id.to_owned(),
            loginid: loginid.to_owned(),
            name: name.to_owned(),
            department: department.to_owned(),
            email: format!("{loginid}@example.com"),
            created: "2023-01-05".to_owned(),
            modified: "2024-02-01 10:00:00".to_owned(),
            ..User::default()
        }
    }
}

/// `hrmresource.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserStatus {
    /// 试用, 0.
    Probation,
    /// 正式, 1.
    #[default]
    Formal,
    /// 临时, 2.
    Temporary,
    /// 试用延期, 3.
    ProbationExtended,
    /// 解聘, 4.
    Dismissed,
    /// 离职, 5.
    Left,
    /// 退休, 6.
    Retired,
    /// 无效, 7.
    Invalid,
}

impl UserStatus {
    pub(super) fn number(self) -> u8 {
        self as u8
    }

    /// Whether such a user may log in.
    pub(super) fn works(self) -> bool {
        self.number() < UserStatus::Dismissed.number()
    }
}

/// A department (部门).
#[derive(Debug, Clone)]
pub struct Department {
    /// Digits.
    pub id: String,
    /// The name people see.
    pub name: String,
    /// The code other systems know it by.
    pub code: String,
    /// The subsidiary (分部) it belongs to.
    pub subcompany: String,
    /// The department above; empty: none.
    pub parent: String,
}

/// A subsidiary (分部).
#[derive(Debug, Clone)]
pub struct Subcompany {
    /// Digits.
    pub id: String,
    /// The name people see.
    pub name: String,
}

/// A position (岗位).
#[derive(Debug, Clone)]
pub struct JobTitle {
    /// Digits.
    pub id: String,
    /// The name people see.
    pub name: String,
}

#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) users: BTreeMap<String, User>,
    pub(super) departments: BTreeMap<String, Department>,
    pub(super) subcompanies: BTreeMap<String, Subcompany>,
    pub(super) job_titles: BTreeMap<String, JobTitle>,
}

impl Directory {
    /// The user, unless unknown or not allowed to log in.
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id).filter(|user| user.status.works())
    }

    /// The user's name, also of somebody who has left; the id for somebody never known.
    pub(super) fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.users.get(id).map_or(id, |user| user.name.as_str())
    }

    pub(super) fn department_of(&self, user: &str) -> &str {
        self.users.get(user).map_or("", |user| user.department.as_str())
    }

    pub(super) fn subcompany_of(&self, user: &str) -> &str {
        let department = self.departments.get(self.department_of(user));
        department.map_or("", |department| department.subcompany.as_str())
    }
}
