//! Lines of marketing documents (单据行).

use chrono::NaiveDate;

use crate::entities::{BatchNumber, SerialNumber};
use crate::enums::{BoDocItemType, BoDocLineType, BoStatus, BoTransactionTypeEnum, BoYesNoEnum};
use crate::{ComplexType, Decimal, UserFields};

/// A line of a marketing document (单据行).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct DocumentLine {
    /// Number of the line, from 0; the `BaseLine` of documents drawn from this one.
    pub line_num: Option<i32>,
    /// Place of the line on the screen.
    pub visual_order: Option<i32>,
    /// Key of the document.
    pub doc_entry: Option<i32>,
    /// Code of the item (物料编号).
    pub item_code: Option<String>,
    /// Name of the item (物料描述).
    pub item_description: Option<String>,
    /// Quantity in `MeasureUnit` (数量).
    pub quantity: Option<Decimal>,
    /// Quantity in inventory units.
    pub inventory_quantity: Option<Decimal>,
    /// Price of one unit before discount (单价).
    pub unit_price: Option<Decimal>,
    /// Price of one unit after discount.
    pub price: Option<Decimal>,
    /// Price of one unit with tax (含税价).
    #[entity(name = "PriceAfterVAT")]
    pub price_after_vat: Option<Decimal>,
    /// Currency of the prices.
    pub currency: Option<String>,
    /// Discount on the line, in percent.
    pub discount_percent: Option<Decimal>,
    /// Total of the line without tax, in local currency (行总计).
    pub line_total: Option<Decimal>,
    /// Total of the line with tax, in local currency (毛计).
    pub gross_total: Option<Decimal>,
    /// Tax code (税码).
    pub vat_group: Option<String>,
    /// Tax code, in countries that use this property.
    pub tax_code: Option<String>,
    /// Code of the warehouse (仓库).
    pub warehouse_code: Option<String>,
    /// Delivery date.
    pub ship_date: Option<NaiveDate>,
    /// Required date (需求日期). Spelt correctly here, unlike on the header.
    pub required_date: Option<NaiveDate>,
    /// Required quantity.
    pub required_quantity: Option<Decimal>,
    /// Name of the unit of measure (计量单位).
    pub measure_unit: Option<String>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Code of the unit of measure. Read-only.
    #[entity(name = "UoMCode")]
    pub uom_code: Option<String>,
    /// Free text (自由文本).
    pub free_text: Option<String>,
    /// Code of the supplier of the line (供应商).
    pub line_vendor: Option<String>,
    /// Code of the project.
    pub project_code: Option<String>,
    /// Distribution rule of the first dimension (成本中心).
    pub costing_code: Option<String>,
    /// Distribution rule of the second dimension.
    pub costing_code2: Option<String>,
    /// Distribution rule of the third dimension.
    pub costing_code3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub costing_code4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub costing_code5: Option<String>,
    /// Code of the account.
    pub account_code: Option<String>,
    /// Object type of the base document, as a number: 22, 202.
    pub base_type: Option<i32>,
    /// Key of the base document.
    pub base_entry: Option<i32>,
    /// Number of the line of the base document.
    pub base_line: Option<i32>,
    /// Open or closed.
    pub line_status: Option<BoStatus>,
    /// Quantity still open (未清数量). Read-only.
    pub remaining_open_quantity: Option<Decimal>,
    /// Whether a receipt from production is good or reject.
    pub transaction_type: Option<BoTransactionTypeEnum>,
    /// Whether the line is regular or an alternative.
    pub line_type: Option<BoDocLineType>,
    /// Item or resource.
    pub item_type: Option<BoDocItemType>,
    /// Batches (批次), whose quantities add up to the quantity of the line.
    pub batch_numbers: Option<Vec<BatchNumber>>,
    /// Serial numbers (序列号).
    pub serial_numbers: Option<Vec<SerialNumber>>,
    /// Bins (库位分配).
    pub document_lines_bin_allocations: Option<Vec<DocumentLineBinAllocation>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The quantity of a line that goes to or comes from one bin (库位).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct DocumentLineBinAllocation {
    /// Key of the bin in `BinLocations`.
    pub bin_abs_entry: Option<i32>,
    /// Quantity for this bin.
    pub quantity: Option<Decimal>,
    /// Whether the bin may go below zero.
    pub allow_negative_quantity: Option<BoYesNoEnum>,
    /// Index into the batches or serial numbers of the line, from 0; -1 is none.
    pub serial_and_batch_numbers_base_line: Option<i32>,
    /// Index of the line of the document, from 0.
    pub base_line_number: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
