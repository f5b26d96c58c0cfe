//! Creating or changing a material by its code.

use super::Materials;
use crate::client::Endpoint;
use crate::error::{Error, Result};
use crate::fields::{Field, Fields, request};

const IMPORT: Endpoint = Endpoint::repeatable("POST /material/open/v1/material/_doimport");

const LONGEST: usize = 255;
const LONGEST_REMARK: usize = 1000;

request! {
    /// A material to create or change, found by its code. From [`MaterialImport::new`].
    ///
    /// The platform takes texts only: yes and no as 是 and 否, numbers as digits, lists with commas.
    /// Members that are not given stay as they are, or get the platform's default.
    pub struct MaterialImport {
        /// Kind: `默认` (default), `虚拟件` or `在制品`.
        biz_type: text = "bizType",
        /// What it is for, of 仓储, 采购, 销售, 自制, 质量, 投料. Default: all. For 在制品 only
        /// 仓储, 自制, 质量, 投料; for 虚拟件 leave it out.
        biz_range: joined = "bizRange",
        /// A leaf of the categories, by its name; it has to be there.
        category: text = "materialCategory",
        /// Attributes, written `[颜色：黑色，产地：上海]` with full-width signs.
        attributes: text = "materialAttribute",
        /// Specification (规格), 255 characters at most.
        specification: text = "specification",
        /// Whether it is kept by batches (批次管理). Default no.
        batch_managed: yes_no = "batchManagementEnable",
        /// Attributes a batch shows, of 供应商, 供应商批次, 客户, 生产日期, 有效期至.
        batch_attributes: joined = "batchNoAttrDisplay",
        /// Those of them that have to be filled in.
        required_batch_attributes: joined = "batchNoAttrNotNull",
        /// Rule that numbers its batches; it has to be there.
        batch_rule: text = "batchNoRuleCode",
        /// Remark, 1000 characters at most.
        remark: text = "remark",
        /// Unit of storage; one of the material's.
        storage_unit: text = "convertUnitName",
        /// Transfer lot (转移批量).
        transfer_batch: decimal_text = "transferBatch",
        /// Its unit.
        transfer_unit: text = "transferUnitName",
        /// Code of the warehouse it is kept in by default; it has to be there.
        default_warehouse: text = "defaultWarehouseCode",
        /// Code of the place in that warehouse.
        default_location: text = "defaultLocationCode",
        /// How long it keeps.
        validity: int_text = "validityTime",
        /// The unit of that: 年, 月, 日 (default), 时 or 分.
        validity_unit: text = "validityUnit",
        /// Whether what came first goes first (先进先出). Default no.
        fifo: yes_no = "fifoEnabled",
        /// By what: 批次号 (default), 生产日期 or 有效期至.
        fifo_attribute: text = "fifoAttr",
        /// Attributes the stock shows: those of batches and 入厂日期.
        inventory_attributes: joined = "inventoryAttrDisplay",
        /// Those of them that have to be filled in.
        required_inventory_attributes: joined = "inventoryAttrNotNull",
        /// Rule of its labels; it has to be there.
        label_rule: text = "inventoryRuleCode",
        /// Unit of production. Default: the main one.
        production_unit: text = "productionUnitName",
        /// Unit of feeding. Default: the main one.
        feed_unit: text = "feedUnitName",
        /// Unit of purchase. Default: the main one.
        purchase_unit: text = "purchaseUnitName",
        /// States that may be produced, of 合格, 不合格, 让步合格, 待检. Default 合格, 让步合格.
        manufacture_quality: joined = "manufactureQualityStatus",
        /// Amount of a purchase: whole, 1 to 999 999.
        purchase_amount: int_text = "purchaseAmount",
        /// Least amount of a purchase: whole, 1 to 999 999.
        purchase_amount_min: int_text = "purchaseAmountMin",
        /// Whether sources are controlled (货源控制). Default no.
        source_control: yes_no = "sourceControl",
        /// Passed on as it is; the platform does not document it.
        order_batch_rule: text = "orderBatchRule",
        /// Passed on as it is; the platform does not document it.
        control_level: text = "controlLevel",
        /// Passed on as it is; the platform does not document it.
        tax_rate: text = "taxRate",
        /// Its other units.
        units: rows(UnitLine) = "items",
    }
}

request! {
    /// A unit besides the main one. From [`UnitLine::conversion`] or [`UnitLine::auxiliary`].
    ///
    /// One conversion unit is `main_count` / `count` main units.
    pub struct UnitLine {
        /// X of the conversion.
        count: decimal_text = "toUnitCount",
        /// Y of the conversion.
        main_count: decimal_text = "fromUnitCount",
        /// Whether it may be used.
        enabled: yes_no = "enableFlag",
    }
}

impl UnitLine {
    /// A unit that converts (转换单位); give both counts.
    pub fn conversion(unit: impl Into<String>) -> Self {
        Self::of(unit, "转换单位")
    }

    /// A unit beside the amount that does not convert (辅助单位).
    pub fn auxiliary(unit: impl Into<String>) -> Self {
        Self::of(unit, "辅助单位")
    }

    fn of(unit: impl Into<String>, kind: &str) -> Self {
        let fields = Fields::default()
            .with("unitName", Field::Text(unit.into()))
            .with("unitType", Field::Text(kind.to_owned()));
        Self { fields }
    }
}

impl MaterialImport {
    /// The three members the platform wants: code (物料编号), name (物料名称), and the name of the main
    /// unit (主单位), which has to be there.
    pub fn new(code: impl Into<String>, name: impl Into<String>, unit: impl Into<String>) -> Self {
        let fields = Fields::default()
            .with("materialCode", Field::Text(code.into()))
            .with("materialName", Field::Text(name.into()))
            .with("unitName", Field::Text(unit.into()));
        Self { fields }
    }

    /// The code: the key by which the platform finds the material.
    #[must_use]
    pub fn code(&self) -> &str {
        self.fields.text("materialCode").unwrap_or_default()
    }

    fn check(&self) -> Result<()> {
        let code = self.code();
        for name in ["materialCode", "materialName", "unitName"] {
            if self.fields.text(name).is_none_or(|text| text.trim().is_empty()) {
                return Err(Error::invalid(format!("material `{code}`: {name} is empty")));
            }
        }
        if code.trim() != code {
            return Err(Error::invalid(format!(
                "material `{code}`: materialCode begins or ends with a space"
            )));
        }
        for (name, longest) in [
            ("materialCode", LONGEST),
            ("materialName", LONGEST),
            ("specification", LONGEST),
            ("remark", LONGEST_REMARK),
        ] {
            let length = self.fields.text(name).map_or(0, |text| text.chars().count());
            if length > longest {
                return Err(Error::invalid(format!(
                    "material `{code}`: {name} has {length} characters, at most {longest} are taken"
                )));
            }
        }
        Ok(())
    }
}

impl Materials {
    /// `POST /material/open/v1/material/_doimport`: creates a material or changes the one with this
    /// code (导入物料).
    ///
    /// Repeated when its answer is lost: a second time changes nothing. A stopped material stays
    /// stopped; see [`start`](Self::start).
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for empty or too long members;
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) for a unit, category, warehouse or rule that is
    /// not there.
    pub async fn import(&self, material: &MaterialImport) -> Result<()> {
        material.check()?;
        let mut fields = material.fields.clone();
        fields.set_in_rows("items", "materialCode", &Field::Text(material.code().to_owned()));
        self.client.call(&IMPORT, &fields).await.map(drop)
    }
}
