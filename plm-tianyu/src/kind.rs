//! What an address receives.

use serde::Deserialize;

use crate::Target;

/// What one address receives. The PLM has one target interface (目标接口) for each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Items (物料): the ERP's `Items`.
    Item,
    /// Bills of material (物料清单): the ERP's `ProductTrees`.
    Bom,
    /// Routings (工艺路线): a user-defined object of the ERP.
    Routing(UserObject),
}

/// A user-defined object (UDO, 用户自定义对象) of the ERP. Its name and fields are the site's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserObject {
    /// The code of the object, which is its name in the Service Layer.
    pub object: String,
    /// The field that holds the key the PLM knows. Default `Code`, the key of a master data object;
    /// for a document object it is a field of the user's own, such as `U_RoutingNo`.
    #[serde(default = "code")]
    pub key_field: String,
    /// Whether that field holds text or a number. Default text.
    #[serde(default)]
    pub key_type: KeyType,
    /// The field by which a record is addressed. Default: `DocEntry` where `key_field` begins with
    /// `U_`, otherwise `key_field` itself.
    #[serde(default)]
    pub entity_key: Option<String>,
    /// The child collection that each push must bring, such as `ROUTING1Collection`. Default: none
    /// is demanded.
    #[serde(default)]
    pub line_collection: Option<String>,
}

fn code() -> String {
    "Code".to_owned()
}

/// The type of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyType {
    /// Text.
    #[default]
    Text,
    /// A whole number.
    Number,
}

impl UserObject {
    /// The object with this code, with the key `Code`.
    pub fn new(object: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            key_field: code(),
            key_type: KeyType::Text,
            entity_key: None,
            line_collection: None,
        }
    }

    fn entity_key(&self) -> String {
        match &self.entity_key {
            Some(field) => field.clone(),
            None if self.key_field.starts_with("U_") => "DocEntry".to_owned(),
            None => self.key_field.clone(),
        }
    }
}

impl Kind {
    /// The field whose value is the key of a row.
    #[must_use]
    pub fn key_field(&self) -> &str {
        match self {
            Self::Item => "ItemCode",
            Self::Bom => "TreeCode",
            Self::Routing(object) => &object.key_field,
        }
    }

    /// The collection that belongs to one row and is never taken for the rows of a push.
    pub(crate) fn line_collection(&self) -> Option<&str> {
        match self {
            Self::Item => None,
            Self::Bom => Some("ProductTreeLines"),
            Self::Routing(object) => object.line_collection.as_deref(),
        }
    }

    /// Where the rows go in the ERP.
    ///
    /// An update of a bill of material or a routing replaces its lines, because the PLM pushes them
    /// all; an update of an item leaves the collections of the item alone.
    #[must_use]
    pub fn target(&self) -> Target {
        match self {
            Self::Item => Target {
                entity_set: "Items".to_owned(),
                key_field: "ItemCode".to_owned(),
                entity_key: "ItemCode".to_owned(),
                replace_collections: false,
            },
            Self::Bom => Target {
                entity_set: "ProductTrees".to_owned(),
                key_field: "TreeCode".to_owned(),
                entity_key: "TreeCode".to_owned(),
                replace_collections: true,
            },
            Self::Routing(object) => Target {
                entity_set: object.object.clone(),
                key_field: object.key_field.clone(),
                entity_key: object.entity_key(),
                replace_collections: true,
            },
        }
    }
}
