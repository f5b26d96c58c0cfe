//! Finding and reading materials.

use chrono::{DateTime, Utc};
use erplink_core::Results;
use serde_json::json;

use super::Materials;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::request;
use crate::id::{Id, MaterialId};
use crate::kept::Kept;
use crate::lenient::model;
use crate::list::Row;
use crate::number_enum::number_enum;
use crate::shared::{CodeMessage, CustomField, Enabled, Unit};

const LIST: Endpoint = Endpoint::read("POST /material/open/v1/material/_list");
const DETAIL: Endpoint = Endpoint::read("POST /material/open/v1/material/_detail");

number_enum! {
    /// Kind of a material (业务类型).
    pub enum BizType {
        /// Phantom (虚拟件).
        Phantom = 0,
        /// Ordinary (默认).
        Default = 1,
        /// In process (在制品).
        InProcess = 2,
    }

    /// What a material is for (业务范围).
    pub enum BizRange {
        /// Storage (仓储).
        Storage = 1,
        /// Purchase (采购).
        Purchase = 2,
        /// Sale (销售).
        Sale = 3,
        /// Making (自制).
        Making = 4,
        /// Quality (质量).
        Quality = 5,
        /// Feeding (投料).
        Feeding = 6,
    }
}

request! {
    /// Which materials to list. All conditions have to hold; without one all materials come.
    pub struct MaterialFilter {
        /// These ids.
        ids: ids(MaterialId) = "idList",
        /// These codes, exactly.
        codes: texts = "codeList",
        /// This code; whether exactly is not documented. Prefer [`codes`](Self::codes).
        code: text = "code",
        /// This name.
        name: text = "name",
        /// This QR code.
        qr_code: text = "qrCode",
        /// In use or stopped.
        enabled: flag = "enableFlag",
        /// Kept by batches or not.
        batch_managed: flag = "batchManagementEnable",
        /// Of these categories.
        categories: ids(Id) = "categoryIds",
        /// With these attributes.
        attributes: ids(Id) = "attributeIds",
        /// A part of code, name or specification.
        search: text = "quickSearch",
        /// For one of these.
        biz_range: enumerations(BizRange) = "bizRange",
        /// Of one of these kinds.
        biz_type: enumerations(BizType) = "bizType",
        /// With this specification.
        specification: text = "specification",
        /// Changed at or after this moment.
        updated_from: millis = "updateStartTime",
        /// Changed before this moment.
        updated_to: millis = "updateEndTime",
        /// Rows a page. Default 200.
        page_size: int = "size",
    }
}

impl MaterialFilter {
    /// No condition.
    pub fn new() -> Self {
        Self::default()
    }
}

model! {
    /// A material.
    pub struct Material {
        /// Id.
        pub id: MaterialId,
        /// Code (物料编号).
        pub code: String,
        /// Name (物料名称).
        pub name: String,
        /// QR code.
        pub qr_code: String,
        /// Specification (规格).
        pub specification: String,
        /// Remark.
        pub remark: String,
        /// When it was created.
        pub created_at: Option<DateTime<Utc>>,
        /// Whether it may be used.
        pub enable_flag: Option<CodeMessage<Enabled>>,
        /// Kind.
        pub biz_type: Option<CodeMessage<BizType>>,
        /// What it is for.
        pub biz_range: Vec<CodeMessage<BizRange>>,
        /// Its categories.
        pub category: Option<MaterialCategory>,
        /// Name of the main unit.
        pub unit_name: String,
        /// The main unit.
        pub unit: Option<Unit>,
        /// Attributes.
        pub attributes: Vec<Attribute>,
        /// Files.
        pub documents: Vec<MaterialDocument>,
        /// Whether it is kept by batches; details only.
        pub batch_management_enable: Option<CodeMessage<crate::shared::Flag>>,
        /// Fields of the tenant's own; details only.
        pub custom_fields: Vec<CustomField>,
    }

    /// The categories of a material.
    pub struct MaterialCategory {
        /// Id of the relation.
        pub relation_id: Option<Id>,
        /// From the root to the leaf.
        pub category_ids: Vec<Id>,
        /// Name of the leaf.
        pub category_name: String,
    }

    /// An attribute of a material and its value.
    pub struct Attribute {
        /// Id of the attribute.
        pub attribute_id: Option<Id>,
        /// Its name.
        pub attribute_name: String,
        /// Id of the value.
        pub attribute_item_id: Option<Id>,
        /// The value.
        pub attribute_item_name: String,
    }

    /// A file of a material.
    pub struct MaterialDocument {
        /// Id.
        pub id: Option<Id>,
        /// Where it is.
        pub url: String,
    }
}

impl Material {
    /// Whether it was stopped (停用). `None` when the answer does not say.
    #[must_use]
    pub fn is_stopped(&self) -> Option<bool> {
        self.enable_flag.as_ref().map(|flag| flag.code == Enabled::No)
    }
}

impl Row for Material {
    fn row_id(&self) -> i64 {
        self.id.get()
    }
}

impl Materials {
    /// `POST /material/open/v1/material/_list`: materials (物料列表).
    pub fn list(&self, filter: MaterialFilter) -> Results<Kept<Material>, Error> {
        self.client.list(LIST, filter.fields)
    }

    /// `POST /material/open/v1/material/_list`: the material with exactly this code.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) when several have it.
    pub async fn find(&self, code: &str) -> Result<Option<Kept<Material>>> {
        let rows = self.list(MaterialFilter::new().codes([code]));
        crate::list::only(rows, |row| row.code == code, "material", code).await
    }

    /// `POST /material/open/v1/material/_detail`: one material (物料详情).
    pub async fn get(&self, id: impl Into<MaterialId>) -> Result<Kept<Material>> {
        self.client.fetch_kept(&DETAIL, &json!({ "id": id.into() })).await
    }
}
