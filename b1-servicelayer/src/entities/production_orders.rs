//! Production orders (生产订单).

use chrono::NaiveDate;

use crate::entities::{BatchNumber, SerialNumber};
use crate::enums::{
    BoIssueMethod, BoProductionOrderOriginEnum, BoProductionOrderStatusEnum,
    BoProductionOrderTypeEnum, BoUpdateAllocationEnum, BoYesNoEnum, ProductionItemType,
    ReferencedObjectTypeEnum, ResourceAllocationEnum,
};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// A production order (生产订单), set `ProductionOrders`.
///
/// It has no time of the last change and no ETag.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(set = "ProductionOrders", key = "AbsoluteEntry")]
pub struct ProductionOrder {
    /// Key of the order; the column is called `DocEntry`. Read-only.
    pub absolute_entry: Option<i32>,
    /// Number of the order, as printed; the column is called `DocNum`.
    pub document_number: Option<i32>,
    /// Numbering series.
    pub series: Option<i32>,
    /// Code of the product (产品编号).
    pub item_no: Option<String>,
    /// Name of the product.
    pub product_description: Option<String>,
    /// State of the order (状态).
    pub production_order_status: Option<BoProductionOrderStatusEnum>,
    /// Type of the order (类型).
    pub production_order_type: Option<BoProductionOrderTypeEnum>,
    /// Quantity to make (计划数量).
    pub planned_quantity: Option<Decimal>,
    /// Quantity received (已完成数量). Read-only.
    pub completed_quantity: Option<Decimal>,
    /// Quantity rejected (已拒绝数量). Read-only.
    pub rejected_quantity: Option<Decimal>,
    /// Day of the order (订单日期).
    pub posting_date: Option<NaiveDate>,
    /// First day of production (开始日期).
    pub start_date: Option<NaiveDate>,
    /// Last day of production (到期日).
    pub due_date: Option<NaiveDate>,
    /// Day of release (下达日期).
    pub release_date: Option<NaiveDate>,
    /// Day of closing (结算日期).
    pub closing_date: Option<NaiveDate>,
    /// Day of creation.
    pub creation_date: Option<NaiveDate>,
    /// Where the order came from (来源).
    pub production_order_origin: Option<BoProductionOrderOriginEnum>,
    /// Key of the sales order that it came from.
    pub production_order_origin_entry: Option<i32>,
    /// Number of the sales order that it came from.
    pub production_order_origin_number: Option<i32>,
    /// Code of the customer.
    pub customer_code: Option<String>,
    /// Code of the warehouse that receives the product (仓库).
    pub warehouse: Option<String>,
    /// Name of the unit of measure. Read-only.
    #[entity(name = "InventoryUOM")]
    pub inventory_uom: Option<String>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Remarks (备注).
    pub remarks: Option<String>,
    /// Remarks of the journal entries.
    pub journal_remarks: Option<String>,
    /// Remarks for picking.
    pub pick_remarks: Option<String>,
    /// Code of the project.
    pub project: Option<String>,
    /// Distribution rule of the first dimension.
    pub distribution_rule: Option<String>,
    /// Distribution rule of the second dimension.
    pub distribution_rule2: Option<String>,
    /// Distribution rule of the third dimension.
    pub distribution_rule3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub distribution_rule4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub distribution_rule5: Option<String>,
    /// Priority.
    pub priority: Option<i32>,
    /// `InternalKey` of the user who created it. Read-only.
    pub user_signature: Option<i32>,
    /// Number of the journal entry of its closing. Read-only.
    pub transaction_number: Option<i32>,
    /// Whether it has been printed.
    pub printed: Option<BoYesNoEnum>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// How the dates of its resources are calculated.
    pub routing_date_calculation: Option<ResourceAllocationEnum>,
    /// How the cost allocation of the product is kept.
    pub update_allocation: Option<BoUpdateAllocationEnum>,
    /// Components and resources (组件).
    pub production_order_lines: Option<Vec<ProductionOrderLine>>,
    /// Sales order lines that it is made for.
    pub production_orders_sales_order_lines: Option<Vec<ProductionOrderSalesOrderLine>>,
    /// Stages of the route (工艺路线阶段).
    pub production_orders_stages: Option<Vec<ProductionOrderStage>>,
    /// Referenced documents.
    pub production_orders_document_references: Option<Vec<ProductionOrderDocumentReference>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A component or resource of a production order.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductionOrderLine {
    /// Key of the order. Read-only.
    pub document_absolute_entry: Option<i32>,
    /// Number of the line, from 0; the `BaseLine` of issues. Read-only.
    pub line_number: Option<i32>,
    /// Place of the line on the screen.
    pub visual_order: Option<i32>,
    /// Code of the component (组件编号).
    pub item_no: Option<String>,
    /// Name of the component.
    pub item_name: Option<String>,
    /// Item, resource or text.
    pub item_type: Option<ProductionItemType>,
    /// Quantity for one unit of the product (基本数量).
    pub base_quantity: Option<Decimal>,
    /// Quantity for the whole order (计划数量).
    pub planned_quantity: Option<Decimal>,
    /// Quantity beside that of the product.
    pub additional_quantity: Option<Decimal>,
    /// Quantity issued so far (已发货数量). Read-only.
    pub issued_quantity: Option<Decimal>,
    /// How the component is issued.
    pub production_order_issue_type: Option<BoIssueMethod>,
    /// Code of the warehouse that it is issued from.
    pub warehouse: Option<String>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Unit of measure; declared as a number here.
    #[entity(name = "UoMCode")]
    pub uom_code: Option<i32>,
    /// Number of the stage.
    #[entity(name = "StageID")]
    pub stage_id: Option<i32>,
    /// Number of the location.
    pub location_code: Option<i32>,
    /// Code of the project.
    pub project: Option<String>,
    /// Distribution rule of the first dimension.
    pub distribution_rule: Option<String>,
    /// Distribution rule of the second dimension.
    pub distribution_rule2: Option<String>,
    /// Distribution rule of the third dimension.
    pub distribution_rule3: Option<String>,
    /// Distribution rule of the fourth dimension.
    pub distribution_rule4: Option<String>,
    /// Distribution rule of the fifth dimension.
    pub distribution_rule5: Option<String>,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// Days that a resource needs.
    pub required_days: Option<Decimal>,
    /// How the dates of a resource are calculated.
    pub resource_allocation: Option<ResourceAllocationEnum>,
    /// Account of work in process.
    pub wip_account: Option<String>,
    /// Text of a text line.
    pub line_text: Option<String>,
    /// Batches.
    pub batch_numbers: Option<Vec<BatchNumber>>,
    /// Serial numbers.
    pub serial_numbers: Option<Vec<SerialNumber>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A line of a sales order that a production order is made for.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductionOrderSalesOrderLine {
    /// Key of the production order.
    pub doc_entry: Option<i32>,
    /// Key of the sales order.
    pub base_abs_entry: Option<i32>,
    /// Number of the sales order.
    pub base_number: Option<i32>,
    /// Number of the line of the sales order.
    pub base_line: Option<i32>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A stage of the route of a production order (工艺路线阶段).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductionOrderStage {
    /// Key of the production order.
    pub doc_entry: Option<i32>,
    /// Number of the stage, which lines name.
    #[entity(name = "StageID")]
    pub stage_id: Option<i32>,
    /// Place in the sequence.
    pub sequence_number: Option<i32>,
    /// Key of the stage's definition.
    pub stage_entry: Option<i32>,
    /// Name of the stage.
    pub name: Option<String>,
    /// First day.
    pub start_date: Option<NaiveDate>,
    /// Last day.
    pub end_date: Option<NaiveDate>,
    /// Days of work.
    pub required_days: Option<Decimal>,
    /// Days of waiting.
    pub waiting_days: Option<Decimal>,
    /// Share in the calculation of dates.
    pub calculation_proportion: Option<Decimal>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A reference from a production order to a document.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct ProductionOrderDocumentReference {
    /// Key of the production order.
    pub doc_entry: Option<i32>,
    /// Number of the line.
    pub line_number: Option<i32>,
    /// Key of the document. The server spells it so.
    pub ref_doc_entr: Option<i32>,
    /// Number of the document.
    pub ref_doc_num: Option<i32>,
    /// Number of a document outside of the company.
    pub ext_doc_num: Option<String>,
    /// The kind of the document.
    pub ref_obj_type: Option<ReferencedObjectTypeEnum>,
    /// Day of issue of the document.
    pub issue_date: Option<NaiveDate>,
    /// Remarks.
    pub remark: Option<String>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}
