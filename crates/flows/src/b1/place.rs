use b1_servicelayer::{Key, RawJson};
use erplink_sync::Failure;
use erplink_sync::map::at;
use serde::Deserialize;

/// Where in the ERP a document of a source is, for writing something into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The draft (草稿) of an approval request.
    Draft {
        /// The set with the drafts of transfers.
        transfer_drafts: String,
    },
    /// A document of an entity set.
    Document {
        /// The set, such as `PurchaseOrders`.
        set: String,
        /// The property with the key, such as `DocEntry`.
        key: String,
        /// How the key is written in addresses.
        key_type: KeyType,
    },
}

/// How the key of an entity is written in an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyType {
    /// As the ERP prints it: a number as `(16)`, a text as `('C001')`.
    #[default]
    Auto,
    /// As a number, `(16)`, also where it was read as a text.
    Numeric,
    /// As a text, `('16')`, also where it was read as a number.
    String,
}

impl KeyType {
    /// The key in a value that was read.
    pub(crate) fn key(self, value: &RawJson) -> Option<Key> {
        let number = || value.get::<i64>().ok();
        let text = || value.get::<String>().ok();
        match self {
            Self::Auto => number().map(Key::from).or_else(|| text().map(Key::from)),
            Self::Numeric => number().or_else(|| text()?.trim().parse::<i64>().ok()).map(Key::from),
            Self::String => text().or_else(|| Some(number()?.to_string())).map(Key::from),
        }
    }
}

impl Place {
    /// The set with the drafts of transfers (库存转储草稿).
    pub const TRANSFER_DRAFTS: &'static str = "StockTransferDrafts";

    /// The entity set and key of the document with this content.
    pub(super) fn find<'a>(&'a self, content: &RawJson) -> Result<(&'a str, Key), Failure> {
        let missing = |path: &str| Failure::park(format!("the document has no `{path}`"));
        match self {
            Self::Draft { transfer_drafts } => {
                let code = at("Request.ObjectType", content)?.and_then(|raw| raw.get().ok());
                let path = "Request.DraftEntry";
                let entry: Option<i32> = at(path, content)?.and_then(|raw| raw.get().ok());
                let code: String = code.unwrap_or_default();
                let entry = entry.ok_or_else(|| missing(path))?;
                Ok((draft_set(&code, transfer_drafts), Key::from(entry)))
            }
            Self::Document { set, key, key_type } => {
                let path = format!("Document.{key}");
                let value = at(&path, content)?.ok_or_else(|| missing(&path))?;
                Ok((set, key_type.key(&value).ok_or_else(|| missing(&path))?))
            }
        }
    }
}

/// The set that holds the drafts of this kind of document.
pub(super) fn draft_set<'a>(object_type: &str, transfer_drafts: &'a str) -> &'a str {
    if object_type == "67" { transfer_drafts } else { "Drafts" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_the_site_says() {
        let key = |kind: KeyType, json: &str| {
            kind.key(&RawJson::parse(json).unwrap()).map(|key| key.to_string())
        };
        assert_eq!(key(KeyType::Auto, "16").as_deref(), Some("(16)"));
        assert_eq!(key(KeyType::Auto, "\"16\"").as_deref(), Some("('16')"));
        assert_eq!(key(KeyType::Numeric, "\" 16\"").as_deref(), Some("(16)"));
        assert_eq!(key(KeyType::String, "16").as_deref(), Some("('16')"));
        assert_eq!(key(KeyType::Numeric, "\"A\""), None);
    }
}
