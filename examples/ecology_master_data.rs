//! Items (物料) of the ERP become rows of Weaver OA's modelling engine (泛微 建模引擎).
//!
//! ```console
//! cargo run --example ecology_master_data      # all in the sandbox
//! ```
//!
//! Every item whose flag `U_ISSYN` is not `Y` is saved in OA under its code, then flagged. Whoever
//! resets the flag has it sent again: it changes the same row.
//!
//! Against your own systems, without code: `examples/config/ecology-master-data.toml`.

use erplink::b1::{KeyType, Place, UnsyncedDocuments, WriteBack};
use erplink::ecology::{RecordFields, SaveRecord};
use erplink_examples::{Company, Failure, Table};
use erplink_sync::Flow;
use serde_json::json;

const FLAG: &str = "U_ISSYN";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let company = Company::open().await?;
    let runner = company.runner([items_to_oa(&company)?])?;

    println!("{}", runner.run_once().await);

    // Somebody gives an item another name, and wants OA to know.
    let change = json!({"ItemName": "钢板 2mm", FLAG: "N"});
    company.b1.raw().patch("Items('RM-001')").json(&change).await?;
    println!("{}", runner.run_once().await);

    report(&company)
}

/// ERP → OA: read what is not flagged, save it under its code, flag it.
fn items_to_oa(company: &Company) -> Result<Flow, Failure> {
    let fields: RecordFields = serde_json::from_value(json!({
        "match_key": "itemcode",
        "fields": [
            {"from": "Document.ItemCode", "to": "itemcode"},
            {"from": "Document.ItemName", "to": "itemname"},
            {"from": "Document.InventoryUOM", "to": "unit"},
            {"from": "Document.ItemPrices.0.Price", "to": "price"},
        ],
    }))?;
    // Items from before the field existed have no flag at all: they count as `N`.
    let items = UnsyncedDocuments::new(company.b1.clone(), "Items", "ItemCode", (FLAG, "N"), true);
    let save = SaveRecord::new(company.oa.client().clone(), "saveItems", &fields.match_key);
    let item = Place::Document {
        set: "Items".to_owned(),
        key: "ItemCode".to_owned(),
        key_type: KeyType::String,
    };
    Ok(Flow::new(Company::NAME, "oa-items")
        .poll(items)
        .map(fields)
        .push(save)
        .mark(WriteBack::new(company.b1.clone(), item).flag(FLAG, "Y"))
        .again_when_changed())
}

/// Each item on both sides; an error if one is not where it should be.
fn report(company: &Company) -> Result<(), Failure> {
    let (items, rows) = (company.erp().list("Items")?, company.people().cube_rows("uf_item")?);
    let mut table = Table::new(["item", "flag", "name in the ERP", "row", "name in OA"]);
    let mut astray = rows.len().abs_diff(items.len());
    for item in items {
        let row = rows.iter().find(|row| row["mainTable"]["itemcode"] == item["ItemCode"]);
        let row = row.map(|row| row["mainTable"].clone()).unwrap_or_default();
        let arrived = item[FLAG] == "Y" && row["itemname"] == item["ItemName"];
        astray += usize::from(!arrived);
        table.row([
            &item["ItemCode"],
            &item[FLAG],
            &item["ItemName"],
            &row["id"],
            &row["itemname"],
        ]);
    }
    println!("{table}");
    match astray {
        0 => Ok(()),
        _ => Err(format!("{astray} items are not where they should be").into()),
    }
}
