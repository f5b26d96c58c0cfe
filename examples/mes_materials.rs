//! Items (物料主数据) of the ERP become materials (物料) of the Blacklake MES (黑湖).
//!
//! ```console
//! cargo run --example mes_materials      # all in the sandbox
//! ```
//!
//! What was created or changed since the last look is imported under its code; how far that look went
//! stands in the ledger. An item that is not valid any more is imported, and its material stopped.
//!
//! Against your own systems, without code: `examples/config/mes-materials.toml`.

use erplink::b1::ChangedItems;
use erplink::mes::{ImportMaterial, MaterialMap};
use erplink_examples::{Factory, Failure, Table};
use erplink_sync::Flow;
use erplink_sync::map::FieldMap;
use serde_json::json;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let factory = Factory::open().await?;
    let runner = factory.runner(items_to_mes(&factory)?)?;

    println!("{}", runner.run_once().await);

    // Somebody renames an item, takes one out of use, and adds a third.
    let erp = factory.erp();
    erp.edit("Items", "'RM-001'", &json!({"ItemName": "钢板 2mm", "User_Text": "防锈"}))?;
    erp.edit("Items", "'RM-002'", &json!({"Valid": "tNO"}))?;
    let new = json!({"ItemCode": "RM-100", "ItemName": "铆钉", "InventoryUOM": "个"});
    erp.create("Items", &new)?;
    println!("{}", runner.run_once().await);

    report(&factory)
}

/// ERP → MES: read what changed, import it under its code.
fn items_to_mes(factory: &Factory) -> Result<Flow, Failure> {
    // Code, name, unit and batches go by themselves; this is what goes besides.
    let more: FieldMap = serde_json::from_value(json!({"main": [
        {"from": "Document.U_Specifications", "to": "specification"},
        {"from": "Document.User_Text", "to": "remark"},
    ]}))?;
    let items = ChangedItems::new(factory.b1.clone()).select([
        "ItemCode",
        "ItemName",
        "InventoryUOM",
        "ManageBatchNumbers",
        "Valid",
        "U_Specifications",
        "User_Text",
    ]);
    Ok(Flow::new(Factory::NAME, "mes-materials")
        .poll(items)
        .map(MaterialMap::new(more.check(&[])?))
        .push(ImportMaterial::new(factory.mes.client().clone()))
        .again_when_changed())
}

/// Each item on both sides; an error if one is not where it should be.
fn report(factory: &Factory) -> Result<(), Failure> {
    let items = factory.erp().list("Items")?;
    let mut table = Table::new(["item", "valid", "name in the ERP", "name in the MES", "enabled"]);
    let mut astray = factory.people().materials().len().abs_diff(items.len());
    for item in items {
        let code = item["ItemCode"].as_str().unwrap_or_default();
        let material = factory.people().material(code).unwrap_or_default();
        let (is_valid, is_enabled) = (item["Valid"] != "tNO", material["enableFlag"]["code"] == 1);
        let arrived = material["name"] == item["ItemName"] && is_valid == is_enabled;
        astray += usize::from(!arrived);
        table.row([&code, &is_valid, &item["ItemName"], &material["name"], &is_enabled]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} items are not where they should be").into()),
    }
}
