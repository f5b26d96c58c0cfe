//! Users (用户) and their queries.

use chrono::{NaiveDate, NaiveTime};

use crate::enums::{BoPermission, BoSuppLangs, BoUserGroup, BoYesNoEnum, UserQueryTypeEnum};
use crate::{ComplexType, Entity, Secret, UserFields};

/// A user (用户), set `Users`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Users", key = "InternalKey")]
pub struct User {
    /// Key of the user; `UserSign` and `OriginatorID` name it.
    pub internal_key: Option<i32>,
    /// Code to log in with (用户代码).
    pub user_code: Option<String>,
    /// Name (用户名).
    pub user_name: Option<String>,
    /// Password. Only written.
    pub user_password: Option<Secret>,
    /// Whether the user may do everything (超级用户).
    pub superuser: Option<BoYesNoEnum>,
    /// E-mail address. The server spells it with a small “e”.
    #[entity(name = "eMail")]
    pub e_mail: Option<String>,
    /// Mobile telephone (手机).
    pub mobile_phone_number: Option<String>,
    /// Fax number (传真). Some integrations keep the user's id of another system here.
    pub fax_number: Option<String>,
    /// Number of the branch.
    pub branch: Option<i32>,
    /// Number of the department (部门).
    pub department: Option<i32>,
    /// Language of the user interface.
    pub language_code: Option<BoSuppLangs>,
    /// Whether the user is locked out (锁定).
    pub locked: Option<BoYesNoEnum>,
    /// Whether the user still exists.
    pub group: Option<BoUserGroup>,
    /// Code of the user's defaults.
    pub defaults: Option<String>,
    /// Day of the last logout. Read-only.
    pub last_logout_date: Option<NaiveDate>,
    /// Time of the last login. Read-only.
    pub last_login_time: Option<NaiveTime>,
    /// Time of the last logout. Read-only.
    pub last_logout_time: Option<NaiveTime>,
    /// Time of the last change of the password. Read-only.
    pub last_password_change_time: Option<NaiveTime>,
    /// Who changed the password last. Read-only.
    pub last_password_changed_by: Option<String>,
    /// Permissions (权限).
    pub user_permission: Option<Vec<UserPermissionItem>>,
    /// Groups that the user belongs to.
    pub user_group_by_user: Option<Vec<UserGroupByUserItem>>,
    /// Branches that the user may work in.
    pub user_branch_assignment: Option<Vec<UserBranchAssignmentItem>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A permission of a user.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserPermissionItem {
    /// Key of the user.
    pub user_code: Option<i32>,
    /// Identifier of the function.
    #[entity(name = "PermissionID")]
    pub permission_id: Option<String>,
    /// What the user may do.
    pub permission: Option<BoPermission>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A group that a user belongs to.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserGroupByUserItem {
    /// Key of the user.
    #[entity(name = "USERId")]
    pub user_id: Option<i32>,
    /// Key of the group.
    pub group_id: Option<i32>,
    /// First day in the group.
    pub start_date: Option<NaiveDate>,
    /// Last day in the group.
    pub due_date: Option<NaiveDate>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A branch that a user may work in.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserBranchAssignmentItem {
    /// Code of the user.
    pub user_code: Option<String>,
    /// Number of the branch.
    #[entity(name = "BPLID")]
    pub bplid: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A query saved in the client (用户查询), set `UserQueries`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "UserQueries", key("InternalKey", "QueryCategory"))]
pub struct UserQuery {
    /// Number of the query; part of the key.
    pub internal_key: Option<i32>,
    /// Number of the category, -1 is the general one; part of the key.
    pub query_category: Option<i32>,
    /// Name of the query.
    pub query_description: Option<String>,
    /// Text of the query.
    pub query: Option<String>,
    /// How the query was made.
    pub query_type: Option<UserQueryTypeEnum>,
    /// Alias of the stored procedure.
    pub procedure_alias: Option<String>,
    /// Name of the stored procedure.
    pub procedure_name: Option<String>,
    /// Caption in the menu.
    pub menu_caption: Option<String>,
    /// Number of the menu that it stands in.
    #[entity(name = "ParentMenuID")]
    pub parent_menu_id: Option<i32>,
    /// Place in that menu.
    pub menu_position: Option<i32>,
    /// Identifier of the menu entry.
    #[entity(name = "MenuUniqueID")]
    pub menu_unique_id: Option<String>,
    /// Whether it stands in a menu.
    pub enable_menu_entry: Option<BoYesNoEnum>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A query to run through the Service Layer, set `SQLQueries`. Feature pack 10.0 FP 2011 and later.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "SQLQueries", key = "SqlCode")]
pub struct SqlQuery {
    /// Code of the query; the key.
    pub sql_code: Option<String>,
    /// Name of the query.
    pub sql_name: Option<String>,
    /// Text of the query.
    pub sql_text: Option<String>,
    /// Names of its parameters.
    pub param_list: Option<String>,
    /// Day of creation. Read-only.
    pub create_date: Option<NaiveDate>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
}
