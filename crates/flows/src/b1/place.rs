use b1_servicelayer::{Key, RawJson};
use erplink_sync::Failure;
use erplink_sync::map::at;

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
    },
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
            Self::Document { set, key } => {
                let path = format!("Document.{key}");
                let value = at(&path, content)?.ok_or_else(|| missing(&path))?;
                Ok((set, key_of(&value).ok_or_else(|| missing(&path))?))
            }
        }
    }
}

/// The set that holds the drafts of this kind of document.
pub(super) fn draft_set<'a>(object_type: &str, transfer_drafts: &'a str) -> &'a str {
    if object_type == "67" { transfer_drafts } else { "Drafts" }
}

/// The ERP prints numeric keys as numbers and text keys as texts.
pub(super) fn key_of(value: &RawJson) -> Option<Key> {
    let number = value.get::<i64>().map(Key::from).ok();
    number.or_else(|| value.get::<String>().map(Key::from).ok())
}
