use erplink_sandbox::Sandbox;
use erplink_sandbox::mes::{Quality, Report};

use super::mes_booked::{booked, expect_amount};
use super::{Arrived, Scenario, Story};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "reports of the MES in the ERP",
    covers: "S22",
    config: include_str!("../../config/mes-goods-receipts.toml"),
    begin,
};

/// Reports with what they have to become: a receipt, or nothing.
struct Reports(Vec<(i64, bool)>);

fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let mes = sandbox.mes();
    let order = mes.demo_work_order();
    let mut reports = Vec::new();
    for (report, is_received) in [
        (Report::new(10).process("9"), false),
        (Report::new(10).process("10"), false),
        (Report::new(6).batch("B-1"), true),
        (Report::new(1).quality(Quality::Rejected), false),
        (Report::new(3).quality(Quality::Concession), true),
    ] {
        reports.push((mes.report(order, report)?, is_received));
    }
    Ok(Box::new(Reports(reports)))
}

impl Story for Reports {
    fn people_act(&self, _: &Sandbox) -> Result<(), Failure> {
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let set = "InventoryGenEntries";
        let received: Vec<i64> =
            self.0.iter().filter(|(_, is_received)| *is_received).map(|(id, _)| *id).collect();
        let places = booked(sandbox, set, "MES-R", &received)?;
        let order = sandbox.b1().get("ProductionOrders", sandbox.mes().demo_work_order())?;
        expect_amount("what is complete", &order["CompletedQuantity"], "9")?;
        let flow = "mes-goods-receipts";
        let arrived = self.0.iter().map(|(id, _)| match places.get(id) {
            Some(place) => Arrived::new(flow, id, place),
            None => Arrived { flow: flow.to_owned(), document: id.to_string(), target: None },
        });
        Ok(arrived.collect())
    }
}
