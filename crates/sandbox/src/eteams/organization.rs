//! The organisation: departments, subsidiaries and people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A department (部门) or a subsidiary (分部).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Department {
    /// Its id: digits.
    pub id: String,
    /// The name people see.
    pub name: String,
    /// Its code (编码).
    pub code: String,
    /// The id of the unit above; empty: none.
    pub parent: String,
    /// Whether it is a subsidiary (分部).
    pub is_subsidiary: bool,
    /// Whether it is disabled (停用).
    pub disabled: bool,
    /// Whether it was deleted. Only the older list shows it, if asked to.
    pub deleted: bool,
    /// An extension field (扩展字段): the manager's name.
    pub manager: String,
}

/// A person (人员).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Employee {
    /// Id of the person: digits.
    pub id: String,
    /// Id of the user who logs in, another number.
    pub user_id: String,
    /// The name people see.
    pub name: String,
    /// Login name (账号).
    pub account: String,
    /// Job number (工号).
    pub job_num: String,
    /// Mail address.
    pub email: String,
    /// Mobile number.
    pub mobile: String,
    /// The department.
    pub department: String,
    /// Position (岗位).
    pub position: String,
    /// Whether the person has left (离职); queries do not show them.
    pub has_left: bool,
}

#[derive(Debug, Default)]
pub(super) struct Organization {
    departments: BTreeMap<String, Department>,
    employees: BTreeMap<String, Employee>,
}

impl Organization {
    pub(super) fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.values()
    }

    pub(super) fn employees(&self) -> impl Iterator<Item = &Employee> {
        self.employees.values()
    }

    pub(super) fn department_mut(&mut self, id: &str) -> Option<&mut Department> {
        self.departments.get_mut(id)
    }

    pub(super) fn put_department(&mut self, department: Department) {
        self.departments.insert(department.id.clone(), department);
    }

    pub(super) fn put_employee(&mut self, employee: Employee) {
        self.employees.insert(employee.id.clone(), employee);
    }

    /// The ids of a department and of all below it.
    pub(super) fn with_those_below(&self, id: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            self.departments.keys().map(String::as_str).filter(|known| *known == id).collect();
        let mut next = 0;
        while let Some(above) = found.get(next).copied() {
            let below = self.departments.values().filter(|one| one.parent == above);
            for one in below.map(|one| one.id.as_str()) {
                // Nobody is asked twice, also where somebody made a circle.
                if !found.contains(&one) {
                    found.push(one);
                }
            }
            next += 1;
        }
        found
    }

    /// The subsidiary that a department belongs to.
    pub(super) fn subsidiary_of(&self, id: &str) -> Option<&str> {
        let mut at = self.departments.get(id)?;
        // Not further up than there are units, also where somebody made a circle.
        for _ in 0..self.departments.len() {
            if at.is_subsidiary {
                return Some(&at.id);
            }
            at = self.departments.get(&at.parent)?;
        }
        None
    }
}
