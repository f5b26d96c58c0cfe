//! Creating and changing a material by ids (the web's own way; imports go by code).

use super::{BizRange, BizType, Materials};
use crate::client::Endpoint;
use crate::error::Result;
use crate::fields::{Field, request};
use crate::id::{Id, MaterialId, UnitId};
use crate::lenient::model;
use crate::shared::QcStatus;

const CREATE: Endpoint = Endpoint::write("POST /material/open/v1/material/_create");
const UPDATE: Endpoint = Endpoint::repeatable("POST /material/open/v1/material/_update");

request! {
    /// A material by ids. [`MaterialImport`](super::MaterialImport) is simpler.
    pub struct MaterialForm {
        /// Base data (基础信息).
        base: object(BaseInfo) = "baseInfo",
        /// Units (单位).
        units: object(UnitList) = "unitList",
        /// Storage (库存信息).
        inventory: object(InventoryInfo) = "inventoryInfo",
        /// Production (生产信息).
        production: object(ProductionInfo) = "productionInfo",
        /// Purchase (采购信息).
        purchase: object(PurchaseInfo) = "purchaseInfo",
        /// Feeding (投料信息).
        feed: object(FeedInfo) = "feedInfo",
    }
}

request! {
    /// Base data of a material. Required: name, unit, kind; for a change also id and QR code.
    pub struct BaseInfo {
        /// Id, for a change.
        id: id(MaterialId) = "id",
        /// QR code, for a change.
        qr_code: text = "qrCode",
        /// Why it is changed.
        reason: text = "reason",
        /// Name.
        name: text = "name",
        /// Code; without one give a rule.
        code: text = "code",
        /// Rule that numbers it.
        number_rule: id(Id) = "numberRuleId",
        /// Main unit.
        unit: reference(UnitId) = "unit",
        /// Kind.
        biz_type: enumeration(BizType) = "bizType",
        /// What it is for.
        biz_range: enumerations(BizRange) = "bizRange",
        /// Whether it is kept by batches.
        batch_managed: flag = "batchManagementEnable",
        /// Remark, 255 characters at most.
        remark: text = "remark",
        /// Specification.
        specification: text = "specification",
    }
}

request! {
    /// Units of a material.
    pub struct UnitList {
        /// The material, for a change.
        material: id(MaterialId) = "id",
        /// Main unit.
        unit: id(UnitId) = "unitId",
        /// The others.
        conversions: rows(ConversionForm) = "conversionUnits",
    }
}

request! {
    /// How a unit converts to the main one.
    pub struct ConversionForm {
        /// Id of the row, for a change.
        id: id(Id) = "id",
        /// Id of the relation, for a change.
        relation: id(Id) = "relationId",
        /// Y: so many main units …
        from_count: number = "fromUnitCount",
        /// … are, of this unit …
        to_unit: id(UnitId) = "toUnitId",
        /// … X, so many.
        to_count: number = "toUnitCount",
        /// Conversion or auxiliary.
        kind: enumeration(crate::shared::UnitType) = "convertType",
        /// Order.
        serial: int = "serialNo",
        /// Whether it may be used.
        enabled: flag = "enableFlag",
    }
}

request! {
    /// Storage of a material. Required: whether first in goes first out.
    pub struct InventoryInfo {
        /// The material, for a change.
        material: id(MaterialId) = "materialId",
        /// Unit of storage.
        unit: reference(UnitId) = "convertUnit",
        /// Default warehouse.
        warehouse: reference(Id) = "warehouse",
        /// Default place.
        location: reference(Id) = "location",
        /// How long it keeps.
        validity: object(Validity) = "validity",
        /// Whether what came first goes first.
        fifo: flag = "fifoEnabled",
        /// By what: 0 batch, 1 date of production, 2 expiry.
        fifo_attribute: int = "fifoAttr",
        /// Rule of labels.
        label_rule: reference(Id) = "inventoryQrCodeRule",
        /// Transfer lot.
        transfer_batch: number = "transferBatch",
        /// Its unit.
        transfer_unit: id(UnitId) = "transferUnitId",
    }
}

request! {
    /// How long a material keeps.
    pub struct Validity {
        /// So many …
        time: int = "time",
        /// … of this: 0 years, 1 months, 2 days, 3 hours, 4 minutes.
        unit: int = "unit",
    }
}

request! {
    /// Production of a material.
    pub struct ProductionInfo {
        /// The material, for a change.
        material: id(MaterialId) = "materialId",
        /// Unit of production.
        unit: reference(UnitId) = "productionUnit",
        /// States that may be produced.
        quality: enumerations(QcStatus) = "manufactureQualityStatus",
    }
}

request! {
    /// Purchase of a material. Required: whether sources are controlled.
    pub struct PurchaseInfo {
        /// The material, for a change.
        material: id(MaterialId) = "materialId",
        /// Unit of purchase.
        unit: reference(UnitId) = "purchaseUnit",
        /// Amount of a purchase.
        amount: number = "purchaseAmount",
        /// Least amount.
        amount_min: number = "purchaseAmountMin",
        /// Whether sources are controlled.
        source_control: flag = "sourceControl",
    }
}

request! {
    /// Feeding of a material.
    pub struct FeedInfo {
        /// The material, for a change.
        material: id(MaterialId) = "materialId",
        /// Unit of feeding.
        unit: id(UnitId) = "feedUnitId",
        /// States that may be fed.
        quality: enumerations(QcStatus) = "qcStatus",
    }
}

model! {
    #[allow(unreachable_pub)]
    pub struct Created {
        pub id: Option<MaterialId>,
    }
}

impl MaterialForm {
    /// With this base data.
    pub fn new(base: BaseInfo) -> Self {
        Self::default().base(base)
    }
}

impl BaseInfo {
    /// The members the platform wants.
    pub fn new(name: impl Into<String>, unit: impl Into<UnitId>, biz_type: BizType) -> Self {
        Self::default().name(name).unit(unit).biz_type(biz_type)
    }
}

impl Materials {
    /// `POST /material/open/v1/material/_create`: creates a material (创建物料); answers its id,
    /// where the platform does.
    ///
    /// Not repeated when the answer is lost: [`find`](Self::find) the code first.
    pub async fn create(&self, material: &MaterialForm) -> Result<Option<MaterialId>> {
        let created: Option<Created> = self.client.fetch(&CREATE, &material.fields).await?;
        Ok(created.and_then(|created| created.id))
    }

    /// `POST /material/open/v1/material/_update`: changes a material (编辑物料). It replaces the
    /// whole tree, so start from [`get`](Self::get).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) without id and QR code in the base data.
    pub async fn update(&self, material: &MaterialForm) -> Result<()> {
        let Some(Field::Object(base)) = material.fields.get("baseInfo") else {
            return Err(crate::Error::invalid("the change of a material has no base data"));
        };
        for name in ["id", "qrCode"] {
            if base.get(name).is_none() {
                return Err(crate::Error::invalid(format!(
                    "the change of a material needs baseInfo.{name}"
                )));
            }
        }
        self.client.call(&UPDATE, &material.fields).await.map(drop)
    }
}
