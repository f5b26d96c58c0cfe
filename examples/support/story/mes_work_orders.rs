use erplink_sandbox::Sandbox;
use serde_json::{Value, json};

use super::{Arrived, Scenario, Story, expect};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "production orders in the MES",
    covers: "S21 S24",
    config: include_str!("../../config/mes-work-orders.toml"),
    begin,
};

pub(super) const BY_SECOND_CONTRACT: Scenario = Scenario {
    name: "production orders in the MES, second contract",
    covers: "S21 S24",
    config: include_str!("../../config/mes-work-orders-v2.toml"),
    begin,
};

/// The MES has the first from the start, and gets the second. The third was cancelled before.
struct Orders {
    first: String,
    second: String,
    third: String,
}

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let erp = sandbox.b1();
    let order = |quantity: &str, status: &str| {
        let order = json!({"ItemNo": "FG-001", "PlannedQuantity": quantity});
        let entry = erp.create("ProductionOrders", &order)?["AbsoluteEntry"].to_string();
        erp.edit("ProductionOrders", &entry, &json!({"ProductionOrderStatus": status}))?;
        Ok::<_, Failure>(entry)
    };
    Ok(Box::new(Orders {
        first: sandbox.mes().demo_work_order().to_owned(),
        second: order("12.5", "boposReleased")?,
        third: order("3", "boposCancelled")?,
    }))
}

impl Story for Orders {
    /// Once the MES has the second order, somebody wants less of it, and cancels the first one.
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        let erp = sandbox.b1();
        if sandbox.mes().work_order(&self.second).is_err() {
            return Ok(());
        }
        let change = |order: &str, member: &str, value: &str| {
            if erp.get("ProductionOrders", order)?[member].to_string().trim_matches('"') == value {
                return Ok(());
            }
            erp.edit("ProductionOrders", order, &json!({member: value})).map(drop)
        };
        change(&self.second, "PlannedQuantity", "7.5")?;
        change(&self.first, "ProductionOrderStatus", "boposCancelled")?;
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let mes = sandbox.mes();
        let (mut known, mut wanted) = (mes.work_orders(), [&self.first, &self.second]);
        known.sort();
        wanted.sort();
        if known.iter().collect::<Vec<_>>() != wanted {
            return Err(format!("the MES has the work orders {known:?}").into());
        }
        let second = mes.work_order(&self.second)?;
        let planned = &second["outputs"][0]["plannedAmount"]["amountDisplay"];
        expect("the amount of the second work order", planned, "7.5")?;
        let first = mes.work_order(&self.first)?;
        let state = json!(first["status"]["code"].to_string());
        expect("the state of the first work order", &state, "5")?;
        let orders = [&self.first, &self.second, &self.third];
        let arrived = orders.map(|order| {
            let found: Value = sandbox.b1().get("ProductionOrders", order)?;
            expect(&format!("U_SyncStatus of order {order}"), &found["U_SyncStatus"], "Y")?;
            Ok(Arrived::new("mes-work-orders", order, order))
        });
        arrived.into_iter().collect()
    }
}
