//! Departments (部门), subsidiaries (分部) and people (人员).

mod classic;
mod employees;
mod page;
mod units;

pub use classic::{DepartmentUsers, Departments};
pub use employees::{Employee, Employees};
pub use page::MAX_PAGE_SIZE;
pub use units::{Parents, Unit, UnitKind, Units};

use crate::client::Client;

/// The look-ups of the organisation. From [`Client::organization`].
#[derive(Clone, Debug)]
pub struct Organization {
    client: Client,
}

impl Client {
    /// Departments, subsidiaries and people.
    #[must_use]
    pub fn organization(&self) -> Organization {
        Organization { client: self.clone() }
    }
}

impl Organization {
    /// `POST /api/hrm/restful/queryOrg`: departments (部门) and, if asked for, subsidiaries (分部).
    ///
    /// ```no_run
    /// # async fn run(client: weaver_eteams::Client) -> weaver_eteams::Result<()> {
    /// let mut departments = client.organization().departments().page_size(500).items();
    /// while let Some(department) = departments.next().await {
    ///     let department = department?;
    ///     println!("{} {:?}", department.id, department.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn departments(&self) -> Units {
        Units::new(self.client.clone(), UnitKind::Department)
    }

    /// `POST /api/hrm/restful/queryOrg`: subsidiaries (分部) alone.
    pub fn subsidiaries(&self) -> Units {
        Units::new(self.client.clone(), UnitKind::Subsidiary)
    }

    /// `POST /api/hrm/restful/queryEmployee`: people (人员), by default those in service.
    pub fn employees(&self) -> Employees {
        Employees::new(self.client.clone())
    }

    /// `GET /department/v1/list`: all departments, by the oldest call. Await it.
    pub fn departments_v1(&self) -> Departments {
        Departments::v1(self.client.clone())
    }

    /// `GET /department/v2/list`: departments by the older call, for installations without
    /// `queryOrg`. Await it.
    pub fn departments_v2(&self) -> Departments {
        Departments::v2(self.client.clone())
    }

    /// `GET /user/v1/departmentUsers`: the people of a department by the older call. Await it.
    pub fn department_users(&self, department: impl Into<String>) -> DepartmentUsers {
        DepartmentUsers::new(self.client.clone(), department.into())
    }
}
