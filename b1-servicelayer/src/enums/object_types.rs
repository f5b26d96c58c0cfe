//! The numbers of SAP Business One's objects.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The type of an object, by its number (对象类型).
    ///
    /// Servers print it as a member name (`"oPurchaseRequest"`) or as a number in quotes
    /// (`"1470000113"`); both are read, and bare numbers too. It is written and filtered as the
    /// number in quotes, which bodies and filters of all versions take: `DocObjectCode eq '22'`.
    ///
    /// Goods receipts are 59 and goods issues are 60. Some integrations have the two swapped.
    pub enum BoObjectTypes {
        /// Business partners, set `BusinessPartners` (业务伙伴).
        BusinessPartners = "2" | "oBusinessPartners",
        /// Items, set `Items` (物料).
        Items = "4" | "oItems",
        /// Special prices, set `SpecialPrices` (特殊价格).
        SpecialPrices = "7" | "oSpecialPrices",
        /// Users, set `Users` (用户).
        Users = "12" | "oUsers",
        /// A/R invoices, set `Invoices` (应收发票).
        Invoices = "13" | "oInvoices",
        /// A/R credit memos, set `CreditNotes` (应收贷项凭证).
        CreditNotes = "14" | "oCreditNotes",
        /// Deliveries, set `DeliveryNotes` (销售交货).
        DeliveryNotes = "15" | "oDeliveryNotes",
        /// Returns, set `Returns` (销售退货).
        Returns = "16" | "oReturns",
        /// Sales orders, set `Orders` (销售订单).
        Orders = "17" | "oOrders",
        /// A/P invoices, set `PurchaseInvoices` (应付发票).
        PurchaseInvoices = "18" | "oPurchaseInvoices",
        /// A/P credit memos, set `PurchaseCreditNotes` (应付贷项凭证).
        PurchaseCreditNotes = "19" | "oPurchaseCreditNotes",
        /// Goods receipts of purchase orders, set `PurchaseDeliveryNotes` (采购收货).
        PurchaseDeliveryNotes = "20" | "oPurchaseDeliveryNotes",
        /// Goods returns, set `PurchaseReturns` (采购退货).
        PurchaseReturns = "21" | "oPurchaseReturns",
        /// Purchase orders, set `PurchaseOrders` (采购订单).
        PurchaseOrders = "22" | "oPurchaseOrders",
        /// Sales quotations, set `Quotations` (销售报价单).
        Quotations = "23" | "oQuotations",
        /// Incoming payments, set `IncomingPayments` (收款).
        IncomingPayments = "24" | "oIncomingPayments",
        /// Journal entries, set `JournalEntries` (日记账分录).
        JournalEntries = "30" | "oJournalEntries",
        /// Outgoing payments, set `VendorPayments` (付款).
        VendorPayments = "46" | "oVendorPayments",
        /// Item groups, set `ItemGroups` (物料组).
        ItemGroups = "52" | "oItemGroups",
        /// Goods receipts, set `InventoryGenEntries` (库存收货, 生产收货, 生产退料).
        InventoryGenEntry = "59" | "oInventoryGenEntry",
        /// Goods issues, set `InventoryGenExits` (库存发货, 生产发料).
        InventoryGenExit = "60" | "oInventoryGenExit",
        /// Warehouses, set `Warehouses` (仓库).
        Warehouses = "64" | "oWarehouses",
        /// Bills of materials, set `ProductTrees` (物料清单).
        ProductTrees = "66" | "oProductTrees",
        /// Inventory transfers, set `StockTransfers` (库存转储).
        StockTransfer = "67" | "oStockTransfer",
        /// Drafts, set `Drafts` (草稿).
        Drafts = "112" | "oDrafts",
        /// Drafts of payments, set `PaymentDrafts`.
        PaymentsDrafts = "140" | "oPaymentsDrafts",
        /// User-defined fields, set `UserFieldsMD`.
        UserFields = "152" | "oUserFields",
        /// User-defined tables, set `UserTablesMD`.
        UserTables = "153" | "oUserTables",
        /// User queries, set `UserQueries`.
        UserQueries = "160" | "oUserQueries",
        /// Employees, set `EmployeesInfo` (员工).
        EmployeesInfo = "171" | "oEmployeesInfo",
        /// Production orders, set `ProductionOrders` (生产订单).
        ProductionOrders = "202" | "oProductionOrders",
        /// A/R down payments, set `DownPayments` (应收预付款).
        DownPayments = "203" | "oDownPayments",
        /// A/P down payments, set `PurchaseDownPayments` (应付预付款).
        PurchaseDownPayments = "204" | "oPurchaseDownPayments",
        /// User-defined objects, set `UserObjectsMD`.
        UserObjectsMd = "206" | "oUserObjectsMD",
        /// Attachments, set `Attachments2` (附件).
        Attachments2 = "221" | "oAttachments2",
        /// Drafts of inventory transfers, set `StockTransferDrafts`.
        StockTransferDraft = "1179" | "oStockTransferDraft",
        /// Return requests, set `ReturnRequest`, in the singular.
        ReturnRequest = "234000031" | "oReturnRequest",
        /// Goods return requests, set `GoodsReturnRequest`, in the singular.
        GoodsReturnRequest = "234000032" | "oGoodsReturnRequest",
        /// Purchase quotations, set `PurchaseQuotations` (采购报价单).
        PurchaseQuotations = "540000006" | "oPurchaseQuotations",
        /// Inventory transfer requests, set `InventoryTransferRequests` (库存转储请求).
        InventoryTransferRequest = "1250000001" | "oInventoryTransferRequest",
        /// Purchase requests, set `PurchaseRequests` (采购申请).
        PurchaseRequest = "1470000113" | "oPurchaseRequest",
    }
}

impl BoObjectTypes {
    /// The number, such as 22; `None` for an unknown member name.
    ///
    /// `BaseType` of a line is this number.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        self.as_str().parse().ok()
    }
}

edm_via_serde!(BoObjectTypes);
