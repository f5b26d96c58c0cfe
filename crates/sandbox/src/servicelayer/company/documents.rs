//! Marketing documents and stock transfers: bases, descriptions, totals.

use rust_decimal::Decimal;

use super::Company;
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::EntitySet;

/// The object number of production orders in `BaseType`.
pub(super) const PRODUCTION_ORDER: i64 = 202;

const DEFAULT_WAREHOUSE: &str = "01";

/// What a line takes from the line it is drawn from, unless the client says otherwise.
const DRAWN: &[&str] = &[
    "ItemCode",
    "ItemDescription",
    "UnitPrice",
    "Price",
    "Currency",
    "VatGroup",
    "TaxCode",
    "WarehouseCode",
    "MeasureUnit",
    "ProjectCode",
];

impl Company {
    /// Fills the lines that are drawn from other documents, and uses those up.
    pub(super) fn draw_from_bases(
        &mut self,
        set: &EntitySet,
        document: &mut Object,
    ) -> Result<(), Refusal> {
        let mut partner = None;
        let count = document.rows("DocumentLines").count();
        for index in 0..count {
            let Some(line) = document.rows_mut("DocumentLines").nth(index) else { break };
            match line.int("BaseType") {
                None | Some(-1) => {}
                Some(PRODUCTION_ORDER) => self.draw_from_production_order(set, line)?,
                Some(base) => partner = self.draw_line(set, line, base)?.or(partner),
            }
        }
        if let Some(partner) = partner {
            document.or_set("CardCode", partner);
        }
        Ok(())
    }

    /// Returns the partner of the base document.
    fn draw_line(
        &mut self,
        set: &EntitySet,
        line: &mut Object,
        base_type: i64,
    ) -> Result<Option<Json>, Refusal> {
        let base_set = self.schema.sets().find(|set| set.object == base_type && set.is_document());
        let base_set = base_set.cloned().ok_or_else(|| {
            Refusal::inconsistent(format!("BaseType {base_type} is no document to draw from"))
        })?;
        let (Some(entry), Some(number)) = (line.int("BaseEntry"), line.int("BaseLine")) else {
            let message = "a line with a BaseType needs BaseEntry and BaseLine";
            return Err(Refusal::inconsistent(message));
        };
        let missing = || {
            let name = &base_set.name;
            Refusal::inconsistent(format!("line {number} of {name}({entry}) does not exist"))
        };
        let key = Key::single(entry);
        let mut base = self.store.get(&base_set.name, &key)?.ok_or_else(missing)?.body;
        let partner = base.get("CardCode").cloned();
        let base_line = base
            .rows_mut("DocumentLines")
            .find(|row| row.int("LineNum") == Some(number))
            .ok_or_else(missing)?;
        if base_line.text("LineStatus") == Some("bost_Close") {
            let name = &base_set.name;
            let message = format!("line {number} of {name}({entry}) is closed");
            return Err(Refusal::business_rule(message));
        }
        for name in DRAWN {
            if let Some(value) = base_line.get(name) {
                line.or_set(name, value.clone());
            }
        }
        let open = base_line.decimal("RemainingOpenQuantity").unwrap_or_default();
        line.or_set("Quantity", open);
        if set.is_drafts() {
            // A draft books nothing.
            return Ok(partner);
        }
        let taken = line.decimal("Quantity").unwrap_or_default();
        let left = open.checked_sub(taken).unwrap_or_default().max(Decimal::ZERO);
        base_line.set("RemainingOpenQuantity", left);
        if left.is_zero() {
            base_line.set("LineStatus", "bost_Close");
        }
        let open = |row: &Object| row.text("LineStatus") != Some("bost_Close");
        if !base.rows("DocumentLines").any(open) {
            base.set("DocumentStatus", "bost_Close");
        }
        self.store.update(&base_set.name, &key, &base)?;
        Ok(partner)
    }

    /// Checks references and computes what follows from the lines, after creation and changes.
    pub(super) fn settle(&self, set: &EntitySet, entity: &mut Object) -> Result<(), Refusal> {
        if set.is_document() {
            self.settle_document(set, entity)
        } else if set.is_transfer() {
            self.settle_transfer(entity)
        } else if set.name == "BusinessPartners" {
            settle_partner(entity);
            Ok(())
        } else if set.name == "JournalEntries" {
            super::journal::settle(entity)
        } else {
            Ok(())
        }
    }

    fn settle_document(&self, set: &EntitySet, document: &mut Object) -> Result<(), Refusal> {
        let without_partner = ["PurchaseRequests", "InventoryGenEntries", "InventoryGenExits"];
        let needs_partner = !set.is_drafts() && !without_partner.contains(&set.name.as_str());
        if needs_partner && document.text("CardCode").is_none_or(str::is_empty) {
            return Err(Refusal::inconsistent("CardCode is missing: give the business partner"));
        }
        self.check_reference(document, "CardCode", "BusinessPartners")?;
        if let Some(partner) = document.get("CardCode").filter(|code| !code.is_null())
            && let Some(partner) =
                self.store.get("BusinessPartners", &Key::single(partner.clone()))?
            && let Some(name) = partner.body.get("CardName")
        {
            document.or_set("CardName", name.clone());
        }
        let entry = document.get("DocEntry").cloned().unwrap_or(Json::Null);
        let currency = document.get("DocCurrency").cloned().unwrap_or(Json::Null);
        let mut total = None;
        for line in document.rows_mut("DocumentLines") {
            self.describe_item(line)?;
            line.set("DocEntry", entry.clone());
            line.or_set("Currency", currency.clone());
            line.or_set("WarehouseCode", DEFAULT_WAREHOUSE);
            line.or_set("LineStatus", "bost_Open");
            line.or_set("ItemType", "dit_Item");
            let number = line.get("LineNum").cloned().unwrap_or(Json::Null);
            line.or_set("VisualOrder", number);
            if let Some(quantity) = line.get("Quantity").cloned() {
                line.or_set("RemainingOpenQuantity", quantity.clone());
                line.or_set("InventoryQuantity", quantity);
            }
            if let Some(line_total) = settle_line(line) {
                total = line_total.checked_add(total.unwrap_or_default());
            }
        }
        match total {
            Some(total) => document.set("DocTotal", total.normalize()),
            None => document.or_set("DocTotal", 0),
        }
        document.or_set("VatSum", 0);
        Ok(())
    }

    fn settle_transfer(&self, transfer: &mut Object) -> Result<(), Refusal> {
        let from = transfer.get("FromWarehouse").cloned().unwrap_or(Json::Null);
        let to = transfer.get("ToWarehouse").cloned().unwrap_or(Json::Null);
        for line in transfer.rows_mut("StockTransferLines") {
            self.describe_item(line)?;
            line.or_set("FromWarehouseCode", from.clone());
            line.or_set("WarehouseCode", to.clone());
            line.or_set("LineStatus", "bost_Open");
        }
        Ok(())
    }

    fn describe_item(&self, line: &mut Object) -> Result<(), Refusal> {
        self.check_reference(line, "ItemCode", "Items")?;
        let Some(code) = line.get("ItemCode").filter(|code| !code.is_null()) else { return Ok(()) };
        if let Some(item) = self.store.get("Items", &Key::single(code.clone()))? {
            for (member, from) in [("ItemDescription", "ItemName"), ("MeasureUnit", "InventoryUOM")]
            {
                if let Some(value) = item.body.get(from) {
                    line.or_set(member, value.clone());
                }
            }
        }
        Ok(())
    }
}

/// Makes what follows from a price or a quantity that `changes` names be computed anew, unless they
/// say it too: a null is filled in.
pub(super) fn forget_derived(changes: &mut Object, old: &Object) {
    for line in changes.rows_mut("DocumentLines") {
        let Some(number) = line.int("LineNum") else { continue };
        let mut rows = old.rows("DocumentLines");
        let Some(old) = rows.find(|row| row.int("LineNum") == Some(number)) else { continue };
        let sent = |name: &str| line.get(name).is_some();
        let (price, unit_price, quantity) = (sent("Price"), sent("UnitPrice"), sent("Quantity"));
        let mut derived = Vec::new();
        match (price, unit_price) {
            (true, false) => derived.push("UnitPrice"),
            (false, true) => derived.push("Price"),
            _ => {}
        }
        if price || unit_price {
            derived.push("PriceAfterVAT");
        }
        if price || unit_price || quantity || sent("DiscountPercent") {
            derived.push("GrossTotal");
        }
        if quantity {
            derived.push("InventoryQuantity");
            // Nothing was drawn from the line yet.
            if old.decimal("RemainingOpenQuantity") == old.decimal("Quantity") {
                derived.push("RemainingOpenQuantity");
            }
        }
        derived.retain(|name| line.get(name).is_none());
        for name in derived {
            line.set(name, Json::Null);
        }
    }
}

/// Rows of a partner carry its code.
fn settle_partner(partner: &mut Object) {
    let code = partner.get("CardCode").cloned().unwrap_or(Json::Null);
    for (rows, member) in [("BPAddresses", "BPCode"), ("ContactEmployees", "CardCode")] {
        for row in partner.rows_mut(rows) {
            row.set(member, code.clone());
        }
    }
}

/// The line's total, when it has a quantity and a price.
fn settle_line(line: &mut Object) -> Option<Decimal> {
    if let Some(price) = line.get("UnitPrice").cloned() {
        line.or_set("Price", price);
    }
    let price = line.decimal("Price")?;
    line.or_set("UnitPrice", price);
    line.or_set("PriceAfterVAT", price);
    let discount = line.decimal("DiscountPercent").unwrap_or_default();
    let share = Decimal::ONE.checked_sub(discount.checked_div(Decimal::ONE_HUNDRED)?)?;
    let total = line.decimal("Quantity")?.checked_mul(price)?.checked_mul(share)?.normalize();
    line.set("LineTotal", total);
    line.or_set("GrossTotal", total);
    Some(total)
}
