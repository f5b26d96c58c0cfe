//! Employees (员工), departments (部门) and branches.

use chrono::{NaiveDate, NaiveTime};

use crate::enums::{BoGenderTypes, BoYesNoEnum};
use crate::{Entity, UserFields};

/// A department (部门), set `Departments`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Departments", key = "Code")]
pub struct Department {
    /// Number of the department; the key.
    pub code: Option<i32>,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
}

/// A branch of employees and users, set `Branches`. Branches of the company are business places.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Branches", key = "Code")]
pub struct Branch {
    /// Number of the branch; the key.
    pub code: Option<i32>,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
}

/// An employee (员工), set `EmployeesInfo`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "EmployeesInfo", key = "EmployeeID")]
pub struct EmployeeInfo {
    /// Number of the employee; the key.
    #[entity(name = "EmployeeID")]
    pub employee_id: Option<i32>,
    /// Code of the employee.
    pub employee_code: Option<String>,
    /// Number of the employee in another system (外部编号).
    pub external_employee_number: Option<String>,
    /// Last name (姓).
    pub last_name: Option<String>,
    /// First name (名).
    pub first_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Gender.
    pub gender: Option<BoGenderTypes>,
    /// Title (职务).
    pub job_title: Option<String>,
    /// Number of the position.
    pub position: Option<i32>,
    /// Number of the department (部门).
    pub department: Option<i32>,
    /// Number of the branch.
    pub branch: Option<i32>,
    /// Number of the manager (经理).
    pub manager: Option<i32>,
    /// `InternalKey` of the employee's user (用户).
    #[entity(name = "ApplicationUserID")]
    pub application_user_id: Option<i32>,
    /// Number of the sales person that the employee is.
    pub sales_person_code: Option<i32>,
    /// Code of the cost center.
    pub cost_center_code: Option<String>,
    /// Office telephone.
    pub office_phone: Option<String>,
    /// Extension.
    pub office_extension: Option<String>,
    /// Mobile telephone (手机).
    pub mobile_phone: Option<String>,
    /// Telephone at home.
    pub home_phone: Option<String>,
    /// Fax number.
    pub fax: Option<String>,
    /// E-mail address. The server spells it with a small “e”.
    #[entity(name = "eMail")]
    pub e_mail: Option<String>,
    /// Street of the office.
    pub work_street: Option<String>,
    /// City of the office.
    pub work_city: Option<String>,
    /// Country of the office, two letters.
    pub work_country_code: Option<String>,
    /// First day of work.
    pub start_date: Option<NaiveDate>,
    /// Last day of work.
    pub termination_date: Option<NaiveDate>,
    /// Number of the state.
    pub status_code: Option<i32>,
    /// Day of birth.
    pub date_of_birth: Option<NaiveDate>,
    /// Number of the identity card (身份证号).
    pub id_number: Option<String>,
    /// Code of the bank.
    pub bank_code: Option<String>,
    /// Number of the bank account.
    pub bank_account: Option<String>,
    /// Whether the employee works here.
    pub active: Option<BoYesNoEnum>,
    /// Remarks.
    pub remarks: Option<String>,
    /// Key of attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// Day of creation. Read-only.
    pub create_date: Option<NaiveDate>,
    /// Time of creation. Read-only.
    pub create_time: Option<NaiveTime>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
    /// Time of the last change. Read-only.
    pub update_time: Option<NaiveTime>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
