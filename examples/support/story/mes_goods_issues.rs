use std::sync::{Mutex, PoisonError};

use erplink_sandbox::Sandbox;
use erplink_sandbox::mes::Feed;

use super::mes_booked::{booked, expect_amount};
use super::{Arrived, Scenario, Story};
use crate::Failure;

pub(super) const SCENARIO: Scenario = Scenario {
    name: "feedings of the MES in the ERP",
    covers: "S23",
    config: include_str!("../../config/mes-goods-issues.toml"),
    begin,
};

/// What was fed so far.
#[derive(Default)]
struct Feedings(Mutex<Vec<i64>>);

/// How many feedings there are in the end.
const ALL: usize = 4;

impl Feedings {
    fn fed(&self) -> std::sync::MutexGuard<'_, Vec<i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed(&self, sandbox: &Sandbox, material: &str, feed: Feed) -> Result<(), Failure> {
        let order = sandbox.mes().demo_work_order();
        self.fed().push(sandbox.mes().feed(order, material, feed)?);
        Ok(())
    }
}

/// The first is fed before anybody listens.
fn begin(sandbox: &Sandbox) -> Result<Box<dyn Story>, Failure> {
    let feedings = Feedings::default();
    feedings.feed(sandbox, "RM-001", Feed::new(20).batch("B-1"))?;
    Ok(Box::new(feedings))
}

impl Story for Feedings {
    fn people_act(&self, sandbox: &Sandbox) -> Result<(), Failure> {
        if self.fed().len() == ALL {
            return Ok(());
        }
        self.feed(sandbox, "RM-002", Feed::new(120))?;
        let quantity = "2.5".parse()?;
        self.feed(sandbox, "RM-003", Feed { quantity, ..Feed::new(1) })?;
        // A substitute that is a component of its own.
        self.feed(sandbox, "RM-002", Feed::new(4).instead_of("RM-001"))?;
        sandbox.mes().feed(
            sandbox.mes().demo_work_order(),
            "RM-001",
            Feed::new(1).fails("库存不足"),
        )?;
        Ok(())
    }

    fn arrived(&self, sandbox: &Sandbox) -> Result<Vec<Arrived>, Failure> {
        let fed = self.fed().clone();
        if fed.len() < ALL {
            return Err("not everything was fed yet".into());
        }
        let places = booked(sandbox, "InventoryGenExits", "MES-F", &fed)?;
        let order = sandbox.b1().get("ProductionOrders", sandbox.mes().demo_work_order())?;
        for (line, issued) in ["20", "124", "2.5"].into_iter().enumerate() {
            let found = &order["ProductionOrderLines"][line]["IssuedQuantity"];
            expect_amount(&format!("what was issued on line {line}"), found, issued)?;
        }
        Ok(places.iter().map(|(id, place)| Arrived::new("mes-goods-issues", id, place)).collect())
    }
}
