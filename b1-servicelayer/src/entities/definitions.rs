//! Definitions of user-defined fields, tables, keys and objects.
//!
//! What they create stays invisible until the Service Layer has been restarted.

use crate::enums::{
    BoFieldTypes, BoFldSubTypes, BoUDOObjType, BoUTBTableType, BoYesNoEnum,
    UDFLinkedSystemObjectTypesEnum,
};
use crate::{ComplexType, Entity, UserFields};

/// The definition of a user-defined field (UDF, 用户自定义字段), set `UserFieldsMD`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "UserFieldsMD", key("TableName", "FieldID"))]
pub struct UserFieldMd {
    /// Table, such as `OITM`; user-defined tables with their `@`. Part of the key.
    pub table_name: Option<String>,
    /// Number of the field in the table; part of the key.
    #[entity(name = "FieldID")]
    pub field_id: Option<i32>,
    /// Name, without `U_`.
    pub name: Option<String>,
    /// Description, as users see it.
    pub description: Option<String>,
    /// Type.
    pub r#type: Option<BoFieldTypes>,
    /// Subtype.
    pub sub_type: Option<BoFldSubTypes>,
    /// Length of the value.
    pub size: Option<i32>,
    /// Length of the value on the screen.
    pub edit_size: Option<i32>,
    /// Whether a value is needed.
    pub mandatory: Option<BoYesNoEnum>,
    /// Value when none is given.
    pub default_value: Option<String>,
    /// User-defined table whose codes are the values.
    pub linked_table: Option<String>,
    /// User-defined object whose keys are the values.
    #[entity(name = "LinkedUDO")]
    pub linked_udo: Option<String>,
    /// Object of the system whose keys are the values.
    pub linked_system_object: Option<UDFLinkedSystemObjectTypesEnum>,
    /// The values that are allowed; any, when there are none.
    #[entity(name = "ValidValuesMD")]
    pub valid_values_md: Option<Vec<ValidValueMd>>,
}

/// A value that a user-defined field may have.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ValidValueMd {
    /// The value.
    pub value: Option<String>,
    /// Description, as users see it.
    pub description: Option<String>,
}

/// The definition of a user-defined table (UDT, 用户自定义表), set `UserTablesMD`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "UserTablesMD", key = "TableName")]
pub struct UserTableMd {
    /// Name in capitals, without `@`; the key. Its set is `U_` and this name.
    pub table_name: Option<String>,
    /// Description.
    pub table_description: Option<String>,
    /// Type.
    pub table_type: Option<BoUTBTableType>,
    /// Whether rows can be archived.
    pub archivable: Option<BoYesNoEnum>,
    /// Field whose date decides about archiving.
    pub archive_date_field: Option<String>,
    /// Whether it stands in the menu.
    pub display_menu: Option<BoYesNoEnum>,
    /// Whether it is under authorization.
    pub apply_authorization: Option<BoYesNoEnum>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The definition of an index on a user-defined table, set `UserKeysMD`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "UserKeysMD", key("TableName", "KeyIndex"))]
pub struct UserKeyMd {
    /// Name of the table; part of the key.
    pub table_name: Option<String>,
    /// Number of the index; part of the key.
    pub key_index: Option<i32>,
    /// Name of the index.
    pub key_name: Option<String>,
    /// Whether no two rows may be alike.
    pub unique: Option<BoYesNoEnum>,
    /// Columns of the index.
    #[entity(name = "UserKeysMD_Elements")]
    pub user_keys_md_elements: Option<Vec<UserKeyMdElement>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A column of an index.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserKeyMdElement {
    /// Place in the index.
    pub sub_key_index: Option<i32>,
    /// Name of the column.
    pub column_alias: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The definition of a user-defined object (UDO, 用户自定义对象), set `UserObjectsMD`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "UserObjectsMD", key = "Code")]
pub struct UserObjectMd {
    /// Code of the object; the key, and the name of its set.
    pub code: Option<String>,
    /// Name of the object.
    pub name: Option<String>,
    /// Document or master data.
    pub object_type: Option<BoUDOObjType>,
    /// User-defined table of the header.
    pub table_name: Option<String>,
    /// Table of the change log.
    pub log_table_name: Option<String>,
    /// Whether it can be cancelled.
    pub can_cancel: Option<BoYesNoEnum>,
    /// Whether it can be closed.
    pub can_close: Option<BoYesNoEnum>,
    /// Whether it can be deleted.
    pub can_delete: Option<BoYesNoEnum>,
    /// Whether it can be searched.
    pub can_find: Option<BoYesNoEnum>,
    /// Whether changes are logged.
    pub can_log: Option<BoYesNoEnum>,
    /// Whether it is carried into the next year.
    pub can_year_transfer: Option<BoYesNoEnum>,
    /// Whether it can be archived.
    pub can_archive: Option<BoYesNoEnum>,
    /// Whether it has a default form.
    pub can_create_default_form: Option<BoYesNoEnum>,
    /// Whether the default form shows header and lines.
    pub enable_enhanced_form: Option<BoYesNoEnum>,
    /// Whether it has numbering series.
    pub manage_series: Option<BoYesNoEnum>,
    /// Whether it stands in the menu.
    pub menu_item: Option<BoYesNoEnum>,
    /// Caption in the menu.
    pub menu_caption: Option<String>,
    /// Number of the menu that it stands in.
    #[entity(name = "FatherMenuID")]
    pub father_menu_id: Option<i32>,
    /// Place in that menu.
    pub position: Option<i32>,
    /// Identifier of the menu entry.
    #[entity(name = "MenuUID")]
    pub menu_uid: Option<String>,
    /// Name of the extension library.
    pub extension_name: Option<String>,
    /// Whether it is under authorization.
    pub apply_authorization: Option<BoYesNoEnum>,
    /// Tables of the children.
    #[entity(name = "UserObjectMD_ChildTables")]
    pub user_object_md_child_tables: Option<Vec<UserObjectMdChildTable>>,
    /// Columns to search by.
    #[entity(name = "UserObjectMD_FindColumns")]
    pub user_object_md_find_columns: Option<Vec<UserObjectMdFindColumn>>,
    /// Columns of the default form.
    #[entity(name = "UserObjectMD_FormColumns")]
    pub user_object_md_form_columns: Option<Vec<UserObjectMdFormColumn>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A child table of a user-defined object.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserObjectMdChildTable {
    /// Number of the child.
    pub son_number: Option<i32>,
    /// User-defined table of the lines.
    pub table_name: Option<String>,
    /// Table of the change log.
    pub log_table_name: Option<String>,
    /// Code of the object.
    pub code: Option<String>,
    /// Name of the child; its collection is this name and `Collection`.
    pub object_name: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A column to search a user-defined object by.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserObjectMdFindColumn {
    /// Number of the column.
    pub column_number: Option<i32>,
    /// Name of the column.
    pub column_alias: Option<String>,
    /// Description.
    pub column_description: Option<String>,
    /// Code of the object.
    pub code: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A column of the default form of a user-defined object.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UserObjectMdFormColumn {
    /// Number of the column.
    pub form_column_number: Option<i32>,
    /// Name of the column.
    pub form_column_alias: Option<String>,
    /// Description.
    pub form_column_description: Option<String>,
    /// Number of the child; 0 is the header.
    pub son_number: Option<i32>,
    /// Whether it can be changed.
    pub editable: Option<BoYesNoEnum>,
    /// Code of the object.
    pub code: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
