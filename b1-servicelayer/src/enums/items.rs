//! Enums of items (物料).

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// What an item is.
    pub enum ItemTypeEnum {
        /// Goods (物料).
        Items = "itItems" | "I",
        /// Labor (人工).
        Labor = "itLabor" | "L",
        /// Travel.
        Travel = "itTravel" | "T",
        /// Fixed asset (固定资产).
        FixedAssets = "itFixedAssets" | "F",
    }
}

open_enum! {
    /// Service or material.
    pub enum ItemClassEnum {
        /// Service (服务).
        Service = "itcService" | "1",
        /// Material (物料).
        Material = "itcMaterial" | "2",
    }
}

open_enum! {
    /// How an item is obtained (采购方法).
    pub enum BoProcurementMethod {
        /// Bought (采购).
        Buy = "bom_Buy" | "B",
        /// Made (生产).
        Make = "bom_Make" | "M",
    }
}

open_enum! {
    /// Whether requirements planning looks at an item (计划方法).
    pub enum BoPlanningSystem {
        /// Planned (MRP).
        Mrp = "bop_MRP" | "M",
        /// Not planned.
        None = "bop_None" | "N",
    }
}

open_enum! {
    /// From which warehouse planning takes the components.
    pub enum BoMRPComponentWarehouse {
        /// From that of the bill of materials.
        Bom = "bomcw_BOM" | "B",
        /// From that of the parent item.
        Parent = "bomcw_Parent" | "P",
    }
}

open_enum! {
    /// When batch and serial numbers must be given.
    pub enum BoManageMethod {
        /// On every transaction.
        OnEveryTransaction = "bomm_OnEveryTransaction" | "A",
        /// On release only.
        OnReleaseOnly = "bomm_OnReleaseOnly" | "R",
    }
}

open_enum! {
    /// What an issue of a batch or serial item chooses first.
    pub enum IssuePrimarilyByEnum {
        /// Serial and batch numbers.
        SerialAndBatchNumbers = "ipbSerialAndBatchNumbers" | "0",
        /// Bin locations (库位).
        BinLocations = "ipbBinLocations" | "1",
    }
}

open_enum! {
    /// Where the accounts of an item come from.
    pub enum BoGLMethods {
        /// From the warehouse.
        Wh = "glm_WH" | "W",
        /// From the item group.
        ItemClass = "glm_ItemClass" | "C",
        /// From the item.
        ItemLevel = "glm_ItemLevel" | "L",
    }
}

open_enum! {
    /// How an item is valued (评估方法).
    pub enum BoInventorySystem {
        /// Moving average (移动平均).
        MovingAverage = "bis_MovingAverage" | "A",
        /// Standard cost (标准成本).
        Standard = "bis_Standard" | "S",
        /// First in, first out (先进先出).
        Fifo = "bis_FIFO" | "F",
        /// By serial number or batch.
        Snb = "bis_SNB" | "B",
    }
}

open_enum! {
    /// The material type of an item, for tax reports of some countries.
    pub enum BoMaterialTypes {
        /// Goods for resale.
        GoodsForReseller = "mt_GoodsForReseller" | "0",
        /// Finished goods.
        FinishedGoods = "mt_FinishedGoods" | "1",
        /// Goods in process.
        GoodsInProcess = "mt_GoodsInProcess" | "2",
        /// Raw material.
        RawMaterial = "mt_RawMaterial" | "3",
        /// Packaging.
        Package = "mt_Package" | "4",
        /// By-product.
        SubProduct = "mt_SubProduct" | "5",
        /// Intermediate material.
        IntermediateMaterial = "mt_IntermediateMaterial" | "6",
        /// Consumables.
        ConsumerMaterial = "mt_ConsumerMaterial" | "7",
        /// Fixed asset.
        FixedAsset = "mt_FixedAsset" | "8",
        /// Service.
        Service = "mt_Service" | "9",
        /// Other input.
        OtherInput = "mt_OtherInput" | "10",
        /// Other.
        Other = "mt_Other" | "99",
    }
}

open_enum! {
    /// How an item is taxed.
    pub enum BoTaxTypes {
        /// Taxed.
        Yes = "tt_Yes" | "Y",
        /// Not taxed.
        No = "tt_No" | "N",
        /// Use tax.
        UseTax = "tt_UseTax" | "U",
        /// Offset tax.
        OffsetTax = "tt_OffsetTax" | "O",
    }
}

open_enum! {
    /// What a unit of measure of an item is for.
    pub enum ItemUoMTypeEnum {
        /// Purchasing (采购).
        Purchasing = "iutPurchasing" | "P",
        /// Sales (销售).
        Sales = "iutSales" | "S",
        /// Inventory (库存).
        Inventory = "iutInventory" | "I",
    }
}

edm_via_serde!(
    ItemTypeEnum,
    ItemClassEnum,
    BoProcurementMethod,
    BoPlanningSystem,
    BoMRPComponentWarehouse,
    BoManageMethod,
    IssuePrimarilyByEnum,
    BoGLMethods,
    BoInventorySystem,
    BoMaterialTypes,
    BoTaxTypes,
    ItemUoMTypeEnum,
);
