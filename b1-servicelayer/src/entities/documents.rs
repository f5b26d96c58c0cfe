//! Marketing documents (营销单据): orders, deliveries, invoices, requests, goods movements, drafts.

use chrono::{NaiveDate, NaiveTime};

use crate::entities::{
    AddressExtension, DocumentAdditionalExpense, DocumentApprovalRequest, DocumentLine,
    DocumentReference, TaxExtension,
};
use crate::enums::{
    BoDocumentTypes, BoObjectTypes, BoStatus, BoYesNoEnum, CancelStatusEnum,
    DocumentAuthorizationStatusEnum, PrintStatusEnum,
};
use crate::{Decimal, Entity, UserFields};

/// A marketing document. One type for all their sets.
///
/// The aliases, such as [`Order`], say which set is meant. A draft also names the kind of document
/// that it will become in `doc_object_code`.
#[derive(Clone, Debug, Default, PartialEq, Entity)]
#[entity(key = "DocEntry", versioned)]
pub struct Document {
    /// Key of the document. Read-only.
    pub doc_entry: Option<i32>,
    /// Number of the document, as printed (单据编号).
    pub doc_num: Option<i32>,
    /// Items or services.
    pub doc_type: Option<BoDocumentTypes>,
    /// The kind of document; for drafts the kind that they will become.
    pub doc_object_code: Option<BoObjectTypes>,
    /// Posting date (过账日期).
    pub doc_date: Option<NaiveDate>,
    /// Due or delivery date (到期日).
    pub doc_due_date: Option<NaiveDate>,
    /// Date of the document (单据日期).
    pub tax_date: Option<NaiveDate>,
    /// Required date of a purchase request (需求日期). The server misspells it so on the header, not on
    /// the lines.
    #[entity(alias = "RequiredDate")]
    pub requried_date: Option<NaiveDate>,
    /// Code of the business partner.
    pub card_code: Option<String>,
    /// Name of the business partner.
    pub card_name: Option<String>,
    /// The partner's reference number (客户/供应商参考编号).
    pub num_at_card: Option<String>,
    /// Numbering series.
    pub series: Option<i32>,
    /// Currency of the document.
    pub doc_currency: Option<String>,
    /// Exchange rate to local currency.
    pub doc_rate: Option<Decimal>,
    /// Total with tax, in local currency (单据总计).
    pub doc_total: Option<Decimal>,
    /// Tax in local currency (税额).
    pub vat_sum: Option<Decimal>,
    /// Discount on the document, in percent.
    pub discount_percent: Option<Decimal>,
    /// Remarks (备注).
    pub comments: Option<String>,
    /// Remarks of the journal entry (日记账备注).
    pub journal_memo: Option<String>,
    /// First reference.
    pub reference1: Option<String>,
    /// Second reference.
    pub reference2: Option<String>,
    /// Number of the sales person; -1 is none.
    pub sales_person_code: Option<i32>,
    /// Key of the employee who owns the document (所有者).
    pub documents_owner: Option<i32>,
    /// `InternalKey` of the user who created it. Read-only.
    pub user_sign: Option<i32>,
    /// Code of the project.
    pub project: Option<String>,
    /// Number of the payment terms.
    pub payment_group_code: Option<i32>,
    /// Key of the contact at the partner.
    pub contact_person_code: Option<i32>,
    /// Bill-to address, formatted.
    pub address: Option<String>,
    /// Ship-to address, formatted.
    pub address2: Option<String>,
    /// Name of the ship-to address.
    pub ship_to_code: Option<String>,
    /// Name of the bill-to address.
    pub pay_to_code: Option<String>,
    /// Number of the branch (分支).
    #[entity(name = "BPL_IDAssignedToInvoice")]
    pub bpl_id_assigned_to_invoice: Option<i32>,
    /// Name of the branch.
    #[entity(name = "BPLName")]
    pub bpl_name: Option<String>,
    /// Open or closed (单据状态). Read-only.
    pub document_status: Option<BoStatus>,
    /// Whether the document has been cancelled. Read-only.
    pub cancelled: Option<BoYesNoEnum>,
    /// Whether it has been cancelled or cancels another. Read-only.
    pub cancel_status: Option<CancelStatusEnum>,
    /// Whether it has been confirmed (已批准).
    pub confirmed: Option<BoYesNoEnum>,
    /// Whether it has been printed.
    pub printed: Option<PrintStatusEnum>,
    /// How far it is in the approval procedure (审批状态). Read-only.
    pub authorization_status: Option<DocumentAuthorizationStatusEnum>,
    /// Whether goods are still to move.
    pub inventory_status: Option<BoStatus>,
    /// Who requests in a purchase request: 12 a user, 171 an employee, as object types are
    /// numbered.
    pub req_type: Option<i32>,
    /// Code of the requester (申请人).
    pub requester: Option<String>,
    /// Name of the requester.
    pub requester_name: Option<String>,
    /// Number of the requester's branch.
    pub requester_branch: Option<i32>,
    /// Number of the requester's department (部门).
    pub requester_department: Option<i32>,
    /// E-mail address of the requester.
    pub requester_email: Option<String>,
    /// Whether the requester is notified.
    pub send_notification: Option<BoYesNoEnum>,
    /// Key of its attachments in `Attachments2`.
    pub attachment_entry: Option<i32>,
    /// Day of creation. Read-only.
    pub creation_date: Option<NaiveDate>,
    /// Time of creation.
    pub doc_time: Option<NaiveTime>,
    /// Day of the last change. Read-only.
    pub update_date: Option<NaiveDate>,
    /// Time of the last change. Read-only.
    pub update_time: Option<NaiveTime>,
    /// Counts the changes. Read-only.
    pub data_version: Option<i32>,
    /// Object type of the base document.
    pub base_type: Option<i32>,
    /// Key of the base document.
    pub base_entry: Option<i32>,
    /// The lines (行).
    pub document_lines: Option<Vec<DocumentLine>>,
    /// Additional expenses (附加费用).
    pub document_additional_expenses: Option<Vec<DocumentAdditionalExpense>>,
    /// Referenced documents (参考单据).
    pub document_references: Option<Vec<DocumentReference>>,
    /// Templates that this document was caught by, with the originator's remarks to send along.
    #[entity(name = "Document_ApprovalRequests")]
    pub document_approval_requests: Option<Vec<DocumentApprovalRequest>>,
    /// Tax data and addresses in parts.
    pub tax_extension: Option<Box<TaxExtension>>,
    /// Ship-to and bill-to address in parts.
    pub address_extension: Option<Box<AddressExtension>>,
    /// User-defined fields.
    #[entity(user_fields)]
    pub user_fields: UserFields,
}

/// A draft of any document (草稿), set `Drafts`.
pub type Draft = Document;

/// A sales quotation (销售报价单), set `Quotations`.
pub type Quotation = Document;

/// A sales order (销售订单), set `Orders`.
pub type Order = Document;

/// A delivery (销售交货), set `DeliveryNotes`.
pub type DeliveryNote = Document;

/// A return from a customer (销售退货), set `Returns`.
pub type Return = Document;

/// A return request, set `ReturnRequest`.
pub type ReturnRequest = Document;

/// An A/R invoice (应收发票), set `Invoices`.
pub type Invoice = Document;

/// An A/R credit memo (应收贷项凭证), set `CreditNotes`.
pub type CreditNote = Document;

/// An A/R down payment (应收预付款), set `DownPayments`.
pub type DownPayment = Document;

/// A purchase request (采购申请), set `PurchaseRequests`.
pub type PurchaseRequest = Document;

/// A purchase quotation (采购报价单), set `PurchaseQuotations`.
pub type PurchaseQuotation = Document;

/// A purchase order (采购订单), set `PurchaseOrders`.
pub type PurchaseOrder = Document;

/// A goods receipt of a purchase order (采购收货), set `PurchaseDeliveryNotes`.
pub type PurchaseDeliveryNote = Document;

/// A goods return (采购退货), set `PurchaseReturns`.
pub type PurchaseReturn = Document;

/// A goods return request, set `GoodsReturnRequest`.
pub type GoodsReturnRequest = Document;

/// An A/P invoice (应付发票), set `PurchaseInvoices`.
pub type PurchaseInvoice = Document;

/// An A/P credit memo (应付贷项凭证), set `PurchaseCreditNotes`.
pub type PurchaseCreditNote = Document;

/// An A/P down payment (应付预付款), set `PurchaseDownPayments`.
pub type PurchaseDownPayment = Document;

/// A goods receipt (库存收货), also from production, set `InventoryGenEntries`.
pub type InventoryGenEntry = Document;

/// A goods issue (库存发货), also to production, set `InventoryGenExits`.
pub type InventoryGenExit = Document;
