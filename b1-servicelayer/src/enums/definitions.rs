//! Enums of the definitions of user-defined fields, tables and objects.

use erplink_core::open_enum;

use crate::edm_via_serde;

open_enum! {
    /// The type of a user-defined field.
    pub enum BoFieldTypes {
        /// Text of limited length.
        Alpha = "db_Alpha" | "A",
        /// Long text.
        Memo = "db_Memo" | "M",
        /// A whole number.
        Numeric = "db_Numeric" | "N",
        /// A date or time.
        Date = "db_Date" | "D",
        /// A decimal number.
        Float = "db_Float" | "B",
    }
}

open_enum! {
    /// The subtype of a user-defined field.
    pub enum BoFldSubTypes {
        /// None.
        None = "st_None",
        /// Address, of text.
        Address = "st_Address" | "?",
        /// Telephone number, of text.
        Phone = "st_Phone" | "#",
        /// Time of day, of a date.
        Time = "st_Time" | "T",
        /// Exchange rate, of a decimal.
        Rate = "st_Rate" | "R",
        /// Amount, of a decimal.
        Sum = "st_Sum" | "S",
        /// Price, of a decimal.
        Price = "st_Price" | "P",
        /// Quantity, of a decimal.
        Quantity = "st_Quantity" | "Q",
        /// Percentage, of a decimal.
        Percentage = "st_Percentage" | "%",
        /// Measure, of a decimal.
        Measurement = "st_Measurement" | "M",
        /// Link, of long text.
        Link = "st_Link" | "B",
        /// Image, of text.
        Image = "st_Image" | "I",
        /// Check box, of text.
        Checkbox = "st_Checkbox",
    }
}

open_enum! {
    /// The type of a user-defined table (UDT, 用户自定义表).
    pub enum BoUTBTableType {
        /// Documents: header of a user-defined object with `DocEntry`.
        Document = "bott_Document" | "3",
        /// Lines of documents.
        DocumentLines = "bott_DocumentLines" | "4",
        /// Master data: header of a user-defined object with `Code`.
        MasterData = "bott_MasterData" | "1",
        /// Lines of master data.
        MasterDataLines = "bott_MasterDataLines" | "2",
        /// A plain table, keyed by a text `Code`.
        NoObject = "bott_NoObject" | "0",
        /// A plain table, keyed by a number that the server counts up.
        NoObjectAutoIncrement = "bott_NoObjectAutoIncrement" | "5",
    }
}

open_enum! {
    /// The type of a user-defined object (UDO, 用户自定义对象).
    pub enum BoUDOObjType {
        /// Document, keyed by `DocEntry`.
        Document = "boud_Document" | "3",
        /// Master data, keyed by `Code`.
        MasterData = "boud_MasterData" | "1",
    }
}

open_enum! {
    /// An object of the system whose keys a user-defined field holds.
    pub enum UDFLinkedSystemObjectTypesEnum {
        /// None.
        None = "ulNone",
        /// Chart of accounts.
        ChartOfAccounts = "ulChartOfAccounts" | "1",
        /// Business partners.
        BusinessPartners = "ulBusinessPartners" | "2",
        /// Banks.
        Banks = "ulBanks" | "3",
        /// Items.
        Items = "ulItems" | "4",
        /// Users.
        Users = "ulUsers" | "12",
        /// Invoices.
        Invoices = "ulInvoices" | "13",
        /// Credit notes.
        CreditNotes = "ulCreditNotes" | "14",
        /// Delivery notes.
        DeliveryNotes = "ulDeliveryNotes" | "15",
        /// Returns.
        Returns = "ulReturns" | "16",
        /// Orders.
        Orders = "ulOrders" | "17",
        /// Purchase invoices.
        PurchaseInvoices = "ulPurchaseInvoices" | "18",
        /// Purchase credit notes.
        PurchaseCreditNotes = "ulPurchaseCreditNotes" | "19",
        /// Purchase delivery notes.
        PurchaseDeliveryNotes = "ulPurchaseDeliveryNotes" | "20",
        /// Purchase returns.
        PurchaseReturns = "ulPurchaseReturns" | "21",
        /// Purchase orders.
        PurchaseOrders = "ulPurchaseOrders" | "22",
        /// Quotations.
        Quotations = "ulQuotations" | "23",
        /// Incoming payments.
        IncomingPayments = "ulIncomingPayments" | "24",
        /// Deposits.
        DepositsService = "ulDepositsService" | "25",
        /// Journal entries.
        JournalEntries = "ulJournalEntries" | "30",
        /// Contacts.
        Contacts = "ulContacts" | "33",
        /// Vendor payments.
        VendorPayments = "ulVendorPayments" | "46",
        /// Checks for payment.
        ChecksForPayment = "ulChecksforPayment" | "57",
        /// Goods receipts (库存收货).
        InventoryGenEntry = "ulInventoryGenEntry" | "59",
        /// Goods issues (库存发货).
        InventoryGenExit = "ulInventoryGenExit" | "60",
        /// Warehouses.
        Warehouses = "ulWarehouses" | "64",
        /// Bills of materials (物料清单).
        ProductTrees = "ulProductTrees" | "66",
        /// Stock transfer.
        StockTransfer = "ulStockTransfer" | "67",
        /// Sales opportunities.
        SalesOpportunities = "ulSalesOpportunities" | "97",
        /// Drafts.
        Drafts = "ulDrafts" | "112",
        /// Material revaluation.
        MaterialRevaluation = "ulMaterialRevaluation" | "162",
        /// Employees (员工).
        EmployeesInfo = "ulEmployeesInfo" | "171",
        /// Customer equipment cards.
        CustomerEquipmentCards = "ulCustomerEquipmentCards" | "176",
        /// Service contracts.
        ServiceContracts = "ulServiceContracts" | "190",
        /// Service calls.
        ServiceCalls = "ulServiceCalls" | "191",
        /// Production orders.
        ProductionOrders = "ulProductionOrders" | "202",
        /// Inventory transfer request.
        InventoryTransferRequest = "ulInventoryTransferRequest" | "1250000001",
        /// Blanket agreements.
        BlanketAgreementsService = "ulBlanketAgreementsService" | "1250000025",
        /// Projects.
        ProjectManagementService = "ulProjectManagementService" | "234000021",
        /// Return request.
        ReturnRequest = "ulReturnRequest" | "234000031",
        /// Goods return request.
        GoodsReturnRequest = "ulGoodsReturnRequest" | "234000032",
        /// Sales employee.
        SalesEmployee = "ulSalesEmployee",
        /// Locations.
        Locations = "ulLocations",
        /// States.
        States = "ulStates",
        /// Resources.
        Resources = "ulResources",
        /// Units of measure.
        UnitsOfMeasure = "ulUnitsofMeasure",
        /// Payment terms.
        PaymentTerms = "ulPaymentTerms",
    }
}

edm_via_serde!(
    BoFieldTypes,
    BoFldSubTypes,
    BoUTBTableType,
    BoUDOObjType,
    UDFLinkedSystemObjectTypesEnum,
);
