//! Items (物料), their groups and price lists.

use chrono::{NaiveDate, NaiveTime};

use crate::enums::{
    BatchDetailServiceStatusEnum, BoGLMethods, BoInventorySystem, BoIssueMethod, BoItemTreeTypes,
    BoMRPComponentWarehouse, BoManageMethod, BoMaterialTypes, BoPlanningSystem,
    BoProcurementMethod, BoTaxTypes, BoYesNoEnum, IssuePrimarilyByEnum, ItemClassEnum,
    ItemTypeEnum, ItemUoMTypeEnum,
};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// An item (物料主数据), set `Items`. `POST` needs only `ItemCode`, and `ItemName` by custom.
///
/// The flags `Properties1` to `Properties64` are not listed: name the ones in use in a structure of
/// your own.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "Items", key = "ItemCode", versioned)]
pub struct Item {
    /// Code of the item (物料编号); the key.
    pub item_code: Option<String>,
    /// Name (物料描述).
    pub item_name: Option<String>,
    /// Name in another language.
    pub foreign_name: Option<String>,
    /// Number of the item group; 100 when not given.
    pub items_group_code: Option<i32>,
    /// Number of the customs group; -1 is none.
    pub customs_group_code: Option<i32>,
    /// Tax code for sales.
    #[entity(name = "SalesVATGroup")]
    pub sales_vat_group: Option<String>,
    /// Tax code for purchases.
    #[entity(name = "PurchaseVATGroup")]
    pub purchase_vat_group: Option<String>,
    /// Bar code of the inventory unit (条码).
    pub bar_code: Option<String>,
    /// Whether the item is taxed.
    pub vat_liable: Option<BoYesNoEnum>,
    /// Whether it can be bought (采购物料).
    pub purchase_item: Option<BoYesNoEnum>,
    /// Whether it can be sold (销售物料).
    pub sales_item: Option<BoYesNoEnum>,
    /// Whether stock is kept (库存物料).
    pub inventory_item: Option<BoYesNoEnum>,
    /// Whether it is a fixed asset.
    pub asset_item: Option<BoYesNoEnum>,
    /// What the item is.
    pub item_type: Option<ItemTypeEnum>,
    /// Service or material.
    pub item_class: Option<ItemClassEnum>,
    /// Material type for tax reports.
    pub material_type: Option<BoMaterialTypes>,
    /// Name of the inventory unit of measure (库存计量单位).
    #[entity(name = "InventoryUOM")]
    pub inventory_uom: Option<String>,
    /// Name of the sales unit of measure (销售计量单位).
    pub sales_unit: Option<String>,
    /// Name of the purchase unit of measure (采购计量单位).
    pub purchase_unit: Option<String>,
    /// Inventory units in one sales unit.
    pub sales_items_per_unit: Option<Decimal>,
    /// Inventory units in one purchase unit.
    pub purchase_items_per_unit: Option<Decimal>,
    /// Number of the group of units; -1 is manual.
    #[entity(name = "UoMGroupEntry")]
    pub uom_group_entry: Option<i32>,
    /// Number of the inventory unit.
    #[entity(name = "InventoryUoMEntry")]
    pub inventory_uom_entry: Option<i32>,
    /// Number of the usual sales unit.
    #[entity(name = "DefaultSalesUoMEntry")]
    pub default_sales_uom_entry: Option<i32>,
    /// Number of the usual purchase unit.
    #[entity(name = "DefaultPurchasingUoMEntry")]
    pub default_purchasing_uom_entry: Option<i32>,
    /// Whether batches are kept (批次管理).
    pub manage_batch_numbers: Option<BoYesNoEnum>,
    /// Whether serial numbers are kept (序列号管理).
    pub manage_serial_numbers: Option<BoYesNoEnum>,
    /// When batches and serial numbers must be given.
    #[entity(name = "SRIAndBatchManageMethod")]
    pub sri_and_batch_manage_method: Option<BoManageMethod>,
    /// What an issue chooses first.
    pub issue_primarily_by: Option<IssuePrimarilyByEnum>,
    /// Code of the usual warehouse (默认仓库).
    pub default_warehouse: Option<String>,
    /// Whether stock limits are set per warehouse.
    pub manage_stock_by_warehouse: Option<BoYesNoEnum>,
    /// Where the accounts come from.
    #[entity(name = "GLMethod")]
    pub gl_method: Option<BoGLMethods>,
    /// How the item is valued.
    pub cost_accounting_method: Option<BoInventorySystem>,
    /// How the item is taxed.
    pub tax_type: Option<BoTaxTypes>,
    /// Type of its bill of materials.
    pub tree_type: Option<BoItemTreeTypes>,
    /// How it is issued to production.
    pub issue_method: Option<BoIssueMethod>,
    /// Whether it exists only inside bills of materials (虚拟件).
    pub is_phantom: Option<BoYesNoEnum>,
    /// Whether requirements planning looks at it.
    pub planning_system: Option<BoPlanningSystem>,
    /// Bought or made.
    pub procurement_method: Option<BoProcurementMethod>,
    /// From where planning takes its components.
    pub component_warehouse: Option<BoMRPComponentWarehouse>,
    /// Days from order to receipt (提前期).
    pub lead_time: Option<i32>,
    /// Smallest quantity to order.
    pub min_order_quantity: Option<Decimal>,
    /// Orders are multiples of this quantity.
    pub order_multiple: Option<Decimal>,
    /// Number of the order interval.
    pub order_intervals: Option<i32>,
    /// Lowest stock, in inventory units (最小库存).
    pub min_inventory: Option<Decimal>,
    /// Highest stock, in inventory units (最大库存).
    pub max_inventory: Option<Decimal>,
    /// Stock to reach, in inventory units.
    pub desired_inventory: Option<Decimal>,
    /// Code of the usual supplier (主供应商). The server spells it so.
    pub mainsupplier: Option<String>,
    /// The supplier's number for the item.
    pub supplier_catalog_no: Option<String>,
    /// Number of the manufacturer; -1 is none.
    pub manufacturer: Option<i32>,
    /// Additional identifier.
    #[entity(name = "SWW")]
    pub sww: Option<String>,
    /// Remarks on the item (备注). Some systems call it `UserText`.
    #[entity(name = "User_Text", alias = "UserText")]
    pub user_text: Option<String>,
    /// Whether the item is active (有效).
    pub valid: Option<BoYesNoEnum>,
    /// First active day.
    pub valid_from: Option<NaiveDate>,
    /// Last active day.
    pub valid_to: Option<NaiveDate>,
    /// Why it is active only then.
    pub valid_remarks: Option<String>,
    /// Whether the item is inactive (冻结).
    pub frozen: Option<BoYesNoEnum>,
    /// First inactive day.
    pub frozen_from: Option<NaiveDate>,
    /// Last inactive day.
    pub frozen_to: Option<NaiveDate>,
    /// Numbering series (编号系列).
    pub series: Option<i32>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// Stock in all warehouses, in inventory units (库存量). Read-only.
    pub quantity_on_stock: Option<Decimal>,
    /// Ordered from suppliers, in inventory units. Read-only.
    pub quantity_ordered_from_vendors: Option<Decimal>,
    /// Ordered by customers, in inventory units. Read-only.
    pub quantity_ordered_by_customers: Option<Decimal>,
    /// Moving average price (移动平均价), in local currency.
    pub moving_average_price: Option<Decimal>,
    /// Average or standard price, in local currency.
    pub avg_std_price: Option<Decimal>,
    /// Day of creation. Read-only.
    pub create_date: Option<NaiveDate>,
    /// Time of creation. Read-only.
    pub create_time: Option<NaiveTime>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
    /// Time of the last change. Read-only.
    pub update_time: Option<NaiveTime>,
    /// Counts the changes. Read-only.
    pub data_version: Option<i32>,
    /// Prices, one for each price list.
    pub item_prices: Option<Vec<ItemPrice>>,
    /// Stock and limits, one for each warehouse.
    pub item_warehouse_info_collection: Option<Vec<ItemWarehouseInfo>>,
    /// Preferred suppliers.
    pub item_preferred_vendors: Option<Vec<ItemPreferredVendor>>,
    /// Units of measure in use.
    pub item_unit_of_measurement_collection: Option<Vec<ItemUnitOfMeasurement>>,
    /// Bar codes.
    pub item_bar_code_collection: Option<Vec<ItemBarCode>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The price of an item in one price list.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ItemPrice {
    /// Number of the price list (价格清单).
    pub price_list: Option<i32>,
    /// Price of one unit.
    pub price: Option<Decimal>,
    /// Currency of the price.
    pub currency: Option<String>,
    /// Price in the first additional currency.
    pub additional_price1: Option<Decimal>,
    /// The first additional currency.
    pub additional_currency1: Option<String>,
    /// Price in the second additional currency.
    pub additional_price2: Option<Decimal>,
    /// The second additional currency.
    pub additional_currency2: Option<String>,
    /// Number of the list that the price is calculated from.
    pub base_price_list: Option<i32>,
    /// Factor to the price of the base list.
    pub factor: Option<Decimal>,
    /// Prices for other units of measure.
    #[entity(name = "UoMPrices")]
    pub uom_prices: Option<Vec<UoMPrice>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The price of an item for one unit of measure.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct UoMPrice {
    /// Number of the price list.
    pub price_list: Option<i32>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Reduction against the price of the base unit, in percent.
    pub reduce_by: Option<Decimal>,
    /// Price of one unit.
    pub price: Option<Decimal>,
    /// Currency of the price.
    pub currency: Option<String>,
    /// Whether the price is calculated.
    pub auto: Option<BoYesNoEnum>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// Stock and limits of an item in one warehouse.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ItemWarehouseInfo {
    /// Code of the warehouse (仓库).
    pub warehouse_code: Option<String>,
    /// Code of the item.
    pub item_code: Option<String>,
    /// Stock, in inventory units (库存量). Read-only.
    pub in_stock: Option<Decimal>,
    /// Committed to customers and production (已承诺). Read-only.
    pub committed: Option<Decimal>,
    /// Ordered from suppliers and production (已订购). Read-only.
    pub ordered: Option<Decimal>,
    /// Quantity at the last count.
    pub counted_quantity: Option<Decimal>,
    /// Lowest stock.
    pub minimal_stock: Option<Decimal>,
    /// Highest stock.
    pub maximal_stock: Option<Decimal>,
    /// Smallest quantity to order.
    pub minimal_order: Option<Decimal>,
    /// Cost of one unit in this warehouse.
    pub standard_average_price: Option<Decimal>,
    /// Whether the item is locked here.
    pub locked: Option<BoYesNoEnum>,
    /// Key of the usual bin (库位).
    pub default_bin: Option<i32>,
    /// Whether the usual bin must be used.
    pub default_bin_enforced: Option<BoYesNoEnum>,
    /// Stock account.
    pub inventory_account: Option<String>,
    /// Cost account.
    pub cost_account: Option<String>,
    /// Revenue account.
    pub revenues_account: Option<String>,
    /// Expense account.
    pub expenses_account: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A preferred supplier of an item.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ItemPreferredVendor {
    /// Code of the supplier.
    #[entity(name = "BPCode")]
    pub bp_code: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A unit of measure of an item, with its size.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ItemUnitOfMeasurement {
    /// What the unit is for.
    #[entity(name = "UoMType")]
    pub uom_type: Option<ItemUoMTypeEnum>,
    /// Number of the unit.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Key of the usual bar code.
    pub default_barcode: Option<i32>,
    /// Number of the usual package.
    pub default_package: Option<i32>,
    /// Length.
    pub length1: Option<Decimal>,
    /// Number of the unit of the length.
    pub length1_unit: Option<i32>,
    /// Width.
    pub width1: Option<Decimal>,
    /// Number of the unit of the width.
    pub width1_unit: Option<i32>,
    /// Height.
    pub height1: Option<Decimal>,
    /// Number of the unit of the height.
    pub height1_unit: Option<i32>,
    /// Volume.
    pub volume: Option<Decimal>,
    /// Number of the unit of the volume.
    pub volume_unit: Option<i32>,
    /// Weight.
    pub weight1: Option<Decimal>,
    /// Number of the unit of the weight.
    pub weight1_unit: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A bar code of an item.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ItemBarCode {
    /// Key of the bar code.
    pub abs_entry: Option<i32>,
    /// Number of the unit that the bar code stands for.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// The bar code.
    pub barcode: Option<String>,
    /// Free text.
    pub free_text: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A group of items (物料组), set `ItemGroups`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ItemGroups", key = "Number")]
pub struct ItemGroup {
    /// Number of the group; the key.
    pub number: Option<i32>,
    /// Name of the group.
    pub group_name: Option<String>,
    /// Whether its items are bought or made.
    pub procurement_method: Option<BoProcurementMethod>,
    /// Whether requirements planning looks at its items.
    pub planning_system: Option<BoPlanningSystem>,
    /// From where planning takes the components.
    pub component_warehouse: Option<BoMRPComponentWarehouse>,
    /// How its items are valued.
    pub inventory_system: Option<BoInventorySystem>,
    /// Service or material.
    pub item_class: Option<ItemClassEnum>,
    /// Whether its items are raw material.
    pub raw_material: Option<BoYesNoEnum>,
    /// Days from order to receipt.
    pub lead_time: Option<i32>,
    /// Smallest quantity to order.
    pub minimum_order_quantity: Option<Decimal>,
    /// Orders are multiples of this quantity.
    pub order_multiple: Option<Decimal>,
    /// Number of the order interval.
    pub order_interval: Option<i32>,
    /// Days of tolerance in planning.
    pub tolerance_days: Option<i32>,
    /// Number of the usual group of units.
    #[entity(name = "DefaultUoMGroup")]
    pub default_uom_group: Option<i32>,
    /// Number of the usual inventory unit.
    #[entity(name = "DefaultInventoryUoM")]
    pub default_inventory_uom: Option<i32>,
    /// Stock account.
    pub inventory_account: Option<String>,
    /// Cost account.
    pub cost_account: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A price list (价格清单), set `PriceLists`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "PriceLists", key = "PriceListNo")]
pub struct PriceList {
    /// Number of the list; the key.
    pub price_list_no: Option<i32>,
    /// Name of the list.
    pub price_list_name: Option<String>,
    /// Number of the list that its prices are calculated from.
    pub base_price_list: Option<i32>,
    /// Factor to the prices of the base list.
    pub factor: Option<Decimal>,
    /// Whether its prices include tax.
    pub is_gross_price: Option<BoYesNoEnum>,
    /// Whether the list is in use.
    pub active: Option<BoYesNoEnum>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// Usual currency of its prices.
    pub default_prime_currency: Option<String>,
    /// The first additional currency.
    pub default_additional_currency1: Option<String>,
    /// The second additional currency.
    pub default_additional_currency2: Option<String>,
    /// The fixed amount that its rounding uses.
    pub fixed_amount: Option<Decimal>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The master data of a batch (批次), set `BatchNumberDetails`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "BatchNumberDetails", key = "DocEntry")]
pub struct BatchNumberDetail {
    /// Key of the batch.
    pub doc_entry: Option<i32>,
    /// Code of the item.
    pub item_code: Option<String>,
    /// Name of the item. Read-only.
    pub item_description: Option<String>,
    /// Number of the batch (批次号).
    pub batch: Option<String>,
    /// First attribute.
    pub batch_attribute1: Option<String>,
    /// Second attribute.
    pub batch_attribute2: Option<String>,
    /// Whether the batch may be issued.
    pub status: Option<BatchDetailServiceStatusEnum>,
    /// Day of receipt (入库日期).
    pub admission_date: Option<NaiveDate>,
    /// Day of manufacture (生产日期).
    pub manufacturing_date: Option<NaiveDate>,
    /// Last day of use (失效日期).
    pub expiration_date: Option<NaiveDate>,
    /// Remarks.
    pub details: Option<String>,
    /// Number that the system gave the batch.
    pub system_number: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
