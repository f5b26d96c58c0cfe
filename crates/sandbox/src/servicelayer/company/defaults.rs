//! What new entities get when the client says nothing.

use super::{Actor, Company};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::schema::{EntitySet, Kind, StructType};

const ITEM: &[(&str, &str)] = &[
    ("VatLiable", "tYES"),
    ("PurchaseItem", "tYES"),
    ("SalesItem", "tYES"),
    ("InventoryItem", "tYES"),
    ("AssetItem", "tNO"),
    ("ItemType", "itItems"),
    ("ItemClass", "itcMaterial"),
    ("ManageBatchNumbers", "tNO"),
    ("ManageSerialNumbers", "tNO"),
    ("ManageStockByWarehouse", "tNO"),
    ("GLMethod", "glm_WH"),
    ("CostAccountingMethod", "bis_MovingAverage"),
    ("TaxType", "tt_Yes"),
    ("TreeType", "iNotATree"),
    ("IssueMethod", "im_Manual"),
    ("IsPhantom", "tNO"),
    ("PlanningSystem", "bop_None"),
    ("ProcurementMethod", "bom_Buy"),
    ("Valid", "tYES"),
    ("Frozen", "tNO"),
];

const PARTNER: &[(&str, &str)] = &[
    ("CardType", "cCustomer"),
    ("Currency", "##"),
    ("VatLiable", "vLiable"),
    ("Valid", "tYES"),
    ("Frozen", "tNO"),
];

const DOCUMENT: &[(&str, &str)] = &[
    ("DocType", "dDocument_Items"),
    ("DocCurrency", "CNY"),
    ("DocumentStatus", "bost_Open"),
    ("Cancelled", "tNO"),
    ("CancelStatus", "csNo"),
    ("Confirmed", "tYES"),
    ("Printed", "psNo"),
    ("AuthorizationStatus", "dasWithout"),
    ("InventoryStatus", "bost_Open"),
];

const TRANSFER: &[(&str, &str)] =
    &[("DocumentStatus", "bost_Open"), ("AuthorizationStatus", "sasWithout")];

const PRODUCTION_ORDER: &[(&str, &str)] = &[
    ("ProductionOrderStatus", "boposPlanned"),
    ("ProductionOrderType", "bopotStandard"),
    ("ProductionOrderOrigin", "bopooManual"),
    ("RoutingDateCalculation", "raOnStartDate"),
    ("UpdateAllocation", "bouaManual"),
    ("Printed", "tNO"),
];

const USER: &[(&str, &str)] = &[
    ("Superuser", "tNO"),
    ("Locked", "tNO"),
    ("Group", "ug_Regular"),
    ("LanguageCode", "ln_Chinese"),
];

impl Company {
    pub(super) fn fill_defaults(&self, set: &EntitySet, entity: &mut Object, actor: Actor) {
        let texts: &[(&str, &str)] = match set.type_name.as_str() {
            "Item" => ITEM,
            "BusinessPartner" => PARTNER,
            "Document" => DOCUMENT,
            "StockTransfer" => TRANSFER,
            "ProductionOrder" => PRODUCTION_ORDER,
            "User" => USER,
            "ApprovalTemplate" => &[
                ("UseTerms", "tNO"),
                ("IsActive", "tYES"),
                ("IsActiveWhenUpdatingDocuments", "tNO"),
            ],
            "PriceList" => &[("Active", "tYES")],
            "Warehouse" => &[("EnableBinLocations", "tNO"), ("Inactive", "tNO")],
            "UserFieldMD" => &[("Type", "db_Alpha"), ("SubType", "st_None"), ("Mandatory", "tNO")],
            "UserTablesMD" => &[("TableType", "bott_NoObject")],
            "EmployeeInfo" => &[("Active", "tYES")],
            own if own.starts_with('@') => &[("Status", "O"), ("Canceled", "N")],
            _ => &[],
        };
        let structure = self.structure(set);
        for (name, value) in texts.iter().filter(|(name, _)| structure.has(name)) {
            entity.or_set(name, *value);
        }
        self.fill_numbers_and_dates(set, entity, actor);
    }

    fn fill_numbers_and_dates(&self, set: &EntitySet, entity: &mut Object, actor: Actor) {
        let today = self.today();
        match set.type_name.as_str() {
            "Item" => {
                entity.or_set("ItemsGroupCode", 100);
                entity.or_set("CustomsGroupCode", -1);
            }
            "BusinessPartner" => {
                entity.or_set("GroupCode", 100);
                entity.or_set("PriceListNum", 1);
            }
            "Document" => {
                entity.or_set("DocObjectCode", self.object_name(set.object));
                entity.or_set("DocNum", entity.get("DocEntry").cloned().unwrap_or(Json::Null));
                entity.or_set("DocDate", today.as_str());
                let date = entity.get("DocDate").cloned().unwrap_or(Json::Null);
                entity.or_set("DocDueDate", date.clone());
                entity.or_set("TaxDate", date);
                entity.or_set("DocRate", 1);
                entity.or_set("UserSign", actor.0);
            }
            "StockTransfer" => {
                // The transfer itself carries its number as text.
                let object = if set.is_drafts() { 67 } else { set.object };
                entity.or_set("DocObjectCode", object.to_string());
                entity.or_set("DocNum", entity.get("DocEntry").cloned().unwrap_or(Json::Null));
                entity.or_set("DocDate", today.as_str());
                let date = entity.get("DocDate").cloned().unwrap_or(Json::Null);
                entity.or_set("DueDate", date.clone());
                entity.or_set("TaxDate", date);
            }
            "ProductionOrder" => {
                let number = entity.get("AbsoluteEntry").cloned().unwrap_or(Json::Null);
                entity.or_set("DocumentNumber", number);
                for name in ["PostingDate", "StartDate", "DueDate"] {
                    entity.or_set(name, today.as_str());
                }
                for name in ["CompletedQuantity", "RejectedQuantity"] {
                    entity.or_set(name, 0);
                }
                entity.or_set("UserSignature", actor.0);
                entity.or_set("Priority", 100);
            }
            "ApprovalStage" => entity.or_set("NoOfApproversRequired", 1),
            "PriceList" => entity.or_set("Factor", 1),
            own if own.starts_with('@') && self.structure(set).has("DocNum") => {
                entity.or_set("DocNum", entity.get("DocEntry").cloned().unwrap_or(Json::Null));
            }
            _ => {}
        }
    }

    /// The member of `BoObjectTypes` with this number.
    pub(super) fn object_name(&self, number: i64) -> Json {
        let members = self.schema.enumeration("BoObjectTypes");
        let name = members.and_then(|members| members.member(&number.to_string()));
        name.map_or(Json::Null, Json::from)
    }

    /// Defaults of user-defined fields, rows included.
    pub(super) fn fill_field_defaults(&self, structure: &StructType, entity: &mut Object) {
        for property in &structure.properties {
            if let Some(default) = &property.default
                && let Ok(value) = property.kind.scalar(default.as_str().into())
            {
                entity.or_set(&property.name, value);
            }
            if let Kind::Collection(row_type) = &property.kind {
                let row_type = self.schema.row_type(row_type);
                for row in entity.rows_mut(&property.name) {
                    self.fill_field_defaults(&row_type, row);
                }
            }
        }
    }
}
