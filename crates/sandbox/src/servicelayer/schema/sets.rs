//! The entity sets, their keys and what can be done with them.

use std::collections::BTreeMap;

/// Who gives a new entity its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// The client.
    Given,
    /// The server, counting from here.
    From(i64),
}

/// A property that leads to one entity of another set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Navigation {
    pub(crate) name: &'static str,
    /// The property that holds the other entity's key.
    pub(crate) property: &'static str,
    pub(crate) target: &'static str,
}

#[derive(Clone, Debug)]
pub(crate) struct EntitySet {
    pub(crate) name: String,
    pub(crate) type_name: String,
    pub(crate) key: Vec<String>,
    pub(crate) numbering: Numbering,
    /// Its number in `BoObjectTypes`; 0: none.
    pub(crate) object: i64,
    pub(crate) etag: bool,
    pub(crate) deletable: bool,
    pub(crate) navigations: Vec<Navigation>,
    /// `Cancel` and `Close` of user-defined objects.
    pub(crate) can_cancel: bool,
    pub(crate) can_close: bool,
}

impl EntitySet {
    pub(super) fn new(name: &str, type_name: &str, key: &[&str], numbering: Numbering) -> Self {
        Self {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            key: key.iter().map(|&name| name.to_owned()).collect(),
            numbering,
            object: 0,
            etag: false,
            deletable: true,
            navigations: Vec::new(),
            can_cancel: false,
            can_close: false,
        }
    }

    fn object(mut self, number: i64) -> Self {
        self.object = number;
        self
    }

    fn etag(mut self) -> Self {
        self.etag = true;
        self
    }

    fn kept(mut self) -> Self {
        self.deletable = false;
        self
    }

    fn to(mut self, name: &'static str, property: &'static str, target: &'static str) -> Self {
        self.navigations.push(Navigation { name, property, target });
        self
    }

    pub(crate) fn is_document(&self) -> bool {
        self.type_name == "Document"
    }

    pub(crate) fn is_transfer(&self) -> bool {
        self.type_name == "StockTransfer"
    }

    /// The set of drafts that documents of this set are saved in.
    pub(crate) fn drafts(&self) -> Option<&'static str> {
        match self.type_name.as_str() {
            "Document" => Some("Drafts"),
            "StockTransfer" => Some("StockTransferDrafts"),
            _ => None,
        }
    }

    /// Whether drafts become documents of this set.
    pub(crate) fn has_drafts(&self) -> bool {
        self.drafts().is_some() && !self.is_drafts()
    }

    pub(crate) fn is_drafts(&self) -> bool {
        self.drafts() == Some(self.name.as_str())
    }
}

/// Marketing documents with their object number.
const DOCUMENTS: &[(&str, i64)] = &[
    ("Orders", 17),
    ("Quotations", 23),
    ("DeliveryNotes", 15),
    ("Returns", 16),
    ("Invoices", 13),
    ("CreditNotes", 14),
    ("PurchaseRequests", 1_470_000_113),
    ("PurchaseQuotations", 540_000_006),
    ("PurchaseOrders", 22),
    ("PurchaseDeliveryNotes", 20),
    ("PurchaseReturns", 21),
    ("PurchaseInvoices", 18),
    ("PurchaseCreditNotes", 19),
    ("InventoryGenEntries", 59),
    ("InventoryGenExits", 60),
];

pub(super) fn standard() -> BTreeMap<String, EntitySet> {
    use Numbering::{From, Given};
    let set = EntitySet::new;
    let mut sets = vec![
        set("Items", "Item", &["ItemCode"], Given).object(4).etag().to(
            "ItemGroups",
            "ItemsGroupCode",
            "ItemGroups",
        ),
        set("BusinessPartners", "BusinessPartner", &["CardCode"], Given).object(2).etag(),
        document("Drafts", 112),
        set("StockTransfers", "StockTransfer", &["DocEntry"], From(1)).object(67).kept(),
        set("StockTransferDrafts", "StockTransfer", &["DocEntry"], From(1)).object(1179),
        set("InventoryTransferRequests", "StockTransfer", &["DocEntry"], From(1))
            .object(1_250_000_001)
            .kept(),
        set("ProductionOrders", "ProductionOrder", &["AbsoluteEntry"], From(1))
            .object(202)
            .kept()
            .to("BusinessPartner", "CustomerCode", "BusinessPartners")
            .to("ProductTree", "ItemNo", "ProductTrees"),
        set("ProductTrees", "ProductTree", &["TreeCode"], Given).object(66),
        set("JournalEntries", "JournalEntry", &["JdtNum"], From(1)).object(30).kept(),
        set("SpecialPrices", "SpecialPrice", &["ItemCode", "CardCode"], Given).object(7),
        set("ApprovalRequests", "ApprovalRequest", &["Code"], From(1))
            .kept()
            .to("User", "OriginatorID", "Users")
            .to("ApprovalTemplate", "ApprovalTemplatesID", "ApprovalTemplates"),
        set("ApprovalStages", "ApprovalStage", &["Code"], From(1)),
        set("ApprovalTemplates", "ApprovalTemplate", &["Code"], From(1)),
        set("Users", "User", &["InternalKey"], From(1)).object(12),
        set("UserQueries", "UserQuery", &["InternalKey", "QueryCategory"], From(1)).object(160),
        set("Warehouses", "Warehouse", &["WarehouseCode"], Given).object(64),
        set("BinLocations", "BinLocation", &["AbsEntry"], From(1)),
        set("BatchNumberDetails", "BatchNumberDetail", &["DocEntry"], From(1)),
        set("Departments", "Department", &["Code"], From(1)),
        set("Branches", "Branch", &["Code"], From(1)),
        set("ItemGroups", "ItemGroups", &["Number"], From(100)).object(52),
        set("PriceLists", "PriceList", &["PriceListNo"], From(1)),
        set("EmployeesInfo", "EmployeeInfo", &["EmployeeID"], From(1)).object(171),
        set("SQLQueries", "SQLQuery", &["SqlCode"], Given),
        set("UserFieldsMD", "UserFieldMD", &["TableName", "FieldID"], From(0)).object(152),
        set("UserTablesMD", "UserTablesMD", &["TableName"], Given).object(153),
        set("UserObjectsMD", "UserObjectsMD", &["Code"], Given).object(206),
    ];
    sets.extend(DOCUMENTS.iter().map(|&(name, object)| document(name, object).kept()));
    sets.into_iter().map(|set| (set.name.clone(), set)).collect()
}

fn document(name: &str, object: i64) -> EntitySet {
    EntitySet::new(name, "Document", &["DocEntry"], Numbering::From(1)).object(object).etag().to(
        "BusinessPartner",
        "CardCode",
        "BusinessPartners",
    )
}
