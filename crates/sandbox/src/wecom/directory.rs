//! The contacts (通讯录): who works where.

use std::collections::BTreeMap;

/// The root department.
pub const ROOT_DEPARTMENT: i64 = 1;

/// A member (成员) of the corp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// userid: letters, digits and `_ - . @`, compared without case.
    pub userid: String,
    /// The name people see.
    pub name: String,
    /// Mobile number.
    pub mobile: String,
    /// Company mail address (企业邮箱).
    pub biz_mail: String,
    /// Private mail address.
    pub email: String,
    /// Position (职务).
    pub position: String,
    /// The member's departments, the main one first.
    pub departments: Vec<i64>,
    /// Those departments the member leads.
    pub leads: Vec<i64>,
    /// 1 active, 2 disabled, 4 not activated, 5 left.
    pub status: i64,
}

impl User {
    /// An active member of the given departments.
    pub fn new(userid: &str, name: &str, mobile: &str, departments: &[i64]) -> Self {
        User {
            userid: userid.to_owned(),
            name: name.to_owned(),
            mobile: mobile.to_owned(),
            biz_mail: format!("{userid}@example.com"),
            email: String::new(),
            position: String::new(),
            departments: departments.to_vec(),
            leads: Vec::new(),
            status: 1,
        }
    }

    /// Whether the member has left (离职).
    #[must_use]
    pub fn has_left(&self) -> bool {
        self.status == 5
    }

    pub(super) fn main_department(&self) -> i64 {
        self.departments.first().copied().unwrap_or(ROOT_DEPARTMENT)
    }
}

/// A department (部门).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id; the root is 1.
    pub id: i64,
    /// The name people see; the corp's name for the root.
    pub name: String,
    /// The department above; 0 for the root.
    pub parent: i64,
    /// Larger numbers come first.
    pub order: u32,
}

/// All members and departments.
#[derive(Debug, Default)]
pub(super) struct Directory {
    users: BTreeMap<String, User>,
    departments: BTreeMap<i64, Department>,
}

impl Directory {
    pub(super) fn put_user(&mut self, user: User) {
        self.users.insert(user.userid.to_lowercase(), user);
    }

    pub(super) fn put_department(&mut self, department: Department) {
        self.departments.insert(department.id, department);
    }

    /// The member with this userid in whatever case, also one who has left.
    pub(super) fn user(&self, userid: &str) -> Option<&User> {
        self.users.get(&userid.to_lowercase())
    }

    /// As [`Directory::user`], without those who have left.
    pub(super) fn present(&self, userid: &str) -> Option<&User> {
        self.user(userid).filter(|user| !user.has_left())
    }

    pub(super) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub(super) fn department(&self, id: i64) -> Option<&Department> {
        self.departments.get(&id)
    }

    /// The department and all below it, in the order of their ids.
    pub(super) fn departments_below(&self, id: i64) -> Vec<&Department> {
        let is_below = |department: &&Department| {
            // A loop among the parents ends after as many steps as there are departments.
            let mut above = Some(*department);
            for _ in 0..=self.departments.len() {
                match above {
                    Some(one) if one.id == id => return true,
                    Some(one) => above = self.departments.get(&one.parent),
                    None => return false,
                }
            }
            false
        };
        self.departments.values().filter(is_below).collect()
    }

    /// Members whose list of departments has this one (those below it do not count).
    pub(super) fn members_of(&self, id: i64) -> impl Iterator<Item = &User> {
        self.users().filter(move |user| user.departments.contains(&id) && !user.has_left())
    }
}
