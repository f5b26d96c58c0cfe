//! Enums of marketing documents (营销单据) and stock movements.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// Whether the lines of a document are items or services.
    pub enum BoDocumentTypes {
        /// Items (物料).
        DocumentItems = "dDocument_Items" | "I",
        /// Services (服务), booked on accounts.
        DocumentService = "dDocument_Service" | "S",
    }
}

open_enum! {
    /// Whether a document is cancelled or cancels another.
    pub enum CancelStatusEnum {
        /// The document has been cancelled (已取消).
        Yes = "csYes" | "Y",
        /// Neither.
        No = "csNo" | "N",
        /// The document cancels another (取消凭证).
        Cancellation = "csCancellation" | "C",
    }
}

open_enum! {
    /// Whether a line counts or is an alternative.
    pub enum BoDocLineType {
        /// A regular line.
        Regular = "dlt_Regular" | "R",
        /// An alternative to the line above.
        Alternative = "dlt_Alternative" | "A",
    }
}

open_enum! {
    /// What a line of a document is about.
    pub enum BoDocItemType {
        /// An item (物料).
        Item = "dit_Item" | "4",
        /// A resource (资源).
        Resource = "dit_Resource" | "290",
    }
}

open_enum! {
    /// Whether a receipt from production is good or reject.
    pub enum BoTransactionTypeEnum {
        /// Completed quantity (完成).
        Complete = "botrntComplete" | "C",
        /// Rejected quantity (拒绝).
        Reject = "botrntReject" | "R",
    }
}

open_enum! {
    /// The base document of a line of an inventory transfer.
    pub enum InvBaseDocTypeEnum {
        /// None given.
        Default = "Default" | "-1",
        /// No base document.
        Empty = "Empty" | "0",
        /// A goods receipt of a purchase order (采购收货).
        PurchaseDeliveryNotes = "PurchaseDeliveryNotes" | "20",
        /// A goods receipt (库存收货).
        InventoryGeneralEntry = "InventoryGeneralEntry" | "59",
        /// An inventory transfer (库存转储).
        WarehouseTransfers = "WarehouseTransfers" | "67",
        /// An inventory transfer request (库存转储请求).
        InventoryTransferRequest = "InventoryTransferRequest" | "1250000001",
    }
}

open_enum! {
    /// Which side of a transfer a bin (库位) is on.
    pub enum BinActionTypeEnum {
        /// Into the target warehouse.
        ToWarehouse = "batToWarehouse" | "1",
        /// Out of the source warehouse.
        FromWarehouse = "batFromWarehouse" | "2",
    }
}

open_enum! {
    /// How an additional expense is spread over the lines.
    pub enum BoAdEpnsDistribMethods {
        /// Not at all.
        None = "aedm_None" | "N",
        /// By quantity.
        Quantity = "aedm_Quantity" | "Q",
        /// By volume.
        Volume = "aedm_Volume" | "V",
        /// By weight.
        Weight = "aedm_Weight" | "W",
        /// Equally.
        Equally = "aedm_Equally" | "E",
        /// By the totals of the lines.
        RowTotal = "aedm_RowTotal" | "T",
    }
}

open_enum! {
    /// The kind of a referenced document (参考单据).
    pub enum ReferencedObjectTypeEnum {
        /// External document.
        ExternalDocument = "rot_ExternalDocument",
        /// Sales quotation.
        SalesQuotation = "rot_SalesQuotation",
        /// Sales order.
        SalesOrder = "rot_SalesOrder",
        /// Delivery notes.
        DeliveryNotes = "rot_DeliveryNotes",
        /// Return request.
        ReturnRequest = "rot_ReturnRequest",
        /// Return.
        Return = "rot_Return",
        /// Down payment incoming.
        DownPaymentIncoming = "rot_DownPaymentIncoming",
        /// Sales invoice.
        SalesInvoice = "rot_SalesInvoice",
        /// Sales credit note.
        SalesCreditNote = "rot_SalesCreditNote",
        /// Correction sales invoice.
        CorrectionSalesInvoice = "rot_CorrectionSalesInvoice",
        /// Sales tax invoice.
        SalesTaxInvoice = "rot_SalesTaxInvoice",
        /// Purchase quotation.
        PurchaseQuotation = "rot_PurchaseQuotation",
        /// Purchase order.
        PurchaseOrder = "rot_PurchaseOrder",
        /// Goods receipt of a purchase order.
        GoodsReceiptPo = "rot_GoodsReceiptPO",
        /// Goods return request.
        GoodsReturnRequest = "rot_GoodsReturnRequest",
        /// Goods return.
        GoodsReturn = "rot_GoodsReturn",
        /// Down payment outgoing.
        DownPaymentOutgoing = "rot_DownPaymentOutgoing",
        /// Purchase invoice.
        PurchaseInvoice = "rot_PurchaseInvoice",
        /// Purchase credit note.
        PurchaseCreditNote = "rot_PurchaseCreditNote",
        /// Correction purchase invoice.
        CorrectionPurchaseInvoice = "rot_CorrectionPurchaseInvoice",
        /// Purchase tax invoice.
        PurchaseTaxInvoice = "rot_PurchaseTaxInvoice",
        /// Landed costs.
        LandedCosts = "rot_LandedCosts",
        /// Incoming payments.
        IncomingPayments = "rot_IncomingPayments",
        /// Journal entry.
        JournalEntry = "rot_JournalEntry",
        /// Production order.
        ProductionOrder = "rot_ProductionOrder",
        /// Internal reconciliation.
        InternalReconciliation = "rot_InternalReconciliation",
        /// Original invoice.
        OriginalInvoice = "rot_OriginalInvoice",
        /// Original A/R down payment.
        OriginalArDownPayment = "rot_OriginalARDownPayment",
        /// Purchase request.
        PurchaseRequest = "rot_PurchaseRequest",
        /// Goods receipt.
        GoodsReceipt = "rot_GoodsReceipt",
        /// Goods issue.
        GoodsIssue = "rot_GoodsIssue",
        /// Inventory transfer request.
        InventoryTransferRequest = "rot_InventoryTransferRequest",
        /// Inventory transfer.
        InventoryTransfer = "rot_InventoryTransfer",
        /// Checks for payment.
        ChecksForPayment = "rot_ChecksforPayment",
        /// Material revaluation.
        MaterialRevaluation = "rot_MaterialRevaluation",
        /// Inventory counting.
        InventoryCounting = "rot_InventoryCounting",
        /// Inventory posting.
        InventoryPosting = "rot_InventoryPosting",
        /// Outgoing payments.
        OutgoingPayments = "rot_OutgoingPayments",
    }
}

edm_via_serde!(
    BoDocumentTypes,
    CancelStatusEnum,
    BoDocLineType,
    BoDocItemType,
    BoTransactionTypeEnum,
    InvBaseDocTypeEnum,
    BinActionTypeEnum,
    BoAdEpnsDistribMethods,
    ReferencedObjectTypeEnum,
);
