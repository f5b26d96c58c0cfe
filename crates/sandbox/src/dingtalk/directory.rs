//! The contacts (通讯录): who works where.

use std::collections::{BTreeMap, BTreeSet};

/// The root department (根部门) in the contacts.
pub const ROOT_DEPARTMENT: i64 = 1;

/// How the workflow calls write the root department.
pub const ROOT_DEPARTMENT_IN_WORKFLOW: i64 = -1;

/// A user (员工) of the organisation.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// userId: free text, leading zeros matter.
    pub userid: String,
    /// unionId: the same person for all apps of one developer account.
    pub unionid: String,
    /// The name people see.
    pub name: String,
    /// Mobile number without country code.
    pub mobile: String,
    /// Position (职位).
    pub title: String,
    /// Employee number (工号).
    pub job_number: String,
    /// Mail address.
    pub email: String,
    /// The user's departments, the main one first; the root is `1`.
    pub departments: Vec<i64>,
    /// Those departments the user leads.
    pub leads: Vec<i64>,
    /// Names of the user's roles (角色).
    pub roles: Vec<String>,
    /// Administrator of the organisation: manages every approval template.
    pub admin: bool,
    /// False for somebody who has left (离职): the platform no longer knows the user.
    pub employed: bool,
}

impl User {
    /// An employed user of the given departments, with a unionId that follows from the userId.
    pub fn new(userid: &str, name: &str, mobile: &str, departments: &[i64]) -> Self {
        User {
            userid: userid.to_owned(),
            unionid: format!("union-{userid}"),
            name: name.to_owned(),
            mobile: mobile.to_owned(),
            departments: departments.to_vec(),
            employed: true,
            ..User::default()
        }
    }
}

/// A department (部门).
#[derive(Debug, Clone)]
pub struct Department {
    /// deptId; the root is `1`.
    pub id: i64,
    /// The name people see; the organisation's name for the root.
    pub name: String,
    /// The department above; `None` for the root.
    pub parent: Option<i64>,
}

/// All users and departments.
#[derive(Debug, Default)]
pub(super) struct Directory {
    users: BTreeMap<String, User>,
    departments: BTreeMap<i64, Department>,
}

impl Directory {
    pub(super) fn put_user(&mut self, user: User) {
        self.users.insert(user.userid.clone(), user);
    }

    pub(super) fn put_department(&mut self, department: Department) {
        self.departments.insert(department.id, department);
    }

    /// The user, unless unknown or gone.
    pub(super) fn user(&self, userid: &str) -> Option<&User> {
        self.users.get(userid).filter(|user| user.employed)
    }

    /// The user's name, also of somebody who has left; the id for somebody never known.
    pub(super) fn name_of<'a>(&'a self, userid: &'a str) -> &'a str {
        self.users.get(userid).map_or(userid, |user| user.name.as_str())
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values().filter(|user| user.employed)
    }

    pub(super) fn department(&self, id: i64) -> Option<&Department> {
        self.departments.get(&id)
    }

    /// The departments directly below.
    pub(super) fn below(&self, id: i64) -> impl Iterator<Item = &Department> {
        self.departments.values().filter(move |department| department.parent == Some(id))
    }

    /// From the department up to the root, both included.
    pub(super) fn path_to_root(&self, id: i64) -> Vec<i64> {
        let mut path = Vec::new();
        let mut seen = BTreeSet::new();
        let mut at = Some(id);
        // A loop among the parents, which only a test could build, must not hang the sandbox.
        while let Some(department) =
            at.filter(|id| seen.insert(*id)).and_then(|id| self.department(id))
        {
            path.push(department.id);
            at = department.parent;
        }
        path
    }
}

/// The workflow's root `-1` as the contacts' root `1`; other departments unchanged.
pub(super) fn from_workflow(dept_id: i64) -> i64 {
    if dept_id == ROOT_DEPARTMENT_IN_WORKFLOW { ROOT_DEPARTMENT } else { dept_id }
}

/// The contacts' root `1` as the workflow's root `-1`; other departments unchanged.
pub(super) fn to_workflow(dept_id: i64) -> i64 {
    if dept_id == ROOT_DEPARTMENT { ROOT_DEPARTMENT_IN_WORKFLOW } else { dept_id }
}
