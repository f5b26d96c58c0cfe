use erplink_sandbox::Sandbox;
use serde_json::json;

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "items in the MES",
    covers: "S20",
    config: include_str!("../../config/mes-materials.toml"),
    begin,
};

struct Items;

/// A new item, one that is not valid any more, and those that were there.
fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let new = json!({
        "ItemCode": "RM-100", "ItemName": "铆钉", "InventoryUOM": "个", "User_Text": "不锈钢",
        "U_Specifications": "4×10", "ManageBatchNumbers": "tYES",
    });
    sandbox.b1().create("Items", &new)?;
    sandbox.b1().edit("Items", "'RM-002'", &json!({"Valid": "tNO"}))?;
    Ok(Box::new(Items))
}

impl Story for Items {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let (items, mes) = (sandbox.b1().list("Items")?, sandbox.mes());
        let (materials, wanted) = (mes.materials().len(), items.len());
        if materials != wanted {
            return Err(format!("{materials} materials for {wanted} items").into());
        }
        let mut arrived = Vec::new();
        for item in items {
            let code = item["ItemCode"].as_str().unwrap_or_default();
            let material = mes.material(code)?;
            let is_enabled = (material["enableFlag"]["code"] == 1).to_string();
            let is_valid = (item["Valid"] != "tNO").to_string();
            expect(&format!("whether {code} is enabled"), &json!(is_enabled), &is_valid)?;
            let specification = item["U_Specifications"].as_str().unwrap_or_default();
            let found = &material["written"]["specification"];
            expect(&format!("the specification of {code}"), found, specification)?;
            arrived.push(Arrived::new("mes-materials", code, code));
        }
        Ok(arrived)
    }
}
