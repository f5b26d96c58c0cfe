use erplink_sandbox::Sandbox;

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "master data in Weaver OA",
    covers: "S01",
    config: include_str!("../../config/ecology-master-data.toml"),
    begin,
};

/// Flow, set and key in the ERP, table and key in the OA.
const KINDS: [(&str, &str, &str, &str, &str); 2] = [
    ("oa-items", "Items", "ItemCode", "uf_item", "itemcode"),
    ("oa-partners", "BusinessPartners", "CardCode", "uf_bp", "cardcode"),
];

struct MasterData;

fn begin(_: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    Ok(Box::new(MasterData))
}

impl Story for MasterData {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let mut arrived = Vec::new();
        for (flow, set, key, table, column) in KINDS {
            let (entities, rows) = (sandbox.b1().list(set)?, sandbox.ecology().cube_rows(table)?);
            if entities.len() != rows.len() {
                let (rows, entities) = (rows.len(), entities.len());
                return Err(format!("{table} has {rows} rows for {entities} {set}").into());
            }
            for entity in entities {
                let code = entity[key].as_str().unwrap_or_default();
                let row = rows.iter().find(|row| row["mainTable"][column] == code);
                let row = row.ok_or_else(|| format!("{table} has no {code}"))?;
                expect(&format!("U_ISSYN of {code}"), &entity["U_ISSYN"], "Y")?;
                let id = row["mainTable"]["id"].as_str().unwrap_or_default();
                arrived.push(Arrived::new(flow, code, id));
            }
        }
        Ok(arrived)
    }
}
