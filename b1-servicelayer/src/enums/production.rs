//! Enums of production orders (生产订单) and bills of materials (物料清单).

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The state of a production order. Issues and receipts need a released one.
    pub enum BoProductionOrderStatusEnum {
        /// Planned (已计划).
        Planned = "boposPlanned" | "P",
        /// Released (已下达).
        Released = "boposReleased" | "R",
        /// Closed (已结算).
        Closed = "boposClosed" | "L",
        /// Cancelled (已取消).
        Cancelled = "boposCancelled" | "C",
    }
}

open_enum! {
    /// The type of a production order.
    pub enum BoProductionOrderTypeEnum {
        /// Standard (标准): from the bill of materials.
        Standard = "bopotStandard" | "S",
        /// Special (特殊): with components of its own.
        Special = "bopotSpecial" | "P",
        /// Disassembly (分解): the product becomes its components.
        Disassembly = "bopotDisassembly" | "D",
    }
}

open_enum! {
    /// Where a production order came from.
    pub enum BoProductionOrderOriginEnum {
        /// Entered by hand (手动).
        Manual = "bopooManual" | "M",
        /// Material requirements planning.
        Mrp = "bopooMRP" | "R",
        /// A sales order (销售订单).
        SalesOrder = "bopooSalesOrder" | "S",
        /// Another production order.
        ProductionOrder = "bopooProductionOrder",
    }
}

open_enum! {
    /// How a component is issued (发货方法).
    pub enum BoIssueMethod {
        /// With the receipt of the product (倒冲).
        Backflush = "im_Backflush" | "B",
        /// By a goods issue of its own (手动).
        Manual = "im_Manual" | "M",
    }
}

open_enum! {
    /// What a line of a production order or bill of materials is.
    pub enum ProductionItemType {
        /// An item (物料).
        Item = "pit_Item" | "4",
        /// A resource (资源).
        Resource = "pit_Resource" | "290",
        /// A text.
        Text = "pit_Text" | "-18",
    }
}

open_enum! {
    /// The type of a bill of materials (物料清单类型).
    pub enum BoItemTreeTypes {
        /// None: the item has no bill of materials.
        NotATree = "iNotATree" | "N",
        /// Assembly (装配).
        AssemblyTree = "iAssemblyTree" | "A",
        /// Sales (销售).
        SalesTree = "iSalesTree" | "S",
        /// Production (生产).
        ProductionTree = "iProductionTree" | "P",
        /// Template (模板).
        TemplateTree = "iTemplateTree" | "T",
        /// The item is a component of a sales or assembly bill in this document.
        Ingredient = "iIngredient" | "I",
    }
}

open_enum! {
    /// How the dates of resources are calculated.
    pub enum ResourceAllocationEnum {
        /// On the start date.
        OnStartDate = "raOnStartDate" | "S",
        /// On the end date.
        OnEndDate = "raOnEndDate" | "D",
        /// From the start date forwards.
        StartDateForwards = "raStartDateForwards" | "F",
        /// From the end date backwards.
        EndDateBackwards = "raEndDateBackwards" | "B",
    }
}

open_enum! {
    /// How the cost allocation of a product is kept.
    pub enum BoUpdateAllocationEnum {
        /// By hand.
        Manual = "bouaManual" | "M",
        /// Calculated.
        Calculated = "bouaCalculated" | "C",
        /// To be calculated now.
        RunCalculation = "bouaRunCalculation" | "R",
    }
}

edm_via_serde!(
    BoProductionOrderStatusEnum,
    BoProductionOrderTypeEnum,
    BoProductionOrderOriginEnum,
    BoIssueMethod,
    ProductionItemType,
    BoItemTreeTypes,
    ResourceAllocationEnum,
    BoUpdateAllocationEnum,
);
