//! Items.

use erplink_core::{Members, RawJson};

use crate::RowError;
use crate::payload::{Body, take_text};

/// An item (物料), with the names of the ERP's `Items`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The code of the item (物料编号). It is the key.
    pub item_code: String,
    /// The description (物料描述).
    pub item_name: Option<String>,
    /// Whatever else the PLM maps (`ForeignName`, `ItemsGroupCode`, `U_*`), as it was sent.
    pub rest: Members,
}

impl Item {
    /// Reads a row.
    ///
    /// # Errors
    /// When `ItemCode` is missing, or a known field holds something else than it should.
    pub fn read(mut row: Members) -> Result<Self, RowError> {
        Ok(Self {
            item_code: take_text(&mut row, "ItemCode")?
                .ok_or_else(|| RowError::missing("ItemCode"))?,
            item_name: take_text(&mut row, "ItemName")?,
            rest: row,
        })
    }

    pub(crate) fn body(&self) -> Members {
        Body::new()
            .text("ItemCode", Some(&self.item_code))
            .text("ItemName", self.item_name.as_deref())
            .rest(&self.rest)
    }
}

impl From<Item> for RawJson {
    /// The item as the ERP takes it.
    fn from(item: Item) -> Self {
        item.body().to_json()
    }
}
