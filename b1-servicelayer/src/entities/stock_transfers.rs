//! Inventory transfers (库存转储), their requests and drafts.

use chrono::NaiveDate;

use crate::entities::{BatchNumber, DocumentReference, SerialNumber};
use crate::enums::{
    BinActionTypeEnum, BoStatus, BoYesNoEnum, InvBaseDocTypeEnum,
    StockTransferAuthorizationStatusEnum,
};
use crate::{ComplexType, Decimal, Entity, UserFields};

/// A transfer between warehouses or bins. One type for transfers, their requests and their drafts.
///
/// The aliases, such as [`StockTransferDraft`], say which set is meant.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(key = "DocEntry")]
pub struct StockTransfer {
    /// Key of the document. Read-only.
    pub doc_entry: Option<i32>,
    /// Number of the document, as printed.
    pub doc_num: Option<i32>,
    /// Numbering series.
    pub series: Option<i32>,
    /// Object type, as text: `67`, or `1250000001` for a request.
    pub doc_object_code: Option<String>,
    /// Posting date (过账日期).
    pub doc_date: Option<NaiveDate>,
    /// Due date (到期日). Marketing documents call it `DocDueDate`.
    pub due_date: Option<NaiveDate>,
    /// Date of the document (单据日期).
    pub tax_date: Option<NaiveDate>,
    /// Code of the business partner.
    pub card_code: Option<String>,
    /// Name of the business partner.
    pub card_name: Option<String>,
    /// Key of the contact at the partner.
    pub contact_person: Option<i32>,
    /// Address, formatted.
    pub address: Option<String>,
    /// Name of the ship-to address.
    pub ship_to_code: Option<String>,
    /// Code of the source warehouse (从仓库).
    pub from_warehouse: Option<String>,
    /// Code of the target warehouse (到仓库).
    pub to_warehouse: Option<String>,
    /// Remarks (备注).
    pub comments: Option<String>,
    /// Remarks of the journal entry.
    pub journal_memo: Option<String>,
    /// First reference.
    pub reference1: Option<String>,
    /// Second reference.
    pub reference2: Option<String>,
    /// Number of the price list.
    pub price_list: Option<i32>,
    /// Number of the sales person; -1 is none.
    pub sales_person_code: Option<i32>,
    /// Number of the branch (分支).
    #[entity(name = "BPLID")]
    pub bplid: Option<i32>,
    /// Name of the branch.
    #[entity(name = "BPLName")]
    pub bpl_name: Option<String>,
    /// How far it is in the approval procedure (审批状态). Read-only.
    pub authorization_status: Option<StockTransferAuthorizationStatusEnum>,
    /// Open or closed. Read-only.
    pub document_status: Option<BoStatus>,
    /// Whether it has been printed.
    pub printed: Option<BoYesNoEnum>,
    /// Day of creation. Read-only.
    pub creation_date: Option<NaiveDate>,
    /// Day of the last change. Read-only. There is no time of the change.
    pub update_date: Option<NaiveDate>,
    /// Number of the journal entry. Read-only.
    pub trans_num: Option<i32>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// The lines (行).
    pub stock_transfer_lines: Option<Vec<StockTransferLine>>,
    /// Templates that this document was caught by, with the originator's remarks to send along.
    #[entity(name = "StockTransfer_ApprovalRequests")]
    pub stock_transfer_approval_requests: Option<Vec<StockTransferApprovalRequest>>,
    /// Referenced documents (参考单据).
    pub document_references: Option<Vec<DocumentReference>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A line of an inventory transfer.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct StockTransferLine {
    /// Number of the line, from 0.
    pub line_num: Option<i32>,
    /// Key of the document.
    pub doc_entry: Option<i32>,
    /// Code of the item (物料编号).
    pub item_code: Option<String>,
    /// Name of the item.
    pub item_description: Option<String>,
    /// Quantity in `MeasureUnit` (数量).
    pub quantity: Option<Decimal>,
    /// Quantity in inventory units.
    pub inventory_quantity: Option<Decimal>,
    /// Price of one unit before discount.
    pub unit_price: Option<Decimal>,
    /// Price of one unit after discount.
    pub price: Option<Decimal>,
    /// Currency of the prices.
    pub currency: Option<String>,
    /// Discount on the line, in percent.
    pub discount_percent: Option<Decimal>,
    /// Code of the source warehouse (从仓库).
    pub from_warehouse_code: Option<String>,
    /// Code of the target warehouse (到仓库).
    pub warehouse_code: Option<String>,
    /// Code of the project.
    pub project_code: Option<String>,
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
    /// Name of the unit of measure.
    pub measure_unit: Option<String>,
    /// Whether the quantity is in inventory units.
    pub use_base_units: Option<BoYesNoEnum>,
    /// Number of the unit of measure.
    #[entity(name = "UoMEntry")]
    pub uom_entry: Option<i32>,
    /// Code of the unit of measure. Read-only.
    #[entity(name = "UoMCode")]
    pub uom_code: Option<String>,
    /// Kind of the base document. Marketing documents have a number here.
    pub base_type: Option<InvBaseDocTypeEnum>,
    /// Key of the base document.
    pub base_entry: Option<i32>,
    /// Number of the line of the base document.
    pub base_line: Option<i32>,
    /// Open or closed.
    pub line_status: Option<BoStatus>,
    /// Quantity still open. Read-only.
    pub remaining_open_quantity: Option<Decimal>,
    /// Batches (批次).
    pub batch_numbers: Option<Vec<BatchNumber>>,
    /// Serial numbers (序列号).
    pub serial_numbers: Option<Vec<SerialNumber>>,
    /// Bins on both sides (库位分配).
    pub stock_transfer_lines_bin_allocations: Option<Vec<StockTransferLineBinAllocation>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// The quantity of a line that leaves or enters one bin (库位).
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct StockTransferLineBinAllocation {
    /// Which side of the transfer the bin is on.
    pub bin_action_type: Option<BinActionTypeEnum>,
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

/// An approval template that a transfer is subject to.
#[derive(Clone, Debug, Default, PartialEq, ComplexType)]
pub struct StockTransferApprovalRequest {
    /// Key of the template.
    #[entity(name = "ApprovalTemplatesID")]
    pub approval_templates_id: Option<i32>,
    /// Name of the template. Read-only.
    pub approval_templates_name: Option<String>,
    /// Remarks of the originator to the approvers.
    pub remarks: Option<String>,
    /// Whether it also applies when the document is changed.
    pub active_for_update: Option<BoYesNoEnum>,
}

/// A draft of an inventory transfer or request (库存转储草稿), set `StockTransferDrafts`.
pub type StockTransferDraft = StockTransfer;

/// An inventory transfer request (库存转储请求), set `InventoryTransferRequests`.
pub type InventoryTransferRequest = StockTransfer;
