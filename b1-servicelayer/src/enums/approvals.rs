//! Enums of the approval procedure (审批流程).

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The state of an approval request (审批请求) as a whole.
    pub enum BoApprovalRequestStatusEnum {
        /// Waiting for the approvers (待审批).
        Pending = "arsPending" | "W",
        /// Approved (已批准); the originator may now create the document.
        Approved = "arsApproved" | "Y",
        /// Rejected (未批准).
        NotApproved = "arsNotApproved" | "N",
        /// The originator has created the document (已生成).
        Generated = "arsGenerated" | "P",
        /// An approver has created the document.
        GeneratedByAuthorizer = "arsGeneratedByAuthorizer" | "A",
        /// Cancelled (已取消).
        Cancelled = "arsCancelled" | "C",
    }
}

open_enum! {
    /// The decision of one approver.
    pub enum BoApprovalRequestDecisionEnum {
        /// Not decided yet (待审批).
        Pending = "ardPending" | "W",
        /// Approved (批准).
        Approved = "ardApproved" | "Y",
        /// Rejected (不批准).
        NotApproved = "ardNotApproved" | "N",
    }
}

open_enum! {
    /// How far a document or draft is in the approval procedure.
    pub enum DocumentAuthorizationStatusEnum {
        /// Not subject to approval.
        Without = "dasWithout" | "-",
        /// Waiting for the approvers (待审批).
        Pending = "dasPending" | "W",
        /// Approved (已批准).
        Approved = "dasApproved" | "Y",
        /// Rejected (已拒绝).
        Rejected = "dasRejected" | "N",
        /// The originator has created the document (已生成).
        Generated = "dasGenerated" | "P",
        /// An approver has created the document. The server spells this member with a small “by”.
        GeneratedByAuthorizer = "dasGeneratedbyAuthorizer" | "A",
        /// Cancelled (已取消).
        Cancelled = "dasCancelled" | "C",
    }
}

open_enum! {
    /// How far an inventory transfer is in the approval procedure.
    pub enum StockTransferAuthorizationStatusEnum {
        /// Not subject to approval.
        Without = "sasWithout" | "-",
        /// Waiting for the approvers (待审批).
        Pending = "sasPending" | "W",
        /// Approved (已批准).
        Approved = "sasApproved" | "Y",
        /// Rejected (已拒绝).
        Rejected = "sasRejected" | "N",
        /// The originator has created the document (已生成).
        Generated = "sasGenerated" | "P",
        /// An approver has created the document. The server spells this member with a small “by”.
        GeneratedByAuthorizer = "sasGeneratedbyAuthorizer" | "A",
        /// Cancelled (已取消).
        Cancelled = "sasCancelled" | "C",
    }
}

open_enum! {
    /// A kind of document that an approval template (审批模板) covers.
    pub enum ApprovalTemplatesDocumentTypeEnum {
        /// Sales quotation (销售报价单).
        Quotation = "atdtQuotation" | "23",
        /// Sales order (销售订单).
        Order = "atdtOrder" | "17",
        /// Delivery (销售交货).
        Delivery = "atdtDelivery" | "15",
        /// Return (销售退货).
        Returns = "atdtReturns" | "16",
        /// A/R down payment (应收预付款).
        ArDownPayment = "atdtArDownPayment" | "203",
        /// A/R invoice (应收发票).
        ArInvoice = "atdtArInvoice" | "13",
        /// A/R credit memo (应收贷项凭证).
        ArCreditMemo = "atdtArCreditMemo" | "14",
        /// Correction invoice.
        CorrectionInvoice = "atdtCorrectionInvoice" | "132",
        /// Purchase order (采购订单).
        PurchaseOrder = "atdtPurchaseOrder" | "22",
        /// Goods receipt of a purchase order (采购收货).
        GoodsReceiptPo = "atdtGoodsReceiptPO" | "20",
        /// Goods return (采购退货).
        GoodsReturns = "atdtGoodsReturns" | "21",
        /// A/P down payment (应付预付款).
        ApDownPayment = "atdtApDownPayment" | "204",
        /// A/P invoice (应付发票).
        ApInvoice = "atdtApInvoice" | "18",
        /// A/P credit memo (应付贷项凭证).
        ApCreditMemo = "atdtApCreditMemo" | "19",
        /// Goods receipt (库存收货).
        GoodsReceipt = "atdtGoodsReceipt" | "59",
        /// Goods issue (库存发货).
        GoodsIssue = "atdtGoodsIssue" | "60",
        /// Inventory transfer (库存转储).
        InventoryTransfer = "atdtInventoryTransfer" | "67",
        /// Purchase quotation (采购报价单).
        PurchaseQuotation = "atdtPurchaseQuotation" | "540000006",
        /// Inventory transfer request (库存转储请求).
        InventoryTransferRequest = "atdtInventoryTransferRequest" | "1250000001",
        /// Outgoing payment (付款).
        OutgoingPayment = "atdtOutgoingPayment" | "46",
        /// Inventory counting (库存盘点).
        InventoryCounting = "atdtInventoryCounting" | "1470000065",
        /// Inventory posting (库存过账).
        InventoryPosting = "atdtInventoryPosting" | "10000071",
        /// Inventory opening balance.
        InventoryOpeningBalance = "atdtInventoryOpeningBalance" | "310000001",
        /// Return request.
        ReturnRequest = "atdtReturnRequest",
        /// Goods return request.
        GoodsReturnRequest = "atdtGoodsReturnRequest",
        /// Blanket agreement.
        BlanketAgreement = "atdtBlanketAgreement",
        /// Sales blanket agreement.
        SalesBlanketAgreement = "atdtSalesBlanketAgreement",
        /// Purchase blanket agreement.
        PurchaseBlanketAgreement = "atdtPurchaseBlanketAgreement",
        /// Purchase request (采购申请).
        PurchaseRequest = "atdtPurchaseRequest",
        /// Self invoice.
        SelfInvoice = "atdtSelfInvoice",
        /// Self credit memo.
        SelfCreditMemo = "atdtSelfCreditMemo",
    }
}

open_enum! {
    /// What a term of an approval template looks at.
    pub enum ApprovalTemplateConditionTypeEnum {
        /// Nothing.
        Undefined = "atctUndefined" | "0",
        /// How far the credit limit is exceeded.
        DeviationFromCreditLine = "atctDeviationFromCreditLine" | "1",
        /// How far the commitment limit is exceeded.
        DeviationFromObligo = "atctDeviationFromObligo" | "2",
        /// The gross profit, in percent.
        GrossProfitPercent = "atctGrossProfitPercent" | "3",
        /// The discount, in percent.
        DiscountPercent = "atctDiscountPercent" | "4",
        /// How far the budget is exceeded.
        DeviationFromBudget = "atctDeviationFromBudget" | "5",
        /// The total of the document.
        TotalDocument = "atctTotalDocument" | "6",
        /// The item of a line.
        ItemCode = "atctItemCode" | "7",
        /// The total of a line.
        TotalLine = "atctTotalLine" | "8",
        /// The counted quantity.
        CountedQuantity = "atctCountedQuantity" | "9",
        /// The quantity of a line.
        Quantity = "atctQuantity" | "10",
        /// The variance of a count.
        Variance = "atctVariance" | "11",
        /// The variance of a count, in percent.
        VariancePercent = "atctVariancePercent" | "12",
    }
}

open_enum! {
    /// How a term of an approval template compares.
    pub enum ApprovalTemplateOperationTypeEnum {
        /// Not at all.
        Undefined = "opcodeUndefined" | "0",
        /// Greater than the value.
        GreaterThan = "opcodeGreaterThan" | "1",
        /// Greater than the value, or equal.
        GreaterOrEqual = "opcodeGreaterOrEqual" | "2",
        /// Less than the value.
        LessThan = "opcodeLessThan" | "3",
        /// Less than the value, or equal.
        LessOrEqual = "opcodeLessOrEqual" | "4",
        /// Equal to the value.
        Equal = "opcodeEqual" | "5",
        /// Different from the value.
        DoesNotEqual = "opcodeDoesNotEqual" | "6",
        /// Inside the range.
        InRange = "opcodeInRange" | "7",
        /// Outside the range.
        NotInRange = "opcodeNotInRange" | "8",
    }
}

edm_via_serde!(
    BoApprovalRequestStatusEnum,
    BoApprovalRequestDecisionEnum,
    DocumentAuthorizationStatusEnum,
    StockTransferAuthorizationStatusEnum,
    ApprovalTemplatesDocumentTypeEnum,
    ApprovalTemplateConditionTypeEnum,
    ApprovalTemplateOperationTypeEnum,
);
