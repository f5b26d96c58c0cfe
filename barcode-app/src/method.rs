//! What can be saved.

use erplink_core::open_enum;

open_enum! {
    /// A document method (条码执行方法) of the barcode application.
    pub enum Method {
        /// A record of a user-defined object or table (自定义表).
        UserDataTable = "UserDataTable",
        /// A goods receipt from a purchase order (采购收货).
        PurchaseDelivery = "PurchaseDelivery",
        /// A return to a supplier (采购退货).
        PurchaseReturn = "PurchaseReturn",
        /// An issue of components to a production order (生产发料).
        InventoryGenExit = "InventoryGenExit",
        /// A return of components from a production order (生产退料).
        InventoryGenReturn = "InventoryGenReturn",
        /// A receipt of the product of a production order (生产收货).
        InventoryGenEntry = "InventoryGenEntry",
        /// A delivery to a customer (销售交货).
        DeliveryNotes = "DeliveryNotes",
        /// A return from a customer (销售退货).
        Returns = "Returns",
        /// A transfer between warehouses (库存转储).
        StockTransfer = "StockTransfer",
        /// A goods issue without an order (库存发货).
        StockGenExit = "StockGenExit",
        /// A goods receipt without an order (库存收货).
        StockGenEntry = "StockGenEntry",
    }
}

open_enum! {
    /// What is done with the document (`operationtype`).
    pub enum Operation {
        /// Add (新增). What is meant where nothing is said, and the only one that is served.
        Add = "A",
        /// Update (更新). Not served.
        Update = "U",
        /// Cancel (取消). Not served.
        Cancel = "Q",
    }
}

impl Method {
    /// The name in Chinese, as the application shows it.
    #[must_use]
    pub fn chinese(&self) -> &str {
        match self {
            Self::UserDataTable => "自定义表",
            Self::PurchaseDelivery => "采购收货",
            Self::PurchaseReturn => "采购退货",
            Self::InventoryGenExit => "生产发料",
            Self::InventoryGenReturn => "生产退料",
            Self::InventoryGenEntry => "生产收货",
            Self::DeliveryNotes => "销售交货",
            Self::Returns => "销售退货",
            Self::StockTransfer => "库存转储",
            Self::StockGenExit => "库存发货",
            Self::StockGenEntry => "库存收货",
            Self::Unknown(name) => name,
        }
    }

    /// The entity set of the Service Layer. `None` for user tables, whose name the request brings,
    /// and for unknown methods.
    #[must_use]
    pub fn entity_set(&self) -> Option<&'static str> {
        Some(match self {
            Self::PurchaseDelivery => "PurchaseDeliveryNotes",
            Self::PurchaseReturn => "PurchaseReturns",
            Self::InventoryGenExit | Self::StockGenExit => "InventoryGenExits",
            // A return of components is a receipt that names the line of the order.
            Self::InventoryGenReturn | Self::InventoryGenEntry | Self::StockGenEntry => {
                "InventoryGenEntries"
            }
            Self::DeliveryNotes => "DeliveryNotes",
            Self::Returns => "Returns",
            Self::StockTransfer => "StockTransfers",
            Self::UserDataTable | Self::Unknown(_) => return None,
        })
    }

    /// Whether it is posted on a production order, whose lines must not carry the item.
    pub(crate) fn is_production(&self) -> bool {
        matches!(self, Self::InventoryGenExit | Self::InventoryGenReturn | Self::InventoryGenEntry)
    }
}
