//! Production orders (生产订单) and bills of materials (物料清单).

use rust_decimal::Decimal;

use super::{Company, documents};
use crate::servicelayer::json::{Json, Object};
use crate::servicelayer::key::Key;
use crate::servicelayer::refusal::Refusal;
use crate::servicelayer::schema::EntitySet;

const SET: &str = "ProductionOrders";
const LINES: &str = "ProductionOrderLines";
const STATUS: &str = "ProductionOrderStatus";

/// Components go out to the shop floor, and products and returned components come in.
const ISSUES: &str = "InventoryGenExits";
const RECEIPTS: &str = "InventoryGenEntries";

impl Company {
    /// Descriptions, and the components of the bill of materials when none are given.
    pub(super) fn complete_production_order(&self, order: &mut Object) -> Result<(), Refusal> {
        let item = order.get("ItemNo").cloned().unwrap_or(Json::Null);
        let item_key = Key::single(item.clone());
        let product = self.store.get("Items", &item_key)?.ok_or_else(|| {
            Refusal::inconsistent(format!("ItemNo {item} does not exist in Items"))
        })?;
        if let Some(name) = product.body.get("ItemName") {
            order.or_set("ProductDescription", name.clone());
        }
        if let Some(unit) = product.body.get("InventoryUOM") {
            order.or_set("InventoryUOM", unit.clone());
        }
        order.or_set("PlannedQuantity", 1);
        let tree = self.store.get("ProductTrees", &item_key)?;
        if order.rows(LINES).next().is_none()
            && let Some(tree) = tree
        {
            if let Some(warehouse) = tree.body.get("Warehouse") {
                order.or_set("Warehouse", warehouse.clone());
            }
            let per = tree.body.decimal("Quantity").filter(|q| !q.is_zero());
            let components = tree.body.rows("ProductTreeLines");
            let lines = components.map(|row| component(row, per.unwrap_or(Decimal::ONE)).into());
            order.set(LINES, Json::Array(lines.collect()));
        }
        order.or_set("Warehouse", "01");
        let planned = order.decimal("PlannedQuantity").unwrap_or_default();
        let entry = order.get("AbsoluteEntry").cloned().unwrap_or(Json::Null);
        let warehouse = order.get("Warehouse").cloned().unwrap_or(Json::Null);
        for (index, line) in order.rows_mut(LINES).enumerate() {
            self.check_reference(line, "ItemNo", "Items")?;
            line.set("DocumentAbsoluteEntry", entry.clone());
            line.or_set("VisualOrder", i64::try_from(index).unwrap_or(i64::MAX));
            line.or_set("ItemType", "pit_Item");
            line.or_set("Warehouse", warehouse.clone());
            line.or_set("ProductionOrderIssueType", "im_Manual");
            line.or_set("IssuedQuantity", 0);
            line.or_set("BaseQuantity", 1);
            let base = line.decimal("BaseQuantity").unwrap_or_default();
            line.or_set("PlannedQuantity", base.checked_mul(planned).unwrap_or_default());
        }
        Ok(())
    }

    pub(super) fn complete_product_tree(&self, tree: &mut Object) -> Result<(), Refusal> {
        self.check_reference(tree, "TreeCode", "Items")?;
        tree.or_set("TreeType", "iProductionTree");
        tree.or_set("Quantity", 1);
        tree.or_set("PriceList", 1);
        tree.or_set("Warehouse", "01");
        tree.or_set("ProductTreeStages", Json::Array(Vec::new()));
        self.complete_components(tree)
    }

    pub(super) fn complete_components(&self, tree: &mut Object) -> Result<(), Refusal> {
        let parent = tree.get("TreeCode").cloned().unwrap_or(Json::Null);
        for (index, line) in tree.rows_mut("ProductTreeLines").enumerate() {
            self.check_reference(line, "ItemCode", "Items")?;
            line.or_set("Quantity", 1);
            line.or_set("IssueMethod", "im_Backflush");
            line.or_set("ItemType", "pit_Item");
            line.or_set("PriceList", 1);
            line.or_set("Warehouse", "01");
            line.set("ParentItem", parent.clone());
            line.or_set("VisualOrder", i64::try_from(index).unwrap_or(i64::MAX));
        }
        Ok(())
    }

    pub(super) fn complete_special_price(&self, price: &mut Object) -> Result<(), Refusal> {
        self.check_reference(price, "ItemCode", "Items")?;
        // `*1`, `*2`: for everybody who buys by that price list.
        if !price.text("CardCode").unwrap_or_default().starts_with('*') {
            self.check_reference(price, "CardCode", "BusinessPartners")?;
        }
        let item = price.get("ItemCode").cloned().unwrap_or(Json::Null);
        let partner = price.get("CardCode").cloned().unwrap_or(Json::Null);
        for area in price.rows_mut("SpecialPriceDataAreas") {
            area.set("ItemNo", item.clone());
            area.set("BPCode", partner.clone());
        }
        Ok(())
    }

    /// A line of a goods issue or receipt that is based on a production order: the order knows the
    /// item, the client must not repeat it.
    pub(super) fn draw_from_production_order(
        &self,
        set: &EntitySet,
        line: &mut Object,
    ) -> Result<(), Refusal> {
        let for_production = [ISSUES, RECEIPTS].contains(&set.name.as_str());
        if !for_production && !set.is_drafts() {
            let message = format!("BaseType 202 (a production order) is no base for {}", set.name);
            return Err(Refusal::inconsistent(message));
        }
        if line.get("ItemCode").is_some_and(|code| !code.is_null()) {
            let message = "ItemCode must not be given on a line based on a production order";
            return Err(Refusal::inconsistent(message));
        }
        let entry = line.int("BaseEntry").unwrap_or_default();
        let order = self.store.get(SET, &Key::single(entry))?.ok_or_else(|| {
            Refusal::inconsistent(format!("production order {entry} does not exist"))
        })?;
        if order.body.text(STATUS) != Some("boposReleased") {
            let message = format!("production order {entry} is not released");
            return Err(Refusal::business_rule(message));
        }
        let (item, warehouse) = match line.int("BaseLine") {
            None if set.name == ISSUES => {
                let message = "BaseLine is missing: an issue is for a component of the order";
                return Err(Refusal::inconsistent(message));
            }
            None => (order.body.get("ItemNo"), order.body.get("Warehouse")),
            Some(number) => {
                let mut rows = order.body.rows(LINES);
                let component = rows.find(|row| row.int("LineNumber") == Some(number));
                let component = component.ok_or_else(|| {
                    let message = format!("production order {entry} has no line {number}");
                    Refusal::inconsistent(message)
                })?;
                (component.get("ItemNo"), component.get("Warehouse"))
            }
        };
        line.set("ItemCode", item.cloned().unwrap_or(Json::Null));
        line.or_set("WarehouseCode", warehouse.cloned().unwrap_or(Json::Null));
        Ok(())
    }

    /// What a goods issue or receipt does to its production orders.
    pub(super) fn book_production(
        &self,
        set: &EntitySet,
        document: &Object,
    ) -> Result<(), Refusal> {
        let issue = set.name == ISSUES;
        for line in document.rows("DocumentLines") {
            if line.int("BaseType") != Some(documents::PRODUCTION_ORDER) {
                continue;
            }
            let key = Key::single(line.int("BaseEntry").unwrap_or_default());
            let mut order = self.find(SET, &key)?.body;
            let quantity = line.decimal("Quantity").unwrap_or_default();
            match line.int("BaseLine") {
                // Components issued, or returned.
                Some(number) => {
                    let change = if issue { quantity } else { -quantity };
                    let mut rows = order.rows_mut(LINES);
                    if let Some(row) = rows.find(|row| row.int("LineNumber") == Some(number)) {
                        add(row, "IssuedQuantity", change);
                    }
                }
                None if line.text("TransactionType") == Some("botrntReject") => {
                    add(&mut order, "RejectedQuantity", quantity);
                }
                None => add(&mut order, "CompletedQuantity", quantity),
            }
            self.store.update(SET, &key, &order)?;
        }
        Ok(())
    }

    /// Planned → released → closed; planned or released → cancelled.
    pub(super) fn check_order_status(&self, old: &Object, new: &mut Object) -> Result<(), Refusal> {
        let from = old.text(STATUS).unwrap_or_default();
        let to = new.text(STATUS).unwrap_or_default().to_owned();
        match (from, to.as_str()) {
            (from, to) if from == to => {}
            ("boposPlanned", "boposReleased") => new.set("ReleaseDate", self.today()),
            ("boposReleased", "boposClosed") => new.set("ClosingDate", self.today()),
            ("boposPlanned" | "boposReleased", "boposCancelled") => {}
            _ => {
                let message = format!("a production order cannot go from {from} to {to}");
                return Err(Refusal::business_rule(message));
            }
        }
        Ok(())
    }

    /// The company's notification procedure: an order that changed needs to be exported again,
    /// unless the change was the exporter's own mark.
    pub(super) fn notify_order_changed(&self, order: &mut Object) {
        let registered = |name| self.schema.row_type("ProductionOrder").has(name);
        if !self.options.notification_procedure
            || !registered("U_SyncFlag")
            || !registered("U_SyncStatus")
        {
            return;
        }
        if order.text("U_SyncFlag") == Some("Y") {
            order.set("U_SyncFlag", "N");
        } else {
            order.set("U_SyncStatus", "N");
        }
    }
}

fn component(row: &Object, per: Decimal) -> Object {
    let quantity = row.decimal("Quantity").unwrap_or_default();
    let base = quantity.checked_div(per).unwrap_or_default().normalize();
    let mut line = Object::default().with("BaseQuantity", base);
    for (member, from) in [
        ("ItemNo", "ItemCode"),
        ("ItemName", "ItemName"),
        ("Warehouse", "Warehouse"),
        ("ProductionOrderIssueType", "IssueMethod"),
        ("ItemType", "ItemType"),
    ] {
        line.set(member, row.get(from).cloned().unwrap_or(Json::Null));
    }
    line
}

fn add(entity: &mut Object, member: &str, change: Decimal) {
    let old = entity.decimal(member).unwrap_or_default();
    entity.set(member, old.checked_add(change).unwrap_or(old).normalize());
}
