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

edm_via_serde!(
    BoDocumentTypes,
    CancelStatusEnum,
    BoDocLineType,
    BoDocItemType,
    BoTransactionTypeEnum,
    InvBaseDocTypeEnum,
    BinActionTypeEnum,
    BoAdEpnsDistribMethods,
);
