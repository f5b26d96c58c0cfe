//! Batch numbers (批次号) of materials.

use erplink_core::{RawJson, Results};

use super::Materials;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{Id, MaterialId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;

const LIST: Endpoint = Endpoint::read("POST /material/open/v1/batch_no/_list");
const SAVE: Endpoint = Endpoint::write("POST /material/open/v1/batch_no/_save");
const UPDATE: Endpoint = Endpoint::repeatable("POST /material/open/v1/batch_no/_update");

request! {
    /// Which batch numbers to list. The platform's page of this call is not public: members beyond
    /// these go by [`extra`](Self::extra).
    pub struct BatchNumberFilter {
        /// Of this material.
        material: id(MaterialId) = "materialId",
        /// This number.
        number: text = "batchNo",
        /// A part of the number.
        search: text = "quickSearch",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl BatchNumberFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

request! {
    /// A batch number to save or change. The platform's page of this call is not public: members
    /// beyond these go by [`extra`](Self::extra).
    pub struct BatchNumberForm {
        /// Id, for a change.
        id: id(Id) = "id",
        /// Its material.
        material: id(MaterialId) = "materialId",
        /// The number.
        number: text = "batchNo",
        /// Remark.
        remark: text = "remark",
    }
}

impl BatchNumberForm {
    /// A batch of this material.
    pub fn new(material: impl Into<MaterialId>, number: impl Into<String>) -> Self {
        Self::default().material(material).number(number)
    }
}

model! {
    /// A batch number of a material.
    pub struct BatchNumber {
        /// Id.
        pub id: Id,
        /// Its material.
        pub material_id: Option<MaterialId>,
        /// The number.
        pub batch_no: String,
        /// Remark.
        pub remark: String,
    }
}

impl Row for BatchNumber {
    fn row_id(&self) -> i64 {
        self.id.get()
    }
}

impl Materials {
    /// `POST /material/open/v1/batch_no/_list`: batch numbers (批次号列表).
    pub fn batch_numbers(&self, filter: BatchNumberFilter) -> Results<Kept<BatchNumber>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /material/open/v1/batch_no/_save`: saves a batch number (新建批次号); answers `data`,
    /// whose shape is not documented.
    pub async fn save_batch_number(&self, batch: &BatchNumberForm) -> Result<RawJson> {
        Ok(self.client.call(&SAVE, &batch.fields).await?.data)
    }

    /// `POST /material/open/v1/batch_no/_update`: changes a batch number (编辑批次号).
    pub async fn update_batch_number(&self, batch: &BatchNumberForm) -> Result<()> {
        self.client.call(&UPDATE, &batch.fields).await.map(drop)
    }
}
